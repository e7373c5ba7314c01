// SQL of an organisation's streams as its people see them: how each stands, and the latest of what
// could not be delivered. It decides nothing.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import type { StreamMethod, StreamRow } from './stream_store.ts';

/** Dead letters that are shown of a stream. */
const LATEST = 5;
/** Events that wait are counted so far. */
export const MOST_COUNTED = 1_000;

const ofOwner: Statement = {
  name: 'streams_of_owner',
  text: `select stream.id, stream.client, stream.method, stream.endpoint, stream.status, stream.reason, stream.made_at as "madeAt", stream.verified_at as "verifiedAt",
      keeper.name as supplier, (count(*) over ())::int as of,
      (select count(*)::int from (select from signal_delivery waiting where waiting.stream_id = stream.id and waiting.state = 'waiting' limit ${MOST_COUNTED}) as counted) as waiting,
      (select count(*)::int from signal_delivery laid where laid.stream_id = stream.id and laid.state = 'dead') as dead,
      (select coalesce(jsonb_agg(jsonb_build_object('kind', laid.kind, 'why', laid.why, 'at', laid.settled_at) order by laid.pos desc), '[]')
        from (select one.* from signal_delivery one where one.stream_id = stream.id and one.state = 'dead' order by one.pos desc limit ${LATEST}) as laid) as latest
    from signal_stream stream left join party keeper on keeper.id = stream.supplier
    where stream.owner = $1 and stream.ended_at is null and stream.method = any($4::text[]) order by stream.id desc limit $2 offset $3`,
};

type Kept = Pick<
  StreamRow,
  'id' | 'client' | 'method' | 'endpoint' | 'status' | 'reason' | 'madeAt' | 'verifiedAt'
>;

export interface OwnersStream extends Kept {
  /** The name of the organisation that keeps it for its owner; null for the owner itself. */
  supplier: string | null;
  waiting: number;
  dead: number;
  /** Dead letters, latest first; `at` is an instant as text. */
  latest: { kind: string; why: string | null; at: string }[];
  /** How many streams there are in all. */
  of: number;
}

/** Streams by these methods, latest first. */
export const listOwnersStreams = (
  act: Act,
  owner: string,
  { limit, offset, methods }: { limit: number; offset: number; methods: StreamMethod[] },
): Promise<OwnersStream[]> => query<OwnersStream>(act.db, ofOwner, [owner, limit, offset, methods]);
