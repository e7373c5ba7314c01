// A court takes a person's capacity to decide in one matter: the guardianship register says so.
// What lets others act there is suspended while that lasts, by the service asked about, and nothing
// more is given there; what only shares data stands, and everything else the person decides as
// before. Nobody but the person and the guardian of the matter hears that it is capacity.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../support/pages/browser.ts';
import { clientAuth, consentDetail, exchange, newClient, post } from '../support/oauth/clients.ts';
import {
  can,
  decide,
  given,
  newFirm,
  OWNER,
  newConsentResource,
  newMandate,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  call,
  importThis,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  numberOf,
  organizationToken,
  outsideToken,
  personToken,
  type TestParty,
  withdraw,
  world,
} from '../support/world.ts';

const AUTHORIZE_SCOPE = 'altinn:authorization/authorize';
const TASK = 'verge:skatteetaten-skatt';
const PACKAGE = 'vergemal-skatteetaten-skatt';
const MATTER = 'skatteetaten/skatt';
const feed = () => world.registers.feeds.vergemal!;

/** What the register tells of the ward's capacity; with no matter, of all of it. */
async function tell(op: string, from: TestParty, matter: string | null = MATTER, more = {}) {
  feed().append({
    op,
    from: from.number,
    code: 'rettslig-handleevne',
    ...(matter === null ? {} : { matter }),
    ...more,
  });
  await world.app.registers.poll();
}
const noticesOf = async (person: TestParty): Promise<string[]> =>
  (await call('GET', '/access/v1/notices', await personToken(person))).body.data.map(
    (one: { type: string }) => one.type,
  );

