// A director with a company and one of everything there, and every page about them.
import { loggedIn } from './browser.ts';
import { lookedOver } from './looked_over.ts';
import { assign } from '../rights/office.ts';
import { grouped } from '../rights/groups.ts';
import { can, given, newFirm, newResource } from '../rights/rights.ts';
import { asVendor, newSystem } from '../rights/systems.ts';
import {
  approve,
  ask,
  call,
  importThis,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
} from '../world.ts';

const AGENTS = '/accessmanagement/api/v1/enduser/clientdelegations/agents';

export interface Scene {
  boss: TestParty;
  firm: TestParty;
  consent: string;
  waiting: string;
  mandate: string;
  right: string;
  asked: string;
  helper: TestParty;
  /** A system that asks the company. */
  system: string;
  systemAsked: string;
  group: string;
  /** Of the company's own customers, one for whom the helper works. */
  customer: TestParty;
  /** The organisation that a consent was given to. */
  to: TestParty;
  /** Addresses where what was filled in is looked over, by what they are. */
  looked: Record<string, string>;
}

/** A director with a company, a consent, a power of attorney and a request for one. */
export async function scene(): Promise<Scene> {
  const [{ firm, boss }, clerk, helper, to] = [
    await newFirm(),
    await newPerson(),
    await newPerson(),
    await newOrganization(),
  ];
  await newRole('medl', firm, clerk);
  for (let count = 0; count < 5; count += 1) await newRole('lede', firm, await newPerson());
  const mandate = await given(boss, firm, helper, { package: 'merverdiavgift' });
  const service = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
  const right = await given(boss, firm, helper, { resource: service, actions: ['read'] });
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'toll' });
  const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
  const asked = (await call('POST', path, await personToken(clerk))).body.id;
  const [consent, waiting] = [await ask(boss, to), await ask(boss, to)];
  await approve(consent, boss);
  const { vendor, id: system } = await newSystem();
  const wanted = { customer: firm.number, packages: ['lonn'], resources: ['mva-melding'] };
  const systemAsked = (await asVendor(vendor, 'POST', `${system}/requests`, wanted)).body.id;
  const { id: group, open } = await grouped(firm, boss);
  await open('merverdiavgift', 'toll');
  const { boss: chief, firm: customer } = await newFirm();
  await given(chief, customer, firm, { package: 'lonn' });
  const agent = { personIdentifier: helper.number, lastName: lastName(helper) };
  await call('POST', `${AGENTS}?party=${firm.id}`, await personToken(boss), agent);
  const assigned = new URLSearchParams({ party: firm.id, client: customer.id });
  const browser = await loggedIn(boss, `/customers/assign?${assigned}`);
  await assign(browser, { agent: helper.id, package: 'lonn' });
  const list = { owner: firm.number, id: 'venner', name: 'Venner', members: [customer.number] };
  await importThis({ accessLists: [list] });
  return {
    ...{ customer, to },
    ...{ boss, firm, helper, consent, waiting, mandate, right, asked, system, systemAsked },
    group,
    looked: await lookedOver({ boss, firm, helper, customer }),
  };
}

/** Pages of it that a browser shows, but for the one that is not there. */
export const shownOf = (set: Scene): string[] =>
  Object.entries(pagesOf(set)).flatMap(([name, path]) =>
    / as (CSV|JSON)$/.test(name) || name === 'not there' ? [] : [path],
  );

