// The past of a bankrupt company, to those who led it: what was until the opening, and nothing of
// what came after; to nobody whose office had run out, and of no unit that came later.
import assert from 'node:assert/strict';
import { uuidv7 } from '../../server/platform/ids.ts';
import { loggedIn } from '../support/pages/browser.ts';
import {
  can,
  change,
  decideEverywhere,
  given,
  newConsentResource,
  newFirm,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  world,
  type TestParty,
} from '../support/world.ts';

const VAT = { package: 'merverdiavgift' };
const raw = (sql: string, values: unknown[] = []) => world.database.db.raw(sql, values as never);
const mark = async (firm: TestParty) => {
  const { number, name } = firm;
  world.registers.units.change({ unit: { number, name, bankrupt: '2026-03-02' } });
  await world.app.registers.poll();
};
const consentOf = async (giver: TestParty, boss: TestParty) => {
  const to = await newOrganization('Spørrende AS');
  const id = await ask(giver, to, rightTo(await newConsentResource(['dagl', 'bobe'])));
  assert.equal((await approve(id, boss)).status, 200);
  return { id, to };
};

describe('the past of a bankrupt company', () => {
  before(() => world.app.registers.poll());

  it('is not read by somebody whose office had run out before', async () => {
    const { firm } = await newFirm();
    const old = await newPerson('Gammel Leder');
    const number = firm.number;
    await importThis({
      roleHolders: [
        { from: number, to: old.number, role: 'lede', validFrom: '2020-01-01T00:00:00Z' },
      ],
    });
    await raw("update mandate set valid_to = '2025-01-01' where to_party = ?", [old.id]);
    await mark(firm);
    for (const page of ['/overview', '/consents'])
      assert.equal((await loggedIn(old, `${page}?party=${firm.id}`)).page.status, 403, page);
  });

  it('does not say that it holds now, nor how to end it', async () => {
    const { firm, boss } = await newFirm();
    await given(boss, firm, await newPerson(), VAT);
    const { id } = await consentOf(firm, boss);
    const browser = await loggedIn(boss, `/consents?party=${firm.id}`);
    assert.match(browser.page.html, /Se eller trekk/);
    await mark(firm);
    for (const path of ['/consents?', `/consents/${id}?`, '/overview?']) {
      const { status, html } = await browser.open(`${path}party=${firm.id}`);
      assert.equal(status, 200, path);
      assert.match(html, /er konkurs fra/, path);
      assert.doesNotMatch(html, /gjelder nå|Se eller trekk|Hvis du ombestemmer deg/, path);
    }
  });

  it('has no unit that came under it later', async () => {
    const [bankrupt, other] = [await newFirm(), await newFirm()];
    const unit = await newOrganization('Flytter', { parent: other.firm.number });
    const id = await given(other.boss, unit, await newPerson('Hemmelig Klerk'), VAT);
    const consent = await consentOf(unit, other.boss);
    await mark(bankrupt.firm);
    await importThis({
      parties: [
        { kind: 'subunit', number: unit.number, name: unit.name, parent: bankrupt.firm.number },
      ],
    });
    const browser = await loggedIn(bankrupt.boss, `/overview?party=${unit.id}`);
    assert.equal(browser.page.status, 403);
    for (const path of [`/overview/${id}?party=${unit.id}`, `/consents/${consent.id}`])
      assert.equal((await browser.open(path)).status, 404, path);
  });

  it('has the terms of then, given and received, on pages, cards and files', async () => {
    const { firm, boss } = await newFirm();
    const client = await newFirm();
    const [clerk, trustee] = [await newPerson('Kari Klerk'), await newPerson()];
    const own = await given(boss, firm, clerk, VAT);
    const received = await given(client.boss, client.firm, firm, VAT);
    await mark(firm);
    await newRole('bobe', firm, trustee);
    for (const [actor, id, year] of [
      [trustee, own, 2032],
      [trustee, own, 2031],
      [client.boss, received, 2031],
    ] as const) {
      const to = { validTo: `${year}-05-05T00:00:00Z`, subunits: false };
      assert.equal((await change(actor, id, to)).status, 200);
    }
    const browser = await loggedIn(boss, `/overview/${own}?party=${firm.id}`);
    for (const path of [
      ...[own, received].map((id) => `/overview/${id}?party=${firm.id}`),
      ...['', '.csv', '.json'].map((kind) => `/overview${kind}?party=${firm.id}`),
      `/overview?party=${firm.id}&show=received`,
    ]) {
      const { status, html } = await browser.open(path);
      assert.equal(status, 200, path);
      // A year of a date: ids may hold the same digits.
      assert.doesNotMatch(html, /[ .]203[12]|203[12]-05-05|Bare hovedenheten/, path);
    }
  });

  it('tells of no use since, by no list and no filter', async () => {
    const { firm, boss } = await newFirm();
    const mandate = await given(boss, firm, await newPerson(), VAT);
    const { id, to } = await consentOf(firm, boss);
    const event = async (type: string, times: number) => {
      for (let n = 0; n < times; n += 1)
        await raw(
          'insert into event (id, type, at, consent_id, from_party, to_party, by_party) values (?, ?, now(), ?, ?, ?, ?)',
          [uuidv7(new Date()), type, id, firm.id, to.id, to.id],
        );
    };
    // Given long ago, and used by nobody until the opening.
    await raw(
      "update mandate set valid_from = now() - interval '3 years', given_at = now() - interval '3 years' where id = ?",
      [mandate],
    );
    const use = async (times: number, also: string) => {
      await event('used', times);
      await raw(
        'update mandate set uses = uses + ?, last_used_at = now() where consent_id = ? or id = ?',
        [times, id, also],
      );
    };
    await use(12, id);
    await event('suspended', 1);
    await mark(firm);
    const browser = await loggedIn(boss, `/consents/${id}`);
    const paths = [
      `/consents/${id}`,
      ...['', '&only=unused', '&show=events'].map((more) => `/consents?party=${firm.id}${more}`),
      `/overview?party=${firm.id}&only=unused`,
    ];
    const pages = async () => {
      const found: string[] = [];
      for (const path of paths) found.push((await browser.open(path)).html);
      // But for the minute in which each was made, which stands on paper.
      return found.map((html) =>
        html.replace(/name="csrf" value="[^"]*"|<p class="only-print">.*/g, ''),
      );
    };
    const before = await pages();
    assert.match(before[0]!, /[Pp]å pause/);
    assert.match(before[0]!, /12 ganger/);
    await new Promise((done) => setTimeout(done, 20));
    await use(210, mandate);
    await event('resumed', 1);
    assert.deepEqual(await pages(), before);
  });
});

describe('what was passed on', () => {
  it('is not widened beyond what it rests on, whoever is faster', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    const resource = await newResource([can('read', 'package:merverdiavgift')]);
    for (let round = 0; round < 6; round += 1) {
      const [helper, clerk] = [await newPerson(), await newPerson()];
      const id = await given(boss, firm, helper, { ...VAT, mayPassOn: true });
      const child = await given(helper, firm, clerk, { ...VAT, subunits: false });
      // Both have found what they need, and wait to tell of it.
      const held = await world.database.db.transaction();
      await held.raw('lock table notice in exclusive mode');
      const widening = change(helper, child, { subunits: true });
      await new Promise((done) => setTimeout(done, 100));
      const narrowing = change(boss, id, { subunits: false });
      await new Promise((done) => setTimeout(done, 100));
      await held.rollback();
      assert.equal((await narrowing).status, 200);
      await widening;
      assert.equal(await decideEverywhere(helper, 'read', resource, unit), 'NotApplicable');
      assert.equal(await decideEverywhere(clerk, 'read', resource, unit), 'NotApplicable');
    }
  });
});
