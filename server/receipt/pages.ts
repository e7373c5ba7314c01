// Receipts as pages: what one says, as it is kept, printed or passed on as a file, and the page
// where anybody checks one.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { openRouter, pageRouter } from '../caller/declared_pages.ts';
import { loggedIn, sessionOf, type Whoever } from '../caller/pages.ts';
import { strongerToRead, type ConsentPages } from '../consent/page.ts';
import { visit, type Wired } from '../platform/act.ts';
import { Fault, fault } from '../platform/errors.ts';
import { readUpload } from '../platform/http/upload.ts';
import { isUuid } from '../platform/ids.ts';
import { formatDate, formatDateTime, languageOf, t, type Language } from '../platform/locale.ts';
import { checkText, type CheckedReceipt } from './check.ts';
import { kindText, linesOf } from './facts_text.ts';
import { consentReadBy, mandateReadBy } from './reading.ts';
import { makeReceipt, type ReceiptReading, type Receipt, type SignReceipt } from './receipt.ts';
import type { ReceiptThing } from './view_model.ts';

export interface ReceiptPages extends ConsentPages {
  signReceipt: SignReceipt;
}

/** A consent or a mandate by the address of its page. */
const PLACES = { consent: '/consents/:id', mandate: '/overview/:id' } as const;

export const receiptPages = (pages: Wired<ReceiptPages>): Router =>
  pageRouter(
    pages,
    (['consent', 'mandate'] as const).flatMap((thing) => [
      {
        id: `${thing}_receipt_page`,
        path: `${PLACES[thing]}/receipt`,
        show: (ctx: Context, own: ReceiptPages) => showReceipt(ctx, own, thing),
        notShown: strongerToRead,
      },
      {
        id: `${thing}_receipt_file`,
        path: `${PLACES[thing]}/receipt/file`,
        show: (ctx: Context, own: ReceiptPages) => sendReceipt(ctx, own, thing),
        notShown: strongerToRead,
      },
      {
        id: `${thing}_receipt_file_no_number`,
        path: `${PLACES[thing]}/receipt/file/no-number`,
        show: (ctx: Context, own: ReceiptPages) => sendReceipt(ctx, own, thing, false),
        notShown: strongerToRead,
      },
    ]),
  );

export const verifyPages = (pages: Wired<ReceiptPages> & { whoever: Whoever }): Router =>
  openRouter(
    () => visit(pages),
    [
      { id: 'verify_page', path: '/verify', answer: (ctx, own) => showVerify(ctx, own) },
      { id: 'verify', path: '/verify', method: 'POST', answer: verify },
    ],
    pages.whoever,
  );

/** An identifier that an address names; none where it names none. */
function named(ctx: Context, parameter: string): string | undefined {
  const value = ctx.URL.searchParams.get(parameter) ?? undefined;
  if (value !== undefined && !isUuid(value)) throw fault('TIL-00009');
  return value;
}

async function readingOf(
  ctx: Context,
  { act }: ReceiptPages,
  thing: ReceiptThing,
): Promise<ReceiptReading> {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const session = sessionOf(ctx);
  return thing === 'consent'
    ? consentReadBy(act, id, session)
    : mandateReadBy(act, id, session, named(ctx, 'party'));
}

async function showReceipt(ctx: Context, pages: ReceiptPages, thing: ReceiptThing): Promise<void> {
  const reading = await readingOf(ctx, pages, thing);
  const language = languageOf(ctx);
  const own = await made(ctx, pages, reading);
  const { search } = ctx.URL;
  const path = PLACES[thing].replace(':id', reading.id);
  pages.render(ctx, {
    view: 'receipt/receipt',
    title: t(language, `receipt.titles.${thing}`),
    who: loggedIn(ctx)!,
    parameters: ['event', 'party'],
    data: {
      back: {
        href: `${path}${withoutEvent(search)}`,
        text: t(language, `receipt.back.${thing}`),
      },
      ...(own && {
        facts: linesOf(thing, own.said, language),
        file: `${path}/receipt/file${search}`,
        fileWithout: opensNumber(own) ? `${path}/receipt/file/no-number${search}` : undefined,
        isLogged: own.proof !== null,
        ...besideOf(reading, own, language),
        ownOnly: reading.actsOf && ownOnlyText(own, language),
        acts: actsOf(own, { thing, path, search }, language),
      }),
    },
  });
}

const made = async (ctx: Context, pages: ReceiptPages, reading: ReceiptReading) => {
  try {
    return await makeReceipt(pages.act, pages.signReceipt, reading, { event: named(ctx, 'event') });
  } catch (error) {
    if (error instanceof Fault && error.code === 'TIL-00053') return undefined;
    throw error;
  }
};

