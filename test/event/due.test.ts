// What the clock and use have to tell: that something ends before long, and that something was used
// for the first time; once, and to those it concerns.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import { can, decide, given, newFirm, newResource, putPolicy } from '../support/rights/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
  type TestParty,
} from '../support/world.ts';

const PACKAGE = 'innbygger-pensjon';

async function told(person: TestParty, type: string) {
  const { body } = await call('GET', '/access/v1/notices', await personToken(person));
  return (
    body.data as { type: string; mandate?: string; consent?: string; links: unknown }[]
  ).filter((one) => one.type === type);
}
/** As if it had been given so many days ago. */
const begunAgo = (days: number, id: string) =>
  world.database.db.raw(
    `update mandate set valid_from = now() - ? * interval '1 day' where id = ?`,
    [days, id],
  );

describe('what one is told in time', () => {
  it('is that a power of attorney ends within thirty days: both sides, once, and again when it was extended', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE, validTo: inDays(20) });
    await given(giver, giver, await newPerson(), {
      package: PACKAGE,
      validTo: inDays(20),
    });
    const later = await given(giver, giver, await newPerson(), {
      package: PACKAGE,
      validTo: inDays(40),
    });
    for (const one of [id, later]) await begunAgo(60, one);
    for (let times = 0; times < 2; times += 1) await world.work.tend();
    for (const who of [giver, helper])
      assert.deepEqual(
        (await told(who, 'mandate_ends')).map((one) => one.mandate),
        [id],
      );
    const path = `/access/v1/mandates/${id}`;
    const token = await personToken(giver);
    assert.equal((await call('PATCH', path, token, { validTo: inDays(25) })).status, 200);
    await world.work.tend();
    assert.equal((await told(helper, 'mandate_ends')).length, 2);
    const { html } = (await loggedIn(helper, '/inbox')).page;
    assert.match(html, /En fullmakt går ut om mindre enn 30 dager/);
  });

  it('is once a year whether a power of attorney of a person is still wanted, which changes nothing', async () => {
    const [giver, helper, { firm, boss }] = [await newPerson(), await newPerson(), await newFirm()];
    const own = await given(giver, giver, helper, { package: PACKAGE, validTo: inDays(900) });
    const ended = await given(giver, giver, await newPerson(), { package: PACKAGE });
    const ofFirm = await given(boss, firm, helper, { package: 'toll' });
    const fresh = await given(giver, giver, await newPerson(), { package: PACKAGE });
    const givenAgo = (days: number, id: string) =>
      world.database.db.raw(
        `update mandate set given_at = now() - make_interval(days => ?), valid_from = now() - make_interval(days => ?), still_asked_at = null where id = ?`,
        [days, days, id],
      );
    for (const id of [own, ended, ofFirm]) await givenAgo(366, id);
    await givenAgo(360, fresh);
    await call('DELETE', `/access/v1/mandates/${ended}`, await personToken(giver));
    for (let times = 0; times < 2; times += 1) await world.work.tend();
    const asked = async (who: TestParty) =>
      (await told(who, 'mandate_still')).map((one) => one.mandate);
    assert.deepEqual(await asked(giver), [own]);
    for (const who of [helper, boss]) assert.deepEqual(await asked(who), []);
    const { html } = (await loggedIn(giver, '/inbox')).page;
    assert.match(html, /Trenger du den fortsatt\?[\s\S]*\/overview\//);
    const { body } = await call('GET', `/access/v1/mandates/${own}`, await personToken(giver));
    assert.equal(body.status, 'active');
    await world.database.db.raw(
      `update mandate set still_asked_at = now() - interval '366 days' where id = ?`,
      [own],
    );
    await world.work.tend();
    assert.deepEqual(await asked(giver), [own, own]);
  });

  it('is that a consent ends within thirty days, and nothing of one that is withdrawn', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const [id, gone] = [
      await ask(person, to, { validTo: inDays(20) }),
      await ask(person, to, { validTo: inDays(20) }),
    ];
    for (const one of [id, gone]) await approve(one, person);
    await world.database.db.raw(
      `update consent_request set approved_at = now() - interval '60 days', state = case when id = ? then state else 'withdrawn' end where id = any(?)`,
      [id, [id, gone]],
    );
    for (let times = 0; times < 2; times += 1) await world.work.tend();
    assert.deepEqual(
      (await told(person, 'consent_ends')).map((one) => one.consent),
      [id],
    );
  });

  it('is that a power of attorney was used for the first time: the giver, once', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    const id = await given(giver, giver, helper, { package: PACKAGE });
    assert.equal(await decide(helper, 'write', resource, giver), 'NotApplicable');
    await world.app.settle();
    assert.deepEqual(await told(giver, 'mandate_used'), []);
    for (let times = 0; times < 3; times += 1) {
      assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
      await world.app.settle();
    }
    assert.deepEqual(
      (await told(giver, 'mandate_used')).map((one) => [one.mandate, one.links]),
      [[id, { suspend: `/access/v1/mandates/${id}/suspend` }]],
    );
    assert.deepEqual(await told(helper, 'mandate_used'), []);
    const { html } = (await loggedIn(giver, '/inbox')).page;
    assert.match(html, /brukt for første gang[\s\S]*Var det ikke deg/);
  });

  it('is that a consent was used for the first time: the giver, once', async () => {
    const { id, from, to } = await approvedConsent();
    const client = await newClient(to);
    assert.deepEqual(await told(from, 'consent_used'), []);
    for (let times = 0; times < 2; times += 1)
      assert.equal((await exchange(client, consentDetail(id, from))).status, 200);
    const notices = await told(from, 'consent_used');
    assert.deepEqual(
      notices.map((one) => [one.consent, one.links]),
      [[id, { suspend: `/access/v1/consents/${id}/suspend` }]],
    );
    const { html } = (await loggedIn(from, '/inbox')).page;
    const used = new RegExp(
      `Et samtykke er brukt[\\s\\S]*/consents/${id}"[\\s\\S]*Var det ikke deg`,
    );
    assert.match(html, used);
  });

  it('is that one has died: those who acted, and those acted for, once for each', async () => {
    const [ward, other, guardian, helper] = [
      await newPerson('Gunnar Borte'),
      await newPerson('Astrid Borte'),
      await newPerson(),
      await newPerson(),
    ];
    for (const one of [ward, other]) await newRole('verge:skatteetaten-skatt', one, guardian);
    await newRole('verge:nav-pensjon', ward, guardian);
    await given(ward, ward, helper, { package: PACKAGE });
    await given(helper, helper, ward, { package: PACKAGE });
    const before = await newPerson();
    await newRole('verge:skatteetaten-skatt', ward, before, { endedAt: inDays(-3) });
    for (const one of [ward, other]) await putParty(one, { endedAt: inDays(-2) });
    for (let times = 0; times < 2; times += 1) await world.work.tend();
    // Corrected by a day, it is the same death.
    await putParty(ward, { endedAt: inDays(-1) });
    await world.work.tend();
    const counts = [guardian, helper, before].map(
      async (who) => (await told(who, 'party_ended')).length,
    );
    assert.deepEqual(await Promise.all(counts), [2, 1, 0]);
    const { html } = (await loggedIn(guardian, '/inbox')).page;
    for (const name of ['Gunnar Borte', 'Astrid Borte'])
      assert.match(html, new RegExp(`Et register har meldt at ${name} er død`));
    assert.match((await loggedIn(helper, '/inbox')).page.html, /meldt at Gunnar Borte er død/);
  });

  it('is no death of long ago, nor to one whose power of attorney was over before', async () => {
    const [one, other, former, holder] = [
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    await given(one, one, holder, { package: PACKAGE });
    const over = await given(other, other, former, { package: PACKAGE });
    await world.database.db.raw(
      "update mandate set ended_at = now() - interval '10 days' where id = ?",
      [over],
    );
    await putParty(one, { endedAt: '1970-01-01T00:00:00Z' });
    await putParty(other, { endedAt: inDays(-20) });
    await world.work.tend();
    for (const who of [holder, former]) assert.deepEqual(await told(who, 'party_ended'), []);
  });

  it('is said otherwise once a register takes a death back, and again when one dies after all', async () => {
    const [giver, helper] = [await newPerson('Marit Levende'), await newPerson()];
    await given(giver, giver, helper, { package: PACKAGE });
    await putParty(giver, { endedAt: inDays(-2) });
    await world.work.tend();
    await putParty(giver);
    const { html } = (await loggedIn(helper, '/inbox')).page;
    assert.match(html, /meldte at Marit Levende var død eller slettet, og har rettet det/);
    await at(5 * 86_400_000, async () => {
      await putParty(giver, { endedAt: inDays(-1) });
      await world.work.tend();
      assert.equal((await told(helper, 'party_ended')).length, 2);
    });
  });

  it('is that a company is deleted, unless its end is still to come', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    await putParty(firm, { endedAt: inDays(3) });
    await world.work.tend();
    assert.deepEqual(await told(helper, 'party_ended'), []);
    await at(4 * 86_400_000, () => world.work.tend());
    await at(4 * 86_400_000, async () =>
      assert.equal((await told(helper, 'party_ended')).length, 1),
    );
    const { html } = (await loggedIn(helper, '/inbox')).page;
    assert.match(html, new RegExp(`meldt at ${firm.name} er slettet`));
  });

  it('is told to who gave a package when it opens a service of another kind, once', async () => {
    const code = `test-${randomUUID()}`;
    const text = { nb: 'Prøve', nn: 'Prøve', en: 'Trial' };
    const entry = { code, area: 'skatt_avgift_regnskap_og_toll', forKind: 'organization' };
    await importThis({
      packages: [{ ...entry, name: text, description: text }],
      rolePackages: [{ role: 'dagl', packages: [code], give: true }],
    });
    const opens = [{ action: 'read', subjects: [`urn:altinn:accesspackage:${code}`] }];
    await newResource(opens);
    const [{ firm, boss }, helper, { firm: other }] = [
      ...[await newFirm(), await newPerson(), await newFirm()],
    ] as const;
    const id = await given(boss, firm, helper, { package: code });
    const ended = await given(boss, firm, await newPerson(), { package: code });
    await call('DELETE', `/access/v1/mandates/${ended}`, await personToken(boss));
    const grown = async ({ id: party }: TestParty): Promise<string[]> => {
      const { rows } = await world.database.db.raw(
        `select mandate_id as id from notice where party = ? and type = 'mandate_grows'`,
        [party],
      );
      return rows.map(({ id: mandate }: { id: string }) => mandate);
    };
    await newResource(opens);
    await world.work.tend();
    assert.deepEqual(await grown(firm), []);
    const app = await newResource([], { resourceType: 'AltinnApp' });
    await putPolicy(app, { rules: opens });
    for (let times = 0; times < 2; times += 1) await world.work.tend();
    assert.deepEqual(await grown(firm), [id]);
    for (const who of [helper, other]) assert.deepEqual(await grown(who), []);
    await putPolicy(app, { rules: [...opens, { action: 'write', subjects: opens[0]!.subjects }] });
    await world.work.tend();
    assert.deepEqual(await grown(firm), [id]);
  });
});
