// SQL of mandates: consents begin and end here, register roles are imported here.
import { query, type Db, type Statement } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';

const begin: Statement = {
  name: 'begin_consent_mandate',
  text: `insert into mandate (id, from_party, to_party, basis, consent_id, valid_from, valid_to, use_limit)
    values ($1, $2, $3, 'consent', $4, $5, $6, $7)`,
};

export interface ConsentMandate { from: string; to: string; consentId: string; validTo: Date; useLimit: number | null }

export async function beginConsentMandate(db: Db, mandate: ConsentMandate, now: Date): Promise<void> {
  await query(db, begin, [uuidv7(now), mandate.from, mandate.to, mandate.consentId, now, mandate.validTo, mandate.useLimit]);
}

const end: Statement = {
  name: 'end_consent_mandate',
  text: `update mandate set ended_at = $2 where mandate.consent_id = $1 and mandate.basis = 'consent'
    and mandate.ended_at is null`,
};

export async function endConsentMandate(db: Db, consentId: string, now: Date): Promise<void> {
  await query(db, end, [consentId, now]);
}

const putRegisterRoles: Statement = {
  name: 'put_register_roles',
  text: `insert into mandate (id, from_party, to_party, basis, role, valid_from, valid_to, ended_at)
    select gen_random_uuid(), r."from", r."to", 'register', r.role, coalesce(r."validFrom", $2), r."validTo", r."endedAt"
    from jsonb_to_recordset($1::jsonb) as r("from" uuid, "to" uuid, role text, "validFrom" timestamptz,
      "validTo" timestamptz, "endedAt" timestamptz)
    on conflict (from_party, to_party, role) where basis = 'register'
    do update set valid_to = excluded.valid_to, ended_at = excluded.ended_at`,
};

/** Rows of {from, to, role, validFrom?, validTo?, endedAt?}, parties by id. */
export async function importRegisterRoles(db: Db, roles: unknown[], now: Date): Promise<void> {
  await query(db, putRegisterRoles, [JSON.stringify(roles), now]);
}

const putConsentMandates: Statement = {
  name: 'put_consent_mandates',
  text: `insert into mandate (id, from_party, to_party, basis, consent_id, valid_from, valid_to, ended_at, use_limit)
    select gen_random_uuid(), r."from", r."to", 'consent', r.id, r."approvedAt", r."validTo", r."withdrawnAt", r."useLimit"
    from jsonb_to_recordset($1::jsonb) as r(id uuid, "from" uuid, "to" uuid, "approvedAt" timestamptz,
      "validTo" timestamptz, "withdrawnAt" timestamptz, "useLimit" int)
    on conflict (consent_id) where basis = 'consent' do nothing`,
};

export async function importConsentMandates(db: Db, mandates: unknown[]): Promise<void> {
  await query(db, putConsentMandates, [JSON.stringify(mandates)]);
}
