// The calls that the description shows, made in their order on a fresh demo world: each is answered
// as its operation promises, and no operation is without one.
import assert from 'node:assert/strict';
import {
  EXAMPLES,
  send,
  startExampled,
  type Described,
  type Exampled,
} from '../support/examples.ts';

describe('the examples of the description', () => {
  let world: Exampled;
  before(async () => {
    world = await startExampled();
  });
  after(() => world.server.stop('SIGTERM'));

  it('are one for each operation at least', () => {
    const shown = new Set(EXAMPLES.map(({ id }) => id));
    const first = [...world.operations.keys()].filter((id) => !/_\d$/.test(id));
    assert.deepEqual(
      first.filter((id) => !shown.has(id)),
      [],
    );
  });

  it('are answered one after the other as their operations promise', async () => {
    const unlike: string[] = [];
    for (const told of EXAMPLES) {
      const answer = await send(await world.make(await world.fill(told)));
      const promised = Object.entries<Described>(world.operations.get(told.id)!.responses)
        .filter(([, response]) => !response['x-codes'])
        .map(([status]) => Number(status));
      const isLike = told.status
        ? answer.status === told.status
        : answer.status < 400 && promised.includes(answer.status);
      if (!isLike) {
        unlike.push(`${told.id} as ${told.as}: ${answer.status} ${answer.text.slice(0, 300)}`);
      }
      world.keep(told, answer);
    }
    assert.deepEqual(unlike, []);
  });
});
