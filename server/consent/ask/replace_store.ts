// SQL of consents that are to be replaced: the rows of a pair held together, and a renewal that
// waits.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

// A statement that counts or ends sees its own snapshot: what two acts must agree on is held by a
// statement before it, in the order of ids, so that no two wait for each other; not so strongly
// that a notice or an event waits, which names one by its key.
const lock: Statement = {
  name: 'lock_consents',
  text: `with held as materialized (select request.id from consent_request request where request.id = any($1::uuid[]) order by request.id for no key update),
    mandates as materialized (select mandate.id from mandate where mandate.consent_id in (select held.id from held) and mandate.basis = 'consent' for no key update)
    select (select count(*) from held) + (select count(*) from mandates) as held`,
};

/** Holds the rows of these consents until the transaction ends; call it first. */
export const lockConsents = (db: Db, ids: string[]) => query(db, lock, [ids]);

const pair: Statement = {
  name: 'pair_request',
  text: `update consent_request set pair = $2 where consent_request.id = $1 and consent_request.state = 'requested' and consent_request.pair is null
      and consent_request.replaces is null and consent_request.awaiting is null and consent_request.valid_to > $3
      and consent_request.from_party <> (select second.from_party from consent_request second where second.id = $2) returning consent_request.id`,
};

/** Sets a second request beside a first; false where that is answered, or has one already. */
export const pairWith = async ({ db, now }: Act, first: string, second: string): Promise<boolean> =>
  (await query(db, pair, [first, second, now])).length > 0;

const waiting: Statement = {
  name: 'waiting_renewal',
  text: `select waiting.id from consent_request waiting
    where waiting.replaces = $1 and waiting.renews and waiting.state = 'requested' and waiting.valid_to > $2 limit 1`,
};

/** The renewal that waits for an answer. */
export const findWaitingRenewal = (
  { db, now }: Act,
  id: string,
): Promise<{ id: string } | undefined> => queryOne(db, waiting, [id, now]);
