// One statement that gathers every fact decisions rest on, for many at once: who is asked about,
// and which mandates in force lead from the represented party to the subject. It decides nothing.
import type { Act } from '../platform/act.ts';
import type { Translated } from '../platform/locale.ts';
import { isTouched, withheldOf } from '../mandate/capacity_store.ts';
import {
  chainOf,
  holdsBesideEstate,
  inForce,
  isStoppedByEstate,
  isSuspendedSystem,
} from '../mandate/force_store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { DEBTOR, TRUSTEE } from '../resource/catalogue/model.ts';
import { estateSince, signingOf } from '../party/facts_store.ts';
import type { PartyName } from '../party/model.ts';
import type { Facts, ResourceFacts } from './rules/model.ts';

const mandateJson = (
  via: string,
  viaRole: string,
) => `json_build_object('id', mandate.id, 'basis', mandate.basis, 'role', mandate.role,
  'package', mandate.package, 'resource', mandate.resource_id, 'actions', mandate.actions, 'instance', mandate.instance, 'held', place.held,
  'unitType', place.unit_type, 'via', ${via}, 'viaRole', ${viaRole}, 'chain', ${chainOf('mandate')},
  'mayPassOn', mandate.may_pass_on, 'group', mandate.group_id, 'estate', ${isStoppedByEstate('mandate', 'instant.now')}, 'validTo', mandate.valid_to, 'withheld', ${withheldOf('mandate', 'instant.now')})`;

const partyJson = (
  party: string,
  now: string,
  more = '',
) => `json_build_object(${more}'id', ${party}.id, 'kind', ${party}.kind, 'ended', coalesce(${party}.ended_at <= ${now}, false), 'suspended', ${isSuspendedSystem(party, now)},
  'name', ${party}.name, 'no', ${party}.organization_no, 'username', ${party}.username, 'unitType', ${party}.unit_type, 'parent', ${party}.parent,
  'lists', (select coalesce(json_agg(member.list_id), '[]') from access_list_member member where member.party = ${party}.id and member.ended_at is null))`;

/** A party by whichever name the question has; each branch is one look into one index. */
const lookup = (prefix: string) => `(select party.* from party where party.id = q.${prefix}_id
  union all select party.* from party where party.person_no = q.${prefix}_no union all select party.* from party where party.organization_no = q.${prefix}_no
  union all select party.* from party where party.party_id = q.${prefix}_party union all select party.* from party where party.user_id = q.${prefix}_user
  union all select party.* from party where party.username = q.${prefix}_name limit 1)`;

/** A main unit's mandate reaches its sub-units unless the giver left them out. */
const reachesUnit = `(place.held <> 'parent' or mandate.subunits) and (place.only_role is null or mandate.role = place.only_role)`;

/**
 * Where the represented party's mandates may lie: in itself, its main unit, a living person's sole
 * proprietorships of the last two years, or, of the trustee's role, the unit of its estate.
 */
const places = `(select giver.id, 'direct' as held, giver.unit_type, null::text as only_role
  union all select main.id, 'parent', main.unit_type, null from party main where main.id = giver.parent
  union all select debtor.from_party, 'direct', giver.unit_type, '${TRUSTEE}' from mandate debtor
    where giver.kind in ('organization', 'subunit') and debtor.to_party in (giver.id, giver.parent) and debtor.basis = 'register' and debtor.role = '${DEBTOR}'
      and ${estateSince('giver')} is not null and ${inForce('debtor', 'instant.now')}
  union all select firm.id, 'owner', firm.unit_type, null from mandate owns join role as key on key.code = owns.role and key.key_role
    join party firm on firm.id = owns.from_party and firm.unit_type = 'ENK'
    where giver.kind = 'person' and giver.ended_at is null and owns.to_party = giver.id and owns.basis = 'register' and ${inForce('owns', 'instant.now')}
      and (firm.ended_at is null or firm.ended_at > instant.now - interval '2 years'))`;

const reachesOwner = `(place.held <> 'owner' or coalesce((select role.reaches_owner from role
  where role.code = coalesce(mandate.role, (select link.role from mandate link where link.id = mandate.chain[1]))), false))`;

