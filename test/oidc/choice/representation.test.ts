// Acting on behalf, in tokens: choosing whom to represent on the code flow; resolved when a token
// is made, re-checked at refresh and introspection, for clients that may ask for the type.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  clientAuth,
  CONSENT,
  exchange,
  newClient,
  newOwnedClient,
  newWebClient,
  payloadOf,
  post,
  push,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  world,
} from '../../support/world.ts';
import { atClient, choose, introspect, refresh, toChoice } from '../../support/pages/choosing.ts';
import { can, end, given, newFirm, newResource, OWNER } from '../../support/rights/rights.ts';

const RESOURCE = 'ansattporten:altinn:resource';
const PERSON = 'idporten:fullmakt';
const SYSTEM = 'urn:altinn:systemuser';

describe('representing an organisation by resource', () => {
  let client: TestClient;
  let resource: string;
  const ask = (changes: object = {}) => [
    { type: RESOURCE, resource: `urn:altinn:resource:${resource}`, ...changes },
  ];
  before(async () => {
    client = await newWebClient();
    resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift'),
      can('write', 'dagl'),
    ]);
  });

  it('lets the person choose, and says whom, what and which actions in every part of the answer', async () => {
    const [{ firm, boss }, other] = [await newFirm(), await newFirm()];
    await newRole('dagl', other.firm, boss);
    const { browser } = await toChoice(client, boss, ask());
    assert.match(browser.page.url.pathname, /\/represent$/);
    assert.match(browser.page.html, /Hvem vil du bruke Skjemaportalen på vegne av\?/);
    assert.match(browser.page.html, /deg selv/);
    const csp = browser.page.headers.get('content-security-policy')!;
    assert.match(csp, /form-action 'self' http:\/\/127\.0\.0\.1:9$/);
    const answer = await choose(client, boss, ask(), firm.id);
    assert.equal(answer.status, 200, answer.text);
    const [detail] = answer.body.authorization_details;
    assert.deepEqual(
      [detail.type, detail.resource, detail.resource_name],
      [RESOURCE, `urn:altinn:resource:${resource}`, 'Prøve'],
    );
    assert.deepEqual(detail.authorized_parties, [
      {
        orgno: { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` },
        resource,
        name: firm.name,
        unit_type: null,
        actions: ['read', 'write'],
      },
    ]);
    for (const token of ['access_token', 'id_token'])
      assert.deepEqual(payloadOf(answer.body[token]).authorization_details, [detail]);
    assert.ok(!answer.text.includes(boss.number));
  });

  it('is checked anew at refresh and introspection', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const mandate = await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const { body } = await choose(client, clerk, ask(), firm.id);
    assert.deepEqual(body.authorization_details[0].authorized_parties[0].actions, ['read']);
    assert.equal((await introspect(client, body.access_token)).active, true);
    const next = await refresh(client, body.refresh_token);
    assert.equal(next.status, 200, next.text);
    await end(boss, mandate);
    assert.equal((await introspect(client, next.body.access_token)).active, false);
    assert.equal((await refresh(client, next.body.refresh_token)).body.error, 'invalid_grant');
  });

  it('goes on as oneself, or not at all, when there is nobody to act for or nobody is chosen', async () => {
    const person = await newPerson();
    const { browser } = await toChoice(client, person, ask());
    assert.match(browser.page.html, /ingen du kan gjøre dette på vegne av/);
    const self = await choose(client, person, ask(), 'self');
    assert.equal(self.status, 200, self.text);
    assert.equal(self.body.authorization_details, undefined);
    const required = await toChoice(client, person, ask({ representation_is_required: true }));
    assert.ok(!required.browser.page.html.includes('value="self"'));
    await required.browser.submit({ party: 'self', answer: 'yes' }, atClient);
    assert.equal(required.browser.page.status, 400);
    await required.browser.submit({ answer: 'no' }, atClient);
    assert.equal(required.browser.page.url.searchParams.get('error'), 'access_denied');
  });

  it('refuses a party that is not one of the choices, two where one may be chosen, and a form from elsewhere', async () => {
    const [{ firm, boss }, second, stranger] = [await newFirm(), await newFirm(), await newFirm()];
    await newRole('dagl', second.firm, boss);
    for (const party of [
      stranger.firm.id,
      randomUUID(),
      '',
      `${firm.id} ${second.firm.id}`,
      'self x',
    ]) {
      const { browser } = await toChoice(client, boss, ask());
      await browser.submit({ party, answer: 'yes' }, atClient);
      assert.deepEqual(
        [browser.page.status, /role="alert"/.test(browser.page.html)],
        [400, true],
        party,
      );
    }
    const { browser } = await toChoice(client, boss, ask());
    await browser.submit({ party: firm.id, answer: 'yes', csrf: 'x' }, atClient);
    assert.equal(browser.page.status, 403);
    const several = await choose(
      client,
      boss,
      ask({ allow_multiple_organizations: true }),
      `${firm.id} ${second.firm.id}`,
    );
    assert.equal(several.body.authorization_details[0].authorized_parties.length, 2);
  });

  it('offers the form of organisation that was asked for', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number });
    const html = async (organizationform: string) =>
      (await toChoice(client, boss, ask({ organizationform }))).browser.page.html;
    const [enterprise, business] = [await html('enterprise'), await html('business')];
    assert.deepEqual(
      [
        enterprise.includes(firm.id),
        enterprise.includes(unit.id),
        business.includes(firm.id),
        business.includes(unit.id),
      ],
      [true, false, false, true],
    );
  });

  it('is refused at PAR when it is malformed, unknown, mixed, or not for this client', async () => {
    const BAD: [object[], string][] = [
      [ask({ resource: 'x' }), 'resource must be'],
      [ask({ resource: 'urn:altinn:resource:no-such' }), 'not known'],
      [ask({ organizationform: 'x' }), 'organizationform'],
      [ask({ allow_multiple_organizations: 'yes' }), 'true or false'],
      [ask({ colour: 1 }), 'unknown member'],
      [[...ask(), { type: PERSON, permission_roles: ['a'] }], 'one type'],
      [[{ type: PERSON, permission_roles: [] }], 'permission_roles'],
      [[{ type: PERSON, permission_roles: ['A B'] }], 'permission_roles'],
      [
        [
          { type: PERSON, permission_roles: ['a'] },
          { type: PERSON, permission_roles: ['b'] },
        ],
        'one idporten',
      ],
    ];
    for (const [details, why] of BAD) {
      const { pushed } = await push(client, details);
      assert.deepEqual(
        [pushed.status, pushed.body.error],
        [400, 'invalid_authorization_details'],
        pushed.text,
      );
      assert.ok(pushed.body.error_description.includes(why), pushed.text);
    }
    const narrow = await newWebClient({ authorization_details_types: [CONSENT] });
    assert.equal((await push(narrow, ask())).pushed.status, 400);
    const machine = await newOwnedClient({ authorization_details_types: [RESOURCE] });
    const drawn = await post('/token', {
      ...(await clientAuth(machine)),
      grant_type: 'client_credentials',
      scope: machine.scope,
      authorization_details: JSON.stringify(ask()),
    });
    assert.equal(drawn.body.error, 'invalid_authorization_details', drawn.text);
  });
});

describe('what may be represented', () => {
  const ended = { endedAt: '2026-01-01T00:00:00Z' };
  const remembered = () =>
    new Promise((done) => {
      setTimeout(done, 1_100);
    });
  const about = (resource: string, changes: object = {}) => ({
    type: RESOURCE,
    resource: `urn:altinn:resource:${resource}`,
    ...changes,
  });

  it('is at most ten objects, each resource once', async () => {
    const client = await newWebClient();
    const resource = await newResource([can('read', 'dagl')]);
    const crowd = Array.from({ length: 11 }, (_, index) => about(`x-${index}`));
    for (const [details, why] of [
      [[about(resource), about(resource)], 'once'],
      [crowd, 'at most 10'],
    ] as const) {
      const { body } = (await push(client, [...details])).pushed;
      assert.deepEqual(
        [body.error, body.error_description.includes(why)],
        ['invalid_authorization_details', true],
        body.error_description,
      );
    }
  });

  it('is asked at the level that the resource takes, and no longer told when that is raised', async () => {
    const [client, { firm, boss }] = [await newWebClient(), await newFirm()];
    const rules = [can('read', 'dagl')];
    const resource = await newResource(rules, { minimumLevel: { person: 4, organization: 0 } });
    const high = await choose(client, boss, [about(resource)], firm.id);
    assert.equal(payloadOf(high.body.access_token).acr, 'idporten-loa-high');
    const other = await newResource(rules, { minimumLevel: { person: 3, organization: 0 } });
    const { body } = await choose(client, boss, [about(other)], firm.id);
    assert.equal(payloadOf(body.access_token).acr, 'idporten-loa-substantial');
    await importThis({
      resources: [
        {
          identifier: other,
          owner: OWNER,
          resourceType: 'GenericAccessResource',
          title: { nb: 'Prøve', nn: 'Prøve' },
          rules,
          minimumLevel: { person: 4, organization: 0 },
        },
      ],
    });
    assert.equal((await introspect(client, body.access_token)).active, false);
    assert.equal((await refresh(client, body.refresh_token)).body.error, 'invalid_grant');
    assert.equal((await introspect(client, high.body.access_token)).active, true);
  });

  it('is one that fits the object that asks for it, not another of the same request', async () => {
    const [client, { firm, boss }] = [await newWebClient(), await newFirm()];
    const [one, two] = [
      await newResource([can('read', 'dagl')]),
      await newResource([can('read', 'medl')]),
    ];
    const details = [
      about(one, { organizationform: 'business', representation_is_required: true }),
      about(two, { organizationform: 'enterprise', representation_is_required: true }),
    ];
    const { browser } = await toChoice(client, boss, details);
    assert.ok(!browser.page.html.includes(firm.id));
    await browser.submit({ party: firm.id, answer: 'yes' }, atClient);
    assert.equal(browser.page.status, 400);
    const mixed = [
      about(one, { representation_is_required: true }),
      about(two, { representation_is_required: true }),
    ];
    const half = await toChoice(client, boss, mixed);
    await half.browser.submit({ party: firm.id, answer: 'yes' }, atClient);
    assert.equal(half.browser.page.status, 400, 'each that requires somebody gets somebody');
  });

  it('ends with what the operator allows the client', async () => {
    const [client, { firm, boss }] = [await newWebClient(), await newFirm()];
    const resource = await newResource([can('read', 'dagl')]);
    const { body } = await choose(client, boss, [about(resource)], firm.id);
    await world.database.db.raw(
      `update oauth_client set metadata = jsonb_set(metadata, '{authorization_details_types}', '[]') where client_id = ?`,
      [client.id],
    );
    await remembered();
    assert.equal((await introspect(client, body.access_token)).active, false);
    assert.equal((await refresh(client, body.refresh_token)).body.error, 'invalid_grant');
  });

  it('ends with the one who represents, also for calls of their own', async () => {
    const [client, guardian, ward] = [await newWebClient(), await newPerson(), await newPerson()];
    await newRole('verge:nav-arbeid', ward, guardian);
    const { body } = await choose(
      client,
      guardian,
      [{ type: PERSON, permission_roles: ['arbeid'] }],
      ward.id,
    );
    assert.equal((await introspect(client, body.access_token)).active, true);
    await importThis({ parties: [{ kind: 'person', ...guardian, urn: undefined, ...ended }] });
    assert.equal((await introspect(client, body.access_token)).active, false);
    assert.equal(
      (await call('GET', '/accessmanagement/api/v1/enduser/authorizedparties', body.access_token))
        .status,
      401,
    );
  });

  it('ends with the organisation that owns the client, or the system', async () => {
    const owner = await newOrganization();
    const [client, { firm }] = [
      await newClient(owner, { authorization_details_types: [SYSTEM] }),
      await newFirm(),
    ];
    await importThis({
      parties: [
        {
          kind: 'system_user',
          id: randomUUID(),
          name: 'Lønn',
          owner: firm.number,
          systemId: `${owner.number}_lonn`,
          systemKind: 'standard',
        },
      ],
    });
    const reader = await newClient(owner, {
      grant_types: ['client_credentials'],
      scope: client.scope,
    });
    const { body } = await exchange(client, {
      authorization_details: [
        {
          type: SYSTEM,
          systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${firm.number}` },
        },
      ],
    });
    assert.equal((await introspect(reader, body.access_token)).active, true);
    await importThis({ parties: [{ kind: 'organization', ...firm, urn: undefined, ...ended }] });
    assert.equal((await introspect(reader, body.access_token)).active, false);
    assert.equal((await exchange(client)).status, 200);
    await importThis({ parties: [{ kind: 'organization', ...owner, urn: undefined, ...ended }] });
    await remembered();
    assert.equal((await exchange(client)).body.error, 'invalid_grant');
  });
});

