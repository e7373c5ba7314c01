// Acts of one moment on two nodes: whoever comes first, of what is exclusive one is in force, and
// nothing is stuck. Fifty rounds each, or as many as `npm run bench races` asks for.
import assert from 'node:assert/strict';
import { newClient, type TestClient } from '../../support/oauth/clients.ts';
import { titled } from '../../support/parts.ts';
import { rightTo } from '../../support/rights/rights.ts';
import {
  askTwo,
  CHAIR_AND_MEMBER,
  newBoard,
  newTogether,
  type Board,
} from '../../support/together.ts';
import { askInPlace, seenByAsker } from '../../support/replaced.ts';
import { secondNode, type Node } from '../../support/run/node.ts';
import { draw, given } from '../../support/uses.ts';
import {
  API,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  requestBody,
  REQUESTS,
  world,
  WRITE,
  type Answer,
  type TestParty,
} from '../../support/world.ts';

/** Fewer on the embedded database, whose one connection lets nothing be done at once. */
const ROUNDS = Number(process.env.ROUNDS_OF_RACES ?? (process.env.TEST_DATABASE_URL ? 8 : 4));

describe('at once on two nodes', function suite() {
  this.timeout(60_000 + ROUNDS * 2_000);
  let node: Node;
  let from: TestParty;
  let to: TestParty;
  let client: TestClient;
  let [one, other]: string[] = [];
  before(async () => {
    node = await secondNode();
    [from, to] = [await newPerson('Løp Person'), await newOrganization('Løpebanken AS')];
    client = await newClient(to);
    [one, other] = [await titled('Det ene'), await titled('Det andre')];
  });
  after(() => node.stop());

  /** An act on a consent, on the world's node and on the other in turn. */
  const act = async (what: string, at: number, body?: object, by: { id: string } = from) =>
    call(
      'POST',
      `${at % 2 ? node.url : world.url}${API}/consent/${what}`,
      await personToken(by),
      body,
    );
  const approve = (id: string, at: number) => act(`request/${id}/approve`, at, { language: 'nb' });
  const statusOf = async (id: string) => (await seenByAsker(id, to)).effectiveStatus;
  const begin = async (count: number) => {
    const old = await given({ from, to }, one!);
    const asked = await Promise.all(
      Array.from({ length: count }, () => askInPlace({ from, to }, { replaces: old }, [other!])),
    );
    return { old, ids: asked.map(({ body }) => body.id as string) };
  };

  it('of two that replace one, one begins as it ends', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { old, ids } = await begin(2);
      const answers = await Promise.all(ids.map((id, at) => approve(id, round + at)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
      assert.equal(await statusOf(old), 'Revoked');
      const states = await Promise.all(ids.map(statusOf));
      assert.deepEqual([...states].sort(), ['Accepted', 'Created']);
    }
  });

  it('of a yes and a withdrawal of what it replaces, the one is in force or neither is', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { old, ids } = await begin(1);
      const acts = [() => approve(ids[0]!, round), () => act(`${old}/revoke`, round + 1)];
      const order = round % 2 ? acts : [...acts].reverse();
      const answers = await Promise.all(order.map((each) => each()));
      const [yes, ended] = round % 2 ? answers : [...answers].reverse();
      assert.ok([200, 409].includes(yes!.status), yes!.text);
      assert.equal(ended!.status, 200, ended!.text);
      assert.equal(await statusOf(old), 'Revoked');
      const { consentReason } = await seenByAsker(old, to);
      assert.equal(consentReason, yes!.status === 200 ? 'replaced' : undefined);
      assert.equal(await statusOf(ids[0]!), yes!.status === 200 ? 'Accepted' : 'Created');
    }
  });

  it('of a yes and a suspension of what it replaces, the other ends or waits', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { old, ids } = await begin(1);
      const suspend = async () =>
        call(
          'POST',
          `${round % 2 ? node.url : world.url}/access/v1/consents/${old}/suspend`,
          await personToken(from),
        );
      const [yes, paused] = await Promise.all([approve(ids[0]!, round + 1), suspend()]);
      // One that was replaced first has ended, and is suspended no more.
      assert.ok([200, 400].includes(paused.status), paused.text);
      assert.ok([200, 409].includes(yes.status), yes.text);
      assert.equal(await statusOf(old), yes.status === 200 ? 'Revoked' : 'Suspended');
      assert.equal(await statusOf(ids[0]!), yes.status === 200 ? 'Accepted' : 'Created');
    }
  });

  describe('of several', () => {
    let board: Board;
    let both: string;
    before(async () => {
      [board, both] = [await newBoard(), await newTogether(CHAIR_AND_MEMBER)];
    });
    const request = () => ask(board.firm, to, rightTo(both));
    const sayYes = (id: string, at: number, by: TestParty) =>
      act(`request/${id}/approve`, at, { language: 'nb' }, by);
    const allFine = (answers: Answer[]) =>
      assert.deepEqual(
        answers.map(({ status }) => status),
        answers.map(() => 200),
        answers.map(({ text }) => text).join(),
      );

    it('who say yes at once, the last begins it, and nobody waits for ever', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await request();
        const people = round % 2 ? [board.chair, board.member] : [board.member, board.chair];
        allFine(await Promise.all(people.map((by, at) => sayYes(id, round + at, by))));
        assert.equal(await statusOf(id), 'Accepted');
      }
    });

    it('of whom one takes the yes back as another says it, it waits or has ended', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await request();
        await sayYes(id, round, board.chair);
        const [yes, back] = await Promise.all([
          sayYes(id, round, board.member),
          act(`${id}/revoke`, round + 1, undefined, board.chair),
        ]);
        allFine([yes, back]);
        const status = await statusOf(id);
        assert.ok(['Awaiting', 'Revoked'].includes(status), status);
        if (status === 'Revoked') continue;
        await sayYes(id, round, board.chair);
        assert.equal(await statusOf(id), 'Accepted');
      }
    });

    it('of whom one says no as the last says yes, it is given or refused', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await request();
        await sayYes(id, round, board.chair);
        const [yes, no] = await Promise.all([
          sayYes(id, round, board.member),
          act(`request/${id}/reject`, round + 1, undefined, board.other),
        ]);
        assert.deepEqual([yes.status, no.status].sort(), [200, 400]);
        assert.equal(await statusOf(id), yes.status === 200 ? 'Accepted' : 'Rejected');
      }
    });

    it('who both withdraw it, it has ended once', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await request();
        for (const by of [board.chair, board.member]) await sayYes(id, round, by);
        const people = [board.chair, board.other];
        allFine(
          await Promise.all(people.map((by, at) => act(`${id}/revoke`, round + at, undefined, by))),
        );
        const { consentRequestEvents } = await seenByAsker(id, to);
        const ends = consentRequestEvents.filter((one: any) => one.eventType === 'Revoked');
        assert.equal(ends.length, 1);
      }
    });
  });

  describe('of two who give together', () => {
    let both: string;
    before(async () => {
      both = await titled('Begge');
    });
    const pair = async () => {
      const { other, first, second } = await askTwo(to, rightTo(both), rightTo(both), from);
      return [
        { id: first, by: from },
        { id: second, by: other },
      ];
    };
    const sayYes = ({ id, by }: { id: string; by: TestParty }, at: number) =>
      act(`request/${id}/approve`, at, { language: 'nb' }, by);
    const statuses = (two: { id: string }[]) => Promise.all(two.map(({ id }) => statusOf(id)));

    it('both begin with the last of two yeses at once', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const two = await pair();
        const answers = await Promise.all(two.map((each, at) => sayYes(each, round + at)));
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200],
        );
        assert.deepEqual(await statuses(two), ['Accepted', 'Accepted']);
      }
    });

    it('a no beside the last yes lets both begin or neither', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const two = await pair();
        await sayYes(two[0]!, round);
        const [yes, no] = await Promise.all([
          sayYes(two[1]!, round),
          act(`request/${two[0]!.id}/reject`, round + 1, undefined, two[0]!.by),
        ]);
        assert.deepEqual([yes.status, no.status].sort(), [200, 400]);
        const expected = yes.status === 200 ? ['Accepted', 'Accepted'] : ['Rejected', 'Revoked'];
        assert.deepEqual(await statuses(two), expected);
      }
    });

    it('a yes beside the pairing is to one alone, or waits for the other', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const other = await newPerson('Løp Andre');
        const first = await ask(from, to, rightTo(both));
        const [paired, yes] = await Promise.all([
          call('POST', `${node.url}${REQUESTS}`, await organizationToken(to, WRITE), {
            ...requestBody(other, to, rightTo(both)),
            with: first,
          }),
          sayYes({ id: first, by: from }, 0),
        ]);
        const isPaired = paired.status === 201;
        assert.equal(yes.status, 200, yes.text);
        assert.equal(await statusOf(first), isPaired ? 'Awaiting' : 'Accepted', paired.text);
      }
    });

    it('two withdrawals at once end both', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const two = await pair();
        for (const each of two) await sayYes(each, round);
        const ended = await Promise.all(
          two.map(({ id, by }, at) => act(`${id}/revoke`, round + at, undefined, by)),
        );
        assert.ok(ended.every(({ status }) => [200, 400].includes(status)));
        assert.deepEqual(await statuses(two), ['Revoked', 'Revoked']);
      }
    });
  });

  it('of a renewal that is asked, a use and a withdrawal, each is done or refused', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const old = await given({ from, to }, one!);
      const changes = { validTo: inDays(40) };
      const [renewed, used, ended] = await Promise.all([
        askInPlace({ from, to }, { renews: old }, [one!], changes),
        draw(client, old, from),
        act(`${old}/revoke`, round),
      ]);
      assert.ok([201, 404].includes(renewed.status), renewed.text);
      assert.ok([200, 400].includes(used.status), used.text);
      assert.equal(ended.status, 200, ended.text);
    }
  });
});
