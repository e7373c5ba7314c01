// `npm run check-config -- --reach`: all that a node needs is tried before it is started, and the
// replacing of a secret goes no further than its nodes have come.
import assert from 'node:assert/strict';
import { stepOf, type Sealing } from '../../server/platform/secret/steps_model.ts';
import { filledDatabase, ownDatabase, runCommand, startServer } from '../support/run/process.ts';
import { until } from '../support/until.ts';
import { world } from '../support/world.ts';

const [OLD, NEW] = [
  'an-old-secret-of-this-database-0123456789',
  'a-new-secret-of-it-9876543210-abcdefghij',
];

describe('check-config --reach', () => {
  const reach = async (settings: Record<string, string>) => {
    const { status, stdout, stderr } = await runCommand(
      'server/main.ts',
      ['--check-config', '--reach'],
      {
        NODE_ENV: 'test',
        EID_ISSUER: world.env.eid.issuer,
        REGISTERS: JSON.stringify(world.env.registers),
        ...settings,
      },
    );
    const said = stdout + stderr;
    return { status, said, lines: said.split('\n') };
  };

  it('says of each thing that it is there', async () => {
    const { status, lines, said } = await reach(await filledDatabase());
    const all = [
      /^Configuration OK\.$/,
      /^ok {3}database: PostgreSQL \d+/,
      /^ok {3}schema: fits$/,
      /^ok {3}SECRET: opens all 3 keys$/,
      /^ok {3}role: reads and writes rows/,
      /^ok {3}base set and clock: a node would be ready$/,
      /^ok {3}nodes: none serves$/,
      /^ok {3}eID: http/,
    ];
    assert.equal(status, 0, said);
    for (const [index, line] of all.entries()) assert.match(lines[index]!, line);
    assert.match(said, /^ok {3}register folkeregisteret: its last line is \d+$/m);
  });

  it('says of each thing that it lacks, and ends with 1', async () => {
    const registers = [{ source: 'vergemal', url: 'http://127.0.0.1:9' }];
    const { status, said } = await reach({
      ...(await ownDatabase()),
      MIGRATE: 'never',
      EID_ISSUER: 'http://127.0.0.1:9/',
      REGISTERS: JSON.stringify(registers),
    });
    assert.equal(status, 1);
    assert.match(said, /^FAIL schema: .*no schema yet/m);
    assert.match(said, /^FAIL eID: /m);
    assert.match(said, /^FAIL register vergemal: no answer from 127\.0\.0\.1:9/m);
  });

  it('says that a database is away, and tries the rest', async () => {
    const { status, lines, said } = await reach({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
    });
    assert.equal(status, 1);
    assert.match(lines[1]!, /^FAIL database: .*ECONNREFUSED/);
    assert.match(said, /^ok {3}eID/m);
  });

  // One process alone opens the embedded database.
  if (process.env.TEST_DATABASE_URL)
    it('says how many nodes serve, and how far they have come with a secret', async () => {
      const own = { ...(await ownDatabase()), SEED: '' };
      const said = async (secrets: Record<string, string>) =>
        (await reach({ ...own, ...secrets })).said;
      const [accept, use] = [
        { SECRET: OLD, SECRET_ACCEPTED: NEW },
        { SECRET: NEW, SECRET_ACCEPTED: OLD },
      ];
      const [one, other] = [
        await startServer({ ...own, SECRET: OLD }),
        await startServer({ ...own, ...accept }),
      ];
      const seen = (count: number) =>
        until(
          'they are seen',
          async () => (await said(accept)).includes(`nodes: ${count} serve`),
          30,
        );
      await seen(2);
      assert.match(await said(accept), /do not use it yet: 1 of 2 nodes do not accept it/);
      await one.stop('SIGTERM');
      assert.match(await said(accept), /use it now: all 1 nodes that serve accept it/);
      const third = await startServer({ ...own, ...use });
      await seen(2);
      assert.match(await said(use), /do not drop it yet: 1 of 2 nodes seal with it/);
      await other.stop('SIGTERM');
      assert.match(
        await said(use),
        /drop it now: no node seals with it since .*, and nothing of its time/,
      );
      await third.stop('SIGTERM');
    });
});

describe('a secret that is replaced', () => {
  const seenAt = new Date('2026-11-01T12:00:00Z');
  const node = (sealsWith: string, accepts: string[] = [], serves = true): Sealing => ({
    sealsWith,
    accepts,
    serves,
    seenAt,
  });
  const step = async (
    nodes: Sealing[],
    more: { sessions?: number; lasting?: number; hours?: number } = {},
  ) => {
    const found = await stepOf({
      own: 'new',
      accepted: 'old',
      nodes,
      lasting: more.lasting ?? 0,
      sessionsBefore: async () => more.sessions ?? 0,
      now: new Date(seenAt.getTime() + (more.hours ?? 1) * 3_600_000),
      longestMillis: 8 * 3_600_000,
    });
    return `${found.step} ${found.isSafe}`;
  };
  const gone = node('old', ['new'], false);

  it('is used once every node accepts it, and dropped once nothing of its time is left', async () => {
    for (const [nodes, more, expected] of [
      [[node('new')], {}, 'use false'],
      [[node('new', ['old']), node('new')], {}, 'use false'],
      [[node('new', ['old'])], {}, 'use true'],
      [[node('old', ['new']), node('new', ['old'])], {}, 'drop false'],
      [[gone], {}, 'drop false'],
      [[gone, node('new', ['old'])], { lasting: 1 }, 'drop false'],
      [[gone, node('new', ['old'])], { sessions: 1 }, 'drop false'],
      [[gone, node('new', ['old'])], { sessions: 1, hours: 9 }, 'drop true'],
      [[gone, node('new', ['old'])], {}, 'drop true'],
    ] as const)
      assert.equal(await step([...nodes], more), expected, JSON.stringify([nodes, more]));
  });
});
