// SQL of a no that still stands between a client and a person: found while it does, and opened by
// the person.
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

// The purpose of a request is its template and its subject: one thing in common is enough.
const find: Statement = {
  name: 'find_refusal',
  text: `select refused.id, refused.rejected_at as at from consent_request refused
    where refused.state = 'rejected' and refused.from_party = $1 and refused.to_party = $2 and refused.client_id is not distinct from $6 and refused.rejected_at > $5 and not refused.may_ask_again
      and refused.template_id = $3 and exists (select from consent_right held where held.consent_id = refused.id and held.resource_id = any($4))
    order by refused.rejected_at desc limit 1`,
};

/**
 * An asker's question: to whom, for what, by which client of an authorization, or through the
 * enterprise door.
 */
export interface AskersQuestion {
  from: string;
  to: string;
  clientId: string | null;
  template: string;
  resources: string[];
}

export interface Refusal {
  id: string;
  at: Date;
}

/** The last no to the same client for the same purpose, given after `since`. */
export const findRefusal = (
  db: Db,
  wanted: AskersQuestion,
  since: Date,
): Promise<Refusal | undefined> =>
  queryOne<Refusal>(db, find, [
    ...[wanted.from, wanted.to, wanted.template, wanted.resources],
    since,
    wanted.clientId,
  ]);

const ofReplacing: Statement = {
  name: 'find_replace_refusal',
  text: `select refused.id, refused.rejected_at as at from consent_request refused
    where refused.replaces = $1 and refused.state = 'rejected' and refused.rejected_at > $2 and not refused.may_ask_again
    order by refused.rejected_at desc limit 1`,
};

/** The last no to replacing or renewing a consent, given after `since`. */
export const findReplaceRefusal = (
  db: Db,
  replaced: string,
  since: Date,
): Promise<Refusal | undefined> => queryOne<Refusal>(db, ofReplacing, [replaced, since]);

const open: Statement = {
  name: 'open_refusal',
  text: `update consent_request set may_ask_again = true where consent_request.id = $1 and consent_request.state = 'rejected'`,
};

/** From now on the same may be asked again; harmless when it may already. */
export const openRefusal = (db: Db, id: string) => query(db, open, [id]);
