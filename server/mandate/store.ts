// SQL of mandates: consents begin and end here, register roles are imported here.
import { microseconds } from '../event/feed_store.ts';
import { digestOf, eventOfEach, idsFor, NO_PARTIES, ofHouse } from '../event/store.ts';
import type { Act } from '../platform/act.ts';
import { estateSince } from '../party/facts_store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { TRUSTEE } from '../resource/catalogue/model.ts';
import { isLicensedFirm, isQualifiedAs, stands, isPartysPause } from './force_store.ts';

type MandateColumn =
  | 'accept_by'
  | 'actions'
  | 'basis'
  | 'by_code'
  | 'chain'
  | 'consent_id'
  | 'estate_at'
  | 'evidence'
  | 'from_party'
  | 'given_at'
  | 'given_by'
  | 'given_role'
  | 'group_id'
  | 'id'
  | 'instance'
  | 'may_pass_on'
  | 'needs'
  | 'package'
  | 'period_from'
  | 'period_limit'
  | 'period_uses'
  | 'reference'
  | 'resource_id'
  | 'role'
  | 'subunits'
  | 'through'
  | 'to_kind'
  | 'to_party'
  | 'use_limit'
  | 'use_period'
  | 'uses'
  | 'valid_from'
  | 'valid_to';

/** Begins the part of an act's statement that writes mandates; the act selects their rows. */
export const intoMandate = (...columns: MandateColumn[]): string =>
  `insert into mandate (${columns.join(', ')})`;

/** Begins the part of an act's statement that ends mandates; the act says which. */
export const endingAt = (at: string): string => `update mandate set ended_at = ${at}`;

/** Begins the part of an act's statement that lets mandates hold, which their receivers accept. */
export const accepting = (at: string): string =>
  `update mandate set accept_by = null, given_at = ${at}, valid_from = greatest(mandate.valid_from, ${at})`;

/** Begins the part of an act's statement that moves the end of mandates. */
export const movingEnd = (validTo: string): string => `update mandate set valid_to = ${validTo}`;

/** Begins the part that notes when mandates were last used. */
export const lastUsedAt = (at: string): string => `update mandate set last_used_at = ${at}`;

const suspendConsent: Statement = {
  name: 'suspend_consent_mandate',
  text: `update mandate set suspended_at = $2, suspended_by = $3 where mandate.consent_id = $1 and mandate.basis = 'consent'
    and mandate.ended_at is null
      and case when $2::timestamptz is null then mandate.suspended_at is not null else not ${isPartysPause('mandate')} end returning mandate.id`,
};

/** Suspends it, or with null resumes it; false when it was so already, or has ended. */
export async function suspendConsentMandate(
  db: Db,
  consentId: string,
  at: Date | null,
  by: string | null,
): Promise<boolean> {
  return (await query(db, suspendConsent, [consentId, at, by])).length === 1;
}

const between = `mandate.from_party = $1 and mandate.to_party = $2 and not ${isPartysPause('mandate')} and ${stands('mandate', '$3')}`;
const givenBetween: Statement = {
  name: 'given_between',
  text: `with given as (
      select mandate.* from mandate where mandate.from_party = $1 and mandate.to_party = $2 and mandate.basis <> 'register' and mandate.basis <> 'consent'
      union all select mandate.* from consent_request request join mandate on mandate.consent_id = request.id and mandate.basis = 'consent'
        where request.from_party = $1 and request.to_party = $2)
    select given.id, given.consent_id as "consentId", ${isPartysPause('given')} as "isSuspended" from given
    where ${stands('given', '$3')} order by given.id`,
};

/** A power of attorney, or what a consent gave. */
export interface Live {
  id: string;
  consentId: string | null;
}

/** Mandates from one party to another that have not ended, suspended or not. */
export const listBetween = (
  act: Act,
  from: string,
  to: string,
): Promise<(Live & { isSuspended: boolean })[]> => query(act.db, givenBetween, [from, to, act.now]);

const suspendThese: Statement = {
  name: 'suspend_between',
  text: `update mandate set suspended_at = $3, suspended_by = $4 where ${between}
    and mandate.basis <> 'register' and mandate.id = any($5) returning mandate.id, mandate.consent_id as "consentId"`,
};

/** Suspends some of it; answers with the part that was not suspended before. */
export const suspendLive = (
  act: Act,
  { from, to, ids }: { from: string; to: string; ids: string[] },
  by: string,
): Promise<Live[]> => query(act.db, suspendThese, [from, to, act.now, by, ids]);

/** The same with its receiver, and what it is of. */
export interface LiveOf extends Live {
  to: string;
  toKind: string;
  package: string | null;
  resource: string | null;
  mayPassOn: boolean;
}

