// A yes as somebody gives it: the part that is chosen, how often it may be used, and whether it is
// the yes that was given already. Pure.
import { isDeepStrictEqual } from 'node:util';
import { beyond, leastOf, type UseLimit } from '../../resource/uses_model.ts';
import { asGiven, withChoice, type Consent } from '../model.ts';
import { problem, validationProblem } from '../problems.ts';

/** The text that a person saw, with its digest. */
export interface Shown {
  language: string;
  shownBy: 'page' | 'portal';
  hash: string;
  text: unknown;
}

export interface Yes {
  /**
   * The optional rights that are part of it, by their places among those asked for; absent where
   * nothing was said: none, or what the first of several chose.
   */
  chosen?: number[] | undefined;
  /** How often it may be used at most, where that is less than was asked for. */
  uses?: UseLimit | undefined;
  /**
   * The text that the person saw, with that choice made, and with the consent that it replaces,
   * where it replaces one; `asked` is the request as the page has it, with no choice made.
   */
  shown: (given: Consent, replaced: Consent | undefined, asked: Consent) => Shown;
  /** Whether `shown` refuses what was read beside a consent that has ended since. */
  mayBeAlone?: boolean;
}

/** The request with a choice made: of optional rights alone, at least one. */
export function chosenOf(consent: Consent, chosen: number[]): Consent {
  const isOptional = (place: number) =>
    consent.rights.some(({ ordinal, optional }) => optional && ordinal === place);
  const wrong = chosen.findIndex((place) => !isOptional(place));
  if (wrong >= 0)
    throw validationProblem([{ code: 'TIL.VLD-00001', path: `/optionalRights/${wrong}` }]);
  const given = withChoice(consent, chosen);
  if (!given.rights.length)
    throw validationProblem([{ code: 'STD.VLD-00000', path: '/optionalRights' }]);
  return given;
}

/** The places of the rights that are no part of what is given. */
export const placesLeftOut = ({ leftOut }: Pick<Consent, 'leftOut'>): number[] =>
  leftOut.map(({ ordinal }) => ordinal);

/** A yes by which nothing could be used: the giver's own number, or one used up meanwhile. */
export const lacksUses = ({ uses }: Yes) =>
  uses?.total === undefined
    ? problem('TIL-00048')
    : validationProblem([{ code: 'TIL.VLD-00001', path: '/uses/total' }]);

/** The request with a limit of its uses that is no more than it asks for. */
export function limitedTo(consent: Consent, uses: UseLimit | undefined): Consent {
  const { useLimit, oneTime } = consent;
  if (!uses) return consent;
  const limits = [...(useLimit ? [useLimit] : []), ...(oneTime ? [{ total: 1 }] : [])];
  const tooMuch = beyond(uses, limits);
  if (tooMuch) throw validationProblem([{ code: 'TIL.VLD-00015', path: `/uses/${tooMuch}` }]);
  return { ...consent, useLimit: leastOf([uses, ...limits])! };
}

/** Again is the same answer; a yes to something else comes too late: AM-00002. */
export function mustBeGiven(consent: Consent, by: string, { chosen, uses }: Yes): true {
  const { yeses, answeredBy } = consent;
  const isOfSeveral =
    yeses !== null && [...yeses.map(({ party }) => party), answeredBy?.id].includes(by);
  // Each of several answered what the first chose.
  if (isOfSeveral && !chosen && !uses) return true;
  const asked = { ...consent, useLimit: consent.askedUses };
  if (!isDeepStrictEqual(limitedTo(asked, uses).useLimit, consent.useLimit))
    throw problem('AM-00002');
  const { rights } = asGiven(consent);
  const held = rights.filter(({ optional }) => optional).map(({ ordinal }) => ordinal);
  if (!isSameChoice(chosen ?? [], held)) throw problem('AM-00002');
  return true;
}

/** The consent that a giver's own yes has made of a request, as it would be read now. */
export function asApproved(
  consent: Consent,
  given: Consent,
  { eventId, at }: { eventId: string; at: Date },
): Consent {
  const { from, rights } = consent;
  const isHeld = ({ ordinal }: { ordinal: number }) =>
    given.rights.some((right) => right.ordinal === ordinal);
  const event = { ...{ id: eventId, type: 'approved' as const, at: at.toISOString() } };
  return {
    ...consent,
    state: 'approved',
    approvedAt: at,
    answeredBy: from,
    replaces: null,
    renews: false,
    rights: rights.filter(isHeld),
    leftOut: rights.filter((right) => !isHeld(right)),
    useLimit: given.useLimit,
    events: [...consent.events, { ...event, byParty: from.id, byRole: null, reason: null }],
  };
}

/** Whether two choices take the same places, in any order. */
export const isSameChoice = (some: number[], others: number[]): boolean =>
  new Set(some).size === others.length && others.every((place) => some.includes(place));

/** Its time is out. */
export const expired = () => validationProblem([{ code: 'AM.VLD-00022', path: 'ValidTo' }]);
