// A supplier asks several customers for the same, looked over by customer and package, and is
// answered by each.
import assert from 'node:assert/strict';
import {
  heading,
  loggedIn,
  mainText,
  press,
  unescapeHtml,
  type Browser,
} from '../support/pages/browser.ts';
import { office, VAT } from '../support/rights/office.ts';
import { newFirm } from '../support/rights/rights.ts';
import { statementsOf } from '../support/run/statements.ts';
import { at, call, newPerson, newRole, personToken, type TestParty } from '../support/world.ts';

const [TOLL, TAX] = ['toll', 'skattegrunnlag'];
const REQUESTS = '/accessmanagement/api/v1/enduser/request';
const DAY = 86_400_000;

const askAt = (supplier: { id: string }, clients: { id: string }[]) =>
  `/customers/ask?${new URLSearchParams([
    ['party', supplier.id],
    ...clients.map(({ id }): [string, string] => ['client', id]),
  ])}`;
const fill = (packages: string[], more: Record<string, string> = {}) =>
  new URLSearchParams([
    ...packages.map((one): [string, string] => ['package', one]),
    ...Object.entries({ long: 'year', ...more }),
  ]);
const submit = (browser: Browser, fields: URLSearchParams) =>
  browser.submit(fields, undefined, { to: /customers\/ask/ });
/** Requests of the supplier to the customer that wait. */
async function waiting(chief: TestParty, customer: TestParty): Promise<string[]> {
  const path = `${REQUESTS}/received?party=${customer.id}`;
  const { body } = await call('GET', path, await personToken(chief));
  return body.data
    .filter(({ status }: { status: string }) => status === 'Pending')
    .map((one: { package?: { referenceId: string } }) =>
      one.package?.referenceId.split(':').at(-1),
    );
}

describe('a supplier that asks several customers', () => {
  it('sends what was looked over to each, and sees how each stands', async () => {
    const { firm, boss, customers, chiefs } = await office();
    const browser = await loggedIn(boss, `/customers?party=${firm.id}`);
    assert.match(browser.page.html, /formaction="\/customers\/ask"/);
    await browser.open(askAt(firm, customers));
    assert.match(heading(browser.page), /Be 3 kunder om fullmakt/);
    await submit(browser, fill([TOLL!, VAT], { message: 'Til årsoppgjøret' }));
    const before = mainText(browser.page.html);
    assert.match(before, /Ingenting er sendt ennå.*Til årsoppgjøret/);
    assert.match(before, /Alfa Kunde AS .*Merverdiavgift: har dere fra før/);
    assert.match(before, /Toll: blir sendt/);
    assert.match(before, /Send 3 forespørsler/);
    assert.deepEqual(await waiting(chiefs[0]!, customers[0]!), []);
    await press(browser, /ask\/check/);
    const after = mainText(browser.page.html);
    assert.match(after, /Forespørslene er sendt/);
    assert.doesNotMatch(after, /blir sendt|Send /);
    const [, way] = /<a class="ds-link" href="(\/requests\/[^"]*)">Toll/.exec(browser.page.html)!;
    assert.equal((await browser.open(unescapeHtml(way!))).status, 200);
    for (const [n, customer] of customers.entries())
      assert.deepEqual(await waiting(chiefs[n]!, customer), [TOLL]);
  });

  it('is looked over in as many statements, however many are asked for how much', async () => {
    const { firm, boss, customers } = await office(5);
    const looked = async (some: TestParty[], packages: string[]) => {
      const browser = await loggedIn(boss, askAt(firm, some));
      await submit(browser, fill(packages));
      const { pathname, search } = browser.page.url;
      return statementsOf(() => browser.open(pathname + search));
    };
    const few = await looked(customers.slice(0, 1), [TOLL!]);
    assert.ok(few.length <= 8, `${few}`);
    assert.deepEqual(await looked(customers, [TOLL!, TAX!, VAT]), few);
  });

  it('is kept from none by one that may not be asked, and asks nobody twice', async () => {
    const { firm, boss, customers, chiefs } = await office();
    const [first, other] = customers as [TestParty, TestParty];
    const query = new URLSearchParams({ party: firm.id, to: first.id, package: TAX! });
    const { body } = await call('POST', `${REQUESTS}/package?${query}`, await personToken(boss));
    const answering = await loggedIn(chiefs[0]!, `/requests/${body.id}?party=${first.id}`);
    answering.page.html = answering.page.html.replaceAll('/approve', '/reject');
    await press(answering, /reject/);
    const browser = await loggedIn(boss, askAt(firm, [first, other]));
    await submit(browser, fill([TAX!]));
    assert.match(mainText(browser.page.html), /sagt nei|fått nei/i);
    const address = browser.page.url.pathname + browser.page.url.search;
    await press(browser, /ask\/check/);
    assert.deepEqual(await waiting(chiefs[0]!, first), []);
    assert.deepEqual(await waiting(chiefs[1]!, other), [TAX]);
    await browser.open(address);
    assert.match(mainText(browser.page.html), /venter på svar/);
    await at(31 * DAY, async () => {
      const later = await loggedIn(boss, askAt(firm, [first]));
      await submit(later, fill([TAX!]));
      assert.match(mainText(later.page.html), /blir sendt/);
    });
  });

  it('is for one who administers the supplier, and about its own customers', async () => {
    const { firm, boss, agent, customers } = await office();
    const { firm: stranger } = await newFirm();
    const page = await loggedIn(agent, askAt(firm, customers));
    assert.equal(page.page.status, 403);
    const own = await loggedIn(boss, askAt(firm, [stranger]));
    assert.equal(own.page.url.pathname, '/customers');
    await own.open(askAt(firm, customers));
    await submit(own, fill([TOLL!]));
    const { pathname, search } = own.page.url;
    const other = await newPerson();
    await newRole('dagl', firm, other);
    assert.equal((await loggedIn(other, pathname + search)).page.status, 403);
  });

  it('says what is wrong with the form', async () => {
    const { firm, boss, customers } = await office(5);
    const browser = await loggedIn(boss, askAt(firm, customers));
    await submit(browser, fill([], { long: '' }));
    assert.equal(browser.page.status, 400);
    assert.match(mainText(browser.page.html), /Velg minst én fullmakt/);
    await submit(browser, fill(['innbygger-pensjon', 'finnes-ikke']));
    assert.match(mainText(browser.page.html), /Velg minst én fullmakt/);
    const boxes = [...browser.page.html.matchAll(/name="package" id="package-([^"]*)"/g)];
    await submit(browser, fill(boxes.slice(0, 31).map(([, code]) => code!)));
    assert.match(mainText(browser.page.html), /Velg færre/);
  });
});
