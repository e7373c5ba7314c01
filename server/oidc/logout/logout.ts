// The end of a session, as its clients hear of it: by a call behind their backs that is tried for a
// day (OpenID Connect Back-Channel Logout 1.0), and by the frames of the page that says so
// (Front-Channel Logout 1.0). And what a client asks when it wants a session ended (RP-Initiated
// Logout 1.0).
import type { GoesOn } from '../../platform/job.ts';
import { actAlone } from '../../platform/act.ts';
import { randomUUID } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import type { EndedSession } from '../../caller/store.ts';
import { clock, epochSeconds } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/db.ts';
import { fault } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { addressFault, callOut, type Outbound } from '../../platform/http/outbound.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import type { Client, Clients } from '../client/clients.ts';
import type { Keyring } from '../keys/keys.ts';
import {
  delayNotice,
  insertNotices,
  settleNotice,
  takeNotices,
  type LogoutNotice,
} from './store.ts';
import { deleteStateOfGrants } from '../provider/store.ts';
import { subjectOf } from '../provider/person_claims.ts';

const DAY_MILLIS = 86_400_000;
const FIRST_MILLIS = 15_000;
const LONGEST_MILLIS = 3_600_000;
const AT_ONCE = 20;
/** Logouts to one client, so that a client that does not answer holds up few. */
const OF_ONE = 4;
const BOUNDS = { method: 'POST', timeoutMillis: 5_000, most: 16 * 1024 } as const;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export interface LogoutSettings {
  db: Db;
  seal: Seal;
  clients: Clients;
  keyring: Keyring;
  issuer: string;
  outbound: Outbound;
  log: Logger;
}

export type Logouts = ReturnType<typeof createLogouts>;

