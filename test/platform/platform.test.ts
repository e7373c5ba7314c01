// Settings, logs, headers, health: what an operator leans on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { createBatcher } from '../../server/platform/db/batch.ts';
import { readEnv } from '../../server/platform/env/env.ts';
import { createLogger, scrub } from '../../server/platform/log.ts';
import { createSeal } from '../../server/platform/secret/seal.ts';
import { personNumber } from '../support/numbers.ts';
import { approvedConsent, call, world } from '../support/world.ts';

describe('the configuration', () => {
  it('reports every fault at once', () => {
    assert.throws(
      () =>
        readEnv({
          NODE_ENV: 'production',
          PORT: 'many',
          ISSUER: 'http://x',
          TRUSTED_ISSUERS: '{',
          DATABASE_URL: 'mysql://x',
          EVENT_PAGE_SIZE: '0',
        }),
      (error: Error) => {
        for (const name of [
          'PORT',
          'ISSUER',
          'SECRET',
          'EID_ISSUER',
          'EID_CLIENT_ID',
          'EID_CLIENT_SECRET',
          'TRUSTED_PROXIES',
          'LOG_CHECKPOINTS',
          'TRUSTED_ISSUERS',
          'DATABASE_URL',
          'EVENT_PAGE_SIZE',
        ]) {
          assert.ok(error.message.includes(name), name);
        }
        return true;
      },
    );
  });

  const production = {
    NODE_ENV: 'production',
    ISSUER: 'https://tillit.example',
    SECRET: '9f2c4be07a16d853e1b04c7f2a98d6350bc1e47f86a2d90375fe18cb4d6a2073',
    DATABASE_URL: 'postgres://db.example/tillit',
    EID_ISSUER: 'https://eid.example',
    EID_CLIENT_ID: 'a',
    EID_CLIENT_SECRET: 'sixteen-or-more-of-them',
    TRUSTED_PROXIES: 'none',
    LOG_CHECKPOINTS: '/srv/checkpoints',
  };
  const faults: Record<string, Record<string, string>> = {
    'a default secret': { SECRET: 'development-only-secret-do-not-use-in-production' },
    'the stand-in login': { EID_CLIENT_SECRET: 'development-only-eid-secret' },
    'an http issuer': { ISSUER: 'http://tillit.example' },
    'an issuer with a path': { ISSUER: 'https://tillit.example/x' },
    'an http eID': { EID_ISSUER: 'http://eid.example' },
    'a short secret': { SECRET: 'short' },
    'a contact that is no address': { SECURITY_CONTACT: 'the caretaker' },
    'a trusted issuer over http': {
      TRUSTED_ISSUERS: '[{"issuer":"x","jwksUri":"http://x/jwks","scopes":[],"claims":[]}]',
    },
  };
  for (const [name, change] of Object.entries(faults)) {
    it(`refuses ${name} in production`, () =>
      assert.throws(() => readEnv({ ...production, ...change })));
  }

  it('starts in production with real settings, alone and without a demo world', () => {
    const env = readEnv(production);
    assert.deepEqual(
      [env.demo, env.seed, env.trustedIssuers, env.eventMinimumAgeSeconds],
      [false, [], [], 0],
    );
  });
});

describe('the log', () => {
  it('never prints a national number, a token or an assertion', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('message', 'field', 'error'), (noise, where) => {
        const number = personNumber();
        const secret = `eyJhbGciOiJSUzI1NiJ9.eyJwaWQiOiIx${'a'.repeat(20)}.${'b'.repeat(30)}`;
        const text = `${noise.replace(/[0-9A-Fa-f-]/g, '')} ${number} Bearer ${secret} assertion=${secret}`;
        const lines: string[] = [];
        const log = createLogger('info', (line) => lines.push(line));
        if (where === 'message') log.info(text);
        else if (where === 'field') log.info({ nested: { text } }, 'x');
        else log.info({ err: new Error(text, { cause: new Error(text) }) }, 'x');
        assert.ok(!lines.join().includes(number) && !lines.join().includes(secret.slice(0, 30)));
      }),
      { numRuns: 100 },
    );
  });

  it('leaves what is not secret readable', () => {
    const line =
      'consent 7d93413e-88a4-41cc-a0d6-079dae1b8d01 took 12 ms at 2026-11-25T00:00:00.000Z';
    assert.equal(scrub(line), line);
  });

  it('has written every line of a process that ends, whichever way', () => {
    const log = new URL('../../server/platform/log.ts', import.meta.url).href;
    for (const [end, code] of [
      ['process.exit(3)', 3],
      ["throw new Error('it broke')", 1],
    ] as const) {
      const script = `const { createLogger } = await import('${log}');
        const log = createLogger('info'); log.info('first'); log.info('last'); ${end};`;
      const run = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
      assert.equal(run.status, code, String(run.stderr));
      assert.match(String(run.stdout), /first.*last/s);
    }
  });

  it('held none in this whole run', async () => {
    await approvedConsent();
    assert.ok(world.logs.length > 0);
    for (const line of world.logs)
      assert.ok(!/(?<![0-9A-Fa-f-])\d{11}(?![0-9A-Fa-f-])|eyJ[\w-]{10,}\./.test(line), line);
  });
});

