// A receipt as whoever may read the thing fetches it, and checks it without us.
import assert from 'node:assert/strict';
import { newPair } from '../support/rights/rights.ts';
import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { readCheckpoint } from '../../clients/log/note.ts';
import { checkReceipt } from '../../clients/verify/receipt.ts';
import { refused } from '../support/rights/enduser.ts';
import { endRole } from '../support/oauth/given.ts';
import {
  MANDATES,
  newConsentResource,
  OWNER,
  receiver,
  rightTo,
} from '../support/rights/rights.ts';
import { signLog, trustedKeys } from '../support/receipts.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether } from '../support/together.ts';
import {
  API,
  approve,
  approvedConsent,
  ask,
  call,
  importThis,
  incomeRight,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  read,
  READ,
  reject,
  REQUESTS,
  withdraw,
  world,
  WRITE,
  type TestParty,
} from '../support/world.ts';

const OF_PERSON = ['fromPersonNo', 'toPersonNo', 'byPersonNo'];
const OF_ANSWER = ['by', 'role', 'detail', 'byParty', 'authority', 'page', 'replaces'];

const ofConsent = (id: string) => `/access/v1/consents/${id}/receipt`;
const ofMandate = (id: string) => `${MANDATES}/${id}/receipt`;
const readBy = async (who: TestParty, path: string) => call('GET', path, await personToken(who));
const readByAsker = async (to: TestParty, id: string, of = '') =>
  call('GET', `${REQUESTS}/${id}/receipt${of}`, await organizationToken(to, READ));
const readByOwner = async (number: string, id: string, of = '') =>
  call(
    'GET',
    `/access/v1/owner/consents/${id}/receipt${of}`,
    await organizationToken({ number } as TestParty, 'altinn:authorization/authorize'),
  );

type Fetched = Awaited<ReturnType<typeof call>>;
type Said = Record<string, any>;

/** The members that a receipt opens, once it is found right. */
async function said({ status, text }: Fetched): Promise<Said> {
  assert.equal(status, 200, text);
  const checked = checkReceipt(text, await trustedKeys());
  assert.equal(checked.verdict, 'right', checked.notes.join());
  return checked.said;
}
const payloadOf = ({ body }: Fetched): string => body.receipt.split('.')[1];
const digestsOf = (fetched: Fetched): string[] =>
  JSON.parse(Buffer.from(payloadOf(fetched), 'base64url').toString())._sd;

/** A leader of a new organisation, and a consent that the leader gave for it. */
async function answeredByLeader() {
  const [leader, from, to] = [
    await newPerson('Lise Leder'),
    await newOrganization(),
    await newOrganization(),
  ];
  await newRole('dagl', from, leader);
  const id = await ask(from, to, rightTo(await newConsentResource(['dagl'])));
  assert.equal((await approve(id, leader)).status, 200);
  return { leader, from, to, id };
}

