// The pages on which a giver enters the code that the receiver shows, and chooses what to give. The
// receiver is named where it is looked over (give/check_pages.ts).
import { severalIn } from '../../platform/http/body.ts';
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { insufficientLevel } from '../../caller/model.ts';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import {
  CODE_LEVEL,
  enterCode,
  givenByCode,
  mustHoldCode,
  readCode,
} from '../../delegation/code/code.ts';
import { findShown } from '../../delegation/code/store.ts';
import { checkPackages } from '../../delegation/give/check.ts';
import type { Package } from '../../resource/catalogue/model.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { languageOf, pick, t } from '../../platform/locale.ts';
import { giftOf, namedOf, sealedOf, typedOf, type GiftToCheck } from '../give/gift.ts';
import { lookedOver, sealedFor } from '../give/look_over.ts';
import {
  formOf,
  isTooFar,
  termsShown,
  typedIn,
  wrongIn,
  type FieldFault,
  type Typed,
} from '../give/terms_model.ts';
import { noAccess } from '../no_access.ts';
import type { PortalPages } from '../page.ts';
import { actingToGive, whoOf, type Acting } from '../party.ts';

const ENTER = '/give/code';
const WHAT = '/give/code/what';
const PURPOSE = 'entered';
/** Fields of the form that may come several times. */
const SEVERAL = ['package'];

/** A code that this person entered for a giver, as it is sealed. */
interface Entered {
  person: string;
  from: string;
  id: string;
  receiver: string;
  madeAt: number;
}

export const enterPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(
    pages,
    [
      strong({ id: 'give_code_page', path: ENTER, show: (ctx, own) => showEnter(ctx, own) }),
      strong({ id: 'give_code', path: ENTER, post: postEnter }),
      strong({ id: 'give_code_what_page', path: WHAT, show: (ctx, own) => showWhat(ctx, own) }),
      strong({ id: 'give_code_what', path: WHAT, several: SEVERAL, post: postWhat }),
    ],
    async () => CODE_LEVEL,
  );

/** A page that leads to a stronger login where it takes one. */
function strong<Row extends PageRow<PortalPages>>(row: Row): Row {
  const why = (error: Fault, { ctx, pages }: { ctx: Context; pages: PortalPages }) => {
    if (error.code === 'TIL-00057') return ctx.redirect(`${ENTER}${partyOf(ctx)}&gone`);
    if (error.code !== 'TIL-00007') throw error;
    const body = t(languageOf(ctx), 'code.level');
    tellStepUp(ctx, pages.render, ctx.url, error, `/give${partyOf(ctx)}`, body);
  };
  return { ...row, notShown: why, refused: why };
}

const partyOf = (ctx: Context) =>
  `?${new URLSearchParams({ party: ctx.URL.searchParams.get('party') ?? sessionOf(ctx).party })}`;

/** The code in the address, and for whom it was entered. */
async function enteredIn(ctx: Context, pages: PortalPages) {
  const entered = lookedOver<Entered>(ctx, pages, PURPOSE);
  const acting = await actingIn(ctx, pages);
  if (acting.party.id !== entered.from) throw fault('TIL-00008');
  await mustHoldCode(pages.act, acting.session, entered.id);
  return { entered, acting };
}

async function actingIn(ctx: Context, pages: PortalPages): Promise<Acting> {
  if (sessionOf(ctx).level < CODE_LEVEL) throw insufficientLevel(CODE_LEVEL);
  const acting = await actingToGive(ctx, pages, ctx.URL.searchParams.get('party'));
  // One who only gives on is shown whose it is where there is something to give.
  if (acting.givesOn && !(await toGiveByCode(pages, acting)).length)
    throw fault('TIL-00008', await noAccess(pages.act, acting.session, acting.party));
  return acting;
}

async function showEnter(
  ctx: Context,
  pages: PortalPages,
  { typed, wrong }: { typed?: string; wrong?: string } = {},
): Promise<void> {
  const acting = await actingIn(ctx, pages);
  const { session, party } = acting;
  const language = languageOf(ctx);
  const kept = wrong === undefined ? await pages.forms.take(ctx, session) : undefined;
  const action = `${ENTER}?party=${party.id}`;
  pages.render(ctx, {
    view: 'portal/code/enter',
    title: t(language, 'code.enter_title'),
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: 'code', text: wrong }] : [],
    keeps: { form: 'typed', action },
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      action,
      typed: typed ?? kept?.get('code') ?? '',
      wrong,
      gone: ctx.URL.searchParams.has('gone') && !wrong && t(language, 'code.error.gone'),
      step: t(language, 'give.step', { n: 1, of: 3 }),
      back: `/give?party=${party.id}`,
    },
  });
}

