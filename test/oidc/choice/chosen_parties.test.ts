// The parties that a person chooses for a client: urn:tillit:parties, going on as oneself, and that
// a token is for those alone, on our own operations too.
import assert from 'node:assert/strict';
import { newWebClient, payloadOf, push, type TestClient } from '../../support/oauth/clients.ts';
import { choose, introspect, refresh, toChoice } from '../../support/pages/choosing.ts';
import { can, end, given, newFirm, newMandate, newResource } from '../../support/rights/rights.ts';
import { call, newOrganization, newPerson, newRole, type TestParty } from '../../support/world.ts';

const PARTIES = 'urn:tillit:parties';
const SCOPE = 'altinn:portal/enduser';
const uuid = (party: TestParty) => `urn:altinn:party:uuid:${party.id}`;
const orgno = (party: TestParty) => ({
  authority: 'iso6523-actorid-upis',
  ID: `0192:${party.number}`,
});

/** A client whose owner holds what opens our own operations. */
const newPortalClient = (metadata: object = {}) =>
  newWebClient({
    'x-org': '211104015',
    scope: `openid ${SCOPE}`,
    authorization_details_types: [PARTIES, 'idporten:fullmakt', 'ansattporten:altinn:resource'],
    ...metadata,
  });

const mandatesOf = async (token: string, party: TestParty) =>
  (await call('GET', `/access/v1/mandates?from=${party.number}`, token)).status;
const authorized = async (token: string) =>
  (
    await call('GET', '/accessmanagement/api/v1/enduser/authorizedparties', token)
  ).body.data.flatMap((one: { partyUuid: string; subunits: { partyUuid: string }[] }) => [
    one.partyUuid,
    ...one.subunits.map((unit) => unit.partyUuid),
  ]);

