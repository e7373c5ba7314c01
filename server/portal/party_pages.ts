// The parties that a person may see to: oneself, children and wards, companies with their
// sub-units, and those that have let one administer for them; each with why, and until when. And
// the person's choices: the language, and favourites.
import { type Posted, pageRouter } from '../caller/declared_pages.ts';
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { sessionOf } from '../caller/pages.ts';
import {
  chooseLanguage,
  findProfile,
  setFavourite,
  type Profile,
} from '../caller/profile_store.ts';
import { displayName } from '../consent/text.ts';
import { formatUntil } from '../consent/until_model.ts';
import { decideAll, representedBy } from '../decision/commands.ts';
import { byId } from '../decision/search/search.ts';
import { packagesCarried } from '../decision/rules/tags_model.ts';
import { findHeldMandates } from '../decision/search/store.ts';
import { ADMINISTRATION } from '../delegation/authority.ts';
import { findParties } from '../party/store.ts';
import { fault } from '../platform/errors.ts';
import { isUuid } from '../platform/ids.ts';
import {
  formatDate,
  formatOrganizationNumber,
  isLanguage,
  LANGUAGE_NAMES,
  LANGUAGES,
  languageOf,
  pick,
  rememberLanguage,
  t,
  type Language,
} from '../platform/locale.ts';
import { RESPONSIBILITY, type Catalogue } from '../resource/catalogue/model.ts';
import { findPoliciesOf } from '../resource/policy/store.ts';
import { customersPath } from './customers/path.ts';
import { scopesPath } from './systems/path.ts';
import { offsetOf, turns, type PortalPages } from './page.ts';

const PAGE_SIZE = 10;

export const partyPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'parties', path: '/parties', show: showParties },
    { id: 'parties_favourite', path: '/parties', post: postFavourite },
    { id: 'profile', path: '/profile', show: showProfile },
    { id: 'profile_save', path: '/profile', post: postProfile },
  ]);

/** One whom the person may see to. */
interface Represents {
  id: string;
  kind: string;
  name: string;
  organizationNo: string | null;
  bornOn: string | null;
  /** The role it is by; undefined where it is by power of attorney. */
  role: string | undefined;
  validTo: Date | null;
  /** Kinds that the person may administer there; empty where that is asked only as it is shown. */
  administers: Kind[];
  /** Whether a register lets the person see to the party's consents. */
  consents: boolean;
}

/** Kinds of administration that have a page of a company. */
const KINDS = ['access', 'clients', 'scopes'] as const;
type Kind = (typeof KINDS)[number];

/** Kinds that have a page of such a party: customers and API access are an organisation's alone. */
const withPages = (party: string, kinds: Kind[]): Kind[] =>
  party === 'organization' ? kinds : kinds.filter((kind) => kind === 'access');

/** The kinds that the person administers of each of these parties. */
async function administered(
  { act }: PortalPages,
  person: string,
  parties: string[],
): Promise<(party: string) => Kind[]> {
  const questions = parties.flatMap((party) =>
    KINDS.map((kind) => {
      const about = { subject: byId(person), from: byId(party), action: 'write' };
      return { party, kind, ...about, resource: ADMINISTRATION[kind] };
    }),
  );
  const decided = questions.length ? await decideAll(act, questions) : [];
  const permitted = questions.filter((_, at) => decided[at]!.decision.permit);
  const may = Map.groupBy(permitted, ({ party }) => party);
  return (party) => (may.get(party) ?? []).map(({ kind }) => kind);
}

/** Givers of what could open some administration, beyond those that a register names. */
async function givers(
  { act }: PortalPages,
  { person, catalogue }: { person: string; catalogue: Catalogue },
): Promise<string[]> {
  const policies = await findPoliciesOf(
    act.db,
    KINDS.map((kind) => ADMINISTRATION[kind]),
  );
  const opening = new Set(
    [...policies.values()]
      .flatMap(({ rules }) => rules)
      .flatMap(({ subjects }) => subjects.flat())
      .filter(({ kind }) => kind === 'package')
      .map(({ value }) => value),
  );
  const rows = await findHeldMandates(act, person, true);
  const opens = rows.filter(
    (row) =>
      !catalogue.roles.get(row.role ?? '')?.keyRole &&
      packagesCarried(row, null, catalogue).some((one) => opening.has(one)),
  );
  return [...new Set(opens.map(({ from }) => from))];
}

