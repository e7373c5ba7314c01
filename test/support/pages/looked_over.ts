// Pages on which somebody looks over what was filled in: each at the address that its form led to.
import { loggedIn, mainText, type Browser } from './browser.ts';
import { newSystemUser } from '../rights/systems.ts';
import { newOrganization, type TestParty } from '../world.ts';

interface Led {
  boss: TestParty;
  firm: TestParty;
  helper: TestParty;
  customer: TestParty;
}

/** A form and its fields, and the page after it. */
type Form = [path: string, to: RegExp, fields: Record<string, string>];

const formsOf = async ({ firm, helper, customer }: Led): Promise<Record<string, Form>> => {
  const party = `party=${firm.id}`;
  const other = await newOrganization();
  const gives = [
    'Gjør;Enhetens nummer;Fullmakt;Siste dag;Mottaker;Nummer;Etternavn',
    `gi;${firm.number};toll;;;${other.number};`,
  ];
  const assigns = [
    'Gjør;Kundens nummer;Kundens id;Fullmakt;Den ansattes id;Ansatt',
    `avslutt;${customer.number};;lonn;${helper.id};`,
  ];
  return {
    'give, check': [
      `/give/terms?${party}&package=skattegrunnlag&to=${helper.id}`,
      /give\/terms/,
      { to: helper.id, long: 'half' },
    ],
    'ask, check': [
      '/ask/terms?package=lonn',
      /ask\/terms/,
      { number: customer.number, long: 'half' },
    ],
    'customers, assign, check': [
      `/customers/assign?${party}&client=${customer.id}`,
      /customers\/assign\?/,
      { agent: helper.id, package: 'lonn' },
    ],
    'customers, ask, check': [
      `/customers/ask?${party}&client=${customer.id}`,
      /customers\/ask/,
      { package: 'toll', long: 'year' },
    ],
    'holdings, file, check': [
      `/holdings/file?${party}`,
      /holdings\/file\?/,
      { file: gives.join('\r\n') },
    ],
    'customers, file, check': [
      `/customers/file?${party}`,
      /customers\/file\?/,
      { file: assigns.join('\r\n') },
    ],
  };
};

/** The addresses of these pages for one who leads a company, by what they are. */
export async function lookedOver(led: Led): Promise<Record<string, string>> {
  const { boss, firm, helper } = led;
  const browser = await loggedIn(boss, '/start');
  const found: Record<string, string> = {};
  for (const [name, form] of Object.entries(await formsOf(led)))
    found[name] = await after(browser, form, name);
  const { id: system } = await newSystemUser(boss, firm);
  return {
    ...found,
    'system, end': `/systems/${system}/end?party=${firm.id}`,
    'system, suspend': `/systems/${system}/suspend?party=${firm.id}`,
    'log, reason': `/log/reason?party=${firm.id}&by=${helper.id}`,
    package: `/packages/kjoretoy?party=${firm.id}`,
  };
}

async function after(browser: Browser, [path, to, fields]: Form, name: string): Promise<string> {
  await browser.open(path);
  const { url, status, html } = await browser.submit(fields, undefined, { to });
  if (status !== 200 || !url.pathname.endsWith('/check'))
    throw new Error(`${name}: ${status} at ${url.pathname} ${mainText(html)}`);
  return url.pathname + url.search;
}
