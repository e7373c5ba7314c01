// SQL of what vendors ask customers about their systems: ask, answer under the state that must
// hold, and the lists of both sides.
import { appendEvents } from '../../event/store.ts';
import type { MandateEvent } from '../../event/model.ts';
import { isSilenced } from '../../notice/silence_store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { ANSWER_DAYS, type SystemRequest, type WantedOfCustomer } from './model.ts';
import { systemValue } from './store.ts';

const rows = `select request.id, ${systemValue} as system, request.customer, customer.organization_no as "customerNo", request.external_ref as "externalRef",
    request.system_party as "systemUser", request.is_change as "isChange", request.packages, request.resources, request.end_packages as "endPackages",
    request.end_resources as "endResources", request.redirect_url as "redirectUrl", request.state, request.created_at as "createdAt", request.changed_at as "changedAt",
    own.name as "userName", own.ended_at is not null as "userEnded"
  from system_request request join party customer on customer.id = request.customer
    join vendor_system system on system.id = request.system_id join party vendor on vendor.id = system.vendor
    left join party own on own.id = request.system_party`;

const insert: Statement = {
  name: 'insert_system_request',
  text: `insert into system_request (id, system_id, customer, external_ref, system_party, is_change, packages, resources, end_packages, end_resources, redirect_url, state,
      created_at, changed_at, changed_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'created', $12, $12, $13)`,
};

/** Call it in the transaction that holds the customer's row (party/store.ts `lockParty`). */
export async function insertSystemRequest(
  act: Act,
  { id, system, by }: { id: string; system: string; by: string },
  wanted: WantedOfCustomer,
): Promise<void> {
  await query(act.db, insert, [
    ...[id, system, wanted.customer, wanted.externalRef, wanted.systemUser],
    ...[wanted.systemUser !== null, wanted.packages, wanted.resources],
    ...[wanted.endPackages, wanted.endResources, wanted.redirectUrl, act.now, by],
  ]);
}

/** Waits still, as a condition; `now` is SQL of an instant. */
const waits = (now: string) =>
  `request.state = 'created' and request.created_at > ${now}::timestamptz - interval '${ANSWER_DAYS} days'`;

const find: Statement = {
  name: 'system_request',
  text: `${rows} where request.id = $1 and request.state <> 'withdrawn'`,
};
const findLocked: Statement = {
  name: 'system_request_to_answer',
  text: `${find.text} for update of request`,
};

/** One that its vendor has not withdrawn. */
export const findSystemRequest = (act: Act, id: string): Promise<SystemRequest | undefined> =>
  queryOne<SystemRequest>(act.db, find, [id]);
/** The same, held until the transaction ends. */
export const lockSystemRequest = (act: Act, id: string): Promise<SystemRequest | undefined> =>
  queryOne<SystemRequest>(act.db, findLocked, [id]);

const waiting: Statement = {
  name: 'waiting_system_request',
  text: `${rows} where request.system_id = $1 and request.customer = $2 and request.external_ref = $3 and request.system_party is not distinct from $4::uuid and ${waits('$5')}`,
};

/** The one that the customer has not answered, of the same system under the same reference. */
export const findWaitingRequest = (
  act: Act,
  system: string,
  { customer, externalRef, systemUser }: WantedOfCustomer,
): Promise<SystemRequest | undefined> =>
  queryOne<SystemRequest>(act.db, waiting, [system, customer, externalRef, systemUser, act.now]);

const ofSystem: Statement = {
  name: 'system_requests_of',
  text: `${rows} where request.system_id = $1 and request.state <> 'withdrawn' and request.id < $2
      and ($3::text is null or customer.organization_no = $3) order by request.id desc limit $4`,
};

/** Those of one system, newest first; of one customer where it is named. */
export const listSystemRequests = (
  act: Act,
  system: string,
  { before, customerNo, limit }: { before: string; customerNo: string | null; limit: number },
): Promise<SystemRequest[]> =>
  query<SystemRequest>(act.db, ofSystem, [system, before, customerNo, limit]);

const ofCustomer: Statement = {
  name: 'system_requests_for',
  text: `${rows} where request.customer = $1 and ${waits('$2')} and not ${isSilenced('request.customer', 'system.vendor')} order by request.id desc limit $3`,
};

/** Those that wait for the customer, newest first, but of vendors that it wants nothing sent by. */
export const listWaitingFor = (
  act: Act,
  customer: string,
  limit: number,
): Promise<SystemRequest[]> => query<SystemRequest>(act.db, ofCustomer, [customer, act.now, limit]);

const move: Statement = {
  name: 'move_system_request',
  text: `update system_request request set state = $2, system_party = coalesce($3::uuid, request.system_party), changed_at = $4, changed_by = $5
    where request.id = $1 and ${waits('$4')} returning request.id`,
};

/** False where it no longer waits. */
export const moveSystemRequest = async (
  act: Act,
  id: string,
  step: { to: SystemRequest['state']; by: string; systemUser?: string },
): Promise<boolean> =>
  (await queryOne(act.db, move, [id, step.to, step.systemUser ?? null, act.now, step.by])) !==
  undefined;

const count: Statement = {
  name: 'count_waiting_of_vendor',
  text: `select count(*)::int as n from system_request request join vendor_system system on system.id = request.system_id
    where request.customer = $1 and system.vendor = $2 and ${waits('$3')}`,
};

/** How many of a vendor's requests wait for a customer. */
export const countWaiting = async (act: Act, customer: string, vendor: string): Promise<number> =>
  (await queryOne<{ n: number }>(act.db, count, [customer, vendor, act.now]))!.n;

/** Appends what happened to a request; `more` is what the two of it may read beside that. */
export const recordRequest = (
  act: Act,
  { id, system, customer }: Pick<SystemRequest, 'id' | 'customer' | 'system'>,
  { type, by, more }: { type: MandateEvent; by: string; more?: object },
): Promise<void> =>
  appendEvents(act, [
    {
      ...{ type, fromParty: customer, toParty: system.vendor, byParty: by },
      detail: { system: system.id, systemRequest: id, ...more },
    },
  ]);

const named: Statement = {
  name: 'system_user_by_reference',
  text: `select request.system_party as id from system_request request join vendor_system system on system.id = request.system_id join party vendor on vendor.id = system.vendor
    where request.customer = $1 and vendor.organization_no = $2 and request.external_ref = $3 and request.state = 'accepted' and not request.is_change order by request.id desc limit 100`,
};

/** System users that a customer let a vendor have under the vendor's own reference. */
export const findByReference = async (
  act: Act,
  { customer, vendorNo, reference }: { customer: string; vendorNo: string; reference: string },
): Promise<string[]> =>
  (await query<{ id: string }>(act.db, named, [customer, vendorNo, reference])).map(({ id }) => id);