describe('choosing the parties that a client may act for', () => {
  let client: TestClient;
  before(async () => {
    client = await newPortalClient();
  });

  it('offers everybody one may act for and oneself, several at a time, and tells who was ticked', async () => {
    const [{ firm, boss }, second, third] = [await newFirm(), await newFirm(), await newFirm()];
    for (const { firm: own } of [second, third]) await newRole('dagl', own, boss);
    const { browser } = await toChoice(client, boss, [{ type: PARTIES }]);
    const { html } = browser.page;
    for (const id of [firm.id, second.firm.id, third.firm.id, boss.id])
      assert.match(html, new RegExp(`type="checkbox" name="party" value="${id}"`));
    assert.match(html, /på vegne av dem du velger her, og av ingen andre/);
    assert.ok(!html.includes('value="self"'));
    const ids = `${firm.id} ${second.firm.id} ${boss.id}`;
    const { body } = await choose(client, boss, [{ type: PARTIES }], ids);
    const [detail] = body.authorization_details;
    const told = detail.parties.toSorted((a: { party: string }, b: { party: string }) =>
      String(a.party).localeCompare(b.party),
    );
    const firms = [firm, second.firm].map((one) => ({
      party: uuid(one),
      kind: 'organization',
      orgno: orgno(one),
      name: one.name,
    }));
    firms.sort((a, b) => a.party.localeCompare(b.party));
    const self = { self: true, kind: 'person' };
    assert.deepEqual(
      new Set(told.map((one: unknown) => JSON.stringify(one))),
      new Set([...firms, self].map((one) => JSON.stringify(one))),
    );
    for (const token of ['access_token', 'id_token'])
      assert.deepEqual(payloadOf(body[token]).authorization_details, [detail]);
    assert.ok(!JSON.stringify(body).includes(boss.number));
    const { access_token: token } = body;
    assert.deepEqual(
      [await mandatesOf(token, firm), await mandatesOf(token, third.firm)],
      [200, 403],
    );
    assert.deepEqual(new Set(await authorized(token)), new Set([firm.id, second.firm.id, boss.id]));
    const again = await refresh(client, body.refresh_token);
    assert.equal(await mandatesOf(again.body.access_token, third.firm), 403);
    assert.equal(await mandatesOf(again.body.access_token, second.firm), 200);
  });

  it('acts for the main unit and not for its sub-units when those were not ticked', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number });
    const main = await choose(client, boss, [{ type: PARTIES }], firm.id);
    assert.deepEqual(
      [
        await mandatesOf(main.body.access_token, firm),
        await mandatesOf(main.body.access_token, unit),
      ],
      [200, 403],
    );
    assert.deepEqual(await authorized(main.body.access_token), [firm.id]);
    const under = await choose(client, boss, [{ type: PARTIES }], unit.id);
    assert.deepEqual(
      [
        await mandatesOf(under.body.access_token, firm),
        await mandatesOf(under.body.access_token, unit),
      ],
      [403, 200],
    );
  });

  it('with resources and actions offers those for whom they are permitted, and says which', async () => {
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
    const denied = { effect: 'deny', action: 'read', subjects: ['dagl'] };
    const closed = await newResource([can('read', 'dagl'), denied]);
    const ask = (changes: object = {}) => [
      { type: PARTIES, resources: [`urn:altinn:resource:${resource}`], ...changes },
    ];
    const { body } = await choose(client, boss, ask({ actions: ['write', 'sign'] }), firm.id);
    assert.deepEqual(body.authorization_details[0].parties, [
      {
        party: uuid(firm),
        kind: 'organization',
        orgno: orgno(firm),
        name: firm.name,
        resources: [{ resource: `urn:altinn:resource:${resource}`, actions: ['write'] }],
      },
    ]);
    for (const details of [
      ask({ actions: ['sign'] }),
      [{ type: PARTIES, resources: [`urn:altinn:resource:${closed}`] }],
    ]) {
      const { browser } = await toChoice(client, boss, details);
      assert.ok(!browser.page.html.includes(firm.id), 'offers what opens nothing');
      await browser.submit({ party: firm.id, answer: 'yes' });
      assert.equal(browser.page.status, 400);
    }
  });

  it('is refreshed for some of the parties alone, as the answer has them', async () => {
    const [{ firm, boss }, second] = [await newFirm(), await newFirm()];
    await newRole('dagl', second.firm, boss);
    const details = [{ type: PARTIES }];
    const { body } = await choose(client, boss, details, `${firm.id} ${second.firm.id}`);
    const ask = async (...wanted: object[]) =>
      refresh(client, body.refresh_token, { authorization_details: JSON.stringify(wanted) });
    const [whole] = body.authorization_details;
    const one = whole.parties.find(({ party }: { party: string }) => party === uuid(firm));
    assert.deepEqual((await ask(whole)).body.authorization_details, [whole]);
    for (const named of [one, { party: uuid(firm) }]) {
      const part = await ask({ type: PARTIES, parties: [named] });
      assert.deepEqual(part.body.authorization_details, [{ type: PARTIES, parties: [one] }]);
      const { access_token: token } = part.body;
      assert.deepEqual(
        [await mandatesOf(token, firm), await mandatesOf(token, second.firm)],
        [200, 403],
      );
    }
    const stranger = await newFirm();
    for (const more of [
      { type: PARTIES, parties: [{ party: uuid(stranger.firm) }] },
      { type: PARTIES, parties: [one, { party: uuid(stranger.firm) }] },
      { type: PARTIES, parties: [] },
      { type: PARTIES, parties: [{ ...one, resources: [] }] },
      { type: 'idporten:fullmakt', permission_roles: ['x'] },
    ])
      assert.equal((await ask(more)).body.error, 'invalid_authorization_details');
    assert.equal((await ask(whole)).status, 200);
  });

  it('ends for a party whose right is gone, and holds for the rest', async () => {
    const [{ firm, boss }, second, clerk] = [await newFirm(), await newFirm(), await newPerson()];
    const mandate = await given(boss, firm, clerk, { package: 'merverdiavgift' });
    await newRole('dagl', second.firm, clerk);
    const ids = `${firm.id} ${second.firm.id}`;
    const { body } = await choose(client, clerk, [{ type: PARTIES }], ids);
    assert.equal((await introspect(client, body.access_token)).active, true);
    await end(boss, mandate);
    assert.equal((await introspect(client, body.access_token)).active, false);
    assert.equal(await mandatesOf(body.access_token, second.firm), 401);
    const next = await refresh(client, body.refresh_token);
    assert.deepEqual(
      next.body.authorization_details[0].parties.map((one: { party: string }) => one.party),
      [uuid(second.firm)],
    );
  });

  it('names a person only to a client whose operator registered numbers for it', async () => {
    const [ward, guardian] = [await newPerson('Ola Verge'), await newPerson()];
    await newMandate(ward, guardian, { package: 'innbygger-pensjon' });
    const plain = await choose(client, guardian, [{ type: PARTIES }], ward.id);
    assert.deepEqual(plain.body.authorization_details[0].parties, [
      { party: uuid(ward), kind: 'person' },
    ]);
    const trusted = await newPortalClient({ 'x-national-numbers': true });
    const named = await choose(trusted, guardian, [{ type: PARTIES }], ward.id);
    assert.equal(named.body.authorization_details[0].parties[0].name, ward.name);
  });

  it('is refused when it is malformed, unknown or asked for twice', async () => {
    const BAD: [object[], string][] = [
      [[{ type: PARTIES, colour: 1 }], 'unknown member'],
      [[{ type: PARTIES, resources: [] }], 'resources must list'],
      [[{ type: PARTIES, resources: 'x' }], 'resources must list'],
      [[{ type: PARTIES, resources: ['x'] }], 'resources must list'],
      [[{ type: PARTIES, resources: ['urn:altinn:resource:no-such'] }], 'not known'],
      [[{ type: PARTIES, actions: ['read'] }], 'must be named too'],
      [
        [{ type: PARTIES, resources: ['urn:altinn:resource:inntekt'], actions: ['a b'] }],
        'actions must list',
      ],
      [[{ type: PARTIES }, { type: PARTIES }], 'one urn:tillit:parties'],
      [[{ type: PARTIES }, { type: 'idporten:fullmakt', permission_roles: ['a'] }], 'one type'],
    ];
    for (const [details, why] of BAD) {
      const { pushed } = await push(client, details);
      assert.deepEqual(
        [pushed.status, pushed.body.error, pushed.body.error_description.includes(why)],
        [400, 'invalid_authorization_details', true],
        pushed.text,
      );
    }
    const narrow = await newPortalClient({ authorization_details_types: ['idporten:fullmakt'] });
    assert.equal((await push(narrow, [{ type: PARTIES }])).pushed.status, 400);
  });

  it('is nobody at all when nothing is ticked', async () => {
    const { browser } = await toChoice(client, (await newFirm()).boss, [{ type: PARTIES }]);
    await browser.submit({ answer: 'yes' });
    assert.equal(browser.page.status, 400);
    assert.match(browser.page.html, /Velg hvem du gjør dette på vegne av/);
  });
});

