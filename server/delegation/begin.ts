// The one place where a mandate by delegation begins: its times, its chain, and its event.
import { beginDelegation } from '../mandate/delegation_store.ts';
import { uuidv7 } from '../platform/ids.ts';
import { notify } from '../event/notice_store.ts';
import { addRelation } from './relation_store.ts';
import type { Db } from '../platform/db.ts';
import { appendEvents } from '../event/store.ts';
import { findMandate, type MandateRow, type NewDelegation } from '../mandate/delegation_store.ts';
import { invalid, problem } from './problems.ts';

/** How long, how it may be passed on, and on what evidence. */
export interface Terms {
  validFrom?: Date | null;
  validTo?: Date | null;
  mayPassOn?: boolean | undefined;
  evidence?: unknown;
  /** What the receiver must be for as long as it holds; what a package asks for goes before it. */
  needs?: string | null;
}

export const LONGEST_CHAIN = 6;

/** What else belongs to the act, in its transaction. */
export type Inside = (trx: Db) => Promise<void>;

/** What a new mandate is; what is left out it does not have. */
export type Beginning = Pick<NewDelegation, 'from' | 'to' | 'validFrom' | 'validTo' | 'givenBy'> &
  Partial<NewDelegation>;

/**
 * Begins a mandate, with its event, the relation it makes, and what giver and receiver are told;
 * answers with its id, undefined when there is one already. Call it in the transaction of the act.
 */
export async function begin(trx: Db, what: Beginning, now: Date): Promise<string | undefined> {
  const mandate: NewDelegation = {
    id: uuidv7(now),
    basis: 'delegation',
    package: null,
    resource: null,
    actions: null,
    instance: null,
    mayPassOn: false,
    givenRole: null,
    evidence: null,
    needs: null,
    through: null,
    ...what,
  };
  if (!(await beginDelegation(trx, mandate, now))) return undefined;
  const { id, from, to, givenBy, givenRole } = mandate;
  if (mandate.basis === 'delegation') {
    await addRelation(trx, { from, to, kind: 'rightholder', by: givenBy ?? from }, now);
  }
  const { package: code, resource, actions, instance, validTo, through, evidence } = mandate;
  await appendEvents(
    trx,
    [
      {
        type: 'given',
        mandateId: id,
        fromParty: from,
        toParty: to,
        byParty: givenBy,
        byRole: givenRole,
        detail: { package: code, resource, actions, instance, validTo, through, evidence },
      },
    ],
    now,
  );
  await notify(trx, [from, to], { type: 'mandate_given', mandateId: id }, now);
  return id;
}

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

/** A chain has at most six links, and nobody twice. */
export async function checkChain(db: Db, parent: MandateRow, to: string, now: Date): Promise<void> {
  if (parent.depth + 2 > LONGEST_CHAIN) throw problem('TIL-00023');
  let link: MandateRow | undefined = parent;
  while (link) {
    if (link.to === to) throw problem('TIL-00023');
    link = link.through === null ? undefined : await findMandate(db, link.through, now);
  }
}
