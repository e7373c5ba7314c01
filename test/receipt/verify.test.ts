// Checking a receipt: offline by its holder's own means, by a command, and at /verify.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckpoint } from '../../clients/log/note.ts';
import { checkReceipt, type Trusted } from '../../clients/verify/receipt.ts';
import { openKeyring } from '../../server/oidc/keys/keys.ts';
import { openSeal } from '../../server/platform/secret/seal_store.ts';
import { signLog, trustedKeys } from '../support/receipts.ts';
import { runCommand } from '../support/run/process.ts';
import { approvedConsent, call, personToken, world } from '../support/world.ts';

describe('whoever checks a receipt', () => {
  const ofConsent = (id: string) => `/access/v1/consents/${id}/receipt`;
  let file: string;
  let trusted: Trusted;
  before(async () => {
    const { id, from } = await approvedConsent();
    await signLog();
    file = (await call('GET', ofConsent(id), await personToken(from))).text;
    trusted = await trustedKeys();
  });

  const changed = (change: (parts: { receipt: string; proof: string }) => object): string =>
    JSON.stringify({ ...JSON.parse(file), ...change(JSON.parse(file)) });

  /** The page that answers, for a receipt as text. */
  const verdictOf = async (text: string): Promise<string> => {
    const body = new FormData();
    body.append('receipt', text);
    return (await fetch(`${world.url}/verify`, { method: 'POST', body })).text();
  };

  it('finds each change of a character in it', () => {
    const { receipt } = JSON.parse(file);
    for (let at = 0; at < receipt.length - 1; at += 7) {
      const other = receipt[at] === 'A' ? 'B' : 'A';
      const text = changed(() => ({
        receipt: receipt.slice(0, at) + other + receipt.slice(at + 1),
      }));
      if (text !== file) assert.notEqual(checkReceipt(text, trusted).verdict, 'right', `at ${at}`);
    }
  });

  it('takes one of which the holder left members out, and one without a proof', () => {
    const fewer = changed(({ receipt }) => ({
      receipt: receipt.split('~').toSpliced(2, 3).join('~'),
    }));
    assert.equal(checkReceipt(fewer, trusted).verdict, 'right');
    const bare = checkReceipt(JSON.parse(file).receipt, trusted);
    assert.deepEqual(
      [bare.verdict, bare.notes],
      ['right', ['there is no proof that it is in the log']],
    );
  });

  it('refuses one cut short, with a member twice, or with one of another receipt', async () => {
    const { id, from } = await approvedConsent();
    const other = (await call('GET', ofConsent(id), await personToken(from))).body.receipt.split(
      '~',
    )[1];
    const invented = Buffer.from('["salt","toPersonNo","1"]').toString('base64url');
    for (const change of [
      (receipt: string) => receipt.slice(0, -1),
      (receipt: string) => `${receipt}${receipt.split('~')[1]}~`,
      (receipt: string) => `${receipt}${other}~`,
      (receipt: string) => `${receipt}${invented}~`,
    ]) {
      const text = changed(({ receipt }) => ({ receipt: change(receipt) }));
      assert.equal(checkReceipt(text, trusted).verdict, 'altered');
      assert.match(await verdictOf(JSON.parse(text).receipt), /Kvitteringen er ikke ekte/);
    }
  });

  it('takes a signature in one way of writing it alone, here and at /verify', async () => {
    const { receipt } = JSON.parse(file);
    const [token, ...rest] = receipt.split('~');
    const last = token.at(-1);
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = ALPHABET[ALPHABET.indexOf(last) ^ 1]!;
    for (const changedToken of [token.slice(0, -1) + other, `${token}!!`, `${token} `]) {
      const text = [changedToken, ...rest].join('~');
      assert.equal(checkReceipt(text, trusted).verdict, 'altered');
      assert.match(await verdictOf(text), /Kvitteringen er ikke ekte/);
    }
    assert.match(await verdictOf(file), /Kvitteringen er ekte/);
  });

  it('at /verify hears of a foreign key, of what is not in the log, and of what is no receipt', async () => {
    const { receipt } = JSON.parse(file);
    const [token, ...rest] = receipt.split('~');
    const [head, ...parts] = token.split('.');
    const named = (kid: string) =>
      Buffer.from(
        JSON.stringify({ ...JSON.parse(Buffer.from(head, 'base64url').toString()), kid }),
      ).toString('base64url');
    const foreign = [[named('x'), ...parts].join('.'), ...rest].join('~');
    assert.match(await verdictOf(foreign), /Kvitteringen er ikke signert av oss/);
    assert.match(await verdictOf('<script>alert(1)</script>'), /Kvitteringen er ikke ekte/);
    assert.doesNotMatch(await verdictOf('<script>alert(1)</script>'), /alert\(1\)/);
    assert.match(await verdictOf('x'.repeat(200_000)), /for stor til å være en kvittering/);
    assert.match(await verdictOf(' '), /Lim inn en kvittering/);
    const many = new FormData();
    for (let part = 0; part < 500; part += 1) many.append(`x${part}`, '');
    assert.equal((await fetch(`${world.url}/verify`, { method: 'POST', body: many })).status, 400);
    const plain = await fetch(`${world.url}/verify`, { method: 'POST', body: 'receipt=x' });
    assert.equal(plain.status, 415);
  });

  it('at /verify hears that one is not in the log yet, and that another never was', async () => {
    const { id, from } = await approvedConsent();
    const fresh = (await call('GET', ofConsent(id), await personToken(from))).text;
    if (JSON.parse(fresh).proof === null)
      assert.match(await verdictOf(fresh), /er ikke ført i loggen ennå/);
    await signLog();
    assert.match(await verdictOf(fresh), /Kvitteringen er ekte</);
    const { db } = world.database;
    const seal = await openSeal(db, world.env);
    const keyring = await openKeyring({ db, seal, rotationDays: 30, publishAheadSeconds: 60 });
    const typ = 'consent-receipt+sd-jwt';
    const forge = async (payload: object) => `${await keyring.signJwt('ES256', payload, { typ })}~`;
    const [, told] = JSON.parse(fresh).receipt.split('.');
    const real = JSON.parse(Buffer.from(told, 'base64url').toString());
    for (const forged of [
      await forge({ ...real, event: randomUUID() }),
      await forge({ ...real, kind: 'withdrawn' }),
    ])
      assert.match(await verdictOf(forged), /står ikke i loggen vår/);
    const token = await keyring.signJwt('ES256', real, { typ: 'consent-response+jwt' });
    assert.match(await verdictOf(`${token}~`), /Kvitteringen er ikke ekte/);
    assert.equal(checkReceipt(`${token}~`, trusted).verdict, 'altered');
  });

  it('prints nothing that moves a cursor', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillit-receipt-'));
    const [keys, bad] = [join(folder, 'keys'), join(folder, 'bad')];
    writeFileSync(keys, (await call('GET', '/receipt/keys')).text);
    const { proof } = JSON.parse(file);
    const note = proof.slice(proof.indexOf('\n\n') + 2).replace(/^[^\n]+/, '\u001b[2Kright');
    writeFileSync(join(folder, 'note'), note);
    writeFileSync(bad, file);
    const args = [bad, '--keys', keys, '--checkpoint', join(folder, 'note')];
    const { status, stdout, stderr } = await runCommand('clients/verify/main.ts', args, {});
    assert.equal(status, 4, stdout);
    assert.doesNotMatch(stdout + stderr, /\u001b/);
  });

  it('refuses one whose proof is of another event, or of a log that nobody signed', () => {
    for (const change of [
      (proof: string) => proof.replace(/^index .*$/m, 'index 0'),
      (proof: string) => proof.replace(/^(— \S+ \S{20})./m, '$1_'),
      () => 'c2sp.org/tlog-proof@v1',
    ]) {
      const text = changed(({ proof }) => ({ proof: change(proof) }));
      assert.equal(checkReceipt(text, trusted).verdict, 'not in the log');
    }
    assert.equal(
      checkReceipt(file, { ...trusted, log: ['x+00000000+AAAA'] }).verdict,
      'not in the log',
    );
  });

  it('says its verdict in the first words, and by the exit code', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillit-receipt-'));
    const kept = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const keys = (await call('GET', '/receipt/keys')).text;
    const [own, log] = [kept('keys', keys), kept('log', (await call('GET', '/log/keys')).text)];
    const { proof } = JSON.parse(file);
    const note = proof.slice(proof.indexOf('\n\n') + 2);
    const { root } = readCheckpoint(note)!;
    const fork = note.replace(root.toString('base64'), Buffer.alloc(32).toString('base64'));
    const run = (...args: string[]) => runCommand('clients/verify/main.ts', args, {});
    const right = await run(kept('right', file), '--keys', own, '--keys', log);
    assert.deepEqual([right.status, right.stdout.split('\n')[0]], [0, 'right'], right.stderr);
    assert.match(
      right.stdout,
      /it was approved at .* whether it still holds, a receipt does not say/,
    );
    for (const [code, words, ...args] of [
      [0, 'right', kept('right', file), '--keys', own, '--checkpoint', kept('note', note)],
      [1, 'altered', kept('altered', file.replace('~', '~A')), '--keys', own],
      [2, 'wrong key', kept('right', file), '--keys', log],
      [3, 'not in the log', kept('right', file), '--keys', own, '--checkpoint', kept('fork', fork)],
      [4, '', kept('right', file)],
      [4, '', join(folder, 'nothing'), '--keys', own],
    ] as const) {
      const { status, stdout } = await run(...args);
      assert.deepEqual([status, stdout.slice(0, words.length)], [code, words], stdout);
    }
  });
});
