// Why not, told to the two parties and to those who administer for them, with what comes near,
// since when, and the next step; and what has fallen. Strangers hear nothing of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  can,
  end,
  given,
  MANDATES,
  newConsentResource,
  newFirm,
  newMandate,
  newResource,
  endResource,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

async function why(
  actor: { id: string },
  from: TestParty,
  subject: { id: string },
  asked: { resource: string; action?: string; instance?: string },
) {
  const query = new URLSearchParams({
    from: from.id,
    subject: subject.id,
    action: 'read',
    ...asked,
  });
  return call('GET', `/access/v1/why?${query}`, await personToken(actor));
}
const nearOf = async (...asked: Parameters<typeof why>) => {
  const answer = await why(...asked);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.near;
};

describe('why not', () => {
  let firm: TestParty;
  let boss: TestParty;
  let resource: string;
  before(async () => {
    ({ firm, boss } = await newFirm());
    resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift'),
      can('write', 'dagl'),
    ]);
  });
  const act = async (id: string, what: string) =>
    call('POST', `${MANDATES}/${id}/${what}`, await personToken(boss));

  it('is that it is suspended, ended, run out or not begun, since when, and what to do', async () => {
    const rows: [string, (to: TestParty) => Promise<unknown>, RegExp, RegExp, RegExp][] = [
      [
        'suspended',
        async (to) => act(await given(boss, firm, to, { package: 'merverdiavgift' }), 'suspend'),
        /er satt på pause siden/,
        /Du kan la den gjelde igjen/,
        /Spør .* om å la den gjelde igjen/,
      ],
      [
        'ended',
        async (to) => end(boss, await given(boss, firm, to, { package: 'merverdiavgift' })),
        /ble avsluttet/,
        /Du kan gi den på nytt/,
        /Be .* om å gi den på nytt/,
      ],
      [
        'expired',
        async (to) =>
          newMandate(firm, to, {
            package: 'merverdiavgift',
            validFrom: inDays(-9),
            validTo: inDays(-2),
          }),
        /gikk ut/,
        /Du kan gi den på nytt/,
        /Be .* om å gi den på nytt/,
      ],
      [
        'upcoming',
        async (to) => given(boss, firm, to, { package: 'merverdiavgift', validFrom: inDays(3) }),
        /gjelder først fra/,
        /Vent til den begynner/,
        /Vent til den begynner, eller spør/,
      ],
    ];
    for (const [expected, arrange, said, giver, receiver] of rows) {
      const clerk = await newPerson();
      await arrange(clerk);
      for (const [actor, next] of [
        [boss, giver],
        [clerk, receiver],
      ] as const) {
        const { body } = await why(actor, firm, clerk, { resource });
        assert.deepEqual([body.decision, body.reason], [false, 'not_named']);
        const [near] = body.near;
        assert.equal(near.why, expected);
        assert.ok(Number.isFinite(Date.parse(near.at)), expected);
        assert.match(near.reason_user.nb, said);
        assert.match(near.reason_user.nb, /Merverdiavgift/i);
        assert.match(near.next_user.nb, next);
        assert.deepEqual(Object.keys(near.reason_user).sort(), ['en', 'nb', 'nn']);
        assert.ok(Object.keys(near.links).length === 1, JSON.stringify(near.links));
      }
    }
  });

  it('is another action, or another instance', async () => {
    const clerk = await newPerson();
    await given(boss, firm, clerk, { resource, actions: ['read'] });
    const [action] = await nearOf(boss, firm, clerk, { resource, action: 'write' });
    assert.equal(action.why, 'other_action');
    assert.deepEqual(Object.keys(action.links), ['change']);
    const other = await newPerson();
    await given(boss, firm, other, { resource, actions: ['read'], instance: 'sak-1' });
    const [instance] = await nearOf(other, firm, other, { resource, instance: 'sak-2' });
    assert.deepEqual(
      [instance.why, instance.reason_user.en],
      ['other_instance', '“Prøve” holds, but for another case than this.'],
    );
    const reader = await newPerson();
    await given(boss, firm, reader, { package: 'merverdiavgift' });
    const [role] = await nearOf(boss, firm, reader, { resource, action: 'write' });
    assert.deepEqual([role.why, Object.keys(role.links)], ['other_action', ['give']]);
    const [asking] = await nearOf(reader, firm, reader, { resource, action: 'write' });
    assert.match(asking.links.ask, new RegExp(`request/resource\\?.*resource=${resource}`));
    const foreign = await newResource([can('read', 'dagl')]);
    assert.deepEqual(await nearOf(boss, firm, reader, { resource: foreign }), []);
  });

  it('is that what it rests on does not hold, and which', async () => {
    const [middle, clerk] = [await newPerson(), await newPerson()];
    const parent = await given(boss, firm, middle, { package: 'merverdiavgift', mayPassOn: true });
    await given(middle, firm, clerk, { package: 'merverdiavgift' });
    await act(parent, 'suspend');
    const [near] = await nearOf(clerk, firm, clerk, { resource });
    assert.deepEqual([near.why, near.inactiveBecause], ['inactive', 'upstream_suspended']);
    assert.match(near.reason_user.nb, /bygger på noe som er satt på pause/);
  });

  it('is a role that a register ended, which is changed there', async () => {
    const [company, former] = [await newOrganization(), await newPerson()];
    await newRole('dagl', company, former);
    await newRole('dagl', company, former, { endedAt: inDays(-1) });
    const [near] = await nearOf(former, company, former, { resource });
    assert.deepEqual([near.why, near.links], ['ended', {}]);
    assert.match(near.next_user.nb, /register/);
  });

  it('is found through a firm that one leads, and from the main unit', async () => {
    const { firm: supplier, boss: leader } = await newFirm();
    const unit = await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number });
    const mandate = await given(boss, firm, supplier, { package: 'merverdiavgift' });
    await act(mandate, 'suspend');
    const [near] = await nearOf(leader, unit, leader, { resource });
    assert.deepEqual([near.why, near.mandate, near.to.id], ['suspended', mandate, supplier.id]);
  });

  it('tells each thing as it stands, and nothing where it is permitted', async () => {
    const clerk = await newPerson();
    await end(boss, await given(boss, firm, clerk, { package: 'merverdiavgift' }));
    const anew = await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const permitted = await why(clerk, firm, clerk, { resource });
    assert.deepEqual(
      [permitted.body.decision, permitted.body.mandates, permitted.body.near],
      [true, [anew], []],
    );
    await act(anew, 'suspend');
    const found = await nearOf(boss, firm, clerk, { resource });
    assert.deepEqual(
      found.map((one: { why: string; mandate: string }) => [one.why, one.mandate]),
      [['suspended', anew]],
    );
  });

  it('is about oneself where nobody is named', async () => {
    const clerk = await newPerson();
    const path = `/access/v1/why?from=${firm.number}&resource=${resource}&action=read`;
    const { body } = await call('GET', path, await personToken(clerk));
    assert.deepEqual([body.decision, body.near], [false, []]);
  });

  it('is nobody else’s to hear, nor of what is secret, nor by a number', async () => {
    const [clerk, stranger, other] = [await newPerson(), await newPerson(), await newPerson()];
    await act(await given(boss, firm, clerk, { package: 'merverdiavgift' }), 'suspend');
    for (const answer of [
      await why(stranger, firm, clerk, { resource }),
      await why(clerk, firm, other, { resource }),
      await why(boss, { ...firm, id: randomUUID() }, clerk, { resource }),
      await why(stranger, firm, { id: randomUUID() }, { resource }),
    ])
      assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00008'], answer.text);
    const path = `/access/v1/why?from=${firm.number}&subject=${clerk.number}&resource=${resource}&action=read`;
    const byNumber = await call('GET', path, await personToken(boss));
    assert.equal(byNumber.body.validationErrors[0].code, 'TIL.VLD-00006');
  });
});