async function postEnter({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingIn(ctx, pages);
  const language = languageOf(ctx);
  const typed = (form.get('code') ?? '').trim().slice(0, 40);
  if (form.has('switch')) return void (await showEnter(ctx, pages, { typed }));
  const again = (key: string, status = 400) => {
    ctx.status = status;
    return showEnter(ctx, pages, { typed, wrong: t(language, `code.error.${key}`) });
  };
  const code = readCode(typed);
  if (!code) return void (await again('form'));
  if ((await findShown(pages.act, session.id))?.code === code) return void (await again('own'));
  try {
    const found = await enterCode(pages.act, pages.limits, session, code);
    if (!found) return void (await again('gone'));
    const entered: Entered = {
      ...{ person: session.party, from: party.id, ...found },
      madeAt: pages.act.now.getTime(),
    };
    return addressOf(entered, pages);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00035') throw error;
    return void (await again('often', error.status));
  }
}

const addressOf = (entered: Entered, pages: PortalPages) =>
  `${WHAT}?${new URLSearchParams({ party: entered.from, entered: sealedFor(PURPOSE, entered, pages) })}`;

/** The packages that the person may give for the party, alone and by code. */
async function toGiveByCode({ act }: PortalPages, { session, party }: Acting): Promise<Package[]> {
  const able = await checkPackages(act, session, party.id, null);
  const catalogue = await currentCatalogue(act);
  const codes = able.filter(({ result }) => result).map(({ code }) => code);
  return (await givenByCode(act, catalogue, codes)).map((code) => catalogue.packages.get(code)!);
}

interface Chosen {
  typed: Typed;
  packages: string[];
  errors?: FieldFault[];
}

async function showWhat(ctx: Context, pages: PortalPages, chosen?: Chosen): Promise<void> {
  if (!ctx.URL.searchParams.has('entered')) return ctx.redirect(`${ENTER}${ctx.search}`);
  const { entered, acting } = await enteredIn(ctx, pages);
  const { session, party } = acting;
  const language = languageOf(ctx);
  const kept = chosen ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const {
    typed,
    packages,
    errors = [],
  } = chosen ?? (kept ? chosenIn(kept) : chosenBefore(ctx, pages));
  const able = await toGiveByCode(pages, acting);
  const action = addressOf(entered, pages);
  pages.render(ctx, {
    view: 'portal/code/what',
    title: t(language, 'code.what_title'),
    who: whoOf(ctx, acting),
    errors,
    keeps: { form: 'typed', action },
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      action,
      packages: able.map((one, at) => ({
        id: `package-${at}`,
        code: one.code,
        name: pick(one.name, language)?.text ?? one.code,
        about: pick(one.description, language)?.text,
        checked: packages.includes(one.code),
      })),
      none: t(language, 'code.none'),
      step: t(language, 'give.step', { n: 2, of: 3 }),
      packagesError: errors.find(({ field }) => field === 'package-0')?.text,
      ...termsShown(typed, errors, { actions: [], mayEndless: mayEndless(acting, able) }, language),
      back: `${ENTER}?party=${party.id}`,
      otherwise: `/give?party=${party.id}`,
    },
  });
}

const chosenIn = (form: Map<string, string>): Chosen => ({
  typed: typedIn(form),
  packages: severalIn(form, 'package'),
});

/** Everything as it was chosen, for one who wants it otherwise. */
function chosenBefore(ctx: Context, pages: PortalPages): Chosen {
  if (!ctx.URL.searchParams.has('gift')) return chosenIn(new Map());
  const gift = giftOf(ctx, pages);
  return { typed: typedOf(gift), packages: namedOf(gift).packages };
}

/** Whether all of these may be given until somebody ends it. */
const mayEndless = ({ party }: Acting, packages: Package[]): boolean =>
  party.kind !== 'person' && packages.every(({ endless }) => endless === true);

async function postWhat({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { entered, acting } = await enteredIn(ctx, pages);
  const chosen = chosenIn(form);
  if (form.has('switch')) return void (await showWhat(ctx, pages, chosen));
  const able = await toGiveByCode(pages, acting);
  const packages = able.filter(({ code }) => chosen.packages.includes(code));
  const language = languageOf(ctx);
  const { now } = pages.act;
  const asked = { actions: null, mayEndless: mayEndless(acting, packages), isNamed: true };
  const { errors, until } = wrongIn(chosen.typed, asked, language, now);
  if (!packages.length)
    errors.unshift({ field: 'package-0', text: t(language, 'give.error.none') });
  if (isTooFar(acting.party.kind, until, now))
    errors.push({ field: 'date', text: t(language, 'give.error.date_five') });
  if (errors.length) {
    ctx.status = 400;
    return void (await showWhat(ctx, pages, { ...chosen, errors }));
  }
  const gift: GiftToCheck = {
    ...{ person: session.party, from: entered.from, to: [entered.receiver] },
    things: packages.map(({ code }) => ({
      ...{ package: code, resource: null, instance: null, actions: [] },
    })),
    ...{ without: [], validFrom: null, validTo: until?.toISOString() ?? null },
    ...{ mayPassOn: false, subunits: true, madeAt: now.getTime(), typed: formOf(chosen.typed) },
    code: { id: entered.id, form: addressOf(entered, pages) },
  };
  return sealedOf(gift, pages);
}
