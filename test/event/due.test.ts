// What the clock and use have to tell: that something ends before long, and that something was used
// for the first time; once, and to those it concerns.
import assert from 'node:assert/strict';
import { loggedIn } from '../support/browser.ts';
import { can, decide, given, newResource } from '../support/rights.ts';
import {
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';

const PACKAGE = 'innbygger-pensjon';

async function told(person: TestParty, type: string): Promise<any[]> {
  const { body } = await call('GET', '/access/v1/notices', await personToken(person));
  return body.data.filter((one: any) => one.type === type);
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
    for (let times = 0; times < 2; times += 1) await world.app.tend();
    for (const who of [giver, helper])
      assert.deepEqual(
        (await told(who, 'mandate_ends')).map((one) => one.mandate),
        [id],
      );
    const path = `/access/v1/mandates/${id}`;
    const token = await personToken(giver);
    assert.equal((await call('PATCH', path, token, { validTo: inDays(25) })).status, 200);
    await world.app.tend();
    assert.equal((await told(helper, 'mandate_ends')).length, 2);
    const { html } = (await loggedIn(helper, '/inbox')).page;
    assert.match(html, /En fullmakt går ut om mindre enn 30 dager/);
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
    for (let times = 0; times < 2; times += 1) await world.app.tend();
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
      (await told(giver, 'mandate_used')).map((one) => one.mandate),
      [id],
    );
    assert.deepEqual(await told(helper, 'mandate_used'), []);
    const { html } = (await loggedIn(giver, '/inbox')).page;
    assert.match(html, /brukt for første gang[\s\S]*Var det ikke deg/);
  });
});
