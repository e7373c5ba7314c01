// Uses that are counted: how often a consent may be used, what is left of that, and what comes when
// nothing is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { nextPeriodAt } from '../../../server/mandate/use_store.ts';
import {
  assertion,
  JWT_BEARER,
  newClient,
  payloadOf,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { born } from '../../support/oauth/given.ts';
import { answerYes, asked, narrow, titled } from '../../support/parts.ts';
import { newConsentResource } from '../../support/rights/rights.ts';
import { secondNode, type Node } from '../../support/run/node.ts';
import { untilWaiting } from '../../support/held.ts';
import { draw, given } from '../../support/uses.ts';
import {
  API,
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
  requestBody,
  REQUESTS,
  withdraw,
  world,
  WRITE,
  type TestParty,
} from '../../support/world.ts';
import { consentDetail } from '../../support/oauth/clients.ts';

const DAY = 86_400_000;
const leftIn = (token: string) => payloadOf(token).authorization_details[0].usesLeft;
const perDay = (number: number) => ({ per: { number, period: 'day' } });

/** Milliseconds from now until noon in Oslo of a day to come: no period ends while a test runs. */
const noonIn = (days: number): number => {
  const noon = new Date(Date.now() + days * DAY);
  noon.setUTCHours(11, 0, 0, 0);
  return noon.getTime() - Date.now();
};

describe('uses that are counted', () => {
  let from: TestParty;
  let to: TestParty;
  let client: TestClient;
  let free: string;
  let tenInAll: string;
  let twoADay: string;
  before(async () => {
    [from, to] = [await newPerson('Teller Person'), await newOrganization('Tellebanken AS')];
    client = await newClient(to);
    free = await titled('Uten grense');
    tenInAll = await titled('Ti ganger', { uses: { total: 10 } });
    twoADay = await titled('To om dagen', { uses: perDay(2) });
  });

  const send = async (resources: string[], uses?: unknown, changes: object = {}) =>
    call('POST', REQUESTS, await organizationToken(to, WRITE), {
      ...requestBody(from, to, { consentRights: resources.map((one) => asked(one)), ...changes }),
      ...(uses === undefined ? {} : { uses }),
    });
  const seen = async (id: string) =>
    (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;
  const shownTo = async (id: string, person: TestParty) =>
    (await call('GET', `${API}/consent/${id}`, await personToken(person))).body;
  const wrong = (body: { validationErrors: { code: string; paths: string[] }[] }) =>
    body.validationErrors.map(({ code, paths }) => [code, ...paths]);

  describe('as they are asked for', () => {
    it('are as the service says, or fewer', async () => {
      const asSaid = await send([tenInAll]);
      assert.deepEqual([asSaid.status, asSaid.body.uses], [201, { total: 10 }]);
      const fewer = await send([tenInAll], { total: 4, ...perDay(1) });
      assert.deepEqual(fewer.body.uses, { total: 4, ...perDay(1) });
      const limited = await send([free], { total: 3 });
      assert.deepEqual(limited.body.uses, { total: 3 });
    });

    it('are refused where the service lets it be used less often', async () => {
      for (const [uses, path] of [
        [{ total: 11 }, '/uses/total'],
        [{ total: 11, ...perDay(1) }, '/uses/total'],
      ] as const)
        assert.deepEqual(wrong((await send([tenInAll], uses)).body), [['TIL.VLD-00015', path]]);
      for (const [per, isLet] of [
        [{ number: 2, period: 'day' }, true],
        [{ number: 3, period: 'day' }, false],
        [{ number: 2, period: 'week' }, true],
        [{ number: 3, period: 'week' }, false],
        [{ number: 2, period: 'month' }, true],
      ] as const) {
        const { status, body } = await send([twoADay], { per });
        assert.equal(status, isLet ? 201 : 400, JSON.stringify(per));
        if (!isLet) assert.deepEqual(wrong(body), [['TIL.VLD-00015', '/uses/per']]);
      }
    });

    it('keep to a week that has days of two months', async () => {
      const twoAWeek = await titled('To i uka', { uses: { per: { number: 2, period: 'week' } } });
      for (const [number, isLet] of [
        [1, true],
        [2, false],
      ] as const) {
        const { status, body } = await send([twoAWeek], { per: { number, period: 'month' } });
        assert.equal(status, isLet ? 201 : 400);
        if (!isLet) assert.deepEqual(wrong(body), [['TIL.VLD-00015', '/uses/per']]);
      }
    });

    it('are of every service together, whose rhythm the asker says where none fits all', async () => {
      const tenAWeek = await titled('Ti i uka', { uses: { per: { number: 10, period: 'week' } } });
      const all = await send([tenInAll, twoADay]);
      assert.deepEqual(all.body.uses, { total: 10, ...perDay(2) });
      assert.deepEqual(wrong((await send([twoADay, tenAWeek])).body), [
        ['STD.VLD-00000', '/uses/per'],
      ]);
      const said = await send([twoADay, tenAWeek], perDay(1));
      assert.deepEqual([said.status, said.body.uses], [201, perDay(1)]);
    });

    it('are refused in another form', async () => {
      for (const [uses, path] of [
        [{}, '/uses'],
        ['ten', '/uses'],
        [{ total: 0 }, '/uses/total'],
        [{ total: 1.5 }, '/uses/total'],
        [{ total: '5' }, '/uses/total'],
        [{ total: 1_000_001 }, '/uses/total'],
        [{ per: 3 }, '/uses/per'],
        [{ per: { number: 3 } }, '/uses/per/period'],
        [{ per: { period: 'day' } }, '/uses/per/number'],
        [{ per: { number: 3, period: 'year' } }, '/uses/per/period'],
      ] as const) {
        const { status, body } = await send([free], uses);
        assert.equal(status, 400, JSON.stringify(uses));
        assert.deepEqual(
          wrong(body).map(([, where]) => where),
          [path],
          JSON.stringify(uses),
        );
      }
    });

    it('are part of what makes a request the same', async () => {
      const same = { id: randomUUID(), validTo: inDays(20) };
      assert.equal((await send([free], { total: 3 }, same)).status, 201);
      assert.equal((await send([free], { total: 3 }, same)).status, 200);
      for (const uses of [undefined, { total: 4 }])
        assert.equal((await send([free], uses, same)).body.code, 'AM-00016');
    });

    it('may not be said of a service in two ways', async () => {
      for (const changes of [{ howOften: { nb: 'Ofte', nn: 'Ofte' } }, { isOneTimeConsent: true }])
        await assert.rejects(
          newConsentResource(['privatperson'], { uses: { total: 2 }, ...changes }),
          /uses says how often it may be used/,
        );
    });

    it('of a service that is used once are one', async () => {
      const once = await titled('Én gang', { isOneTimeConsent: true });
      assert.deepEqual(wrong((await send([once], { total: 2 })).body), [
        ['TIL.VLD-00015', '/uses/total'],
      ]);
      const { body } = await send([once, tenInAll]);
      assert.deepEqual(body.uses, { total: 1 });
      assert.equal((await send([once])).body.uses, undefined);
    });
  });

  describe('in all', () => {
    it('are left in the token, the look-up and both GETs, and run out with AM-00013', async () => {
      const id = await given({ from, to }, tenInAll, { request: { uses: { total: 2 } } });
      assert.deepEqual((await lookUp(id, from, to)).body.usesLeft, { total: 2 });
      const first = await draw(client, id, from);
      assert.deepEqual(leftIn(first.body.access_token), { total: 1 });
      assert.deepEqual((await lookUp(id, from, to)).body.usesLeft, { total: 1 });
      assert.deepEqual((await seen(id)).usesLeft, { total: 1 });
      assert.deepEqual((await shownTo(id, from)).usesLeft, { total: 1 });
      assert.deepEqual(leftIn((await draw(client, id, from)).body.access_token), { total: 0 });
      const third = await draw(client, id, from);
      assert.deepEqual([third.status, third.body.consent_error], [400, 'AM-00013']);
      assert.equal((await lookUp(id, from, to)).body.code, 'AM-00013');
      assert.equal((await seen(id)).effectiveStatus, 'UsedUp');
    });

    it('are one and no more for each token, of many at once on two nodes', async () => {
      const id = await given({ from, to }, tenInAll);
      const node: Node = await secondNode();
      const MANY = 200;
      try {
        const assertions = await Promise.all(
          Array.from({ length: MANY }, () => assertion(client, consentDetail(id, from))),
        );
        const answers = await Promise.all(
          assertions.map(async (made, index) => {
            const answer = await fetch(`${index % 2 ? node.url : world.url}/token`, {
              method: 'POST',
              body: new URLSearchParams({ grant_type: JWT_BEARER, assertion: made }),
            });
            return { status: answer.status, body: (await answer.json()) as any };
          }),
        );
        const drawn = answers.filter(({ status }) => status === 200);
        assert.deepEqual(
          drawn.map(({ body }) => leftIn(body.access_token).total).sort((a, b) => a - b),
          [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        );
        for (const { status, body } of answers)
          if (status !== 200) assert.equal(body.consent_error, 'AM-00013');
      } finally {
        node.stop();
      }
    });

    it('are not counted where a token is refused', async () => {
      const id = await given({ from, to }, tenInAll);
      const stranger = await newClient(await newOrganization());
      assert.equal((await draw(stranger, id, from)).body.consent_error, 'AM-00001');
      assert.equal((await draw(client, id, to)).body.consent_error, 'AM-00012');
      assert.deepEqual((await seen(id)).usesLeft, { total: 10 });
    });
  });

  describe('in a period', () => {
    it('run out until the next begins, with the seconds until then', async () => {
      const id = await given({ from, to }, twoADay, { request: { validTo: inDays(20) } });
      const noon = noonIn(1);
      assert.deepEqual(leftIn((await draw(client, id, from, noon)).body.access_token), {
        period: 1,
      });
      assert.equal((await draw(client, id, from, noon)).status, 200);
      const refused = await draw(client, id, from, noon);
      const { consent_error: code, consent_reason: why, retryAfter } = refused.body;
      assert.deepEqual([refused.status, code, why], [400, 'AM-00014', 'period_used']);
      assert.equal(refused.headers.get('retry-after'), String(retryAfter));
      // Midnight in Oslo is at 23 or 22 by UTC, after noon at 12 or 13.
      assert.ok(retryAfter > 10 * 3600 && retryAfter <= 12 * 3600, String(retryAfter));
      await at(noon, async () => {
        const looked = await lookUp(id, from, to);
        assert.deepEqual(
          [looked.body.code, looked.body.consent_reason, typeof looked.body.retryAfter],
          ['AM-00014', 'period_used', 'number'],
        );
        assert.equal(looked.headers.get('retry-after'), String(looked.body.retryAfter));
        assert.deepEqual((await seen(id)).usesLeft, { period: 0 });
        // Another's name is no way to learn when it was used.
        const other = await lookUp(id, await newPerson(), to);
        assert.doesNotMatch(other.text, /retryAfter|consent_reason/);
      });
      const later = await draw(client, id, from, noon + DAY);
      assert.deepEqual(leftIn(later.body.access_token), { period: 1 });
    });

    it('are counted in the one that has begun, by a clock that is behind too', async () => {
      const id = await given({ from, to }, twoADay, { request: { validTo: inDays(20) } });
      const noon = noonIn(3);
      assert.equal((await draw(client, id, from, noon)).status, 200);
      assert.equal((await draw(client, id, from, noon - DAY)).status, 200);
      assert.equal((await draw(client, id, from, noon - DAY)).body.consent_reason, 'period_used');
      assert.equal((await draw(client, id, from, noon)).body.consent_reason, 'period_used');
    });

    it('give no more than their number at once on two nodes', async () => {
      const id = await given({ from, to }, twoADay);
      const node: Node = await secondNode();
      try {
        const answers = await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const made = await assertion(client, consentDetail(id, from));
            const answer = await fetch(`${index % 2 ? node.url : world.url}/token`, {
              method: 'POST',
              body: new URLSearchParams({ grant_type: JWT_BEARER, assertion: made }),
            });
            return { status: answer.status, body: (await answer.json()) as any };
          }),
        );
        assert.equal(answers.filter(({ status }) => status === 200).length, 2);
        for (const { status, body } of answers)
          if (status !== 200)
            assert.deepEqual(
              [body.consent_error, body.consent_reason],
              ['AM-00014', 'period_used'],
            );
      } finally {
        node.stop();
      }
    });

    // The embedded database has one connection: nobody waits for a row there.
    if (process.env.TEST_DATABASE_URL)
      it('are said to be used up to one who waited for the row that others used', async () => {
        const id = await given({ from, to }, twoADay);
        const waits = await world.database.db.transaction(async (trx) => {
          await trx.raw(
            "update mandate set period_uses = 2, period_from = date_trunc('day', now() at time zone 'Europe/Oslo') at time zone 'Europe/Oslo' where consent_id = ?",
            [id],
          );
          const drawing = draw(client, id, from);
          await untilWaiting(1);
          return { drawing };
        });
        const { body } = await waits.drawing;
        assert.deepEqual([body.consent_error, body.consent_reason], ['AM-00014', 'period_used']);
      });

    it('say nothing of a consent that has ended, or waits for something else', async () => {
      const id = await given({ from, to }, twoADay, { request: { uses: perDay(1) } });
      assert.equal((await draw(client, id, from)).status, 200);
      await withdraw(id, from);
      const ended = await draw(client, id, from);
      assert.deepEqual(
        [ended.body.consent_error, ended.body.consent_reason, ended.body.retryAfter],
        ['AM-00011', undefined, undefined],
      );
    });

    it('begin by the calendar in Oslo, whatever the clocks there do', async () => {
      const oslo = new Intl.DateTimeFormat('sv-SE', {
        timeZone: 'Europe/Oslo',
        dateStyle: 'short',
        timeStyle: 'medium',
      });
      const instants = fc.date({
        min: new Date('2026-01-01T00:00:00Z'),
        max: new Date('2031-01-01T00:00:00Z'),
        noInvalidDate: true,
      });
      await fc.assert(
        fc.asyncProperty(instants, fc.constantFrom('day', 'week', 'month'), async (now, period) => {
          const { rows } = await world.database.db.raw(
            `select ${nextPeriodAt('one', 'one.at')} as next from (select ?::timestamptz as at, ?::text as use_period) as one`,
            [now.toISOString(), period],
          );
          const next = rows[0].next as Date;
          assert.ok(next > now);
          assert.match(oslo.format(next), / 00:00:00$/);
          // It is the first midnight of its kind.
          const days = Math.round((next.getTime() - now.getTime()) / DAY);
          assert.ok(days <= { day: 1, week: 7, month: 31 }[period]!, `${days} ${period}`);
          const day = new Date(`${oslo.format(next).slice(0, 10)}T00:00:00Z`);
          if (period === 'week') assert.equal(day.getUTCDay(), 1);
          if (period === 'month') assert.equal(day.getUTCDate(), 1);
        }),
        { numRuns: 60 },
      );
    });
  });

  it('begin at once, at a node whose clock is behind too', async () => {
    const id = await given({ from, to }, tenInAll);
    assert.equal((await draw(client, id, from, -5_000)).status, 200);
  });

  describe('that the giver lets be fewer', () => {
    it('are fewer from the yes on, and as they were asked for beside that', async () => {
      const yes = { uses: { total: 3 } };
      const id = await given({ from, to }, tenInAll, { yes });
      const { uses, approvedUses, usesLeft } = await seen(id);
      assert.deepEqual(
        [uses, approvedUses, usesLeft],
        [{ total: 10 }, ...[3, 3].map((total) => ({ total }))],
      );
      const [kept] = await world.database.db('consent_shown').where({ consent_id: id });
      const often = kept.text.facts.find(({ key }: { key: string }) => key === 'often');
      assert.equal(
        often.text,
        'De kan få tilgang inntil 3 ganger i alt. Vi teller hver gang vi gir dem tilgang.',
      );
      for (let drawn = 0; drawn < 3; drawn += 1)
        assert.equal((await draw(client, id, from)).status, 200);
      assert.equal((await draw(client, id, from)).body.consent_error, 'AM-00013');
      assert.equal((await answerYes(id, from, yes)).status, 200);
      for (const other of [{}, { uses: { total: 2 } }])
        assert.equal((await answerYes(id, from, other)).body.code, 'AM-00002');
    });

    it('are counted where nobody else counts them', async () => {
      const id = await given({ from, to }, free, { yes: { uses: perDay(1) } });
      assert.equal((await draw(client, id, from)).status, 200);
      assert.equal((await draw(client, id, from)).body.consent_reason, 'period_used');
    });

    it('are never more', async () => {
      const id = await ask(from, to, { consentRights: [asked(tenInAll)] });
      const { status, body } = await answerYes(id, from, { uses: { total: 11 } });
      assert.deepEqual([status, wrong(body)], [400, [['TIL.VLD-00015', '/uses/total']]]);
      assert.equal((await seen(id)).status, 'Created');
    });
  });

  it('of a giver with a protected address are shown to the giver, and not to who acts for them', async () => {
    const [child, parent] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: born(10) });
    await newRole('foreldreansvar', child, parent);
    const resource = await titled('For foreldre', { uses: { total: 5 } }, ['foreldreansvar']);
    const id = await ask(child, to, { consentRights: [asked(resource)] });
    assert.equal((await answerYes(id, parent)).status, 200);
    await draw(client, id, child);
    assert.deepEqual((await shownTo(id, parent)).usesLeft, { total: 4 });
    await putParty(child, { bornOn: born(10), protectedAddress: true });
    assert.equal('usesLeft' in (await shownTo(id, parent)), false);
    assert.deepEqual((await seen(id)).usesLeft, { total: 4 });
  });

  it('are imported as they were, with those that were made', async () => {
    const made = (changes: object) => ({
      consentRequests: [
        {
          id: randomUUID(),
          from: from.number,
          to: to.number,
          state: 'approved',
          validTo: inDays(30),
          rights: [{ resource: tenInAll }],
          ...changes,
        },
      ],
    });
    const document = made({ uses: { total: 5 }, used: 4 });
    await importThis(document);
    const { id } = document.consentRequests[0]!;
    assert.deepEqual((await seen(id)).usesLeft, { total: 1 });
    assert.equal((await draw(client, id, from)).status, 200);
    assert.equal((await draw(client, id, from)).body.consent_error, 'AM-00013');
    for (const [changes, why] of [
      [{ uses: { total: 11 } }, /\/uses\/total is not what its services let it be used/],
      [{ rights: [{ resource: free }], used: 3 }, /used is of one that was given and is counted/],
      [{ state: 'requested', used: 3 }, /used is of one that was given and is counted/],
    ] as const)
      await assert.rejects(importThis(made(changes)), why);
  });

  it('go on being counted after it was narrowed', async () => {
    const more = await titled('Mer', { uses: { total: 8 } });
    const id = await ask(from, to, { consentRights: [asked(tenInAll), asked(more, true)] });
    assert.equal((await answerYes(id, from, { optionalRights: [1] })).status, 200);
    assert.deepEqual((await seen(id)).usesLeft, { total: 8 });
    await draw(client, id, from);
    assert.equal((await narrow(id, { without: [1] }, from)).status, 200);
    assert.deepEqual((await seen(id)).usesLeft, { total: 7 });
  });
});
