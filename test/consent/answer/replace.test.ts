// A consent in the place of another: asked for, answered, and what becomes of both.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { newClient, payloadOf, type TestClient } from '../../support/oauth/clients.ts';
import { answerYes, asked, narrow, titled } from '../../support/parts.ts';
import { askInPlace, seenByAsker } from '../../support/replaced.ts';
import { newFirm } from '../../support/rights/rights.ts';
import { draw, given } from '../../support/uses.ts';
import {
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
  reject,
  REQUESTS,
  requestBody,
  withdraw,
  world,
  WRITE,
  type Answer,
  type TestParty,
} from '../../support/world.ts';

const DAY = 86_400_000;

describe('a consent in the place of another', () => {
  let from: TestParty;
  let to: TestParty;
  let client: TestClient;
  let [one, other]: string[] = [];
  before(async () => {
    [from, to] = [await newPerson('Bytt Person'), await newOrganization('Byttebanken AS')];
    client = await newClient(to);
    [one, other] = [await titled('Det ene'), await titled('Det andre')];
  });
  const pair = () => ({ from, to });
  const held = (changes: object = {}) => given(pair(), one!, { request: changes });
  const replaced = async (old: string, changes: object = {}) => {
    const { status, body, text } = await askInPlace(pair(), { replaces: old }, [other!], changes);
    assert.equal(status, 201, text);
    return body.id as string;
  };
  const wrong = ({ body }: Answer) =>
    body.validationErrors.map(({ code, paths }: { code: string; paths: string[] }) => [
      code,
      ...paths,
    ]);
  const setSuspended = async (id: string, how: 'suspend' | 'resume') =>
    assert.equal(
      (await call('POST', `/access/v1/consents/${id}/${how}`, await personToken(from))).status,
      200,
    );
  const statusOf = async (id: string) => (await seenByAsker(id, to)).effectiveStatus;

  describe('asked for', () => {
    it('names what it replaces, and is the same request again with that alone', async () => {
      const old = await held();
      const same = { id: randomUUID(), validTo: inDays(20) };
      const first = await askInPlace(pair(), { replaces: old }, [other!], same);
      assert.deepEqual([first.status, first.body.replaces], [201, old]);
      assert.equal((await askInPlace(pair(), { replaces: old }, [other!], same)).status, 200);
      const without = await call('POST', REQUESTS, await organizationToken(to, WRITE), {
        ...requestBody(from, to, { consentRights: [asked(other!)], ...same }),
      });
      assert.equal(without.body.code, 'AM-00016');
    });

    it('is refused alike for what is not there, not its own, not of this giver, and not in force', async () => {
      const [stranger, another] = [await newOrganization(), await newPerson()];
      const ended = await held();
      await withdraw(ended, from);
      const waiting = await ask(from, to, { consentRights: [asked(one!)] });
      const theirs = await given({ from, to: stranger }, one!);
      const ofAnother = await given({ from: another, to }, one!);
      for (const id of [randomUUID(), ended, waiting, theirs, ofAnother])
        for (const what of [{ replaces: id }, { renews: id }]) {
          const { status, body } = await askInPlace(pair(), what, [one!], { validTo: inDays(40) });
          assert.deepEqual([status, body.code], [404, 'AM-00001']);
        }
    });

    it('is refused to another receiver, whoever handles it', async () => {
      const hub = await newOrganization('Fellesløsningen AS');
      const id = randomUUID();
      const any = await organizationToken(hub, 'altinn:consentrequests.org');
      const made = await call('POST', REQUESTS, any, {
        ...requestBody(from, to, { id, consentRights: [asked(one!)], validTo: inDays(30) }),
      });
      assert.equal(made.status, 201, made.text);
      assert.equal((await answerYes(id, from)).status, 200);
      const another = await newOrganization('En annen bank AS');
      for (const receiver of [hub, another])
        for (const what of ['replaces', 'renews']) {
          const { status, body } = await call('POST', REQUESTS, any, {
            ...requestBody(from, receiver, {
              consentRights: [asked(one!)],
              validTo: inDays(40),
            }),
            [what]: id,
          });
          assert.deepEqual([status, body.code], [404, 'AM-00001']);
        }
    });

    it('is refused to one that handles for the receiver what it did not ask for', async () => {
      const hub = await newOrganization('En annen løsning AS');
      const { status, body } = await call(
        'POST',
        REQUESTS,
        await organizationToken(hub, 'altinn:consentrequests.org'),
        {
          ...requestBody(from, to, { consentRights: [asked(one!)], validTo: inDays(40) }),
          replaces: await held(),
        },
      );
      assert.deepEqual([status, body.code], [404, 'AM-00001']);
    });

    it('is refused in another form, and where it would both replace and renew', async () => {
      const old = await held();
      for (const what of [{ replaces: 'x' }, { renews: 'x' }])
        assert.equal((await askInPlace(pair(), what, [other!])).status, 400);
      const both = await askInPlace(pair(), { replaces: old, renews: old }, [other!]);
      assert.deepEqual(wrong(both), [['TIL.VLD-00001', '/renews']]);
    });
  });

  describe('given', () => {
    it('begins as the other ends, which says why', async () => {
      const old = await held();
      const before = await draw(client, old, from);
      const id = await replaced(old);
      assert.equal(await statusOf(old), 'Accepted');
      assert.equal((await answerYes(id, from)).status, 200);
      assert.deepEqual([await statusOf(old), await statusOf(id)], ['Revoked', 'Accepted']);
      const ended = await seenByAsker(old, to);
      assert.equal(ended.consentReason, 'replaced');
      assert.equal(ended.status, 'Revoked');
      const { body } = await draw(client, old, from);
      assert.deepEqual([body.consent_error, body.consent_reason], ['AM-00011', 'replaced']);
      const looked = await lookUp(old, from, to);
      assert.deepEqual([looked.body.code, looked.body.consent_reason], ['AM-00011', 'replaced']);
      const fresh = await draw(client, id, from);
      assert.equal(fresh.status, 200, fresh.text);
      assert.ok(before.body.access_token);
      const [mandate] = await world.database.db('mandate').where({ consent_id: old });
      assert.ok(mandate.ended_at, 'what it let ends with it');
      // The same yes again is the same answer.
      assert.equal((await answerYes(id, from)).status, 200);
    });

    it('is refused while the other is suspended, and given when it goes on', async () => {
      const old = await held();
      const id = await replaced(old);
      await setSuspended(old, 'suspend');
      const { status, body } = await answerYes(id, from);
      assert.deepEqual([status, body.code], [409, 'TIL-00048']);
      assert.deepEqual([await statusOf(old), await statusOf(id)], ['Suspended', 'Created']);
      await setSuspended(old, 'resume');
      assert.equal((await answerYes(id, from)).status, 200);
    });

    it('is refused by JSON when the other has ended, and to the second of two', async () => {
      const old = await held();
      const [first, second] = [await replaced(old), await replaced(old)];
      assert.equal((await answerYes(first, from)).status, 200);
      const late = await answerYes(second, from);
      assert.deepEqual([late.status, late.body.code], [409, 'TIL-00048']);
      assert.deepEqual([await statusOf(first), await statusOf(second)], ['Accepted', 'Created']);
      const gone = await held();
      const id = await replaced(gone);
      await withdraw(gone, from);
      assert.equal((await answerYes(id, from)).body.code, 'TIL-00048');
    });

    it('leaves the other with a no', async () => {
      const old = await held();
      const id = await replaced(old);
      assert.equal((await reject(id, from)).status, 200);
      assert.deepEqual([await statusOf(old), await statusOf(id)], ['Accepted', 'Rejected']);
      assert.equal((await draw(client, old, from)).status, 200);
    });

    it('takes one who may end the other', async () => {
      const { firm, boss } = await newFirm();
      const clerk = await newPerson();
      await newRole('regn', firm, clerk);
      const [ofBoss, ofClerk] = [
        await titled('For leder', {}, ['dagl']),
        await titled('For regnskap', {}, ['regn', 'dagl']),
      ];
      const old = await ask(firm, to, { consentRights: [asked(ofBoss)] });
      assert.equal((await answerYes(old, boss)).status, 200);
      const { body } = await askInPlace({ from: firm, to }, { replaces: old }, [ofClerk]);
      const refused = await answerYes(body.id, clerk);
      assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
      assert.equal(await statusOf(old), 'Accepted');
      assert.equal((await answerYes(body.id, boss)).status, 200);
    });

    it('goes on counting, unless it asks how often anew', async () => {
      const counted = await titled('Telles', { uses: { total: 5 } });
      const begin = async () => {
        const old = await given(pair(), counted);
        for (let drawn = 0; drawn < 2; drawn += 1) await draw(client, old, from);
        return old;
      };
      const leftAfter = async (changes: object) => {
        const { body } = await askInPlace(pair(), { replaces: await begin() }, [counted], changes);
        assert.equal((await answerYes(body.id, from)).status, 200);
        return (await seenByAsker(body.id, to)).usesLeft;
      };
      assert.deepEqual(await leftAfter({}), { total: 3 });
      assert.deepEqual(await leftAfter({ uses: { total: 5 } }), { total: 5 });
    });

    it('counts nothing on from what was never counted', async () => {
      const counted = await titled('Telles nå', { uses: { total: 3 } });
      const old = await held();
      for (let drawn = 0; drawn < 4; drawn += 1) await draw(client, old, from);
      const { body } = await askInPlace(pair(), { replaces: old }, [counted]);
      assert.equal((await answerYes(body.id, from)).status, 200);
      assert.deepEqual((await seenByAsker(body.id, to)).usesLeft, { total: 3 });
    });

    it('counts on in a period of another kind', async () => {
      const perDay = await titled('Per dag', { uses: { per: { number: 2, period: 'day' } } });
      const old = await given(pair(), perDay);
      for (let drawn = 0; drawn < 2; drawn += 1) await draw(client, old, from);
      const { body } = await askInPlace(pair(), { replaces: old }, [perDay]);
      const per = { number: 2, period: 'week' };
      assert.equal((await answerYes(body.id, from, { uses: { per } })).status, 200);
      assert.deepEqual((await seenByAsker(body.id, to)).usesLeft, { period: 0 });
      assert.equal((await draw(client, body.id, from)).body.consent_reason, 'period_used');
    });

    it('is refused with a number of uses by which nothing would be left', async () => {
      const counted = await titled('Brukes', { uses: { total: 5 } });
      const old = await given(pair(), counted);
      for (let drawn = 0; drawn < 2; drawn += 1) await draw(client, old, from);
      const { body } = await askInPlace(pair(), { replaces: old }, [counted]);
      assert.deepEqual(wrong(await answerYes(body.id, from, { uses: { total: 2 } })), [
        ['TIL.VLD-00001', '/uses/total'],
      ]);
      assert.equal((await answerYes(body.id, from, { uses: { total: 3 } })).status, 200);
      assert.deepEqual((await seenByAsker(body.id, to)).usesLeft, { total: 1 });
    });

    it('says in its token what it is, and no more than was asked', async () => {
      const old = await held();
      const id = await replaced(old);
      await answerYes(id, from);
      const { body } = await draw(client, id, from);
      const [detail] = payloadOf(body.access_token).authorization_details;
      assert.deepEqual(
        detail.consentRights.map((right: any) => right.resource[0].value),
        [other],
      );
      assert.equal('replaces' in detail, false);
    });
  });

  describe('that renews it', () => {
    const later = inDays(90);
    const renew = (old: string, resources = [one!], changes: object = {}) =>
      askInPlace(pair(), { renews: old }, resources, { validTo: later, ...changes });

    it('is asked for near its end alone, with the same or less, for longer', async () => {
      const old = await held({ validTo: inDays(30) });
      const { status, body } = await renew(old);
      assert.deepEqual([status, body.renews, 'replaces' in body], [201, old, false]);
      const far = await held({ validTo: inDays(80) });
      assert.deepEqual(wrong(await renew(far)), [['STD.VLD-00000', '/renews']]);
      const near = await held({ validTo: inDays(31) });
      assert.deepEqual(wrong(await renew(near, [one!, other!])), [
        ['TIL.VLD-00016', '/consentRight/1'],
      ]);
      assert.deepEqual(wrong(await renew(near, [one!], { validTo: inDays(20) })), [
        ['TIL.VLD-00016', '/validTo'],
      ]);
    });

    it('goes on for longer with one yes', async () => {
      const old = await held({ validTo: inDays(30) });
      const { body } = await renew(old);
      assert.equal((await answerYes(body.id, from)).status, 200);
      assert.equal((await seenByAsker(old, to)).consentReason, 'replaced');
      const { approvedValidTo } = await seenByAsker(body.id, to);
      assert.equal(Date.parse(approvedValidTo), Date.parse(later));
    });

    it('may be used no more often than what it renews', async () => {
      const hundred = await titled('Hundre', { uses: { total: 100 } });
      const old = await given(pair(), hundred, {
        request: { validTo: inDays(30) },
        yes: { uses: { total: 3 } },
      });
      const more = await renew(old, [hundred], { uses: { total: 4 } });
      assert.deepEqual(wrong(more), [['TIL.VLD-00015', '/uses/total']]);
      const { status, body } = await renew(old, [hundred]);
      assert.deepEqual([status, body.uses], [201, { total: 3 }]);
    });

    it('waits one at a time', async () => {
      const old = await held({ validTo: inDays(30) });
      const answers = await Promise.all([renew(old), renew(old), renew(old)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
      const made = answers.find(({ status }) => status === 201)!;
      for (const { status, body } of answers)
        if (status === 409)
          assert.deepEqual([body.code, body.requestId], ['TIL-00047', made.body.id]);
      await reject(made.body.id, from);
      const again = await renew(old);
      assert.deepEqual([again.status, again.body.code], [403, 'TIL-00044']);
    });

    it('of one that was narrowed has no more than is left of it', async () => {
      const old = await ask(from, to, {
        validTo: inDays(30),
        consentRights: [asked(one!), asked(other!, true)],
      });
      await answerYes(old, from, { optionalRights: [1] });
      await narrow(old, { without: [1] }, from);
      assert.deepEqual(wrong(await renew(old, [one!, other!])), [
        ['TIL.VLD-00016', '/consentRight/1'],
      ]);
      assert.equal((await renew(old)).status, 201);
    });
  });

  it('is not asked for again within thirty days of a no, by the same, in whatever form', async () => {
    const old = await held({ validTo: inDays(50) });
    const id = await replaced(old);
    await reject(id, from);
    const askAgain = (what: { replaces: string } | { renews: string }) =>
      askInPlace(pair(), what, [one!], { validTo: inDays(60) });
    for (const what of [{ replaces: old }, { renews: old }]) {
      const { status, body } = await askAgain(what);
      assert.deepEqual([status, body.code, body.requestId], [403, 'TIL-00044', id]);
    }
    assert.equal((await at(29 * DAY, () => askAgain({ replaces: old }))).status, 403);
    assert.equal((await at(31 * DAY, () => askAgain({ replaces: old }))).status, 201);
    // The person may let them sooner.
    await call('POST', `/access/v1/consents/${id}/ask-again`, await personToken(from));
    assert.equal((await askAgain({ renews: old })).status, 201);
  });
});