describe('a receipt', () => {
  it('says to the giver what was agreed, as it stood, and is in the log', async () => {
    const { id, from, to } = await approvedConsent();
    await signLog();
    const answer = await readBy(from, ofConsent(id));
    const told = await said(answer);
    assert.equal(told.kind, 'approved');
    assert.deepEqual([told.consent, told.from, told.to], [id, from.id, to.id]);
    assert.deepEqual(told.fromParty, { name: from.name, kind: 'person', organizationNo: null });
    assert.equal(told.toParty.organizationNo, to.number);
    assert.equal(told.fromPersonNo, from.number);
    assert.equal(told.rights[0].resource, 'inntekt');
    assert.ok(told.rights[0].title.nb && told.rights[0].version > 0);
    assert.equal(told.authority.on, 'self');
    assert.deepEqual([told.page.shownBy, told.terms.language], ['portal', 'nb']);
    assert.match(told.page.hash, /^[\w-]{40,}/);
    assert.deepEqual(answer.body.later, []);
    assert.match(answer.body.proof, /^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);
    assert.equal(answer.headers.get('cache-control'), 'private, no-store');
  });

  it('is byte for byte the same after names, titles and keys have changed', async () => {
    const { id, from } = await approvedConsent();
    const before = await readBy(from, ofConsent(id));
    await putParty({ ...from, name: 'Et Annet Navn' });
    const after = await readBy(from, ofConsent(id));
    assert.equal(payloadOf(after), payloadOf(before));
    assert.deepEqual(
      after.body.receipt.split('~').slice(1),
      before.body.receipt.split('~').slice(1),
    );
    assert.equal((await said(after)).fromParty.name, from.name);
  });

  it('opens nothing to the organisation that asked of who answered, and why they could', async () => {
    const { id, to, leader } = await answeredByLeader();
    const told = await said(await readByAsker(to, id));
    for (const member of [...OF_ANSWER, ...OF_PERSON]) assert.ok(!(member in told), member);
    assert.equal(told.kind, 'approved');
    assert.ok(told.rights && told.conditions && told.terms);
    const { receipt } = (await readByAsker(to, id)).body;
    const opened = receipt
      .split('~')
      .slice(1)
      .map((one: string) => Buffer.from(one, 'base64url').toString());
    assert.ok(!opened.join().includes(leader.id) && !opened.join().includes(leader.name));
  });

  it('has as many digests whoever answered, so that their number tells nothing', async () => {
    const own = await approvedConsent();
    const { id, to } = await answeredByLeader();
    const [one, other] = [await readByAsker(own.to, own.id), await readByAsker(to, id)];
    assert.equal(digestsOf(one).length, digestsOf(other).length);
    assert.equal(one.body.receipt.split('~').length, other.body.receipt.split('~').length);
    assert.deepEqual(digestsOf(one), digestsOf(one).toSorted());
  });

  it('opens to a leader who answered the office, and no number but the own', async () => {
    const { id, leader, from } = await answeredByLeader();
    const told = await said(await readBy(leader, ofConsent(id)));
    assert.deepEqual([told.by, told.role, told.byPersonNo], [leader.id, 'dagl', leader.number]);
    assert.deepEqual([told.authority.role, told.authority.on], ['dagl', 'role']);
    assert.ok(told.authority.name.nb && told.authority.since <= told.at);
    const other = await newPerson();
    await newRole('dagl', from, other);
    const theirs = await said(await readBy(other, ofConsent(id)));
    assert.equal(theirs.by, leader.id);
    assert.ok(!('byPersonNo' in theirs));
  });

  it('is had by the owner of a service that it is about, and by no other', async () => {
    const { id } = await answeredByLeader();
    const told = await said(await readByOwner(OWNER, id));
    for (const member of [...OF_ANSWER, ...OF_PERSON]) assert.ok(!(member in told), member);
    const { number } = await newOrganization();
    refused(await readByOwner(number, id), 'AM-00001');
  });

  it('is refused to a stranger, as of one that is not there, and to another organisation', async () => {
    const { id } = await approvedConsent();
    const stranger = await newPerson();
    refused(await readBy(stranger, ofConsent(id)), 'AM-00001');
    refused(await readBy(stranger, ofConsent(randomUUID())), 'AM-00001');
    refused(await readByAsker(await newOrganization(), id), 'AM-00001');
    assert.equal((await call('GET', ofConsent(id))).status, 401);
  });

  it('is there of each act, and names those that came later', async () => {
    const { id, from } = await approvedConsent();
    await withdraw(id, from);
    const { body } = await readBy(from, ofConsent(id));
    assert.equal(body.later.length, 1);
    const [{ href, event, at }] = body.later;
    assert.equal(href, `${world.env.issuer}${ofConsent(id)}?event=${event}`);
    const last = await readBy(from, `${ofConsent(id)}?event=${event}`);
    const told = await said(last);
    assert.deepEqual(
      [told.event, told.kind, told.conditions.approvedAt < at],
      [event, 'withdrawn', true],
    );
    assert.deepEqual(last.body.later, []);
  });

  it('is there of a no, and of nothing before an answer', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const id = await ask(from, to);
    refused(await readByAsker(to, id), 'TIL-00053');
    await reject(id, from);
    assert.equal((await said(await readBy(from, ofConsent(id)))).kind, 'rejected');
    const told = await said(await readByAsker(to, id));
    assert.equal(told.kind, 'rejected');
    assert.ok(!('from' in told) && !('fromParty' in told), 'asking is no way to learn a name');
    const refusedId = await ask(from, to, rightTo(await newConsentResource(['privatperson'])));
    await reject(refusedId, from);
    refused(await readByOwner(OWNER, refusedId), 'AM-00001');
  });

  it('is none of a request that was taken back', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const id = await ask(from, to);
    const token = await organizationToken(to, WRITE);
    assert.equal((await call('DELETE', `${REQUESTS}/${id}`, token)).status, 204);
    refused(await readByAsker(to, id), 'TIL-00053');
  });

  it('shows an organisation no pause, by which one would learn of a court', async () => {
    const { id, leader, to, from } = await answeredByLeader();
    const paused = await call(
      'POST',
      `/access/v1/consents/${id}/suspend`,
      await personToken(leader),
    );
    assert.equal(paused.status, 200, paused.text);
    const { body } = await readBy(leader, ofConsent(id));
    assert.equal(body.later.length, 1, from.name);
    const [{ event }] = body.later;
    assert.deepEqual((await readByAsker(to, id)).body.later, []);
    refused(await readByAsker(to, id, `?event=${event}`), 'TIL-00053');
    assert.deepEqual((await readByOwner(OWNER, id)).body.later, []);
  });

  it('is not had of an act about a service that is kept from the reader', async () => {
    const [child, parent, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 12}-01-02` });
    await newRole('foreldreansvar', child, parent);
    const law = { nb: 'prøveloven § 1', nn: 'prøvelova § 1', en: 'the trial act § 1' };
    const open = await newConsentResource(['foreldreansvar']);
    const hidden = await newConsentResource(['foreldreansvar'], {
      notShownTo: { who: ['child'], law },
    });
    const right = (value: string, optional: boolean) => ({
      ...rightTo(value).consentRights[0]!,
      ...(optional ? { optional } : {}),
    });
    const id = await ask(child, to, { consentRights: [right(open, false), right(hidden, true)] });
    const yes = await call(
      'POST',
      `${API}/consent/request/${id}/approve`,
      await personToken(parent),
      { language: 'nb', optionalRights: [1] },
    );
    assert.equal(yes.status, 200, yes.text);
    const narrowed = await call('PATCH', `/access/v1/consents/${id}`, await personToken(parent), {
      without: [1],
    });
    assert.equal(narrowed.status, 200, narrowed.text);
    const theirs = await said(await readBy(child, ofConsent(id)));
    assert.deepEqual(
      [theirs.kind, theirs.rights.map((one: Said) => one.resource)],
      ['changed', [open]],
    );
    const whole = await said(await readBy(parent, ofConsent(id)));
    assert.deepEqual(
      [whole.kind, whole.rights.map((one: Said) => one.resource)],
      ['approved', [open, hidden]],
    );
  });

  it('is not had by one of several owners, who would read the services of the others', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const other = await newOrganization();
    const one = await newConsentResource(['privatperson']);
    const id = await ask(from, to, {
      consentRights: [...rightTo(one).consentRights, incomeRight()],
    });
    assert.equal((await approve(id, from)).status, 200);
    refused(await readByOwner(OWNER, id), 'AM-00001');
    refused(await readByOwner(other.number, id), 'AM-00001');
  });

  it('says no office of whoever ends a power of attorney but their own', async () => {
    const [leader, firm, to] = [
      await newPerson(),
      await newOrganization(),
      await newPerson('Mona Mottaker'),
    ];
    await newRole('dagl', firm, leader);
    const given = await call('POST', MANDATES, await personToken(leader), {
      from: firm.id,
      ...receiver(to),
      package: 'merverdiavgift',
    });
    assert.equal(given.status, 201, given.text);
    const { id } = given.body;
    assert.equal((await said(await readBy(leader, ofMandate(id)))).authority.role, 'dagl');
    assert.equal((await call('DELETE', `${MANDATES}/${id}`, await personToken(to))).status, 204);
    const { body } = await readBy(leader, ofMandate(id));
    const ended = await said(await readBy(leader, `${ofMandate(id)}?event=${body.later[0].event}`));
    const none = { role: null, name: null, register: null, since: null };
    assert.deepEqual([ended.byParty.name, ended.authority], [to.name, none]);
  });

  it('is not had by the event of another thing', async () => {
    const [one, other] = [await approvedConsent(), await approvedConsent()];
    const { event } = await said(await readBy(other.from, ofConsent(other.id)));
    refused(await readBy(one.from, `${ofConsent(one.id)}?event=${event}`), 'TIL-00053');
    refused(await readBy(one.from, `${ofConsent(one.id)}?event=${randomUUID()}`), 'TIL-00053');
  });

  it('of the own answer is kept by one who left office, and nothing that came after', async () => {
    const { id, leader, from } = await answeredByLeader();
    await endRole('dagl', from, leader);
    const next = await newPerson();
    await newRole('dagl', from, next);
    assert.equal((await withdraw(id, next)).status, 200);
    const kept = await readBy(leader, ofConsent(id));
    assert.equal((await said(kept)).by, leader.id);
    assert.deepEqual(kept.body.later, []);
    const { body } = await readBy(next, ofConsent(id));
    const later = body.later[0].event;
    refused(await readBy(leader, `${ofConsent(id)}?event=${later}`), 'TIL-00053');
    refused(await readBy(leader, `${ofConsent(id)}/status`), 'TIL-00053');
    assert.equal((await readBy(next, `${ofConsent(id)}/status`)).status, 200);
  });

  it('stands beside how it is now, signed for a minute, to each who may have it', async () => {
    const { id, leader, to } = await answeredByLeader();
    const keys = createLocalJWKSet((await call('GET', '/receipt/keys')).body);
    const stands = async ({ status, text, body }: Fetched) => {
      assert.equal(status, 200, text);
      const { payload } = await jwtVerify(body.status, keys, {
        typ: 'receipt-status+jwt',
        issuer: world.env.issuer,
      });
      assert.deepEqual([payload.consent, payload.exp! - payload.iat!], [id, 60]);
      return payload.status;
    };
    const all = async () => [
      await stands(await readBy(leader, `${ofConsent(id)}/status`)),
      await stands(await readByAsker(to, `${id}`, '/status')),
      await stands(await readByOwner(OWNER, id, '/status')),
    ];
    assert.deepEqual(await all(), ['Accepted', 'Accepted', 'Accepted']);
    await withdraw(id, leader);
    assert.deepEqual(await all(), ['Revoked', 'Revoked', 'Revoked']);
    refused(await readBy(await newPerson(), `${ofConsent(id)}/status`), 'AM-00001');
    refused(await readByAsker(await newOrganization(), id, '/status'), 'AM-00001');
    refused(await readByOwner((await newOrganization()).number, id, '/status'), 'AM-00001');
  });

  it('opens to a child who cannot answer no more than to the one who asked', async () => {
    const [child, parent, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 12}-01-02` });
    await newRole('foreldreansvar', child, parent);
    const id = await ask(child, to, rightTo(await newConsentResource(['foreldreansvar'])));
    assert.equal((await approve(id, parent)).status, 200);
    const told = await said(await readBy(child, ofConsent(id)));
    for (const member of OF_ANSWER) assert.ok(!(member in told), member);
    assert.deepEqual(
      [told.fromPersonNo, 'byPersonNo' in told, 'toPersonNo' in told],
      [child.number, false, false],
    );
    const whole = await said(await readBy(parent, ofConsent(id)));
    assert.deepEqual(
      [whole.byPersonNo, 'fromPersonNo' in whole, whole.authority.role],
      [parent.number, false, 'foreldreansvar'],
    );
  });

  it('is refused where a law keeps the consent from its giver', async () => {
    const [child, parent, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 12}-01-02` });
    await newRole('foreldreansvar', child, parent);
    const law = { nb: 'prøveloven § 1', nn: 'prøvelova § 1', en: 'the trial act § 1' };
    const hiding = { notShownTo: { who: ['child'], law } };
    const resource = await newConsentResource(['foreldreansvar'], hiding);
    const id = await ask(child, to, rightTo(resource));
    assert.equal((await approve(id, parent)).status, 200);
    refused(await readBy(child, ofConsent(id)), 'AM-00001');
    assert.equal((await readBy(parent, ofConsent(id))).status, 200);
  });

  it('of a power of attorney is one for giver and receiver, each with the own number alone', async () => {
    const [from, to] = await newPair('Gro Giver', 'Mona Mottaker');
    const given = await call('POST', MANDATES, await personToken(from), {
      from: from.id,
      ...receiver(to),
      package: 'innbygger-skatteforhold-privatpersoner',
      validTo: inDays(30),
    });
    assert.equal(given.status, 201, given.text);
    const { id } = given.body;
    const [giver, got] = [await readBy(from, ofMandate(id)), await readBy(to, ofMandate(id))];
    assert.equal(payloadOf(giver), payloadOf(got));
    const [one, other] = [await said(giver), await said(got)];
    assert.deepEqual([one.fromPersonNo, 'toPersonNo' in one], [from.number, false]);
    assert.deepEqual([other.toPersonNo, 'fromPersonNo' in other], [to.number, false]);
    assert.equal(other.rights[0].package, 'innbygger-skatteforhold-privatpersoner');
    assert.ok(other.rights[0].title.nb);
    const { body } = await readBy(to, `${ofMandate(id)}/status`);
    assert.deepEqual(decodeJwt(body.status).status, 'active');
    refused(await readBy(await newPerson(), `${ofMandate(id)}/status`), 'TIL-00020');
    for (const member of OF_ANSWER) assert.ok(!(member in other), member);
    refused(await readBy(await newPerson(), ofMandate(id)), 'TIL-00020');
    const header = JSON.parse(
      Buffer.from(giver.body.receipt.split('.')[0], 'base64url').toString(),
    );
    assert.equal(header.typ, 'mandate-receipt+sd-jwt');
  });

  it('is none of a consent that was brought in', async () => {
    const [kari] = read('clients/world/1-people.json').parties;
    const consents = read('clients/world/4-consents.json').consentRequests;
    for (const { id } of consents) refused(await readBy(kari, ofConsent(id)), 'TIL-00053');
  });

  it('is none of a power of attorney that was brought in', async () => {
    const [from, to] = [await newPerson(), await newPerson()];
    await importThis({
      mandates: [{ from: from.number, to: to.number, package: 'innbygger-pensjon' }],
    });
    const { body } = await call('GET', `${MANDATES}?from=${from.id}`, await personToken(from));
    refused(await readBy(from, ofMandate(body.data[0].id)), 'TIL-00053');
  });

  it('of an answer of several names each who gave it', async () => {
    const [board, to] = [await newBoard(), await newOrganization()];
    const service = await newTogether(CHAIR_AND_MEMBER);
    const id = await ask(board.firm, to, rightTo(service));
    assert.equal((await approve(id, board.chair)).status, 200);
    refused(await readBy(board.chair, ofConsent(id)), 'TIL-00053');
    assert.equal((await approve(id, board.member)).status, 200);
    const { authority, byParty } = await said(await readBy(board.chair, ofConsent(id)));
    assert.equal(byParty.name, board.member.name, 'the last');
    assert.deepEqual(
      authority.together.map(({ name, role }: Said) => [name, role]),
      [[board.chair.name, 'lede']],
    );
    assert.ok(!('authority' in (await said(await readByAsker(to, id)))));
  });

  it('leads to a checkpoint of a size that was signed, and to none of another', async () => {
    const { id, from } = await approvedConsent();
    await signLog();
    const first = await readBy(from, ofConsent(id));
    const note = (text: string) => text.slice(text.indexOf('\n\n') + 2);
    const { size } = readCheckpoint(note(first.body.proof))!;
    await approvedConsent();
    await signLog();
    const newest = await readBy(from, ofConsent(id));
    const known = { ...(await trustedKeys()), checkpoint: readCheckpoint(note(first.body.proof))! };
    assert.throws(() => checkReceipt(newest.text, known), /fetch the receipt with \?size=/);
    const fitting = await readBy(from, `${ofConsent(id)}?size=${size}`);
    assert.equal(checkReceipt(fitting.text, known).verdict, 'right');
    for (const wrong of [size - 1, 10_000_000])
      refused(await readBy(from, `${ofConsent(id)}?size=${wrong}`), 'TIL-00052');
  });

  it('has no proof before the log is signed, and says when to ask again', async () => {
    const { id, from } = await approvedConsent();
    const { body } = await readBy(from, ofConsent(id));
    if (body.proof === null) assert.equal(body.retryAfter, 1);
    await signLog();
    const later = (await readBy(from, ofConsent(id))).body;
    assert.ok(later.proof && !('retryAfter' in later));
  });
});
