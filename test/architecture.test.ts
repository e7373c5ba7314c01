// Laws of the house: columns and rooms, one place for each thing, and plain words.
import assert from 'node:assert/strict';
import { dirname, join, relative } from 'node:path';
import { PAGE_PARAMETERS } from '../server/platform/http/language_links.ts';
import { root, files, text, server } from './support/run/source.ts';

const code = (file: string) =>
  text(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
const source = [...server, ...files('clients', /\.ts$/), ...files('migrations', /\.ts$/)];
const LONGEST_FILE = 300;
const LONGEST_FUNCTION = 70;
/** Columns from the ground up; a file directly in server/ is the roof. */
const COLUMNS: Record<string, number> = {
  platform: 0,
  party: 1,
  caller: 2,
  event: 3,
  resource: 4,
  log: 4,
  notice: 4,
  mandate: 5,
  decision: 6,
  consent: 7,
  delegation: 7,
  connection: 8,
  access_request: 8,
  supplier: 8,
  register: 9,
  support: 9,
  notice_due: 9,
  delivery: 10,
  oidc: 10,
  receipt: 11,
  signal: 11,
  import: 11,
  description: 12,
  portal: 12,
};
const ROOF = 13;
const columnOf = (file: string) => (file.split('/').length === 2 ? 'roof' : file.split('/')[1]!);
const levelOf = (file: string) => (columnOf(file) === 'roof' ? ROOF : COLUMNS[columnOf(file)]!);
/**
 * Files that read the clock: the act, and what waits, measures or runs without one. The list may
 * only shrink.
 */
const OF_THE_CLOCK = [
  ...['jobs', 'platform/act', 'platform/clock', 'platform/http/limits', 'import/commands'],
  ...['platform/http/render'],
  ...['caller/kept_form', 'caller/login', 'caller/numbers', 'caller/session', 'caller/verifier'],
  ...['decision/log/log', 'register/commands', 'register/watch'],
  ...['oidc/client/tries', 'oidc/keys/keys', 'oidc/keys/key_sets', 'oidc/provider/adapter'],
  ...['oidc/logout/logout'],
];
/** Names that each noun exports for its own: its refusals, and the operations of its acts. */
const OF_EACH_NOUN = [
  ...['PROBLEMS', 'VALIDATIONS', 'ValidationCode', 'invalid', 'operation', 'problem'],
];
/** Rooms of a column: pure, SQL, acts, what is heard outside, and how all that is wired. */
function roomOf(file: string): number {
  const name = file.split('/').at(-1)!.replace('.ts', '');
  if (
    /(^|_)(model|text)$/.test(name) ||
    ['markdown', 'problems', 'redirect', 'draft', 'timeline'].includes(name)
  )
    return 0;
  if (/(^|_)store$/.test(name)) return 1;
  if (/(^|_)(routes|pages)$|^interactions$/.test(name)) return 3;
  if (name === 'column') return 4;
  return 2;
}
const imports = (file: string) =>
  [...text(file).matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(([, path, dynamic]) =>
    relative(root, join(root, dirname(file), (path ?? dynamic)!)),
  );
const FUNCTION =
  /^( *)(?:(?:export |default |async )*function\b|(?:async )?(?!if|for|while|switch|catch|return)\w+\(.*\{$|(?:export )?const \w+ = (?:async )?\(.*=> \{$)/;
/**
 * Where functions begin, and how many lines each has by itself, without those inside it. A table of
 * operations declares; what it does is in its handlers.
 */
function functionsIn(lines: string[]): [line: number, length: number][] {
  const open: { indent: string; line: number; inner: number; isTable: boolean }[] = [];
  const found: [number, number][] = [];
  lines.forEach((line, index) => {
    const [, indent] = FUNCTION.exec(line) ?? [];
    if (indent !== undefined && !/\}[;,)]*$/.test(line)) {
      const isTable = /function \w*[oO]perations\b/.test(line);
      open.push({ indent, line: index + 1, inner: 0, isTable });
      return;
    }
    const last = open.at(-1);
    if (!last || !new RegExp(`^${last.indent}\\}[;,)]*$`).test(line)) return;
    open.pop();
    const length = index + 2 - last.line;
    if (!last.isTable) found.push([last.line, length - last.inner]);
    const around = open.at(-1);
    if (around) around.inner += length;
  });
  return found;
}

describe('the house', () => {
  it('knows every column', () => {
    for (const file of server) assert.notEqual(levelOf(file), undefined, file);
  });

  it('imports down only: along the columns, and inside a column along the rooms', () => {
    for (const file of server) {
      for (const target of imports(file).filter(
        (path) => path.startsWith('server/') && path.endsWith('.ts'),
      )) {
        const [from, to] = [levelOf(file), levelOf(target)];
        if (columnOf(file) === columnOf(target)) {
          if (from !== 0 && from !== ROOF)
            assert.ok(roomOf(target) <= roomOf(file), `${file} → ${target}: a lower room`);
        } else {
          assert.ok(to < from, `${file} → ${target}: a lower column`);
        }
      }
    }
  });

  it('has no cycle', () => {
    const graph = new Map(source.map((file) => [file, imports(file)]));
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      assert.ok(!path.includes(file), `cycle: ${[...path, file].join(' → ')}`);
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of source) visit(file, []);
  });

  it('keeps clients and server apart', () => {
    for (const file of source) {
      for (const target of imports(file)) {
        if (file.startsWith('clients/'))
          assert.ok(!target.startsWith('server/'), `${file} → ${target}`);
        if (file.startsWith('server/'))
          assert.ok(!target.startsWith('clients/'), `${file} → ${target}`);
      }
    }
  });

  it('reads the environment in one place', () => {
    for (const file of server) {
      const uses = /process\.env/.test(code(file));
      // main.ts starts the demo's clients and hands them nothing of ours.
      assert.ok(!uses || file === 'server/platform/env/env.ts', file);
    }
  });

  it('reads the clock in one place', () => {
    for (const file of server) {
      if (file === 'server/platform/clock.ts') continue;
      assert.ok(
        !/Date\.now\(|new Date\(\)|\bnow\(\)(?!.*clock)|current_timestamp/i.test(
          code(file).replace(/clock\.now\(\)|performance\.now\(\)/g, ''),
        ),
        file,
      );
    }
  });

  it('hands on one act in place of a database and a clock', () => {
    // Of many acts of one moment at once (decision/gather.ts).
    const others = new Set(['server/decision/store.ts']);
    const both =
      /\([^()]*\b(db|trx|act|inner): (Db|Act|Deciding|Knowing)\b[^()]*\bnow: Date\b[^()]*\)/;
    const found = server.filter((file) => both.test(code(file)) && !others.has(file));
    assert.deepEqual(found, []);
  });

  it('reads the clock once an act, and where nobody acts yet', () => {
    assert.deepEqual(
      server.filter((file) => code(file).includes('clock.now()')).sort(),
      OF_THE_CLOCK.map((name) => `server/${name}.ts`).sort(),
    );
  });

  it('keeps SQL in stores and migrations', () => {
    for (const file of server) {
      const allowed =
        roomOf(file) === 1 ||
        [
          'server/platform/db/db.ts',
          'server/platform/db/migrate.ts',
          'server/import/commands.ts',
          'server/platform/http/health.ts',
        ].includes(file);
      assert.ok(
        allowed ||
          !/['"`]\s*(select|insert into|update \w+ set|delete from|with \w+ as \()\b/i.test(
            code(file),
          ),
        file,
      );
    }
  });

  it('fetches only in adapters that say so', () => {
    for (const file of server) {
      if (
        /\bfetch\(|createRemoteJWKSet|client\.discovery/.test(code(file).replace(/\.fetch\(/g, ''))
      ) {
        assert.match(text(file).split('import ')[0]!, /fetches|talks to/, file);
      }
    }
  });

  it('leaves acts to commands: no transaction in routes and pages', () => {
    for (const file of server.filter((name) => /(routes|pages)\.ts$/.test(name))) {
      assert.ok(!/\b(?:in)?[tT]ransaction\(/.test(code(file)), file);
    }
  });

  it('changes rows of a table in its own column, or by a fragment that the column hands out', () => {
    const HOMES: Record<string, string> = {
      platform: 'job kept_secret node operator_act rate_limit restoration schema_version',
      party: 'party',
      caller:
        'kept_form login_attempt login_session profile recent_party session_client session_grant',
      resource:
        'access_area access_list access_list_member access_list_resource access_package api_scope api_scope_holder catalogue consent_origin consent_template package_growth package_registrar policy_publication policy_rule policy_version resource resource_instance resource_server resource_version role role_package scope_prefix source',
      event: 'event event_content event_feed event_let_go event_pending',
      log: 'log log_checkpoint log_key log_leaf log_pending log_refused log_tile',
      notice: 'notice silence',
      delivery: 'notice_delivery',
      notice_due: 'access_change owner_change owner_feed',
      mandate: 'group_member group_right incapacity mandate party_group qualification',
      decision: 'decision_log search_log',
      consent: 'basis_change consent_request consent_right consent_shown consent_yes',
      delegation: 'giving_code person_lookup relation',
      supplier: 'system_request vendor_system',
      support: 'support_case support_suspension',
      access_request: 'access_request access_request_yes',
      register: 'employment register_aside register_comparison register_cursor register_difference',
      oidc: 'client_seen logout_notice oauth_client offline_permission oidc_state replay_mark revoked_token signing_key status_bit status_key status_pending',
      import: 'seeded_file',
      signal: 'signal_delivery signal_pending signal_removed signal_stream',
    };
    const home = new Map(
      Object.entries(HOMES).flatMap(([column, tables]) =>
        tables.split(' ').map((table) => [table, column] as const),
      ),
    );
    const made = files('migrations', /\.ts$/).flatMap((file) =>
      [...text(file).matchAll(/create table (\w+)(?! partition of)\b/g)].map(([, table]) => table!),
    );
    assert.deepEqual([...new Set(made)].sort(), [...home.keys()].sort());
    const found = server.flatMap((file) =>
      [...code(file).matchAll(/\b(?:insert into|update|delete from)\s+(\w+)/g)]
        .filter(([, table]) => home.has(table!) && home.get(table!) !== columnOf(file))
        .map(([, table]) => `${file.slice('server/'.length)} ${table}`),
    );
    assert.deepEqual(found, []);
  });

  it('says when a mandate holds in one place', () => {
    for (const file of server.filter((name) => name !== 'server/mandate/force_store.ts')) {
      const written = /suspended_at is null or|suspendedAt === null|valid_to is null or .*ended_at/;
      assert.ok(!written.test(code(file)), file);
    }
  });

  it('turns a number that a program names into a party in one place', () => {
    // Who else finds parties by any name, and why nobody learns of a number there.
    const others: Record<string, string> = {
      'server/caller/login.ts': 'the eID names who logged in',
      'server/consent/ask/asking.ts': 'peeks, and asks the guard when it is known that one may ask',
      'server/delegation/naming.ts': 'oneself or refused; ids and organisations alone otherwise',
      'server/register/apply.ts': 'a register speaks',
      'server/resource/access_list/access_lists.ts': 'organisations alone',
      'server/resource/registry/instance_routes.ts':
        'a list, which is empty for nobody and for who has none',
      'server/resource/access_list/membership_routes.ts': 'a list, which is empty for every person',
      'server/decision/search/authorized_routes.ts': 'a filter, which leaves nothing over',
      'server/decision/instances.ts': 'within a decision, which answers both alike',
      'server/decision/xacml/routes.ts': 'within a decision, which answers both alike',
      'server/support/support.ts': 'the number that somebody gave to support staff',
      'server/resource/api_scope/routes.ts': 'an organisation that calls',
      'server/resource/registry/owner.ts': 'an organisation that calls, as the owner of APIs',
    };
    const home = ['server/party/store.ts', 'server/caller/numbers.ts'];
    const ways = /\b(?:findByAnyName\(|resolveParties\([\w.]*db|readParty\()/;
    const found = server.filter((file) => !home.includes(file) && ways.test(code(file)));
    assert.deepEqual(found.sort(), Object.keys(others).sort());
  });

  it('trusts with numbers only who answers for them', () => {
    const trusted = server.flatMap((file) =>
      [...code(file).matchAll(/numbers\.of\(caller, \[(\w+)\]\)/g)].map(
        ([, scope]) => `${file} ${scope}`,
      ),
    );
    assert.deepEqual(trusted.sort(), [
      'server/decision/asking.ts AUTHORIZE_ANY',
      'server/decision/search/authorized_routes.ts ANY',
    ]);
  });

  it('makes text of what nobody has looked at in one place', () => {
    for (const file of server.filter((name) => name !== 'server/platform/as_text.ts'))
      assert.ok(!/(?<![\w.])String\(|\.map\(String\)/.test(code(file)), file);
  });

  it('keeps in another language every parameter that a page reads, and no other', () => {
    const read = /(?:searchParams\.(?:get|getAll|has)|queryParameter)\((?:ctx, )?'(\w+)'/g;
    const pages = server.filter(
      (name) => columnOf(name) === 'portal' || /(?:pages?|interactions)\.ts$/.test(name),
    );
    const found = new Set(
      pages.flatMap((file) => [...code(file).matchAll(read)].map((m) => m[1]!)),
    );
    // Of the eID and of clients, whose addresses have no other language; and read by a table.
    for (const name of ['iss', 'sid', 'state', 'error', 'lang']) found.delete(name);
    for (const name of ['given', 'changed', 'unchanged', 'passed', 'refused', 'sent', 'narrowed'])
      found.add(name);
    assert.deepEqual([...PAGE_PARAMETERS].sort(), [...found].sort());
  });

  it('names in comments the files that there are', () => {
    const all = [
      ...['server', 'clients', 'test', 'migrations', 'views', 'docs', 'deploy'].flatMap((folder) =>
        files(folder, /\.\w+$/),
      ),
      ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'GLOSSARY.md', 'SECURITY.md'],
      ...['package.json', 'knexfile.ts', 'biome.json', 'knip.json'],
    ];
    const known = new Set(all);
    for (const file of [...source, ...files('test', /\.ts$/)])
      for (const [block] of text(file).matchAll(/(?:^ *\/\/.*\n)+|^ *\/\*\*?[\s\S]*?\*\//gm))
        for (const [name] of block.matchAll(
          /(?<![\w/.])(?:[\w.-]+\/)*[\w-]+\.(?:ts|json|hbs|md|sql)\b/g,
        )) {
          const near = [
            dirname(file),
            'server',
            'test',
            'views',
            file.split('/').slice(0, 2).join('/'),
          ];
          const found = [name, ...near.map((folder) => join(folder, name))];
          assert.ok(
            found.some((one) => known.has(one)),
            `${file}: ${name}`,
          );
        }
  });

  it('has every rule that the mutants take out', () => {
    const rules = JSON.parse(text('test/mutants/rules.json')) as Record<string, string>[];
    for (const { rule, file, from } of rules)
      assert.equal(text(file!).split(from!).length, 2, `${rule}: ${file}`);
  });

  it('gives an exported name one meaning', () => {
    const exported = /^export (?:const|function|async function|class|interface|type) (\w+)/gm;
    const names = server.flatMap((file) => [
      ...new Set([...text(file).matchAll(exported)].map(([, name]) => name!)),
    ]);
    const several = names.filter((name, at) => names.indexOf(name) !== at);
    assert.deepEqual([...new Set(several)].sort(), OF_EACH_NOUN);
  });

  it('finds nothing through a WeakMap', () => {
    for (const file of server) assert.ok(!/new WeakMap/.test(code(file)), file);
  });

  it('opens every file with what it owns', () => {
    for (const file of [...source, ...files('test', /\.ts$/)]) {
      const [first = ''] = text(file).split('\n');
      assert.match(first, /^\/\/ \S.{20,}/, file);
    }
  });

  it('says in comments what a thing is, and begins with it', () => {
    for (const file of source)
      for (const [block] of text(file).matchAll(/(?:^ *\/\/.*\n)+|^ *\/\*\*?[\s\S]*?\*\//gm)) {
        const [first] = /\w+/.exec(block) ?? [''];
        assert.ok(
          !['What', 'Of', 'Who', 'Whom', 'That', 'Which'].includes(first),
          `${file}: ${block}`,
        );
        // Shown, answered, notified, warned, reported, sent: the verb says which.
        assert.doesNotMatch(block.replace(/`[^`]+`/g, ''), /\b(told|tells?)\b/i, file);
      }
  });

  it('keeps files under 300 lines and functions under 70', () => {
    for (const file of source) {
      const lines = text(file).split('\n');
      assert.ok(lines.length <= LONGEST_FILE + 1, `${file} has ${lines.length} lines`);
      for (const [line, length] of functionsIn(lines)) {
        assert.ok(length < LONGEST_FUNCTION, `${file}:${line} is a function of ${length} lines`);
      }
    }
  });

  // Code is laid out by the formatter, whose width is the same; text and SQL stay as they are.
  it('keeps files of tests within 500 lines', () => {
    for (const file of files('test', /\.ts$/))
      assert.ok(text(file).split('\n').length <= 501, file);
  });

  it('keeps comments within 100 columns', () => {
    for (const file of [...source, ...files('test', /\.ts$/)]) {
      text(file)
        .split('\n')
        .forEach((line, index) => {
          if (/^\s*(\/\/|\/?\*)/.test(line))
            assert.ok(line.length <= 100, `${file}:${index + 1} is ${line.length} long`);
        });
    }
  });
});

describe('the schema', () => {
  it('is what test/schema.sql says (npm run schema writes it)', async () => {
    const { dumpSchema } = await import('./schema.ts');
    const { world } = await import('./support/world.ts');
    assert.equal(await dumpSchema(world.database.db), text('test/schema.sql'));
  });
});
