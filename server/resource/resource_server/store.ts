// SQL of resource servers, the APIs that take tokens, as their owners keep them: a change leaves
// its event in the same statement. It knows no caller.
import { eventOfEach, idsFor } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

export interface OwnServer {
  identifier: string;
  scopes: string[];
  signingAlg: 'RS256' | 'ES256';
  /** Whether its owner says that it reads the status list, or asks, about each token. */
  checksStatus: boolean;
}

const columns = `server.identifier, server.scopes, server.signing_alg as "signingAlg", server.checks_status as "checksStatus"`;
const list: Statement = {
  name: 'servers_of_owner',
  text: `select ${columns} from resource_server server where server.owner = $1 order by server.identifier limit 1000`,
};
/** By identifier. */
export const listOwnServers = (db: Db, owner: string) => query<OwnServer>(db, list, [owner]);

const change: Statement = {
  name: 'change_server',
  text: `with before as (select ${columns} from resource_server server where server.identifier = $2 and server.owner = $1 for update),
    put as (update resource_server server set checks_status = $3 from before
      where server.identifier = before.identifier and before."checksStatus" <> $3 returning server.identifier),
    noted as (${eventOfEach(
      `select 'api_changed', $1::uuid, $1::uuid, $1::uuid, jsonb_build_object('api', put.identifier, 'checksStatus', $3::boolean) from put`,
      '$4::timestamptz',
      '$5',
    )})
    select before.identifier, before.scopes, before."signingAlg", $3::boolean as "checksStatus" from before`,
};

/** As it is now; undefined where the owner has none of that name. */
export const changeServer = (
  act: Act,
  owner: string,
  { identifier, checksStatus }: Pick<OwnServer, 'identifier' | 'checksStatus'>,
): Promise<OwnServer | undefined> => {
  const ids = idsFor(act, { api_changed: 1 }, { from: owner, to: owner, by: owner });
  return queryOne<OwnServer>(act.db, change, [owner, identifier, checksStatus, act.now, ids]);
};
