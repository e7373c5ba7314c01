// A supplier of the test's own: an office with people who work for its customers.
import assert from 'node:assert/strict';
import { press, type Browser, type Page } from '../pages/browser.ts';
import { decide, given, newFirm } from './rights.ts';
import {
  call,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../world.ts';

export const VAT = 'merverdiavgift';

/** Somebody who works for a supplier's customers. */
export async function newAgent(
  boss: TestParty,
  office: TestParty,
  name: string,
): Promise<TestParty> {
  const agent = await newPerson(name);
  const path = `/accessmanagement/api/v1/enduser/clientdelegations/agents?party=${office.id}`;
  const named = { personIdentifier: agent.number, lastName: lastName(agent) };
  const { status, text } = await call('POST', path, await personToken(boss), named);
  assert.ok(status < 300, text);
  return agent;
}

/** An office with an agent, and customers of its by register or by what they gave. */
export async function office(count = 3) {
  const { firm, boss } = await newFirm();
  const agent = await newAgent(boss, firm, 'Agnes Ansatt');
  const [customers, chiefs]: [TestParty[], TestParty[]] = [[], []];
  for (const letter of ['Alfa', 'Beta', 'Gamma', 'Delta', 'Epsilon'].slice(0, count)) {
    const name = `${letter} Kunde AS`;
    const [customer, chief] = [await newOrganization(name), await newPerson()];
    await newRole('dagl', customer, chief);
    await given(chief, customer, firm, { package: VAT });
    customers.push(customer);
    chiefs.push(chief);
  }
  return { firm, boss, agent, customers, chiefs };
}

/** Ticks, in the form for some customers, and gives what was looked over. */
export async function assign(
  browser: Browser,
  ticked: Record<string, string> | URLSearchParams,
): Promise<Page> {
  await browser.submit(ticked, undefined, { to: /customers\/assign\?/ });
  return press(browser, /assign\/check/);
}

/** A firm whose clerk has used VAT, as its log has it. */
export async function usedVat() {
  const { firm, boss } = await newFirm();
  const clerk = await newPerson('Klara Kontorist');
  await given(boss, firm, clerk, { package: VAT });
  assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  // Decisions are written a moment after they are answered.
  await world.app.settle();
  return { firm, boss, clerk };
}
