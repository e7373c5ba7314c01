// SQL that takes parties in: set-based, keyed by what the outside world calls a party, harmless
// when repeated. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';
import type { Party } from './model.ts';

/** The columns of a party that a record replaces; `kept` has the row that is there. */
const replaced = (
  from: string,
  kept: string,
) => `party_id = case when ${from}.party_id > 0 and $2::jsonb ? ${from}.id::text
                        then ${from}.party_id else ${kept}.party_id end,
        user_id = ${from}.user_id, kind = ${from}.kind, person_no = ${from}.person_no,
        organization_no = ${from}.organization_no, name = ${from}.name, unit_type = coalesce(${from}.unit_type, ${kept}.unit_type),
        ended_at = ${from}.ended_at, username = ${from}.username, owner = ${from}.owner, system_id = ${from}.system_id,
        system_kind = ${from}.system_kind, born_on = coalesce(${from}.born_on, ${kept}.born_on), protected_address = ${from}.protected_address`;
// An upsert that may set a number locks the row against everybody who names the party, to the end
// of the import; an update does so only where the number changes. A row that another import makes
// at the same moment is left to the upsert.
const putParties: Statement = {
  name: 'put_parties',
  text: `with r as (
      select r.line, r.id, r."partyId" as party_id, r."userId" as user_id, r.kind, r."personNo" as person_no, r."organizationNo" as organization_no,
        r.name, r."unitType" as unit_type, r."endedAt" as ended_at, r.username, r.owner, r."systemId" as system_id, r."systemKind" as system_kind,
        r."bornOn" as born_on, coalesce(r."protectedAddress", false) as protected_address, known.id is not null as is_known
      from jsonb_to_recordset($1::jsonb) as r(line int, id uuid, "partyId" bigint, "userId" bigint, kind text,
             "personNo" text, "organizationNo" text, name text, "unitType" text, "endedAt" timestamptz, username text, owner uuid, "systemId" text,
             "systemKind" text, "bornOn" date, "protectedAddress" boolean)
      left join party known on known.id = r.id),
    updated as (
      update party set ${replaced('r', 'party')} from r where party.id = r.id and r.is_known)
    insert into party as p (id, party_id, user_id, kind, person_no, organization_no, name, unit_type, ended_at, username, owner, system_id,
      system_kind, born_on, protected_address)
    select r.id, coalesce(r.party_id, nextval('party_number')), r.user_id, r.kind, r.person_no, r.organization_no, r.name, r.unit_type, r.ended_at,
      r.username, r.owner, r.system_id, r.system_kind, r.born_on, r.protected_address
    from r where not r.is_known order by r.line
    on conflict (id) do update set ${replaced('excluded', 'p')}`,
};

const putParents: Statement = {
  name: 'put_parents',
  text: `update party set parent = main.id, parent_at = case when party.parent is null then party.parent_at else $2::timestamptz end
    from jsonb_to_recordset($1::jsonb) as r(id uuid, parent text) join party main on main.organization_no = r.parent
    where party.id = r.id and party.parent is distinct from main.id returning party.id`,
};
export interface PartyImport
  extends Omit<Partial<Party>, 'endedAt' | 'parent' | 'owner' | 'systemId' | 'systemKind'> {
  username?: string;
  owner?: string;
  systemId?: string;
  systemKind?: string;
  bornOn?: string;
  protectedAddress?: boolean;
  id: string;
  line: number;
  kind: Party['kind'];
  name: string;
  parent?: string;
  endedAt?: string;
}

/**
 * Inserts or updates parties by id. Sub-units find their main unit by number, in this or an earlier
 * import. Answers with those that have another than before.
 */
export async function importParties(act: Act, parties: PartyImport[]): Promise<string[]> {
  const numbered = Object.fromEntries(
    parties.filter((party) => party.partyId).map((party) => [party.id, 1]),
  );
  await query(act.db, putParties, [JSON.stringify(parties), JSON.stringify(numbered)]);
  const units = parties.filter((party) => party.parent);
  if (!units.length) return [];
  const rows = JSON.stringify(units.map(({ id, parent }) => ({ id, parent })));
  return (await query<{ id: string }>(act.db, putParents, [rows, act.now])).map(({ id }) => id);
}

/** A look into each index. */
const byKeys = (keys: string) =>
  ['person_no', 'organization_no', 'username']
    .map(
      (key) =>
        `select party.${key} as key, party.id from party where party.${key} = any(${keys}::text[])`,
    )
    .join(' union all ');
const identify: Statement = { name: 'identify_parties', text: byKeys('$1') };
/** So few that a plan made once is good for any of them. */
const FEW = 100;

/** The ids of parties by number or UUID. Unknown ones are missing from the answer. */
export async function identifyParties(db: Db, keys: string[]): Promise<Map<string, string>> {
  const once = [...new Set(keys)];
  if (!once.length) return new Map();
  type Row = { key: string; id: string };
  const rows =
    once.length <= FEW
      ? await query<Row>(db, identify, [once])
      : // Planned for these keys: a plan kept from a small table compares all with all.
        (await db.raw<{ rows: Row[] }>(byKeys('?'), [once, once, once])).rows;
  return new Map(rows.map(({ key, id }) => [key, id]));
}

const knownIds: Statement = {
  name: 'known_party_ids',
  text: 'select party.id from party where party.id = any($1::uuid[])',
};

export async function existingPartyIds(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await query<{ id: string }>(db, knownIds, [ids]);
  return new Set(rows.map((row) => row.id));
}
