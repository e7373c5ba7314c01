// The one session of a person with us: it serves our pages and the authorization server's login.
// The cookie holds a random id, the database its digest. It knows no page.
import type { Context } from 'koa';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { fault } from '../platform/errors.ts';
import { secretId, sameSecret, sha256 } from '../platform/ids.ts';
import type { Seal } from '../platform/seal.ts';
import { deleteSession, findSession, insertSession, prolongSession } from './store.ts';

export interface Session {
  party: string;
  name: string;
  level: number;
  amr: string[];
  loggedInAt: Date;
  /** Goes into every form of ours and comes back with the POST. */
  csrf: string;
}

export interface SessionSettings {
  db: Db;
  seal: Seal;
  secure: boolean;
  idleMinutes: number;
  origin: string;
  /**
   * Ends what else this browser has of a login: called when a session of ours ends, or begins for
   * `next`.
   */
  onEnd: (ctx: Context, next: string | undefined) => Promise<void>;
}

const LONGEST_MILLIS = 8 * 3_600_000;

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({ db, seal, secure, idleMinutes, origin, onEnd }: SessionSettings) {
  // __Host- binds the cookie to this host and to https (RFC 6265bis §4.1.3.2).
  const name = secure ? '__Host-session' : 'session';
  const options = { httpOnly: true, secure, sameSite: 'lax' as const, path: '/', overwrite: true };
  const idleMillis = idleMinutes * 60_000;

  async function remove(ctx: Context): Promise<{ idTokenSealed: string | null } | undefined> {
    const id = ctx.cookies.get(name);
    if (!id) return undefined;
    ctx.cookies.set(name, null, options);
    return deleteSession(db, sha256(id));
  }

  return {
    /** Begins a session and sets its cookie; whatever session the browser had is ended. */
    async begin(
      ctx: Context,
      login: { party: string; level: number; amr: string[]; idToken?: string | undefined },
    ) {
      await onEnd(ctx, login.party);
      await remove(ctx);
      const id = secretId();
      const now = clock.now();
      await insertSession(db, sha256(id), {
        party: login.party,
        level: login.level,
        amr: login.amr,
        loggedInAt: now,
        expiresAt: new Date(now.getTime() + idleMillis),
        idTokenSealed: login.idToken ? seal.seal('id_token', login.idToken) : null,
      });
      ctx.cookies.set(name, id, options);
    },

    /** The session of this browser; undefined when there is none or it has run out. */
    async find(ctx: Context): Promise<Session | undefined> {
      const id = ctx.cookies.get(name);
      if (!id || id.length > 100) return undefined;
      const now = clock.now();
      const row = await findSession(db, sha256(id), now);
      if (!row) return undefined;
      const until = Math.min(now.getTime() + idleMillis, row.loggedInAt.getTime() + LONGEST_MILLIS);
      if (until - row.expiresAt.getTime() > 60_000)
        await prolongSession(db, sha256(id), new Date(until));
      return {
        party: row.party,
        name: row.name,
        level: row.level,
        amr: row.amr,
        loggedInAt: row.loggedInAt,
        csrf: seal.digest('csrf', id),
      };
    },

    /** Ends the session; answers with the eID's id_token, which its logout wants as a hint. */
    async end(ctx: Context): Promise<string | undefined> {
      await onEnd(ctx, undefined);
      const row = await remove(ctx);
      return row?.idTokenSealed ? seal.open('id_token', row.idTokenSealed) : undefined;
    },

    /** Refuses a form that was not made for this session, or was posted from elsewhere. */
    checkForm(ctx: Context, session: Session, form: Map<string, string>): void {
      const from = ctx.get('origin');
      const site = ctx.get('sec-fetch-site');
      if (
        !sameSecret(form.get('csrf') ?? '', session.csrf) ||
        (from && from !== origin) ||
        (site && site !== 'same-origin')
      ) {
        throw fault('TIL-00013');
      }
    },
  };
}
