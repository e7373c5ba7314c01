// Acts of one moment on two nodes: whoever comes first, of what is exclusive one is in force, and
// nothing is stuck. Fifty rounds each, or as many as `npm run bench races` asks for.
import assert from 'node:assert/strict';
import { titled } from '../../support/parts.ts';
import { askInPlace, seenByAsker } from '../../support/replaced.ts';
import { secondNode, type Node } from '../../support/run/node.ts';
import { given } from '../../support/uses.ts';
import {
  API,
  call,
  newOrganization,
  newPerson,
  personToken,
  world,
  type TestParty,
} from '../../support/world.ts';

const ROUNDS = Number(process.env.ROUNDS_OF_RACES ?? 50);

describe('at once on two nodes', function suite() {
  this.timeout(60_000 + ROUNDS * 2_000);
  let node: Node;
  let from: TestParty;
  let to: TestParty;
  let [one, other]: string[] = [];
  before(async () => {
    node = await secondNode();
    [from, to] = [await newPerson('Løp Person'), await newOrganization('Løpebanken AS')];
    [one, other] = [await titled('Det ene'), await titled('Det andre')];
  });
  after(() => node.stop());

  /** An act on a consent, on the world's node and on the other in turn. */
  const act = async (what: string, at: number, body?: object) =>
    call(
      'POST',
      `${at % 2 ? node.url : world.url}${API}/consent/${what}`,
      await personToken(from),
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
});
