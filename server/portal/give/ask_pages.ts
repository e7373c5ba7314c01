// Asking for a right as pages: find what, say of whom and how long, send it. Nothing is given
// before those who are asked have said yes.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { askForRight } from '../../access_request/commands.ts';
import { asksStrangersAs } from '../../access_request/tie.ts';
import { mustStand } from '../../access_request/standing.ts';
import { tellStepUp } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { SCHEMA } from '../../delegation/give/check.ts';
import { packageFault } from '../../delegation/model.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { actionsOf, packageCode } from '../../resource/policy/model.ts';
import { findPolicyOf } from '../../resource/policy/store.ts';
import type { RegistryRow } from '../../resource/registry/store.ts';
import { findResources } from '../../resource/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import { namedIn } from './gift.ts';
import { asSearch, isDelegable, visibleWith } from './search.ts';
import {
  partyInAddress,
  wizardRows,
  type Filled,
  type Step,
  type Thing,
  type Visited,
  type Way,
} from './wizard.ts';
import { whyNot } from '../mandate/pages.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, type Acting } from '../party.ts';
import type { FieldFault } from './terms_model.ts';

const MOST_FOUND = 20;

const asking: Way<Thing> = {
  id: 'ask',
  actingIn: askerIn,
  offer: toAsk,
  actingOn: askerIn,
  thing: askedIn,
  // A company that a refusal sends here is filled in; its number is no secret.
  typedBefore(ctx) {
    const number = queryParameter(ctx, 'number');
    return number && isOrganizationNumber(number) ? { number } : {};
  },
  form: formOfAsking,
  done: send,
  refused(error, { ctx, pages }) {
    if (error.code !== 'TIL-00007') throw error;
    tellStepUp(ctx, pages.render, ctx.url, error);
  },
};

export const askPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, wizardRows(asking));

/** The asker: the person, or an organisation that the person asks for. */
async function askerIn(ctx: Context, pages: PortalPages): Promise<Acting> {
  const acting = await actingFor(ctx, pages, partyInAddress(ctx));
  if (!acting.received) throw fault('TIL-00008', { because: 'nobody asks for a person' });
  return acting;
}

/** Finds all packages that can be given to the asker, or packages and services by a word. */
async function toAsk({ pages, acting, language }: Visited, search: string) {
  const { act } = pages;
  const catalogue = await currentCatalogue(act);
  const { kind } = acting.party;
  const packages = [...catalogue.packages.values()].filter((entry) =>
    ['person', 'organization'].some((from) => !packageFault(catalogue, entry, from, kind)),
  );
  const stranger = acting.isSelf ? await asksStrangersAs(act, acting.party) : null;
  const found = search
    ? await asSearch(pages, acting.session.party, () => visibleWith(act, search, language))
    : [];
  return {
    packages,
    catalogue,
    found,
    services: found.filter((one) => isDelegable(one) && isGivable(one)).slice(0, MOST_FOUND),
    kindOf: (forKind: string) => t(language, `ask.kind.${forKind}`),
    title: t(language, 'ask.title'),
    texts: {
      searchLabel: t(language, 'ask.search', whoOfAsking(acting)),
      nothing: t(language, 'ask.nothing'),
      lead: t(language, 'ask.lead_of', {
        ...whoOfAsking(acting),
        qualified: stranger ? t(language, `ask.qualified.${stranger}`) : 'none',
      }),
    },
  };
}

/** Services that can be given one by one: they have rules, and are not given as API scopes are. */
const isGivable = ({ type, policyVersion }: RegistryRow) =>
  policyVersion !== null && type !== SCHEMA;

async function askedIn({ ctx, pages: { act }, language }: Visited): Promise<Thing> {
  const {
    packages: [code],
    resources: [resource],
  } = namedIn(ctx);
  const entry = code && (await currentCatalogue(act)).packages.get(packageCode(code));
  if (entry)
    return {
      package: entry.code,
      resource: null,
      name: pick(entry.name, language)?.text ?? entry.code,
      about: pick(entry.description, language)?.text,
      actions: [],
    };
  const id = resource?.toLowerCase() ?? '';
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

function formOfAsking({ acting, what, language }: Step<Thing>) {
  const party = acting.party.id;
  return {
    title: t(language, 'ask.form_title', { what: what.name }),
    address: `/ask/terms?${new URLSearchParams({
      party,
      ...(what.package ? { package: what.package } : { resource: what.resource! }),
    })}`,
    back: `/ask?party=${party}`,
    texts: {
      asking: true,
      mayMessage: true,
      lead: t(language, 'ask.lead'),
      whom: t(language, 'ask.whom', whoOfAsking(acting)),
      send: t(language, 'ask.send'),
    },
  };
}

/** Asks whoever was named, and leads to the request. */
async function send(
  { pages: { act }, acting, what, language }: Step<Thing>,
  { typed, until }: Filled,
): Promise<string | FieldFault> {
  const { session, party } = acting;
  try {
    await mustStand(act, session, party.id, 'to');
    const name = { to: typed.number!, lastName: typed.lastName };
    const giver = await receiverOf(act, session, party.id, name);
    const wanted = {
      from: giver.id,
      to: party.id,
      by: session.party,
      package: what.package,
      resource: what.resource,
      actions: what.resource ? what.actions.filter((one) => typed.actions!.includes(one)) : null,
      validTo: until,
      redirectUrl: null,
      message: typed.message || null,
    };
    const { id } = await askForRight(act, wanted, 'pending');
    return `/requests/${id}?sent`;
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'TIL-00007') throw error;
    const text = whyRefused(error, language, acting);
    if (!text) throw error;
    return { field: 'number', text };
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
