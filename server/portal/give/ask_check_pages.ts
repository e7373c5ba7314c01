// The last page of asking: what was written is looked over, and sent as it was shown.
import type { Context } from 'koa';
import { askForRight, type WantedRight } from '../../access_request/commands.ts';
import { mustStand } from '../../access_request/standing.ts';
import { findOpenRequest } from '../../access_request/store.ts';
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import { tellStepUp } from '../../caller/pages.ts';
import type { Session } from '../../caller/session.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { displayName } from '../../consent/text.ts';
import type { Act } from '../../platform/act.ts';
import { findParties } from '../../party/store.ts';
import { Fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { aboutKey, aboutOf, actionNames, mandateName } from '../mandate/text.ts';
import { whyNot } from '../mandate/pages.ts';
import { tellingOf } from '../mandate/telling.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { decidesText, whoOfAsking } from './ask_words.ts';
import { lookedOver, sealedFor } from './look_over.ts';
import type { Typed } from './terms_model.ts';

const PURPOSE = 'asked';

/** A request for a right as it is sealed, until it is sent. */
interface AskToCheck {
  from: string;
  to: string;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  validTo: string | null;
  /** Whether the address of the form said whom. */
  isNamed: boolean;
  /** The form as it was typed, for one who wants it otherwise. */
  typed: Typed;
}
type Sealed = AskToCheck & { person: string; madeAt: number };

export const askCheckRows: PageRow<PortalPages>[] = [
  { id: 'ask_check_page', path: '/ask/check', show: (ctx, pages) => showCheck(ctx, pages) },
  { id: 'ask_check', path: '/ask/check', post: postAsk },
];

const checkOf = (sealed: string) => `/ask/check?${new URLSearchParams({ [PURPOSE]: sealed })}`;

/** The address at which it is looked over. */
export const sealedAsk = (ask: AskToCheck, { party: person }: Session, pages: PortalPages) =>
  checkOf(sealedFor(PURPOSE, { ...ask, person, madeAt: pages.act.now.getTime() }, pages));

/** The request as it is asked for, in the session's name. */
export const rightAsked = (ask: AskToCheck, { party: by }: Session): WantedRight => ({
  from: ask.from,
  to: ask.to,
  package: ask.package,
  resource: ask.resource,
  actions: ask.actions,
  by,
  validTo: ask.validTo === null ? null : new Date(ask.validTo),
  redirectUrl: null,
  message: ask.typed.message || null,
});

/** The page of the request for the same that waits already; undefined where there is none. */
export async function waitingFor(act: Act, ask: AskToCheck): Promise<string | undefined> {
  const waiting = await findOpenRequest(act, ask);
  return waiting && `/requests/${waiting.id}?waiting`;
}

/** The form that was filled in for the one in the address. */
export const typedOfAsk = (ctx: Context, pages: PortalPages): Typed =>
  lookedOver<Sealed>(ctx, pages, PURPOSE).typed;

async function askIn(ctx: Context, pages: PortalPages) {
  const ask = lookedOver<Sealed>(ctx, pages, PURPOSE);
  return { ask, acting: await actingFor(ctx, pages, ask.to) };
}

async function showCheck(ctx: Context, pages: PortalPages, why?: string): Promise<void> {
  const sealed = queryParameter(ctx, PURPOSE);
  if (!sealed) return ctx.redirect('/ask');
  const { ask, acting } = await askIn(ctx, pages);
  const language = languageOf(ctx);
  pages.render(ctx, {
    view: 'portal/give/ask_check',
    title: t(language, 'ask.check_title'),
    who: whoOf(ctx, acting),
    data: {
      why,
      csrf: acting.session.csrf,
      action: checkOf(sealed),
      change: changeOf(ask, sealed),
      ...(await shownOf(ctx, pages, { ask, acting }, language)),
    },
  });
}

/** The facts to look over, and who decides. */
async function shownOf(
  ctx: Context,
  pages: PortalPages,
  { ask, acting }: { ask: AskToCheck; acting: Acting },
  language: Language,
) {
  const [giver] = await findParties(pages.act, [ask.from]);
  const what = { role: null, package: ask.package, resource: ask.resource };
  const telling = await tellingOf(ctx, pages, [what]);
  const until = ask.validTo
    ? formatUntil(language, new Date(ask.validTo))
    : t(language, 'mandate.until_ended');
  const lines: [string, string | null][] = [
    ['asked.fact.from', giver ? displayName(giver) : null],
    ['asked.fact.to', displayName(acting.party)],
    ['asked.fact.what', mandateName(what, telling)],
    [`mandate.fact.${aboutKey(what)}`, aboutOf(what, telling) ?? null],
    ['mandate.fact.actions', ask.actions && actionNames(language, ask.actions)],
    ['asked.fact.until', until],
    ['asked.fact.message', ask.typed.message || null],
  ];
  return {
    facts: lines.flatMap(([key, text]) => (text ? [{ label: t(language, key), text }] : [])),
    decides:
      giver &&
      (await decidesText(
        pages.act,
        acting.session,
        { whom: giver, actions: ask.actions },
        language,
      )),
  };
}

/** The form once more, as it was filled in. */
const changeOf = ({ from, to, package: code, resource, isNamed }: AskToCheck, sealed: string) =>
  `/ask/terms?${new URLSearchParams({
    party: to,
    ...(isNamed ? { from } : {}),
    ...(code ? { package: code } : { resource: resource! }),
    [PURPOSE]: sealed,
  })}`;

async function postAsk({ ctx, pages }: Posted<PortalPages>): Promise<string | undefined> {
  const { ask, acting } = await askIn(ctx, pages);
  const { session } = acting;
  try {
    await mustStand(pages.act, session, ask.to, 'to');
    const waiting = await waitingFor(pages.act, ask);
    if (waiting) return waiting;
    const { id } = await askForRight(pages.act, rightAsked(ask, session), 'pending');
    return `/requests/${id}?sent`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'TIL-00007') return void tellStepUp(ctx, pages.render, ctx.url, error);
    const why = whyNotAsked(error, languageOf(ctx), acting);
    if (!why) throw error;
    ctx.status = error.status;
    return void (await showCheck(ctx, pages, why));
  }
}

/** Faults of asking that stand by the field of whom is asked; unknown and wrong are one answer. */
const BY_FIELD: Record<string, string> = {
  'AM.VLD-00041': 'ask.error.unconnected',
  'AM.VLD-00045': 'ask.error.same',
  'AM.VLD-00048': 'ask.error.kind',
  'AM.VLD-00028': 'ask.error.kind',
  'AM-00037': 'ask.error.kind',
  'AM-00026': 'give.error.locked',
  'AM-00024': 'give.error.unknown',
  'AM.VLD-00006': 'give.error.unknown',
  'AM-00021': 'give.error.unknown',
  'AM.VLD-00012': 'ask.error.service',
  'AM.VLD-00049': 'ask.error.service',
  'TIL-00038': 'ask.error.service',
  'TIL-00055': 'ask.error.refused',
};

/** The fault of asking in words; undefined for one that has none. */
export function whyNotAsked(error: Fault, language: Language, acting: Acting): string | undefined {
  const inside = error.members.validationErrors as { code: string }[] | undefined;
  const key = BY_FIELD[inside?.[0]?.code ?? error.code];
  return key ? t(language, key, whoOfAsking(acting)) : whyNot(error, language);
}
