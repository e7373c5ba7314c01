// Asking for a right: its states, its codes, and the decision that follows.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  world,
  type Answer,
  type TestParty,
} from '../support/world.ts';
import { can, decide, given, newMandate, newResource, newTeam } from '../support/rights/rights.ts';
import { rightKey } from '../../server/resource/policy/model.ts';
import { OWNERS, send, codeOf, refused } from '../support/rights/enduser.ts';

const askPackage = (clerk: TestParty, firm: TestParty, code = 'merverdiavgift', body?: object) =>
  send(clerk, 'POST', '/request/package', { party: clerk.id, to: firm.id, package: code }, body);

describe('a request for a right', () => {
  it('is asked, seen, approved, and holds in the next decision', async () => {
    const { firm, boss, clerk } = await newTeam();
    const asked = await askPackage(clerk, firm, 'urn:altinn:accesspackage:merverdiavgift', {
      validTo: inDays(5),
    });
    assert.deepEqual(
      [asked.status, asked.body.status, asked.body.from.id, asked.body.to.id],
      [201, 'Pending', clerk.id, firm.id],
      asked.text,
    );
    assert.equal((await askPackage(clerk, firm)).body.id, asked.body.id);
    assert.equal(
      (await send(boss, 'GET', '/request/received/count', { party: firm.id, status: 'pending' }))
        .body,
      1,
    );
    assert.equal(
      (await send(clerk, 'GET', '/request/sent', { party: clerk.id })).body.data[0].id,
      asked.body.id,
    );
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const approved = await send(boss, 'PUT', '/request/received/approve', {
      party: firm.id,
      id: asked.body.id,
    });
    assert.equal(approved.body.status, 'Approved', approved.text);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    refused(
      await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: asked.body.id }),
      'AM.VLD-00036',
    );
    const { rows } = await world.database.db.raw(
      'select type from event where request_id = ? order by id',
      [asked.body.id],
    );
    assert.deepEqual(
      rows.map((row: { type: string }) => row.type),
      ['right_asked', 'right_approved'],
    );
    assert.equal(
      (await call('GET', '/access/v1/notices', await personToken(clerk))).body.data.some(
        (one: { request: string; type: string }) =>
          one.request === asked.body.id && one.type === 'right_answered',
      ),
      true,
    );
  });

  it('waits on when it cannot be given as asked, since it is given already on other terms', async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const asked = await askPackage(clerk, firm, 'urn:altinn:accesspackage:merverdiavgift', {
      validTo: inDays(5),
    });
    refused(
      await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: asked.body.id }),
      'TIL-00026',
    );
    assert.equal(
      (await send(clerk, 'GET', '/request', { party: clerk.id, id: asked.body.id })).body.status,
      'Pending',
    );
  });

  it('for a resource is approved in part, by right key', async () => {
    const { firm, boss, clerk } = await newTeam();
    const resource = await newResource([
      can('read', 'dagl'),
      can('write', 'dagl'),
      can('sign', 'lede'),
    ]);
    const key = (action: string) => rightKey(resource, action);
    const asked = await send(
      clerk,
      'POST',
      '/request/resource',
      { party: clerk.id, to: firm.id, resource },
      { rightKeys: [key('read'), key('write')] },
    );
    // A choice that got lost is not the choice of everything.
    const lost = await send(
      boss,
      'PUT',
      '/request/received/approve',
      { party: firm.id, id: asked.body.id },
      { rightKeys: null },
    );
    assert.equal(lost.status, 400, lost.text);
    const approved = await send(
      boss,
      'PUT',
      '/request/received/approve',
      { party: firm.id, id: asked.body.id },
      [key('read')],
    );
    assert.deepEqual(
      [approved.body.status, approved.body.partly],
      ['Approved', true],
      approved.text,
    );
    assert.deepEqual(
      [await decide(clerk, 'read', resource, firm), await decide(clerk, 'write', resource, firm)],
      ['Permit', 'NotApplicable'],
    );
    const whole = await send(clerk, 'POST', '/request/resource', {
      party: clerk.id,
      to: firm.id,
      resource,
    });
    assert.equal(
      (await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: whole.body.id }))
        .body.partly,
      true,
      'every right that the approver can give',
    );
    assert.equal(await decide(clerk, 'sign', resource, firm), 'NotApplicable');
    const locked = await newResource([can('sign', 'lede')]);
    const hopeless = await send(clerk, 'POST', '/request/resource', {
      party: clerk.id,
      to: firm.id,
      resource: locked,
    });
    const none = await send(boss, 'PUT', '/request/received/approve', {
      party: firm.id,
      id: hopeless.body.id,
    });
    assert.deepEqual([none.status, codeOf(none)], [403, 'AM-00028']);
    assert.equal(
      (await send(clerk, 'GET', '/request', { party: clerk.id, id: hopeless.body.id })).body.status,
      'Pending',
    );
  });

  it('moves only as its states allow, and only by its side', async () => {
    const { firm, boss, clerk } = await newTeam();
    const fresh = async (code: string) => (await askPackage(clerk, firm, code)).body.id as string;
    const steps = {
      approve: (id: string) =>
        send(boss, 'PUT', '/request/received/approve', { party: firm.id, id }),
      reject: (id: string) => send(boss, 'PUT', '/request/received/reject', { party: firm.id, id }),
      withdraw: (id: string) =>
        send(clerk, 'PUT', '/request/sent/withdraw', { party: clerk.id, id }),
      confirm: (id: string) =>
        send(clerk, 'PUT', '/request/draft/confirm', { party: clerk.id, id }),
    };
    const ends = { approve: 'Approved', reject: 'Rejected', withdraw: 'Withdrawn' } as const;
    for (const [index, last] of (['approve', 'reject', 'withdraw'] as const).entries()) {
      const id = await fresh(['a-ordning', 'pensjon', 'permisjon'][index]!);
      refused(await steps.confirm(id), 'AM.VLD-00036');
      assert.equal((await steps[last](id)).body.status, ends[last]);
      for (const step of Object.values(steps)) refused(await step(id), 'AM.VLD-00036');
    }
    const id = await fresh('toll');
    refused(
      await send(clerk, 'PUT', '/request/received/approve', { party: clerk.id, id }),
      'AM.VLD-00044',
    );
    refused(
      await send(boss, 'PUT', '/request/sent/withdraw', { party: firm.id, id }),
      'AM.VLD-00044',
    );
    refused(await send(await newPerson(), 'GET', '/request', { id }), 'AM-00031');
    refused(await send(clerk, 'GET', '/request', { id: randomUUID() }), 'AM-00031');
  });

  it('is approved once, however many approve', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { id } = (await askPackage(clerk, firm)).body;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        send(boss, 'PUT', '/request/received/approve', { party: firm.id, id }),
      ),
    );
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    const { rows } = await world.database.db.raw(
      'select count(*)::int as n from mandate where from_party = ? and package is not null',
      [firm.id],
    );
    assert.equal(rows[0].n, 1);
  });

  it("of one's own is not approved by oneself, unless main administrator", async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: 'tilgangsstyrer' });
    await given(boss, firm, clerk, { package: 'a-ordning' });
    const { id } = (await askPackage(clerk, firm)).body;
    refused(
      await send(clerk, 'PUT', '/request/received/approve', { party: firm.id, id }),
      'AM-00028',
    );
    await given(boss, firm, clerk, { package: 'hovedadministrator' });
    assert.equal(
      (await send(clerk, 'PUT', '/request/received/approve', { party: firm.id, id })).body.status,
      'Approved',
    );
    const own = (await askPackage(boss, firm, 'regnskap-okonomi-rapport')).body.id;
    assert.equal(
      (await send(boss, 'PUT', '/request/received/approve', { party: firm.id, id: own })).body
        .status,
      'Approved',
    );
  });

  it('is refused when it could never be given', async () => {
    const [{ firm, boss, clerk }, stranger] = [await newTeam(), await newPerson()];
    const org = await newOrganization();
    await newMandate(firm, org, { package: 'a-ordning' });
    const rows: [Promise<Answer>, string][] = [
      [askPackage(stranger, firm), 'AM.VLD-00041'],
      [
        send(clerk, 'POST', '/request/package', {
          party: clerk.id,
          to: clerk.id,
          package: 'merverdiavgift',
        }),
        'AM.VLD-00045',
      ],
      [send(clerk, 'POST', '/request/package', { party: clerk.id, to: firm.id }), 'AM.VLD-00038'],
      [
        send(clerk, 'POST', '/request/package', {
          party: clerk.id,
          to: firm.id,
          package: 'merverdiavgift',
          resource: 'a-melding',
        }),
        'AM.VLD-00046',
      ],
      [askPackage(clerk, firm, 'regnskapsforer-lonn'), 'AM.VLD-00048'],
      [askPackage(clerk, firm, 'innbygger-pensjon'), 'AM.VLD-00028'],
      [askPackage(clerk, firm, 'ingen'), 'AM-00035'],
      [
        askPackage(clerk, firm, 'merverdiavgift', { validTo: '2020-01-01T00:00:00Z' }),
        'AM.VLD-00022',
      ],
      [
        send(clerk, 'POST', '/request/resource', {
          party: clerk.id,
          to: firm.id,
          resource: 'no-such',
        }),
        'AM.VLD-00012',
      ],
      [
        send(clerk, 'POST', '/request/resource', {
          party: clerk.id,
          to: firm.id,
          resource: 'inntekt-api',
        }),
        'AM.VLD-00049',
      ],
      [
        send(
          clerk,
          'POST',
          '/request/resource',
          { party: clerk.id, to: firm.id, resource: 'a-melding' },
          { rightKeys: ['01'] },
        ),
        'AM-00036',
      ],
      [
        send(clerk, 'POST', '/request/package', {
          party: boss.id,
          to: firm.id,
          package: 'merverdiavgift',
        }),
        'TIL-00008',
      ],
      [send(clerk, 'GET', '/request/received', { party: firm.id }), 'TIL-00008'],
      [send(boss, 'GET', '/request/received', { party: firm.id, status: 'maybe' }), 'AM.VLD-00009'],
    ];
    for (const [answer, code] of rows) refused(await answer, code);
  });

  it('drafted by a service owner is confirmed by the one it is for, and withdrawn by its author', async () => {
    const { firm, boss, clerk } = await newTeam();
    const [owner, other] = [await newOrganization(), await newOrganization()];
    const identifier = `t-${randomUUID()}`;
    await importThis({
      resources: [
        {
          identifier,
          owner: owner.number,
          resourceType: 'GenericAccessResource',
          title: { nb: 'x', nn: 'x' },
          rules: [{ action: 'read', subjects: ['dagl'] }],
        },
      ],
    });
    const token = await organizationToken(owner, 'altinn:serviceowner/delegationrequests.write');
    const draft = (as = token, resource = identifier) =>
      call('POST', `${OWNERS}/delegationrequests/resource`, as, {
        from: clerk.urn,
        to: firm.urn,
        resource,
        redirectUrl: 'https://tjeneste.example/',
      });
    refused(
      await draft(await organizationToken(other, 'altinn:serviceowner/delegationrequests.write')),
      'AM.VLD-00012',
    );
    const made = await draft();
    assert.deepEqual(
      [made.status, made.body.status, made.body.redirectUrl],
      [202, 'Draft', 'https://tjeneste.example/'],
      made.text,
    );
    assert.equal(
      (await send(boss, 'GET', '/request/received', { party: firm.id })).body.data.length,
      0,
    );
    assert.equal(
      (await send(clerk, 'GET', '/request/draft', { id: made.body.id })).body.status,
      'Draft',
    );
    assert.equal(
      (await send(clerk, 'PUT', '/request/draft/confirm', { party: clerk.id, id: made.body.id }))
        .body.status,
      'Pending',
    );
    const status = async (as: string) =>
      call('GET', `${OWNERS}/delegationrequests/${made.body.id}/status`, as);
    assert.equal((await status(token)).body.status, 'Pending');
    refused(
      await status(await organizationToken(other, 'altinn:serviceowner/delegationrequests.read')),
      'AM-00031',
    );
    assert.equal(
      (await call('PUT', `${OWNERS}/delegationrequests/${made.body.id}/withdraw`, token)).body
        .status,
      'Withdrawn',
    );
  });
});