// The questions and the instant come as values unknown to the planner, so that a plan made for
// these is no dearer than one made for others: each connection plans once and keeps it.
const gather: Statement = {
  name: 'decision_facts',
  text: `select (select catalogue.version from catalogue) as catalogue,
    (select coalesce(json_agg(json_build_object('id', resource.id, 'type', resource.type, 'owner', resource.owner, 'ownerNo', owner.organization_no,
        'policyVersion', resource.policy_version, 'accessListMode', resource.access_list_mode, 'ended', coalesce(resource.ended_at <= instant.now, false),
        'selfIdentified', coalesce((version.content ->> 'selfIdentifiedUserEnabled')::boolean, false), 'delegable', coalesce((version.content ->> 'delegable')::boolean, true), 'together', version.content -> 'together', 'attributes', coalesce(version.content -> 'attributes', '{}'), 'authoritative', coalesce(version.content -> 'authoritative', '[]'),
        'lists', case when resource.access_list_mode then (select coalesce(json_agg(json_build_object('list', opens.list_id, 'actions', opens.actions)), '[]')
          from access_list_resource opens where opens.resource_id = resource.id and opens.ended_at is null) else '[]'::json end)), '[]')
      from jsonb_array_elements_text($2::jsonb) as asked(id) cross join lateral (select every.* from resource every where every.id = asked.id offset 0) as resource
      join resource_version version on version.version = resource.current_version join party owner on owner.id = resource.owner) as resources,
    (select coalesce(json_agg(json_build_object('i', q.i,
        'subject', case when subject.id is null then null else ${partyJson('subject', 'instant.now')} end,
        'from', case when giver.id is null then null else ${partyJson('giver', 'instant.now', `'signing', ${signingOf('giver')}, `)} end,
        'own', case when giver.id = subject.id and giver.kind = 'person' then json_build_object(
          'bornOn', to_char(giver.born_on, 'YYYY-MM-DD'), 'isTouched', ${isTouched('giver.id')}) end,
        'mandates', coalesce(found.mandates, '[]'))), '[]')
      from jsonb_to_recordset($1::jsonb) as q(i int, subject_id uuid, subject_no text, subject_party bigint, subject_user bigint, subject_name text,
        giver_id uuid, giver_no text, giver_party bigint, giver_user bigint, giver_name text, has_giver boolean)
      left join lateral ${lookup('subject')} subject on true
      left join lateral ${lookup('giver')} giver on q.has_giver
      left join lateral (with place as materialized ${places} select json_agg(every.mandate) as mandates from (
        select ${mandateJson("(select link.to_party from mandate link where mandate.basis = 'customer' and link.id = mandate.through)", 'null')} as mandate
        from place join mandate on mandate.from_party = place.id and mandate.to_party = subject.id
        where mandate.basis <> 'consent' and ${holdsBesideEstate('mandate', 'instant.now')} and ${reachesOwner} and ${reachesUnit}
        union all
        select ${mandateJson('firm.id', 'leads.role')}
        from place
        join mandate on mandate.from_party = place.id and mandate.basis <> 'consent' and mandate.to_kind in ('organization', 'subunit')
        join party firm on firm.id = mandate.to_party and (firm.ended_at is null or firm.ended_at > instant.now)
        join mandate leads on leads.from_party in (firm.id, firm.parent) and leads.to_party = subject.id and leads.basis = 'register'
        join role as key on key.code = leads.role and key.key_role
        join party held_in on held_in.id = leads.from_party and not (coalesce(held_in.unit_type, '') = any(key.not_key_in))
          and (held_in.ended_at is null or held_in.ended_at > instant.now)
        left join role on role.code = mandate.role
        where ${holdsBesideEstate('mandate', 'instant.now')} and ${inForce('leads', 'instant.now')} and ${reachesOwner} and ${reachesUnit}
          and not (coalesce(place.unit_type, '') = any(coalesce(role.not_key_in, '{}')))
      ) as every) found on true) as pairs
    from (select $3::timestamptz as now offset 0) as instant`,
};

export interface Pair {
  subject: PartyName | null;
  from: PartyName | null;
}

export interface Gathered {
  catalogue: number;
  resources: Map<string, ResourceFacts>;
  /** In the order of the pairs. */
  pairs: Facts[];
}

/** The name as the statement reads it: one of these is there, or none. */
const namedAs = (side: 'subject' | 'giver', name: PartyName | null) =>
  name === null
    ? {}
    : {
        [`${side}_${COLUMN_OF[name.by]}`]: name.value,
      };
const COLUMN_OF: Record<PartyName['by'], string> = {
  uuid: 'id',
  person: 'no',
  organization: 'no',
  partyId: 'party',
  userId: 'user',
  username: 'name',
};

/** Every fact about these pairs and resources, of one instant. */
export async function gatherFacts(
  db: Db,
  pairs: Pair[],
  resources: string[],
  now: Date,
): Promise<Gathered> {
  const row = await queryOne<{
    catalogue: number;
    resources: ResourceFacts[];
    pairs: (Facts & { i: number })[];
  }>(db, gather, [
    JSON.stringify(
      pairs.map(({ subject, from }, i) => ({
        i,
        ...namedAs('subject', subject),
        ...namedAs('giver', from),
        has_giver: from !== null,
      })),
    ),
    JSON.stringify([...new Set(resources)]),
    now,
  ]);
  const ordered: Facts[] = [];
  for (const { i, ...facts } of row!.pairs) ordered[i] = facts;
  return {
    catalogue: Number(row!.catalogue),
    resources: new Map(row!.resources.map((resource) => [resource.id, resource])),
    pairs: ordered,
  };
}

export interface Represented {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  bornOn: string | null;
  role: string;
  roleName: Translated;
  validTo: Date | null;
}

// Whose overview a person may open: organisations where the person holds a key role, with their
// sub-units, and persons that a register says the person answers for.
const represented: Statement = {
  name: 'represented_parties',
  text: `select distinct on (party.id) party.id, party.kind, party.name, party.organization_no as "organizationNo",
      to_char(party.born_on, 'YYYY-MM-DD') as "bornOn", mandate.role, role.name as "roleName", mandate.valid_to as "validTo"
    from mandate
    join role on role.code = mandate.role
    join party giver on giver.id = mandate.from_party
    join party on party.id = giver.id or party.parent = giver.id
    where mandate.basis = 'register' and mandate.to_party = $1 and ${inForce('mandate', '$2')}
      and (role.key_role or giver.kind = 'person') and (party.ended_at is null or party.ended_at > $2)
      and ($3::uuid is null or party.id = $3)
    order by party.id, role.key_role desc, mandate.role limit 10000`,
};

/**
 * Parties that a person may open the overview of; with a party, only whether that one is among
 * them.
 */
export function findRepresented(
  act: Act,
  person: string,
  party: string | null,
): Promise<Represented[]> {
  return query<Represented>(act.db, represented, [person, act.now, party]);
}
