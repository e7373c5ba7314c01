// The decision point: asks the store for facts and the model for the answer, one question or a
// thousand at once. Questions that come at the same moment share one statement. It knows no request
// and no page.
import type { Deciding } from './act.ts';
import { gather } from './gather.ts';
import { placed, type PlacedQuestion } from './instances.ts';
import { again } from '../platform/act.ts';
import type { Kind } from '../platform/db/together_store.ts';
import { catalogueAt } from '../resource/catalogue/catalogue.ts';
import { createPace } from '../platform/pace.ts';
import type { PartyName, PublicName } from '../party/model.ts';
import { withLive } from './live.ts';
import { covers, MOST_NODES, nodesOf, type Policy } from '../resource/policy/model.ts';
import { signedPolicy } from '../resource/policy/signing_model.ts';
import { decide, type ResourceFacts } from './rules/model.ts';
import { refusedTo, withStandIns } from './rules/unknown_model.ts';
import { answerable } from './rules/wanted_model.ts';
import type { Decided, NamedQuestion } from './rules/question_model.ts';
import { ends, type Decision, type Reason } from './rules/reason_model.ts';
import { problem } from './problems.ts';
import { findRepresented, type Gathered, type Represented } from './store.ts';

const keyOf = (name: PartyName | null) => (name ? `${name.by} ${name.value}` : '');
const byId = (id: string): PublicName => ({ by: 'uuid', value: id });

/** Answers in the order of the questions, all of one instant. */
export const decideAll = async (act: Deciding, questions: NamedQuestion[]): Promise<Decided[]> =>
  Promise.all(await decideEach(act, questions));

/** The same, each as soon as it is there: only what a register is asked about live waits for it. */
async function decideEach(act: Deciding, asked: NamedQuestion[]): Promise<Promise<Decided>[]> {
  const settled = await placed(act, asked);
  const questions = settled.map(({ question }) => question);
  const places = new Map<string, number>();
  const pairs = questions.flatMap(({ subject, from }) => {
    const key = `${keyOf(subject)}|${keyOf(from)}`;
    if (places.has(key)) return [];
    places.set(key, places.size);
    return [{ subject, from }];
  });
  const pace = createPace();
  const gathered = await gather(
    act,
    pairs,
    questions.map((question) => question.resource),
  );
  await pace();
  const { catalogue, policies } = await read(act, gathered);
  mayTake(questions, gathered, policies);
  const decided: Promise<Decided>[] = [];
  for (const one of settled) {
    await pace();
    decided.push(answer(one));
  }
  return decided;

  async function answer({ question, belongsTo, fault }: PlacedQuestion): Promise<Decided> {
    const resource = gathered.resources.get(question.resource);
    const pair = gathered.pairs[places.get(`${keyOf(question.subject)}|${keyOf(question.from)}`)!]!;
    const written = policyOf(resource, policies);
    const policy = written && signedPolicy(written, pair.from?.signing ?? null);
    const found = await withLive(act, pair, policy, question);
    const facts = question.hidesUnknown ? withStandIns(question, found, catalogue) : found;
    const isAnothers =
      belongsTo !== undefined && facts.from !== null && facts.from.id !== belongsTo;
    const why = fault ?? (isAnothers ? 'instance_of_another' : undefined);
    return {
      decision: why
        ? ends('indeterminate', why)
        : refusedTo(
            facts,
            decide(
              { ...question, named: question.from !== null },
              facts,
              resource,
              policy,
              catalogue,
            ),
            policy,
            question.action,
          ),
      question,
      facts,
      resource,
      policy,
      catalogue,
    };
  }
}

/**
 * Names and values of policies that the questions of one call may go through together: ten thousand
 * of two thousand each.
 */
const MOST_STEPS = 20_000_000;

/** AUTHZ.VLD-00013 when the questions of one call would go through too much. */
function mayTake(
  questions: NamedQuestion[],
  gathered: Gathered,
  policies: Map<number, Policy>,
): void {
  if (questions.length * MOST_NODES <= MOST_STEPS) return;
  const nodes = new Map([...policies].map(([version, policy]) => [version, nodesOf(policy)]));
  const steps = questions.reduce(
    (sum, { resource }) =>
      sum + (nodes.get(gathered.resources.get(resource)?.policyVersion ?? -1) ?? 0),
    0,
  );
  if (steps > MOST_STEPS) throw problem('AUTHZ.VLD-00013', { because: `${steps} steps` });
}

