// Asking for a right as pages: find what, say of whom and how long, send it. Nothing is given
// before those who are asked have said yes.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { checkAsked } from '../../access_request/commands.ts';
import { mustStand } from '../../access_request/standing.ts';
import { tellStepUp } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { SCHEMA } from '../../delegation/give/check.ts';
import { packageFault } from '../../delegation/model.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { pick, t } from '../../platform/locale.ts';
import { packageCode } from '../../resource/policy/model.ts';
import type { RegistryRow } from '../../resource/registry/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import {
  askCheckRows,
  rightAsked,
  sealedAsk,
  typedOfAsk,
  waitingFor,
  whyNotAsked,
} from './ask_check_pages.ts';
import { linkOfService, whomFirst, whomIn } from './ask_whom.ts';
import { givableBy, packageThing, serviceToAsk } from './ask_what.ts';
import { decidesText, leadOfAsking, whoOfAsking } from './ask_words.ts';
import { namedIn } from './gift.ts';
import { asSearch, isDelegable, visibleWith } from './search.ts';
import {
  partyInAddress,
  wizardRows,
  type Filled,
  type Step,
  type Thing,
  type Visited,
  type VisitedOf,
  type Way,
} from './wizard.ts';
import { notTheirs } from '../no_access.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, type Acting } from '../party.ts';
import { isTooFar, type FieldFault } from './terms_model.ts';

const MOST_FOUND = 20;
/** Services with the word whose rules are read. */
const MOST_LOOKED_AT = 60;

const asking: Way<Thing> = {
  id: 'ask',
  elsewhere: linkOfService,
  first: whomFirst,
  whom: whomIn,
  actingIn: askerIn,
  offer: toAsk,
  actingOn: askerIn,
  thing: askedIn,
  typedBefore(ctx, pages) {
    if (ctx.URL.searchParams.has('asked')) return typedOfAsk(ctx, pages);
    // A company's number is no secret.
    const number = queryParameter(ctx, 'number');
    return number && isOrganizationNumber(number) ? { number } : {};
  },
  form: formOfAsking,
  done: lookOver,
  refused(error, { ctx, pages }) {
    if (error.code !== 'TIL-00007') throw error;
    tellStepUp(ctx, pages.render, ctx.url, error);
  },
};

export const askPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [...wizardRows(asking), ...askCheckRows]);

/** The asker: the person, or an organisation that the person asks for. */
async function askerIn(ctx: Context, pages: PortalPages): Promise<Acting> {
  const acting = await actingFor(ctx, pages, partyInAddress(ctx));
  if (!acting.received) throw notTheirs(acting.party);
  return acting;
}

/** Finds all packages that can be given to the asker, or packages and services by a word. */
async function toAsk(visited: Visited, search: string) {
  const { pages, acting, language } = visited;
  const { act } = pages;
  const catalogue = await currentCatalogue(act);
  const { kind } = acting.party;
  const whom = await whomIn(visited);
  const kinds = whom ? [whom.kind] : ['person', 'organization'];
  const packages = [...catalogue.packages.values()].filter((entry) =>
    kinds.some((from) => !packageFault(catalogue, entry, from, kind)),
  );
  const found = search
    ? await asSearch(pages, acting.session.party, () => visibleWith(act, search, language))
    : [];
  const given = found.filter((one) => isDelegable(one) && isGivable(one)).slice(0, MOST_LOOKED_AT);
  return {
    packages,
    catalogue,
    found,
    services: (whom ? await givableBy(act, whom.kind, given) : given).slice(0, MOST_FOUND),
    ...(whom ? {} : { kindOf: (forKind: string) => t(language, `ask.kind.${forKind}`) }),
    title: whom
      ? t(language, 'ask.title_of', { from: displayName(whom) })
      : t(language, 'ask.title'),
    texts: {
      searchLabel: t(language, 'ask.search', whoOfAsking(acting)),
      nothing: t(language, 'ask.nothing'),
      back: `/ask?party=${acting.party.id}`,
      lead: whom ? undefined : await leadOfAsking(act, acting, language),
    },
  };
}

/** Services that can be given one by one: they have rules, and are not given as API scopes are. */
const isGivable = ({ type, policyVersion }: RegistryRow) =>
  policyVersion !== null && type !== SCHEMA;

async function askedIn({ ctx, pages: { act }, acting, language, whom }: VisitedOf): Promise<Thing> {
  const {
    packages: [code],
    resources: [resource],
  } = namedIn(ctx);
  const catalogue = await currentCatalogue(act);
  const entry = code && catalogue.packages.get(packageCode(code));
  if (entry) return packageThing(entry, pick(entry.description, language)?.text, language);
  const found = code
    ? undefined
    : await serviceToAsk(act, resource ?? '', { asker: acting.party, whom }, language);
  if (!found) throw fault('TIL-00009');
  return found;
}

async function formOfAsking({ pages, acting, what, language, whom }: Step<Thing>) {
  const party = acting.party.id;
  const from: Record<string, string> = whom ? { from: whom.id } : {};
  return {
    title: t(language, 'ask.form_title', { what: what.name }),
    address: `/ask/terms?${new URLSearchParams({
      party,
      ...from,
      ...(what.package ? { package: what.package } : { resource: what.resource! }),
    })}`,
    back: `/ask?${new URLSearchParams({ party, ...(whom ? from : { others: 'yes' }) })}`,
    texts: {
      decides: whom
        ? await decidesText(pages.act, acting.session, { whom, actions: what.actions }, language)
        : undefined,
      asking: true,
      mayMessage: true,
      lead: whom ? undefined : t(language, 'ask.lead'),
      whom: t(language, 'ask.whom', whoOfAsking(acting)),
      send: t(language, 'ask.see'),
    },
  };
}

/** Leads to where what was written is looked over. */
async function lookOver(
  { pages, acting, what, language, whom }: Step<Thing>,
  { typed, until }: Filled,
): Promise<string | FieldFault> {
  const { act } = pages;
  const { session, party } = acting;
  try {
    await mustStand(act, session, party.id, 'to');
    const name = { to: typed.number ?? '', lastName: typed.lastName };
    const giver = whom ?? (await receiverOf(act, session, party.id, name));
    if (isTooFar(giver.kind, until, act.now))
      return { field: 'date', text: t(language, 'give.error.date_five') };
    const asked = {
      from: giver.id,
      to: party.id,
      package: what.package,
      resource: what.resource,
      actions: what.resource ? what.actions.filter((one) => typed.actions!.includes(one)) : null,
      validTo: until?.toISOString() ?? null,
      isNamed: whom !== undefined,
      typed,
    };
    const waiting = await waitingFor(act, asked);
    if (waiting) return waiting;
    await checkAsked(act, rightAsked(asked, session));
    return sealedAsk(asked, session, pages);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'TIL-00007') throw error;
    const text = whyNotAsked(error, language, acting);
    if (!text) throw error;
    return { field: whom ? 'whom' : 'number', text };
  }
}
