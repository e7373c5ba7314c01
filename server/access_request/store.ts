// SQL of requests for a right: ask, answer under the state that must hold, and the lists of both
// sides.
import { isSilenced } from '../notice/silence_store.ts';
import { isProtected } from '../party/facts_store.ts';
import {
  ASKED_AGAIN_DAYS,
  MOST_ASKED_AGAIN,
  type NoReason,
  type RequestRow,
  type RequestState,
} from './model.ts';
import { look, type Act } from '../platform/act.ts';
import type { Translated } from '../platform/locale.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { lookup } from '../platform/db/together_store.ts';

const columns = `request.id, request.reference, request.from_party as "from", request.to_party as "to", request.by_party as by, request.state, request.package, request.resource_id as resource,
  request.actions, request.verified, request.given_actions as "givenActions", request.valid_to as "validTo", request.redirect_url as "redirectUrl", request.message, request.asked_again as "askedAgain", request.asked_again_at as "askedAgainAt", request.no_because as "noBecause", request.created_at as "createdAt",
  request.changed_at as "changedAt", request.changed_by as "changedBy", request.offered, request.instance, request.may_pass_on as "mayPassOn", request.subunits,
  (select coalesce(jsonb_agg(jsonb_build_object('party', yes.by_party, 'name', person.name, 'at', yes.at, 'level', yes.level, 'actions', yes.actions) order by yes.at, yes.by_party), '[]')
    from access_request_yes yes join party person on person.id = yes.by_party where yes.request_id = request.id) as yeses`;

const insert: Statement = {
  name: 'insert_access_request',
  text: `insert into access_request (id, from_party, to_party, by_party, state, package, resource_id, actions, valid_to, redirect_url, created_at, changed_at, changed_by, verified,
      offered, instance, may_pass_on, subunits, message)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $4, $12, $13, $14, $15, $16, $17) on conflict do nothing returning id`,
};

export type NewRequest = Pick<
  RequestRow,
  | 'id'
  | 'from'
  | 'to'
  | 'by'
  | 'state'
  | 'package'
  | 'resource'
  | 'actions'
  | 'validTo'
  | 'redirectUrl'
  | 'verified'
> &
  Partial<Pick<RequestRow, 'offered' | 'instance' | 'mayPassOn' | 'subunits' | 'message'>>;

/** False when the same is being asked for already. */
export async function insertRequest(act: Act, one: NewRequest): Promise<boolean> {
  return (
    (await queryOne(act.db, insert, [
      one.id,
      one.from,
      one.to,
      one.by,
      one.state,
      one.package,
      one.resource,
      one.actions,
      one.validTo,
      one.redirectUrl,
      act.now,
      one.verified,
      one.offered ?? false,
      one.instance ?? null,
      one.mayPassOn ?? false,
      one.subunits ?? true,
      one.message ?? null,
    ])) !== undefined
  );
}

const byId: Statement = {
  name: 'access_request',
  text: `select ${columns} from access_request request where request.id = $1`,
};

export function findRequest(db: Db, id: string): Promise<RequestRow | undefined> {
  return queryOne<RequestRow>(db, byId, [id]);
}

/** A key of the two look-ups below: members of a request as JSON. */
const asked = (key: string, member: string) => `(${key}::jsonb ->> '${member}')`;
const sameRight = (key: string) =>
  `request.from_party = ${asked(key, 'from')}::uuid and request.to_party = ${asked(key, 'to')}::uuid
    and request.package is not distinct from ${asked(key, 'package')} and request.resource_id is not distinct from ${asked(key, 'resource')}`;

const open = lookup<RequestRow>(
  'open_access_request',
  (key) => `select ${columns} from access_request request where ${sameRight(key)}
    and request.instance is not distinct from ${asked(key, 'instance')} and request.offered = ${asked(key, 'offered')}::boolean and request.state in ('draft', 'pending')`,
);

