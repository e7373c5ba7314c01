// What `deploy/` ships: every setting in it is one, every file that it takes along is enough to
// serve with, and whatever checks a machine has find nothing in it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';
import { SETTINGS } from '../../server/platform/env/settings.ts';
import { isReady } from '../support/run/process.ts';
import { productionSettings } from '../support/run/production.ts';
import { root, text } from '../support/run/source.ts';
import { until } from '../support/until.ts';
import { freePort, world } from '../support/world.ts';

const PROMTOOL = '/usr/bin/promtool';
const hasPromtool = existsSync(PROMTOOL);

const known = new Set(SETTINGS.flatMap(({ names }) => names));
const compose = parse(text('deploy/compose.yaml'), { merge: true }) as {
  services: Record<
    string,
    { image: string; command?: string[]; environment?: Record<string, string>; read_only?: boolean }
  >;
};
const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('tillit'));
const MODELS: Record<string, new (object: never) => { validate(): void }> = {
  Deployment,
  Job,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Service,
};
interface KubernetesObject {
  kind: string;
  spec: any;
}
const kustomization = parse(text('deploy/kubernetes/kustomization.yaml')) as {
  resources: string[];
  images: { newTag: string }[];
  configMapGenerator: { literals: string[] }[];
};
const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(text(`deploy/kubernetes/${file}`)).map((one) => one.toJS() as KubernetesObject),
);
const { version } = JSON.parse(text('package.json')) as { version: string };
const units = ['tillit@.service', 'tillit-migrate.service'];

