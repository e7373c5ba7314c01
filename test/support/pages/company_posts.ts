// Forms of a company's own pages: a file that is brought, the same looked over, and the page of
// those who have left.
import { loggedIn } from './browser.ts';
import { assign, office, VAT } from '../rights/office.ts';
import { given, newFirm, newTeam } from '../rights/rights.ts';
import {
  call,
  importThis,
  lastName,
  newPerson,
  personToken,
  type TestParty,
  world,
} from '../world.ts';
import type { Form } from './posts.ts';

/** The form that brings a file by which somebody new gets something of a firm. */
export async function bringing(): Promise<Form> {
  const [{ firm, boss: person }, { number, name }] = [await newFirm(), await newPerson()];
  const row = `gi;${VAT};31.12.2031;${number};${lastName({ name })}`;
  const file = `Gjør;Fullmakt;Siste dag;Nummer;Etternavn\n${row}`;
  const page = `/holdings/file?party=${firm.id}`;
  return { person, page, action: '/holdings/file', brought: { file } };
}

/** The form that brings a file by which one works for a customer. */
export async function bringingWork(): Promise<Form> {
  const { firm, boss: person, agent, customers } = await office(1);
  const row = `gi;${customers[0]!.number};${VAT};${agent.id}`;
  const file = `Gjør;Kundens nummer;Fullmakt;Den ansattes id\n${row}`;
  const page = `/customers/file?party=${firm.id}`;
  return { person, page, action: '/customers/file', brought: { file } };
}

/** The form in which such a file was looked over. */
export async function lookedOver(bringing: Promise<Form>): Promise<Form> {
  const { person, page, ...first } = await bringing;
  return { person, page, first, action: `${first.action}/check` };
}

/** The page of those who have left, with one of them. */
export async function leaving(): Promise<Form> {
  const { firm, boss: person, clerk } = await newTeam();
  const mandate = await given(person, firm, clerk, { package: VAT });
  await world.database.db.raw(
    `insert into employment (employer, employee, ended_on) values (?, ?, '2026-10-31')`,
    [firm.id, clerk.id],
  );
  const page = `/leavers?party=${firm.id}`;
  return { person, page, action: '/leavers', chosen: { mandate } };
}

/** A supplier with a customer and one who works for customers. */
async function ofCustomer(): Promise<{ person: TestParty; page: string; agent: string }> {
  const [{ firm, boss }, { firm: customer, boss: chief }] = [await newFirm(), await newFirm()];
  const agent = await newPerson();
  await given(chief, customer, firm, { package: VAT });
  const path = `/accessmanagement/api/v1/enduser/clientdelegations/agents?party=${firm.id}`;
  const named = { personIdentifier: agent.number, lastName: lastName(agent) };
  await call('POST', path, await personToken(boss), named);
  const page = `/customers/assign?party=${firm.id}&client=${customer.id}`;
  return { person: boss, page, agent: agent.id };
}

export async function endingWork(): Promise<Form> {
  const { person, page, agent } = await ofCustomer();
  const party = new URL(page, 'http://x').searchParams.get('party')!;
  const end = `/customers/agents/end?party=${party}&to=${agent}`;
  return { person, page: end, action: '/customers/agents/end' };
}

/** One of a customer's packages that somebody has, by whose page it is shown. */
export async function working(whose: 'agent' | 'customer' = 'agent'): Promise<Form> {
  const { person, page, agent } = await ofCustomer();
  const browser = await loggedIn(person, page);
  await assign(browser, { agent, package: VAT });
  const { searchParams } = new URL(page, 'http://x');
  const [party, client] = [searchParams.get('party')!, searchParams.get('client')!];
  const action = whose === 'agent' ? '/customers/agents/work' : '/customers/one';
  const named = whose === 'agent' ? `to=${agent}` : `client=${client}`;
  const work = `${action}?party=${party}&${named}`;
  const { html } = await browser.open(work);
  const [, mandate] = /name="mandate" id="[^"]*" value="([^"]*)"/.exec(html)!;
  return { person, page: work, action, chosen: { mandate: mandate! } };
}

export async function assigning(): Promise<Form> {
  const { person, page, agent } = await ofCustomer();
  return { person, page, action: '/customers/assign', chosen: { agent, package: VAT } };
}

export async function assigned(): Promise<Form> {
  const { person, page, agent } = await ofCustomer();
  const first = { action: '/customers/assign', chosen: { agent, package: VAT } };
  return { person, page, first, action: '/customers/assign/check' };
}

/** The page of an access list with one on it, and a form there. */
export async function ofList(act: 'add' | 'out'): Promise<Form> {
  const [{ firm, boss: person }, { firm: member }] = [await newFirm(), await newFirm()];
  const list = { owner: firm.number, id: 'venner', name: 'Venner', members: [member.number] };
  await importThis({ accessLists: [list] });
  const page = `/lists/venner?party=${firm.id}`;
  const filled =
    act === 'add' ? { typed: { number: member.number } } : { chosen: { member: member.id } };
  return { person, page, action: `/lists/venner/${act}`, ...filled };
}
