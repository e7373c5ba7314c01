// Asking for a right as pages: find what, say of whom and how long, send it. Nothing is given
// before those who are asked have said yes.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { askForRight } from '../../access_request/commands.ts';
import { mustStand } from '../../access_request/standing.ts';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { SCHEMA } from '../../delegation/give/check.ts';
import { packageFault } from '../../delegation/model.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import { actionsOf, packageCode } from '../../resource/policy/model.ts';
import { findPolicyOf } from '../../resource/policy/store.ts';
import type { RegistryRow } from '../../resource/registry/store.ts';
import { findResources } from '../../resource/store.ts';
import { areasOf, asSearch, isDelegable, partyInAddress, titleOf, visibleWith } from './what.ts';
import { whyNot } from '../mandate/pages.ts';
import { catalogueFor, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { termsShown, typedIn, wrongIn, type Typed, type FieldFault } from './terms_model.ts';

const MOST_FOUND = 20;

export const askPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'ask', path: '/ask', show: showWhat },
    { id: 'ask_terms_page', path: '/ask/terms', show: showTyped },
    { id: 'ask_terms', path: '/ask/terms', several: ['action'], post: postTerms },
  ]);

/** The terms as they were kept over a login, or none yet. */
async function showTyped(ctx: Context, pages: PortalPages): Promise<void> {
  const kept = await pages.forms.take(ctx, sessionOf(ctx), ['action']);
  return showTerms(ctx, pages, kept ? typedIn(kept) : {}, [], kept !== undefined);
}

/** The asker: the person, or an organisation that the person asks for. */
async function askerOf(ctx: Context, { act }: PortalPages): Promise<Acting> {
  const acting = await actingFor(ctx, act, partyInAddress(ctx));
  if (!acting.received) throw fault('TIL-00008', { because: 'nobody asks for a person' });
  return acting;
}

async function showWhat(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await askerOf(ctx, pages);
  const language = languageOf(ctx);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  const { act } = pages;
  const catalogue = await catalogueFor(ctx, act);
  const { kind } = acting.party;
  const open = [...catalogue.packages.values()].filter((entry) =>
    ['person', 'organization'].some((from) => !packageFault(catalogue, entry, from, kind)),
  );
  const href = (what: Record<string, string>) =>
    `/ask/terms?${new URLSearchParams({ party: acting.party.id, ...what })}`;
  const found = search
    ? await asSearch(pages, acting.session.party, () => visibleWith(act, search, language))
    : [];
  const areas = areasOf({ packages: open, catalogue, search, found, language }, href);
  const services = found.filter((one) => isDelegable(one) && isGivable(one)).slice(0, MOST_FOUND);
  pages.render(ctx, {
    view: 'mandate/what',
    title: t(language, 'ask.title'),
    who: whoOf(ctx, acting),
    data: {
      path: '/ask',
      searchLabel: t(language, 'ask.search', whoOfAsking(acting)),
      nothing: t(language, 'ask.nothing'),
      party: acting.party.id,
      lead: t(language, 'ask.lead_of', whoOfAsking(acting)),
      search,
      areas: areas.map(({ forKind, ...area }) => ({
        ...area,
        kind: forKind && t(language, `ask.kind.${forKind}`),
      })),
      services: services.map((one) => ({
        name: titleOf(one, language),
        href: href({ resource: one.id }),
      })),
      none: !areas.length && !services.length,
    },
  });
}

/** Services that can be given one by one: they have rules, and are not given as API scopes are. */
const isGivable = ({ type, policyVersion }: RegistryRow) =>
  policyVersion !== null && type !== SCHEMA;

/** The thing that the address asks for. */
interface Asked {
  package: string | null;
  resource: string | null;
  name: string;
  about: string | undefined;
  /** The actions of a service; null for a package. */
  actions: string[] | null;
}

async function askedIn(ctx: Context, { act }: PortalPages, language: Language): Promise<Asked> {
  const { searchParams } = ctx.URL;
  const code = searchParams.get('package');
  const entry = code && (await catalogueFor(ctx, act)).packages.get(packageCode(code));
  if (entry)
    return {
      package: entry.code,
      resource: null,
      name: pick(entry.name, language)?.text ?? entry.code,
      about: pick(entry.description, language)?.text,
      actions: null,
    };
  const id = searchParams.get('resource')?.toLowerCase() ?? '';
  const known = (await findResources(act.db, [id])).get(id);
  const policy = known && (await findPolicyOf(act.db, id));
  if (code || !policy) throw fault('TIL-00009');
  return {
    package: null,
    resource: id,
    name: pick(known.content.title, language)?.text ?? id,
    about: pick(known.content.rightDescription, language)?.text,
    actions: actionsOf(policy),
  };
}

async function showTerms(
  ctx: Context,
  pages: PortalPages,
  typed: Typed,
  errors: FieldFault[] = [],
  isKept = false,
): Promise<void> {
  const acting = await askerOf(ctx, pages);
  const language = languageOf(ctx);
  const asked = await askedIn(ctx, pages, language);
  const address = `/ask/terms?${new URLSearchParams({
    party: acting.party.id,
    ...(asked.package ? { package: asked.package } : { resource: asked.resource! }),
  })}`;
  pages.render(ctx, {
    view: 'mandate/ask',
    title: t(language, 'ask.form_title', { what: asked.name }),
    who: whoOf(ctx, acting),
    errors,
    keeps: { form: 'typed', action: address },
    data: {
      asking: true,
      whom: t(language, 'ask.whom', whoOfAsking(acting)),
      csrf: acting.session.csrf,
      action: address,
      form: pages.forms.mark(acting.session, address),
      isKept,
      about: asked.about,
      ...termsShown(typed, errors, asked.actions ?? [], language),
      back: `/ask?party=${acting.party.id}`,
    },
  });
}

async function postTerms({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { act } = pages;
  const language = languageOf(ctx);
  const typed = typedIn(form);
  try {
    const acting = await askerOf(ctx, pages);
    await mustStand(act, session, acting.party.id, 'to');
    const asked = await askedIn(ctx, pages, language);
    // Another language, with what was typed.
    if (form.has('switch')) return void (await showTerms(ctx, pages, typed));
    const { errors, until } = wrongIn(typed, asked, language, act.now);
    if (errors.length) return void (await showTerms(ctx, pages, typed, errors));
    const name = { to: typed.number!, lastName: typed.lastName };
    const giver = await receiverOf(act, session, acting.party.id, name);
    const wanted = {
      from: giver.id,
      to: acting.party.id,
      by: session.party,
      package: asked.package,
      resource: asked.resource,
      actions: asked.actions?.filter((one) => typed.actions!.includes(one)) ?? null,
      validTo: until!,
      redirectUrl: null,
    };
    const { id } = await askForRight(act, wanted, 'pending');
    return `/requests/${id}?sent`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'TIL-00007') return void tellStepUp(ctx, pages.render, ctx.url, error);
    const text = whyRefused(error, language, await askerOf(ctx, pages));
    if (!text) throw error;
    return void (await showTerms(ctx, pages, typed, [{ field: 'number', text }]));
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
};

/** Whether it is for oneself, or for whom. */
const whoOfAsking = ({ isSelf, party }: Acting) => ({
  self: isSelf ? 'yes' : 'no',
  name: displayName(party),
});

function whyRefused(error: Fault, language: Language, acting: Acting): string | undefined {
  const inside = error.members.validationErrors as { code: string }[] | undefined;
  const key = BY_FIELD[inside?.[0]?.code ?? error.code];
  return key ? t(language, key, whoOfAsking(acting)) : whyNot(error, language);
}
