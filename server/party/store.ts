// SQL of parties and roles. It knows no rule.
import { type Act, look } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { lookup, type Lookup } from '../platform/db/together_store.ts';
import type { Translated } from '../platform/locale.ts';
import type { Party, PartyName, PublicName } from './model.ts';

/** A party's columns, for a statement that has its row as `party`. */
export const partyColumns = `party.id, party.party_id as "partyId", party.user_id as "userId", party.kind,
  party.person_no as "personNo", party.organization_no as "organizationNo", party.name, party.parent,
  party.unit_type as "unitType", to_char(party.born_on, 'YYYY-MM-DD') as "bornOn", party.ended_at as "endedAt", party.owner, party.system_id as "systemId", party.system_kind as "systemKind", party.suspended_at as "suspendedAt"`;

const named = (name: string, column: string, type = 'text') =>
  lookup<Party>(
    name,
    (key) => `select ${partyColumns} from party where party.${column} = ${key}::${type}`,
  );
const by: Record<PartyName['by'], Lookup<Party>> = {
  person: named('party_by_person_no', 'person_no'),
  organization: named('party_by_organization_no', 'organization_no'),
  uuid: named('party_by_id', 'id', 'uuid'),
  partyId: named('party_by_party_id', 'party_id', 'bigint'),
  userId: named('party_by_user_id', 'user_id', 'bigint'),
  username: named('party_by_username', 'username'),
};

export const findParty = (act: Act, name: PublicName): Promise<Party | undefined> =>
  findByAnyName(act, name);

/**
 * A party by whatever name. Who calls it answers for what its own caller learns of numbers
 * (caller/numbers.ts); test/architecture.test.ts lists them.
 */
export const findByAnyName = (act: Act, name: PartyName): Promise<Party | undefined> =>
  look(act, by[name.by], name.value);

const SHARED = { person: 'person_no', organization: 'organization_no', uuid: 'id' } as const;
const isShared = (kind: string): kind is keyof typeof SHARED => Object.hasOwn(SHARED, kind);
// By whichever of these names, so that one statement finds all that an act is about.
const byName = lookup<Party>('party_by_name', (key) => {
  const branches = Object.entries(SHARED).map(([kind, column]) => {
    const value = `case when starts_with(${key}, '${kind}:') then substr(${key}, ${kind.length + 2}) end`;
    const typed = kind === 'uuid' ? `(${value})::uuid` : value;
    return `select named.id from party named where named.${column} = ${typed}`;
  });
  return `select ${partyColumns} from party where party.id = (${branches.join(' union all ')} limit 1)`;
});

/** The same, in a statement with others. */
export const readParty = (act: Act, { by: kind, value }: PartyName) =>
  isShared(kind) ? look(act, byName, `${kind}:${value}`) : look(act, by[kind], value);

const withUnits: Statement = {
  name: 'party_with_units',
  text: `select ${partyColumns} from party where party.id = $1 or (party.parent = $1 and party.ended_at is null)
    order by party.id <> $1, party.name, party.id limit 1001`,
};

/** A party, and after it its sub-units that there are, by name; the first thousand. */
export const findWithUnits = (db: Db, id: string): Promise<Party[]> =>
  query<Party>(db, withUnits, [id]);

const putSystem: Statement = {
  name: 'put_system_user',
  text: `insert into party (id, party_id, kind, name, owner, system_id, system_kind)
    select $1, nextval('party_number'), 'system_user', $2, $3, $4, $5
    where not exists (select from party own where own.owner = $3 and own.system_id = $4 and own.name = $2 and own.ended_at is null) returning party.id`,
};

/**
 * A system that acts for an organisation; false when it has one of that name already. Call it in a
 * transaction that holds `lockParty` of the owner.
 */
export async function insertSystemUser(
  db: Db,
  one: { id: string; name: string; owner: string; systemId: string; kind: 'standard' | 'agent' },
): Promise<boolean> {
  return (
    (await queryOne(db, putSystem, [one.id, one.name, one.owner, one.systemId, one.kind])) !==
    undefined
  );
}

const lock: Statement = {
  name: 'lock_party',
  text: 'select id from party where id = $1 for update',
};

/** Another transaction that locks the same party waits until this one ends. */
export const lockParty = (db: Db, id: string) => query(db, lock, [id]);

const systems: Statement = {
  name: 'system_users_of',
  text: `select ${partyColumns} from party where party.kind = 'system_user' and party.owner = $1 and party.ended_at is null
    and ($2::text is null or party.system_id = $2) and ($3::text is null or starts_with(party.system_id, $3 || '_')) order by party.id limit 1000`,
};

