// A consent that several give together: nothing before the last yes, and nothing after one of them
// takes it back, says no, or is no longer who the rule asks for.
import assert from 'node:assert/strict';
import { codes } from '../../support/asking.ts';
import { born, endRole } from '../../support/oauth/given.ts';
import { loggedIn } from '../../support/pages/browser.ts';
import { answerYes, asked, named } from '../../support/parts.ts';
import { seenByAsker } from '../../support/replaced.ts';

import { newConsentResource, newMandate, putPolicy, rightTo } from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether, type Board } from '../../support/together.ts';
import {
  approve,
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
  reject,
  requestBody,
  REQUESTS,
  withdraw,
  world,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

const DAY = 86_400_000;

describe('a consent that several give together', () => {
  let to: TestParty;
  let service: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    service = await newTogether(CHAIR_AND_MEMBER);
  });
  const request = async (board: Board, changes: object = {}) =>
    ask(board.firm, to, { ...rightTo(service), ...changes });
  const status = async (id: string) => (await seenByAsker(id, to)).effectiveStatus;
  const looked = async (id: string, { firm }: Board) => (await lookUp(id, firm, to)).body.code;

  it('waits after one yes, and begins with the last', async () => {
    const board = await newBoard();
    const id = await request(board);
    const first = await approve(id, board.chair);
    assert.deepEqual([first.status, first.body.effectiveStatus], [200, 'Awaiting']);
    const seen = await seenByAsker(id, to);
    assert.deepEqual(
      [seen.status, seen.effectiveStatus, seen.approvals, seen.consented],
      ['Created', 'Awaiting', { have: 1, need: 2 }, null],
    );
    assert.ok(!JSON.stringify(seen).includes('Kari'));
    assert.equal(await looked(id, board), 'AM-00014');
    const last = await approve(id, board.member);
    assert.deepEqual([last.status, last.body.effectiveStatus], [200, 'Accepted']);
    assert.equal((await lookUp(id, board.firm, to)).status, 200);
    assert.equal('approvals' in (await seenByAsker(id, to)), false);
  });

  it('counts no second yes of the same person, nor a second of the same place', async () => {
    const board = await newBoard();
    const id = await request(board);
    for (const person of [board.member, board.member, board.other])
      assert.equal((await approve(id, person)).body.effectiveStatus, 'Awaiting');
    assert.deepEqual((await seenByAsker(id, to)).approvals, { have: 1, need: 2 });
    const { rows } = await world.database.db.raw(
      "select by_party from event where consent_id = ? and type = 'answered'",
      [id],
    );
    assert.equal(rows.length, 2);
    assert.equal((await approve(id, board.chair)).body.effectiveStatus, 'Accepted');
  });

  it('lets one person fill one place only, though the person holds both offices', async () => {
    const board = await newBoard();
    await newRole('medl', board.firm, board.chair);
    const id = await request(board);
    assert.equal((await approve(id, board.chair)).body.effectiveStatus, 'Awaiting');
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Accepted');
  });

  it('finds the places that fit, whoever answers first', async () => {
    const two = await newTogether([
      { subjects: ['lede', 'medl'], count: 1 },
      { subjects: ['lede'], count: 1 },
    ]);
    const board = await newBoard();
    const id = await ask(board.firm, to, rightTo(two));
    await approve(id, board.chair);
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Accepted');
  });

  it('is nobody else’s to answer, and not a right that can be given to one', async () => {
    const board = await newBoard();
    const id = await request(board);
    const [stranger, given] = [await newPerson(), await newPerson()];
    await newMandate(board.firm, given, { resource: service, actions: ['consent'] });
    assert.equal((await approve(id, stranger)).status, 403);
    assert.equal((await approve(id, given)).status, 403);
  });

  it('is given by one where another rule lets that one alone', async () => {
    const mixed = await newTogether(CHAIR_AND_MEMBER, ['dagl']);
    const board = await newBoard();
    const boss = await newPerson();
    await newRole('dagl', board.firm, boss);
    const id = await ask(board.firm, to, rightTo(mixed));
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Awaiting');
    assert.equal((await approve(id, boss)).body.effectiveStatus, 'Accepted');
  });

  it('asks everybody who holds an office, where all are asked', async () => {
    const all = await newTogether([{ subjects: ['medl'], count: 'all' }]);
    const board = await newBoard();
    const id = await ask(board.firm, to, rightTo(all));
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Awaiting');
    assert.equal('approvals' in (await seenByAsker(id, to)), false);
    assert.equal((await approve(id, board.other)).body.effectiveStatus, 'Accepted');
    const alone = await newBoard();
    await endRole('medl', alone.firm, alone.other);
    const second = await ask(alone.firm, to, rightTo(all));
    assert.equal((await approve(second, alone.member)).body.effectiveStatus, 'Accepted');
  });

  it('counts nobody twice who is one of all', async () => {
    const mixed = await newTogether([
      { subjects: ['medl'], count: 'all' },
      { subjects: ['lede', 'medl'], count: 1 },
    ]);
    const board = await newBoard();
    const id = await ask(board.firm, to, rightTo(mixed));
    for (const person of [board.member, board.other])
      assert.equal((await approve(id, person)).body.effectiveStatus, 'Awaiting');
    assert.equal((await approve(id, board.chair)).body.effectiveStatus, 'Accepted');
  });

  it('has no yes to other words than the last one reads', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    await putParty(to, { name: 'En annen bank AS' });
    assert.equal((await approve(id, board.member)).status, 409);
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Awaiting');
    assert.deepEqual((await seenByAsker(id, to)).approvals, { have: 1, need: 2 });
    assert.equal((await approve(id, board.chair)).body.effectiveStatus, 'Accepted');
    await putParty(to);
  });

  it('has the part that the first yes chose', async () => {
    const board = await newBoard();
    const extra = await newTogether(CHAIR_AND_MEMBER);
    const id = await ask(board.firm, to, {
      consentRights: [asked(service), asked(extra, true)],
    });
    await answerYes(id, board.chair);
    const more = await answerYes(id, board.member, { optionalRights: [1] });
    assert.deepEqual([more.status, codes(more)], [400, ['TIL.VLD-00001']]);
    await answerYes(id, board.member);
    assert.deepEqual(named((await seenByAsker(id, to)).approvedRights), [service]);
    assert.deepEqual(named((await lookUp(id, board.firm, to)).body.consentRights), [service]);
  });

  it('is refused for all by one no', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    assert.equal((await reject(id, board.other)).status, 200);
    const late = await approve(id, board.member);
    assert.deepEqual([late.status, late.body.code], [400, 'AM-00002']);
    assert.equal(await status(id), 'Rejected');
    const told = await call('GET', '/access/v1/notices', await personToken(board.chair));
    assert.ok(
      told.body.data.some((one: any) => one.type === 'consent_refused' && one.consent === id),
    );
  });

  it('is open again when the only yes is taken back, and by nobody else', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    assert.equal((await withdraw(id, board.member)).status, 400);
    assert.equal((await withdraw(id, board.chair)).body.effectiveStatus, 'Created');
    assert.equal(await status(id), 'Created');
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Awaiting');
    assert.equal((await approve(id, board.chair)).body.effectiveStatus, 'Accepted');
  });

  it('drops the yes of who no longer holds the office, and says so', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    await endRole('lede', board.firm, board.chair);
    const first = await approve(id, board.member);
    // The part that was fixed is open again, and read anew.
    assert.deepEqual([first.status, first.body.code], [409, 'TIL-00019']);
    assert.equal((await approve(id, board.member)).body.effectiveStatus, 'Awaiting');
    const told = await call('GET', '/access/v1/notices', await personToken(board.chair));
    assert.ok(told.body.data.some((one: any) => one.type === 'consent_yes_fell'));
    const chair = await newPerson();
    await newRole('lede', board.firm, chair);
    assert.equal((await approve(id, chair)).body.effectiveStatus, 'Accepted');
  });

  it('goes on when another takes the office over, and falls when nobody holds it', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    await approve(id, board.member);
    await endRole('medl', board.firm, board.member);
    assert.equal((await lookUp(id, board.firm, to)).status, 200);
    await endRole('medl', board.firm, board.other);
    const { body } = await lookUp(id, board.firm, to);
    assert.deepEqual([body.code, body.consent_reason], ['AM-00011', 'rule_unmet']);
    await world.work.tend();
    const seen = await seenByAsker(id, to);
    assert.deepEqual([seen.status, seen.consentReason], ['Revoked', 'rule_unmet']);
  });

  it('falls where one person is left for two places', async () => {
    const any = await newTogether([{ subjects: ['lede', 'medl'], count: 2 }]);
    const board = await newBoard();
    const id = await ask(board.firm, to, rightTo(any));
    await approve(id, board.member);
    await approve(id, board.other);
    await endRole('medl', board.firm, board.member);
    assert.equal((await lookUp(id, board.firm, to)).status, 200);
    await endRole('medl', board.firm, board.other);
    assert.equal((await lookUp(id, board.firm, to)).body.consent_reason, 'rule_unmet');
  });

  it('is withdrawn by any of them, of which the others hear', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    await approve(id, board.member);
    assert.equal((await withdraw(id, board.other)).status, 200);
    assert.equal(await looked(id, board), 'AM-00011');
    const told = await call('GET', '/access/v1/notices', await personToken(board.member));
    assert.ok(told.body.data.some((one: any) => one.type === 'consent_withdrawn'));
  });

  it('is to be answered until a day, after which a yes is refused', async () => {
    const board = await newBoard();
    const id = await request(board, { validTo: inDays(300) });
    const { answerBy, validTo } = await seenByAsker(id, to);
    assert.ok(Math.abs(Date.parse(answerBy) - Date.now() - 30 * DAY) < 60_000);
    assert.ok(Date.parse(validTo) - Date.now() > 299 * DAY);
    await approve(id, board.chair);
    await at(31 * DAY, async () => {
      const late = await approve(id, board.member);
      assert.deepEqual([late.status, codes(late)], [400, ['AM.VLD-00022']]);
      assert.equal(await status(id), 'Expired');
    });
    await approve(id, board.member);
    await at(31 * DAY, async () => {
      assert.equal(await status(id), 'Accepted');
      assert.equal((await lookUp(id, board.firm, to)).status, 200);
    });
  });

  it('reminds those who could answer a week after the first yes, and once more', async () => {
    const board = await newBoard();
    const id = await request(board);
    await approve(id, board.chair);
    const reminders = async () => {
      await world.work.tend();
      const { rows } = await world.database.db.raw(
        "select count(*)::int as n from notice where consent_id = ? and type = 'consent_reminder'",
        [id],
      );
      return rows[0].n as number;
    };
    for (const [days, sent] of [
      [6, 0],
      [8, 1],
      [13, 1],
      [15, 2],
      [25, 2],
    ] as const)
      await at(days * DAY, async () => assert.equal(await reminders(), sent, `day ${days}`));
  });

  it('is asked with a day that leaves an hour, and is before its end', async () => {
    const board = await newBoard();
    const send = async (answerBy: unknown) =>
      call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE),
        requestBody(board.firm, to, { ...rightTo(service), validTo: inDays(10), answerBy }),
      );
    for (const [wrong, code] of [
      [inDays(0), 'TIL.VLD-00018'],
      [inDays(11), 'TIL.VLD-00018'],
      ['i morgen', 'TIL.VLD-00001'],
      [5, 'TIL.VLD-00001'],
    ] as const) {
      const { status: refused, ...answer } = await send(wrong);
      assert.deepEqual([refused, codes(answer as never)], [400, [code]]);
    }
    assert.equal((await send(inDays(2))).status, 201);
  });

  it('names none of those who answer', async () => {
    const board = await newBoard();
    const { status: refused, body } = await call(
      'POST',
      REQUESTS,
      await organizationToken(to, WRITE),
      requestBody(board.firm, to, {
        ...rightTo(service),
        requiredDelegator: board.chair.urn,
      }),
    );
    assert.equal(refused, 400);
    assert.deepEqual(
      body.validationErrors.map(({ code }: { code: string }) => code),
      ['TIL.VLD-00017'],
    );
  });

  describe('of a child whose parents must both answer', () => {
    let both: string;
    before(async () => {
      both = await newConsentResource(['foreldreansvar'], { parents: 'all' });
    });
    const family = async () => {
      const [child, one, other] = [await newPerson(), await newPerson(), await newPerson()];
      await putParty(child, { bornOn: born(8) });
      await newRole('foreldreansvar', child, one);
      await newRole('foreldreansvar', child, other);
      return { child, one, other };
    };

    it('begins with the second, and falls when one has the responsibility no more', async () => {
      const { child, one, other } = await family();
      const id = await ask(child, to, rightTo(both));
      assert.equal((await approve(id, one)).body.effectiveStatus, 'Awaiting');
      assert.equal((await approve(id, other)).body.effectiveStatus, 'Accepted');
      await endRole('foreldreansvar', child, other);
      const { body } = await lookUp(id, child, to);
      assert.deepEqual([body.code, body.consent_reason], ['AM-00011', 'basis_ended']);
    });

    it('shows nobody but the giver anything, once the address is protected', async () => {
      const { child, one, other } = await family();
      const id = await ask(child, to, rightTo(both));
      await approve(id, one);
      await putParty(child, { protectedAddress: true });
      assert.equal(await status(id), 'Created');
      assert.equal((await approve(id, other)).status, 403);
      assert.equal((await approve(id, child)).status, 403);
    });

    it('shows one who answered the own yes and no other’s, of one who is protected since', async () => {
      const { child, one, other } = await family();
      const id = await ask(child, to, rightTo(both));
      await approve(id, other);
      await withdraw(id, other);
      for (const parent of [one, other]) await approve(id, parent);
      const linesFor = async (who: TestParty) => {
        const { html } = (await loggedIn(who, `/consents/${id}`)).page;
        return html.match(/En av flere svarte ja/g)?.length ?? 0;
      };
      const before = await linesFor(other);
      await putParty(child, { protectedAddress: true });
      assert.deepEqual([before, await linesFor(other)], [2, 1]);
    });

    it('is one parent’s where there is one', async () => {
      const { child, one, other } = await family();
      await endRole('foreldreansvar', child, other);
      const id = await ask(child, to, rightTo(both));
      assert.equal((await approve(id, one)).body.effectiveStatus, 'Accepted');
    });
  });

  it('has a rule that says what its places are, and no other', async () => {
    for (const [rule, why] of [
      [{ together: [{ subjects: ['lede'], count: 1 }] }, /two persons/],
      [{ together: [{ subjects: ['anyone'], count: 2 }] }, /roles, key roles and packages/],
      [{ action: 'read', together: CHAIR_AND_MEMBER }, /action consent/],
      [{ effect: 'deny', together: CHAIR_AND_MEMBER }, /permits the action/],
      [{ together: CHAIR_AND_MEMBER, subjects: ['dagl'] }, /leave subjects out/],
    ] as const) {
      const rules = [
        { action: 'consent', ...rule },
        { action: 'requestconsent', subjects: ['anyone'] },
      ];
      const { status: refused, body } = await putPolicy(service, { rules });
      assert.equal(refused, 400);
      assert.match(JSON.stringify(body.faults), why);
    }
  });

  it('keeps its places in XACML and in JSON, as it is answered', async () => {
    const path = `/resourceregistry/api/v1/resource/${service}/policy`;
    const json = await call('GET', path, undefined, undefined, { accept: 'application/json' });
    assert.equal(json.body.rules[0].together.length, 2);
    assert.equal((await putPolicy(service, json.body)).status, 200);
    const xml = await call('GET', path, undefined, undefined, { accept: 'application/xml' });
    assert.match(xml.text, /1 of role:medl/);
  });
});