/** The request for the same that waits already. */
export function findOpenRequest(
  act: Act,
  one: Pick<RequestRow, 'from' | 'to' | 'package' | 'resource'> & { instance?: string | null },
  offered = false,
): Promise<RequestRow | undefined> {
  const { from, to, package: code, resource, instance = null } = one;
  return look(act, open, JSON.stringify({ from, to, package: code, resource, instance, offered }));
}

const refused = lookup<{ id: string }>('refused_access_request', (key) => {
  const actions = `(case when ${asked(key, 'actions')} is not null then array(select jsonb_array_elements_text(${key}::jsonb -> 'actions')) end)`;
  const isLess = `request.no_because = 'less' and (${asked(key, 'validTo')}::timestamptz < coalesce(request.valid_to, 'infinity') or not request.actions <@ ${actions})`;
  return `select request.id from access_request request where ${sameRight(key)} and request.state = 'rejected' and not request.offered
      and request.changed_at > ${asked(key, 'since')}::timestamptz and (request.actions is null or ${actions} <@ request.actions) and not coalesce(${isLess}, false) limit 1`;
});

/**
 * Whether the giver has said no to the same, or to more, since an instant; where the giver said
 * that it was too much, fewer actions and an earlier end are not the same.
 */
export const wasRefused = async (
  act: Act,
  one: Pick<RequestRow, 'from' | 'to' | 'package' | 'resource' | 'actions' | 'validTo'>,
  since: Date,
): Promise<boolean> => {
  const { from, to, package: code, resource, actions, validTo } = one;
  const same = { from, to, package: code, resource, actions, validTo, since };
  return (await look(act, refused, JSON.stringify(same))) !== undefined;
};

const askAgain: Statement = {
  name: 'ask_again_for_right',
  text: `update access_request request set asked_again = request.asked_again + 1, asked_again_at = $2
    where request.id = $1 and request.state = 'pending' and not request.offered and request.asked_again < ${MOST_ASKED_AGAIN}
      and coalesce(request.asked_again_at, request.changed_at) <= $2::timestamptz - interval '${ASKED_AGAIN_DAYS} days'
    returning not ${isProtected('request.from_party')} as "isHeard"`,
};

/**
 * Counts a reminder of a request; undefined where there may be none now. One to a giver with a
 * protected address is not heard.
 */
export const countAskedAgain = (act: Act, id: string): Promise<{ isHeard: boolean } | undefined> =>
  queryOne(act.db, askAgain, [id, act.now]);

const passed: Statement = {
  name: 'request_passed_to',
  text: `select notice.id from notice where notice.party = $2 and notice.request_id = $1 and notice.type = 'right_passed_on' limit 1`,
};
/** Whether a request has been passed on to a person. */
export const wasPassedTo = async (db: Db, id: string, person: string): Promise<boolean> =>
  (await queryOne(db, passed, [id, person])) !== undefined;

const doers: Statement = {
  name: 'doers_of_request',
  text: `select 'passed' as what, receiver.kind, receiver.name, event.at from event join party receiver on receiver.id = (event.detail ->> 'to')::uuid
      where event.request_id = $1 and event.type = 'right_passed_on' and not receiver.protected_address
    union all select 'answered', doer.kind, doer.name, request.changed_at from access_request request join party doer on doer.id = request.changed_by
      where request.id = $1 and request.state in ('approved', 'partly', 'rejected') and not doer.protected_address
    order by 4 limit 20`,
};

/** One to whom a request was passed on, or who answered it; for the giver's side alone. */
export interface RequestDoer {
  what: 'passed' | 'answered';
  kind: string;
  name: string;
  at: Date;
}

/** Those to whom it was passed on, and who answered it, but for protected ones; in order. */
export const findDoers = (act: Act, id: string): Promise<RequestDoer[]> =>
  query<RequestDoer>(act.db, doers, [id]);

