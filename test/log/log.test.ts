// The log as whoever watches it sees it: what is signed, and what is proved of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSigned, readCheckpoint } from '../../clients/log/note.ts';
import { isConsistent, leafHash, rootFrom } from '../../clients/log/tree.ts';
import { leafOf, type LoggedEvent } from '../../server/event/payload_model.ts';
import { readEdge, sealLogTree } from '../../server/log/store.ts';
import { ask, call, newOrganization, newPerson, world } from '../support/world.ts';

const hashesOf = ({ hashes }: { hashes: string[] }) =>
  hashes.map((one) => Buffer.from(one, 'base64'));

/** The newest checkpoint once all that has happened has its place and is signed. */
async function signed() {
  await world.work.run('feed.place');
  // A log that has no key yet gets one first.
  for (let turn = 0; turn < 2; turn += 1) await world.work.run('log.sign');
  const { status, text, headers } = await call('GET', `${world.url}/log/checkpoint`);
  assert.equal(status, 200, text);
  assert.match(headers.get('content-type')!, /^text\/plain/);
  return { note: text, ...readCheckpoint(text)! };
}

const keysOf = async (): Promise<string[]> =>
  (await call('GET', `${world.url}/log/keys`)).body.keys.map(({ key }: { key: string }) => key);

/** An event of a new request, as it is stored. */
async function somethingHappens(): Promise<{ consent: string; event: LoggedEvent }> {
  const consent = await ask(await newPerson(), await newOrganization());
  const {
    rows: [event],
  } = await world.database.db.raw(
    `select id, type as kind, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, encode(seed, 'hex') as seed,
      consent_id as consent, mandate_id as mandate, request_id as request, from_party as "from", to_party as "to",
      handled_by as "handledBy", by_party as by, by_role as role, detail::text as detail from event where consent_id = ?`,
    [consent],
  );
  return { consent, event };
}

const inclusionOf = (query: string) => call('GET', `${world.url}/log/proof/inclusion?${query}`);

describe('the log', () => {
  it('keeps the MAC of its newest leaf where one came while a new secret sealed it', async () => {
    const { db } = world.database;
    await signed();
    const before = await readEdge(db);
    await somethingHappens();
    await world.work.run('feed.place');
    await sealLogTree(db, before.log, 'of the leaves before', before.made!);
    const { made } = await readEdge(db);
    assert.ok(made !== before.made && made !== 'of the leaves before');
    await signed();
  });

  it('signs what has happened under the name of the issuer, with a key that it publishes', async () => {
    const before = await signed();
    await somethingHappens();
    const { note, origin, size } = await signed();
    assert.equal(origin, `${new URL(world.url).host}/log/1`);
    assert.ok(size > before.size, `${size} ${before.size}`);
    assert.ok(isSigned(note, await keysOf()));
    assert.ok(!isSigned(note.replace(`\n${size}\n`, `\n${size - 1}\n`), await keysOf()));
    const { body } = await call('GET', `${world.url}/log/keys`);
    assert.equal(body.isTrial, !process.env.TEST_DATABASE_URL);
  });

  it('has written each checkpoint outside the database before it publishes it', async () => {
    await somethingHappens();
    const { note } = await signed();
    const folder = world.env.logCheckpoints!;
    const written = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    assert.ok(written.some((file) => file.endsWith(note)));
  });

  it('proves to whoever has an event that it is in the log, as it was', async () => {
    const { event } = await somethingHappens();
    const { root, size } = await signed();
    const { body } = await inclusionOf(`event=${event.id}`);
    assert.equal(body.size, size);
    const proof = { ...body, hashes: hashesOf(body) };
    const leaf = (one: LoggedEvent) => leafHash(Buffer.from(leafOf(one)));
    assert.deepEqual(rootFrom(leaf(event), proof), root);
    for (const change of [
      { kind: 'approved' },
      { at: event.at.replace('Z', '1Z') },
      { by: event.from },
      { detail: '{}' },
      { seed: '00'.repeat(16) },
    ])
      assert.notDeepEqual(rootFrom(leaf({ ...event, ...change }), proof), root);
    const same = await inclusionOf(`index=${body.index}&size=${size}`);
    assert.deepEqual(same.body, body);
  });

  it('tells nothing of an event in its leaf but its id, kind and instant', async () => {
    const { consent, event } = await somethingHappens();
    const leaf = leafOf(event);
    assert.deepEqual(Object.keys(JSON.parse(leaf)), ['event', 'kind', 'at', '_sd']);
    for (const one of [consent, event.from, event.to, event.by, event.seed])
      assert.ok(!leaf.includes(String(one)));
    const other = leafOf((await somethingHappens()).event);
    const digests = (text: string): string[] => JSON.parse(text)._sd;
    assert.equal(digests(leaf).length, digests(other).length);
    assert.equal(new Set([...digests(leaf), ...digests(other)]).size, 2 * digests(leaf).length);
  });

  it('proves that it only grew', async () => {
    await somethingHappens();
    const first = await signed();
    await somethingHappens();
    await somethingHappens();
    const second = await signed();
    const path = `${world.url}/log/proof/consistency?first=${first.size}&second=${second.size}`;
    const { body } = await call('GET', path);
    assert.ok(isConsistent(first, second, hashesOf(body)));
    const forged = { ...first, root: second.root };
    assert.ok(!isConsistent(forged, second, hashesOf(body)));
    const equal = `first=${first.size}&second=${first.size}`;
    const none = await call('GET', `${world.url}/log/proof/consistency?${equal}`);
    assert.deepEqual(none.body, { hashes: [] });
  });

  it('gives every kind of event one place, in one sequence without a gap', async () => {
    await somethingHappens();
    await signed();
    const {
      rows: [{ places, last, unplaced }],
    } = await world.database.db.raw(
      `select count(*)::int as places, max(position)::int as last,
        (select count(*)::int from event where mac is not null and not exists (select from log_leaf where event_id = event.id)) as unplaced from log_leaf`,
    );
    assert.deepEqual([last, unplaced], [places - 1, 0]);
  });

  const refusals: Record<string, [string, string]> = {
    'an event that never was': [`inclusion?event=${randomUUID()}`, 'TIL-00051'],
    'a leaf beyond the tree': ['inclusion?index=999999999', 'TIL-00052'],
    'a size that is not signed': ['inclusion?index=0&size=999999999', 'TIL-00052'],
    'neither an event nor an index': ['inclusion', 'TIL-00052'],
    'a growth beyond what is signed': ['consistency?first=1&second=999999999', 'TIL-00052'],
    'a growth backwards': ['consistency?first=2&second=1', 'TIL-00052'],
    'a growth from nothing': ['consistency?first=0&second=1', 'TIL.VLD-00001'],
    'a growth to nowhere': ['consistency?first=1', 'STD.VLD-00000'],
    'an index that is no number': ['inclusion?index=one', 'TIL.VLD-00001'],
  };
  for (const [what, [query, code]] of Object.entries(refusals))
    it(`refuses to prove ${what}`, async () => {
      await signed();
      const { status, body } = await call('GET', `${world.url}/log/proof/${query}`);
      assert.equal(status, code === 'TIL-00051' ? 404 : 400, JSON.stringify(body));
      const codes = [body.code, ...(body.validationErrors ?? []).map((one: any) => one.code)];
      assert.ok(codes.includes(code), JSON.stringify(body));
    });

  it('has no place yet for what has just happened', async () => {
    const { event } = await somethingHappens();
    const { status, body } = await inclusionOf(`event=${event.id}`);
    assert.deepEqual([status, body.code], [404, 'TIL-00051']);
  });
});
