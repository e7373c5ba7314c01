// The page on which a receiver shows a code to the one who gives at the same table, and sees what
// was given by it. It names nobody before that.
import { encodeQR } from 'qr';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { showCode, SHOWN_MINUTES } from '../../delegation/code/code.ts';
import { findShown, type ShownCode } from '../../delegation/code/store.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { formatTime, languageOf, pick, t, type Language } from '../../platform/locale.ts';
import { mandatePath, type PortalPages } from '../page.ts';
import { actingFor, whoOf } from '../party.ts';

export const receivePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'code_page', path: '/code', show: showCodePage },
    { id: 'code', path: '/code', post: postCode },
  ]);

async function showCodePage(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingFor(ctx, pages, null);
  const { session } = acting;
  const language = languageOf(ctx);
  const found = await findShown(pages.act, session.id);
  pages.render(ctx, {
    view: 'portal/code/receive',
    title: t(language, 'code.title'),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      minutes: SHOWN_MINUTES,
      ...(found ? await stateOf(pages, found, language) : {}),
      again: found !== undefined,
      back: `/overview?party=${session.party}&show=received`,
    },
  });
}

/** The code as it stands: shown, entered, run out, or what was given by it. */
async function stateOf(
  { act }: PortalPages,
  { code, until, isEntered, given }: ShownCode,
  language: Language,
) {
  if (given.length) return { given: await linesOf(act, given, language) };
  if (isEntered) return { told: t(language, 'code.entered') };
  if (until <= act.now) return { told: t(language, 'code.over') };
  return {
    code: `${code.slice(0, 4)} ${code.slice(4)}`,
    until: t(language, 'code.until', { time: formatTime(language, until) }),
    squares: squaresOf(code),
  };
}

async function linesOf(act: PortalPages['act'], given: ShownCode['given'], language: Language) {
  const { packages } = await currentCatalogue(act);
  return given.map((one) => ({
    href: mandatePath(one.id, undefined),
    text: t(language, 'code.given', {
      name: displayName(one.giver),
      what: pick(packages.get(one.package)?.name, language)?.text ?? one.package,
    }),
  }));
}

/** The QR code of a text as one path of squares, and the length of its side. */
function squaresOf(text: string): { side: number; path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = rows
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return { side: rows.length, path };
}

async function postCode({ pages, session }: Posted<PortalPages>): Promise<string> {
  await showCode(pages.act, session);
  return '/code';
}
