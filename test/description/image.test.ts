// The image, really built from `deploy/Containerfile`: on a root of Debian packages with our
// Node.js in it, and run as nobody in particular on a root that nobody can write.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isReady } from '../support/run/process.ts';
import { productionSettings } from '../support/run/production.ts';
import { root, text } from '../support/run/source.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/world.ts';

/** Debian's, and user namespaces for who is not root; without them test/run.ts says so loudly. */
const canBuild =
  ['/usr/bin/buildah', '/usr/bin/mmdebstrap'].every(existsSync) &&
  spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;

const { version } = JSON.parse(text('package.json')) as { version: string };
const { services } = parse(text('deploy/compose.yaml'), { merge: true }) as {
  services: Record<string, { command?: string[] }>;
};
const BASE = 'localhost/tillit-test-base';
const IMAGE = 'localhost/tillit-test';
const CERTIFICATES = '/etc/ssl/certs';

function run(command: string, args: string[], cwd = root): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    // Layers as folders: another driver wants more of the machine.
    env: { ...process.env, STORAGE_DRIVER: 'vfs' },
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, `${command} ${args[0]}: ${stderr.slice(-2_000)}`);
  return stdout.trim();
}

/** Builds; no limit is raised, which whoever is in a namespace may not. */
const build = (folder: string, ...args: string[]) =>
  run('buildah', [
    ...['bud', '--isolation', 'chroot', '--network', 'host'],
    ...limits().flatMap((limit) => ['--ulimit', limit]),
    ...args,
    folder,
  ]);
function limits(): string[] {
  const [files, processes] = ['-n', '-u'].map((which) => run('bash', ['-c', `ulimit ${which}`]));
  return [`nofile=${files}:${files}`, `nproc=${processes}:${processes}`];
}

// A root that nobody can write holds no embedded database.
if (canBuild && process.env.TEST_DATABASE_URL)
  describe('the image', () => {
    let folder: string;
    let mounted: string;
    let container: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'tillit-image-'));
      run('mmdebstrap', [
        '--variant=apt',
        '--include=ca-certificates,libstdc++6',
        'trixie',
        join(folder, 'root.tar'),
      ]);
      copyFileSync(process.execPath, join(folder, 'node'));
      run('npm', ['pack', 'npm@11', '--silent'], folder);
      writeFileSync(
        join(folder, 'Containerfile'),
        [
          'FROM scratch',
          'ADD root.tar /',
          'COPY node /usr/local/bin/node',
          'ADD npm-*.tgz /usr/local/lib/',
          'RUN ln -s ../lib/package/bin/npm-cli.js /usr/local/bin/npm',
        ].join('\n'),
      );
      build(folder, '-t', BASE, '-f', join(folder, 'Containerfile'));
      // npm inside finds packages as npm outside does.
      const own = join(homedir(), '.npmrc');
      const said = existsSync(own) ? readFileSync(own, 'utf8') : '';
      const npmrc = join(folder, 'npmrc');
      writeFileSync(npmrc, `${said}\ncafile=${CERTIFICATES}/ca-certificates.crt\n`);
      build(
        root,
        ...[
          '--volume',
          `${CERTIFICATES}:${CERTIFICATES}:ro`,
          '--volume',
          `${npmrc}:/root/.npmrc:ro`,
        ],
        ...['--build-arg', `BASE=${BASE}`, '-t', IMAGE, '-f', 'deploy/Containerfile'],
      );
      container = run('buildah', ['from', IMAGE]);
      mounted = run('buildah', ['mount', container]);
    });
    after(() => {
      if (container) run('buildah', ['rm', container]);
      rmSync(folder, { recursive: true, force: true });
    });

    /** A process of the image: its user, its working directory, its root read only. */
    function start(command: string[], settings: Record<string, string>, isHeard = true) {
      const inside = [
        'mount --rbind /dev "$0/dev" && mount --rbind /proc "$0/proc"',
        'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"',
        'exec chroot --userspec=65532:65532 "$0" /bin/sh -c \'cd /opt/tillit && exec node "$@"\' node "$@"',
      ].join(' && ');
      return spawn('unshare', ['--mount', 'sh', '-c', inside, mounted, ...command], {
        env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin', ...settings },
        stdio: isHeard ? ['ignore', 'inherit', 'inherit'] : 'ignore',
      });
    }

    it('is of this version, with the packages of production and no others', () => {
      const at = (path: string) => join(mounted, 'opt/tillit', path);
      assert.equal(JSON.parse(readFileSync(at('package.json'), 'utf8')).version, version);
      assert.equal(existsSync(at('node_modules/koa')), true);
      for (const none of ['node_modules/mocha', 'test', 'clients', '.git'])
        assert.equal(existsSync(at(none)), false, none);
    });

    it('migrates, imports, serves and ends in order, where it can write nothing', async () => {
      const port = await freePort();
      const settings = await productionSettings(port);
      const writes = start(['-e', 'require("fs").writeFileSync("here", "")'], settings, false);
      assert.notDeepEqual(await once(writes, 'exit'), [0, null]);
      for (const name of ['migrate', 'base']) {
        const [code] = await once(start(services[name]!.command!, settings), 'exit');
        assert.equal(code, 0, name);
      }
      const [, command] = /^CMD (\[.*\])$/m.exec(text('deploy/Containerfile'))!;
      const node = start(JSON.parse(command!) as string[], settings);
      await until('it is ready', () => isReady(`http://127.0.0.1:${port}`), 60);
      node.kill('SIGTERM');
      assert.deepEqual(await once(node, 'exit'), [0, null]);
    });
  });
