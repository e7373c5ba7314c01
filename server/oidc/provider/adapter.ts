// oidc-provider's storage on our tables. Ids are stored as digests; using up is one conditional
// UPDATE, so that of six parallel uses one wins; replay marks are inserted once. It knows the
// provider's adapter contract, no protocol.
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import { actAlone } from '../../platform/act.ts';
import { clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/db.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Clients } from '../client/clients.ts';
import type { ReplayMarks } from '../grant/replay.ts';
import {
  consumeState,
  deleteState,
  deleteStateOfGrants,
  findState,
  findStateByUid,
  putState,
  type StateRow,
} from './store.ts';

export interface AdapterSettings {
  db: Db;
  clients: Clients;
  marks: ReplayMarks;
}

export function adapterFactory({
  db,
  clients,
  marks,
}: AdapterSettings): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return clientAdapter(clients);
    if (model === 'ReplayDetection') return replayAdapter(marks);
    return stateAdapter(db, model);
  };
}

const unsupported = () => Promise.reject(new Error('not a stored model'));

function clientAdapter(clients: Clients): Adapter {
  return {
    find: (id) => clients.view(id) as Promise<AdapterPayload | undefined>,
    findByUid: unsupported,
    findByUserCode: unsupported,
    upsert: unsupported,
    consume: unsupported,
    destroy: unsupported,
    revokeByGrantId: unsupported,
  };
}

/**
 * The provider looks, then saves; the look always finds nothing and the save is the one test that
 * counts.
 */
function replayAdapter(marks: ReplayMarks): Adapter {
  return {
    find: async () => undefined,
    upsert: async (id, _payload, expiresIn) => {
      const first = await marks.use(id, new Date(clock.now().getTime() + expiresIn! * 1000));
      if (!first)
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
    findByUid: unsupported,
    findByUserCode: unsupported,
    consume: unsupported,
    destroy: unsupported,
    revokeByGrantId: unsupported,
  };
}

function stateAdapter(db: Db, model: string): Adapter {
  const payloadOf = (row: StateRow | undefined, id?: string): AdapterPayload | undefined =>
    row && {
      ...(row.payload as AdapterPayload),
      ...(id === undefined ? {} : { jti: id }),
      ...(row.statusPlace === null ? {} : { statusPlace: row.statusPlace }),
      ...(row.consumedAt ? { consumed: Math.floor(row.consumedAt.getTime() / 1000) } : {}),
    };
  return {
    async find(id) {
      return payloadOf(await findState(actAlone(db), model, sha256(id)), id);
    },
    async findByUid(uid) {
      return payloadOf(await findStateByUid(actAlone(db), model, uid));
    },
    async findByUserCode() {
      return undefined;
    },
    async upsert(id, payload, expiresIn) {
      const { jti: _bearer, statusPlace: _given, ...rest } = payload;
      await putState(db, {
        model,
        idHash: sha256(id),
        payload: rest,
        // A grant's own row goes with its grant too.
        grantId: model === 'Grant' ? id : ((payload.grantId as string | undefined) ?? null),
        uid: (payload.uid as string | undefined) ?? null,
        expiresAt: expiresIn ? new Date(clock.now().getTime() + expiresIn * 1000) : null,
      });
    },
    async consume(id) {
      if (!(await consumeState(actAlone(db), model, sha256(id)))) {
        const row = await findState(actAlone(db), model, sha256(id));
        const { grantId } = (row?.payload ?? {}) as { grantId?: string };
        // Somebody else used it a moment ago: one of the two is a thief, so the whole family ends
        // (RFC 9700 §4.14.2).
        if (grantId) await deleteStateOfGrants(db, [grantId]);
        throw new errors.InvalidGrant('already used');
      }
    },
    async destroy(id) {
      await deleteState(db, model, sha256(id));
    },
    async revokeByGrantId(grantId) {
      await deleteStateOfGrants(db, [grantId]);
    },
  };
}
