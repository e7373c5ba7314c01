// What the benchmarks share: a key and tokens of an outside issuer, prebuilt requests, the load
// generator as a process, a server on a durable PostgreSQL of its own. It measures nothing by
// itself.
import { spawn, type ChildProcess } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { DEMO_WORLD } from '../../server/platform/env/env.ts';
import { startPostgres, type Postgres } from '../support/run/postgres.ts';
import type { Job, Measured } from './load.ts';

export const PORT = 41_901;
export const issuer = `http://127.0.0.1:${PORT}`;
export const outside = `http://127.0.0.1:${PORT + 1}/`;
export const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const signAsync = promisify(sign);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
export const publicJwk = {
  ...createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }),
  kid: 'k',
  alg: 'RS256',
  use: 'sig',
} as Record<string, unknown>;
for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) delete publicJwk[secret];

export const now = () => Math.floor(Date.now() / 1000);

export async function jwt(claims: object): Promise<string> {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`;
  return `${input}.${(await signAsync('sha256', Buffer.from(input), key)).toString('base64url')}`;
}

/** An authorization header with a token of the outside issuer. */
export const bearer = async (claims: object) =>
  `authorization: Bearer ${await jwt({ iss: outside, iat: now(), exp: now() + 3_000, jti: randomUUID(), ...claims })}`;

export const JSON_TYPE = 'content-type: application/json';
export const http = (
  port: number,
  path: string,
  body: string,
  headers: string[] = ['content-type: application/x-www-form-urlencoded'],
  method = 'POST',
) =>
  `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${headers.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

export function load(job: Omit<Job, 'connections'> & { connections?: number }): Promise<Measured> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [here('load.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => {
      if (code) return failed(new Error('the load generator failed'));
      const measured = JSON.parse(output) as Measured;
      if (measured.failed)
        failed(new Error(`${measured.failed} of ${measured.count} failed: ${measured.sample}`));
      else done(measured);
    });
    child.stdin.end(JSON.stringify({ connections: 128, ...job } satisfies Job));
  });
}

export const line = (child: ChildProcess) =>
  new Promise<string>((ready) =>
    child.stdout!.once('data', (chunk: Buffer) => ready(String(chunk).trim())),
  );
/** The server has said so; it may have warned before. */
const ready = (child: ChildProcess) =>
  new Promise<void>((done, failed) => {
    let said = '';
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${said}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      if (said.includes('"ready"')) done();
    });
  });
export const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

export interface Stage {
  postgres: Postgres;
  children: ChildProcess[];
  /** Starts one more node on the same database. */
  addNode(port: number): Promise<ChildProcess>;
  end(): Promise<void>;
}

/** Starts a server of ours, and waits until it is ready. */
async function startNode(
  settings: Record<string, string>,
  preload: string | undefined,
): Promise<ChildProcess> {
  const profile = process.env.BENCH_PROFILE;
  const node = spawn(
    process.execPath,
    [
      ...(preload ? ['--import', preload] : []),
      ...(profile ? ['--cpu-prof', '--cpu-prof-dir', profile] : []),
      here('../../server/main.ts'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...settings } },
  );
  await ready(node);
  return node;
}

/**
 * A durable PostgreSQL, a server of ours on it with the demo world, and the outside issuer's keys.
 */
export async function stage(options: { preload?: string } = {}): Promise<Stage> {
  const postgres = await startPostgres(true);
  if (!postgres)
    throw new Error('the benchmark needs PostgreSQL (Debian: apt-get install postgresql)');
  const keys = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: [publicJwk] }));
  }).listen(PORT + 1, '127.0.0.1');
  const settings = {
    NODE_ENV: 'test',
    METRICS_PORT: '0',
    ISSUER: issuer,
    DATABASE_URL: postgres.url,
    LOG_LEVEL: 'info',
    TRUSTED_ISSUERS: JSON.stringify([
      {
        issuer: outside,
        jwksUri: `${outside}jwks`,
        scopes: ['altinn:*', 'ssf.*'],
        claims: ['organization', 'person'],
        defaultLevel: 4,
      },
    ]),
  };
  const first = { ...settings, PORT: String(PORT), SEED: DEMO_WORLD };
  const children = [await startNode(first, options.preload)];
  return {
    postgres,
    children,
    addNode: async (port) => {
      const node = await startNode({ ...settings, PORT: String(port) }, options.preload);
      children.push(node);
      return node;
    },
    end: async () => {
      for (const child of children) child.kill('SIGTERM');
      keys.close();
      await new Promise((done) => setTimeout(done, 500));
      postgres.stop();
    },
  };
}

/** Runs a file of the suite, larger than the suite does; sets the exit code. */
export function runTests(file: string, env: Record<string, string>): Promise<void> {
  const mocha = here('../../node_modules/mocha/bin/mocha.js');
  const options = ['--no-config', '--extension', 'ts', '--require', 'test/support/run/hooks.ts'];
  return new Promise((done) => {
    spawn(process.execPath, [mocha, ...options, '--timeout', '600000', '--exit', file], {
      stdio: 'inherit',
      cwd: here('../..'),
      env: { ...process.env, NODE_ENV: 'test', ...env },
    }).once('exit', (code) => {
      process.exitCode = code ?? 1;
      done();
    });
  });
}
