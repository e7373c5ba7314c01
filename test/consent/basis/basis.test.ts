// What an answer rests on, and that it falls with it: refused from that instant by every door that
// asks, written down with its reason and its event, notified, and never back.
import assert from 'node:assert/strict';
import { clock } from '../../../server/platform/clock.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { newConsentResource, newMandate, rightTo } from '../../support/rights/rights.ts';
import {
  API,
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
  organizationToken,
  personToken,
  putParty,
  READ,
  REQUESTS,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';
import { reasonOf, toAsker } from '../../support/rows.ts';
import { HOUR, born, endRole, type Given, detailsOf, drawn } from '../../support/oauth/given.ts';

const TASK = 'verge:skatteetaten-skatt';
async function givenBy(
  from: TestParty,
  by: TestParty,
  resource: string,
  changes: object = {},
): Promise<Given> {
  const to = await newOrganization();
  const id = await ask(from, to, { ...rightTo(resource), ...changes });
  const answer = await approve(id, by);
  assert.equal(answer.status, 200, answer.text);
  return { from, to, by, id };
}

describe('a consent', () => {
  let resource: string;
  let byFamily: string;
  before(async () => {
    resource = await newConsentResource(['privatperson', 'dagl', 'innh']);
    byFamily = await newConsentResource(['privatperson', 'foreldreansvar', TASK], {
      decidesFrom: 16,
      parentUntil: 18,
    });
  });

  const child = async (years: number, days = 0) => {
    const one = await newPerson('Emil Prøvesen');
    await putParty(one, { bornOn: born(years, days) });
    return one;
  };
  const withParent = async (years: number, days = 0) => {
    const [one, parent] = [await child(years, days), await newPerson('Mor Prøvesen')];
    await newRole('foreldreansvar', one, parent);
    return { one, parent };
  };
  const firm = async (role = 'dagl', unitType?: string) => {
    const [company, boss] = [await newOrganization(), await newPerson()];
    if (unitType) await putParty(company, { unitType });
    await newRole(role, company, boss);
    return { company, boss };
  };

  const falls: [what: string, reason: string, () => Promise<[Given, () => Promise<unknown>]>][] = [
    [
      'when its giver dies',
      'giver_dead',
      async () => {
        const person = await newPerson();
        const given = await givenBy(person, person, resource);
        return [given, () => putParty(person, { endedAt: inDays(-0.001) })];
      },
    ],
    [
      'when the company that gave it is dissolved',
      'giver_dissolved',
      async () => {
        const { company, boss } = await firm();
        const given = await givenBy(company, boss, resource);
        return [given, () => putParty(company, { endedAt: inDays(-0.001) })];
      },
    ],
    [
      'when the owner of the sole proprietorship that gave it dies',
      'giver_dead',
      async () => {
        const { company, boss } = await firm('innh', 'ENK');
        const given = await givenBy(company, boss, resource);
        return [given, () => putParty(boss, { endedAt: inDays(-0.001) })];
      },
    ],
    [
      'when its receiver is dissolved',
      'receiver_dissolved',
      async () => {
        const person = await newPerson();
        const given = await givenBy(person, person, resource);
        return [given, () => putParty(given.to, { endedAt: inDays(-0.001) })];
      },
    ],
    [
      'when the service that it is about ends',
      'resource_ended',
      async () => {
        const person = await newPerson();
        const own = await newConsentResource(['privatperson']);
        const given = await givenBy(person, person, own);
        return [
          given,
          () =>
            world.database.db.raw(
              "update resource set ended_at = now() - interval '1 s' where id = ?",
              [own],
            ),
        ];
      },
    ],
    [
      'when nobody holds the parental responsibility any more',
      'responsibility_ended',
      async () => {
        const { one, parent } = await withParent(10);
        const given = await givenBy(one, parent, byFamily);
        return [given, () => endRole('foreldreansvar', one, parent)];
      },
    ],
    [
      'when the only parent dies',
      'responsibility_ended',
      async () => {
        const { one, parent } = await withParent(10);
        const given = await givenBy(one, parent, byFamily);
        return [given, () => putParty(parent, { endedAt: inDays(-0.001) })];
      },
    ],
    [
      "when a guardian's task ends",
      'task_ended',
      async () => {
        const [ward, guardian] = [await newPerson(), await newPerson()];
        await newRole(TASK, ward, guardian);
        const given = await givenBy(ward, guardian, byFamily);
        return [given, () => endRole(TASK, ward, guardian)];
      },
    ],
    [
      'when a birth date turns out to be earlier',
      'of_age',
      async () => {
        const { one, parent } = await withParent(10);
        const given = await givenBy(one, parent, byFamily);
        return [given, () => putParty(one, { bornOn: born(18, -1) })];
      },
    ],
  ];

  for (const [what, reason, arrange] of falls) {
    it(`falls ${what}: at once, and for good`, async () => {
      const [given, fall] = await arrange();
      const { id, from, to, by } = given;
      const { client, isActive } = await drawn(given);
      assert.equal((await lookUp(id, from, to)).status, 200);
      assert.ok(await isActive());
      await fall();
      const again = await exchange(client, consentDetail(id, from));
      // A client whose organisation is no more gets no token at all.
      if (reason !== 'receiver_dissolved')
        assert.deepEqual(
          [again.status, again.body.consent_error, again.body.consent_reason],
          [400, 'AM-00011', toAsker(reason)],
        );
      assert.ok(again.status >= 400);
      const looked = await lookUp(id, from, to);
      assert.deepEqual(
        [looked.body.code, looked.body.consent_reason],
        ['AM-00011', toAsker(reason)],
      );
      assert.equal(await isActive(), false);
      const before = await detailsOf(given);
      assert.deepEqual(
        [before.status, before.effectiveStatus, before.consentReason],
        ['Accepted', 'Revoked', toAsker(reason)],
      );
      await world.work.tend();
      const after = await detailsOf(given);
      assert.deepEqual([after.status, after.effectiveStatus], ['Revoked', 'Revoked']);
      const event = after.consentRequestEvents.at(-1);
      assert.deepEqual(
        [event.eventType, event.performedBy, event.reason],
        ['Revoked', from.urn, toAsker(reason)],
      );
      const feed = await call(
        'GET',
        `${REQUESTS}/events?consentRequestId=${id}&eventType=revoked`,
        await organizationToken(to, READ),
      );
      assert.deepEqual(
        feed.body.data.map((row: { eventType: string }) => row.eventType),
        ['Revoked'],
      );
      assert.equal(feed.body.data.at(-1).eventId, event.consentEventID);
      const { rows } = await world.database.db.raw(
        "select party from notice where consent_id = ? and type = 'consent_fallen'",
        [id],
      );
      const told: string[] = rows.map((row: { party: string }) => row.party);
      assert.ok(told.includes(from.id));
      // One who holds nothing for the giver any more hears no more either.
      assert.equal(await reasonOf(id), reason);
      if (/_ended$/.test(reason)) assert.ok(by.id === from.id || !told.includes(by.id));
      await world.work.tend();
      assert.equal((await detailsOf(given)).consentRequestEvents.length, 3);
      const approved = await approve(id, by);
      if (approved.status === 400) assert.equal(approved.body.code, 'AM-00002');
      else assert.ok([401, 403].includes(approved.status), approved.text);
    });
  }

  it('does not come back when the register corrects itself', async () => {
    const person = await newPerson();
    const given = await givenBy(person, person, resource);
    await putParty(person, { endedAt: inDays(-0.001) });
    await world.work.tend();
    await putParty(person);
    const looked = await lookUp(given.id, person, given.to);
    assert.deepEqual([looked.body.code, looked.body.consent_reason], ['AM-00011', 'basis_ended']);
    assert.equal(await reasonOf(given.id), 'giver_dead');
  });

  it('that is over, or was never given, does not fall: nobody learns of a death by it', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const once = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    const used = await givenBy(person, person, once);
    await drawn(used);
    const short = await givenBy(person, person, resource, { validTo: inDays(1) });
    const refused = await ask(person, to, rightTo(resource));
    await call('POST', `${API}/consent/request/${refused}/reject`, await personToken(person));
    const waiting = await ask(person, to, rightTo(resource));
    const gone = await givenBy(person, person, resource);
    await withdraw(gone.id, person);
    await putParty(person, { endedAt: inDays(-0.001) });
    await at(2 * 24 * HOUR, async () => {
      await world.work.tend();
      for (const { id, to: by } of [used, short, { id: refused, to }, { id: waiting, to }, gone]) {
        const answer = await lookUp(id, person, by);
        assert.ok(!answer.text.includes('giver_dead'), answer.text);
        const told = await call('GET', `${REQUESTS}/${id}`, await organizationToken(by, READ));
        assert.ok(!told.text.includes('giver_dead'), told.text);
      }
      assert.equal((await detailsOf(short)).status, 'Accepted');
      assert.equal((await detailsOf(used)).effectiveStatus, 'UsedUp');
    });
  });

  it('of another giver says nothing of what became of its own', async () => {
    const [person, other] = [await newPerson(), await newPerson()];
    const given = await givenBy(person, person, resource);
    await putParty(person, { endedAt: inDays(-0.001) });
    const looked = await lookUp(given.id, other, given.to);
    assert.ok(!looked.text.includes('giver_dead'), looked.text);
  });

  it('has tokens that end with the last holder of the task, where the end is known', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian, { validTo: new Date(Date.now() + 50_000).toISOString() });
    const given = await givenBy(ward, guardian, byFamily);
    const client = await newClient(given.to);
    const answer = await exchange(client, consentDetail(given.id, ward));
    assert.ok(answer.body.expires_in <= 50, answer.text);
  });

  it('falls when a task begins anew later, and is not there in between', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian);
    const given = await givenBy(ward, guardian, byFamily);
    await world.database.db.raw(
      "update mandate set valid_from = now() + interval '1 day' where from_party = ? and role = ?",
      [ward.id, TASK],
    );
    await world.work.tend();
    assert.equal((await detailsOf(given)).consentReason, 'basis_ended');
    assert.equal(await reasonOf(given.id), 'task_ended');
  });

  it('by one whom a child’s mandate lets answer goes as far as the parents do', async () => {
    const { one, parent } = await withParent(10);
    const friend = await newPerson();
    await newMandate(one, friend, { resource: byFamily, actions: ['consent'] });
    const given = await givenBy(one, friend, byFamily);
    const own = await newOrganization();
    await newRole('dagl', own, friend);
    const favour = await approve(await ask(one, own, rightTo(byFamily)), friend);
    assert.equal(favour.body.consent_reason, 'own_favour');
    await endRole('foreldreansvar', one, parent);
    await world.work.tend();
    assert.equal((await detailsOf(given)).consentReason, 'basis_ended');
    assert.equal(await reasonOf(given.id), 'responsibility_ended');
  });

  it('that was for once is looked up as used up', async () => {
    const person = await newPerson();
    const once = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    const given = await givenBy(person, person, once);
    assert.equal((await lookUp(given.id, person, given.to)).status, 200);
    await drawn(given);
    assert.equal((await lookUp(given.id, person, given.to)).body.code, 'AM-00013');
  });

  it('that was withdrawn has no reason beside', async () => {
    const { id, from, to } = await approvedConsent();
    await withdraw(id, from);
    const looked = await lookUp(id, from, to);
    assert.equal(looked.body.code, 'AM-00011');
    assert.ok(!('consent_reason' in looked.body), looked.text);
  });

  it('that is asked for and has nothing to rest on is not approved, and says why', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const id = await ask(person, to, rightTo(resource));
    const other = await newPerson();
    const waiting = await ask(other, to, rightTo(resource));
    await putParty(other, { endedAt: inDays(-0.001) });
    assert.equal((await lookUp(waiting, other, to)).body.code, 'AM-00014');
    await putParty(to, { endedAt: inDays(-0.001) });
    const refused = await approve(id, person);
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.consent_reason],
      [400, 'AM-00002', 'receiver_dissolved'],
    );
    assert.equal((await approve(id, await newPerson())).status, 403);
  });

  it('of a parent falls on the day in Oslo on which the child reaches the age, and so does its token', async () => {
    const { one, parent } = await withParent(18, 2);
    const given = await givenBy(one, parent, byFamily);
    const { rows } = await world.database.db.raw(
      "select (?::date::timestamp + interval '18 years') at time zone 'Europe/Oslo' as at",
      [born(18, 2)],
    );
    const left = rows[0].at.getTime() - Date.now();
    await at(left - 60_000, async () => {
      const client = await newClient(given.to);
      const iat = Math.floor(clock.now().getTime() / 1000);
      const times = { iat, exp: iat + 100 };
      const answer = await exchange(client, { ...consentDetail(given.id, one), ...times });
      assert.equal(answer.status, 200, answer.text);
      assert.ok(answer.body.expires_in <= 60, answer.text);
    });
    await at(left + 1_000, async () => {
      assert.equal((await lookUp(given.id, one, given.to)).body.consent_reason, 'basis_ended');
      assert.equal(
        (await call('GET', `${API}/consent/${given.id}`, await personToken(parent))).status,
        200,
      );
      await world.work.tend();
      const after = await detailsOf(given);
      assert.deepEqual([after.status, after.consentReason], ['Revoked', 'basis_ended']);
    });
  });

  it('stays when one parent of two goes, or a new guardian has the same task', async () => {
    const { one, parent } = await withParent(10);
    const other = await newPerson();
    await newRole('foreldreansvar', one, other);
    const given = await givenBy(one, parent, byFamily);
    await endRole('foreldreansvar', one, parent);
    await world.work.tend();
    assert.equal((await lookUp(given.id, one, given.to)).status, 200);
    assert.equal((await withdraw(given.id, other)).status, 200);
    const [ward, guardian, next] = [await newPerson(), await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian);
    const task = await givenBy(ward, guardian, byFamily);
    await newRole(TASK, ward, next);
    await endRole(TASK, ward, guardian);
    await world.work.tend();
    assert.equal((await lookUp(task.id, ward, task.to)).status, 200);
    assert.equal((await withdraw(task.id, guardian)).status, 403);
    await drawn(task);
    const read = async (who: TestParty) =>
      (await call('GET', `${API}/consent/${task.id}`, await personToken(who))).body;
    assert.equal((await read(next)).consentRequestEvents.length, 2);
    assert.equal((await withdraw(task.id, next)).status, 200);
    // The receipt of what was done stays with who did it, and says nothing of what came after.
    const receipt = await read(guardian);
    const asRequest = await call(
      'GET',
      `${API}/consent/request/${task.id}`,
      await personToken(guardian),
    );
    assert.deepEqual(asRequest.body, receipt);
    assert.equal(receipt.consentRequestEvents.length, 2);
    assert.equal(receipt.status, 'Accepted');
  });

  it('of a company stays when its director leaves, and when a policy changes', async () => {
    const { company, boss } = await firm();
    const given = await givenBy(company, boss, resource);
    await endRole('dagl', company, boss);
    await world.work.tend();
    assert.equal((await lookUp(given.id, company, given.to)).status, 200);
    assert.equal((await withdraw(given.id, boss)).status, 403);
  });
});
