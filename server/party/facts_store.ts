// SQL of what registers say of a party beside its name: bankruptcy, and an address that is kept
// from others.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { SigningRules } from './signing_model.ts';

export interface Estate {
  /** The day of the opening; null where the register does not say. */
  on: string | null;
  court: string | null;
}

const mark: Statement = {
  name: 'mark_estate',
  text: `with locked as (select party.id, party.estate_at from party where party.id = $1 for update)
    update party set estate_at = coalesce(party.estate_at, $2), estate_on = coalesce($3::date, party.estate_on, ($2::timestamptz at time zone 'Europe/Oslo')::date),
      estate_court = coalesce($4, party.estate_court)
    from locked where locked.id = party.id returning locked.estate_at is null as "isNew"`,
};
const unmark: Statement = {
  name: 'unmark_estate',
  text: `update party set estate_at = null, estate_on = null, estate_court = null
    where party.id = $1 and party.estate_at is not null returning party.id`,
};

/** Marks a bankruptcy, and answers whether it was new; the party's row is locked. */
export const markParty = async (act: Act, party: string, { on, court }: Estate): Promise<boolean> =>
  (await queryOne<{ isNew: boolean }>(act.db, mark, [party, act.now, on, court]))?.isNew ?? false;

/** Sets it aside, and answers whether there was one. */
export const unmarkEstate = async (db: Db, party: string): Promise<boolean> =>
  (await queryOne(db, unmark, [party])) !== undefined;

const sign: Statement = {
  name: 'put_signing_rules',
  text: `update party set signing = $2::jsonb where party.id = $1 and party.signing is distinct from $2::jsonb`,
};

/** Stores what the company register says of who signs for a party; null where it says nothing. */
export const putSigning = (db: Db, party: string, signing: SigningRules | null) =>
  query(db, sign, [party, signing && JSON.stringify(signing)]);

/** The signing rules of a party, an expression: its main unit signs for a sub-unit. */
export const signingOf = (party: string): string =>
  `case when ${party}.parent is null then ${party}.signing else (select main.signing from party main where main.id = ${party}.parent) end`;

/** Since when a party, or whose unit it is, is bankrupt: `estate_of` of a row at hand. */
export const estateSince = (party: string): string =>
  `coalesce(${party}.estate_at, (select main.estate_at from party main where main.id = ${party}.parent))`;

/**
 * Whether a party's address is kept from others; an expression, looked up by key (`offset 0`)
 * however many are expected.
 */
export const isProtected = (party: string) =>
  `exists (select from party giver where giver.id = ${party} and giver.protected_address offset 0)`;

/** The same in the eyes of a viewer, from whom one's own is not kept. */
export const isProtectedFrom = (party: string, viewer: string) =>
  `exists (select from party giver where giver.id = ${party} and giver.protected_address and giver.id <> ${viewer} offset 0)`;

const protect: Statement = {
  name: 'protect_person',
  text: 'update party set protected_address = true where party.person_no = $1 and not party.protected_address',
};

/** A person of whom it cannot be read whether the address is kept from others: it is. */
export const protectPerson = (db: Db, number: string) => query(db, protect, [number]);