describe('what has fallen', () => {
  const fallen = async (actor: { id: string }, party?: string) =>
    call('GET', `/access/v1/fallen${party ? `?party=${party}` : ''}`, await personToken(actor));

  it('is listed for both sides with why: consents and mandates, stored and now', async () => {
    const { firm, boss } = await newFirm();
    const [middle, clerk] = [await newPerson(), await newPerson()];
    const parent = await given(boss, firm, middle, { package: 'merverdiavgift', mayPassOn: true });
    const child = await given(middle, firm, clerk, { package: 'merverdiavgift' });
    await call('POST', `${MANDATES}/${parent}/suspend`, await personToken(boss));
    for (const answer of [await fallen(clerk), await fallen(boss, firm.number)])
      assert.deepEqual(
        answer.body.inactive.map((one: { mandate: string; reason: string }) => [
          one.mandate,
          one.reason,
        ]),
        [[child, 'upstream_suspended']],
      );
    await end(boss, parent);
    for (const answer of [await fallen(clerk), await fallen(boss, firm.number)]) {
      assert.deepEqual(answer.body.inactive, []);
      assert.deepEqual(
        answer.body.data.map((one: { mandate: string; reason: string; to: { id: string } }) => [
          one.mandate,
          one.reason,
          one.to.id,
        ]),
        [[child, 'upstream_ended', clerk.id]],
      );
    }
  });

  it('has the consents that a company had from one who died, and no others', async () => {
    const { id, from, to } = await approvedConsent();
    const boss = await newPerson();
    await newRole('dagl', to, boss);
    await putParty(from, { endedAt: new Date(Date.now() - 1_000).toISOString() });
    await world.work.tend();
    const { body } = await fallen(boss, to.number);
    assert.deepEqual(
      body.data.map((one: { consent: string; reason: string; from: { name: string } }) => [
        one.consent,
        one.reason,
        one.from.name,
      ]),
      [[id, 'basis_ended', from.name]],
    );
    assert.deepEqual((await fallen(boss)).body.data, []);
  });

  it('is told by pages, and to nobody else', async () => {
    const { firm, boss } = await newFirm();
    const middle = await newPerson();
    const parent = await given(boss, firm, middle, { package: 'merverdiavgift', mayPassOn: true });
    const children: string[] = [];
    for (let count = 0; count < 3; count += 1)
      children.push(await given(middle, firm, await newPerson(), { package: 'merverdiavgift' }));
    await end(boss, parent);
    const seen: string[] = [];
    let path = `/access/v1/fallen?party=${firm.number}&limit=2`;
    while (path) {
      const { body } = await call('GET', path, await personToken(boss));
      seen.push(...body.data.map((one: { mandate: string }) => one.mandate));
      path = body.links.next ?? '';
    }
    assert.deepEqual(seen.toSorted(), children.toSorted());
    assert.equal((await fallen(await newPerson(), firm.number)).status, 403);
  });

  it('of consents is told those who may read them, and of a protected person without receiver', async () => {
    const [child, mother, father, to] = [
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newOrganization(),
    ];
    const bornOn = `${new Date().getUTCFullYear() - 15}-01-02`;
    await putParty(child, { bornOn, protectedAddress: true });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const [manager, chief, clerk] = [await newPerson(), await newPerson(), await newPerson()];
    for (const one of [manager, father])
      await newMandate(child, one, { package: 'innbygger-tilgangsstyring-privatperson' });
    await newRole('dagl', to, chief);
    await newMandate(to, clerk, { package: 'tilgangsstyrer' });
    const resource = await newConsentResource(['foreldreansvar']);
    const id = await ask(child, to, { ...rightTo(resource), requiredDelegator: mother.urn });
    assert.equal((await approve(id, mother)).status, 200);
    await endResource(resource);
    await world.work.tend();
    const told = async (actor: { id: string }, party: string) =>
      (await fallen(actor, party)).body.data
        .filter((one: { consent: string }) => one.consent === id)
        .map((one: { to: { name: string } }) => one.to.name);
    assert.deepEqual(await told(manager, child.id), [], 'who may not read it');
    assert.deepEqual(await told(clerk, to.number), [], 'who does not lead the receiver');
    assert.deepEqual(await told(chief, to.number), [to.name]);
  });

  it('and why is kept by a secret source from all but the two', async () => {
    const code = `hemmelig-${randomUUID()}`;
    const text = { nb: 'Hemmelig', nn: 'Hemmeleg', en: 'Secret' };
    await importThis({
      sources: [{ code, name: text, legalBasis: text, purpose: text, visibility: 'secret' }],
      roles: [{ code, name: text, givenBy: 'organization', urns: [], source: code }],
    });
    const [{ firm, boss }, holder] = [await newFirm(), await newPerson()];
    await newRole(code, firm, holder);
    const resource = await newResource([can('read', code)]);
    const open = (await why(boss, firm, holder, { resource })).body;
    assert.deepEqual([open.decision, open.reason, open.mandates], [true, 'permitted', []]);
    assert.equal((await why(holder, firm, holder, { resource })).body.mandates.length, 1);
    await putParty(holder, { endedAt: inDays(-1) });
    assert.deepEqual((await fallen(boss, firm.number)).body.inactive, []);
  });
});
