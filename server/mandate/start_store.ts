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
        union all select served.to_party, false, count(distinct served.from_party)::int from (
            select serving.to_party, serving.from_party from mandate serving join role on role.code = serving.role join source on source.code = role.source and source.visibility <> 'secret'
              where serving.basis = 'register' and serving.to_party = any($5) and not role.key_role and ${inForce('serving', '$3')}
            union all select serving.to_party, serving.from_party from mandate serving join access_package package on package.code = serving.package and package.delegable
              where serving.basis = 'delegation' and serving.to_party = any($5) and ${inForce('serving', '$3')}) served
          group by served.to_party) counted
      join party supplier on supplier.id = counted.supplier) as customers,
    (select coalesce(jsonb_object_agg(asked.party, asked.n), '{}') from (select request.from_party as party, count(*)::int as n from access_request request
      where request.from_party = any($5) and ${WAITS} group by 1) as asked) as "askedOf",
    (select coalesce(jsonb_agg(jsonb_build_object('id', owner.id, 'name', owner.name, 'n', owned.n) order by owner.name), '[]') from (
        select resource.owner, count(*)::int as n from resource where resource.owner = any($5) and resource.ended_at is null group by 1) owned
      join party owner on owner.id = owned.owner) as owned
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
   * How many customers the person was set to act for, by supplier; and how many these organisations
   * have, by a register or by what was given them to let their people do.
   */
  customers: CustomerCount[];
  /** How many services these organisations own, but for those that own none. */
  owned: { id: string; name: string; n: number }[];
  /** How many requests for rights wait, by these organisations, but for those that have none. */
  askedOf: Record<string, number>;
}

/** The facts of the viewer's own start page; `firms` are organisations that the viewer leads. */
export const findStart = async (act: Act, viewed: Viewed, firms: string[]): Promise<StartFacts> =>
  (await queryOne<StartFacts>(act.db, start, [
    ...[allOf(viewed), viewed.received, act.now, viewed.viewer],
    firms,
  ]))!;
