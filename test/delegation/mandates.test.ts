// Mandates: given, changed, suspended, ended and renounced, and the very next decision.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import {
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  world,
} from '../support/world.ts';
import {
  can,
  change,
  decide,
  end,
  give,
  given,
  MANDATES,
  newFirm,
  newResource,
  receiver,
} from '../support/rights/rights.ts';

const TAX = { package: 'merverdiavgift' };
let resource: string;
const permits = async (subject: { id: string }, from: { id: string }, action = 'read') =>
  (await decide(subject, action, resource, from)) === 'Permit';

describe('a mandate', () => {
  before(async () => {
    resource = await newResource([
      can('read', 'dagl', 'package:merverdiavgift'),
      can('write', 'package:merverdiavgift'),
      can('sign', 'package:merverdiavgift'),
    ]);
  });

  it('is given, seen in the next decision, ended, and gone from the next', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    assert.equal(await permits(clerk, firm), false);
    const long = await give(boss, firm, clerk, { ...TAX, evidence: { note: 'x'.repeat(2_000) } });
    assert.equal(long.status, 400, 'two thousand characters in all');
    const answer = await give(boss, firm, clerk, {
      ...TAX,
      validTo: inDays(30),
      evidence: { note: 'stillingsinstruks' },
    });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(
      [answer.body.status, answer.body.givenBy.role, answer.body.basis, answer.body.changed],
      ['active', 'dagl', 'delegation', true],
    );
    assert.equal(await permits(clerk, firm), true);
    const again = await give(boss, firm, clerk, TAX);
    assert.deepEqual(
      [again.status, again.body.changed, again.body.id],
      [200, false, answer.body.id],
    );
    assert.equal((await end(boss, answer.body.id)).status, 204);
    assert.equal(await permits(clerk, firm), false);
    assert.equal((await end(boss, answer.body.id)).status, 204);
    const { rows } = await world.database.db.raw(
      'select type, by_party, by_role from event where mandate_id = ? order by id',
      [answer.body.id],
    );
    assert.deepEqual(
      rows.map((row: { type: string; by_party: string }) => [row.type, row.by_party]),
      [
        ['given', boss.id],
        ['ended', boss.id],
      ],
    );
  });

  it('can be given anew after it ran out, and after it was ended', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const first = await given(boss, firm, clerk, { ...TAX, validTo: inDays(1) });
    await at(2 * 86_400_000, async () => {
      assert.equal(await permits(clerk, firm), false);
      const second = await given(boss, firm, clerk, { ...TAX, validTo: inDays(1) });
      assert.notEqual(second, first);
      assert.equal(await permits(clerk, firm), true);
    });
  });

  it('is refused in the very next decision after revoke and suspend, a hundred times of a hundred', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    for (let round = 0; round < 50; round += 1) {
      const id = await given(boss, firm, clerk, TAX);
      assert.equal(await permits(clerk, firm), true);
      assert.equal(
        (await call('POST', `${MANDATES}/${id}/suspend`, await personToken(boss))).status,
        200,
      );
      assert.equal(await permits(clerk, firm), false);
      assert.equal(
        (await call('POST', `${MANDATES}/${id}/resume`, await personToken(boss))).status,
        200,
      );
      assert.equal(await permits(clerk, firm), true);
      await end(boss, id);
      assert.equal(await permits(clerk, firm), false);
    }
  });

  it('is not given by a stranger, by one who has it but may not administer, or by a parent or guardian', async () => {
    const [{ firm, boss }, clerk, friend, child, parent] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
      await newPerson(),
    ];
    await given(boss, firm, clerk, TAX);
    for (const actor of [friend, clerk])
      assert.deepEqual([(await give(actor, firm, friend, TAX)).body.code], ['AM-00028']);
    await newRole('foreldreansvar', child, parent);
    await newRole('verge:skatteetaten-skatt', child, parent);
    assert.equal(
      (await give(parent, child, friend, { package: 'innbygger-skatteforhold-privatpersoner' }))
        .body.code,
      'AM-00028',
    );
    assert.equal(
      (await give(parent, child, friend, { resource: 'skattemelding-person', actions: ['read'] }))
        .body.code,
      'AM-00028',
    );
  });

  it('lets an access manager give what they have, and nothing else', async () => {
    const [{ firm, boss }, manager, clerk] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    await given(boss, firm, manager, { package: 'tilgangsstyrer' });
    assert.equal((await give(manager, firm, clerk, TAX)).body.code, 'AM-00028');
    await given(boss, firm, manager, { ...TAX, validTo: inDays(10) });
    assert.equal(
      (await give(manager, firm, clerk, { ...TAX, validTo: inDays(11) })).body.code,
      'TIL-00022',
    );
    const mine = await give(manager, firm, clerk, TAX);
    assert.equal(mine.status, 201);
    assert.ok(mine.body.validTo);
  });

  it('lets a main administrator give what they do not have, and not use it', async () => {
    const [{ firm, boss }, main, clerk] = [await newFirm(), await newPerson(), await newPerson()];
    await given(boss, firm, main, { package: 'hovedadministrator' });
    assert.equal(await permits(main, firm), false);
    await given(main, firm, clerk, TAX);
    assert.equal(await permits(clerk, firm), true);
    await given(main, firm, clerk, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
    assert.equal(await decide(clerk, 'read', 'taushetsbelagt-post', firm), 'Permit');
    assert.equal(
      (await give(main, firm, await newOrganization(), { package: 'hovedadministrator' })).status,
      400,
    );
  });

  it('takes level 4 to give what is risky, and level 3 for the rest', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const low = { 'urn:altinn:authlevel': 3 };
    const risky = await give(boss, firm, clerk, { package: 'tilgangsstyrer' }, low);
    assert.deepEqual(
      [risky.status, risky.body.code, risky.body.requiredLevel],
      [401, 'TIL-00007', 4],
    );
    assert.match(
      risky.headers.get('www-authenticate')!,
      /insufficient_user_authentication.*idporten-loa-high/,
    );
    assert.equal((await give(boss, firm, clerk, TAX, low)).status, 201);
    assert.equal((await give(boss, firm, clerk, { package: 'tilgangsstyrer' })).status, 201);
  });

  it('goes to a person who is named by number and last name, or by id once there is a relation', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const post = async (to: object) =>
      call('POST', MANDATES, await personToken(boss), { from: firm.id, ...TAX, ...to });
    assert.equal((await post({ to: clerk.number })).body.validationErrors[0].paths[0], '/lastName');
    const wrong = await post({ to: clerk.number, lastName: 'Feil' });
    const nobody = await post({ to: personNumber(), lastName: 'Feil' });
    assert.equal(wrong.body.validationErrors[0].code, 'AM.VLD-00006');
    assert.deepEqual(nobody.body.validationErrors, wrong.body.validationErrors);
    assert.equal((await post({ to: clerk.id })).body.code, 'AM-00024');
    assert.equal((await post({ to: clerk.urn, lastName: 'person' })).status, 201);
    assert.equal((await post({ to: clerk.id, package: 'toll' })).status, 201);
  });

  it('tells a stranger nothing of a giver: neither that it exists nor what could be given', async () => {
    const [{ firm }, stranger, clerk] = [await newFirm(), await newPerson(), await newPerson()];
    const answers = await Promise.all(
      [firm.id, firm.number, organizationNumber(), randomUUID()].flatMap((from) =>
        [TAX, { package: 'no-such' }].map(async (what) =>
          call('POST', MANDATES, await personToken(stranger), {
            from,
            ...receiver(clerk),
            ...what,
          }),
        ),
      ),
    );
    for (const { status, body } of answers)
      assert.deepEqual(
        [status, body.code, body.detail],
        [answers[0]!.status, 'AM-00028', answers[0]!.body.detail],
      );
    for (const party of [firm.number, organizationNumber()]) {
      assert.equal(
        (await call('GET', `${MANDATES}?from=${party}`, await personToken(stranger))).status,
        403,
      );
      assert.equal(
        (await call('GET', `/access/v1/log/decisions?party=${party}`, await personToken(stranger)))
          .status,
        403,
      );
    }
    assert.deepEqual(
      (
        await call(
          'GET',
          `${MANDATES}?from=${stranger.id}&to=${randomUUID()}`,
          await personToken(stranger),
        )
      ).body.data,
      [],
    );
  });

  it("is not searched by another person's number, which could be tried until one fits", async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, TAX);
    const token = await personToken(boss);
    for (const number of [clerk.number, personNumber(), clerk.urn]) {
      const answers = [
        await call('GET', `${MANDATES}?from=${firm.id}&to=${number}`, token),
        await call('GET', `${MANDATES}?from=${number}`, token),
        await call('GET', `/access/v1/log/decisions?party=${firm.id}&subject=${number}`, token),
        await call('GET', `/access/v1/notices?party=${number}`, token),
        await call('POST', MANDATES, token, { from: number, ...receiver(clerk), ...TAX }),
      ];
      for (const { status, body } of answers)
        assert.deepEqual([status, body.validationErrors?.[0].code], [400, 'TIL.VLD-00006'], number);
    }
    assert.equal(
      (await call('GET', `${MANDATES}?to=${clerk.number}`, await personToken(clerk))).body.data
        .length,
      1,
      "one's own is no secret",
    );
  });

  it('is refused for the wrong kind of giver, for what may not be given, for oneself and for nobody', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const rows: [object, object, object, string][] = [
      [boss, clerk, TAX, 'AM-00037'],
      [firm, clerk, { package: 'innbygger-pensjon' }, 'AM-00037'],
      [firm, clerk, { package: 'no-such' }, 'AM-00035'],
      [firm, clerk, { package: 'eksplisitt' }, 'AM.VLD-00048'],
      [firm, clerk, { package: 'regnskapsforer-lonn' }, 'AM.VLD-00048'],
      [firm, firm, TAX, 'AM.VLD-00045'],
      [firm, { id: randomUUID() }, TAX, 'AM-00024'],
      [firm, clerk, { resource: 'no-such', actions: ['read'] }, 'AM.VLD-00012'],
      [firm, clerk, { resource, actions: ['fly'] }, 'AM-00036'],
      [firm, clerk, { resource, actions: [] }, 'AM-00033'],
      [firm, clerk, { resource: 'record-1', actions: ['read'] }, 'AM-00042'],
      [firm, clerk, { resource: 'inntekt-api', actions: ['scopeaccess'] }, 'AM-00027'],
      [firm, clerk, {}, 'AM.VLD-00038'],
      [firm, clerk, { ...TAX, resource, actions: ['read'] }, 'AM.VLD-00046'],
      [firm, clerk, { ...TAX, validTo: '2020-01-01T00:00:00Z' }, 'AM.VLD-00022'],
      [firm, clerk, { ...TAX, validTo: 'soon' }, 'TIL.VLD-00001'],
      [firm, clerk, { ...TAX, mayPassOn: 'yes' }, 'TIL.VLD-00001'],
      [boss, clerk, { package: 'innbygger-advokat' }, 'TIL-00024'],
    ];
    for (const [from, to, what, code] of rows) {
      const answer = await give(boss, from as { id: string }, to as { id: string }, what);
      assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
      assert.ok(
        [answer.body.code, answer.body.validationErrors?.[0].code].includes(code),
        `${JSON.stringify(what)}: ${answer.text}`,
      );
    }
    const { rows: none } = await world.database.db.raw(
      "select from mandate where from_party in (?, ?) and basis = 'delegation'",
      [firm.id, boss.id],
    );
    assert.equal(none.length, 0);
  });

  it('of a right is for its actions only, added and narrowed in place', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const own = await newResource([can('read', 'dagl'), can('write', 'dagl')]);
    const id = await given(boss, firm, clerk, { resource: own, actions: ['read'] });
    assert.deepEqual(
      [await decide(clerk, 'read', own, firm), await decide(clerk, 'write', own, firm)],
      ['Permit', 'NotApplicable'],
    );
    const more = await give(boss, firm, clerk, { resource: own, actions: ['write'] });
    assert.deepEqual([more.body.id, more.body.actions], [id, ['read', 'write']]);
    assert.equal(await decide(clerk, 'write', own, firm), 'Permit');
    assert.equal((await change(boss, id, { actions: ['write'] })).status, 200);
    assert.deepEqual(
      [await decide(clerk, 'read', own, firm), await decide(clerk, 'write', own, firm)],
      ['NotApplicable', 'Permit'],
    );
    assert.equal((await change(clerk, id, { actions: ['read', 'write'] })).body.code, 'TIL-00027');
  });

  it('is extended and shortened by one call, and not by the receiver', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const id = await given(boss, firm, clerk, { ...TAX, validTo: inDays(1) });
    assert.equal((await change(boss, id, { validTo: inDays(3) })).status, 200);
    await at(2 * 86_400_000, async () => assert.equal(await permits(clerk, firm), true));
    assert.equal((await change(clerk, id, { validTo: inDays(9) })).body.code, 'TIL-00027');
    assert.equal((await change(boss, id, { validTo: '2020-01-01T00:00:00Z' })).status, 400);
    assert.equal((await change(boss, id, { colour: 'red' })).status, 400);
    assert.equal((await change(boss, id, { validTo: null })).body.validTo, null);
    await end(boss, id);
    assert.equal((await change(boss, id, { validTo: inDays(9) })).body.code, 'TIL-00021');
  });

  it('is renounced by its receiver, and not ended by a stranger', async () => {
    const [{ firm, boss }, clerk, stranger] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    const id = await given(boss, firm, clerk, TAX);
    const refused = await end(stranger, id);
    assert.deepEqual([refused.status, refused.body.code], [404, 'TIL-00020']);
    assert.equal(await permits(clerk, firm), true);
    assert.equal((await end(clerk, id)).status, 204);
    assert.equal(await permits(clerk, firm), false);
    const { rows } = await world.database.db.raw(
      "select type from event where mandate_id = ? and type <> 'given'",
      [id],
    );
    assert.deepEqual(rows, [{ type: 'renounced' }]);
  });

  it('is for the party that is named, and an act of the giver’s alone for the giver', async () => {
    const [giver, helper, stranger] = [await newPerson(), await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, {
      package: 'innbygger-tilgangsstyring-privatperson',
    });
    const token = await personToken(helper);
    const one = `${MANDATES}/${id}`;
    // The receiver sees to the giver too: what only the giver may do is done there.
    assert.equal(
      (await call('POST', `${one}/suspend?party=${helper.id}`, token)).body.code,
      'TIL-00027',
    );
    for (const party of [stranger.id, giver.id.replace(/.$/, 'x')])
      assert.ok([400, 404].includes((await call('GET', `${one}?party=${party}`, token)).status));
    const asked = `${one}?party=${giver.id}`;
    assert.equal((await call('GET', asked, await personToken(stranger))).body.code, 'TIL-00020');
    assert.equal((await call('POST', `${one}/suspend`, token)).body.status, 'suspended');
    assert.equal((await call('DELETE', `${one}?party=${helper.id}`, token)).status, 204);
  });

  it('of a register is neither ended, changed nor suspended here', async () => {
    const { firm, boss } = await newFirm();
    const { rows } = await world.database.db.raw('select id from mandate where from_party = ?', [
      firm.id,
    ]);
    assert.equal((await end(boss, rows[0].id)).body.code, 'AM-00040');
    assert.equal((await change(boss, rows[0].id, { validTo: inDays(1) })).body.code, 'AM-00040');
    assert.equal(
      (await call('POST', `${MANDATES}/${rows[0].id}/suspend`, await personToken(boss))).body.code,
      'AM-00040',
    );
  });

  it('is frozen at once by the person it is given for, and by nobody else', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, {
      package: 'innbygger-skatteforhold-privatpersoner',
    });
    assert.equal(await decide(helper, 'read', 'skattemelding-person', giver), 'Permit');
    assert.equal(
      (await call('POST', `${MANDATES}/${id}/suspend`, await personToken(helper))).body.code,
      'TIL-00027',
    );
    const notices = await call('GET', '/access/v1/notices', await personToken(giver));
    const notice = notices.body.data.find((one: { mandate: string }) => one.mandate === id);
    assert.equal(
      (await call('POST', notice.links.suspend, await personToken(giver))).body.status,
      'suspended',
    );
    assert.equal(await decide(helper, 'read', 'skattemelding-person', giver), 'NotApplicable');
    assert.equal(
      (await call('POST', `/access/v1/notices/${notice.id}/read`, await personToken(giver))).status,
      204,
    );
    assert.equal(
      (await call('POST', `/access/v1/notices/${notice.id}/read`, await personToken(helper)))
        .status,
      404,
    );
  });

  it('is listed with what the contract has no place for, to those it concerns', async () => {
    const [{ firm, boss }, clerk, stranger] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    const id = await given(boss, firm, clerk, { ...TAX, validTo: inDays(10), mayPassOn: true });
    await permits(clerk, firm);
    await world.app.settle();
    const list = async (actor: { id: string }, query: string) =>
      call('GET', `${MANDATES}?${query}`, await personToken(actor));
    const { body } = await list(boss, `from=${firm.id}`);
    const one = body.data.find((mandate: { id: string }) => mandate.id === id);
    assert.equal(one.to.name, clerk.name);
    assert.ok(one.givenAt && one.validTo && one.lastUsedAt && one.mayPassOn);
    assert.ok(
      body.data.find((mandate: { role: string }) => mandate.role === 'dagl').source.legalBasis.nb,
    );
    assert.equal((await list(clerk, `to=${clerk.id}`)).body.data.length, 1);
    assert.equal((await list(stranger, `from=${firm.id}`)).status, 403);
    assert.equal((await list(stranger, `to=${clerk.id}`)).status, 403);
    assert.equal((await list(boss, '')).status, 400);
    assert.equal((await call('GET', `${MANDATES}/${id}`, await personToken(stranger))).status, 404);
    assert.equal((await call('GET', `${MANDATES}/${id}`, await personToken(clerk))).body.id, id);
  });

  it("is in the log of the party it concerns, filtered, and in nobody else's", async () => {
    const [{ firm, boss }, clerk, stranger] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    const id = await given(boss, firm, clerk, TAX);
    await permits(clerk, firm);
    await permits(stranger, firm);
    await end(boss, id);
    await world.app.settle();
    const read = async (actor: { id: string }, path: string) =>
      call('GET', `/access/v1/log/${path}`, await personToken(actor));
    const denied = await read(boss, `decisions?party=${firm.id}&outcome=not_applicable`);
    assert.deepEqual(
      denied.body.data.map((row: { subject: { id: string }; outcome: string }) => [
        row.subject.id,
        row.outcome,
      ]),
      [[stranger.id, 'not_applicable']],
    );
    assert.equal(
      (await read(boss, `decisions?party=${firm.id}&subject=${clerk.id}`)).body.data[0].mandates[0],
      id,
    );
    assert.equal((await read(clerk, 'decisions')).body.data.length, 1);
    const first = await read(boss, `decisions?party=${firm.id}&limit=1`);
    assert.equal(
      (await call('GET', first.body.links.next, await personToken(boss))).body.data[0].subject.id,
      clerk.id,
    );
    assert.deepEqual(
      (await read(boss, `events?party=${firm.id}&type=ended`)).body.data.map(
        (row: { type: string; by: { id: string } }) => [row.type, row.by.id],
      ),
      [['ended', boss.id]],
    );
    assert.equal((await read(stranger, `decisions?party=${firm.id}`)).status, 403);
    assert.equal((await read(stranger, `events?party=${firm.id}`)).status, 403);
    assert.equal((await read(boss, `events?party=${firm.id}&type=nothing`)).status, 400);
    assert.equal((await read(boss, `decisions?party=${firm.id}&limit=0`)).status, 400);
  });

  it('needs a token, of a person, with the scope', async () => {
    const person = await newPerson();
    assert.equal((await call('GET', `${MANDATES}?to=${person.id}`)).status, 401);
    assert.equal(
      (
        await call(
          'GET',
          `${MANDATES}?to=${person.id}`,
          await personToken(person, { scope: 'altinn:other' }),
        )
      ).status,
      403,
    );
  });
});
