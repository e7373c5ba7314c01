// The decision point: asks the store for facts and the model for the answer, one question or a
// thousand at once. Questions that come at the same moment share one statement. It knows no request
// and no page.
import { placed, type Placed } from './instances.ts';
import type { DecisionPoint } from './point.ts';
import { createBatcher } from '../platform/db/batch.ts';
import { clock } from '../platform/clock.ts';
import { createPace } from '../platform/pace.ts';
import type { PartyName, PublicName } from '../party/model.ts';
import { withLive } from './live.ts';
import { MOST_NODES, nodesOf, type Policy } from '../resource/policy/model.ts';
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
export const decideAll = async (
  point: DecisionPoint,
  questions: NamedQuestion[],
  now: Date,
): Promise<Decided[]> => Promise.all(await decideEach(point, questions, now));

/** The same, each as soon as it is there: only what a register is asked about live waits for it. */
async function decideEach(
  point: DecisionPoint,
  asked: NamedQuestion[],
  now: Date,
): Promise<Promise<Decided>[]> {
  const settled = await placed(point, asked, now);
  const questions = settled.map(({ question }) => question);
  const places = new Map<string, number>();
  const pairs = questions.flatMap(({ subject, from }) => {
    const key = `${keyOf(subject)}|${keyOf(from)}`;
    if (places.has(key)) return [];
    places.set(key, places.size);
    return [{ subject, from }];
  });
  const pace = createPace();
  const gathered = await point.gather(
    pairs,
    questions.map((question) => question.resource),
    now,
  );
  await pace();
  const { catalogue, policies } = await read(point, gathered);
  mayTake(questions, gathered, policies);
  const decided: Promise<Decided>[] = [];
  for (const one of settled) {
    await pace();
    decided.push(answer(one));
  }
  return decided;

  async function answer({ question, belongsTo, fault }: Placed): Promise<Decided> {
    const resource = gathered.resources.get(question.resource);
    const policy = policyOf(resource, policies);
    const found = await withLive(
      point,
      gathered.pairs[places.get(`${keyOf(question.subject)}|${keyOf(question.from)}`)!]!,
      policy,
      question,
    );
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
async function read(point: DecisionPoint, gathered: Gathered) {
  const { knowledge } = point;
  const versions = [...gathered.resources.values()].flatMap(
    (resource) => resource.policyVersion ?? [],
  );
  return {
    catalogue: await knowledge.catalogue(point.db, gathered.catalogue),
    policies: await knowledge.policies(point.db, versions),
  };
}

const policyOf = (resource: ResourceFacts | undefined, policies: Map<number, Policy>) =>
  resource?.policyVersion == null ? undefined : policies.get(resource.policyVersion);

export type Decide = (question: NamedQuestion) => Promise<Decided>;

/**
 * One question at a time from each caller, sharing statements with whoever asks at the same moment.
 */
export function createDecide(point: DecisionPoint): Decide {
  return createBatcher((items: NamedQuestion[]) => decideEach(point, items, clock.now()), {
    limit: 64,
    lanes: 1,
    patience: 5,
  });
}

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
}

export const decideTogether = async (
  point: DecisionPoint,
  question: Several,
  now: Date,
): Promise<Decision> => (await decideSeveral(point, question, now)).decision;

/** The same, with the answer for each resource. */
export async function decideSeveral(
  point: DecisionPoint,
  question: Several,
  now: Date,
): Promise<{ decision: Decision; each: Decided[] }> {
  if (question.resources.length === 0) {
    const none = 'no_resource' satisfies Reason;
    return { decision: ends('not_applicable', none), each: [] };
  }
  const answers = await decideAll(
    point,
    question.resources.map((resource) => ({
      subject: byId(question.subject),
      from: byId(question.from),
      action: question.action,
      resource,
    })),
    now,
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
export async function levelForPerson(
  point: DecisionPoint,
  resources: string[],
  now: Date,
): Promise<number> {
  const answers = await decideAll(
    point,
    resources.map((resource) => ({ subject: null, from: null, action: '', resource })),
    now,
  );
  return Math.max(0, ...answers.map(({ policy }) => policy?.minimumLevel.person ?? 0));
}

/** The facts that `isAnswerable` rests on. */
export const gatherAnswerable = (
  point: DecisionPoint,
  { from, resources }: Pick<Several, 'from' | 'resources'>,
  now: Date,
) => point.gather([{ subject: null, from: byId(from) }], resources, now);

/** Whether somebody could be permitted at all, for a party of this kind, on all these resources. */
export async function isAnswerable(
  point: DecisionPoint,
  question: Several,
  now: Date,
): Promise<boolean> {
  const gathered = await gatherAnswerable(point, question, now);
  const { catalogue, policies } = await read(point, gathered);
  const { from } = gathered.pairs[0]!;
  return (
    from !== null &&
    question.resources.every((id) => {
      const policy = policyOf(gathered.resources.get(id), policies);
      return policy !== undefined && answerable(from.kind, policy, question.action, catalogue);
    })
  );
}

/** The parties whose overview a person may open, by name. */
export async function representedBy(
  point: DecisionPoint,
  person: string,
  now: Date,
): Promise<Represented[]> {
  const parties = await findRepresented(point.db, person, null, now);
  return parties.sort((a, b) => a.name.localeCompare(b.name, 'nb'));
}

/**
 * Why a person may open a party's overview: itself, or the role it holds; undefined when it may
 * not.
 */
export async function mayOverview(
  point: DecisionPoint,
  person: string,
  party: string,
  now: Date,
): Promise<{ self: true } | (Represented & { self: false }) | undefined> {
  if (person === party) return { self: true };
  const [found] = await findRepresented(point.db, person, party, now);
  return found && { ...found, self: false };
}