/** The pages of one who leads it, by what they are. */
export const pagesOf = ({
  firm,
  consent,
  waiting,
  mandate,
  right,
  asked,
  helper,
  systemAsked,
  group,
  customer,
  looked,
}: Scene): Record<string, string> => ({
  start: '/start',
  help: '/help',
  'not there': '/finnes-ikke',
  parties: '/parties',
  'parties, searched': '/parties?q=foretak',
  profile: '/profile',
  apps: '/apps',
  sessions: '/sessions',
  inbox: '/inbox',
  'inbox of a company': `/inbox?party=${firm.id}`,
  ...Object.fromEntries(
    ['given', 'received', 'statutory', 'waiting', 'ended'].map((show) => [
      `overview, ${show}`,
      `/overview?party=${firm.id}&show=${show}`,
    ]),
  ),
  'overview, searched': `/overview?party=${firm.id}&q=person`,
  'overview, own, received': '/overview?show=received',
  'overview as CSV': `/overview.csv?party=${firm.id}`,
  'overview on paper': `/overview/paper?party=${firm.id}`,
  'overview as JSON': `/overview.json?party=${firm.id}`,
  'consents as CSV': '/consents.csv',
  'people, own': '/overview/people',
  people: `/overview/people?party=${firm.id}`,
  person: `/overview/people/${helper.id}?party=${firm.id}`,
  'person, end all': `/overview/people/${helper.id}/end?party=${firm.id}&all=yes`,
  'person, change': `/overview/people/${helper.id}/change?party=${firm.id}&held=${mandate}&held=${right}`,
  mandate: `/overview/${mandate}`,
  'mandate, change': `/overview/${mandate}/change`,
  'mandate of a service': `/overview/${right}`,
  'mandate of a service, change': `/overview/${right}/change`,
  stop: `/overview/stop?party=${firm.id}&receiver=${helper.id}`,
  'mandate, end': `/overview/${mandate}/end`,
  log: '/log',
  'log of a company': `/log?party=${firm.id}`,
  'log of a company, uses': `/log?party=${firm.id}&show=uses`,
  'log of a company, searches': `/log?party=${firm.id}&show=seen`,
  'who can': `/who-can?party=${firm.id}&resource=mva-melding`,
  'who can, searched': `/who-can?party=${firm.id}&q=mva`,
  'give, what': `/give?party=${firm.id}`,
  'give, searched': `/give?party=${firm.id}&q=mva`,
  'give, terms': `/give/terms?party=${firm.id}&package=toll`,
  'give, terms of several': `/give/terms?party=${firm.id}&package=toll&package=merverdiavgift&to=${helper.id}`,
  code: '/code',
  'give, code': '/give/code',
  groups: `/groups?party=${firm.id}`,
  group: `/groups/${group}?party=${firm.id}`,
  'group, change': `/groups/${group}/change?party=${firm.id}`,
  'group, members': `/groups/${group}/members?party=${firm.id}`,
  'group, rights': `/groups/${group}/rights?party=${firm.id}`,
  'group, end': `/groups/${group}/end?party=${firm.id}`,
  holdings: `/holdings?party=${firm.id}`,
  'holdings as CSV': `/holdings.csv?party=${firm.id}`,
  'holdings, file': `/holdings/file?party=${firm.id}`,
  customers: `/customers?party=${firm.id}`,
  'customers, searched': `/customers?party=${firm.id}&q=giver&order=ends`,
  'customers as CSV': `/customers.csv?party=${firm.id}`,
  'customers, assign': `/customers/assign?party=${firm.id}&client=${customer.id}`,
  'customers, ask': `/customers/ask?party=${firm.id}&client=${customer.id}`,
  'customers, one': `/customers/one?party=${firm.id}&client=${customer.id}`,
  'customers, people': `/customers/agents?party=${firm.id}`,
  'customers, end of one': `/customers/agents/end?party=${firm.id}&to=${helper.id}`,
  'customers, work of one': `/customers/agents/work?party=${firm.id}&to=${helper.id}`,
  'customers, fell away': `/customers/left?party=${firm.id}`,
  'customers, file': `/customers/file?party=${firm.id}`,
  'customers, work as CSV': `/customers/work.csv?party=${firm.id}`,
  lists: `/lists?party=${firm.id}`,
  list: `/lists/venner?party=${firm.id}`,
  leavers: `/leavers?party=${firm.id}`,
  scopes: `/scopes?party=${firm.id}`,
  signals: `/signals?party=${firm.id}`,
  systems: `/systems?party=${firm.id}`,
  'system, asked for': `/systems/requests/${systemAsked}`,
  'ask, whom': '/ask',
  'ask, what': '/ask?others=yes',
  'ask, searched': '/ask?q=mva',
  'ask, terms': '/ask/terms?package=toll',
  silences: `/silences?party=${firm.id}`,
  request: `/requests/${asked}`,
  'request, pass on': `/requests/${asked}/pass-on?party=${firm.id}`,
  ...Object.fromEntries(
    ['active', 'waiting', 'ended', 'events'].map((show) => [
      `consents, ${show}`,
      `/consents?show=${show}`,
    ]),
  ),
  'consents of a company': `/consents?party=${firm.id}`,
  'consents of a company, events': `/consents?party=${firm.id}&show=events`,
  consent: `/consents/${consent}`,
  'consent, withdraw': `/consents/${consent}/withdraw`,
  'consent, request': `/consent/request?id=${waiting}`,
  'consent, receipt': `/consent/receipt?id=${consent}`,
  'consent, narrow': `/consents/${consent}/narrow`,
  ...looked,
});
