// SQL of consents that had come to an end when the database was set back: refused, withdrawn or
// taken back after the point. They end again, with the words that were shown; those that were
// narrowed are narrowed again. One that fell by a register's word falls again by itself, where the
// word is true.
import { query, type Db, type Statement } from '../../platform/db/db.ts';

const rightRows =
  '(select jsonb_agg(to_jsonb(held)) from consent_right held where held.consent_id = request.id)';

/** Takes what was left out of these and taken out of them from the archive's rows. */
const takingParts = (taken: string, rows: string) =>
  `update consent_right set chosen = archived.chosen, dropped_at = archived.dropped_at, dropped_by = archived.dropped_by
      from jsonb_populate_recordset(null::consent_right, ${rows}::jsonb) as archived join ${taken} on ${taken}.id = archived.consent_id
      where consent_right.consent_id = archived.consent_id and consent_right.ordinal = archived.ordinal`;

interface EndedConsent {
  id: string;
  state: string;
  answered_by: string | null;
}

const read: Statement = {
  name: 'ended_consents_as_rows',
  text: `select to_jsonb(request) as consent, to_jsonb(shown) as shown, ${rightRows} as rights from consent_request request
    left join consent_shown shown on shown.consent_id = request.id
    where request.id = any($1::uuid[]) and request.state in ('rejected', 'withdrawn', 'deleted') and coalesce(request.fallen_reason, 'receiver') in ('receiver', 'replaced')`,
};
const end: Statement = {
  name: 'end_consents_again',
  text: `with words as (insert into consent_shown select shown.* from jsonb_populate_recordset(null::consent_shown, $2::jsonb) as shown
        join consent_request request on request.id = shown.consent_id on conflict do nothing),
    again as (update consent_request set state = ended.state, approved_at = ended.approved_at, rejected_at = ended.rejected_at, withdrawn_at = ended.withdrawn_at,
        answered_by = ended.answered_by, answered_role = ended.answered_role, answered_level = ended.answered_level, rested_on = ended.rested_on,
        rested_roles = ended.rested_roles, rested_mandates = ended.rested_mandates, parent_until = ended.parent_until, rested_together = ended.rested_together, fallen_reason = ended.fallen_reason,
        about = ended.about, uses = ended.uses, valid_to = ended.valid_to, asked_valid_to = ended.asked_valid_to, narrowed_at = ended.narrowed_at, expiry_event_id = ended.expiry_event_id
      from jsonb_populate_recordset(null::consent_request, $1::jsonb) as ended
      where consent_request.id = ended.id and consent_request.state in ('requested', 'approved') and consent_request.state <> ended.state
      returning consent_request.id, consent_request.state, consent_request.narrowed_at is not null as narrowed),
    parts as (${takingParts('again', '$3')})
    select again.id, again.state, again.narrowed from again`,
};

interface Row {
  consent: EndedConsent;
  shown: object | null;
  rights: object[];
}

/** Consents of these that have ended in the archive, with the words that were shown. */
export const endedConsents = (archive: Db, ids: string[]) => query<Row>(archive, read, [ids]);

/** Ends those that go on here; answers with them. */
export const endConsentsAgain = (db: Db, rows: Row[]) =>
  query<{ id: string; state: string; narrowed: boolean }>(db, end, [
    JSON.stringify(rows.map(({ consent }) => consent)),
    JSON.stringify(rows.flatMap(({ shown }) => shown ?? [])),
    JSON.stringify(rows.flatMap(({ rights }) => rights)),
  ]);

const readYes: Statement = {
  name: 'yeses_as_rows',
  text: 'select yes.consent_id as consent, yes.by_party as party from consent_yes yes where yes.consent_id = any($1::uuid[])',
};
const reopenLost: Statement = {
  name: 'reopen_requests_again',
  text: `with lost as (select distinct yes.consent_id from consent_yes yes join consent_request request on request.id = yes.consent_id
      where yes.consent_id = any($1::uuid[]) and request.state = 'requested' and not exists (select from jsonb_to_recordset($2::jsonb) as kept(consent uuid, party uuid)
        where kept.consent = yes.consent_id and kept.party = yes.by_party)),
    gone as (delete from consent_yes using lost where consent_yes.consent_id = lost.consent_id)
    update consent_request set awaiting = null from lost where consent_request.id = lost.consent_id returning consent_request.id`,
};

/**
 * Has requests wait for a first yes again to which one of several took a yes back in the archive;
 * answers with them.
 */
export async function reopenAgain(db: Db, archive: Db, ids: string[]): Promise<string[]> {
  const kept = await query<object>(archive, readYes, [ids]);
  const found = await query<{ id: string }>(db, reopenLost, [ids, JSON.stringify(kept)]);
  return found.map(({ id }) => id);
}

const readNarrowed: Statement = {
  name: 'narrowed_consents_as_rows',
  text: `select to_jsonb(request) as consent, ${rightRows} as rights
    from consent_request request where request.id = any($1::uuid[]) and request.state = 'approved' and request.narrowed_at is not null`,
};
const narrow: Statement = {
  name: 'narrow_consents_again',
  text: `with narrowed as (
      update consent_request set narrowed_at = archived.narrowed_at, asked_valid_to = archived.asked_valid_to, about = archived.about, parent_until = archived.parent_until,
        valid_to = archived.valid_to, expiry_event_id = archived.expiry_event_id
      from jsonb_populate_recordset(null::consent_request, $1::jsonb) as archived
      where consent_request.id = archived.id and consent_request.state = 'approved' and coalesce(consent_request.narrowed_at < archived.narrowed_at, true)
      returning consent_request.id),
    parts as (${takingParts('narrowed', '$2')})
    select narrowed.id from narrowed`,
};

interface NarrowedRow {
  consent: object;
  rights: object[];
}

/** Consents of these that hold less in the archive than they did once. */
export const narrowedConsents = (archive: Db, ids: string[]) =>
  query<NarrowedRow>(archive, readNarrowed, [ids]);

/** Narrows those that hold more here; answers with them. Their mandates are taken apart. */
export const narrowConsentsAgain = async (db: Db, rows: NarrowedRow[]): Promise<string[]> => {
  const values = [rows.map(({ consent }) => consent), rows.flatMap(({ rights }) => rights)];
  const found = await query<{ id: string }>(
    db,
    narrow,
    values.map((value) => JSON.stringify(value)),
  );
  return found.map(({ id }) => id);
};

const readAsked: Statement = {
  name: 'deletions_asked_as_rows',
  text: 'select request.id, request.deletion_asked_at as at from consent_request request where request.id = any($1::uuid[]) and request.deletion_asked_at is not null',
};
const askAgain: Statement = {
  name: 'ask_for_deletion_again',
  text: `update consent_request set deletion_asked_at = archived.at from jsonb_to_recordset($1::jsonb) as archived(id uuid, at timestamptz)
    where consent_request.id = archived.id and consent_request.deletion_asked_at is null and consent_request.approved_at is not null returning consent_request.id`,
};

/** Has the receivers of these be asked to delete, as in the archive; answers with those it was. */
export async function askDeletionAgain(db: Db, archive: Db, ids: string[]): Promise<string[]> {
  const asked = await query<object>(archive, readAsked, [ids]);
  const found = await query<{ id: string }>(db, askAgain, [JSON.stringify(asked)]);
  return found.map(({ id }) => id);
}