describe('the capacity to decide', () => {
  let ward: TestParty;
  let to: TestParty;
  /** About taxes, which the task is about, and about something else. */
  let [taxes, other] = ['', ''];
  /** About taxes too, and what it gives is data alone. */
  let data = '';

  before(async () => {
    await world.app.registers.poll();
    const poa = { consentTemplate: 'poa' };
    taxes = await newConsentResource(['privatperson', TASK], poa);
    other = await newConsentResource(['privatperson', 'foreldreansvar'], poa);
    data = await newConsentResource(['privatperson', TASK]);
  });
  beforeEach(async () => {
    [ward, to] = [await newPerson(), await newOrganization()];
  });

  const give = async (resource: string, by = ward) => {
    const id = await ask(ward, to, rightTo(resource));
    const answer = await approve(id, by);
    return { id, answer };
  };

  it('suspends what was given in the matter, at every door, until it is given back', async () => {
    const client = await newClient(to);
    const [{ id }, { id: apart }] = [await give(taxes), await give(other)];
    const drawn = await exchange(client, consentDetail(id, ward));
    const isActive = async () =>
      (await post('/introspect', { ...(await clientAuth(client)), token: drawn.body.access_token }))
        .body.active;
    assert.equal(await isActive(), true);
    await tell('upsert', ward);
    const refused = await exchange(client, consentDetail(id, ward));
    assert.equal(refused.body.consent_error, 'AM-00014', refused.text);
    assert.equal((await lookUp(id, ward, to)).body.code, 'AM-00014');
    assert.equal(await isActive(), false);
    const told = await call('GET', `${API}/consent/${id}`, await personToken(ward));
    assert.deepEqual([told.body.status, told.body.effectiveStatus], ['Accepted', 'Suspended']);
    assert.equal((await lookUp(apart, ward, to)).status, 200, 'another matter is not touched');
    // Nor does the person thaw it, and no page says so.
    const browser = await loggedIn(ward, '/consents');
    const card = browser.page.html;
    assert.match(card, /Satt på pause/);
    assert.match(card, /Se eller trekk/);
    assert.doesNotMatch(card, /gjelde igjen/);
    assert.doesNotMatch((await browser.open(`/consents/${id}`)).html, /gjelde igjen/);
    await call('POST', `/access/v1/consents/${id}/resume`, await personToken(ward));
    assert.equal((await lookUp(id, ward, to)).body.code, 'AM-00014');
    await tell('end', ward);
    assert.equal((await lookUp(id, ward, to)).status, 200);
    assert.equal(await isActive(), true);
  });

  it('leaves what only shares data until the person or the guardian of the matter withdraws it', async () => {
    const guardian = await newPerson();
    await newRole(TASK, ward, guardian);
    const [{ id }, { id: second }] = [await give(data), await give(data)];
    await tell('upsert', ward);
    for (const one of [id, second]) assert.equal((await lookUp(one, ward, to)).status, 200);
    const told = await call('GET', `${API}/consent/${id}`, await personToken(guardian));
    assert.deepEqual([told.status, told.body.effectiveStatus], [200, 'Accepted'], told.text);
    assert.equal((await withdraw(id, guardian)).status, 200);
    assert.equal((await withdraw(second, ward)).status, 200);
    assert.equal((await lookUp(id, ward, to)).body.code, 'AM-00011');
    // It is asked about when it is answered.
    const { answer } = await give(data);
    assert.equal(answer.body.consent_reason, 'no_capacity', answer.text);
  });

  it('leaves what a guardian answered, and lets the ward withdraw', async () => {
    const guardian = await newPerson();
    await newRole(TASK, ward, guardian);
    const [{ id: own }, { id: byGuardian }] = [await give(taxes), await give(taxes, guardian)];
    await tell('upsert', ward);
    assert.equal((await lookUp(byGuardian, ward, to)).status, 200);
    assert.equal((await withdraw(own, ward)).status, 200);
    assert.ok((await noticesOf(ward)).includes('capacity_changed'));
    assert.ok((await noticesOf(guardian)).includes('capacity_changed'));
  });

  it('is needed to answer in the matter, in words, and no other', async () => {
    await tell('upsert', ward);
    const { answer } = await give(taxes);
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.consent_reason],
      [403, 'AM-00000', 'no_capacity'],
      answer.text,
    );
    assert.match(answer.body.reason_user.nb, /En domstol/);
    const asked = await ask(ward, to, rightTo(taxes));
    const { page } = await loggedIn(ward, `/consent/request?id=${asked}`);
    assert.equal(page.status, 403);
    assert.match(page.html, /href="\/overview\?show=statutory">Se hvem som er vergen din/);
    assert.equal((await give(other)).answer.status, 200);
    const guardian = await newPerson();
    await newRole(TASK, ward, guardian);
    assert.equal((await give(taxes, guardian)).answer.status, 200);
  });

  it('is needed to give a power of attorney, which is suspended when it is taken', async () => {
    const helper = await newPerson();
    const [inside, outside] = [
      await newResource([can('read', 'privatperson', `package:${PACKAGE}`)]),
      await newResource([can('read', 'privatperson')]),
    ];
    const mandates = [
      await given(ward, ward, helper, { resource: inside, actions: ['read'] }),
      await given(ward, ward, helper, { resource: outside, actions: ['read'] }),
    ];
    await tell('upsert', ward);
    assert.deepEqual(
      [await decide(helper, 'read', inside, ward), await decide(helper, 'read', outside, ward)],
      ['NotApplicable', 'Permit'],
    );
    assert.equal(await decide(ward, 'read', inside, ward), 'Permit', 'the ward reads as before');
    const shown = await call('GET', `/access/v1/mandates/${mandates[0]}`, await personToken(ward));
    assert.deepEqual(
      [shown.body.status, shown.body.inactiveBecause],
      ['inactive', 'giver_incapable'],
    );
    const friend = await newPerson();
    const refused = await call('POST', '/access/v1/mandates', await personToken(ward), {
      from: ward.number,
      to: `urn:altinn:person:identifier-no:${friend.number}`,
      lastName: 'Person',
      resource: inside,
      actions: ['read'],
    });
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.reason],
      [403, 'TIL-00037', 'no_capacity'],
      refused.text,
    );
    await given(ward, ward, friend, { resource: outside, actions: ['read'] });
    await tell('end', ward);
    assert.equal(await decide(helper, 'read', inside, ward), 'Permit');
  });

  it('is not lent: nobody gives or answers in the person’s stead, but whom the law lets', async () => {
    const [friend, guardian, third] = [await newPerson(), await newPerson(), await newPerson()];
    await newMandate(ward, friend, { package: 'innbygger-tilgangsstyring-privatperson' });
    await newMandate(ward, friend, { package: 'innbygger-pensjon' });
    await newRole(TASK, ward, guardian);
    const inside = await newResource([can('read', 'privatperson', `package:${PACKAGE}`)]);
    const shared = await newConsentResource(['privatperson', TASK, 'package:innbygger-pensjon'], {
      consentTemplate: 'poa',
    });
    const before = await newPerson();
    await given(friend, ward, before, { resource: inside, actions: ['read'] });
    const { id: answered } = await give(shared, friend);
    await tell('upsert', ward);
    assert.equal(await decide(before, 'read', inside, ward), 'NotApplicable', 'given in the stead');
    assert.equal((await lookUp(answered, ward, to)).body.code, 'AM-00014');
    const refused = await call('POST', '/access/v1/mandates', await personToken(friend), {
      from: ward.id,
      to: third.urn,
      lastName: 'Person',
      resource: inside,
      actions: ['read'],
    });
    // As of whoever may not: that it is capacity is the person's own.
    assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00028'], refused.text);
    const { answer } = await give(shared, friend);
    assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000']);
    for (const one of [refused, answer]) assert.ok(!/capacity|domstol|no_cap/.test(one.text));
    assert.equal((await give(shared, guardian)).answer.status, 200);
    const registrar = await organizationToken(
      { number: numberOf('Testskatteetaten') } as TestParty,
      'altinn:serviceowner/delegations:accesspackage.write',
    );
    await tell('upsert', ward, null);
    const onPaper = await call(
      'POST',
      '/accessmanagement/api/v1/serviceowner/connections/accesspackages',
      registrar,
      {
        from: ward.urn,
        to: third.urn,
        packageUrn: 'urn:altinn:accesspackage:innbygger-skatteforhold-privatpersoner',
      },
    );
    assert.equal(onPaper.body.code, 'AM-00028', onPaper.text);
  });

  it('is asked of a package that opens any service of the matter when it is given', async () => {
    const [friend, helper] = [await newPerson(), await newPerson()];
    const code = 'innbygger-skatteforhold-privatpersoner';
    const signing = async () => ({
      inside: await decide(helper, 'sign', 'skattemelding-person', ward),
      outside: await decide(helper, 'read', elsewhere, ward),
    });
    const elsewhere = await newResource([can('read', 'privatperson', `package:${code}`)]);
    await given(ward, ward, helper, { package: code });
    assert.deepEqual(await signing(), { inside: 'Permit', outside: 'Permit' });
    await tell('upsert', ward);
    // Of the same package, by the service in the question.
    assert.deepEqual(await signing(), { inside: 'NotApplicable', outside: 'Permit' });
    const token = await personToken(ward);
    const refused = await call('POST', '/access/v1/mandates', token, {
      from: ward.number,
      to: friend.urn,
      lastName: 'Person',
      package: code,
    });
    assert.deepEqual([refused.status, refused.body.reason], [403, 'no_capacity'], refused.text);
    await given(ward, ward, friend, { package: 'innbygger-kultur' });
    const lists = await call(
      'POST',
      '/accessmanagement/api/v1/resourceowner/authorizedparties?includeResources=true',
      await outsideToken({ scope: 'altinn:accessmanagement/authorizedparties.admin' }),
      { type: 'urn:altinn:party:uuid', value: helper.id },
    );
    const listed = lists.body.find(
      (one: { partyUuid: string }) => one.partyUuid === ward.id,
    ).authorizedResources;
    assert.ok(listed.includes(elsewhere) && !listed.includes('skattemelding-person'), lists.text);
    await tell('end', ward);
    assert.deepEqual(await signing(), { inside: 'Permit', outside: 'Permit' });
  });

  it('is asked of whoever passed it on in own name, and not of an office within its task', async () => {
    const [giver, guardian, last, byTask] = [
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    const inside = await newResource([can('read', 'privatperson', `package:${PACKAGE}`)]);
    await given(giver, giver, ward, { resource: inside, actions: ['read'], mayPassOn: true });
    await given(ward, giver, last, { resource: inside, actions: ['read'] });
    assert.equal(await decide(last, 'read', inside, giver), 'Permit');
    await tell('upsert', ward);
    assert.equal(await decide(last, 'read', inside, giver), 'NotApplicable', 'passed on');
    assert.equal(await decide(ward, 'read', inside, giver), 'Permit', 'who acts is not asked');
    await newRole(TASK, ward, guardian);
    await newMandate(ward, guardian, { package: 'innbygger-tilgangsstyring-privatperson' });
    await given(guardian, ward, byTask, { resource: inside, actions: ['read'] });
    assert.equal(await decide(byTask, 'read', inside, ward), 'Permit', 'within the task');
    assert.equal(await decide(guardian, 'read', inside, ward), 'Permit');
    await tell('end', ward);
    assert.equal(await decide(last, 'read', inside, giver), 'Permit');
  });

  it('is asked of who acts for a firm, when he acts', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const before = await newPerson();
    await given(boss, firm, before, { package: 'toll' });
    const asked = await newConsentResource(['dagl']);
    const one = await ask(firm, to, rightTo(asked));
    assert.equal((await approve(one, boss)).status, 200);
    await tell('upsert', boss, null);
    const refused = await call('POST', '/access/v1/mandates', await personToken(boss), {
      from: firm.number,
      to: helper.urn,
      lastName: 'Person',
      package: 'toll',
    });
    assert.deepEqual([refused.status, refused.body.reason], [403, 'no_capacity'], refused.text);
    const second = await ask(firm, to, rightTo(asked));
    const answer = await approve(second, boss);
    assert.deepEqual(
      [answer.status, answer.body.consent_reason],
      [403, 'no_capacity'],
      answer.text,
    );
    // What he did for it before stands, and so does his office.
    const resource = await newResource([can('read', 'package:toll'), can('write', 'dagl')]);
    assert.equal(await decide(before, 'read', resource, firm), 'Permit');
    assert.equal(await decide(boss, 'write', resource, firm), 'Permit');
    assert.equal((await lookUp(one, firm, to)).status, 200);
  });

  it('is told to the person and the guardian of the matter, and to nobody else', async () => {
    const [helper, guardian, other] = [await newPerson(), await newPerson(), await newPerson()];
    const inside = await newResource([can('read', 'privatperson', TASK)]);
    const id = await given(ward, ward, helper, { resource: inside, actions: ['read'] });
    await newRole(TASK, ward, guardian);
    await newRole('verge:nav-pensjon', ward, other);
    await newMandate(ward, other, { package: 'innbygger-tilgangsstyring-privatperson' });
    await newMandate(ward, guardian, { package: 'innbygger-tilgangsstyring-privatperson' });
    await tell('upsert', ward);
    const asRead = async (reader: TestParty) => {
      const token = await personToken(reader);
      const one = await call('GET', `/access/v1/mandates/${id}`, token);
      const of = reader === helper ? '' : `?party=${ward.id}`;
      const gone = await call('GET', `/access/v1/fallen${of}`, token);
      const line = gone.body.inactive.find((row: { mandate: string }) => row.mandate === id);
      return [one.body.status, one.body.inactiveBecause, line?.reason];
    };
    for (const reader of [ward, guardian])
      assert.deepEqual(await asRead(reader), ['inactive', 'giver_incapable', 'giver_incapable']);
    for (const reader of [helper, other])
      assert.deepEqual(await asRead(reader), ['inactive', 'not_in_force', 'not_in_force']);
    const why = await call(
      'GET',
      `/access/v1/why?from=${ward.id}&resource=${inside}&action=read`,
      await personToken(helper),
    );
    assert.equal(why.body.near[0].inactiveBecause, 'not_in_force', why.text);
    assert.ok(!/capab|domstol|dom /.test(why.text));
    const page = await loggedIn(helper, `/overview/${id}`);
    assert.match(page.page.html, /Fullmakten gjelder ikke nå\. Spør /);
    const own = await loggedIn(ward, `/overview/${id}`);
    assert.match(own.page.html, /kan etter en dom ikke bestemme dette alene/);
    const asker = await organizationToken({ number: OWNER } as TestParty, AUTHORIZE_SCOPE);
    const told = await call('POST', '/access/v1/evaluation', asker, {
      subject: { type: 'party', id: helper.id },
      action: { name: 'read' },
      resource: { type: 'resource', id: inside, properties: { party: ward.id } },
    });
    assert.deepEqual([told.body.decision, told.body.context.reason], [false, 'not_named']);
  });

  it('is not given back by a decision about later, and covers what the person has added', async () => {
    const [friend, helper] = [await newPerson(), await newPerson()];
    await newMandate(ward, friend, { package: 'innbygger-tilgangsstyring-privatperson' });
    const resource = await newResource([can('read', 'privatperson'), can('write', 'privatperson')]);
    await given(friend, ward, helper, { resource, actions: ['read'] });
    await given(ward, ward, helper, { resource, actions: ['read', 'write'] });
    await tell('upsert', ward, null);
    for (const action of ['read', 'write'])
      assert.equal(await decide(helper, action, resource, ward), 'NotApplicable', action);
    await tell('upsert', ward, null, { validFrom: inDays(30) });
    assert.equal(await decide(helper, 'read', resource, ward), 'NotApplicable');
    await tell('end', ward, null);
    await tell('upsert', ward, null, { validFrom: inDays(30) });
    assert.equal(await decide(helper, 'read', resource, ward), 'Permit', 'not begun');
  });

  it('is taken in every matter by a line without one, from and until when it says', async () => {
    const helper = await newPerson();
    const [{ id }, { id: second }] = [await give(taxes), await give(other)];
    await newMandate(ward, helper, { package: 'innbygger-pensjon' });
    await tell('upsert', ward, null, { validFrom: inDays(1) });
    assert.equal((await lookUp(id, ward, to)).status, 200, 'not begun');
    await tell('upsert', ward, null, { validFrom: inDays(-1) });
    for (const one of [id, second])
      assert.equal((await lookUp(one, ward, to)).body.code, 'AM-00014');
    const resource = await newResource([can('read', 'package:innbygger-pensjon')]);
    assert.equal(await decide(helper, 'read', resource, ward), 'NotApplicable');
    await tell('upsert', ward, null, { validFrom: inDays(-2), validTo: inDays(-0.01) });
    assert.equal((await lookUp(id, ward, to)).status, 200, 'over');
    assert.equal(await decide(helper, 'read', resource, ward), 'Permit');
  });

  it('goes on after a line that cannot be: a matter that is none, or an organisation', async () => {
    const bad: [object, RegExp][] = [
      [{ matter: 'skatt' }, /is not a task of a receiving body/],
      [{ matter: 'ingen/slik-oppgave' }, /the role verge:ingen-slik-oppgave is not known/],
      [{ from: to.number }, /control digits/],
    ];
    for (const [changes, why] of bad) {
      await tell('upsert', ward, MATTER, changes);
      const { rows } = await world.database.db.raw(
        `select cursor.fault, cursor.unnamed, (select aside.why from register_aside aside
          where aside.source = cursor.source order by aside.id desc limit 1) as why
          from register_cursor cursor where cursor.source = 'vergemal'`,
      );
      assert.equal(rows[0].fault, null);
      assert.match(rows[0].why, why);
    }
  });

  it('comes in by the import too, which names a task that is none', async () => {
    const { id } = await give(taxes);
    await importThis({ incapacities: [{ party: ward.number, role: TASK }] });
    assert.equal((await lookUp(id, ward, to)).body.code, 'AM-00014');
    const nameless = randomUUID();
    await importThis({
      consentRequests: [
        {
          id: nameless,
          from: ward.number,
          to: to.number,
          state: 'approved',
          validTo: inDays(30),
          requestedAt: inDays(-3),
          answeredAt: inDays(-2),
          rights: [{ resource: taxes, metadata: {} }],
        },
      ],
    });
    assert.equal(
      (await lookUp(nameless, ward, to)).body.code,
      'AM-00014',
      'one’s own, unless said',
    );
    const twice = { party: ward.number, role: TASK };
    await assert.rejects(importThis({ incapacities: [twice, twice] }), /the same twice/);
    await assert.rejects(
      importThis({ incapacities: [{ party: ward.number, role: 'dagl' }] }),
      /dagl is not a guardian's task/,
    );
  });
});
