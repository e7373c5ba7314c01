// SQL of what has fallen: consents that ended with their basis, and mandates that ended with what
// they rested on. Nobody ended these.
import { query, type Db, type Statement } from '../platform/db/db.ts';

const columns = (
  side: string,
) => `select ${side}.id, ${side}.at, ${side}.consent_id, ${side}.mandate_id, ${side}.from_party, ${side}.to_party, ${side}.detail
  from event ${side} where ${side}.type in ('withdrawn', 'ended') and (${side}.detail ? 'reason' or ${side}.detail ? 'because') and coalesce(${side}.detail ->> 'reason', '') <> 'replaced' and ${side}.id < $2`;

const list: Statement = {
  name: 'fallen',
  text: `select gone.id, gone.at, gone.consent_id as "consentId", gone.mandate_id as "mandateId", coalesce(gone.detail ->> 'reason', 'upstream_ended') as reason,
      gone.from_party as "from", giver.name as "fromName", giver.kind = 'person' as "fromPerson", gone.to_party as "to", receiver.name as "toName"
    from ((${columns('given')} and given.from_party = $1 order by given.id desc limit $3)
      union (${columns('got')} and got.to_party = $1 and $4 and ($5 or got.consent_id is null) order by got.id desc limit $3)) as gone
    join party giver on giver.id = gone.from_party join party receiver on receiver.id = gone.to_party
    order by gone.id desc limit $3`,
};

export interface FallenRow {
  id: string;
  at: Date;
  consentId: string | null;
  mandateId: string | null;
  reason: string;
  from: string;
  fromName: string;
  fromPerson: boolean;
  to: string;
  toName: string;
}

export interface FallenQuery {
  party: string;
  /** Whether what the party received is wanted too. */
  received: boolean;
  /** Whether the consents among it are wanted: of one who leads the party. */
  leads: boolean;
  before: string;
  limit: number;
}

/** Consents and mandates that fell, given and received by a party, newest first. */
export const listFallen = (
  db: Db,
  { party, received, leads, before, limit }: FallenQuery,
): Promise<FallenRow[]> => query<FallenRow>(db, list, [party, before, limit, received, leads]);
