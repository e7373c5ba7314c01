// README and docs: their commands run as they stand, against the demo as it starts, and answer as
// they say; their tables are those of the code; their links lead somewhere.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONSENT_REASONS } from '../../server/consent/basis/model.ts';
import { CODES } from '../../server/refusals.ts';
import { SETTINGS, settingsTable } from '../../server/platform/env/settings.ts';
import { PORTS, startDemo, type Demo } from '../support/run/demo.ts';
import { root, text } from '../support/run/source.ts';
import { Browser } from '../support/pages/browser.ts';

const papers = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

/** Run by `.ci/run` and by every start of this test itself. */
const SETTING_UP = ['npm ci && npm start', 'npm ci && npm test'];
interface Chunk {
  commands: string;
  /** Text that the output must have, in order; `…` stands for anything. */
  expected: string[];
}

/** The commands of a paper, cut where a line `# …` says what they answer. */
function chunksOf(paper: string): Chunk[] {
  const chunks: Chunk[] = [];
  for (const [, block] of text(paper).matchAll(/^```sh\n([\s\S]*?)^```/gm)) {
    if (SETTING_UP.includes(block!.trim())) continue;
    let commands: string[] = [];
    for (const line of block!.split('\n')) {
      if (line.startsWith('# … ')) {
        if (commands.length) chunks.push({ commands: commands.join('\n'), expected: [] });
        commands = [];
        chunks.at(-1)!.expected.push(line.slice('# … '.length));
      } else if (line.trim()) commands.push(line);
    }
    if (commands.length) chunks.push({ commands: commands.join('\n'), expected: [] });
  }
  return chunks;
}

describe('the papers', () => {
  it('have the settings that the code reads', () => {
    const source = ['env', 'addresses', 'checks', 'notify']
      .map((name) => text(`server/platform/env/${name}.ts`))
      .join();
    const read = [...source.matchAll(/(?:text|whole|flag|list)\('([A-Z_]+)'/g)].map(
      ([, name]) => name!,
    );
    assert.deepEqual(SETTINGS.flatMap(({ names }) => names).sort(), [...new Set(read)].sort());
    const path = join(root, 'docs/configuration.md');
    const paper = readFileSync(path, 'utf8');
    const table = /(?:^\|.*\n)+|@@TABLE@@\n/m;
    if (process.env.UPDATE)
      writeFileSync(
        path,
        paper.replace(table, () => `${settingsTable()}\n`),
      );
    else assert.equal(table.exec(paper)![0].trim(), settingsTable());
  });

  it('have a cause and a mend for every code, and no other', () => {
    const rows = [
      ...text('docs/errors.md').matchAll(/^\| ([A-Z][\w.-]+) \| (\d+) \| (.+) \| (.+) \|$/gm),
    ];
    const told = rows.map(([, code, status]) => `${code} ${status}`);
    const known = Object.entries(CODES).map(([code, { status }]) => `${code} ${status}`);
    assert.deepEqual(told.sort(), known.sort());
  });

  it('have every reason beside a refusal to redeem, and no other', () => {
    const rows = [...text('docs/errors.md').matchAll(/^\| `(\w+)` \| AM-000\d\d \|/gm)];
    assert.deepEqual(
      rows.map(([, reason]) => reason),
      [...CONSENT_REASONS],
    );
  });

  it('lead somewhere', () => {
    for (const paper of papers)
      for (const [, link] of text(paper).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
        assert.ok(existsSync(join(root, dirname(paper), link!)), `${paper}: ${link}`);
  });

  it('name commands that there are', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: object };
    for (const paper of papers)
      for (const [, name] of text(paper).matchAll(/npm run ([\w:]+)/g))
        assert.ok(name! in scripts, `${paper}: npm run ${name}`);
    for (const [, file] of text('CONTRIBUTING.md').matchAll(/npm test -- ([^\s`]+)/g))
      assert.ok(file === 'FILE' || existsSync(join(root, file!)), file!);
  });

  it('keep README to what a reader of ten minutes wants', () => {
    assert.ok(text('README.md').split('\n').length <= 91);
  });
});

describe('the commands of the papers', () => {
  let demo: Demo;

  before(async () => {
    demo = await startDemo({ REGISTER_POLL: '1' });
  });

  after(() => demo?.stop());

  /** Text with the ports of this demo, whose registers are read every second. */
  const here = (commands: string) =>
    PORTS.reduce(
      (all, port, more) => all.replaceAll(`:${port}`, `:${demo.at + more}`),
      commands,
    ).replaceAll('sleep 17', 'sleep 3');

  /** What the reader does in a browser: opens the address, logs in, says yes. */
  async function sayYes(address: string): Promise<void> {
    const browser = new Browser();
    await browser.open(address);
    await browser.submit({ number: '14838412026' });
    await browser.submit({ answer: 'yes' }, (url) => url.pathname === '/back');
  }

  for (const paper of papers.filter((name) => chunksOf(name).length > 0))
    it(`run as ${paper} has them`, async () => {
      const shell = demo.shell();
      try {
        for (const { commands, expected } of chunksOf(paper)) {
          const { said, code } = await shell.run(here(commands));
          assert.equal(code, 0, `${paper}: ${commands}\n${said}`);
          let rest = said;
          for (const one of expected.map(here)) {
            const found = rest.indexOf(one);
            assert.notEqual(found, -1, `${paper}: ${commands}\n${one} is not in\n${said}`);
            rest = rest.slice(found + one.length);
            const [address] = /\/consent\/request\?id=[\w-]+/.exec(said) ?? [];
            if (one.includes('viewUri')) await sayYes(`http://127.0.0.1:${demo.at}${address}`);
          }
        }
      } finally {
        shell.end();
      }
    });
});