/** The rules and the catalogue that go with the facts. */
async function read(act: Deciding, gathered: Gathered) {
  const versions = [...gathered.resources.values()].flatMap(
    (resource) => resource.policyVersion ?? [],
  );
  return {
    catalogue: await catalogueAt(act, gathered.catalogue),
    policies: await act.knowledge.policies(act.db, versions),
  };
}

const policyOf = (resource: ResourceFacts | undefined, policies: Map<number, Policy>) =>
  resource?.policyVersion == null ? undefined : policies.get(resource.policyVersion);

/** Questions of several acts of one moment, each answered as of the last of them. */
const together: Kind<{ act: Deciding; question: NamedQuestion }, Decided> = {
  name: 'decide',
  limit: 64,
  lanes: 1,
  patience: 5,
  run: (_db, asked) =>
    decideEach(
      again(asked[0]!.act),
      asked.map(({ question }) => question),
    ),
};

/** One question, sharing statements with those who ask at the same moment. */
export const decideOne = (act: Deciding, question: NamedQuestion): Promise<Decided> =>
  act.share(together, { act, question });

/**
 * Several resources at once, for acts of ours: every one must permit, the first that does not gives
 * the answer.
 */
export interface Several {
  subject: string;
  from: string;
  action: string;
  resources: string[];
  level: number;
  /** Whether a part in what several do together is enough of an answer. */
  asPart?: boolean;
}

export const decideTogether = async (act: Deciding, question: Several): Promise<Decision> =>
  (await decideSeveral(act, question)).decision;

/** The same, with the answer for each resource. */
export async function decideSeveral(
  act: Deciding,
  question: Several,
): Promise<{ decision: Decision; each: Decided[] }> {
  if (question.resources.length === 0) {
    const none = 'no_resource' satisfies Reason;
    return { decision: ends('not_applicable', none), each: [] };
  }
  const answers = await decideAll(
    act,
    question.resources.map((resource) => ({
      subject: byId(question.subject),
      from: byId(question.from),
      action: question.action,
      resource,
      ...(question.asPart ? { asPart: true } : {}),
    })),
  );
  const told = (decision: Decision) => ({ decision, each: answers });
  const refusal = answers.find(({ decision }) => !decision.permit)?.decision;
  if (refusal) return told(refusal);
  const level = Math.max(...answers.map(({ decision }) => decision.level));
  const { decision } = answers[0]!;
  if (question.level < level)
    return told({ ...decision, permit: false, outcome: 'deny', reason: 'level', level });
  return told({ ...decision, level });
}

/**
 * The security level that a person needs for all of these; a resource that is not known needs none.
 */
export async function levelForPerson(act: Deciding, resources: string[]): Promise<number> {
  const answers = await decideAll(
    act,
    resources.map((resource) => ({ subject: null, from: null, action: '', resource })),
  );
  return Math.max(0, ...answers.map(({ policy }) => policy?.minimumLevel.person ?? 0));
}

/** The facts that `answerersOf` rests on. */
export const gatherAnswerable = (
  act: Deciding,
  { from, resources }: Pick<Several, 'from' | 'resources'>,
) => gather(act, [{ subject: null, from: byId(from) }], resources);

/**
 * Whether somebody could be permitted at all, for a party of this kind, on all these resources; and
 * whether a rule of one of them lets several do it together.
 */
export async function answerersOf(
  act: Deciding,
  question: Several,
): Promise<{ isAnswerable: boolean; maySeveral: boolean }> {
  const gathered = await gatherAnswerable(act, question);
  const { catalogue, policies } = await read(act, gathered);
  const { from } = gathered.pairs[0]!;
  const { action } = question;
  const each = question.resources.map((id) => policyOf(gathered.resources.get(id), policies));
  return {
    isAnswerable:
      from !== null &&
      each.every((policy) => policy && answerable(from.kind, policy, action, catalogue)),
    maySeveral: each.some((policy) =>
      policy?.rules.some((rule) => rule.together && covers(rule, action)),
    ),
  };
}

/** The parties whose overview a person may open, by name. */
export async function representedBy(act: Deciding, person: string): Promise<Represented[]> {
  const parties = await findRepresented(act, person, null);
  return parties.sort((a, b) => a.name.localeCompare(b.name, 'nb'));
}

/**
 * Why a person may open a party's overview: itself, or the role it holds; undefined when it may
 * not.
 */
export async function mayOverview(
  act: Deciding,
  person: string,
  party: string,
): Promise<{ self: true } | (Represented & { self: false }) | undefined> {
  if (person === party) return { self: true };
  const [found] = await findRepresented(act, person, party);
  return found && { ...found, self: false };
}
