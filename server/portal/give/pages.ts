// Giving a power of attorney as pages: find what, say to whom and how long, look it over, give it.
// What is looked over is sealed into its address, so that what is given is what was shown; nothing
// is given before.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired, Act } from '../../platform/act.ts';
import { formatUntil } from '../../consent/until_model.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { offerRight } from '../../access_request/offer.ts';
import type { Session } from '../../caller/session.ts';
import { lacksOthers } from '../../delegation/give/age.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { asActor } from '../../delegation/give/footing.ts';
import { givePackage, giveRights, type Given } from '../../delegation/give/give.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { findMandate } from '../../mandate/delegation_store.ts';
import { givenAlready, takenSince, type Already } from '../../mandate/store.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { instanceName, isInstanceName } from '../../resource/policy/model.ts';
import { displayName, numbered } from '../../consent/text.ts';
import { loggedIn, tellStepUp } from '../../caller/pages.ts';
import { giftSubjectOf, toGive, type GiftSubject } from './what.ts';
import { partyInAddress, wizardRows, type Filled, type Step, type Way } from './wizard.ts';
import { whyNot } from '../mandate/pages.ts';
import { aboutKey, actionNames } from '../mandate/text.ts';
import {
  changeOf,
  checkOf,
  giftOf,
  namedIn,
  sealedOf,
  termsOf,
  typedOf,
  type GiftToCheck,
} from './gift.ts';
import { having, mandatePath, type PortalPages } from '../page.ts';
import { formOf, type FieldFault } from './terms_model.ts';
import { actingFor, actingToGive, whoOf, type Acting } from '../party.ts';

const giving: Way<GiftSubject> = {
  id: 'give',
  actingIn: (ctx, pages) => actingFor(ctx, pages, partyInAddress(ctx)),
  offer: toGive,
  actingOn: (ctx, pages) => actingToGive(ctx, pages, partyInAddress(ctx)),
  thing: (visited) => giftSubjectOf(visited, namedIn(visited.ctx)),
  typedBefore: (ctx, pages) =>
    ctx.URL.searchParams.has('gift') ? typedOf(giftOf(ctx, pages)) : {},
  form: formOfGift,
  wrong: ({ what, language }, { instance }) =>
    instance && !isCase(what, instance)
      ? [{ field: 'instance', text: t(language, 'give.error.instance') }]
      : [],
  done: lookOver,
};

export const givePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    ...wizardRows(giving),
    { id: 'give_check_page', path: '/give/check', show: showCheck },
    { id: 'give_check', path: '/give/check', post: postGift },
  ]);

function formOfGift({ acting, what, language }: Step<GiftSubject>) {
  return {
    title: t(language, 'give.terms_title', { what: what.name }),
    address: termsOf({ from: acting.party.id, ...what }),
    back: acting.givesOn ? '/overview?show=received' : `/give?party=${acting.party.id}`,
    texts: {
      step: t(language, 'give.step', { n: 1, of: 2 }),
      whom: t(language, 'give.who'),
      send: t(language, 'give.look_over'),
      instance: what.instance,
      mayNameCase: what.resource !== null && what.instance === null,
      mayPassOn: what.mayPassOn,
      mayHaveUnits: acting.party.kind === 'organization' && what.instance === null,
    },
  };
}

/** The gift, sealed into the address where it is looked over. */
async function lookOver(
  { pages, acting, what, language }: Step<GiftSubject>,
  { typed, until }: Filled,
): Promise<string | FieldFault> {
  const { now } = pages.act;
  const wrong = (key: string) => ({ field: 'number', text: t(language, `give.error.${key}`) });
  let to: Party;
  try {
    const name = { to: typed.number!, lastName: typed.lastName };
    to = await receiverOf(pages.act, acting.session, acting.party.id, name);
    if (to.endedAt && to.endedAt <= now) throw fault('TIL-00009', { because: 'ended' });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...wrong(error.code === 'AM-00026' ? 'locked' : 'unknown'), with: 'lastName' };
  }
  if (to.id === acting.party.id) return wrong('same');
  const gift: GiftToCheck = {
    person: acting.session.party,
    from: acting.party.id,
    to: to.id,
    package: what.package,
    resource: what.resource,
    instance: what.instance ?? (typed.instance ? instanceName(typed.instance) : null),
    actions: what.actions.filter((one) => typed.actions!.includes(one)),
    validTo: until.toISOString(),
    mayPassOn: what.mayPassOn && typed.passOn === true,
    subunits: typed.mainOnly !== true,
    madeAt: now.getTime(),
    typed: formOf({ ...typed, actions: [] }),
  };
  return sealedOf(gift, pages);
}

/** Whether what was typed can be the name of one case of what is given. */
const isCase = ({ resource, instance }: GiftSubject, typed: string): boolean =>
  resource !== null && instance === null && isInstanceName(instanceName(typed));