const ofGiver = (isSuspended: string) =>
  `from (select one.id from mandate one where one.from_party = $1 and (one.id = any($2) or one.consent_id = any($2)) and one.basis <> 'register'
      and ${isSuspended} and ${stands('one', '$3')} order by one.id for update) as held
    where mandate.id = held.id returning mandate.id, mandate.consent_id as "consentId", mandate.to_party as "to", mandate.to_kind as "toKind", mandate.package, mandate.resource_id as resource, mandate.may_pass_on as "mayPassOn"`;
const suspendOfGiver: Statement = {
  name: 'suspend_of_giver',
  text: `update mandate set suspended_at = $3, suspended_by = null ${ofGiver('one.suspended_at is null')}`,
};
const resumeOfGiver: Statement = {
  name: 'resume_of_giver',
  text: `update mandate set suspended_at = null ${ofGiver('one.suspended_at is not null')}`,
};

/**
 * Suspends some of what a party gave, by the ids of mandates and consents, as nobody's own act;
 * answers with what was not suspended before.
 */
export const suspendGiven = (act: Act, from: string, ids: string[]): Promise<LiveOf[]> =>
  query(act.db, suspendOfGiver, [from, ids, act.now]);

/**
 * Resumes some of what a party gave; answers with what was resumed. Call it in the transaction that
 * holds those that no party suspended (support/store.ts `lockSuspendedBySupport`).
 */
export const resumeGiven = (act: Act, from: string, ids: string[]): Promise<LiveOf[]> =>
  query(act.db, resumeOfGiver, [from, ids, act.now]);

/**
 * A lot of mandates that is taken in, with one event of them all: the id of each, a digest of what
 * never changes of it, its end and its actions. $2 is the act's instant, $3 what `takenInId` made.
 */
const takenIn = (insert: string): string =>
  `with put as (${insert} returning mandate.*)
    ${eventOfEach(
      `${ofHouse(
        "'imported'",
        'null::uuid',
        `jsonb_build_object('mandates', jsonb_agg(jsonb_build_array(put.id, ${digestOf(
          'jsonb_build_array(put.from_party, put.to_party, put.basis, put.role, put.package, put.resource_id, put.instance, put.through, extract(epoch from put.valid_from))',
        )}, ${microseconds('put.valid_to')}, put.actions) order by put.id))`,
      )} from put having count(*) > 0`,
      '$2::timestamptz',
      '$3',
    )}`;
/** The id and MAC of the event of a lot that is taken in, as `eventOfEach` takes them. */
export const takenInId = (act: Act): string =>
  idsFor(act, { imported: 1 }, { ...NO_PARTIES, by: null });

const putRegisterRoles: Statement = {
  name: 'put_register_roles',
  text: takenIn(`insert into mandate (id, from_party, to_party, to_kind, basis, role, valid_from, valid_to, ended_at, estate_at)
    select gen_random_uuid(), r."from", r."to", party.kind, 'register', r.role, coalesce(r."validFrom", $2), r."validTo", r."endedAt",
      case when r.role <> '${TRUSTEE}' then ${estateSince('giver')} end
    from jsonb_to_recordset($1::jsonb) as r("from" uuid, "to" uuid, role text, "validFrom" timestamptz,
      "validTo" timestamptz, "endedAt" timestamptz) join party on party.id = r."to" left join party giver on giver.id = r."from"
    on conflict (from_party, to_party, role) where basis = 'register'
    do update set valid_to = excluded.valid_to, ended_at = excluded.ended_at, estate_at = excluded.estate_at`),
};

/** Rows of {from, to, role, validFrom?, validTo?, endedAt?}, parties by id. */
export async function importRegisterRoles(act: Act, roles: unknown[]): Promise<void> {
  await query(act.db, putRegisterRoles, [JSON.stringify(roles), act.now, takenInId(act)]);
}

const putConsentMandates: Statement = {
  name: 'put_consent_mandates',
  text: `insert into mandate (id, from_party, to_party, to_kind, basis, consent_id, valid_from, valid_to, ended_at, uses, use_limit, use_period, period_limit)
    select gen_random_uuid(), r."from", r."to", party.kind, 'consent', r.id, r."approvedAt", r."validTo", r."withdrawnAt", r.used, case when r."oneTime" then 1 else (r.uses ->> 'total')::int end, r.uses -> 'per' ->> 'period', (r.uses -> 'per' ->> 'number')::int
    from jsonb_to_recordset($1::jsonb) as r(id uuid, "from" uuid, "to" uuid, "approvedAt" timestamptz,
      "validTo" timestamptz, "withdrawnAt" timestamptz, "oneTime" boolean, uses jsonb, used int) join party on party.id = r."to"
    on conflict (consent_id) where basis = 'consent' do nothing`,
};

