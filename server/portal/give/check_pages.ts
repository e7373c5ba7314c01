// The last page of giving: what was said is looked over, and given in one act, whole or not at all.
// What is given is what was shown.
import type { PageRow, PageVisit, Posted } from '../../caller/declared_pages.ts';
import type { Act } from '../../platform/act.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type { Context } from 'koa';
import { loggedIn, tellStepUp } from '../../caller/pages.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { mustHoldCode } from '../../delegation/code/code.ts';
import type { Deciding } from '../../decision/act.ts';
import { whoMustAccept } from '../../delegation/give/accept.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { givenAmong } from '../../mandate/given_store.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { Fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { formatDate, formatList, languageOf, t, type Language } from '../../platform/locale.ts';
import { whyNot } from '../mandate/pages.ts';
import { aboutKey, actionNames, validityText } from '../mandate/text.ts';
import { having, mandatePath, type PortalPages } from '../page.ts';
import { actingToGive, whoOf, type Acting } from '../party.ts';
import { notDoneText } from '../person/pages.ts';
import { originsOf } from '../systems/text.ts';
import { basketOf, type Basket } from './basket.ts';
import { givePart, giveParts, standingsOf, waitingOf, type PartState } from './giving.ts';
import {
  changeOf,
  checkOf,
  giftOf,
  namedOf,
  partsOf,
  sealedOf,
  type GiftPart,
  type GiftToCheck,
} from './gift.ts';

export const checkRows: PageRow<PortalPages>[] = [
  { id: 'give_check_page', path: '/give/check', show: showCheck, notShown },
  { id: 'give_check', path: '/give/check', post: postGift },
];

/** The gift to look over: an address of its own, so that Back and another language find it. */
async function showCheck(ctx: Context, pages: PortalPages): Promise<void> {
  const sealed = queryParameter(ctx, 'gift');
  if (!sealed) return ctx.redirect('/give');
  const gift = giftOf(ctx, pages);
  const acting = await actingToGive(ctx, pages, gift.from);
  const standings = await standingsOf(pages.act, gift);
  const waiting = waitingOf(gift, standings);
  // The receiver of a code is named to one who may give by it.
  if (gift.code && waiting.length) await mustHoldCode(pages.act, acting.session, gift.code.id);
  const done = waiting.length ? [] : standings.filter(({ isDone }) => isDone);
  const home = acting.givesOn ? undefined : gift.from;
  const [only] = standings.length === 1 ? standings : [];
  if (done.length && only)
    return ctx.redirect(having(mandatePath(only.already!.id, home), 'given'));
  const language = languageOf(ctx);
  const what = await basketOf({ ctx, pages, acting, language }, namedOf(gift));
  const to = await receiversShown(pages.act, gift);
  if (done.length) return showDone(ctx, pages, acting, linesOf(done, { to, what, home }));
  const sent = await namesSent(pages.act, { gift, from: acting.party, to }, language);
  const kept = standings.filter((one) => one.already && !waiting.includes(one));
  const origins = await originsOf(pages.act, to, language);
  pages.render(ctx, {
    view: 'portal/give/check',
    title: t(language, 'give.check_title'),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      step: t(language, 'give.step', gift.code ? { n: 3, of: 3 } : { n: 2, of: 2 }),
      action: checkOf(sealed),
      change: changeOf(gift, sealed),
      already: only?.already && mandatePath(only.already.id, home),
      kept: only ? [] : linesOf(kept, { to, what, home }),
      mayGive: waiting.length > 0,
      yes: what.takesOthers
        ? t(language, 'give.say_yes')
        : t(language, sent ? 'give.send' : 'give.give', { n: waiting.length }),
      leave: gift.code && `/give?party=${gift.from}`,
      n: waiting.length,
      from: gift.validFrom === null ? undefined : formatDate(language, new Date(gift.validFrom)),
      sent: sent && t(language, 'give.check_lead_sent', { names: sent }),
      risky: what.risky,
      warning: gift.code && t(language, 'code.warning'),
      others:
        what.takesOthers &&
        t(language, 'give.takes_others', {
          of: isCompany(acting.party) ? 'company' : 'parents',
          places: [...new Set(what.things.map(({ places }) => places))].filter(Boolean).join('; '),
        }),
      effect:
        to.length === 1
          ? t(language, 'give.effect', {
              to: displayName(to[0]!),
              others: what.takesOthers ? 'yes' : 'no',
            })
          : t(language, 'give.effect_all'),
      facts: factsOf(gift, { from: acting.party, to, what, origins }, language),
    },
  });
}

