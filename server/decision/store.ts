// One statement that gathers every fact a decision rests on. It decides nothing.
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';
import type { Facts, Question, RoleFact } from './model.ts';

const gather: Statement = {
  name: 'decision_facts',
  text: `select
    (select jsonb_build_object('id', subject.id, 'kind', subject.kind, 'ended', coalesce(subject.ended_at <= $5, false))
      from party subject where subject.id = $1) as subject,
    (select jsonb_build_object('id', giver.id, 'kind', giver.kind, 'ended', coalesce(giver.ended_at <= $5, false))
      from party giver where giver.id = $2) as "from",
    (select coalesce(jsonb_agg(jsonb_build_object('code', mandate.role, 'keyRole', role.key_role,
        'validFrom', mandate.valid_from, 'validTo', mandate.valid_to, 'endedAt', mandate.ended_at)
        order by role.key_role desc, mandate.role), '[]')
      from mandate join role on role.code = mandate.role
      where mandate.basis = 'register' and mandate.to_party = $1
        and mandate.from_party in (select giver.id from party giver where giver.id = $2
          union all select giver.parent from party giver where giver.id = $2)) as roles,
    (select coalesce(jsonb_agg(member.list_id), '[]') from access_list_member member where member.party = $1) as lists,
    (select coalesce(jsonb_agg(jsonb_build_object('id', resource.id,
        'minimumLevel', version.content -> 'minimumLevel',
        'rules', (select coalesce(jsonb_agg(jsonb_build_object('kind', rule.subject_kind, 'subject', rule.subject,
            'givenBy', role.given_by) order by rule.subject_kind desc, rule.subject), '[]')
          from policy_rule rule left join role on rule.subject_kind = 'role' and role.code = rule.subject where rule.resource_id = resource.id and rule.action = $4))), '[]')
      from resource join resource_version version on version.version = resource.current_version
      where resource.id = any($3)) as resources`,
};

type RoleJson = { [Key in keyof RoleFact]: RoleFact[Key] extends Date | null ? string | null : RoleFact[Key] };

export async function gatherFacts(db: Db, question: Question, now: Date): Promise<Facts> {
  const row = await queryOne<Omit<Facts, 'roles'> & { roles: RoleJson[] }>(db, gather,
    [question.subject, question.from, question.resources, question.action, now]);
  return {
    ...row!,
    roles: row!.roles.map((role) => ({
      ...role,
      validFrom: new Date(role.validFrom!),
      validTo: role.validTo === null ? null : new Date(role.validTo),
      endedAt: role.endedAt === null ? null : new Date(role.endedAt),
    })),
  };
}

export interface Represented {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  role: string;
  validTo: Date | null;
}

// Whose overview a person may open: organisations where the person holds a key role, with their sub-units, and
// persons that a register says the person answers for.
const represented: Statement = {
  name: 'represented_parties',
  text: `select distinct on (party.id) party.id, party.kind, party.name, party.organization_no as "organizationNo",
      mandate.role, mandate.valid_to as "validTo"
    from mandate
    join role on role.code = mandate.role
    join party giver on giver.id = mandate.from_party
    join party on party.id = giver.id or party.parent = giver.id
    where mandate.basis = 'register' and mandate.to_party = $1
      and mandate.valid_from <= $2 and (mandate.valid_to is null or mandate.valid_to > $2)
      and (mandate.ended_at is null or mandate.ended_at > $2)
      and (role.key_role or giver.kind = 'person') and (party.ended_at is null or party.ended_at > $2)
      and ($3::uuid is null or party.id = $3)
    order by party.id, role.key_role desc, mandate.role limit 1000`,
};

/** Parties that a person may open the overview of; with a party, only whether that one is among them. */
export function findRepresented(db: Db, person: string, party: string | null, now: Date): Promise<Represented[]> {
  return query<Represented>(db, represented, [person, now, party]);
}
