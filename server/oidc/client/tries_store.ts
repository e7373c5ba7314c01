// SQL of where clients have shown who they are. It knows addresses by digest only.
import type { GoesOn } from '../../platform/job.ts';
import { sweepAll, sweepStatement } from '../../platform/db/sweep_store.ts';
import type { Act } from '../../platform/act.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';

const see: Statement = {
  name: 'see_client',
  text: `insert into client_seen (address, client_id, seen_at) values ($1, $2, $3)
    on conflict (address, client_id) do update set seen_at = excluded.seen_at where client_seen.seen_at < excluded.seen_at`,
};

export async function seeClient(act: Act, address: string, clientId: string): Promise<void> {
  await query(act.db, see, [address, clientId, act.now]);
}

const seen: Statement = {
  name: 'clients_seen',
  text: `select client_seen.client_id as "clientId" from client_seen where client_seen.address = $1 and client_seen.seen_at > $2
    order by client_seen.seen_at desc limit 10000`,
};

/** The clients that have shown from there who they are since then. */
export async function clientsSeen(db: Db, address: string, since: Date): Promise<Set<string>> {
  const rows = await query<{ clientId: string }>(db, seen, [address, since]);
  return new Set(rows.map(({ clientId }) => clientId));
}

const sweep = sweepStatement('client_seen', 'seen_at <= $1');

export const sweepClientsSeen = (db: Db, before: Date, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweep, before, goesOn);
