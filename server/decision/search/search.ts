// Searching: who may do A on R for P, what may X do for P, which actions. A search answers with
// exactly those that a decision would permit, since every candidate is decided; it only has to find
// enough candidates.
import type { Deciding } from '../act.ts';
import type { PartyName } from '../../party/model.ts';
import { decideAll } from '../commands.ts';
import type { Decided, NamedQuestion } from '../rules/question_model.ts';
import { openTo, permitsItself } from '../rules/everybody_model.ts';
import { tagsHeld } from '../rules/tags_model.ts';
import { actionsOf } from '../../resource/policy/model.ts';
import { openersOf } from './openers_model.ts';
import { findCandidateResources, findCandidateSubjects } from './store.ts';

const CHUNK = 500;
/** Candidates of one page at most; what is found among them is a page, with the way on. */
const MOST_CANDIDATES = 5_000;

export interface Page<Item> {
  items: Item[];
  next: string;
}

export interface SubjectFound {
  id: string;
  kind: string;
  name: string;
  decided: Decided;
}

type Where = Omit<NamedQuestion, 'subject'>;

/**
 * Persons, systems and organisations that may by what they are and hold themselves, in order of
 * id, from `after` on; and to which kinds of party it is open besides.
 */
export async function whoCan(
  act: Deciding,
  where: Where,
  wanted: { kinds: string[] | null; after: string; limit: number },
): Promise<Page<SubjectFound> & { open: string[] }> {
  const [known] = await decideAll(act, [{ ...where, subject: null }]);
  const found = await permitted(
    act,
    candidatesOf(act, known!, wanted.kinds),
    {
      questionOf: (one) => ({ ...where, subject: { by: 'uuid', value: one.id } }),
      isListed: permitsItself,
    },
    wanted,
  );
  return { ...found, open: openTo(known!, wanted.kinds) };
}

/** Candidates that could be let in, a chunk at a time, in order of id. */
function candidatesOf(act: Deciding, known: Decided, kinds: string[] | null, limit = CHUNK) {
  const { policy, facts, catalogue, resource } = known;
  const rules = policy?.rules.flatMap((rule) => rule.subjects.flat()) ?? [];
  const values = (kind: string) => rules.filter((one) => one.kind === kind).map((one) => one.value);
  return (after: string) =>
    findCandidateSubjects(act, {
      from: facts.from?.id ?? null,
      usernames: values('username'),
      ids: values('party'),
      organizations: values('organization').filter(Boolean),
      lists: values('access_list'),
      kinds,
      by: openersOf(policy, resource?.id ?? '', catalogue),
      after,
      limit,
    });
}

/** Somebody with the actions that are permitted, each as it was decided. */
export interface CanDo {
  id: string;
  kind: string;
  name: string;
  does: { action: string; decided: Decided }[];
}

/** Questions that are asked at once, of however many actions. */
const QUESTIONS = 1_000;

/**
 * As `whoCan`, of every action of the resource; `asSeen` is a decision about somebody as the reader
 * may see it. Nobody is asked live, as a register does not say whom it would let.
 */
export async function whoCanWhat(
  act: Deciding,
  where: Omit<Where, 'action'>,
  asSeen: (decided: Decided, one: { id: string }) => Decided,
  wanted: { after: string; limit: number },
): Promise<Page<CanDo> & { open: string[]; known: Decided }> {
  const unasked = { ...act, askLive: undefined };
  const [known] = await decideAll(unasked, [{ ...where, action: '', subject: null }]);
  const actions = known!.policy ? actionsOf(known!.policy) : [];
  const open = actions.flatMap((action) =>
    openTo({ ...known!, question: { ...known!.question, action } }, null),
  );
  const lot = Math.max(1, Math.min(CHUNK, Math.floor(QUESTIONS / Math.max(1, actions.length))));
  const found = await pageOf(
    unasked,
    actions.length ? candidatesOf(unasked, known!, null, lot) : async () => [],
    { ...wanted, lot },
    {
      questionsOf: ({ id }) => actions.map((action) => ({ ...where, action, subject: byId(id) })),
      itemOf(one, answers): CanDo | undefined {
        const does = actions
          .map((action, at) => ({ action, decided: asSeen(answers[at]!, one) }))
          .filter(({ decided }) => decided.decision.permit && permitsItself(decided));
        return does.length ? { ...one, does } : undefined;
      },
    },
  );
  return { ...found, open: [...new Set(open)], known: known! };
}

