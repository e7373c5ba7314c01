// The pages of a file of rows: it is brought, everything that it means is looked over, and all of
// it is done in one act, or nothing. Nothing else is done than was looked over.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { hasText, languageOf, t, type Language } from '../../platform/locale.ts';
import { openedFor, sealedFor } from '../give/look_over.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { whoOf, type Acting } from '../party.ts';
import { notDoneText } from '../person/pages.ts';
import { markedIn, MOST_MARKED, MOST_ROWS, type Sheet } from './sheet.ts';

/** Bytes of a file, at most, and fields of the form that brings it. */
const UPLOAD = { limit: 1_000_000, fields: 3 };
/** Faults of a file that a page names; the rest is counted. */
const MOST_WRONG = 20;

/** The lines of a file that is looked over, as an address has them. */
interface LinesToCheck {
  person: string;
  party: string;
  /** The kind of file. */
  sheet: string;
  madeAt: number;
  /** The lines as JSON, deflated, in base64url: an address is short. */
  lines: string;
}

const PURPOSE = 'lines';

/** The pages of one kind of file. */
export function sheetRows<Line, Of extends { acting: Acting }>(
  sheet: Sheet<Line, Of>,
): PageRow<PortalPages>[] {
  const { id, path } = sheet;
  const check = `${path}/check`;
  return [
    { id: `${id}_file_page`, path, show: async (ctx, own) => showFile(ctx, own, sheet) },
    {
      ...{ id: `${id}_file`, path },
      upload: {
        ...UPLOAD,
        tooLong: ({ ctx, pages }) => showFile(ctx, pages, sheet, [tooLong(languageOf(ctx))]),
      },
      post: (posted) => postFile(posted, sheet),
    },
    { id: `${id}_check_page`, path: check, show: async (ctx, own) => showCheck(ctx, own, sheet) },
    {
      ...{ id: `${id}_check`, path: check, refused: toStronger },
      post: (posted) => postLines(posted, sheet),
    },
  ];
}

const at = (path: string, { party }: Acting) => `${path}?party=${party.id}`;

const tooLong = (language: Language): string =>
  t(language, 'sheet.wrong.long', { rows: MOST_ROWS, marked: MOST_MARKED });

/** The form that brings a file, with what was wrong with the last one. */
async function showFile<Line, Of extends { acting: Acting }>(
  ctx: Context,
  pages: PortalPages,
  sheet: Sheet<Line, Of>,
  wrong: string[] = [],
): Promise<void> {
  const { acting } = await sheet.whose(ctx, pages);
  const language = languageOf(ctx);
  const more = wrong.length - MOST_WRONG;
  if (wrong.length) ctx.status = 400;
  pages.render(ctx, {
    view: 'portal/sheet/file',
    title: t(language, `${sheet.id}.bring_title`, { name: displayName(acting.party) }),
    who: whoOf(ctx, acting),
    errors: wrong.slice(0, MOST_WRONG).map((text) => ({ field: 'file', text })),
    data: {
      csrf: acting.session.csrf,
      action: at(sheet.path, acting),
      errorHeading: t(language, 'sheet.none_done'),
      wrong: wrong.length ? t(language, 'sheet.wrong.field', { n: wrong.length }) : undefined,
      more: more > 0 ? t(language, 'sheet.wrong.more', { n: more }) : undefined,
      how: t(language, `${sheet.id}.bring_how`),
      most: t(language, 'sheet.most', { n: MOST_MARKED }),
      columns: sheet.columns
        .filter((column) => hasText(`${sheet.id}.about_column.${column}`))
        .map((column) => ({
          label: t(language, `${sheet.id}.column.${column}`),
          text: t(language, `${sheet.id}.about_column.${column}`),
        })),
      source: sheet.source(acting.party.id),
      back: sheet.home(acting.party.id),
    },
  });
}

