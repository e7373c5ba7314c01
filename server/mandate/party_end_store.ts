// SQL of whom it concerns that a party is no more: a death, or a company that is deleted.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { stands } from './force_store.ts';

/** Ends that a register sends so late are no news. */
const NEWS = "interval '1 year'";
/** Mandates that the end itself has ended count; those that were over before do not. */
const LATELY = "$2::timestamptz - interval '1 day'";

const between = (own: string, other: string) => `
    select held.id, held.role, gone.id as gone, gone.ended_at, held.${other} as party
    from gone join mandate held on held.${own} = gone.id and held.basis in ('delegation', 'register')
      and held.valid_from <= $2 and ${stands('held', LATELY)}`;

const leftBehind: Statement = {
  name: 'left_behind',
  text: `with gone as (select party.id, party.ended_at from party
      where party.id = any($1) and party.ended_at <= $2 and party.ended_at > $2::timestamptz - ${NEWS}),
    concerned as (${between('from_party', 'to_party')} union all ${between('to_party', 'from_party')})
    select distinct on (concerned.gone, concerned.party) concerned.id as "mandateId", concerned.party from concerned
    join party reader on reader.id = concerned.party and (reader.ended_at is null or reader.ended_at > $2)
    where not exists (select from notice told join mandate held on held.id = told.mandate_id
        where told.party = concerned.party and told.type = 'party_ended' and told.at >= concerned.ended_at
          and concerned.gone in (held.from_party, held.to_party))
      and (reader.kind = 'person' or not exists (select from role join source on source.code = role.source
        where role.code = concerned.role and source.visibility = 'secret'))
    order by concerned.gone, concerned.party, concerned.id`,
};

/**
 * The other parties of mandates that stood when these ended, each with one mandate; without a
 * notice yet.
 */
export const listLeftBehind = (act: Act, parties: string[]) =>
  query<{ mandateId: string; party: string }>(act.db, leftBehind, [parties, act.now]);
