// Searching: who may do A on R for P, what may X do for P, which actions. A search answers with
// exactly those that a decision would permit, since every candidate is decided; it only has to find
// enough candidates.
import type { Deciding } from '../act.ts';
import type { PartyName } from '../../party/model.ts';
import { decideAll } from '../commands.ts';
import type { Decided, NamedQuestion } from '../rules/question_model.ts';
import { openTo, permitsItself } from '../rules/everybody_model.ts';
import { tagsHeld } from '../rules/tags_model.ts';
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
  const rules = known!.policy?.rules.flatMap((rule) => rule.subjects.flat()) ?? [];
  const values = (kind: string) => rules.filter((one) => one.kind === kind).map((one) => one.value);
  const candidates = (after: string) =>
    findCandidateSubjects(act, {
      from: known!.facts.from?.id ?? null,
      usernames: values('username'),
      ids: values('party'),
      organizations: values('organization').filter(Boolean),
      lists: values('access_list'),
      kinds: wanted.kinds,
      after,
      limit: CHUNK,
    });
  const found = await permitted(
    act,
    candidates,
    {
      questionOf: (one) => ({ ...where, subject: { by: 'uuid', value: one.id } }),
      isListed: permitsItself,
    },
    wanted,
  );
  return { ...found, open: openTo(known!, wanted.kinds) };
}

/** A page of the candidates that are permitted, asked a chunk at a time. */
async function permitted<Candidate extends { id: string }>(
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
): Promise<Page<Candidate & { decided: Decided }>> {
  const found: (Candidate & { decided: Decided })[] = [];
  let { after } = wanted;
  for (let examined = CHUNK; ; examined += CHUNK) {
    const candidates = await candidatesAfter(after);
    const answers = candidates.length ? await decideAll(act, candidates.map(questionOf)) : [];
    for (const [index, one] of candidates.entries()) {
      if (!answers[index]!.decision.permit || !isListed(answers[index]!)) continue;
      if (found.length === wanted.limit) return { items: found, next: found.at(-1)!.id };
      found.push({ ...one, decided: answers[index]! });
    }
    if (candidates.length < CHUNK) return { items: found, next: '' };
    after = candidates.at(-1)!.id;
    if (examined >= MOST_CANDIDATES) return { items: found, next: after };
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
