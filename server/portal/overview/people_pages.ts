// The people who can act for a party, and for whom it can: a picture and a list of the same; for a
// company also its main administrators, and packages that nobody has yet.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { checkPackages } from '../../delegation/give/check.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { listGiven, listPeople, type Person } from '../../mandate/people_store.ts';
import { formatList, languageOf, pick, t } from '../../platform/locale.ts';
import { MAIN_ADMINISTRATOR } from '../../resource/catalogue/model.ts';
import { asHeading, mandateName, type MandateWords, type MandateSubject } from '../mandate/text.ts';
import { offsetOf, turns, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { originLines } from '../systems/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { holdingsPath } from '../holdings/holdings.ts';
import { customersPath } from '../customers/path.ts';
import { groupsPath } from '../groups/group.ts';
import { administered } from '../../delegation/authority.ts';
import { leaversPath } from '../leavers/path.ts';
import { personPath } from '../person/between.ts';

const PAGE_SIZE = 20;
/** In the picture, on each side. */
const PICTURED = 8;

export const peoplePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'people', path: '/overview/people', show: showPeople }]);

async function showPeople(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingFor(ctx, pages, ctx.URL.searchParams.get('party'));
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const { party, received, session } = acting;
  const viewed = { party: party.id, received, viewer: session.party };
  const { holders, givers } = await listPeople(pages.act, viewed, { limit: PAGE_SIZE, offset });
  const what = [...holders, ...givers].flatMap(({ resources }) =>
    resources.map((resource) => ({ resource })),
  );
  const telling = await tellingOf(ctx, pages, what);
  const origins = await originLines(pages.act, holders, language);
  const most = Math.max(holders[0]?.of ?? 0, givers[0]?.of ?? 0);
  const link = (at: number) =>
    `/overview/people?${new URLSearchParams({ party: party.id, offset: `${at}` })}`;
  const name = displayName(party);
  pages.render(ctx, {
    view: 'portal/overview/people',
    title: t(language, 'people.title', { name }),
    wide: true,
    who: whoOf(ctx, acting),
    data: {
      name,
      picture: { givers: side(givers, telling), name, holders: side(holders, telling) },
      holders: holders.map((one) => ({
        ...lineOf(one, telling, personPath(one.id, party.id)),
        origin: origins.get(one.id),
      })),
      givers: givers.map((one) => lineOf(one, telling, hrefOf(party.id, one))),
      showGivers: received,
      ...(party.kind === 'organization' && offset === 0
        ? await companyOf(pages, acting, telling)
        : {}),
      whoCan: `/who-can?party=${party.id}`,
      holdings: party.kind === 'organization' ? holdingsPath(party.id) : undefined,
      groups: party.kind === 'organization' ? groupsPath(party.id) : undefined,
      leavers: isCompany(party) ? leaversPath(party.id) : undefined,
      back: `/overview?party=${party.id}`,
      ...turns({ offset, size: PAGE_SIZE, of: most }, link),
    },
  });
}

/** One side of the picture, and how many more there are. */
const side = (people: Person[], telling: MandateWords) => ({
  people: people.slice(0, PICTURED).map((one) => lineOf(one, telling)),
  more: (people[0]?.of ?? 0) > PICTURED ? { n: people[0]!.of - PICTURED } : undefined,
});

/** Where what one gave is: what was given, or what a register says. */
const hrefOf = (party: string, one: Person) =>
  one.isOwn &&
  `/overview?${new URLSearchParams({
    party,
    show: one.packages.length + one.resources.length ? 'received' : 'statutory',
    q: one.name,
  })}`;

/** One of them, with all that it has, in words. */
function lineOf(person: Person, telling: MandateWords, href: string | false = false) {
  const { language } = telling;
  const names = (kind: keyof MandateSubject, codes: string[]) =>
    codes.map((code) =>
      mandateName({ role: null, package: null, resource: null, [kind]: code }, telling),
    );
  const has = [
    ...names('role', person.roles),
    ...names('package', person.packages),
    ...names('resource', person.resources),
  ];
  return {
    href,
    name: displayName(person),
    has: asHeading(language, formatList(language, has)),
    isMain: person.packages.includes(MAIN_ADMINISTRATOR),
  };
}

/**
 * Packages that nobody has been given and no role opens by itself, and that the person may give.
 */
async function companyOf(
  { act }: PortalPages,
  { party, session }: Acting,
  { catalogue, language }: MandateWords,
) {
  const codes = catalogue
    .confidential()
    .map(({ code }) => code)
    .filter((code) => code !== MAIN_ADMINISTRATOR);
  const wanted = [...codes, MAIN_ADMINISTRATOR];
  const given = await listGiven(act, party.id, wanted);
  const missing = wanted.filter((code) => !given.includes(code));
  const checks = missing.length ? await checkPackages(act, session, party.id, missing) : [];
  const giveOf = (code: string) => ({
    name: pick(catalogue.packages.get(code)?.name, language)?.text ?? code,
    href: `/give/terms?${new URLSearchParams({ party: party.id, package: code })}`,
  });
  const may = checks.filter(({ result }) => result).map(({ code }) => code);
  const seesToCustomers = (await administered(act, session, [party.id], 'clients')).length > 0;
  return {
    customers: seesToCustomers ? customersPath(party.id) : undefined,
    noMain: !given.includes(MAIN_ADMINISTRATOR),
    giveMain: may.includes(MAIN_ADMINISTRATOR) ? giveOf(MAIN_ADMINISTRATOR) : undefined,
    missing: may.filter((code) => code !== MAIN_ADMINISTRATOR).map(giveOf),
  };
}
