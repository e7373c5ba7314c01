// SQL of support: cases, and what was suspended in them. It decides nothing.
import { stands } from '../mandate/force_store.ts';
import { isProtected } from '../party/facts_store.ts';
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';
import { WAIT_MILLIS, type SupportCase, type SupportReason } from './model.ts';

const insert: Statement = {
  name: 'insert_support_case',
  text: `insert into support_case (id, staff, party, case_no, reason, opened_at, was_protected) select $1, $2, $3, $4, $5, $6, ${isProtected('$3')}`,
};

export async function insertCase(
  act: Act,
  one: { id: string; staff: string; party: string; caseNo: string; reason: SupportReason },
): Promise<void> {
  await query(act.db, insert, [one.id, one.staff, one.party, one.caseNo, one.reason, act.now]);
}

/** Whether another of the staff lets it, as a condition. */
const needsAnother = `(one.was_protected or ${isProtected('one.party')})`;

const rows = `select one.id, one.staff, one.case_no as "caseNo", one.reason, one.opened_at as "openedAt", one.approved_at as "approvedAt",
    jsonb_build_object('id', party.id, 'kind', party.kind, 'name', party.name, 'bornIn', extract(year from party.born_on)::int, 'isEnded', party.ended_at is not null) as party,
    ${needsAnother} as "isProtected"
  from support_case one join party on party.id = one.party`;

const find: Statement = { name: 'support_case', text: `${rows} where one.id = $1` };
const lock: Statement = {
  name: 'support_case_to_act',
  text: `${find.text} for update of one`,
};

export const findCase = (act: Act, id: string): Promise<SupportCase | undefined> =>
  queryOne<SupportCase>(act.db, find, [id]);
/** The same, held until the transaction ends. */
export const lockCase = (act: Act, id: string): Promise<SupportCase | undefined> =>
  queryOne<SupportCase>(act.db, lock, [id]);

const approve: Statement = {
  name: 'approve_support_case',
  text: `update support_case one set approved_by = $2, approved_at = $3 where one.id = $1 and one.approved_by is null`,
};

/** Lets staff look; call it in the transaction that holds the case. */
export async function storeApproved(act: Act, id: string, by: string): Promise<void> {
  await query(act.db, approve, [id, by, act.now]);
}

/** A case of somebody else on the staff that waits; the party is not named. */
export interface WaitingCase {
  id: string;
  caseNo: string;
  reason: SupportReason;
  staffName: string;
  openedAt: Date;
}

const waiting: Statement = {
  name: 'support_cases_waiting',
  text: `select one.id, one.case_no as "caseNo", one.reason, staff.name as "staffName", one.opened_at as "openedAt"
    from support_case one join party staff on staff.id = one.staff
    where one.approved_by is null and one.opened_at > $2 and one.staff <> $1 and one.party <> $1 and ${needsAnother}
    order by one.opened_at, one.id limit 50`,
};

/** Cases that another than who opened them may let be looked at, the oldest first. */
export const listWaitingCases = (act: Act, staff: string): Promise<WaitingCase[]> =>
  query<WaitingCase>(act.db, waiting, [staff, new Date(act.now.getTime() - WAIT_MILLIS)]);

const note: Statement = {
  name: 'note_support_suspension',
  text: `insert into support_suspension (mandate_id, case_id, at) select each, $2, $3 from unnest($1::uuid[]) as each
    on conflict (mandate_id) do update set case_id = excluded.case_id, at = excluded.at`,
};

export async function noteSuspension(act: Act, caseId: string, mandates: string[]): Promise<void> {
  await query(act.db, note, [mandates, caseId, act.now]);
}

const suspensions: Statement = {
  name: 'support_suspensions',
  text: `select coalesce(mandate.consent_id, mandate.id) as id, one.staff from mandate join support_suspension suspended on suspended.mandate_id = mandate.id and suspended.at = mandate.suspended_at
      join support_case one on one.id = suspended.case_id
    where mandate.from_party = $1 and mandate.ended_at is null order by mandate.id`,
};
const suspensionsLocked: Statement = {
  name: 'support_suspensions_to_resume',
  text: `${suspensions.text} for update of mandate`,
};

/** The one of the staff who suspended it, by each mandate and consent that a party gave. */
export const findSuspendedBySupport = (act: Act, party: string): Promise<Map<string, string>> =>
  suspendedBy(act, suspensions, party);
/** The same, held until the transaction ends. */
export const lockSuspendedBySupport = (act: Act, party: string): Promise<Map<string, string>> =>
  suspendedBy(act, suspensionsLocked, party);

async function suspendedBy(act: Act, which: Statement, party: string) {
  const found = await query<{ id: string; staff: string }>(act.db, which, [party]);
  return new Map(found.map(({ id, staff }) => [id, staff]));
}

const tied: Statement = {
  name: 'support_tie',
  text: `select from mandate where ((mandate.from_party = $1 and mandate.to_party = $2) or (mandate.from_party = $2 and mandate.to_party = $1)) and ${stands('mandate', '$3')} limit 1`,
};

/** Whether one of the staff gave the party something, or has something of it, by a register too. */
export const isTied = async (act: Act, staff: string, party: string): Promise<boolean> =>
  staff === party || (await queryOne(act.db, tied, [staff, party, act.now])) !== undefined;
