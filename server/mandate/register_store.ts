// SQL of roles that registers report: gained, prolonged, and held back while the last word about
// them cannot be read. It knows no register.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { TRUSTEE } from '../resource/catalogue/model.ts';
import { intoMandate } from './store.ts';

const gain: Statement = {
  name: 'gain_role',
  text: `${intoMandate('id', 'from_party', 'to_party', 'to_kind', 'basis', 'role', 'valid_from', 'valid_to', 'evidence', 'estate_at')}
    select $1, $2, party.id, party.kind, 'register', $4, $5, $6, $7, case when $4 <> '${TRUSTEE}' then estate_of($2) end from party where party.id = $3
    on conflict (from_party, to_party, role) where basis = 'register'
    do update set valid_from = excluded.valid_from, valid_to = excluded.valid_to, evidence = excluded.evidence, ended_at = null,
      suspended_at = null, estate_at = excluded.estate_at
    returning id`,
};
const extend: Statement = {
  name: 'extend_role',
  text: 'update mandate set valid_to = $2, suspended_at = null where mandate.id = $1 and (mandate.valid_to is distinct from $2 or mandate.suspended_at is not null)',
};

export const gainRole = async (
  db: Db,
  one: {
    id: string;
    from: string;
    to: string;
    role: string;
    validFrom: Date;
    validTo: Date | null;
    evidence: unknown;
  },
) =>
  (await queryOne<{ id: string }>(db, gain, [
    one.id,
    one.from,
    one.to,
    one.role,
    one.validFrom,
    one.validTo,
    one.evidence && JSON.stringify(one.evidence),
  ]))!.id;
export const extendRole = (db: Db, id: string, validTo: Date | null) =>
  query(db, extend, [id, validTo]);

const stopRole: Statement = {
  name: 'stop_register_role',
  text: `update mandate set suspended_at = $4 where mandate.from_party = (select party.id from party where party.person_no = $1 or party.organization_no = $1)
    and mandate.to_party = (select party.id from party where party.person_no = $2 or party.organization_no = $2)
    and mandate.basis = 'register' and mandate.role = $3 and mandate.suspended_at is null and (mandate.ended_at is null or mandate.ended_at > $4)
    returning mandate.id, mandate.from_party as "from", mandate.to_party as "to"`,
};

/** A role of which the last word cannot be read does not hold; it is not ended either. */
export const suspendRole = (
  act: Act,
  { from, to, role }: { from: string; to: string; role: string },
) => query<{ id: string; from: string; to: string }>(act.db, stopRole, [from, to, role, act.now]);

const stopRoles: Statement = {
  name: 'stop_register_roles',
  text: `update mandate set suspended_at = $3 from role where role.code = mandate.role and role.source = $2 and mandate.basis = 'register'
    and mandate.from_party = (select party.id from party where party.person_no = $1 or party.organization_no = $1)
    and mandate.suspended_at is null and (mandate.ended_at is null or mandate.ended_at > $3)`,
};

/** The same of every role of a source. */
export const suspendRoles = (act: Act, { from, source }: { from: string; source: string }) =>
  query(act.db, stopRoles, [from, source, act.now]);