async function postFile<Line, Of extends { acting: Acting }>(
  { ctx, pages, form }: Posted<PortalPages>,
  sheet: Sheet<Line, Of>,
): Promise<string | undefined> {
  const of = await sheet.whose(ctx, pages);
  const language = languageOf(ctx);
  const again = async (...wrong: string[]) => void (await showFile(ctx, pages, sheet, wrong));
  const text = form.get('file') ?? '';
  if (!text.trim()) return again(t(language, 'sheet.wrong.none'));
  const marked = markedIn(text, sheet, language);
  if ('why' in marked)
    return again(
      marked.why === 'long' ? tooLong(language) : t(language, `sheet.wrong.${marked.why}`),
    );
  const { lines, wrong } = await sheet.read(pages, of, marked.rows, language);
  const all = [...marked.wrong, ...wrong].sort((a, b) => a.line - b.line);
  if (all.length) return again(...all.map((one) => t(language, 'sheet.wrong.line', { ...one })));
  return lines.length
    ? checkOf(pages, sheet, of, lines)
    : again(t(language, 'sheet.wrong.nothing_new'));
}

/** The address at which lines are looked over: Back and another language find it. */
function checkOf<Line, Of extends { acting: Acting }>(
  pages: PortalPages,
  { id, path }: Sheet<Line, Of>,
  { acting: { session, party } }: Of,
  lines: Line[],
): string {
  const one: LinesToCheck = {
    ...{ person: session.party, party: party.id, sheet: id, madeAt: pages.act.now.getTime() },
    lines: deflateRawSync(JSON.stringify(lines)).toString('base64url'),
  };
  const query = { party: party.id, lines: sealedFor(PURPOSE, one, pages) };
  return `${path}/check?${new URLSearchParams(query)}`;
}

/** The lines in the address, as `openedFor` opens them; TIL-00013 for those of another party. */
function linesIn<Line, Of extends { acting: Acting }>(
  ctx: Context,
  pages: PortalPages,
  { id }: Sheet<Line, Of>,
  { acting: { session, party } }: Of,
): { lines: Line[]; lookedAt: Date } {
  const sealed = queryParameter(ctx, 'lines') ?? '';
  const one = openedFor<LinesToCheck>(pages, session.party, PURPOSE, sealed);
  if (one.party !== party.id || one.sheet !== id)
    throw fault('TIL-00013', { because: 'lines of another party or kind' });
  const text = inflateRawSync(Buffer.from(one.lines, 'base64url')).toString();
  return { lines: JSON.parse(text) as Line[], lookedAt: new Date(one.madeAt) };
}

/** Everything that is to be done; after it could not be, what hindered it and the rest. */
async function showCheck<Line, Of extends { acting: Acting }>(
  ctx: Context,
  pages: PortalPages,
  sheet: Sheet<Line, Of>,
  after?: { rest: Line[]; failed: string[] },
): Promise<void> {
  const of = await sheet.whose(ctx, pages);
  const { session, party } = of.acting;
  const language = languageOf(ctx);
  // A longer address is left out by a change of language.
  if (!after && !queryParameter(ctx, 'lines')) return ctx.redirect(at(sheet.path, of.acting));
  const lines = after?.rest ?? linesIn(ctx, pages, sheet, of).lines;
  pages.render(ctx, {
    view: 'portal/sheet/check',
    title: t(language, 'sheet.check_title', { n: lines.length, sheet: sheet.id }),
    who: whoOf(ctx, of.acting),
    data: {
      csrf: session.csrf,
      action: after ? checkOf(pages, sheet, of, lines) : ctx.url,
      failed: after?.failed,
      lines: await sheet.texts(pages, of, lines, language),
      n: lines.length,
      change: at(sheet.path, of.acting),
      back: sheet.home(party.id),
    },
  });
}

async function postLines<Line, Of extends { acting: Acting }>(
  { ctx, pages }: Posted<PortalPages>,
  sheet: Sheet<Line, Of>,
): Promise<string | undefined> {
  const of = await sheet.whose(ctx, pages);
  const { lines, lookedAt } = linesIn(ctx, pages, sheet, of);
  const undone = await sheet.act(pages, of, lines, lookedAt);
  if (!undone.length) return having(sheet.home(of.acting.party.id), 'done');
  const language = languageOf(ctx);
  const items = undone.map(({ item }) => item);
  const texts = await sheet.texts(pages, of, items, language);
  const failed = undone.map(({ why }, n) => notDoneText(texts[n], why, language));
  const rest = lines.filter((line) => !items.includes(line));
  ctx.status = 409;
  return void (await showCheck(ctx, pages, sheet, { rest, failed }));
}
