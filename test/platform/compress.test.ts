// Answers are made smaller where their row allows it, and nothing that holds a secret is.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { loggedIn, press } from '../support/pages/browser.ts';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  newWebClient,
} from '../support/oauth/clients.ts';
import { authorization } from '../support/oauth/relying_party.ts';
import { approvedConsent, newPerson, personToken, world } from '../support/world.ts';

interface Raw {
  status: number;
  etag: string | undefined;
  cache: string | undefined;
  encoding: string | undefined;
  vary: string | undefined;
  body: Buffer;
}

/** As it is sent, which fetch would undo. */
const raw = (path: string, headers: Record<string, string>): Promise<Raw> =>
  new Promise((done, failed) => {
    get(new URL(path, world.url), { headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const { 'content-encoding': encoding, vary, etag, 'cache-control': cache } = answer.headers;
        const status = answer.statusCode!;
        done({ status, etag, cache, encoding, vary, body: Buffer.concat(chunks) });
      });
    }).on('error', failed);
  });

const ALL = { 'accept-encoding': 'zstd, br, gzip, deflate' };

describe('an answer', () => {
  it('of a page, the description and the documentation is sent smaller, as the client takes it', async () => {
    for (const path of ['/docs', '/openapi.json', '/help']) {
      const plain = await raw(path, {});
      assert.equal(plain.encoding, undefined, path);
      const small = await raw(path, ALL);
      assert.equal(small.encoding, 'br', path);
      assert.match(small.vary!, /accept-encoding/i);
      assert.deepEqual(brotliDecompressSync(small.body), plain.body);
      const zipped = await raw(path, { 'accept-encoding': 'gzip' });
      assert.equal(zipped.encoding, 'gzip');
      assert.deepEqual(gunzipSync(zipped.body), plain.body);
      assert.ok(small.body.length * 2 < plain.body.length, path);
    }
  });

  it('that is the same for everybody is made once, and not sent to one who has it', async () => {
    for (const [path, headers] of [
      ['/docs', { 'accept-language': 'en' }],
      ['/docs', { 'accept-language': 'nn' }],
      ['/openapi.json', {}],
    ] as const) {
      const first = await raw(path, { ...ALL, ...headers });
      assert.match(first.cache!, /max-age=300/);
      assert.match(first.etag!, /^W\/"[\w-]{22}"$/);
      const again = { ...headers, 'if-none-match': first.etag! };
      for (const encoding of ['br', 'gzip', 'identity']) {
        const { status, body } = await raw(path, { ...again, 'accept-encoding': encoding });
        assert.deepEqual([status, body.length], [304, 0], `${path} ${encoding}`);
      }
      const other = await raw(path, { ...headers, 'if-none-match': '"another"' });
      assert.equal(other.status, 200);
    }
    const [nb, nn] = [await raw('/docs?lang=nb', {}), await raw('/docs?lang=nn', {})];
    assert.notEqual(nb.etag, nn.etag);
    assert.match(nn.vary!, /accept-language, cookie/i);
    assert.match(nn.cache!, /^private/, 'a cache of several would keep the cookie of a language');
  });

  it('of a kilobyte and more is sent smaller on the interfaces too, and less is left alone', async () => {
    const authorization = `Bearer ${await personToken(await newPerson())}`;
    const large = await raw('/accessmanagement/api/v1/meta/info/accesspackages/export', {
      ...ALL,
      authorization,
    });
    assert.equal(large.encoding, 'br');
    assert.ok(JSON.parse(brotliDecompressSync(large.body).toString()).length > 1);
    const little = await raw('/access/v1/notices', { ...ALL, authorization });
    assert.equal(little.encoding, undefined);
  });

  it('that is a stream is left alone, so that one that fails is cut off', async () => {
    const browser = await loggedIn(await newPerson(), '/start');
    for (const kind of ['csv', 'json']) {
      const { headers, status } = await browser.open(`/overview.${kind}`);
      assert.deepEqual([status, headers.get('content-encoding')], [200, null], kind);
    }
  });

  it('that holds a token, a code or what was signed is never', async () => {
    const { id, from, to } = await approvedConsent();
    const client = await newClient(to, { client_name: 'x'.repeat(2_000) });
    const { body, headers } = await exchange(client, consentDetail(id, from));
    assert.ok(body.access_token);
    assert.equal(headers.get('content-encoding'), null);
    const answer = await fetch(`${world.url}/introspect`, {
      method: 'POST',
      headers: ALL,
      body: new URLSearchParams({ ...(await clientAuth(client)), token: body.access_token }),
    });
    assert.equal(((await answer.json()) as { active: boolean }).active, true);
    assert.equal(answer.headers.get('content-encoding'), null);
    const { query } = authorization(await newWebClient(), {
      response_mode: 'form_post',
      state: 'x'.repeat(2_000),
    });
    const browser = await loggedIn(await newPerson(), '/start');
    // At a new login, and of one who is logged in.
    for (let time = 0; time < 2; time += 1) {
      await browser.open(`/authorize?${query}`);
      assert.match(browser.page.html, /name="code"/);
      assert.equal(browser.page.headers.get('content-encoding'), null);
    }
  });

  it('has another value of its form each time, and takes each of them', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, '/profile');
    const csrfOf = () => /name="csrf" value="([^"]*)"/.exec(browser.page.html)![1]!;
    const [first, one] = [browser.page, csrfOf()];
    assert.equal(first.headers.get('content-encoding'), 'gzip');
    await browser.open('/profile');
    const other = csrfOf();
    assert.notEqual(one, other);
    // Neither the value nor the part that proves it comes twice.
    assert.notEqual(one.split('.')[1], other.split('.')[1]);
    assert.equal((await press(browser, /profile/, { language: 'nn' })).status, 200);
    browser.page = first;
    assert.equal((await press(browser, /profile/, { language: 'nb' })).status, 200);
    const [[nonce, proof, ours], others] = [one.split('.'), other.split('.')];
    for (const [csrf, code] of [
      ['', 'TIL-00013'],
      [nonce!, 'TIL-00013'],
      [`${nonce}.`, 'TIL-00013'],
      [`${nonce}.${proof}`, 'TIL-00013'],
      // As one of the same person's, in another session.
      [`${nonce}.${others[1]}.${ours}`, 'TIL-00013'],
      // As one of another person's.
      [`.${proof}.${ours}`, 'TIL-00046'],
      [`${nonce}.${proof}.${others[2]}`, 'TIL-00046'],
    ] as const) {
      await browser.open('/profile');
      const page = await press(browser, /profile/, { csrf });
      assert.equal(page.status, 403, csrf);
      assert.ok(page.html.includes(code), csrf);
    }
  });
});