describe('sealing', () => {
  it('opens only with the same secret, for the same purpose, unchanged', () => {
    fc.assert(
      fc.property(fc.string(), (plain) => {
        const seal = createSeal('a'.repeat(32));
        const sealed = seal.seal('x', plain);
        assert.equal(seal.open('x', sealed), plain);
        assert.throws(() => seal.open('y', sealed));
        assert.throws(() => createSeal('b'.repeat(32)).open('x', sealed));
        const bytes = Buffer.from(sealed, 'base64url');
        bytes[bytes.length - 1]! ^= 1;
        assert.throws(() => seal.open('x', bytes.toString('base64url')));
      }),
      { numRuns: 30 },
    );
  });
});

describe('calls that share a batch', () => {
  it('each get their own answer, a fault only its own', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.nat(3), bad: fc.boolean() }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        async (items, limit, lanes) => {
          const run = createBatcher(
            async (batch: typeof items) => {
              assert.ok(
                batch.length <= limit && new Set(batch.map(({ key }) => key)).size === batch.length,
              );
              await new Promise(setImmediate);
              if (batch.some(({ bad }) => bad)) throw new Error('bad');
              return batch;
            },
            { limit, lanes, key: ({ key }) => String(key) },
          );
          const results = await Promise.allSettled(items.map((item) => run(item)));
          results.forEach((result, index) =>
            assert.equal(
              result.status === 'fulfilled' ? result.value : result.reason.message,
              items[index]!.bad ? 'bad' : items[index],
            ),
          );
        },
      ),
      { numRuns: 60 },
    ));

  it('are held up by no slow one', async () => {
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    const run = createBatcher(
      async (batch: string[]) => {
        if (batch.includes('slow')) await held;
        return batch;
      },
      { limit: 10, lanes: 1, patience: 5, key: (item) => item },
    );
    let isSlowDone = false;
    const slow = run('slow').then(() => {
      isSlowDone = true;
    });
    await new Promise(setImmediate);
    assert.deepEqual(await Promise.all([run('a'), run('b')]), ['a', 'b']);
    assert.equal(await run('c'), 'c');
    assert.equal(isSlowDone, false);
    release();
    await slow;
    assert.equal(await run('d'), 'd');
  });

  it('are never more than four batches at once, however slow', async () => {
    const releases: (() => void)[] = [];
    const run = createBatcher(
      (batch: number[]) =>
        new Promise<number[]>((done) => {
          releases.push(() => done(batch));
        }),
      { limit: 1, lanes: 1, patience: 1, key: String },
    );
    const answers = Promise.all([1, 2, 3, 4, 5, 6].map((item) => run(item)));
    await new Promise((done) => {
      setTimeout(done, 100);
    });
    assert.equal(releases.length, 4);
    const timer = setInterval(() => releases.splice(0).forEach((release) => release()), 5);
    assert.deepEqual(await answers, [1, 2, 3, 4, 5, 6]);
    clearInterval(timer);
  });
});

describe('every answer', () => {
  it("carries the security headers: pages, JSON, errors, style, the provider's own", async () => {
    for (const path of [
      '/logged-out',
      '/nothing',
      '/health/live',
      '/.well-known/openid-configuration',
      '/authorize',
      '/accessmanagement/api/v1/enterprise/consentrequests/events',
    ]) {
      const { headers, status } = await call('GET', path);
      assert.ok(
        headers.get('content-security-policy')?.includes("default-src 'none'"),
        `${path} ${status}`,
      );
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    }
  });

  it('to an unknown path is 404, as problem+json or as a page', async () => {
    const json = await call('GET', '/nothing', undefined, undefined, {
      accept: 'application/json',
    });
    assert.deepEqual([json.status, json.body.code], [404, 'TIL-00009']);
    const html = await call('GET', '/nothing', undefined, undefined, { accept: 'text/html' });
    assert.match(html.text, /<h1/);
  });

  it('to a method that a path does not have is 405 with Allow', async () => {
    const answer = await call(
      'DELETE',
      '/accessmanagement/api/v1/enterprise/consentrequests',
      undefined,
      undefined,
      { accept: 'application/json' },
    );
    assert.deepEqual(
      [answer.status, answer.body.code, answer.headers.get('allow')],
      [405, 'TIL-00010', 'POST, HEAD, GET'],
    );
  });

  it('says live and ready, and serves the style sheet compressed and for ever', async () => {
    assert.equal((await call('GET', '/health/live')).status, 200);
    assert.equal((await call('GET', '/health/ready')).status, 200);
    const [, path] = /href="(\/assets\/style-[^"]+)"/.exec(
      (await call('GET', '/logged-out')).text,
    )!;
    const style = await call('GET', path!);
    assert.match(style.headers.get('cache-control')!, /immutable/);
    assert.ok(!style.text.includes('data:'));
  });
});
