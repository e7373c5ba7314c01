// SQL of mandates that let less when the database was set back: ended, suspended, narrowed or used
// after the point. They let no more again than they did.
import type { Act } from '../platform/act.ts';
import { endedAgain } from '../platform/db/archive_store.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';

export interface ArchivedMandate {
  id: string;
  consent_id: string | null;
  suspended_by: string | null;
}

const read: Statement = {
  name: 'mandates_as_rows',
  text: `with recursive held as (
      select mandate.* from mandate where mandate.id = any($1::uuid[]) or (mandate.consent_id = any($1::uuid[]) and mandate.basis = 'consent')
      union select passed.* from held join mandate passed on passed.through = held.id)
    select to_jsonb(held) as row from held`,
};
/**
 * Mandates of the archive, by their own ids or by their consents', with all that was passed on
 * through them: what is taken out of the one is taken out of the others without an event.
 */
export const mandatesOf = async (archive: Db, ids: string[]): Promise<ArchivedMandate[]> =>
  (await query<{ row: ArchivedMandate }>(archive, read, [ids])).map(({ row }) => row);

// The lesser of both, member by member; what has been resumed or widened since stays as it is here.
// One of which no action is left has ended.
const take: Statement = {
  name: 'take_mandates_again',
  text: `with archived as materialized (select * from jsonb_populate_recordset(null::mandate, $1::jsonb)),
    less as materialized (
      select own.id, coalesce(own.ended_at > archived.ended_at, archived.ended_at is not null) as ended,
        own.suspended_at is null and archived.suspended_at is not null as suspended,
        coalesce(own.valid_to > archived.valid_to, archived.valid_to is not null) or not (archived.actions @> own.actions)
          or (own.may_pass_on and not archived.may_pass_on) or (own.subunits and not archived.subunits) as narrowed,
        own.uses < archived.uses as used
      from mandate own join archived on archived.id = own.id for no key update of own),
    taken as (
      update mandate set ended_at = least(mandate.ended_at, archived.ended_at, case when mandate.actions is not null and not mandate.actions && archived.actions then $2::timestamptz end), suspended_at = coalesce(mandate.suspended_at, archived.suspended_at),
        suspended_by = case when mandate.suspended_at is null then archived.suspended_by else mandate.suspended_by end,
        valid_to = least(mandate.valid_to, archived.valid_to), may_pass_on = mandate.may_pass_on and archived.may_pass_on, subunits = mandate.subunits and archived.subunits,
        actions = case when mandate.actions && archived.actions then array(select kept from unnest(mandate.actions) as kept where kept = any(archived.actions)) else mandate.actions end,
        uses = greatest(mandate.uses, archived.uses), last_used_at = greatest(mandate.last_used_at, archived.last_used_at),
        period_from = greatest(mandate.period_from, archived.period_from), period_uses = case when mandate.period_from > archived.period_from then mandate.period_uses
          when archived.period_from > mandate.period_from then archived.period_uses else greatest(mandate.period_uses, archived.period_uses) end
      from archived, less where mandate.id = archived.id and less.id = mandate.id and (less.ended or less.suspended or less.narrowed or less.used)
      returning mandate.id, mandate.consent_id)
    select taken.id, taken.consent_id as "consentId", less.ended, less.suspended, less.narrowed is true as narrowed, less.used from taken join less on less.id = taken.id`,
};

export interface TakenMandate {
  id: string;
  consentId: string | null;
  ended: boolean;
  suspended: boolean;
  narrowed: boolean;
  used: boolean;
}

export const takeMandatesAgain = (
  { db, now }: Act,
  rows: ArchivedMandate[],
): Promise<TakenMandate[]> => query(db, take, [JSON.stringify(rows), now]);

const ofGroups = ['party_group', 'group_right', 'group_member'].map((table) => endedAgain(table));

/**
 * Ends groups, what was taken from them, and who was taken out of them since an instant; answers
 * with how many of them all.
 */
export async function endGroupsAgain(db: Db, archive: Db, since: Date): Promise<number> {
  let ended = 0;
  for (const again of ofGroups) ended += await again(db, archive, since);
  return ended;
}
