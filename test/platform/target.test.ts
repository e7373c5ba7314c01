// What a request asks for is read once, whatever form it comes in: its target is a path of ours,
// and its parameters are counted before anything reads them.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import fc from 'fast-check';
import { formParameters, queryOf, valuesOf } from '../../server/platform/http/parameters.ts';
import { call, world } from '../support/world.ts';

/** Sends a request as bytes; what came back, head and body. */
function raw(target: string, lines: string[] = [], method = 'GET', body = ''): Promise<string> {
  const { port, hostname } = new URL(world.url);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => done(answer));
    socket.on('error', failed);
    socket.write(
      `${[`${method} ${target} HTTP/1.1`, 'host: evil.example', 'connection: close', ...lines].join('\r\n')}\r\n\r\n${body}`,
    );
  });
}
const decoded = (page: string) => page.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)![1]);
const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=1`).join('&');
const FORM = ['content-type: application/x-www-form-urlencoded'];

describe('the target of a request', () => {
  it('in absolute form is the path of it, and nothing names another host', async () => {
    for (const target of [
      'http://evil.example/.well-known/openid-configuration',
      'HTTPS://evil.example:444/.well-known/openid-configuration?x=1',
    ]) {
      const answer = await raw(target);
      assert.equal(statusOf(answer), 200, target);
      assert.ok(!answer.includes('evil.example'), target);
      assert.ok(answer.includes(`"issuer":"${world.url}"`));
    }
    assert.equal(statusOf(await raw('http://evil.example')), 200, 'the front page');
    const page = await raw('http://evil.example/help?lang=en', ['accept: text/html']);
    assert.ok(!page.includes('evil.example'));
  });

  const none = [
    '*',
    'evil.example:80',
    '//evil.example/help',
    '/\\evil.example/help',
    'http://evil.example//evil.example/help',
    'ftp://evil.example/help',
    'javascript:alert(1)',
    'http://a\\evil.example/help',
  ];
  for (const target of none)
    it(`is refused as ${target}`, async () => {
      const machine = await raw(target);
      assert.equal(statusOf(machine), 400, machine);
      const person = await raw(target, ['accept: text/html']);
      assert.equal(statusOf(person), 400);
      // Of some Node.js itself says no more than that.
      if (!machine.includes('content-type')) return;
      assert.match(machine, /"code":"TIL-00014"/);
      assert.match(person, /<h1/);
      assert.ok(!/href="[^"]*evil/.test(person), 'no link leads there');
    });

  it('has no fragment', async () =>
    assert.equal(statusOf(await raw('/help#main')), 400, 'refused here or by Node'));

  it('of other methods is read as well', async () => {
    assert.equal(statusOf(await raw('*', [], 'OPTIONS')), 400);
    assert.equal(statusOf(await raw('//evil.example/token', FORM, 'POST')), 400);
  });

  it('never fails on our side', async () => {
    const part = fc.constantFrom(...'/\\*?#%&=:@.[]', 'http://', 'a', '%00', '%ff', '..', '\u00e6');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 12 }), async (parts) => {
        assert.ok(statusOf(await raw(parts.join(''))) < 500, parts.join(''));
      }),
      { numRuns: 300 },
    );
  });
});

describe('parameters', () => {
  it('are a hundred in an address, and one more is refused before anything reads them', async () => {
    for (const path of ['/help', '/authorize', '/access/v1/evaluation', '/nowhere']) {
      const asked = await raw(`${path}?${many(101)}`);
      assert.match(asked, /^HTTP\/1\.1 400[\s\S]*TIL-00045/, path);
      assert.ok(!(await raw(`${path}?${many(100)}`)).includes('TIL-00045'), path);
    }
    const { status, body } = await call('GET', `/access/v1/notices?${many(101)}`);
    assert.deepEqual([status, body.code], [400, 'TIL-00045'], 'before it is known who calls');
    assert.match(await raw(`/authorize?${'&'.repeat(7_000)}`), /TIL-00045/, 'empty ones too');
    const token = await raw(`/token?${many(101)}`, FORM, 'POST');
    assert.match(token, /^HTTP\/1\.1 400[\s\S]*TIL-00045/);
  });

  it('are a thousand in a form, at every door that takes one', async () => {
    const send = (path: string, count: number) => {
      const body = many(count);
      return raw(path, [...FORM, `content-length: ${body.length}`], 'POST', body);
    };
    for (const path of ['/token', '/par', '/introspect', '/revoke']) {
      assert.match(await send(path, 1_001), /^HTTP\/1\.1 400[\s\S]*too many parameters/, path);
      assert.ok(!/too many parameters/.test(await send(path, 1_000)), path);
    }
    assert.match(await send('/authorize', 1_001), /^HTTP\/1\.1 400[\s\S]*TIL-00045/);
    assert.ok(!/TIL-00045/.test(await send('/authorize', 1_000)));
  });

  it('are told as koa tells them, in one go', () => {
    const name = fc.constantFrom('a', 'b', 'scope', '__proto__', 'toString', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ maxLength: 3 }))), (pairs) => {
        const parameters = new URLSearchParams(pairs);
        const query = queryOf(parameters);
        assert.deepEqual([...valuesOf(parameters).keys()], [...new Set(parameters.keys())]);
        for (const key of parameters.keys()) {
          const all = parameters.getAll(key);
          assert.deepEqual(
            Object.getOwnPropertyDescriptor(query, key)?.value,
            all.length === 1 ? all[0] : all,
          );
        }
      }),
    );
    assert.throws(() => formParameters(Buffer.from(many(1_001))), { code: 'TIL-00045' });
    assert.equal(formParameters(Buffer.from(many(1_000))).size, 1_000);
  });

  it('that no page knows are in no link of it', async () => {
    const junk = `z=${'x'.repeat(6_000)}`;
    const asked = async (path: string) =>
      (await call('GET', path, undefined, undefined, { accept: 'text/html' })).text;
    const plain = await asked('/help?party=a');
    const long = await asked(`/help?party=a&${junk}`);
    assert.equal(long.length, plain.length);
    assert.ok(decoded(long).includes('href="/help?party=a&lang=en"'));
    const refused = await asked(`/authorize?client_id=nobody&state=s&${junk}`);
    assert.ok(decoded(refused).includes('href="/authorize?client_id=nobody&state=s&lang=en"'));
    assert.ok(!refused.includes('xxxx'));
    assert.ok(!(await asked(`/help?party=${'x'.repeat(6_000)}`)).includes('xxxx'), 'nor long ones');
  });
});
