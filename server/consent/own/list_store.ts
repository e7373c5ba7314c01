// SQL of a party's consents as lists, and of how many there are. It decides nothing.
import type { Act } from '../../platform/act.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';
import { fallen, isHeld } from '../basis/store.ts';
import { isProtectedFrom } from '../../party/facts_store.ts';
import { isSilenced } from '../../notice/silence_store.ts';
import { lowered } from '../../platform/db/text_store.ts';
import { NO_ID } from '../../platform/ids.ts';
import type { Language } from '../../platform/locale.ts';
import type { ConsentRow, ConsentEvent } from '../model.ts';
import { consentColumns, consentTables, eventsOf } from '../store.ts';

/**
 * The columns in which consents are alike when they are about the same, and stand and fall together
 * (basis/store.ts): one of them is judged for all. The index of open ones goes by it.
 */
const alike = (alias: string) =>
  `${['about', 'to_party', 'rested_roles'].map((name) => `${alias}.${name}`).join(', ')}, coalesce(${alias}.parent_until, 0::smallint)`;
/** Whether the giver answered it, which may be nobody else's to see (basis/standing.ts). */
const byGiver = (alias: string) => `coalesce(${alias}.answered_by = ${alias}.from_party, false)`;
/** A clock that is ahead may note an end a moment early; it is late nowhere. */
const isOpen = (alias: string, now: string, whose = '$1') =>
  `${alias}.from_party = ${whose} and ${alias}.state in ('requested', 'approved') and not ${alias}.expiry_noted and ${alias}.valid_to > ${now}`;
/** Why each has fallen, looked up by keys however many are expected. */
const judged = (now: string) => `select alike.*, one.fallen from alike cross join lateral (
      select ${fallen(now)} as fallen from consent_request request join party giver on giver.id = request.from_party
      join party receiver on receiver.id = request.to_party where request.id = alike.id limit 1) as one`;
/** One of each, found by leaping from one to the next: many that are alike are not read. */
const oneOfEach = (now: string) => {
  const first = (
    where: string,
  ) => `select request.id, ${alike('request')} as parent_until from consent_request request
      where ${isOpen('request', now)}${where} order by ${alike('request')} limit 1`;
  return `alike as ((${first('')})
      union all (select next.* from alike cross join lateral (${first(` and (${alike('request')}) > (${alike('alike')})`)}) as next))`;
};

// To others than the person nothing says when it is used (consent/basis/veil_model.ts), nor does
// its list. Looked up by keys (`offset 0`), never gathered of everybody.
const isSpent = (viewer: string) => `(request.limited and exists (select from mandate used
          where used.consent_id = request.id and used.basis = 'consent' and used.uses >= used.use_limit offset 0)
        and not ${isProtectedFrom('request.from_party', viewer)})`;
const isGone = `exists (select from gone where (${alike('gone')}) = (${alike('request')}))`;
/** A request of one whom the party has not silenced. */
const isHeard = `not ${isSilenced('request.from_party', 'request.to_party')}`;
const begun = (alias: string) => `coalesce(${alias}.approved_at, ${alias}.requested_at)`;

/** `soon` ends within thirty days; `unused` has not been used for a year. */
const ONLY = ['soon', 'unused'] as const;
/**
 * The viewer's search: `$8` in the receiver's name or a service's (in the language `$9`), and
 * `$2`, one of `ONLY`. Veiled consents are not found by it, nor what a law may hide from the giver
 * (consent/basis/veil_model.ts).
 */
const filtered = `(($8 = '' and $2::text is distinct from 'unused') or not ${isProtectedFrom('request.from_party', '$7')})
        and ($8 = '' or $7 <> request.from_party or request.answered_by = $7 or not exists (select from consent_right held
          join resource_version version on version.version = held.resource_version where held.consent_id = request.id and ${isHeld('held')} and version.content -> 'notShownTo' is not null))
        and ($8 = '' or strpos(${lowered('(select receiver.name from party receiver where receiver.id = request.to_party)')}, $8) > 0
          or exists (select from consent_right held join resource_version version on version.version = held.resource_version
            where held.consent_id = request.id and ${isHeld('held')} and strpos(${lowered("coalesce(version.content -> 'title' ->> $9, version.content -> 'title' ->> 'nb')")}, $8) > 0))
        and case $2::text when 'soon' then request.valid_to > $3 and request.valid_to <= $3::timestamptz + interval '30 days'
          when 'unused' then coalesce((select used.last_used_at from mandate used where used.consent_id = request.id and used.basis = 'consent' limit 1),
            request.approved_at) < $3::timestamptz - interval '1 year' else true end`;
