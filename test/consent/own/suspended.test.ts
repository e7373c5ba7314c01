// A consent that is suspended, and what a data source gave out on one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../../support/pages/browser.ts';
import { consentDetail, exchange } from '../../support/oauth/clients.ts';
import {
  actOn,
  approve,
  approvedConsent,
  ask,
  at,
  call,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  numberOf,
  organizationToken,
  outsideToken,
  putParty,
  READ,
  REQUESTS,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';
import { HOUR, born, endRole, detailsOf, drawn } from '../../support/oauth/given.ts';

describe('a consent that is frozen', () => {
  const freeze = (act: 'suspend' | 'resume', id: string, who: { id: string }) =>
    actOn(id, who, act);

  it('is used by nobody until it is thawed, and stays Accepted for whoever asked', async () => {
    const { id, from, to } = await approvedConsent();
    const given = { id, from, to, by: from };
    const { client, isActive } = await drawn(given);
    const frozen = await freeze('suspend', id, from);
    assert.deepEqual([frozen.status, frozen.body.effectiveStatus], [200, 'Suspended']);
    assert.equal((await freeze('suspend', id, from)).status, 200);
    assert.equal((await lookUp(id, from, to)).body.code, 'AM-00014');
    assert.equal((await exchange(client, consentDetail(id, from))).body.consent_error, 'AM-00014');
    assert.equal(await isActive(), false);
    const told = await detailsOf(given);
    assert.deepEqual([told.status, told.effectiveStatus], ['Accepted', 'Suspended']);
    assert.equal(told.consentRequestEvents.length, 2);
    assert.equal((await freeze('resume', id, from)).body.effectiveStatus, 'Accepted');
    assert.equal((await lookUp(id, from, to)).status, 200);
    assert.ok(await isActive());
    const feed = await call(
      'GET',
      `${REQUESTS}/events?consentRequestId=${id}&eventType=revoked&eventType=expired`,
      await organizationToken(to, READ),
    );
    assert.deepEqual(feed.body.data, []);
    const { rows } = await world.database.db.raw(
      "select type, by_party from event where consent_id = ? and type in ('suspended', 'resumed') order by id",
      [id],
    );
    assert.deepEqual(
      rows.map((row: { type: string; by_party: string }) => [row.type, row.by_party]),
      [
        ['suspended', from.id],
        ['resumed', from.id],
      ],
    );
  });

  it('is so by whoever may approve, and by a child itself whatever its age', async () => {
    const [one, parent, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(one, { bornOn: born(9) });
    await newRole('foreldreansvar', one, parent);
    const id = await ask(one, to);
    assert.equal((await approve(id, parent)).status, 200);
    assert.equal((await freeze('suspend', id, await newPerson())).status, 404);
    assert.equal((await freeze('suspend', id, one)).status, 200);
    // To let it go on takes what giving it takes.
    await newRole('dagl', to, parent);
    assert.equal((await freeze('resume', id, parent)).status, 403);
    await endRole('dagl', to, parent);
    assert.equal((await freeze('resume', id, parent)).status, 200);
  });

  it('is forgotten when what is frozen ends: one reason is told, not two', async () => {
    const HOURS = 24 * 365 * 20;
    const rows: [string, (id: string, from: TestParty) => Promise<unknown>, number][] = [
      ['AM-00011', (id, from) => withdraw(id, from), 0],
      ['AM-00011', (_id, from) => putParty(from, { endedAt: inDays(-1) }), 0],
      ['AM-00013', async () => {}, HOURS],
    ];
    for (const [code, end, later] of rows) {
      const [from, to] = [await newPerson(), await newOrganization()];
      const id = await ask(from, to);
      await approve(id, from);
      assert.equal((await freeze('suspend', id, from)).status, 200);
      await end(id, from);
      const told = await at(later * HOUR, () => lookUp(id, from, to));
      assert.equal(told.body.code, code, told.text);
    }
  });

  it('is one that is given: not one asked for, refused or gone', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const id = await ask(from, to);
    assert.equal((await freeze('suspend', id, from)).body.code, 'AM-00014');
    await approve(id, from);
    await withdraw(id, from);
    assert.equal((await freeze('suspend', id, from)).body.code, 'AM-00011');
    assert.equal((await freeze('resume', randomUUID(), from)).body.code, 'AM-00001');
  });
});

describe('what a data source gave out', () => {
  const note = async (organizationNo: string, body: object) =>
    call(
      'POST',
      '/access/v1/uses',
      await outsideToken({
        scope: 'altinn:authorization/authorize',
        consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${organizationNo}` },
      }),
      body,
    );

  it('stands in the history of the person, apart from tokens, and nowhere else', async () => {
    const { id, from, to } = await approvedConsent();
    const owner = numberOf('Testskatteetaten');
    assert.equal((await note(owner, { consent: id, resource: 'inntekt' })).status, 204);
    const told = await detailsOf({ id, from, to, by: from });
    assert.equal(told.consentRequestEvents.length, 2);
    const browser = await loggedIn(from, `/consents/${id}`);
    assert.match(browser.page.html, /Opplysninger ble hentet av/);
    assert.match(browser.page.html, /Ikke brukt ennå/);
  });

  it('is told by an owner of what was given alone, of a time that was', async () => {
    const { id, from, to } = await approvedConsent();
    const owner = numberOf('Testskatteetaten');
    assert.equal((await note(to.number, { consent: id })).body.code, 'AM-00001');
    assert.equal((await note(owner, { consent: id, resource: 'eiendom' })).body.code, 'AM-00001');
    assert.equal((await note(owner, { consent: randomUUID() })).body.code, 'AM-00001');
    const early = await note(owner, { consent: id, at: inDays(-1) });
    assert.equal(early.body.code, 'AM-00014');
    const ahead = await note(owner, { consent: id, at: inDays(1) });
    assert.equal(ahead.body.validationErrors[0].code, 'TIL.VLD-00001');
    const asked = await ask(from, to);
    assert.equal((await note(owner, { consent: asked })).body.code, 'AM-00014');
  });
});
