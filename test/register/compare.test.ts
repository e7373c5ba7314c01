// `npm run compare -- SOURCE`, as an operator calls it.
import assert from 'node:assert/strict';
import { filledDatabase, runCommand, startServer } from '../support/run/process.ts';
import { until } from '../support/until.ts';
import { world } from '../support/world.ts';

describe('npm run compare', () => {
  const compare = (settings: Record<string, string>, ...asked: string[]) =>
    runCommand('server/register/reconcile/ask.ts', asked, {
      REGISTERS: JSON.stringify(world.env.registers),
      ...settings,
    });

  it('says which registers there are, where it is called with none or with another', async () => {
    for (const asked of [[], ['helse']]) {
      const { status, stderr } = await compare({ DATA_DIR: 'memory:' }, ...asked);
      assert.equal(status, 1);
      assert.match(stderr, /one of enhetsregisteret, folkeregisteret, vergemal/);
    }
  });

  it('has the register compared by a node, by day too, and says how long it takes', async () => {
    const settings = await filledDatabase();
    const { status, stdout, stderr } = await compare(settings, 'folkeregisteret');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^folkeregisteret is compared by the next node that looks: \d+ parties/);
    const server = await startServer({
      ...settings,
      REGISTERS: JSON.stringify(world.env.registers),
    });
    await until('it is compared', () => /was compared/.test(server.output()), 20);
    assert.match(server.output(), /"source":"folkeregisteret","checked":[1-9].*was compared/);
    await server.stop('SIGTERM');
  });
});