/** Everybody whom the person may see to, by name. */
async function everybody(
  pages: PortalPages,
  { person, catalogue }: { person: string; catalogue: Catalogue },
): Promise<Represents[]> {
  const represented = await representedBy(pages.act, person);
  const known = new Set([person, ...represented.map(({ id }) => id)]);
  const others = (await givers(pages, { person, catalogue })).filter((id) => !known.has(id));
  const may = await administered(pages, person, others);
  const open = others.filter((one) => may(one).length);
  const rows = open.length ? await findParties(pages.act, open) : [];
  const list = [
    ...represented.map((one) => ({ ...one, administers: [], consents: true })),
    ...rows
      .filter(({ ended }) => !ended)
      .map((one) => ({
        ...one,
        role: undefined,
        validTo: null,
        administers: withPages(one.kind, may(one.id)),
        consents: false,
      }))
      .filter(({ administers }) => administers.length),
  ];
  return list.sort((a, b) => a.name.localeCompare(b.name, 'nb', { numeric: true }));
}

async function showParties(ctx: Context, pages: PortalPages): Promise<void> {
  const { party, name, csrf } = sessionOf(ctx);
  const language = languageOf(ctx);
  const { searchParams } = ctx.URL;
  const search = (searchParams.get('q') ?? '').trim().slice(0, 100);
  const offset = offsetOf(ctx);
  const { favourites, recent } = await findProfile(pages.act.db, party);
  const catalogue = await currentCatalogue(pages.act);
  const all = await everybody(pages, { person: party, catalogue });
  const found = all.filter((one) => fits(one, search));
  const shown = found.slice(offset, offset + PAGE_SIZE);
  const pinned = (ids: string[]) => ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
  const isPlain = search === '' && offset === 0 && found.length > PAGE_SIZE;
  const lists = {
    favourites: isPlain ? pinned(favourites) : [],
    recent: isPlain ? pinned(recent.filter((id) => !favourites.includes(id))) : [],
    shown,
  };
  const visible = [...new Set(Object.values(lists).flat())];
  const asked = visible.filter((one) => !one.administers.length).map(({ id }) => id);
  const may = await administered(pages, party, asked);
  const card = (one: Represents) => ({
    ...describe(
      { ...one, administers: [...one.administers, ...withPages(one.kind, may(one.id))] },
      catalogue,
      language,
    ),
    isFavourite: favourites.includes(one.id),
  });
  const link = (at: number) => `/parties?${new URLSearchParams({ q: search, offset: `${at}` })}`;
  pages.render(ctx, {
    view: 'portal/parties',
    title: t(language, 'portal.parties.title'),
    who: { label: t(language, 'common.acting_self'), user: name, canSwitch: false },
    data: {
      csrf,
      self: { name },
      favourites: lists.favourites.map(card),
      recent: lists.recent.map(card),
      people: shown.filter(({ kind }) => kind === 'person').map(card),
      organizations: shown.filter(({ kind }) => kind !== 'person').map(card),
      searchable: all.length > PAGE_SIZE,
      search,
      found: search ? t(language, 'mandate.found', { n: found.length }) : undefined,
      ...turns({ offset, size: PAGE_SIZE, of: found.length }, link),
    },
  });
}

const fits = ({ name, organizationNo }: Represents, search: string) =>
  name.toLowerCase().includes(search.toLowerCase()) ||
  (organizationNo ?? '').includes(search.replaceAll(/\s/g, '') || '-');