/** An organisation's systems, of one kind of system or of one vendor when named. */
export function findSystemUsers(
  db: Db,
  owner: string,
  systemId: string | null,
  vendorNo: string | null,
): Promise<Party[]> {
  return query<Party>(db, systems, [owner, systemId, vendorNo]);
}

const endParty: Statement = {
  name: 'end_party',
  text: 'update party set ended_at = $2 where party.id = $1 and (party.ended_at is null or party.ended_at > $2)',
};

/** From then on nothing is permitted to or for the party. */
export const endPartyAt = (db: Db, id: string, at: Date) => query(db, endParty, [id, at]);

const suspendParty: Statement = {
  name: 'suspend_party',
  text: 'update party set suspended_at = $2 where party.id = $1 and (party.suspended_at is null) = ($2::timestamptz is not null) returning party.id',
};

/** Suspends a system, or resumes it at `null`; false where it is so already. */
export const suspendPartyAt = async (db: Db, id: string, at: Date | null): Promise<boolean> =>
  (await queryOne(db, suspendParty, [id, at])) !== undefined;

// One look into one index for each way of naming; the others compare with null and find nothing.
const resolve: Statement = {
  name: 'resolve_parties',
  text: `select named.by || ' ' || named.value as key, found.id from unnest($1::text[], $2::text[]) as named(by, value)
    join lateral (select party.id from party where party.id = case named.by when 'uuid' then named.value::uuid end
      union all select party.id from party where party.person_no = case named.by when 'person' then named.value end
      union all select party.id from party where party.organization_no = case named.by when 'organization' then named.value end
      union all select party.id from party where party.party_id = case named.by when 'partyId' then named.value::bigint end
      union all select party.id from party where party.user_id = case named.by when 'userId' then named.value::bigint end
      union all select party.id from party where party.username = case named.by when 'username' then named.value end) found on true`,
};

/** The ids of parties by name, keyed `by value`. Unknown ones are missing. */
export async function resolveParties(db: Db, names: PartyName[]): Promise<Map<string, string>> {
  const rows = await query<{ key: string; id: string }>(db, resolve, [
    names.map((name) => name.by),
    names.map((name) => name.value),
  ]);
  return new Map(rows.map((row) => [row.key, row.id]));
}

/** A party as lists show it. */
export interface PartyRow {
  id: string;
  partyId: number;
  kind: string;
  name: string;
  personNo: string | null;
  organizationNo: string | null;
  username: string | null;
  unitType: string | null;
  parent: string | null;
  bornOn: string | null;
  ended: boolean;
  protectedAddress: boolean;
}

const listed: Statement = {
  name: 'parties_by_id',
  text: `select party.id, party.party_id as "partyId", party.kind, party.name, party.person_no as "personNo", party.organization_no as "organizationNo",
      party.username, party.unit_type as "unitType", party.parent, to_char(party.born_on, 'YYYY-MM-DD') as "bornOn", coalesce(party.ended_at <= $2, false) as ended, party.protected_address as "protectedAddress"
    from party where party.id = any($1::uuid[])`,
};

/** Parties by id. Unknown ones are missing. */
export function findParties(act: Act, ids: string[]): Promise<PartyRow[]> {
  return query<PartyRow>(act.db, listed, [ids, act.now]);
}

/** A party by whichever claims a token has, each one look into one index. */
const CLAIMED = { uuid: 'id', userId: 'user_id', partyId: 'party_id', personNo: 'person_no' };
const TYPED: Record<string, string> = { id: '::uuid', user_id: '::bigint', party_id: '::bigint' };
const byClaim = lookup<Party>('party_by_claim', (claims) => {
  const branches = Object.entries(CLAIMED).map(
    ([claim, column]) =>
      `select named.id from party named where named.${column} = (${claims}::jsonb ->> '${claim}')${TYPED[column] ?? ''}`,
  );
  return `select ${partyColumns} from (select fit.ids from (select array(${branches.join(' union ')}) as ids offset 0) as fit where cardinality(fit.ids) = 1) as sole
    join party on party.id = sole.ids[1]`;
});

export interface PartyClaims {
  uuid?: string;
  userId?: number;
  partyId?: number;
  personNo?: string;
}

/** Undefined when no party, or more than one, fits the claims. */
export const findPartyByClaims = (act: Act, claims: PartyClaims) =>
  look(act, byClaim, JSON.stringify(claims));

export interface RoleRow {
  code: string;
  name: Translated;
  keyRole: boolean;
}

const allRoles: Statement = {
  name: 'roles',
  text: 'select role.code, role.name, role.key_role as "keyRole" from role order by role.code limit 1000',
};

export function listRoles(db: Db): Promise<RoleRow[]> {
  return query<RoleRow>(db, allRoles);
}
