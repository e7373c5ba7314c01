// A consent that stays though its holder changes: who holds the office now, and the person, are
// told that it goes on and may withdraw; a giver is told when the power of attorney behind it ends.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { consentDetail, exchange, newClient, payloadOf } from '../../support/oauth/clients.ts';
import {
  end,
  given,
  newConsentResource,
  newFirm,
  newMandate,
  rightTo,
} from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  at,
  call,
  importThis,
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

const TASK = 'verge:skatteetaten-skatt';
const HOUR = 3_600_000;
const endRole = (role: string, from: TestParty, to: TestParty) =>
  importThis({
    roleHolders: [{ role, from: from.number, to: to.number, endedAt: inDays(-0.001) }],
  });
const noticesOf = async (person: TestParty, party?: TestParty): Promise<[string, string][]> =>
  (
    await call(
      'GET',
      `/access/v1/notices${party ? `?party=${party.number}` : ''}`,
      await personToken(person),
    )
  ).body.data
    // That it was given and withdrawn is told of every consent.
    .filter(({ type }: { type: string }) => !/_(given|withdrawn)$/.test(type))
    .map((one: { type: string; consent?: string }) => [one.type, one.consent]);

describe('a consent whose holder changes', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization();
  });

  const childOf = async (...parents: TestParty[]) => {
    const child = await newPerson();
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    for (const parent of parents) await newRole('foreldreansvar', child, parent);
    return child;
  };

  it('stays with another parent, and the child and those who remain and come are told', async () => {
    const [mother, father, stepmother] = [await newPerson(), await newPerson(), await newPerson()];
    const child = await childOf(mother, father);
    const resource = await newConsentResource(['foreldreansvar']);
    const id = await ask(child, to, rightTo(resource));
    assert.equal((await approve(id, mother)).status, 200);
    await world.work.tend();
    assert.deepEqual(await noticesOf(father), [], 'nothing has changed');
    await endRole('foreldreansvar', child, mother);
    await world.work.tend();
    const changed = ['consent_holder_changed', id];
    assert.deepEqual(await noticesOf(father), [changed]);
    assert.deepEqual(await noticesOf(child), [changed]);
    assert.deepEqual(await noticesOf(mother), []);
    assert.equal((await lookUp(id, child, to)).status, 200);
    await newRole('foreldreansvar', child, stepmother);
    await world.work.tend();
    assert.deepEqual(await noticesOf(stepmother), [changed]);
    assert.equal((await withdraw(id, stepmother)).status, 200);
    await endRole('foreldreansvar', child, father);
    await world.work.tend();
    assert.deepEqual(await noticesOf(stepmother), [changed], 'what is over is no news');
  });

  it('is told to the guardian who comes when the register replaces one', async () => {
    const [ward, old, fresh] = [await newPerson(), await newPerson(), await newPerson()];
    await newRole(TASK, ward, old);
    const resource = await newConsentResource([TASK]);
    const id = await ask(ward, to, rightTo(resource));
    assert.equal((await approve(id, old)).status, 200);
    await newRole(TASK, ward, fresh);
    await endRole(TASK, ward, old);
    await world.work.tend();
    assert.deepEqual(
      [...new Set((await noticesOf(fresh)).map(String))],
      [`consent_holder_changed,${id}`],
    );
    assert.equal((await lookUp(id, ward, to)).status, 200);
  });

  it('tells nobody of another office, nor of a director who leaves', async () => {
    const [{ firm, boss }, next] = [await newFirm(), await newPerson()];
    const resource = await newConsentResource(['dagl']);
    const id = await ask(firm, to, rightTo(resource));
    assert.equal((await approve(id, boss)).status, 200);
    await newRole('dagl', firm, next);
    await endRole('dagl', firm, boss);
    await world.work.tend();
    assert.deepEqual(await noticesOf(next, firm), []);
    assert.equal((await lookUp(id, firm, to)).status, 200);
  });
});