function describe(one: Represents, catalogue: Catalogue, language: Language) {
  const why =
    one.role === undefined
      ? undefined
      : (pick(catalogue.roles.get(one.role)?.name, language)?.text ?? one.role);
  return {
    id: one.id,
    name: displayName(one),
    number: one.organizationNo ? formatOrganizationNumber(one.organizationNo) : undefined,
    born: one.bornOn
      ? t(language, 'portal.parties.born', { date: formatDate(language, new Date(one.bornOn)) })
      : undefined,
    why:
      one.role === RESPONSIBILITY
        ? t(language, 'portal.parties.parent')
        : why
          ? t(language, 'portal.parties.why', { why })
          : t(language, `portal.parties.by_mandate_${one.administers[0] ?? 'access'}`),
    until: one.validTo
      ? t(language, 'portal.until', { until: formatUntil(language, one.validTo) })
      : undefined,
    consents: one.consents,
    administers: one.administers.includes('access'),
    // A person who administers access finds these on the company's own pages.
    ...(one.administers.includes('access') ? {} : placesOf(one)),
  };
}

const placesOf = ({ id, administers }: Represents) => ({
  customers: administers.includes('clients') ? customersPath(id) : undefined,
  scopes: administers.includes('scopes') ? scopesPath(id) : undefined,
});

async function postFavourite({ pages, session, form }: Posted<PortalPages>) {
  const party = form.get('party');
  if (!isUuid(party)) throw fault('TIL-00014');
  const isFavourite = form.get('favourite') === 'yes';
  const catalogue = await currentCatalogue(pages.act);
  // Only one that is listed: nobody learns by it who is known here.
  const isListed =
    !isFavourite ||
    (await everybody(pages, { person: session.party, catalogue })).some(({ id }) => id === party);
  if (!isListed) throw fault('TIL-00008', { because: 'not to see to' });
  await setFavourite(pages.act.db, session.party, party!, isFavourite);
  return form.get('from') === 'profile' ? '/profile' : '/parties';
}

async function showProfile(ctx: Context, pages: PortalPages): Promise<void> {
  const { party, name, csrf } = sessionOf(ctx);
  const language = languageOf(ctx);
  const kept = await pages.forms.take(ctx, sessionOf(ctx));
  const profile = await findProfile(pages.act.db, party);
  const chosen = kept ? kept.get('language') || null : profile.language;
  pages.render(ctx, {
    view: 'portal/profile',
    title: t(language, 'portal.profile.title'),
    who: { label: t(language, 'common.acting_self'), user: name, canSwitch: true, party },
    data: {
      csrf,
      ...(await pinnedOf(ctx, pages, profile)),
      form: pages.forms.mark(sessionOf(ctx), '/profile'),
      isKept: kept !== undefined,
      saved: ctx.URL.searchParams.has('saved') && t(language, 'portal.profile.saved'),
      languages: [
        { id: '', label: t(language, 'portal.profile.browser'), checked: chosen === null },
        ...LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id], checked: id === chosen })),
      ],
    },
  });
}

/** Favourites and the latest, of those that the person may still see to. */
async function pinnedOf(ctx: Context, pages: PortalPages, { favourites, recent }: Profile) {
  if (!favourites.length && !recent.length) return {};
  const language = languageOf(ctx);
  const catalogue = await currentCatalogue(pages.act);
  const person = sessionOf(ctx).party;
  const all = await everybody(pages, { person, catalogue });
  const cards = (ids: string[], isFavourite: boolean) =>
    ids
      .flatMap((id) => all.find((one) => one.id === id) ?? [])
      .map((one) => ({ ...describe(one, catalogue, language), isFavourite, from: 'profile' }));
  return {
    favourites: cards(favourites, true),
    recent: cards(
      recent.filter((id) => !favourites.includes(id)),
      false,
    ),
  };
}

async function postProfile({ ctx, pages, session, form }: Posted<PortalPages>) {
  const wanted = form.get('language') ?? '';
  if (wanted !== '' && !isLanguage(wanted)) throw fault('TIL-00014');
  const language = isLanguage(wanted) ? wanted : null;
  await chooseLanguage(pages.act.db, session.party, language);
  rememberLanguage(ctx, language);
  return '/profile?saved';
}