export type ListKind = 'waiting' | 'active' | 'ended' | 'all';
const OF_KIND: Record<ListKind, string> = {
  waiting: `request.state = 'requested' and request.valid_to > $3 and ${isHeard}`,
  active: `request.state = 'approved' and request.valid_to > $3 and request.fallen_reason is null and not ${isSpent('$7')} and not ${isGone}`,
  ended: `(request.state in ('rejected', 'withdrawn', 'deleted') or request.valid_to <= $3
          or (request.state = 'approved' and (request.fallen_reason is not null or ${isGone})) or ${isSpent('$7')})`,
  all: 'true',
};

interface Variant {
  kind: ListKind;
  /** Whether something is sought in it. */
  isSought: boolean;
  /** Whether it goes on after one of them. */
  goesOn: boolean;
}
const NOT_SOUGHT = `$8::text = '' and $9::text is not null and $2::text is null`;

/** Some of a party's, latest first by a time of theirs, after one of them. */
const latest = (
  time: (alias: string) => string,
  when: string,
  { kind, isSought, goesOn }: Variant,
) => {
  const [own, last] = [time('request'), time('last')];
  const isLater = `exists (select from consent_request last where last.id = $6 and last.from_party = $1
          and (${own} < ${last} or (${own} = ${last} and request.id > last.id)))`;
  return `(select request.id, ${own} as at from consent_request request
      where request.from_party = $1 and request.portal_view_mode = any($4) and ${OF_KIND[kind]}
        and ${isSought ? filtered : NOT_SOUGHT}
        and ${goesOn ? isLater : '$6::uuid is null'}
        and ${when} order by ${own} desc, request.id limit $5)`;
};
/** The order of what is veiled shows nothing of when it was asked for and given. */
const until = (alias: string) => `${alias}.valid_to`;
const isVeiled = '(select is_veiled from veil)';
/** Whether it is not kept from others than the person (consent/basis/veil_model.ts). */
const isLeft = `(request.answered_by = $7 or case when request.state = 'requested' then request.required_delegator = $7
      else request.state = 'approved' and request.valid_to > $3 and request.fallen_reason is null and not ${isGone} end)`;
const nameOf = ({ kind, isSought, goesOn }: Variant): string =>
  `list_consents_${kind}${isSought ? '_sought' : ''}${goesOn ? '_on' : ''}`;

/**
 * A statement of its own for each: of one for all, the database makes a plan for each call, as
 * knowing what is asked makes it cheaper, and planning takes 26 ms.
 */
const listed = (variant: Variant): Statement => ({
  name: nameOf(variant),
  text: `with recursive ${oneOfEach('$3')},
    gone as (${judged('$3')} where one.fallen is not null),
    veil as materialized (select ${isProtectedFrom('$1', '$7')} as is_veiled),
    listed as (${latest(begun, `not ${isVeiled}`, variant)} union all ${latest(until, `${isVeiled} and ${isLeft}`, variant)})
    select ${consentColumns('$3')}, ${eventsOf(100)} from ${consentTables} join listed on listed.id = request.id
    order by listed.at desc, listed.id`,
});

const EITHER = [false, true];
const LISTS = new Map(
  Object.keys(OF_KIND)
    .flatMap((kind) => EITHER.map((isSought) => ({ kind: kind as ListKind, isSought })))
    .flatMap((one) => EITHER.map((goesOn) => listed({ ...one, goesOn })))
    .map((one) => [one.name, one]),
);

const waiting: Statement = {
  name: 'list_waiting_consents',
  text: `with listed as (select request.id, ${begun('request')} as at from consent_request request
      where ${isOpen('request', '$2', 'any($1)')} and request.state = 'requested' and request.portal_view_mode = 'show' and case when $4::uuid is null then ${isHeard} else request.to_party = $4 end
      order by at desc, request.id limit $3)
    select ${consentColumns('$2')}, ${eventsOf(100)} from ${consentTables} join listed on listed.id = request.id
    order by listed.at desc, listed.id`,
};

/**
 * The newest requests of some parties that wait in the portal, whoever may read them, without those
 * of askers whom they have silenced; of one asker, where one is named.
 */
export const listWaiting = (
  act: Act,
  parties: string[],
  limit: number,
  asker: string | null = null,
): Promise<ConsentRow[]> => query<ConsentRow>(act.db, waiting, [parties, act.now, limit, asker]);