/** How it stands now, and where to ask and complain; not to one who keeps the own answer alone. */
function besideOf(
  { thing, status, actsOf }: ReceiptReading,
  { said }: Receipt,
  language: Language,
) {
  if (actsOf !== undefined) return {};
  const now = t(language, 'receipt.now', { status: t(language, `${thing}.status.${status}`) });
  const { name: to } = (said.toParty ?? {}) as { name?: string };
  if (thing !== 'consent' || !to) return { now };
  const isOver = ['Revoked', 'Expired', 'UsedUp'].includes(status) ? 'yes' : 'no';
  return { now, complain: t(language, 'receipt.complain.text', { to, isOver }) };
}

const ownOnlyText = ({ event }: Receipt, language: Language): string =>
  t(language, 'receipt.own_only', { date: formatDate(language, event.at) });

const opensNumber = ({ said: { fromPersonNo, toPersonNo, byPersonNo } }: Receipt): boolean =>
  [fromPersonNo, toPersonNo, byPersonNo].some(Boolean);

function withoutEvent(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete('event');
  return parameters.size ? `?${parameters}` : '';
}

/** The acts that came after, each with the way to its receipt. */
function actsOf(
  { later }: Receipt,
  { thing, path, search }: { thing: ReceiptThing; path: string; search: string },
  language: Language,
) {
  return later.map(({ event, kind, at }) => {
    const parameters = new URLSearchParams(search);
    parameters.set('event', event);
    return {
      href: `${path}/receipt?${parameters}`,
      text: kindText(thing, kind, language),
      at: formatDateTime(language, at),
    };
  });
}

/** Sends the receipt as JSON, with its proof, as the API has it. */
async function sendReceipt(
  ctx: Context,
  pages: ReceiptPages,
  thing: ReceiptThing,
  hasNumber = true,
): Promise<void> {
  const reading = await readingOf(ctx, pages, thing);
  // The reader's own number is the only one that it would open.
  const asked = hasNumber ? reading : { ...reading, party: undefined };
  const own = await makeReceipt(pages.act, pages.signReceipt, asked, {
    event: named(ctx, 'event'),
  });
  ctx.attachment(`${t(languageOf(ctx), 'receipt.file_name')}-${own.event.event}.json`);
  ctx.set('cache-control', 'no-store');
  ctx.type = 'application/json';
  ctx.body = `${JSON.stringify({ receipt: own.receipt, proof: own.proof }, undefined, 2)}\n`;
}

const TONE: Record<CheckedReceipt['verdict'], string> = {
  right: 'success',
  pending: 'info',
  altered: 'danger',
  key: 'danger',
  log: 'danger',
};

function showVerify(
  ctx: Context,
  { render }: ReceiptPages,
  { checked, wrong }: { checked?: CheckedReceipt; wrong?: string } = {},
): void {
  const language = languageOf(ctx);
  const { verdict, found } = checked ?? {};
  if (wrong) ctx.status = 422;
  render(ctx, {
    view: 'receipt/verify',
    title: t(language, 'receipt.verify.title'),
    ...(loggedIn(ctx) ? { who: loggedIn(ctx)! } : {}),
    errors: wrong ? [{ field: 'receipt', text: t(language, `receipt.verify.${wrong}`) }] : [],
    data: {
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      wrong: wrong && t(language, `receipt.verify.${wrong}`),
      verdict: verdict && {
        color: TONE[verdict],
        heading: t(language, `receipt.verify.${verdict}`),
        body: t(language, `receipt.verify.${verdict}_body`),
      },
      facts: found && linesOf(found.thing, found.said, language),
      isPartly: found?.isPartly,
    },
  });
}

/** Bytes of a receipt with its proof, at most, and of the form around it. */
const MOST = 100_000;
/** Fields of the form, and none more. */
const PARTS = 2;

async function verify(ctx: Context, pages: ReceiptPages): Promise<void> {
  const text = await broughtBy(ctx);
  if (text === undefined) return showVerify(ctx, pages, { wrong: 'too_large' });
  if (!text.trim()) return showVerify(ctx, pages, { wrong: 'empty' });
  showVerify(ctx, pages, { checked: await checkText(pages.act, text) });
}

/** The text of the form, or of its file; undefined where it is too long to be a receipt. */
async function broughtBy(ctx: Context): Promise<string | undefined> {
  const form = await readUpload(ctx, { limit: MOST, fields: PARTS });
  return form && (form.get('file') || form.get('receipt') || '');
}
