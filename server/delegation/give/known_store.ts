// SQL of those to whom a party has given something, or who have a role there: whom a giver picks
// without typing a number. It decides nothing.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { isKnownByCode } from '../relation_store.ts';
import { stands, standsAccepted } from '../../mandate/force_store.ts';
import { GIVEN_BY, isOpenTo } from '../../mandate/people_store.ts';

/** A receiver as a giver knows it. */
export interface KnownReceiver {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  /** YYYY-MM-DD, where a register or an import says it. */
  bornOn: string | null;
}

const columns = `party.id, party.kind, party.name, party.organization_no as "organizationNo", to_char(party.born_on, 'YYYY-MM-DD') as "bornOn"`;

const recent: Statement = {
  name: 'recent_receivers',
  text: `select ${columns} from (select tied.id, max(tied.at) as at from (
        select relation.to_party as id, relation.at from relation where relation.from_party = $1 and relation.kind = 'rightholder' and relation.ended_at is null
        union all select mandate.to_party, coalesce(mandate.given_at, mandate.valid_from) from mandate
          where mandate.from_party = $1 and mandate.basis = 'delegation' and ${stands('mandate', '$2')}) as tied(id, at)
      group by tied.id order by max(tied.at) desc, tied.id limit $3) as latest
    join party on party.id = latest.id where (party.ended_at is null or party.ended_at > $2) and not ${isKnownByCode('$1::uuid', 'party.id', '$2')} order by latest.at desc, party.id`,
};

/** Receivers to whom a party gave something latest and who have it still, the latest first. */
export const listRecent = (act: Act, from: string, limit: number): Promise<KnownReceiver[]> =>
  query<KnownReceiver>(act.db, recent, [from, act.now, limit]);

const known: Statement = {
  name: 'known_receivers',
  text: `select ${columns} from party where party.id = any($2::uuid[]) and (party.ended_at is null or party.ended_at > $3) and not ${isKnownByCode('$1::uuid', 'party.id', '$3')}
    and (exists (select from relation where relation.from_party = $1 and relation.to_party = party.id and relation.kind = 'rightholder' and relation.ended_at is null)
      or exists (select from mandate where mandate.to_party = party.id and mandate.basis <> 'consent' and ${standsAccepted('mandate', '$3')}
        and ${GIVEN_BY} and ${isOpenTo('$4')}))`,
};

/** Receivers, of these ids, that have something of the giver or its main unit, as one may see. */
export const findKnown = async (
  act: Act,
  { from, viewer }: { from: string; viewer: string },
  ids: string[],
): Promise<KnownReceiver[]> =>
  ids.length ? query<KnownReceiver>(act.db, known, [from, ids, act.now, viewer]) : [];
