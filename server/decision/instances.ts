// Completes a question about an instance: the resource and the party that it belongs to, and its
// owner's attributes of it. It decides nothing.
import type { Deciding } from './act.ts';
import { readParty } from '../party/store.ts';
import {
  findPlaces,
  readPlaces,
  type InstanceAsked,
  type InstancePlace,
} from './instance_store.ts';
import type { NamedQuestion } from './rules/question_model.ts';
import type { Reason } from './rules/reason_model.ts';

export interface PlacedQuestion {
  question: NamedQuestion;
  /** Whose the instance is, by its owner. */
  belongsTo?: string;
  /** Why it cannot be said where it belongs. */
  fault?: Reason;
}

/** A caller that asks for more than this has statements of its own. */
const FEW = 16;

/**
 * The questions with what their instances say. What the owner of a resource has registered stands;
 * a right that came with an import only fills in what is not said.
 */
export async function placed(act: Deciding, questions: NamedQuestion[]): Promise<PlacedQuestion[]> {
  const about = questions.map(askedBy);
  const named = about.filter((one) => one !== undefined);
  if (!named.length) return questions.map((question) => ({ question }));
  const many = named.length > FEW ? await findPlaces(act, named) : undefined;
  return Promise.all(
    questions.map(async (question, index) => {
      const one = about[index];
      if (!one) return { question };
      return place(act, question, many?.get(one) ?? (await readPlaces(act, one)));
    }),
  );
}

/** An instance is looked for where the question says, or among the resources of who asks. */
const askedBy = ({ instance, resource, among }: NamedQuestion): InstanceAsked | undefined =>
  instance == null
    ? undefined
    : { instance, resource: resource || null, ownerNo: resource ? null : (among ?? null) };

async function place(
  act: Deciding,
  question: NamedQuestion,
  all: InstancePlace[],
): Promise<PlacedQuestion> {
  const registered = all.filter(({ isRegistered }) => isRegistered);
  const isWhole = question.resource !== '' && question.from !== null;
  const known = registered.length ? registered : isWhole ? [] : all;
  const hits = known.length > 1 ? await ofNamed(act, question, known) : known;
  if (hits.length > 1) return { question, fault: 'several_instances' };
  const [hit] = hits;
  if (!hit) return { question };
  return {
    question: {
      ...question,
      resource: hit.resource,
      from: question.from ?? { by: 'uuid', value: hit.party },
      stored: hit.attributes,
    },
    ...(hit.isRegistered ? { belongsTo: hit.party } : {}),
  };
}

/** Among several instances, those of the party that the question names. */
async function ofNamed(
  act: Deciding,
  { from }: NamedQuestion,
  places: InstancePlace[],
): Promise<InstancePlace[]> {
  if (!from) return places;
  const party = await readParty(act, from);
  return places.filter((one) => one.party === party?.id);
}