export function createLogouts(settings: LogoutSettings) {
  const { db, seal, clients, keyring, issuer, outbound, log } = settings;

  async function tell(notice: LogoutNotice): Promise<void> {
    const client = await clients.find(notice.clientId);
    const address = uriOf(client, 'backchannel_logout_uri');
    if (!client || !address) return settleNotice(db, notice.id);
    const now = epochSeconds();
    const token = await keyring.signJwt(
      'RS256',
      {
        iss: issuer,
        aud: client.clientId,
        iat: now,
        exp: now + 120,
        jti: randomUUID(),
        sub: subjectOf(seal, notice.party, client),
        sid: notice.sid,
        events: { [LOGOUT_EVENT]: {} },
      },
      { typ: 'logout+jwt' },
    );
    const body = new URLSearchParams({ logout_token: token });
    const answer = await callOut(address, { ...BOUNDS, body }, outbound).catch(
      (error: Error) => error.message,
    );
    if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300)
      return settleNotice(db, notice.id);
    const wait = Math.min(LONGEST_MILLIS, FIRST_MILLIS * 2 ** (notice.tries - 1));
    const next = new Date(clock.now().getTime() + wait);
    const why = typeof answer === 'string' ? answer : answer.status;
    log.warn({ client: notice.clientId, tries: notice.tries, why }, 'a logout was not taken');
    if (next >= notice.expiresAt) await settleNotice(db, notice.id);
    else await delayNotice(db, notice.id, next);
  }

  const underWay = new Map<LogoutNotice, Promise<unknown>>();
  function begin(notice: LogoutNotice): Promise<unknown> {
    const told = tell(notice)
      .catch((error) => log.error({ err: error as Error }, 'a logout could not be told'))
      .finally(() => underWay.delete(notice));
    underWay.set(notice, told);
    return told;
  }

  // A client that does not answer holds up its own calls, and nobody else's.
  let sending: Promise<void> | undefined;
  async function send(goesOn: GoesOn): Promise<void> {
    for (;;) {
      const before = [...underWay];
      const now = clock.now();
      const due = goesOn()
        ? await takeNotices(actAlone(db, now), new Date(now.getTime() + FIRST_MILLIS), {
            most: AT_ONCE - before.length,
            ofOne: OF_ONE,
            but: before.map(([{ clientId }]) => clientId),
          })
        : [];
      const calls = [...before.map(([, told]) => told), ...due.map(begin)];
      if (!calls.length) return;
      await Promise.race(calls);
    }
  }

  return {
    /**
     * With the end of sessions: ends what was granted for them, and records which clients to
     * notify.
     */
    async note(trx: Db, ended: EndedSession[]): Promise<void> {
      const act = actAlone(trx);
      const { now } = act;
      const grants = ended.flatMap(({ clients: told }) => told.flatMap((one) => one.grants));
      if (grants.length) await deleteStateOfGrants(act.db, grants);
      const notices = ended.flatMap(({ party, clients: told }) =>
        told.map((one) => ({ ...one, party })),
      );
      await insertNotices(act, notices, new Date(now.getTime() + DAY_MILLIS));
    },

    /**
     * Notifies clients of what is due, a bounded number at a time, until nothing is, or until
     * `goesOn` says otherwise and those under way have answered.
     */
    send(goesOn: GoesOn = () => true): Promise<void> {
      sending ??= send(goesOn).finally(() => {
        sending = undefined;
      });
      return sending;
    },

    /** Addresses to frame, each with `iss` and `sid` where its client wants them. */
    async frames(ended: EndedSession): Promise<string[]> {
      const found = await Promise.all(
        ended.clients.map(async ({ clientId, sid }) => {
          const client = await clients.find(clientId);
          const address = uriOf(client, 'frontchannel_logout_uri');
          if (!address || addressFault(address, outbound)) return [];
          const url = new URL(address);
          url.searchParams.set('iss', issuer);
          url.searchParams.set('sid', sid);
          return [url.href];
        }),
      );
      return found.flat();
    },

    /**
     * Reads a client's request: its hint may have expired, but must be ours; the browser is led
     * back only to a registered address. TIL-00014 for what cannot be trusted.
     */
    async asked(form: Map<string, string>): Promise<LogoutRequest> {
      const hint = form.get('id_token_hint');
      const audience = hint === undefined ? undefined : await audienceOf(hint, settings);
      const named = form.get('client_id');
      if (audience && named !== undefined && named !== audience.aud)
        throw refused('client_id and hint differ');
      const clientId = named ?? (audience?.isProved ? audience.aud : undefined);
      const client = clientId === undefined ? undefined : await clients.find(clientId);
      if (clientId !== undefined && !client) throw refused('unknown client');
      const back = form.get('post_logout_redirect_uri');
      if (back === undefined || !client) return { client: client?.clientId, back: undefined };
      const registered = (client.metadata.post_logout_redirect_uris ?? []) as string[];
      if (!registered.includes(back)) throw refused('post_logout_redirect_uri is not registered');
      const url = new URL(back);
      const state = form.get('state');
      if (state !== undefined) url.searchParams.set('state', state);
      return { client: client.clientId, back: url.href };
    },
  };
}

/** The client that asks for a logout, and where the browser is to go after it. */
export interface LogoutRequest {
  client: string | undefined;
  back: string | undefined;
}

const refused = (because: string) => fault('TIL-00014', { because });

const uriOf = (client: Client | undefined, member: string): string | undefined => {
  const value = client?.metadata[member];
  return typeof value === 'string' && value ? value : undefined;
};

/**
 * The client that an id_token of ours was for, also one that has run out. It is not proved where
 * the key that signed it is gone: the person is asked all the same, by whom the request names.
 */
async function audienceOf(
  hint: string,
  { keyring, issuer }: LogoutSettings,
): Promise<{ aud: string; isProved: boolean }> {
  try {
    const { iss, aud } = decodeJwt(hint);
    if (iss !== issuer || typeof aud !== 'string') throw refused('id_token_hint is not ours');
    const { alg, kid } = decodeProtectedHeader(hint);
    const key = keyring.publicKey(kid);
    if (!key && kid && /^(RS|ES)256$/.test(alg ?? '')) return { aud, isProved: false };
    await compactVerify(hint, key!);
    return { aud, isProved: true };
  } catch {
    throw refused('id_token_hint is not ours');
  }
}
