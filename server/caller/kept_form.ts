// Keeps a form whose session has ended: sealed, for half an hour, found again by a one-time cookie,
// and shown to the same person at the same address only. Nothing is done with it.
import { actAlone } from '../platform/act.ts';
import type { Context } from 'koa';
import type { AddressOf } from '../platform/http/address.ts';
import { parseForm, readBytes } from '../platform/http/body.ts';
import { formParameters } from '../platform/http/parameters.ts';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db/db.ts';
import type { Fault } from '../platform/errors.ts';
import { secretId, sha256 } from '../platform/ids.ts';
import type { Limits } from '../platform/http/limits.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { isFromElsewhere, LONGEST_MILLIS, type Session } from './session.ts';
import { insertKeptForm, takeKeptForm } from './store.ts';
import { asText } from '../platform/as_text.ts';

interface KeptFormSettings {
  db: Db;
  seal: Seal;
  secure: boolean;
  origin: string;
  limits: Limits;
  addressOf: AddressOf;
}

/** Whose form it is, on the page of which address, and when it was shown. */
interface Made {
  party: string;
  address: string;
  at: number;
}

/** The address of a page, in whatever language it is read. */
function pageOf(address: string): { path: string; query: string; page: string } {
  const { pathname: path, searchParams } = new URL(address, 'http://localhost');
  searchParams.delete('lang');
  return { path, query: asText(searchParams), page: `${path}?${searchParams}` };
}

/** The hidden field of a form that may be kept. */
const FIELD = 'form';
const [FORM, KEPT] = ['form', 'kept_form'];
const MOST_BYTES = 8 * 1024;
const KEPT_MILLIS = 30 * 60_000;

const keyOf = (id: string, party: string, page: string) => sha256(`${id} ${party} ${page}`);

export type KeptForms = ReturnType<typeof createKeptForms>;

export function createKeptForms(settings: KeptFormSettings) {
  const { db, seal, secure, origin, limits, addressOf } = settings;
  // One for each page: two tabs keep what was typed in each.
  const cookieOf = (page: string) => `${secure ? '__Host-' : ''}kept-${sha256(page).slice(0, 16)}`;
  const options = { httpOnly: true, secure, sameSite: 'lax' as const, path: '/', overwrite: true };

  /** The browser says so, of a form without a session. */
  const isOurs = (ctx: Context) =>
    Boolean(ctx.get('origin') || ctx.get('sec-fetch-site')) && !isFromElsewhere(ctx, origin);

  /** The form that was shown by us, not too long ago, on this page or the one above it. */
  function madeFor(ctx: Context, sealed: string): Made | undefined {
    const opened = seal.opened(FORM, sealed);
    if (opened === undefined) return undefined;
    const made = JSON.parse(opened) as Made;
    const isFresh = clock.now().getTime() - made.at < LONGEST_MILLIS;
    const [shown, sent] = [pageOf(made.address), pageOf(ctx.url)];
    const isThere = `${sent.path}/`.startsWith(`${shown.path}/`) && sent.query === shown.query;
    return isFresh && isThere ? made : undefined;
  }

  /** Whether it was kept: not when it is too long, or comes from where too much does. */
  async function put(
    ctx: Context,
    { party, address }: Pick<Made, 'party' | 'address'>,
    fields: URLSearchParams,
  ): Promise<boolean> {
    for (const field of [FIELD, 'csrf', 'switch']) fields.delete(field);
    if (asText(fields).length > MOST_BYTES) return false;
    try {
      await limits.count('stranger', addressOf(ctx.req));
    } catch (error) {
      if ((error as Fault).code === 'TIL-00035') return false;
      throw error;
    }
    const id = secretId();
    const { page } = pageOf(address);
    const sealed = seal.seal(KEPT, asText(fields));
    const until = new Date(clock.now().getTime() + KEPT_MILLIS);
    await insertKeptForm(db, keyOf(id, party, page), sealed, until);
    ctx.cookies.set(cookieOf(page), id, { ...options, maxAge: KEPT_MILLIS });
    return true;
  }

  return {
    /** The hidden field that lets a form be kept: the address of the page that shows it again. */
    mark: (session: Session, address: string): string =>
      seal.seal(
        FORM,
        JSON.stringify({
          party: session.party,
          address,
          at: clock.now().getTime(),
        } satisfies Made),
      ),

    /**
     * Keeps the fields of a form that was posted here without a session; answers with the page that
     * shows them again, where it did.
     */
    async keep(ctx: Context): Promise<string | undefined> {
      if (!ctx.is('application/x-www-form-urlencoded') || !isOurs(ctx)) return undefined;
      if ((ctx.request.length ?? 0) > MOST_BYTES) return undefined;
      const fields = formParameters(await readBytes(ctx, MOST_BYTES));
      const made = madeFor(ctx, fields.get(FIELD) ?? '');
      return made && (await put(ctx, made, fields)) ? made.address : undefined;
    },

    /** Keeps what a person has typed while they log in more securely, for an address of ours. */
    store: (ctx: Context, { party }: Session, address: string, fields: URLSearchParams) =>
      put(ctx, { party, address }, fields),

    /**
     * The form that this person had filled in at this address, once; undefined when none is kept.
     */
    async take(
      ctx: Context,
      session: Session,
      repeatable: string[] = [],
    ): Promise<Map<string, string> | undefined> {
      const { page } = pageOf(ctx.url);
      const id = ctx.cookies.get(cookieOf(page));
      if (!id || id.length > 100) return undefined;
      // Another person finds nothing, and takes nothing from whose it is.
      const sealed = await takeKeptForm(actAlone(db), keyOf(id, session.party, page));
      if (sealed === undefined) return undefined;
      ctx.cookies.set(cookieOf(page), null, options);
      const kept = seal.opened(KEPT, sealed);
      return kept === undefined ? undefined : parseForm(new URLSearchParams(kept), repeatable);
    },
  };
}
