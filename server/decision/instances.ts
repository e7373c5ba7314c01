// What a question leaves unsaid of its instance: the resource and the party that it belongs to, and
// what its owner says of it. It decides nothing.
import { readParty } from '../party/store.ts';
import { readPlaces, type Place } from './instance_store.ts';
import type { DecisionPoint } from './point.ts';
import type { NamedQuestion } from './question_model.ts';
import type { Reason } from './reason_model.ts';

export interface Placed {
  question: NamedQuestion;
  /** Whose the instance is, by its owner. */
  belongsTo?: string;
  /** Why it cannot be said where it belongs. */
  fault?: Reason;
}

/**
 * The questions with what their instances say, each by itself. What the owner of a resource has
 * registered stands; the rights that were given to an instance only fill in what is not said.
 */
export const placed = (
  point: DecisionPoint,
  questions: NamedQuestion[],
  now: Date,
): Promise<Placed[]> =>
  Promise.all(
    questions.map((question) =>
      question.instance == null ? { question } : place(point, question, question.instance, now),
    ),
  );

async function place(
  point: DecisionPoint,
  question: NamedQuestion,
  instance: string,
  now: Date,
): Promise<Placed> {
  const all = (await readPlaces(point, instance, now)).filter(
    ({ resource }) => question.resource === '' || resource === question.resource,
  );
  const registered = all.filter(({ isRegistered }) => isRegistered);
  const isWhole = question.resource !== '' && question.from !== null;
  const known = registered.length ? registered : isWhole ? [] : all;
  const hits = known.length > 1 ? await ofNamed(point, question, known, now) : known;
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

/** Of several, those of the party that the question names. */
async function ofNamed(
  point: DecisionPoint,
  { from }: NamedQuestion,
  places: Place[],
  now: Date,
): Promise<Place[]> {
  if (!from) return places;
  const party = await readParty(point, from, now);
  return places.filter((one) => one.party === party?.id);
}