describe('representing a person by permission', () => {
  const ask = [{ type: PERSON, permission_roles: ['arbeid', 'pensjon'] }];

  it('tells permissions, and names and numbers only to clients that may have them', async () => {
    const [ward, guardian, stranger] = [
      await newPerson('Vera Vergetrengende'),
      await newPerson('Gunn Verge'),
      await newPerson(),
    ];
    await newRole('verge:nav-arbeid', ward, guardian);
    await newRole('verge:helfo-fastlege', stranger, guardian);
    const plain = await newWebClient();
    const { browser } = await toChoice(plain, guardian, ask);
    assert.deepEqual(
      [browser.page.html.includes(ward.id), browser.page.html.includes(stranger.id)],
      [true, false],
    );
    assert.ok(!browser.page.html.includes(ward.number));
    const answer = await choose(plain, guardian, ask, ward.id);
    assert.deepEqual(answer.body.authorization_details, [
      {
        type: PERSON,
        authorizer: {},
        permissions: [{ owner: 'nav', role: 'arbeid' }],
        authorized_representative: {},
      },
    ]);
    assert.ok(!answer.text.includes(ward.number));
    const trusted = await newWebClient({ 'x-national-numbers': true });
    const [detail] = (await choose(trusted, guardian, ask, ward.id)).body.authorization_details;
    assert.deepEqual(
      [detail.authorizer, detail.authorized_representative],
      [
        { name: ward.name, pid: ward.number },
        { name: guardian.name, pid: guardian.number },
      ],
    );
    await newRole('verge:nav-arbeid', ward, guardian, { endedAt: '2026-01-01T00:00:00Z' });
    assert.equal((await introspect(plain, answer.body.access_token)).active, false);
    assert.equal((await refresh(plain, answer.body.refresh_token)).body.error, 'invalid_grant');
  });

  it('follows a power of attorney that a person gave', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    await given(giver, giver, helper, { package: 'innbygger-pensjon' });
    const client = await newWebClient();
    const [detail] = (await choose(client, helper, ask, giver.id)).body.authorization_details;
    assert.deepEqual(detail.permissions, [{ owner: 'innbygger', role: 'pensjon' }]);
  });
});