/** A page of the candidates that are permitted. */
const permitted = <Candidate extends { id: string }>(
  act: Deciding,
  candidatesAfter: (after: string) => Promise<Candidate[]>,
  {
    questionOf,
    isListed = () => true,
  }: {
    questionOf: (one: Candidate) => NamedQuestion;
    /** The permitted results that the search lists. */
    isListed?: (decided: Decided) => boolean;
  },
  wanted: { after: string; limit: number },
): Promise<Page<Candidate & { decided: Decided }>> =>
  pageOf(act, candidatesAfter, wanted, {
    questionsOf: (one) => [questionOf(one)],
    itemOf: (one, [decided]) =>
      decided!.decision.permit && isListed(decided!) ? { ...one, decided: decided! } : undefined,
  });

/** A page of what becomes of the candidates as they are decided, asked a chunk at a time. */
async function pageOf<Candidate extends { id: string }, Item extends { id: string }>(
  act: Deciding,
  candidatesAfter: (after: string) => Promise<Candidate[]>,
  wanted: { after: string; limit: number; lot?: number },
  {
    questionsOf,
    itemOf,
  }: {
    questionsOf: (one: Candidate) => NamedQuestion[];
    itemOf: (one: Candidate, answers: Decided[]) => Item | undefined;
  },
): Promise<Page<Item>> {
  const items: Item[] = [];
  const { lot = CHUNK } = wanted;
  let { after } = wanted;
  for (let examined = lot; ; examined += lot) {
    const candidates = await candidatesAfter(after);
    const asked = candidates.map(questionsOf);
    const answers = candidates.length ? await decideAll(act, asked.flat()) : [];
    let at = 0;
    for (const [place, one] of candidates.entries()) {
      const { length } = asked[place]!;
      const item = itemOf(one, answers.slice(at, (at += length)));
      if (!item) continue;
      if (items.length === wanted.limit) return { items, next: items.at(-1)!.id };
      items.push(item);
    }
    if (candidates.length < lot) return { items, next: '' };
    after = candidates.at(-1)!.id;
    if (examined >= MOST_CANDIDATES) return { items, next: after };
  }
}

export interface ResourceFound {
  id: string;
  type: string;
  decided: Decided;
}

/**
 * Resources on which the subject may do the action for the party; with a type and an owner, only
 * those.
 */
export async function whatCan(
  act: Deciding,
  question: Omit<NamedQuestion, 'resource'>,
  wanted: { type: string | null; ownerNo: string | null; after: string; limit: number },
): Promise<Page<ResourceFound> & { known: Decided }> {
  const [known] = await decideAll(act, [{ ...question, resource: '' }]);
  const { tags, resources } = tagsHeld(known!.facts, known!.catalogue);
  const candidates = (after: string) =>
    findCandidateResources(act.db, {
      tags,
      named: resources,
      type: wanted.type,
      after,
      action: question.action,
      ownerNo: wanted.ownerNo,
      limit: CHUNK,
    });
  const questionOf = ({ id }: { id: string }) => ({ ...question, resource: id });
  return { ...(await permitted(act, candidates, { questionOf }, wanted)), known: known! };
}

/** The actions that the subject may do on a resource for the party. */
export async function whichActions(
  act: Deciding,
  question: Omit<NamedQuestion, 'action'>,
): Promise<{ action: string; decided: Decided }[]> {
  const [known] = await decideAll(act, [{ ...question, action: '' }]);
  if (!known!.policy) return [];
  // Also one that only a Deny names: what is not denied may be permitted.
  const actions = [...new Set(known!.policy.rules.flatMap((rule) => rule.actions))].sort();
  const answers = await decideAll(
    act,
    actions.map((action) => ({ ...question, action })),
  );
  // Published in between: the actions of one policy are not asked of another.
  const { policyVersion } = known!.resource!;
  if (answers.some(({ resource }) => resource?.policyVersion !== policyVersion))
    return whichActions(act, question);
  return actions
    .map((action, index) => ({ action, decided: answers[index]! }))
    .filter((one) => one.decided.decision.permit);
}

/** A party by name, for questions by id. */
export const byId = (id: string): PartyName => ({ by: 'uuid', value: id });
