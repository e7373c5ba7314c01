// SQL of parties that were customers of a supplier until lately, or of which nothing is in force
// now: each with what it had given last. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { columnsAt, joined, type MandateRow } from '../mandate/delegation_store.ts';
import { inForce } from '../mandate/force_store.ts';
import { IS_OPEN } from '../mandate/people_store.ts';

/** Days for which somebody is listed whose last mandate has ended or run out. */
export const LISTED_DAYS = 90;

/** The last mandate of such a party, and how it ended, where somebody or a register ended it. */
export interface LeftClient extends MandateRow {
  ending: 'ended' | 'renounced' | 'role_lost' | null;
  /** Whether it was the customer that ended it: itself, or a person for it. */
  isByCustomer: boolean;
  /** Whether it ended with something that it rested on. */
  isFollowing: boolean;
  /** How many such parties there are in all. */
  of: number;
}

const left: Statement = {
  name: 'left_clients',
  text: `with own as materialized (
      select mandate.id, mandate.from_party, coalesce(mandate.ended_at, mandate.valid_to) as at, ${inForce('mandate', '$2')} and (giver.ended_at is null or giver.ended_at > $2) as holds
      from mandate join party giver on giver.id = mandate.from_party where mandate.to_party = $1 and mandate.basis in ('register', 'delegation') and mandate.valid_from <= $2 and mandate.from_party <> $1 and ${IS_OPEN}
        and (mandate.ended_at is null or mandate.ended_at > $2::timestamptz - interval '${LISTED_DAYS} days')
        and (mandate.valid_to is null or mandate.valid_to > $2::timestamptz - interval '${LISTED_DAYS} days')),
    last as (
      select distinct on (own.from_party) own.id, own.at from own
      where own.from_party not in (select holding.from_party from own holding where holding.holds)
      order by own.from_party, own.at is not null, own.at desc, own.id desc),
    shown as (select last.id, last.at, (count(*) over ())::int as of from last order by last.at desc nulls first, last.id limit $3 offset $4)
    select ${columnsAt('$2::timestamptz')}, shown.of, ending.type as ending, (ending.by_party = mandate.from_party or exists (select from party doer where doer.id = ending.by_party and doer.kind = 'person')) is true as "isByCustomer", coalesce(ending.detail ->> 'because', '') <> '' as "isFollowing"
    ${joined} join shown on shown.id = mandate.id
      left join lateral (select event.type, event.by_party, event.detail from event where event.mandate_id = mandate.id and event.type in ('ended', 'renounced', 'role_lost')
        order by event.id desc limit 1) as ending on true
    order by shown.at desc nulls first, shown.id`,
};

/** Parties of which something does not hold now, then those that left, the latest first. */
export const listLeftClients = (
  act: Act,
  supplier: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<LeftClient[]> => query<LeftClient>(act.db, left, [supplier, act.now, limit, offset]);