describe('going on as oneself', () => {
  const FULLMAKT = [{ type: 'idporten:fullmakt', permission_roles: ['skatt'] }];

  it('is told by an empty list, and acts for oneself only', async () => {
    const client = await newPortalClient();
    const { firm, boss } = await newFirm();
    const { body, status } = await choose(client, boss, FULLMAKT, 'self');
    assert.equal(status, 200);
    assert.deepEqual(body.authorization_details, []);
    for (const token of ['access_token', 'id_token'])
      assert.deepEqual(payloadOf(body[token]).authorization_details, []);
    const own = (token: string) => call('GET', `/access/v1/mandates?to=${boss.number}`, token);
    const next = await refresh(client, body.refresh_token);
    for (const { access_token: token } of [body, next.body]) {
      assert.equal((await own(token)).status, 200);
      assert.equal(await mandatesOf(token, firm), 403);
      assert.deepEqual(await authorized(token), [boss.id]);
      assert.equal((await introspect(client, token)).active, true);
    }
    assert.deepEqual(next.body.authorization_details, []);
  });

  it('is no choice at all where nobody was asked', async () => {
    const client = await newPortalClient();
    const { firm, boss } = await newFirm();
    const resource = await newResource([can('read', 'dagl')]);
    const ask = [
      { type: 'ansattporten:altinn:resource', resource: `urn:altinn:resource:${resource}` },
    ];
    const chosen = await choose(client, boss, ask, firm.id);
    assert.equal(await mandatesOf(chosen.body.access_token, firm), 200);
    const self = await choose(client, boss, ask, 'self');
    assert.equal(await mandatesOf(self.body.access_token, firm), 403);
    assert.equal(self.body.authorization_details, undefined);
  });
});
