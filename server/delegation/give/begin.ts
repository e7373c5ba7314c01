// The one place where a mandate by delegation begins: its times, its chain, and its event.
import type { Act } from '../../platform/act.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { findMandate, type MandateRow } from '../../mandate/delegation_store.ts';
import { endUnansweredBetween } from './unanswered.ts';
import { beginDelegation, type NewDelegation } from './begin_store.ts';
import { invalid, problem } from '../problems.ts';

/** How long, how it may be passed on, and on what evidence. */
export interface Terms {
  validFrom?: Date | null;
  validTo?: Date | null;
  mayPassOn?: boolean | undefined;
  /** Whether what a main unit gives is its sub-units' too; it is, unless left out. */
  subunits?: boolean | undefined;
  evidence?: unknown;
  /** The qualification that the receiver must keep; a package's own demand goes before it. */
  needs?: string | null;
}

const LONGEST_CHAIN = 6;

/** Further work of the act, in its transaction. */
export type Inside = (inner: Act) => Promise<void>;

/** A new mandate; a member that is left out has its default. */
export type Beginning = Pick<NewDelegation, 'from' | 'to' | 'validFrom' | 'validTo' | 'givenBy'> &
  Partial<NewDelegation> & {
    /** The mandates that must still hold for whoever gives. */
    rests?: string[];
    /** Others who are notified. */
    others?: string[];
  };

/**
 * Begins a mandate, with its event, the relation it makes, and the notices of giver and receiver;
 * answers with its id, undefined when there is one already, or what it rests on is gone. Call it in
 * the transaction of the act.
 */
export async function begin(
  act: Act,
  { rests = [], others = [], ...what }: Beginning,
): Promise<string | undefined> {
  const mandate: NewDelegation = {
    id: uuidv7(act.now),
    basis: 'delegation',
    package: null,
    resource: null,
    actions: null,
    instance: null,
    mayPassOn: false,
    subunits: true,
    givenRole: null,
    evidence: null,
    needs: null,
    through: null,
    byCode: null,
    group: null,
    acceptBy: null,
    ...what,
  };
  const { id, from, to } = mandate;
  const told = { detail: detailOf(mandate), parties: [from, to, ...others], rests };
  // One that the receiver did not accept in time still holds its place.
  const isBegun =
    (await beginDelegation(act, mandate, told)) ||
    ((await endUnansweredBetween(act, from, to)) > 0 &&
      (await beginDelegation(act, mandate, told)));
  return isBegun ? id : undefined;
}

type Detailed = Pick<
  MandateRow,
  | ('package' | 'resource' | 'actions' | 'instance' | 'validTo' | 'through' | 'evidence')
  | ('subunits' | 'byCode' | 'group')
>;

/** The terms of a mandate as the event of its beginning has them. */
export const detailOf = (mandate: Detailed) => {
  const { package: code, resource, actions, instance, validTo, through, evidence } = mandate;
  const { subunits, byCode, group } = mandate;
  return {
    ...{ package: code, resource, actions, instance, validTo, through, evidence },
    ...(subunits ? {} : { subunits }),
    ...(byCode === null ? {} : { byCode }),
    ...(group === null ? {} : { group }),
  };
};

/** Begins now unless later, ends after it begins, and never after what the giver has it by. */
export function timesOf(
  { validFrom, validTo }: Terms,
  until: Date | null,
  now: Date,
): { validFrom: Date; validTo: Date | null } {
  const begins = validFrom && validFrom > now ? validFrom : now;
  if (validTo && validTo <= begins) throw invalid(['AM.VLD-00022', '/validTo']);
  if (until && (validTo ? validTo > until : begins >= until)) throw problem('TIL-00022');
  return { validFrom: begins, validTo: validTo ?? until };
}

/** Whether what is given already has the terms that were asked for, as far as they were. */
export function isOnTheseTerms(
  mandate: MandateRow,
  { validFrom, validTo, mayPassOn, subunits }: Terms,
  now: Date,
): boolean {
  return (
    (!validTo || validTo.getTime() === mandate.validTo?.getTime()) &&
    (mayPassOn === undefined || mayPassOn === mandate.mayPassOn) &&
    (subunits === undefined || subunits === mandate.subunits) &&
    (!validFrom || validFrom <= now || validFrom.getTime() === mandate.validFrom.getTime())
  );
}

/** A chain has at most six links, and nobody twice. */
export async function checkChain(act: Act, parent: MandateRow, to: string): Promise<void> {
  if (parent.depth + 2 > LONGEST_CHAIN) throw problem('TIL-00023');
  let link: MandateRow | undefined = parent;
  while (link) {
    if (link.to === to) throw problem('TIL-00023');
    link = link.through === null ? undefined : await findMandate(act, link.through);
  }
}
