// The one session of a person with us: it serves our pages and the authorization server's login.
// The cookie holds a random id, the database its digest. It knows no page.
import Bowser from 'bowser';
import type { PartyKind } from '../party/model.ts';
import { actAlone } from '../platform/act.ts';
import type { Context } from 'koa';
import { clock } from '../platform/clock.ts';
import { transaction, type Db } from '../platform/db/db.ts';
import { fault } from '../platform/errors.ts';
import { secretId, sha256 } from '../platform/ids.ts';
import type { Seal } from '../platform/secret/seal.ts';
import {
  deleteSessions,
  findSession,
  insertSession,
  moveClients,
  prolongSession,
  type EndedSession,
} from './store.ts';

export interface Session {
  id: string;
  party: string;
  kind: PartyKind;
  name: string;
  level: number;
  amr: string[];
  loggedInAt: Date;
  /** When this login began: a step-up goes on with the one before it. */
  begunAt: Date;
  /** When the eID says that the person showed who they are. */
  authenticatedAt: Date;
  /** The interaction that this login was made for; null where a page of ours asked. */
  askedBy: string | null;
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
  /** Sees to those who know of sessions that end, in the transaction that ends them. */
  onEnded: (trx: Db, ended: EndedSession[]) => Promise<void>;
}

/** The eID's answer about a login. */
export interface Authentication {
  party: string;
  level: number;
  amr: string[];
  authenticatedAt: Date;
  askedBy: string | null;
  eidSid: string | null;
  locale: string | null;
}

/** A name is short, whatever a browser says of itself. */
const LONGEST_NAME = 40;
/** More of what a browser says is not read. */
const LONGEST_AGENT = 400;

/** The browser, and what it runs on, by the names that it gives itself (RFC 9110 §10.1.5). */
function deviceOf(agent: string): { browser: string | null; device: string | null } {
  if (!agent) return { browser: null, device: null };
  const { browser, os } = Bowser.parse(agent.slice(0, LONGEST_AGENT));
  const nameOf = ({ name }: { name?: string }) => name?.slice(0, LONGEST_NAME) || null;
  return { browser: nameOf(browser), device: nameOf(os) };
}

/** However much it is used. */
export const LONGEST_MILLIS = 8 * 3_600_000;

/** Whether the browser says that a form was posted from elsewhere; it may say nothing. */
export function isFromElsewhere(ctx: Context, origin: string): boolean {
  const [from, site] = [ctx.get('origin'), ctx.get('sec-fetch-site')];
  return Boolean((from && from !== origin) || (site && site !== 'same-origin'));
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(settings: SessionSettings) {
  const { db, seal, secure, idleMinutes, origin, onEnd, onEnded } = settings;
  // __Host- binds the cookie to this host and to https (RFC 6265bis §4.1.3.2).
  const name = secure ? '__Host-session' : 'session';
  const options = { httpOnly: true, secure, sameSite: 'lax' as const, path: '/', overwrite: true };
  const idleMillis = idleMinutes * 60_000;

  /**
   * The token that a form carries: bound to the session, and different each time so that its length
   * in compressed answers reveals nothing. Its end says whose login it was shown in.
   */
  const formValue = (id: string, party: string, nonce: string) =>
    `${nonce}.${seal.digest('csrf', `${id} ${nonce}`)}.${seal.digest('form', `${party} ${nonce}`)}`;

  const ending = (which: Parameters<typeof deleteSessions>[1], ...values: string[]) =>
    transaction(db, async (trx) => {
      const ended = await deleteSessions(trx, which, ...values);
      await onEnded(trx, ended);
      return ended;
    });

  return {
    /** Begins a session and sets its cookie; whatever session the browser had is ended. */
    async begin(ctx: Context, login: Authentication) {
      await onEnd(ctx, login.party);
      const [id, earlier] = [secretId(), ctx.cookies.get(name)];
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + idleMillis);
      await transaction(db, async (trx) => {
        const before = earlier ? sha256(earlier) : null;
        const row = { ...login, ...deviceOf(ctx.get('user-agent')), loggedInAt: now, expiresAt };
        const made = await insertSession(trx, sha256(id), row, before);
        if (before === null) return;
        await moveClients(trx, before, made, login.party);
        await onEnded(trx, await deleteSessions(trx, 'browser', before));
      });
      ctx.cookies.set(name, id, options);
    },

    /**
     * The session of this browser; undefined when there is none or it has run out. Being asked for
     * prolongs it, unless nobody acts.
     */
    async find(ctx: Context, isAct = true): Promise<Session | undefined> {
      const id = ctx.cookies.get(name);
      if (!id || id.length > 100) return undefined;
      const now = clock.now();
      const row = await findSession(actAlone(db, now), sha256(id));
      if (!row) return undefined;
      const until = Math.min(now.getTime() + idleMillis, row.loggedInAt.getTime() + LONGEST_MILLIS);
      if (isAct && until - row.expiresAt.getTime() > 60_000)
        await prolongSession(db, sha256(id), new Date(until));
      const { eidSid: _sid, locale: _locale, expiresAt: _until, ...rest } = row;
      const { browser: _browser, device: _device, ...session } = rest;
      return {
        ...session,
        csrf: formValue(id, row.party, secretId()),
      };
    },

    /** When a session was used last, to the minute; the login where it is as long as it gets. */
    lastUsed: ({ expiresAt, loggedInAt }: { expiresAt: Date; loggedInAt: Date }): Date =>
      new Date(Math.max(expiresAt.getTime() - idleMillis, loggedInAt.getTime())),

    /** Ends the session of this browser; answers with what it was, when there was one. */
    async end(ctx: Context): Promise<EndedSession | undefined> {
      await onEnd(ctx, undefined);
      const id = ctx.cookies.get(name);
      if (!id) return undefined;
      ctx.cookies.set(name, null, options);
      return (await ending('browser', sha256(id)))[0];
    },

    /** Ends what the eID ended by its own session's id. */
    endOfEid: (sid: string): Promise<EndedSession[]> => ending('eid', sid),

    /** Ends one of a person's sessions, or all. */
    endOf: (party: string, id?: string): Promise<EndedSession[]> =>
      id === undefined ? ending('all', party) : ending('one', id, party),

    /**
     * Refuses a form that was not made for this session, or was posted from elsewhere
     * (`TIL-00013`). One that was not made for this person either is of another login
     * (`TIL-00046`).
     */
    checkForm(ctx: Context, form: Map<string, string>, party: string): void {
      const [nonce = '', proof, whose, more] = (form.get('csrf') ?? '').split('.');
      if (isFromElsewhere(ctx, origin) || !proof || !whose || more) throw fault('TIL-00013');
      const isOfParty = seal.isDigest('form', `${party} ${nonce}`, whose);
      const isOfSession = seal.isDigest('csrf', `${ctx.cookies.get(name)} ${nonce}`, proof);
      if (!isOfParty) throw fault('TIL-00046');
      if (!isOfSession) throw fault('TIL-00013');
    },
  };
}
