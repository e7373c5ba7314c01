// SQL of what a person is shown first: how many mandates there are of each kind, who decides in the
// person's stead, whether the person is a lawyer, and how many customers the person or a company of
// theirs acts for.
import type { Minority } from '../party/age_model.ts';
import type { Act } from '../platform/act.ts';
import { queryOne, type Statement } from '../platform/db/db.ts';
import { estatesOf } from './estate_store.ts';
import { inForce, isLicensed, LAWYER } from './force_store.ts';
import { guardians, minority } from './minority_store.ts';
import { allOf, eachShelf, WAITS, type ShelfCounts, type Viewed } from './overview_store.ts';

const start: Statement = {
  name: 'start_of_person',
  text: `select ${eachShelf}, ${minority('party', '$3')} as minority, ${guardians('$3')} as guardians, ${estatesOf('$4')} as estates,
    ${isLicensed('$4', `'${LAWYER}'`, '$3')} as "isLawyer",
    (select coalesce(jsonb_agg(jsonb_build_object('id', supplier.id, 'name', supplier.name, 'isOwn', counted.own, 'n', counted.n) order by supplier.name, counted.own), '[]') from (
        select parent.to_party as supplier, true as own, count(distinct passed.from_party)::int as n from mandate passed join mandate parent on parent.id = passed.through
          where passed.basis = 'customer' and passed.to_party = $4 and ${inForce('passed', '$3')} group by parent.to_party
        union all select served.to_party, false, count(distinct served.from_party)::int from mandate served join role on role.code = served.role
          join source on source.code = role.source and source.visibility <> 'secret'
          where served.basis = 'register' and served.to_party = any($5) and not role.key_role and ${inForce('served', '$3')} group by served.to_party) counted
      join party supplier on supplier.id = counted.supplier) as customers,
    (select coalesce(jsonb_object_agg(asked.party, asked.n), '{}') from (select request.from_party as party, count(*)::int as n from access_request request
      where request.from_party = any($5) and ${WAITS} group by 1) as asked) as "askedOf"
    from party where party.id = $4`,
};

export interface CustomerCount {
  /** The supplier. */
  id: string;
  name: string;
  /** Whether they are those that the person was set to act for. */
  isOwn: boolean;
  n: number;
}

export interface StartFacts extends ShelfCounts {
  isLawyer: boolean;
  minority: Minority | null;
  /** Persons who have a guardian's task for the person. */
  guardians: string[];
  /** The person's former companies that are bankrupt, five at most; `on` is a day. */
  estates: { id: string; name: string; on: string }[];
  /**
   * How many customers the person was set to act for, by supplier; and how many a register says
   * that these organisations have.
   */
  customers: CustomerCount[];
  /** How many requests for rights wait, by these organisations, but for those that have none. */
  askedOf: Record<string, number>;
}

/** The facts of the viewer's own start page; `firms` are organisations that the viewer leads. */
export const findStart = async (act: Act, viewed: Viewed, firms: string[]): Promise<StartFacts> =>
  (await queryOne<StartFacts>(act.db, start, [
    ...[allOf(viewed), viewed.received, act.now, viewed.viewer],
    firms,
  ]))!;