/** Paths that the image takes along, as the Containerfile copies them. */
const copied = [...text('deploy/Containerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
  ([, paths]) => paths!.split(' '),
);

describe('deploy', () => {
  it('names settings that there are, and none other', () => {
    const named = [
      ...ours.flatMap(([, { environment }]) => Object.keys(environment ?? {})),
      ...kustomization.configMapGenerator[0]!.literals.map((line) => line.split('=')[0]!),
      ...[...JSON.stringify(objects).matchAll(/"env":\[\{"name":"(\w+)"/g)].map(
        ([, name]) => name!,
      ),
      ...units.flatMap((unit) =>
        [...text(`deploy/systemd/${unit}`).matchAll(/^Environment=(.+)$/gm)].flatMap(([, line]) =>
          line!.split(' ').map((one) => one.split('=')[0]!),
        ),
      ),
      ...[...text('deploy/Containerfile').matchAll(/^ENV (.+)$/gm)].flatMap(([, line]) =>
        line!.split(' ').map((one) => one.split('=')[0]!),
      ),
    ];
    assert.ok(named.length > 25);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });

  it('is of this version', () => {
    assert.deepEqual(
      [kustomization.images[0]!.newTag, compose.services.node1!.image],
      [version, `tillit:${version}`],
    );
    assert.match(text('deploy/Containerfile'), new RegExp(`-t tillit:${version} `));
  });

  it('has objects that Kubernetes takes, as nobody in particular, on a root that is read only', () => {
    const kinds = objects.map((object) => {
      const Model = MODELS[object.kind];
      assert.ok(Model, object.kind);
      new Model(object as never).validate();
      return object.kind;
    });
    assert.deepEqual(kinds.sort(), [
      'Deployment',
      'Job',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'PodDisruptionBudget',
      'Service',
    ]);
    for (const object of objects.filter(({ spec }) => spec.template)) {
      const pod = object.spec.template.spec;
      assert.equal(pod.securityContext.runAsNonRoot, true);
      for (const one of [...pod.containers, ...(pod.initContainers ?? [])])
        assert.deepEqual(one.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
    for (const [name, one] of ours) assert.equal(one.read_only, true, name);
  });

  it('copies nothing that it does not have, and lets nothing else into the image', () => {
    assert.ok(copied.length > 5);
    for (const path of copied) assert.ok(existsSync(join(root, path)), path);
    const let_ = text('.containerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    assert.deepEqual(let_.map((line) => line.slice(1)).sort(), [...copied].sort());
  });

  // Without it the units are read by nobody here.
  if (existsSync('/usr/bin/systemd-analyze'))
    it('has units in which systemd finds nothing', () => {
      const { status, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', ...units.map((unit) => join(root, 'deploy/systemd', unit))],
        { encoding: 'utf8' },
      );
      // The program itself is on another machine.
      const found = stderr
        .split('\n')
        .filter((line) => /tillit/.test(line) && !/\/usr\/bin\/node/.test(line));
      assert.deepEqual([found, status === 0 || found.length === 0], [[], true]);
    });

  it('watches metrics that there are, and says of each alert what to do', async () => {
    const scraped = await world.metrics.registry.metrics();
    const there = new Set([...scraped.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!));
    const rules = text('deploy/watch/alerts.yaml');
    const watched = [
      rules,
      text('deploy/watch/dashboard.json'),
      text('deploy/watch/alerts_test.yaml'),
    ]
      .flatMap((file) => [...file.matchAll(/\b(?:tillit|http|nodejs|process)_\w+/g)])
      .map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));
    assert.deepEqual(
      [...new Set(watched)].filter((name) => !there.has(name)),
      [],
    );
    const sections = [...text('docs/runbook.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name!);
    const urls = [...rules.matchAll(/runbook_url: docs\/runbook\.md#(\w+)/g)].map(([, at]) => at!);
    assert.deepEqual([...new Set(urls)].sort(), sections.map((name) => name.toLowerCase()).sort());
  });

  // Without it test/run.ts says loudly that this was skipped.
  if (hasPromtool)
    it('has alerts that are raised by what they are about, and by nothing less', () => {
      for (const check of [
        ['check', 'rules', 'alerts.yaml'],
        ['test', 'rules', 'alerts_test.yaml'],
      ]) {
        const { status, stdout, stderr } = spawnSync(PROMTOOL, check, {
          cwd: join(root, 'deploy/watch'),
          encoding: 'utf8',
        });
        assert.equal(status, 0, stdout + stderr);
      }
    });

  describe('with what the image takes along', () => {
    /** The project as the image has it: those files, and the packages of production. */
    function asShipped(): string {
      const folder = mkdtempSync(join(tmpdir(), 'tillit-image-'));
      for (const path of copied) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        cpSync(join(root, path), join(folder, path), { recursive: true });
      }
      const { packages } = JSON.parse(text('package-lock.json')) as {
        packages: Record<string, { dev?: boolean }>;
      };
      for (const [path, { dev }] of Object.entries(packages)) {
        const isNested = path.lastIndexOf('node_modules/') > 0;
        if (!path || dev || isNested || !existsSync(join(root, path))) continue;
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        symlinkSync(join(root, path), join(folder, path));
      }
      return folder;
    }

    it('migrates, imports and serves in production, as the services of compose.yaml say', async () => {
      const folder = asShipped();
      assert.ok(readdirSync(folder).length < 10);
      const port = await freePort();
      const settings = await productionSettings(port);
      const start = (command: string[]) =>
        spawn(process.execPath, command, {
          cwd: folder,
          env: { PATH: process.env.PATH, ...settings },
          stdio: ['ignore', 'inherit', 'inherit'],
        });
      for (const name of ['migrate', 'base']) {
        const [code] = await once(start(compose.services[name]!.command!), 'exit');
        assert.equal(code, 0, name);
      }
      const [, command] = /^CMD (\[.*\])$/m.exec(text('deploy/Containerfile'))!;
      const node = start(JSON.parse(command!) as string[]);
      await until('it is ready', () => isReady(`http://127.0.0.1:${port}`), 60);
      node.kill('SIGTERM');
      assert.deepEqual(await once(node, 'exit'), [0, null]);
    });
  });
});
