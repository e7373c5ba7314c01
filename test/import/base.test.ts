// The base set: what decisions rest on, brought by an operator to a database that knows nobody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { organizationNumber } from '../support/numbers.ts';
import { ownDatabase, runCommand, startServer } from '../support/run/process.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const BASE = ['1-catalogue', '2-templates', '3-administration'].map((name) =>
  at(`deploy/base/${name}.json`),
);

describe('the base set', () => {
  it('says of each package what it lets one do, in words of its own in each language', () => {
    const { packages } = JSON.parse(readFileSync(BASE[0]!, 'utf8'));
    const said = new Map<string, string>();
    for (const { code, forKind, name, description } of packages)
      for (const language of ['nb', 'nn', 'en']) {
        const text = description[language];
        assert.match(text, /\.$/, code);
        // A guardian's task is told by its name, as the county governor gives it.
        if (!code.startsWith('vergemal-'))
          assert.ok(!/[«“]/.test(text) || !text.includes(name[language]), text);
        // Of two offices with a task of one name, the package's name says which.
        const place = code.startsWith('vergemal-') ? name[language] : '';
        const key = `${language} ${forKind} ${place} ${text}`;
        assert.equal(said.get(key), undefined, text);
        said.set(key, code);
      }
  });
});

describe('a database that knows nobody', () => {
  const operator = organizationNumber();
  let database: Record<string, string>;
  const importing = async (files: string[], settings: Record<string, string> = {}) => {
    const given = { NODE_ENV: 'test', ...database, ...settings };
    const { status, stdout, stderr } = await runCommand('server/import/commands.ts', files, given);
    return { code: status, said: stdout + stderr };
  };
  const readiness = async () => {
    const server = await startServer({ ...database, SEED: '' });
    const { status } = await server.call('GET', '/health/ready');
    await server.stop('SIGTERM');
    return { status, output: server.output() };
  };

  before(async () => {
    database = await ownDatabase();
  });

  it('is not ready, and the log says what lacks', async () => {
    const { status, output } = await readiness();
    assert.equal(status, 503);
    assert.match(
      output,
      /the base set is missing: npm run import -- deploy\/operator\.json deploy\/base\/\*\.json/,
    );
  });

  it('refuses the base set of an operator that nobody knows, and takes nothing of it', async () => {
    const { code, said } = await importing(BASE.slice(2), { OPERATOR: operator });
    assert.equal(code, 1);
    assert.match(said, new RegExp(operator));
    assert.equal((await readiness()).status, 503);
  });

  it('is ready after the operator and the base set, which may be loaded again', async () => {
    const self = at('deploy/operator.json');
    const unnamed = await importing([self, ...BASE], { OPERATOR: operator });
    assert.equal(unnamed.code, 1);
    assert.match(unnamed.said, /operator\.json:1: OPERATOR_NAME is not set/);
    const settings = { OPERATOR: operator, OPERATOR_NAME: 'Drift $& \'AS"' };
    for (let round = 0; round < 2; round += 1) {
      const { code, said } = await importing([self, ...BASE], settings);
      assert.equal(code, 0, said);
    }
    const { status, output } = await readiness();
    assert.equal(status, 200, output);
    assert.doesNotMatch(output, /base set/);
  });
});