export async function importConsentMandates(db: Db, mandates: unknown[]): Promise<void> {
  await query(db, putConsentMandates, [JSON.stringify(mandates)]);
}

const putMandates: Statement = {
  name: 'put_mandates',
  text: takenIn(`insert into mandate (id, from_party, to_party, to_kind, basis, package, resource_id, actions, instance, valid_from, valid_to, may_pass_on,
      suspended_at, given_at, evidence, needs, through, chain, subunits, estate_at, reference)
    select gen_random_uuid(), r."from", r."to", party.kind, case when r.via is null then 'delegation' else 'customer' end, r.package, r.resource,
      case when r.actions is null then null else array(select jsonb_array_elements_text(r.actions)) end, r.instance, coalesce(r."validFrom", $2), r."validTo",
      coalesce(r."mayPassOn", false), r."suspendedAt", $2, r.evidence, r.needs, parent.id,
      case when parent.id is null then '{}'::uuid[] else parent.id || parent.chain end,
      coalesce(r.subunits, true) and coalesce(parent.subunits, true), coalesce(estate_of(r."from"), estate_of(parent.to_party)), new_reference()
    from jsonb_to_recordset($1::jsonb) as r(subunits boolean, "from" uuid, "to" uuid, package text, resource text, actions jsonb, instance text, "validFrom" timestamptz,
      "validTo" timestamptz, "mayPassOn" boolean, "suspendedAt" timestamptz, evidence jsonb, needs text, via uuid, "viaRole" text, "viaPackage" text)
    join party on party.id = r."to"
    left join mandate parent on parent.from_party = r."from" and parent.to_party = r.via and parent.ended_at is null and parent.basis <> 'consent'
      and (parent.role = r."viaRole" or parent.package = r."viaPackage")
    where r.via is null or parent.id is not null
    on conflict do nothing`),
};
const countLost: Statement = {
  name: 'count_lost_mandates',
  text: `select count(*)::int as lost from jsonb_to_recordset($1::jsonb) as r("from" uuid, via uuid, "viaRole" text, "viaPackage" text)
    where r.via is not null and not exists (select from mandate parent where parent.from_party = r."from" and parent.to_party = r.via
      and parent.ended_at is null and parent.basis <> 'consent' and (parent.role = r."viaRole" or parent.package = r."viaPackage"))`,
};

/**
 * Takes in powers of attorney as they stand; those that are there already are left. Answers how
 * many go through a mandate that is not there.
 */
export async function importMandates(act: Act, rows: unknown[]): Promise<number> {
  const text = JSON.stringify(rows);
  const [{ lost } = { lost: 0 }] = await query<{ lost: number }>(act.db, countLost, [text]);
  if (!lost) await query(act.db, putMandates, [text, act.now, takenInId(act)]);
  return lost;
}

const putQualifications: Statement = {
  name: 'put_qualifications',
  text: `insert into qualification (party, kind, valid_from, ended_at)
    select r.party, r.kind, coalesce(r."validFrom", $2), r."endedAt"
    from jsonb_to_recordset($1::jsonb) as r(party uuid, kind text, "validFrom" timestamptz, "endedAt" timestamptz)
    on conflict (party, kind) do update set ended_at = excluded.ended_at`,
};

const endOne: Statement = {
  name: 'end_qualification',
  text: `update qualification set ended_at = $3 where qualification.party = $1 and qualification.kind = $2
    and (qualification.ended_at is null or qualification.ended_at > $3)`,
};

/** From then on what asks for it does not hold. */
export const endQualification = (db: Db, party: string, kind: string, at: Date) =>
  query(db, endOne, [party, kind, at]);

/**
 * Rows of {party, kind, validFrom?, endedAt?}: what a register says that a party is qualified as.
 */
export async function importQualifications(act: Act, rows: unknown[]): Promise<void> {
  await query(act.db, putQualifications, [JSON.stringify(rows), act.now]);
}

const qualified: Statement = {
  name: 'is_qualified',
  text: `select where ${isQualifiedAs({ party: '$1', employer: '$4', kind: '$2' }, '$3')} or ${isLicensedFirm({ firm: '$5::uuid', kind: '$2' }, '$3')}`,
};

/**
 * Whether a party is qualified as `kind` towards whom it would act for, or the supplier is that
 * passes it on to the party.
 */
export const isQualified = async (
  act: Act,
  {
    party,
    towards,
    kind,
    supplier,
  }: { party: string; towards: string; kind: string; supplier?: string },
) =>
  (await queryOne(act.db, qualified, [party, kind, act.now, towards, supplier ?? null])) !==
  undefined;
