// Two who borrow together: two consents of two givers, in force together or not at all.
import assert from 'node:assert/strict';
import { codes } from '../../support/asking.ts';
import { named, titled } from '../../support/parts.ts';
import { seenByAsker } from '../../support/replaced.ts';
import { askTwo, type Two } from '../../support/together.ts';
import { endParty } from '../../support/rows.ts';
import { rightTo } from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  at,
  call,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  putParty,
  reject,
  requestBody,
  REQUESTS,
  withdraw,
  world,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

const DAY = 86_400_000;

describe('two who give together', () => {
  let to: TestParty;
  let service: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    service = await titled('Inntekt');
  });
  const send = async (from: TestParty, changes: object, receiver = to) =>
    call(
      'POST',
      REQUESTS,
      await organizationToken(receiver, WRITE),
      requestBody(from, receiver, { ...rightTo(service), ...changes }),
    );
  const pair = (changes: object = {}) => askTwo(to, { ...rightTo(service), ...changes });
  const statuses = async ({ first, second }: Two) => [
    (await seenByAsker(first, to)).effectiveStatus,
    (await seenByAsker(second, to)).effectiveStatus,
  ];
  const looked = async ({ one, other, first, second }: Two) => [
    (await lookUp(first, one, to)).body.code ?? 'holds',
    (await lookUp(second, other, to)).body.code ?? 'holds',
  ];
  const own = async (id: string, by: TestParty) =>
    (await call('GET', `${API}/consent/request/${id}`, await personToken(by))).body;
  const begun = async () => {
    const two = await pair();
    await approve(two.first, two.one);
    await approve(two.second, two.other);
    return two;
  };

  it('wait for each other, and begin at once', async () => {
    const two = await pair();
    assert.deepEqual(await statuses(two), ['Created', 'Created']);
    assert.equal((await approve(two.second, two.other)).body.effectiveStatus, 'Awaiting');
    assert.deepEqual(await statuses(two), ['Awaiting', 'Awaiting']);
    assert.deepEqual(await looked(two), ['AM-00014', 'AM-00014']);
    assert.equal((await own(two.first, two.one)).effectiveStatus, 'Created');
    assert.equal((await approve(two.first, two.one)).body.effectiveStatus, 'Accepted');
    assert.deepEqual(await statuses(two), ['Accepted', 'Accepted']);
    assert.deepEqual(await looked(two), ['holds', 'holds']);
  });

  it('see nothing of each other but the name', async () => {
    const two = await begun();
    const seen = JSON.stringify(await own(two.first, two.one));
    assert.ok(!seen.includes(two.second) && !seen.includes(two.other.id));
    assert.equal((await seenByAsker(two.first, to)).with, two.second);
    assert.equal((await seenByAsker(two.second, to)).with, two.first);
    const read = await call('GET', `${API}/consent/${two.second}`, await personToken(two.one));
    assert.equal(read.status, 403);
  });

  it('end both by one no, and the other’s yes is refused', async () => {
    const two = await pair();
    await approve(two.first, two.one);
    await reject(two.second, two.other);
    const again = await approve(two.first, two.one);
    assert.deepEqual([again.status, again.body.consent_reason], [400, 'pair_ended']);
    assert.deepEqual(await statuses(two), ['Revoked', 'Rejected']);
    await world.work.tend();
    const { status, consentReason, consentRequestEvents } = await seenByAsker(two.first, to);
    assert.deepEqual([status, consentReason], ['Revoked', 'pair_ended']);
    assert.equal(consentRequestEvents.at(-1).eventType, 'Revoked');
    assert.equal((await approve(two.first, two.one)).status, 400);
    const notices = await call('GET', '/access/v1/notices', await personToken(two.one));
    assert.ok(notices.body.data.some((one: any) => one.type === 'consent_request_ended'));
  });

  it('end both by one withdrawal, at once and as it is stored', async () => {
    const two = await begun();
    assert.equal((await withdraw(two.first, two.one)).status, 200);
    assert.deepEqual(await looked(two), ['AM-00011', 'AM-00011']);
    assert.deepEqual(await statuses(two), ['Revoked', 'Revoked']);
    await world.work.tend();
    const { status, consentReason } = await seenByAsker(two.second, to);
    assert.deepEqual([status, consentReason], ['Revoked', 'pair_ended']);
    assert.equal((await seenByAsker(two.first, to)).consentReason, undefined);
  });

  it('end both when one of them dies, and the other learns no more than that', async () => {
    const two = await begun();
    await endParty(two.one);
    assert.deepEqual(await looked(two), ['AM-00011', 'AM-00011']);
    await world.work.tend();
    await world.work.tend();
    assert.equal((await seenByAsker(two.second, to)).consentReason, 'pair_ended');
    assert.equal((await seenByAsker(two.first, to)).consentReason, 'basis_ended');
  });

  it('stand still together while one is suspended', async () => {
    const two = await begun();
    const path = `/access/v1/consents/${two.first}`;
    await call('POST', `${path}/suspend`, await personToken(two.one));
    assert.deepEqual(await looked(two), ['AM-00014', 'AM-00014']);
    await call('POST', `${path}/resume`, await personToken(two.one));
    assert.deepEqual(await looked(two), ['holds', 'holds']);
  });

  it('end both where the time of one runs out unanswered', async () => {
    const two = await pair({ answerBy: inDays(2), validTo: inDays(30) });
    await approve(two.first, two.one);
    await at(3 * DAY, async () => {
      assert.equal((await approve(two.second, two.other)).status, 400);
      assert.deepEqual(await statuses(two), ['Expired', 'Expired']);
    });
  });

  it('are free again when a yes is taken back', async () => {
    const two = await pair();
    await approve(two.first, two.one);
    assert.equal((await withdraw(two.first, two.one)).body.effectiveStatus, 'Created');
    assert.deepEqual(await statuses(two), ['Created', 'Created']);
    assert.equal((await approve(two.second, two.other)).body.effectiveStatus, 'Awaiting');
    assert.equal((await approve(two.first, two.one)).body.effectiveStatus, 'Accepted');
  });

  it('do not begin where one’s address is protected, which shows to nobody else', async () => {
    const two = await pair();
    await putParty(two.one, { protectedAddress: true });
    const refused = await approve(two.first, two.one);
    assert.deepEqual([refused.status, refused.body.consent_reason], [403, 'not_here']);
    assert.equal((await approve(two.second, two.other)).body.effectiveStatus, 'Awaiting');
    assert.deepEqual(await statuses(two), ['Awaiting', 'Awaiting']);
  });

  it('are asked by the same, of two givers, while both wait and are alone', async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    const bank = await newOrganization('En annen bank AS');
    const first = await ask(one, to, rightTo(service));
    const refused = async (from: TestParty, changes: object, receiver = to) => {
      const { status, body } = await send(from, changes, receiver);
      assert.deepEqual([status, body.code], [status === 404 ? 404 : 400, 'AM-00001']);
    };
    await refused(other, { with: first }, bank);
    await refused(one, { with: first });
    await refused(other, { with: '0192aaaa-0000-7000-8000-000000000000' });
    assert.equal((await send(other, { with: first })).status, 201);
    await refused(await newPerson(), { with: first });
    const answered = await ask(one, to, rightTo(service));
    await approve(answered, one);
    await refused(other, { with: answered });
    const wrong = await send(other, { with: 'x' });
    assert.deepEqual([wrong.status, codes(wrong)], [400, ['TIL.VLD-00001']]);
    const old = await ask(other, to, rightTo(service));
    await approve(old, other);
    const both = await send(other, { with: await ask(one, to, rightTo(service)), replaces: old });
    assert.deepEqual([both.status, codes(both)], [400, ['TIL.VLD-00019']]);
  });

  it('have each the part that was chosen', async () => {
    const extra = await titled('Gjeld');
    const [one, other] = [await newPerson(), await newPerson()];
    const [{ consentRights }, more] = [rightTo(service), rightTo(extra).consentRights[0]!];
    const rights = [...consentRights, { ...more, optional: true }];
    const first = await ask(one, to, { consentRights: rights });
    const second = (await send(other, { with: first, consentRights: rights })).body.id;
    await approve(first, one);
    await call('POST', `${API}/consent/request/${second}/approve`, await personToken(other), {
      language: 'nb',
      optionalRights: [1],
    });
    assert.deepEqual(named((await seenByAsker(first, to)).approvedRights), [service]);
    assert.deepEqual(named((await seenByAsker(second, to)).approvedRights), [service, extra]);
  });
});