describe('a consent that was given by power of attorney', () => {
  const PACKAGE = 'merverdiavgift';
  const arrange = async () => {
    const [{ firm, boss }, clerk, to] = [
      await newFirm(),
      await newPerson(),
      await newOrganization(),
    ];
    const resource = await newConsentResource([`package:${PACKAGE}`]);
    const answered = async () => {
      const id = await ask(firm, to, rightTo(resource));
      const answer = await approve(id, clerk);
      assert.equal(answer.status, 200, answer.text);
      return id;
    };
    return { firm, boss, clerk, to, answered };
  };
  const told = async (boss: TestParty, firm: TestParty) =>
    (await noticesOf(boss, firm)).filter(([type]) => type === 'consent_mandate_ended');

  it('stays when that ends, and the giver is told', async () => {
    const { firm, boss, clerk, to, answered } = await arrange();
    const mandate = await given(boss, firm, clerk, { package: PACKAGE });
    const id = await answered();
    await world.work.tend();
    assert.deepEqual(await told(boss, firm), []);
    await end(boss, mandate);
    await world.work.tend();
    assert.deepEqual(await told(boss, firm), [['consent_mandate_ended', id]]);
    assert.equal((await lookUp(id, firm, to)).status, 200);
  });

  it('tells the giver when the power of attorney runs out by itself', async () => {
    const { firm, boss, clerk, answered } = await arrange();
    await newMandate(firm, clerk, {
      package: PACKAGE,
      validTo: new Date(Date.now() + HOUR).toISOString(),
    });
    const id = await answered();
    await world.work.tend();
    assert.deepEqual(await told(boss, firm), []);
    await at(2 * HOUR, () => world.work.tend());
    assert.deepEqual(await told(boss, firm), [['consent_mandate_ended', id]]);
  });

  it('of an adult rests on that, and not on parents who answer for nobody', async () => {
    const [person, helper, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await newMandate(person, helper, { package: 'innbygger-pensjon' });
    const resource = await newConsentResource(['package:innbygger-pensjon']);
    const id = await ask(person, to, rightTo(resource));
    assert.equal((await approve(id, helper)).status, 200);
    assert.equal((await lookUp(id, person, to)).status, 200);
  });

  it('is not what a guardian answers by, who has one for something else', async () => {
    const [ward, guardian, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await newRole(TASK, ward, guardian);
    await newMandate(ward, guardian, { package: 'innbygger-pensjon' });
    const resource = await newConsentResource([TASK]);
    const id = await ask(ward, to, rightTo(resource));
    assert.equal((await approve(id, guardian)).status, 200);
    await endRole(TASK, ward, guardian);
    const told = await lookUp(id, ward, to);
    assert.deepEqual([told.body.code, told.body.consent_reason], ['AM-00011', 'basis_ended']);
  });

  it('of a company is drawn in the name of the company', async () => {
    const { firm, boss, clerk, to, answered } = await arrange();
    await given(boss, firm, clerk, { package: PACKAGE });
    const id = await answered();
    const drawn = await exchange(await newClient(to), consentDetail(id, firm));
    const [detail] = payloadOf(drawn.body.access_token).authorization_details;
    assert.equal(detail.from, `urn:altinn:organization:identifier-no:${firm.number}`);
  });

  it('is told of once when it ends before its time', async () => {
    const { firm, boss, clerk, answered } = await arrange();
    const mandate = await given(boss, firm, clerk, { package: PACKAGE, validTo: inDays(1) });
    const id = await answered();
    await end(boss, mandate);
    await world.work.tend();
    await at(48 * HOUR, () => world.work.tend());
    assert.deepEqual(await told(boss, firm), [['consent_mandate_ended', id]]);
  });

  it('says nothing of one that holds on, or that nothing rests on', async () => {
    const { firm, boss, clerk, answered } = await arrange();
    const mandate = await given(boss, firm, clerk, { package: PACKAGE });
    await answered();
    const other = await given(boss, firm, await newPerson(), { package: PACKAGE });
    await end(boss, other);
    const longer = { validTo: new Date(Date.now() + 48 * HOUR).toISOString() };
    await call('PATCH', `/access/v1/mandates/${mandate}`, await personToken(boss), longer);
    await world.work.tend();
    assert.deepEqual(await told(boss, firm), []);
  });
});

describe('a consent that was given before it came here', () => {
  const imported = async (from: TestParty, to: TestParty, by: TestParty, resource: string) => {
    const id = randomUUID();
    await importThis({
      consentRequests: [
        {
          id,
          from: from.number,
          to: to.number,
          state: 'approved',
          validTo: inDays(30),
          requestedAt: inDays(-3),
          answeredAt: inDays(-2),
          answeredBy: by.number,
          rights: [{ resource, metadata: {} }],
        },
      ],
    });
    return id;
  };
  const why = async (id: string, from: TestParty, to: TestParty) => {
    const { status, body } = await lookUp(id, from, to);
    return status === 200 ? 200 : [body.code, body.consent_reason];
  };

  it('rests on the office of the one who answered, and falls with it', async () => {
    const [to, parent, guardian] = [await newOrganization(), await newPerson(), await newPerson()];
    const [child, ward] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    await newRole('foreldreansvar', child, parent);
    await newRole(TASK, ward, guardian);
    const resource = await newConsentResource(['privatperson', 'foreldreansvar', TASK]);
    const own = await imported(ward, to, ward, resource);
    const byParent = await imported(child, to, parent, resource);
    const byGuardian = await imported(ward, to, guardian, resource);
    for (const [id, from] of [
      [own, ward],
      [byParent, child],
      [byGuardian, ward],
    ] as const)
      assert.equal(await why(id, from, to), 200);
    await endRole('foreldreansvar', child, parent);
    await endRole(TASK, ward, guardian);
    assert.deepEqual(await why(byParent, child, to), ['AM-00011', 'basis_ended']);
    assert.deepEqual(await why(byGuardian, ward, to), ['AM-00011', 'basis_ended']);
    assert.equal(await why(own, ward, to), 200);
  });

  it('says nothing of parents to its requester, nor to who leads that', async () => {
    const { firm: to, boss } = await newFirm();
    const [child, parent] = [await newPerson('Barn Prøvesen'), await newPerson('Mor Prøvesen')];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    await newRole('foreldreansvar', child, parent);
    const resource = await newConsentResource(['foreldreansvar']);
    const id = await ask(child, to, rightTo(resource));
    assert.equal((await approve(id, parent)).status, 200);
    await endRole('foreldreansvar', child, parent);
    await world.work.tend();
    const read = await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ));
    assert.doesNotMatch(read.text, /foreldreansvar|responsibility/);
    const fallen = await call('GET', `/access/v1/fallen?party=${to.id}`, await personToken(boss));
    const [line] = fallen.body.data.filter((row: { consent?: string }) => row.consent === id);
    assert.equal(line?.reason, 'basis_ended', fallen.text);
    const own = await call('GET', `${API}/consent/${id}`, await personToken(child));
    assert.equal(own.body.consentReason, 'responsibility_ended', own.text);
  });

  it('falls as it comes in when the office has ended, and is stored so', async () => {
    const [to, ward, guardian] = [await newOrganization(), await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian);
    await endRole(TASK, ward, guardian);
    const id = await imported(ward, to, guardian, await newConsentResource([TASK]));
    await world.work.tend();
    const { rows } = await world.database.db.raw(
      'select state, fallen_reason from consent_request where id = ?',
      [id],
    );
    assert.deepEqual(rows[0], { state: 'withdrawn', fallen_reason: 'task_ended' });
  });
});
