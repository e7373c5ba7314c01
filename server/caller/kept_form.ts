// What was typed into a form whose session is gone: kept sealed for a while, found again by a
// cookie of one use, and shown to the same person at the same address alone. Nothing is done
// with it.
import type { Context } from 'koa';
import type { AddressOf } from '../platform/address.ts';
import { parseForm, readBytes } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import type { Fault } from '../platform/errors.ts';
import { secretId, sha256 } from '../platform/ids.ts';
import type { Limits } from '../platform/limits.ts';
import type { Seal } from '../platform/seal.ts';
import { isFromElsewhere, LONGEST_MILLIS, type Session } from './session.ts';
import { insertKeptForm, takeKeptForm } from './store.ts';

interface KeptFormSettings {
  db: Db;
  seal: Seal;
  secure: boolean;
  origin: string;
  limits: Limits;
  addressOf: AddressOf;
}

/** Whose form it is, at which address, and when it was shown. */
interface Made {
  party: string;
  address: string;
  at: number;
}

/** The hidden field of a form that may be kept. */
const FIELD = 'form';
const [FORM, KEPT] = ['form', 'kept_form'];
const MOST_BYTES = 8 * 1024;
const KEPT_MILLIS = 30 * 60_000;

export type KeptForms = ReturnType<typeof createKeptForms>;

export function createKeptForms(settings: KeptFormSettings) {
  const { db, seal, secure, origin, limits, addressOf } = settings;
  const name = secure ? '__Host-kept' : 'kept';
  const options = { httpOnly: true, secure, sameSite: 'lax' as const, path: '/', overwrite: true };

  /** The browser says so, of a form without a session. */
  const isOurs = (ctx: Context) =>
    Boolean(ctx.get('origin') || ctx.get('sec-fetch-site')) && !isFromElsewhere(ctx, origin);

  /** The form that was shown at this address, by us, not too long ago. */
  function madeFor(ctx: Context, sealed: string): Made | undefined {
    try {
      const made = JSON.parse(seal.open(FORM, sealed)) as Made;
      const isFresh = clock.now().getTime() - made.at < LONGEST_MILLIS;
      return made.address === ctx.url && isFresh ? made : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether it was kept: not when it is too long, or comes from where too much does. */
  async function put(
    ctx: Context,
    { party, address }: Pick<Made, 'party' | 'address'>,
    fields: URLSearchParams,
  ): Promise<boolean> {
    for (const field of [FIELD, 'csrf']) fields.delete(field);
    if (String(fields).length > MOST_BYTES) return false;
    try {
      await limits.count('stranger', addressOf(ctx.req));
    } catch (error) {
      if ((error as Fault).code === 'TIL-00035') return false;
      throw error;
    }
    const id = secretId();
    const sealed = seal.seal(KEPT, JSON.stringify({ party, fields: String(fields) }));
    const until = new Date(clock.now().getTime() + KEPT_MILLIS);
    await insertKeptForm(db, sha256(`${id} ${address}`), sealed, until);
    ctx.cookies.set(name, id, { ...options, maxAge: KEPT_MILLIS });
    return true;
  }

  return {
    /** What a form carries so that it can be kept; its address has a page to GET. */
    mark: (session: Session, address: string): string =>
      seal.seal(
        FORM,
        JSON.stringify({
          party: session.party,
          address,
          at: clock.now().getTime(),
        } satisfies Made),
      ),

    /** Keeps the fields of a form that was posted here without a session; says whether it did. */
    async keep(ctx: Context): Promise<boolean> {
      if (!ctx.is('application/x-www-form-urlencoded') || !isOurs(ctx)) return false;
      if ((ctx.request.length ?? 0) > MOST_BYTES) return false;
      const fields = new URLSearchParams((await readBytes(ctx, MOST_BYTES)).toString('utf8'));
      const made = madeFor(ctx, fields.get(FIELD) ?? '');
      if (!made) return false;
      return put(ctx, made, fields);
    },

    /** Keeps what a person has typed while they log in more securely, for an address of ours. */
    store: (ctx: Context, { party }: Session, address: string, fields: URLSearchParams) =>
      put(ctx, { party, address }, fields),

    /** What this person had typed at this address, once; undefined when nothing is kept. */
    async take(
      ctx: Context,
      session: Session,
      repeatable: string[] = [],
    ): Promise<Map<string, string> | undefined> {
      const id = ctx.cookies.get(name);
      if (!id || id.length > 100) return undefined;
      const sealed = await takeKeptForm(db, sha256(`${id} ${ctx.url}`), clock.now());
      if (sealed === undefined) return undefined;
      ctx.cookies.set(name, null, options);
      const { party, fields } = JSON.parse(seal.open(KEPT, sealed));
      if (party !== session.party) return undefined;
      return parseForm(new URLSearchParams(fields), repeatable);
    },
  };
}
