// Systems that vendors register, and what vendors ask customers about them: answered in whole or
// not at all, once, within the time, by who may.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  personToken,
  putParty,
  type TestParty,
} from '../support/world.ts';
import { refused } from '../support/rights/enduser.ts';
import { can, decide, given, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import {
  ASK,
  asVendor,
  NAMES,
  newAskedSystem,
  newSystem,
  SYSTEMS,
} from '../support/rights/systems.ts';

const WAITING = '/access/v1/system-users/requests';
const DAY = 86_400_000;
const urn = (code: string) => `urn:altinn:accesspackage:${code}`;

const answer = async (who: TestParty, id: string, how: 'accept' | 'reject') =>
  call('POST', `${WAITING}/${id}/${how}`, await personToken(who));
const seen = async (who: TestParty, id: string) =>
  call('GET', `${WAITING}/${id}`, await personToken(who));
const usersOf = async (boss: TestParty, firm: TestParty) =>
  (await call('GET', `/access/v1/system-users?party=${firm.id}`, await personToken(boss))).body
    .data;

describe('a system of a vendor', () => {
  it('is registered, read by anybody, described anew, and ended', async () => {
    const { vendor, id, body } = await newSystem();
    const expected = {
      ...body,
      id,
      packages: body.packages.map(urn),
      kind: 'standard',
      vendor: { organizationNumber: vendor.number, name: vendor.name },
      ended: false,
    };
    assert.deepEqual((await call('GET', `${SYSTEMS}/${id}`)).body, expected);
    const name = { ...NAMES, nb: 'Nytt navn' };
    const changed = await asVendor(vendor, 'PUT', id, { name, packages: ['lonn'] });
    assert.deepEqual(
      [changed.body.name.nb, changed.body.packages, changed.body.resources],
      ['Nytt navn', [urn('lonn')], []],
      changed.text,
    );
    const list = `${SYSTEMS}?vendor=${vendor.number}&limit=1`;
    await asVendor(vendor, 'PUT', `${vendor.number}_mva`, { name: NAMES });
    const first = await call('GET', list);
    const second = await call('GET', first.body.links.next);
    assert.deepEqual(
      [...first.body.data, ...second.body.data].map((one: { id: string }) => one.id),
      [id, `${vendor.number}_mva`],
    );
    assert.equal((await asVendor(vendor, 'DELETE', id)).status, 204);
    refused(await asVendor(vendor, 'DELETE', id), 'TIL-00060');
    assert.equal((await call('GET', `${SYSTEMS}/${id}`)).body.ended, true);
    assert.deepEqual((await call('GET', list)).body.data.length, 1);
    const again = await asVendor(vendor, 'PUT', id, body);
    assert.deepEqual([again.status, again.body.ended], [200, false]);
  });

  it('is its own vendor’s alone', async () => {
    const { id, body } = await newSystem();
    const other = await newOrganization();
    refused(await asVendor(other, 'PUT', id, body), 'TIL-00008');
    refused(await asVendor(other, 'DELETE', id), 'TIL-00008');
    refused(await asVendor(other, 'GET', `${id}/requests`), 'TIL-00008');
    refused(await call('GET', `${SYSTEMS}/${other.number}_x`), 'TIL-00060');
    const reading = await asVendor(other, 'PUT', `${other.number}_x`, body, ASK);
    assert.equal(reading.status, 403, reading.text);
  });

  it('is refused with what no system is given, by its place', async () => {
    const { vendor, id } = await newSystem();
    const kept = await newResource([can('read', 'dagl')], { delegable: false });
    const wrong: [code: string, path: string, changes: object][] = [
      ['AM.VLD-00030', '/packages/1', { packages: ['lonn', 'finnes-ikke'] }],
      ['AM.VLD-00028', '/packages/0', { packages: ['tilgangsstyrer'] }],
      ['AM.VLD-00028', '/packages/0', { packages: ['innbygger-helsetjenester'] }],
      ['AM.VLD-00012', '/resources/0', { resources: ['finnes-ikke'] }],
      ['AM.VLD-00049', '/resources/1', { resources: ['mva-melding', kept] }],
      ['TIL.VLD-00001', '/redirectOrigins/0', { redirectOrigins: ['https://a.example/'] }],
      ['TIL.VLD-00001', '/redirectOrigins/0', { redirectOrigins: ['http://a.example'] }],
      ['TIL.VLD-00001', '/redirectOrigins/0', { redirectOrigins: ['javascript:alert(1)'] }],
      ['TIL.VLD-00001', '/redirectOrigins/0', { redirectOrigins: ['ftp://a.example'] }],
      ['TIL.VLD-00001', '/name/nb', { name: { ...NAMES, nb: ' ' } }],
      ['TIL.VLD-00001', '/name/nn', { name: { ...NAMES, nn: 'a\u202eb' } }],
      ['TIL.VLD-00001', '/name/en', { name: { ...NAMES, en: 'a\nb' } }],
      ['TIL.VLD-00001', '/name/nb', { name: { ...NAMES, nb: '\u3164' } }],
      ['TIL.VLD-00001', '/name/nb', { name: { ...NAMES, nb: 'a\u0007b' } }],
      ['TIL.VLD-00001', '/kind', { kind: 'agent' }],
    ];
    for (const [code, path, changes] of wrong) {
      const put = await asVendor(vendor, 'PUT', id, { name: NAMES, ...changes });
      assert.deepEqual(
        put.body.validationErrors?.map((one: { code: string; paths: string[] }) => [
          one.code,
          one.paths[0],
        ]),
        [[code, path]],
        put.text,
      );
    }
    const nameless = await asVendor(vendor, 'PUT', id, { name: { nb: 'Bare bokmål' } });
    assert.equal(nameless.status, 400, nameless.text);
    assert.equal((await call('GET', `${SYSTEMS}/${id}`)).body.name.nb, NAMES.nb);
  });

  it('comes in from a file by the same rules', async () => {
    const vendor = await newOrganization();
    const id = `${vendor.number}_fil`;
    await importThis({ systems: [{ id, name: NAMES, packages: ['lonn'] }] });
    assert.deepEqual((await call('GET', `${SYSTEMS}/${id}`)).body.packages, [urn('lonn')]);
    await assert.rejects(
      importThis({ systems: [{ id, name: NAMES, packages: ['tilgangsstyrer'] }] }),
      /system .*_fil: \/packages\/0 The access package cannot be given to this kind of party/,
    );
    await assert.rejects(
      importThis({ systems: [{ id: '399999999_x', name: NAMES }] }),
      /system 399999999_x: its vendor is not known/,
    );
    await asVendor(vendor, 'DELETE', id);
    await importThis({ systems: [{ id, name: NAMES, packages: ['lonn'] }] });
    assert.equal((await call('GET', `${SYSTEMS}/${id}`)).body.ended, true);
  });

  it('ends with its vendor', async () => {
    const { vendor, id, boss, firm, request } = await newAskedSystem();
    await putParty(vendor, { kind: 'organization', endedAt: '2026-01-01T00:00:00Z' });
    assert.equal((await call('GET', `${SYSTEMS}/${id}`)).body.ended, true);
    assert.deepEqual((await call('GET', `${SYSTEMS}?vendor=${vendor.number}`)).body.data, []);
    refused(await answer(boss, request.id, 'accept'), 'TIL-00025');
    const body = { name: 'Lønn', systemId: id };
    const path = `/access/v1/system-users?party=${firm.id}`;
    refused(await call('POST', path, await personToken(boss), body), 'TIL-00025');
    await assert.rejects(
      importThis({ systems: [{ id: `${vendor.number}_to`, name: NAMES }] }),
      /its vendor is not known, or has ended/,
    );
  });
});

describe('a request of a vendor to a customer', () => {
  it('is followed by both, and gives all of it by one yes', async () => {
    const { vendor, id, firm, boss, path, request } = await newAskedSystem({
      ...{ externalRef: 'kunde-7', resources: ['mva-melding'] },
      redirectUrl: 'https://lonn.example/ferdig?id=7',
    });
    assert.match(request.confirmUrl, new RegExp(`/systems/requests/${request.id}$`));
    assert.deepEqual(
      [request.state, request.externalRef, request.systemUser, request.isChange],
      ['Created', 'kunde-7', null, false],
    );
    const waiting = await call('GET', `${WAITING}?party=${firm.id}`, await personToken(boss));
    assert.deepEqual(waiting.body.data, [request], waiting.text);
    assert.deepEqual((await seen(boss, request.id)).body, request);
    assert.equal((await answer(boss, request.id, 'accept')).status, 204);
    const [user] = await usersOf(boss, firm);
    assert.deepEqual(
      [user.name, user.systemId, user.registered],
      [`${NAMES.nb} (kunde-7)`, id, true],
    );
    const after = (await asVendor(vendor, 'GET', `${path}/${request.id}`)).body;
    assert.deepEqual([after.state, after.systemUser], ['Accepted', user.id]);
    assert.deepEqual((await asVendor(vendor, 'GET', path)).body.data, [after]);
    assert.equal(await decide(user, 'read', 'mva-melding', firm), 'Permit');
    refused(await answer(boss, request.id, 'accept'), 'AM.VLD-00036');
    refused(await answer(boss, request.id, 'reject'), 'AM.VLD-00036');
    refused(await asVendor(vendor, 'DELETE', `${path}/${request.id}`), 'AM.VLD-00036');
    const log = await call(
      'GET',
      `/access/v1/log/events?party=${firm.id}`,
      await personToken(boss),
    );
    const types = log.body.data.map(({ type }: { type: string }) => type);
    for (const type of ['system_asked', 'system_accepted', 'system_added'])
      assert.ok(types.includes(type), `${type} of ${types}`);
  });

  it('ends with a no, or as the vendor takes it back', async () => {
    const one = await newAskedSystem();
    assert.equal((await answer(one.boss, one.request.id, 'reject')).status, 204);
    const after = await asVendor(one.vendor, 'GET', `${one.path}/${one.request.id}`);
    assert.equal(after.body.state, 'Rejected');
    assert.deepEqual(await usersOf(one.boss, one.firm), []);
    const two = await newAskedSystem();
    assert.equal(
      (await asVendor(two.vendor, 'DELETE', `${two.path}/${two.request.id}`)).status,
      204,
    );
    refused(await asVendor(two.vendor, 'GET', `${two.path}/${two.request.id}`), 'AM-00031');
    refused(await answer(two.boss, two.request.id, 'accept'), 'AM-00031');
  });

  it('gives nothing where one thing of it cannot be given', async () => {
    const resource = await newResource([can('read', 'hovedadministrator')], {});
    const { vendor, boss, firm, path, request } = await newAskedSystem(
      { resources: [resource] },
      { resources: [resource] },
    );
    const no = await answer(boss, request.id, 'accept');
    refused(no, 'AM-00028');
    assert.deepEqual(no.body.failed, [{ resource, code: 'AM-00028' }]);
    assert.deepEqual(await usersOf(boss, firm), []);
    assert.equal((await asVendor(vendor, 'GET', `${path}/${request.id}`)).body.state, 'Created');
  });

  it('is answered by those who administer for the customer, and seen by no other', async () => {
    const { firm, boss, request } = await newAskedSystem();
    const stranger = await newPerson();
    const helper = await newPerson();
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    for (const who of [stranger, helper]) {
      refused(await seen(who, request.id), 'AM-00031');
      refused(await answer(who, request.id, 'accept'), 'AM-00031');
      refused(await answer(who, request.id, 'reject'), 'AM-00031');
      refused(
        await call('GET', `${WAITING}?party=${firm.id}`, await personToken(who)),
        'TIL-00008',
      );
    }
    refused(await answer(boss, randomUUID(), 'accept'), 'AM-00031');
  });

  it('runs out after ten days', async () => {
    const { vendor, boss, firm, path, request, wanted } = await newAskedSystem();
    await at(11 * DAY, async () => {
      const late = await asVendor(vendor, 'GET', `${path}/${request.id}`);
      assert.equal(late.body.state, 'TimedOut', late.text);
      refused(await answer(boss, request.id, 'accept'), 'AM.VLD-00036');
      refused(await answer(boss, request.id, 'reject'), 'AM.VLD-00036');
      const waiting = await call('GET', `${WAITING}?party=${firm.id}`, await personToken(boss));
      assert.deepEqual(waiting.body.data, []);
      const again = await asVendor(vendor, 'POST', path, wanted);
      assert.deepEqual([again.status, again.body.id === request.id], [201, false]);
    });
  });

  it('is one while it waits, and refused on other terms or for what is let in', async () => {
    const { vendor, boss, path, request, wanted } = await newAskedSystem();
    const same = await asVendor(vendor, 'POST', path, wanted);
    assert.deepEqual([same.status, same.body.id], [200, request.id]);
    const other = { ...wanted, packages: ['lonn'] };
    refused(await asVendor(vendor, 'POST', path, other), 'TIL-00049');
    const second = await asVendor(vendor, 'POST', path, { ...other, externalRef: 'to' });
    assert.equal(second.status, 201, second.text);
    await answer(boss, request.id, 'accept');
    refused(await asVendor(vendor, 'POST', path, wanted), 'TIL-00059');
  });

  it('waits with nine others of its vendor at most', async () => {
    const { vendor, path, wanted } = await newAskedSystem();
    for (let n = 0; n < 9; n += 1) {
      const more = await asVendor(vendor, 'POST', path, { ...wanted, externalRef: `kunde ${n}` });
      assert.equal(more.status, 201, more.text);
    }
    const over = { ...wanted, externalRef: 'over' };
    refused(await asVendor(vendor, 'POST', path, over), 'TIL-00035');
    const other = { ...over, customer: (await newFirm()).firm.number };
    assert.equal((await asVendor(vendor, 'POST', path, other)).status, 201);
  });

  it('is not answered once the system is no longer made for what it asks for', async () => {
    const { vendor, id, boss, firm, request } = await newAskedSystem();
    await asVendor(vendor, 'PUT', id, { name: NAMES, packages: ['lonn'] });
    refused(await answer(boss, request.id, 'accept'), 'TIL-00025');
    assert.deepEqual(await usersOf(boss, firm), []);
  });

  it('is one of two at once', async () => {
    const { vendor, id } = await newSystem();
    const { firm, boss } = await newFirm();
    const wanted = { customer: firm.number, packages: ['lonn'] };
    const asked = await Promise.all(
      [1, 2].map(() => asVendor(vendor, 'POST', `${id}/requests`, wanted)),
    );
    assert.deepEqual(asked.map(({ status }) => status).sort(), [200, 201]);
    const [{ body }] = asked as [(typeof asked)[0]];
    const answers = await Promise.all([1, 2].map(() => answer(boss, body.id, 'accept')));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400]);
    assert.equal((await usersOf(boss, firm)).length, 1);
  });

  it('is refused for what the system is not registered to do, and for where it may not lead', async () => {
    const { vendor, id } = await newSystem();
    const { firm } = await newFirm();
    const person = await newPerson();
    const user = await newOrganization();
    const unit = await newOrganization('Avdeling', { parent: firm.number });
    const wrong: [code: string, changes: object][] = [
      ['AM.VLD-00048', { packages: ['post-til-virksomheten-med-taushetsbelagt-innhold'] }],
      ['AM.VLD-00049', { resources: ['regnskap'] }],
      ['AM.VLD-00038', { packages: [] }],
      ['AM.VLD-00006', { customer: '399999999' }],
      ['AM.VLD-00006', { systemUser: randomUUID() }],
      ['AM.VLD-00006', { systemUser: user.id }],
      ['TIL.VLD-00001', { customer: person.number }],
      ['TIL.VLD-00001', { redirectUrl: 'https://annen.example/ferdig' }],
      ['TIL.VLD-00001', { redirectUrl: 'https://lonn.example.ond.example/' }],
      ['TIL.VLD-00001', { redirectUrl: 'javascript:alert(1)' }],
      ['TIL.VLD-00001', { redirectUrl: 'https:lonn.example/../logout' }],
      ['TIL.VLD-00001', { externalRef: ' kunde' }],
      ['TIL.VLD-00001', { externalRef: 'kunde\u200b' }],
      ['AM.VLD-00008', { customer: unit.number }],
      ['TIL.VLD-00001', { endPackages: ['lonn'] }],
      ['TIL.VLD-00001', { endResources: ['mva-melding'] }],
    ];
    for (const [code, changes] of wrong)
      refused(
        await asVendor(vendor, 'POST', `${id}/requests`, {
          ...{ customer: firm.number, packages: ['lonn'] },
          ...changes,
        }),
        code,
      );
    const bare = await newSystem({ redirectOrigins: [] });
    refused(
      await asVendor(bare.vendor, 'POST', `${bare.id}/requests`, {
        ...{ customer: firm.number, packages: ['lonn'] },
        redirectUrl: 'https://lonn.example/',
      }),
      'TIL.VLD-00001',
    );
    await asVendor(vendor, 'DELETE', id);
    const ended = { customer: firm.number, packages: ['lonn'] };
    refused(await asVendor(vendor, 'POST', `${id}/requests`, ended), 'TIL-00025');
  });

  it('is not answered once the vendor has ended the system', async () => {
    const { vendor, id, boss, firm, request } = await newAskedSystem();
    await asVendor(vendor, 'DELETE', id);
    refused(await answer(boss, request.id, 'accept'), 'TIL-00025');
    assert.deepEqual(await usersOf(boss, firm), []);
  });

  it('changes what a system may do, both ways, in one act', async () => {
    const { vendor, boss, firm, path, request, wanted } = await newAskedSystem();
    await answer(boss, request.id, 'accept');
    const [user] = await usersOf(boss, firm);
    const change = {
      ...{ customer: firm.number, systemUser: user.id },
      ...{ packages: ['lonn'], endPackages: ['merverdiavgift'] },
    };
    refused(
      await asVendor(vendor, 'POST', path, { ...change, endPackages: ['lonn'] }),
      'TIL.VLD-00001',
    );
    refused(
      await asVendor(vendor, 'POST', path, { ...change, packages: [], endPackages: [] }),
      'AM.VLD-00038',
    );
    for (const [code, more] of [
      ['AM.VLD-00048', { endPackages: [':'] }],
      ['AM.VLD-00048', { endPackages: ['toll'] }],
      ['AM.VLD-00049', { endResources: ['mva-melding'] }],
      ['TIL.VLD-00001', { externalRef: 'kunde-1' }],
    ] as const)
      refused(await asVendor(vendor, 'POST', path, { ...change, ...more }), code);
    // One case of the service is not the service.
    const oneCase = { resource: 'mva-melding', actions: ['read'], instance: 'urn:sak:1' };
    await importThis({
      instances: [{ resource: 'mva-melding', instance: 'urn:sak:1', party: firm.number }],
    });
    await given(boss, firm, user, oneCase);
    const ends = { ...change, endResources: ['mva-melding'] };
    refused(await asVendor(vendor, 'POST', path, ends), 'AM.VLD-00049');
    const asked = await asVendor(vendor, 'POST', path, change);
    assert.deepEqual([asked.status, asked.body.isChange], [201, true], asked.text);
    assert.equal((await answer(boss, asked.body.id, 'accept')).status, 204);
    const held = await call(
      'GET',
      `/access/v1/mandates?from=${firm.id}&to=${user.id}`,
      await personToken(boss),
    );
    assert.deepEqual(
      held.body.data.flatMap((one: { package?: string }) => one.package ?? []),
      [urn('lonn')],
      held.text,
    );
    assert.equal(await decide(user, 'read', 'mva-melding', firm), 'NotApplicable');
    const another = await newAskedSystem();
    refused(
      await asVendor(another.vendor, 'POST', another.path, {
        ...{ customer: firm.number, systemUser: user.id, packages: ['lonn'] },
      }),
      'AM.VLD-00006',
    );
    const gone = await asVendor(vendor, 'POST', path, { ...change, ...wanted, endPackages: [] });
    assert.equal(gone.status, 201, gone.text);
    await call('DELETE', `/access/v1/system-users/${user.id}`, await personToken(boss));
    refused(await answer(boss, gone.body.id, 'accept'), 'AM.VLD-00006');
  });

  it('makes an agent system that gets customers as agents do, by who administers those too', async () => {
    const { boss, firm, request, vendor, path } = await newAskedSystem({}, { kind: 'agent' });
    const helper = await newPerson();
    await newMandate(firm, helper, { package: 'tilgangsstyrer' });
    refused(await answer(helper, request.id, 'accept'), 'TIL-00008');
    assert.equal((await answer(boss, request.id, 'accept')).status, 204);
    const [user] = await usersOf(boss, firm);
    assert.equal(user.kind, 'agent');
    const agents = await call(
      'GET',
      `/accessmanagement/api/v1/enduser/clientdelegations/agents?party=${firm.id}`,
      await personToken(boss),
    );
    assert.deepEqual(
      agents.body.data.map((one: { agent: { id: string } }) => one.agent.id),
      [user.id],
      agents.text,
    );
    assert.equal(await decide(user, 'read', 'mva-melding', firm), 'NotApplicable');
    const change = { customer: firm.number, systemUser: user.id, packages: ['lonn'] };
    refused(await asVendor(vendor, 'POST', path, change), 'AM.VLD-00008');
  });
});