const count: Statement = {
  name: 'count_consents',
  text: `with counted as (select request.from_party as party, ${alike('request')} as parent_until,
        ${byGiver('request')} as by_giver,
        count(*) filter (where request.state = 'requested' and case when giver.protected_address and giver.id <> $3
          then request.required_delegator = $3 else (request.required_delegator <> $3) is not true end) as waiting,
        count(*) filter (where request.answered_by = $3) as own, count(*) filter (where request.state = 'approved') as active,
        count(*) filter (where request.state = 'approved' and request.valid_to <= $2::timestamptz + interval '30 days') as soon
      from consent_request request join party giver on giver.id = request.from_party where ${isOpen('request', '$2', 'any($1)')}
        and case request.state when 'requested' then request.portal_view_mode = 'show' and ${isHeard} else request.fallen_reason is null and not ${isSpent('$3')} end
      group by request.from_party, ${alike('request')}, ${byGiver('request')}),
    alike as (select counted.*, (select one.id from consent_request one where ${isOpen('one', '$2', 'counted.party')} and (${alike('one')}) = (${alike('counted')})
        and ${byGiver('one')} = counted.by_giver limit 1) from counted),
    judged as (${judged('$2')})
    select judged.party, (array_agg(judged.id))[1] as id, sum(judged.waiting)::int as waiting,
      sum(case when judged.fallen is null then judged.own else 0 end)::int as own, sum(case when judged.fallen is null then judged.active else 0 end)::int as active,
      sum(case when judged.fallen is null then judged.soon else 0 end)::int as soon
    from judged group by judged.party, judged.about, judged.by_giver`,
};

/** How many of a party's consents are about the same, of whom one stands for all. */
export interface Alike {
  party: string;
  id: string;
  /** Requests that wait in the portal, for nobody else who is named. */
  waiting: number;
  active: number;
  /** Active ones that end within thirty days. */
  soon: number;
  /** Active ones that the viewer answered. */
  own: number;
}

/** Active consents, and requests that wait in the portal, counted by what they are about. */
export const countAlike = (
  act: Act,
  { parties, viewer }: { parties: string[]; viewer: string },
): Promise<Alike[]> => query<Alike>(act.db, count, [parties, act.now, viewer]);

/** The search within a list. */
interface Sought {
  /** In lower case; empty for everything. */
  text: string;
  language: Language;
  only: (typeof ONLY)[number] | null;
}

export interface ListWanted {
  party: string;
  kind: ListKind;
  /** Requests that came by link only are not listed while they wait; answered ones always are. */
  viewModes: ('hide' | 'show')[];
  /** The reader of the list. */
  viewer: string;
  sought?: Sought;
  limit: number;
  /** The last that was read before. */
  after?: string | undefined;
}

export function listConsents(act: Act, wanted: ListWanted): Promise<ConsentRow[]> {
  const { kind, sought, after = null } = wanted;
  const isSought = sought !== undefined && (sought.text !== '' || sought.only !== null);
  return query<ConsentRow>(act.db, LISTS.get(nameOf({ kind, isSought, goesOn: after !== null }))!, [
    wanted.party,
    sought?.only ?? null,
    act.now,
    wanted.viewModes,
    wanted.limit,
    after,
    wanted.viewer,
    sought?.text ?? '',
    sought?.language ?? 'nb',
  ]);
}

const events: Statement = {
  name: 'events_of_consents',
  text: `select event.id, event.consent_id as "consentId", event.type, event.at, event.by_party as "byParty", event.by_role as "byRole",
      event.detail ->> 'reason' as reason, event.detail -> 'beyond' as beyond, event.detail -> 'support' as support
    from event where event.from_party = $1 and event.consent_id is not null and event.id < $2
      and (event.type not in ('used', 'fetched') or not ${isProtectedFrom('event.from_party', '$4')})
      and event.id >= $5 and ($6::uuid is null or event.by_party = $6)
      and ($7::text is null or exists (select from consent_right held where held.consent_id = event.consent_id and held.resource_id = $7))
    order by event.id desc limit $3`,
};

/** The events that are looked for: from an id on, by one who did them, or about one service. */
export interface EventsSought {
  from?: string;
  by?: string | null;
  resource?: string | null;
}

/**
 * Events of a party's consents, newest first: some before one of them. The uses of a consent whose
 * giver has a protected address are not shown to others (consent/basis/veil_model.ts).
 */
export const listEvents = (
  db: Db,
  wanted: { party: string; viewer: string; before: string; limit: number; sought?: EventsSought },
): Promise<(ConsentEvent & { consentId: string })[]> =>
  query(db, events, [
    ...[wanted.party, wanted.before, wanted.limit, wanted.viewer],
    wanted.sought?.from ?? NO_ID,
    ...[wanted.sought?.by ?? null, wanted.sought?.resource ?? null],
  ]);