/** The receivers who must say yes before it holds, by name; undefined where none must. */
async function namesSent(
  act: Deciding,
  { gift, from, to }: { gift: GiftToCheck; from: Acting['party']; to: PartyRow[] },
  language: Language,
): Promise<string | undefined> {
  if (gift.code) return undefined;
  const { packages } = await currentCatalogue(act);
  const entries = gift.things.map(({ package: code }) => packages.get(code ?? '') ?? {});
  const waiting = await whoMustAccept(act, from, to, entries);
  if (!waiting.length) return undefined;
  const names = to.filter(({ id }) => waiting.includes(id)).map(displayName);
  return formatList(language, names);
}

/** The receivers in the order of the gift. */
async function receiversShown(act: Act, gift: GiftToCheck): Promise<PartyRow[]> {
  const found = await findParties(act, gift.to);
  return gift.to.flatMap((id) => found.find((one) => one.id === id) ?? []);
}

/** Parts that are given, by name, and the way to each. */
const linesOf = (
  standings: PartState[],
  { to, what, home }: { to: PartyRow[]; what: Basket; home: string | undefined },
) =>
  standings.map(({ part, already }) => ({
    text: partName(part, { to, what }),
    href: mandatePath(already!.id, home),
  }));

const partName = (part: GiftPart, { to, what }: { to: PartyRow[]; what: Basket }): string =>
  `${displayName(to.find(({ id }) => id === part.to)!)}: ${nameOf(part, what)}`;

/** Everything that was given by the gift, each with the way to it. */
function showDone(
  ctx: Context,
  pages: PortalPages,
  acting: Acting,
  lines: { text: string; href: string }[],
): void {
  const language = languageOf(ctx);
  pages.render(ctx, {
    view: 'portal/give/done',
    title: t(language, 'give.done', { n: lines.length }),
    who: whoOf(ctx, acting),
    data: {
      lines,
      people: acting.givesOn ? undefined : `/overview/people?party=${acting.party.id}`,
    },
  });
}

const nameOf = ({ package: code, resource }: GiftPart, { things }: Basket): string =>
  things.find((one) => one.package === code && one.resource === resource)!.name;

