// SQL of bankruptcy: the register's mark of a company, and what it stops. What was given before is
// as suspended, and register roles are, but the trustee's; set aside, all of it is as it was.
import { markParty, unmarkEstate, type Estate } from '../party/facts_store.ts';
import type { Act } from '../platform/act.ts';
import { inForce } from './force_store.ts';
import { DEBTOR, TRUSTEE } from '../resource/catalogue/model.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

/** Whether `office` is that of a trustee of one of the parties, or of the unit of its estate. */
const isOfTrustee = (parties: string) =>
  `(office.role = '${TRUSTEE}' and office.basis = 'register' and (office.from_party in (${parties}) or exists (select from mandate debtor
    where debtor.from_party = office.from_party and debtor.role = '${DEBTOR}' and debtor.basis = 'register' and debtor.ended_at is null
      and debtor.to_party in (${parties}))))`;

/** Whether somebody is a party's trustee: of it, of its main unit, or of the estate's unit. */
export const isTrustee = (person: string, party: string) =>
  `exists (select from mandate office where office.to_party = ${person} and office.ended_at is null
    and ${isOfTrustee(`${party}, (select own.parent from party own where own.id = ${party})`)})`;

const family = `(select unit.id from party unit where unit.id = $1 or unit.parent = $1)`;
/** Mandates that one of the parties gave, of its own or of somebody's that it was let pass on. */
const givenBy = (parties: string) =>
  `mandate.id in (select own.id from mandate own where own.from_party in ${parties} and own.basis <> 'consent'
    union select passed.id from mandate got join mandate passed on passed.through = got.id where got.to_party in ${parties} and got.basis <> 'consent')`;
const stop: Statement = {
  name: 'stop_by_estate',
  text: `update mandate set estate_at = $2 where ${givenBy(family)} and mandate.basis <> 'consent'
    and mandate.role is distinct from '${TRUSTEE}' and mandate.estate_at is null and (mandate.ended_at is null or mandate.ended_at > $2)`,
};
/** Since when a mandate is stopped, by the estate of its giver or of whoever passed it on. */
const estateOf = (giver: string, through: string) =>
  `coalesce(estate_of(${giver}), (select estate_of(got.to_party) from mandate got where got.id = ${through}))`;
const release: Statement = {
  name: 'release_from_estate',
  // By another's estate it may still be stopped.
  text: `update mandate set estate_at = ${estateOf('mandate.from_party', 'mandate.through')} where ${givenBy(family)} and mandate.estate_at is not null`,
};

/**
 * Stores what the register says of a company's bankruptcy; null when there is none, or it was set
 * aside. The same news again changes nothing: what the trustee has resumed stays so. Call it in a
 * transaction.
 */
export async function markEstate(act: Act, party: string, estate: Estate | null): Promise<void> {
  if (!estate) {
    if (await unmarkEstate(act.db, party)) await query(act.db, release, [party]);
    return;
  }
  // A giver holds the party's row: a mandate that is just being given is found.
  if (await markParty(act, party, estate)) await query(act.db, stop, [party, act.now]);
}

const follow: Statement = {
  name: 'follow_main_unit',
  text: `update mandate set estate_at = case when mandate.role = '${TRUSTEE}' then null else ${estateOf('mandate.from_party', 'mandate.through')} end
    where ${givenBy('(select unnest($1::uuid[]))')} and mandate.basis <> 'consent' and mandate.ended_at is null`,
};

/** Updates units that have come under another main unit. */
export const followMain = (db: Db, units: string[]) => query(db, follow, [units]);

/** The last moment before an opening. */
const justBefore = (opened: string) => `(${opened} - interval '1 millisecond')`;
/** Whether a register had somebody in a key role until an estate was opened. */
const ledUntil = (office: string, opened: string) =>
  `(${office}.basis = 'register' and exists (select from role join party held_in on held_in.id = ${office}.from_party
      where role.code = ${office}.role and role.key_role and not (coalesce(held_in.unit_type, '') = any(role.not_key_in)))
    and ${inForce(office, justBefore(opened))})`;

/** As JSON: a person's former companies whose estate a trustee has, by name; since when. */
export const estatesOf = (person: string) =>
  `(select coalesce(jsonb_agg(jsonb_build_object('id', lost.id, 'name', lost.name, 'on', to_char(lost.estate_on, 'YYYY-MM-DD')) order by lost.name, lost.id), '[]')
    from (select distinct firm.id, firm.name, firm.estate_on from mandate office join party firm on firm.id = office.from_party
      where office.to_party = ${person} and firm.estate_at is not null and firm.ended_at is null and ${ledUntil('office', 'firm.estate_at')}
      order by firm.name, firm.id limit 5) lost)`;

const closed: Statement = {
  name: 'closed_by_estate',
  text: `select coalesce(own.estate_at, main.estate_at) as at, to_char(coalesce(own.estate_on, main.estate_on), 'YYYY-MM-DD') as "on",
      coalesce(own.estate_court, main.estate_court) as court,
      (select trustee.name from mandate office join party trustee on trustee.id = office.to_party
        where ${isOfTrustee('own.id, own.parent')} and (office.ended_at is null or office.ended_at > $3)
        order by office.valid_from desc limit 1) as trustee
    from party own left join party main on main.id = own.parent
    where own.id = $1 and coalesce(own.estate_at, main.estate_at) is not null
      and (own.estate_at is not null or own.parent_at is null or own.parent_at <= main.estate_at)
      and exists (select from mandate office where office.from_party in (own.id, own.parent) and office.to_party = $2
        and ${ledUntil('office', 'coalesce(own.estate_at, main.estate_at)')})`,
};

export interface Closed {
  /** Since when it is the trustee's. */
  at: Date;
  on: string;
  court: string | null;
  trustee: string | null;
}

/** The last moment of which one reads whom it is closed to. */
export const momentBefore = ({ at }: Pick<Closed, 'at'>): Date => new Date(at.getTime() - 1);

/** For somebody who had a key role when the estate was opened: what closed it, and who acts now. */
export const findClosed = (
  act: Act,
  { party, person }: { party: string; person: string },
): Promise<Closed | undefined> => queryOne(act.db, closed, [party, person, act.now]);