/** The gift to look over: an address of its own, so that Back and another language find it. */
async function showCheck(ctx: Context, pages: PortalPages): Promise<void> {
  const sealed = queryParameter(ctx, 'gift');
  if (!sealed) return ctx.redirect('/give');
  const gift = giftOf(ctx, pages);
  const acting = await actingToGive(ctx, pages, gift.from);
  const home = acting.givesOn ? undefined : gift.from;
  const already = await givenAlready(pages.act, gift);
  if (already?.givenAt && already.givenAt.getTime() >= gift.madeAt)
    return ctx.redirect(having(mandatePath(already.id, home), 'given'));
  const language = languageOf(ctx);
  const what = await giftSubjectOf({ ctx, pages, acting, language }, gift);
  const to = (await findParty(pages.act, { by: 'uuid', value: gift.to }))!;
  pages.render(ctx, {
    view: 'portal/give/check',
    title: t(language, 'give.check_title'),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: checkOf(sealed),
      change: changeOf(gift, sealed),
      already: already && mandatePath(already.id, home),
      mayGive: !already || adds(gift, already),
      risky: what.risky,
      others:
        what.takesOthers &&
        t(language, 'give.takes_others', {
          of: isCompany(acting.party) ? 'company' : 'parents',
          places: what.places,
        }),
      effect: t(language, 'give.effect', {
        to: displayName(to),
        others: what.takesOthers ? 'yes' : 'no',
      }),
      facts: factsOf(gift, { from: acting.party, to, what }, language),
    },
  });
}

/**
 * A right that is given already is changed where it stands; actions are added on the same terms
 * only.
 */
const adds = (gift: GiftToCheck, already: Already): boolean =>
  gift.package === null &&
  already.validTo?.getTime() === Date.parse(gift.validTo) &&
  already.mayPassOn === gift.mayPassOn &&
  already.subunits === gift.subunits &&
  gift.actions.some((action) => !already.actions?.includes(action));

/** The facts to look over. */
function factsOf(
  { actions, validTo, mayPassOn, subunits }: GiftToCheck,
  { from, to, what }: { from: Acting['party']; to: Party; what: GiftSubject },
  language: Language,
) {
  const fact = (key: string, text: string) => ({ label: t(language, `mandate.fact.${key}`), text });
  return [
    fact('to', numbered(to, language)),
    fact('from', displayName(from)),
    fact('what', what.name),
    ...(what.about ? [fact(aboutKey(what), what.about)] : []),
    ...(what.instance ? [fact('instance', what.instance)] : []),
    ...(actions.length ? [fact('actions', actionNames(language, actions))] : []),
    fact('until', formatUntil(language, new Date(validTo))),
    fact('pass_on', t(language, mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on')),
    ...(subunits ? [] : [fact('subunits', t(language, 'mandate.main_only'))]),
  ];
}

async function postGift({ ctx, pages, session }: Posted<PortalPages>) {
  const gift = giftOf(ctx, pages);
  const { act } = pages;
  // A right taken back meanwhile is not given again by the page that gave it.
  const inside = async ({ db }: Act) => {
    if (await takenSince(db, gift, new Date(gift.madeAt)))
      throw fault('TIL-00013', { because: 'it was taken back since it was looked over' });
  };
  const { from, to, mayPassOn, subunits } = gift;
  const validTo = new Date(gift.validTo);
  const terms = { place: '' as const, from, to, mayPassOn, subunits, validTo };
  const { package: code, instance, actions } = gift;
  const authority = asActor(session);
  const rights = { ...terms, resource: gift.resource!, instance, actions };
  const give = code
    ? () => givePackage(act, authority, terms, code, inside)
    : () => giveRights(act, authority, rights, 'add', inside);
  let given: Given;
  try {
    try {
      given = await give();
    } catch (error) {
      if (!lacksOthers(error)) throw error;
      return await offered(pages, session, gift, inside);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The page of a fault names the receiver too: the person has looked it over.
    ctx.state.who = whoOf(ctx, await actingToGive(ctx, pages, gift.from));
    const back = changeOf(gift, queryParameter(ctx, 'gift')!);
    if (error.code === 'TIL-00007') return void tellStepUp(ctx, pages.render, ctx.url, error, back);
    const already = await givenAlready(act, gift);
    return void refused(ctx, pages, error, {
      back,
      already: already && mandatePath(already.id, undefined),
    });
  }
  ctx.status = 303;
  // One who gives on is led to the page of the party that was given it.
  const { id, through } = given;
  const side = through === null ? from : (await findMandate(act, id))!.via!;
  ctx.redirect(having(mandatePath(id, side), 'given'));
}

/** Has it wait for the yes of others; leads to where it is followed, or to what it has become. */
async function offered(
  { act }: PortalPages,
  session: Session,
  gift: GiftToCheck,
  inside: (inner: Act) => Promise<void>,
) {
  const { from, to, package: code, resource, instance, actions, mayPassOn, subunits } = gift;
  const already = await givenAlready(act, gift);
  if (already?.givenAt && already.givenAt.getTime() >= gift.madeAt)
    return having(mandatePath(already.id, from), 'given');
  const wanted = {
    ...{ from, to, package: code, resource, instance, mayPassOn, subunits },
    actions: resource === null ? null : actions,
    validTo: new Date(gift.validTo),
  };
  const { id } = await offerRight(act, session, wanted, inside);
  return having(`/requests/${id}?party=${from}`, 'said');
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