/** The facts to look over. */
function factsOf(
  { things, validFrom, validTo, mayPassOn, subunits }: GiftToCheck,
  {
    from,
    to,
    what,
    origins,
  }: { from: Acting['party']; to: PartyRow[]; what: Basket; origins: Map<string, string> },
  language: Language,
) {
  const fact = (key: string, text: string) => ({ label: t(language, `mandate.fact.${key}`), text });
  const actionsOf = (at: number) => things[at]!.actions;
  const isOne = things.length === 1;
  const [thing] = things;
  return [
    ...to.flatMap((one) => [
      fact('to', identified(one, language)),
      ...(origins.has(one.id) ? [fact('system', origins.get(one.id)!)] : []),
    ]),
    fact('from', displayName(from)),
    ...what.things.map(({ name }, at) =>
      fact(
        'what',
        isOne || !actionsOf(at).length ? name : `${name} (${actionNames(language, actionsOf(at))})`,
      ),
    ),
    ...(what.about ? [fact(aboutKey(what), what.about)] : []),
    ...(thing!.instance ? [fact('instance', thing!.instance)] : []),
    ...(isOne && actionsOf(0).length ? [fact('actions', actionNames(language, actionsOf(0)))] : []),
    ...(validFrom ? [fact('since', formatDate(language, new Date(validFrom)))] : []),
    fact('until', validityText(language, validTo === null ? null : new Date(validTo))),
    fact('pass_on', t(language, mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on')),
    ...(subunits ? [] : [fact('subunits', t(language, 'mandate.main_only'))]),
  ];
}

/** A code that is gone leads to entering another. */
function notShown(error: Fault, { ctx, pages }: PageVisit<PortalPages>): void {
  if (error.code === 'TIL-00057') return void ctx.redirect(enterAgain(giftOf(ctx, pages)));
  if (error.code !== 'TIL-00007') throw error;
  tellStepUp(ctx, pages.render, ctx.url, error);
}

const enterAgain = ({ from }: GiftToCheck) => `/give/code?party=${from}&gone`;

async function postGift({ ctx, pages, session }: Posted<PortalPages>) {
  const gift = giftOf(ctx, pages);
  const { act } = pages;
  const parts = partsOf(gift);
  try {
    if (parts.length === 1) return (await givePart(act, session, gift, parts[0]!)).at;
    return await giveAll({ ctx, pages, session }, gift);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The page of a fault names the receiver too: the person has looked it over.
    ctx.state.who = whoOf(ctx, await actingToGive(ctx, pages, gift.from));
    const back =
      error.code === 'TIL-00057' ? enterAgain(gift) : changeOf(gift, queryParameter(ctx, 'gift')!);
    if (error.code === 'TIL-00007') return void tellStepUp(ctx, pages.render, ctx.url, error, back);
    const [already] = await givenAmong(act, parts);
    return void refused(ctx, pages, error, {
      back,
      already: parts.length === 1 && already ? mandatePath(already.id, undefined) : undefined,
    });
  }
}

/** Gives every part that is not given already, or none of them and shows which could not be. */
async function giveAll(
  { ctx, pages, session }: Pick<Posted<PortalPages>, 'ctx' | 'pages' | 'session'>,
  gift: GiftToCheck,
): Promise<string | undefined> {
  const { failed, waiting, isGiven } = await giveParts(pages.act, session, gift);
  if (failed.length) return void (await notGiven(ctx, pages, gift, { failed, waiting }));
  return isGiven
    ? checkOf(queryParameter(ctx, 'gift')!)
    : `/overview?${new URLSearchParams({ party: gift.from, show: 'waiting' })}`;
}

/** Names each part that could not be given; nothing was. Leads to the rest, looked over anew. */
async function notGiven(
  ctx: Context,
  pages: PortalPages,
  gift: GiftToCheck,
  { failed, waiting }: { failed: NotDone<GiftPart>[]; waiting: GiftPart[] },
): Promise<void> {
  const acting = await actingToGive(ctx, pages, gift.from);
  const language = languageOf(ctx);
  const what = await basketOf({ ctx, pages, acting, language }, namedOf(gift));
  const to = await receiversShown(pages.act, gift);
  const without = [...gift.without, ...failed.map(({ item }) => item.place)];
  ctx.status = 409;
  pages.render(ctx, {
    view: 'portal/give/refused',
    title: t(language, 'give.none_given'),
    who: whoOf(ctx, acting),
    data: {
      lines: failed.map(({ item, why }) => ({
        text: notDoneText(partName(item, { to, what }), why, language),
      })),
      rest: failed.length < waiting.length ? sealedOf({ ...gift, without }, pages) : undefined,
      n: waiting.length - failed.length,
      change: changeOf(gift, queryParameter(ctx, 'gift')!),
    },
  });
}

/** Why it could not be given, in words, and a way on; nothing was given. */
function refused(
  ctx: Context,
  pages: PortalPages,
  error: Fault,
  { back, already }: { back: string; already: string | undefined },
): void {
  const language = languageOf(ctx);
  const why = whyNot(error, language);
  if (!why) throw error;
  ctx.status = error.status;
  pages.render(ctx, {
    view: 'error',
    title: t(language, 'give.not_given'),
    who: loggedIn(ctx),
    data: { body: why, continueUrl: back, already, code: error.code },
  });
}