const explain: Statement = {
  name: 'explain_no',
  text: `update access_request request set no_because = $3
    where request.id = $1 and request.changed_by = $2 and request.state = 'rejected' and not request.offered and request.no_because is null returning request.id`,
};
/** Keeps why somebody said no; false unless that one did, and has not said why. */
export const keepReason = async (
  db: Db,
  { id, by, reason }: { id: string; by: string; reason: NoReason },
): Promise<boolean> => (await queryOne(db, explain, [id, by, reason])) !== undefined;

const move: Statement = {
  name: 'move_access_request',
  text: `update access_request request set state = $3, changed_at = $4, changed_by = $5, given_actions = $6
    where request.id = $1 and request.state = any($2) returning request.id`,
};

/** Moves a request from one of these states; false when it is in another. */
export async function moveRequest(
  act: Act,
  id: string,
  step: { from: RequestState[]; to: RequestState; by: string; actions?: string[] },
): Promise<boolean> {
  const { from, to, by, actions = null } = step;
  return (await queryOne(act.db, move, [id, from, to, act.now, by, actions])) !== undefined;
}

/** A request of one whom the party that is asked has not silenced. */
const isHeard = `not ${isSilenced('request.from_party', 'request.to_party')}`;
const list: Statement = {
  name: 'list_access_requests',
  text: `select ${columns} from access_request request where ($1::uuid is null or request.from_party = $1) and ($2::uuid is null or (request.to_party = $2 and not request.offered))
    and (request.state <> 'pending' or not $5 or request.offered or ${isHeard})
    and request.state = any($3) and ($4::text is null or ($4 = 'package') = (request.package is not null)) order by request.id desc limit 1000`,
};

const unanswered = `(request.from_party = any($1) and request.state = 'pending' and (request.offered or ${isHeard})) or ($2 and request.to_party = any($1) and not request.offered and request.state in ('draft', 'pending'))`;
const waiting: Statement = {
  name: 'waiting_access_requests',
  text: `select ${columns}, giver.kind as "fromKind", giver.name as "fromName", asker.kind as "toKind", asker.name as "toName", version.content -> 'title' as title
    from access_request request join party giver on giver.id = request.from_party join party asker on asker.id = request.to_party
      left join resource on resource.id = request.resource_id left join resource_version version on version.version = resource.current_version
    where ${unanswered} order by request.id desc limit $3 offset $4`,
};
/** A request with the names of its two sides. */
export interface WaitingRow extends RequestRow {
  fromKind: string;
  fromName: string;
  toKind: string;
  toName: string;
  /** The service's name, where one is asked for. */
  title: Translated | null;
}

const answered: Statement = {
  name: 'answered_access_requests',
  text: waiting.text.replace(
    unanswered,
    `(request.from_party = any($1) and request.state in ('approved', 'partly', 'rejected'))
      or ($2 and request.to_party = any($1) and not request.offered and request.state in ('approved', 'partly', 'rejected', 'withdrawn'))`,
  ),
};

/** Requests that parties have answered, and those of theirs that were answered; newest first. */
export const listAnswered = (
  db: Db,
  { parties, received }: { parties: string[]; received: boolean },
  limit: number,
): Promise<WaitingRow[]> => query<WaitingRow>(db, answered, [parties, received, limit, 0]);

/** Requests that parties have to answer, and their own where they may be seen; newest first. */
export const listWaitingRequests = (
  db: Db,
  { parties, received }: { parties: string[]; received: boolean },
  { limit, offset }: { limit: number; offset: number },
): Promise<WaitingRow[]> => query<WaitingRow>(db, waiting, [parties, received, limit, offset]);

/** Newest first; one side at least is named. */
export interface RequestsWanted {
  from: string | null;
  to: string | null;
  states: RequestState[];
  type: 'package' | 'resource' | null;
  /** Whether a list of what waits leaves out those whom the party that is asked has silenced. */
  heardOnly: boolean;
}

export function listRequests(
  db: Db,
  { from, to, states, type, heardOnly }: RequestsWanted,
): Promise<RequestRow[]> {
  if (from === null && to === null) throw new Error('a list of requests needs a party');
  return query<RequestRow>(db, list, [from, to, states, type, heardOnly]);
}
