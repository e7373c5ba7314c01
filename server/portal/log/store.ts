// SQL of the acts of a party's log: what happened to its powers of attorney and requests, with the
// names that words about it are made of. It decides nothing.
import { historyRows } from '../../event/store.ts';
import type { MandateEvent } from '../../event/model.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import type { Translated } from '../../platform/locale.ts';

/** Mandates and requests of the party `$1` that are of the service `$9`. */
const ofService = (row: string) =>
  `array(select given.id from ${row} given where given.from_party = $1 and given.resource_id = $9
    union all select got.id from ${row} got where got.to_party = $1 and got.resource_id = $9)`;

/** A member of the detail of an act on a group. */
const ofGroup = (member: string) =>
  `case when event.type like 'group\\_%' then event.detail ->> '${member}' end`;

const actsAmong = (rows: string) =>
  `select event.id, event.type, event.at, event.mandate_id as "mandateId", event.request_id as "requestId", event.from_party as "from", event.to_party as "to",
      giver.name as "fromName", giver.kind as "fromKind", receiver.name as "toName", receiver.kind as "toKind", event.by_party as "by", doer.name as "byName", doer.kind as "byKind",
      coalesce(held.package, asked.package, ${ofGroup('package')}) as package, held.role, coalesce(held.resource_id, asked.resource_id, ${ofGroup('resource')}) as resource, coalesce(grouped.name, ${ofGroup('name')}) as "group", version.content -> 'title' as title, system.name as system, event.detail ->> 'reason' as reason,
      event.detail ->> 'support' as support, event.detail ->> 'recognised' as recognised, (event.detail ->> 'n')::int as n
    from ${rows}
    left join mandate held on held.id = event.mandate_id left join access_request asked on asked.id = event.request_id
    join party giver on giver.id = event.from_party join party receiver on receiver.id = coalesce(asked.to_party, event.to_party) left join party doer on doer.id = event.by_party
    left join party_group grouped on grouped.id = held.group_id
    left join resource on resource.id = coalesce(held.resource_id, asked.resource_id, ${ofGroup('resource')}) left join resource_version version on version.version = resource.current_version
    left join vendor_system system on system.id = event.detail ->> 'system'
    order by event.id desc limit $3`;

const terms = {
  ...{ party: '$1', before: '$2', limit: '$3', types: '$4', actor: '$5', received: '$6' },
  also: (event: string) => `${event}.id >= $7 and ($8::uuid is null or ${event}.by_party = $8)`,
};

const acts: Statement = { name: 'acts_of_party', text: actsAmong(historyRows(terms)) };

const looks: Statement = {
  name: 'looks_of_party',
  // Named outright, so that the index of these few is the one that is read.
  text: actsAmong(
    historyRows({
      ...terms,
      also: (event) =>
        `${terms.also(event)} and ${event}.type in ('support_asked', 'support_looked', 'log_opened')`,
    }),
  ),
};

const actsOfService: Statement = {
  name: 'acts_of_service',
  text: actsAmong(
    historyRows({
      ...terms,
      of: {
        mandates: ofService('mandate'),
        requests: ofService('access_request'),
      },
    }),
  ),
};

export interface ActRow {
  id: string;
  type: MandateEvent;
  at: Date;
  mandateId: string | null;
  requestId: string | null;
  from: string;
  fromName: string;
  fromKind: string;
  to: string;
  toName: string;
  toKind: string;
  by: string | null;
  byName: string | null;
  byKind: string | null;
  package: string | null;
  role: string | null;
  resource: string | null;
  title: Translated | null;
  /** The name of the group that it is about, or by which it was given. */
  group: string | null;
  /** The name of the system that it is about. */
  system: Translated | null;
  /** Why a log was opened, or support staff looked. */
  reason: string | null;
  /**
   * The case in which support staff did it, or `true`; how they recognised the person, and how much
   * it was.
   */
  support: string | null;
  recognised: string | null;
  n: number | null;
}

export interface ActsWanted {
  party: string;
  actor: string;
  received: boolean;
  types: MandateEvent[] | null;
  /** Ids between which they are, the first included. */
  from: string;
  before: string;
  by: string | null;
  resource: string | null;
  limit: number;
}

/** Looks at what the party has, by support staff and those who read its log; newest first. */
export const listLooks = (
  act: Act,
  { party, before, limit, actor, received, from }: Omit<ActsWanted, 'types' | 'by' | 'resource'>,
): Promise<ActRow[]> =>
  query<ActRow>(act.db, looks, [party, before, limit, null, actor, received, from, null]);

/** Newest first. */
export const listActs = (act: Act, wanted: ActsWanted): Promise<ActRow[]> => {
  const { party, before, limit, types, actor, received, from, by, resource } = wanted;
  const asked = [party, before, limit, types, actor, received, from, by];
  return resource === null
    ? query<ActRow>(act.db, acts, asked)
    : query<ActRow>(act.db, actsOfService, [...asked, resource]);
};

const acted: Statement = {
  name: 'acted_for',
  text: `select party.id, party.kind, party.name from party where party.id = $2
    and (exists (select from mandate held where held.from_party = $1 and held.to_party = $2)
      or exists (select from decision_log used where used.subject = $2 and used.from_party = $1 and used.outcome = 'permit' and not used.caller = any($3::text[]))
      or exists (select from event done where done.from_party = $1 and done.by_party = $2))`,
};

/** One who has, or had, something of the party, used it, or did something; else undefined. */
export const findActedFor = (
  { db }: Act,
  party: string,
  by: string,
  exempt: string[],
): Promise<{ id: string; kind: string; name: string } | undefined> =>
  queryOne(db, acted, [party, by, exempt]);
