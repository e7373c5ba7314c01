// Status lists: a token says where its status is, and the signed list there says what introspection
// says, a few seconds after each act.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { beginList } from '../../../server/oidc/status/store.ts';
import { consentDetail, exchange, newClient, newOwnedClient } from '../../support/oauth/clients.ts';
import {
  bitAfter,
  bitOf,
  fetched,
  INVALID,
  later,
  pathOf,
  placeIn,
  readList,
  SUSPENDED,
  VALID,
  type Status,
} from '../../support/oauth/status.ts';
import { ownActs } from '../../support/rights/rights.ts';
import { askTwo } from '../../support/together.ts';
import {
  actOn,
  approve,
  approvedConsent,
  call,
  newOrganization,
  putParty,
  withdraw,
  world,
} from '../../support/world.ts';

const LISTS = '/status-lists';

/** A token of a new consent, and where it says that its status is. */
async function drawn() {
  const consent = await approvedConsent();
  const { status, text, body } = await exchange(
    await newClient(consent.to),
    consentDetail(consent.id, consent.from),
  );
  assert.equal(status, 200, text);
  const claims = decodeJwt<{ status: { status_list: Status } }>(body.access_token);
  return { ...consent, claims, place: claims.status.status_list };
}
describe('a status list', () => {
  it('says of a token that its consent is withdrawn, and before that it holds', async () => {
    const { id, from, place } = await drawn();
    assert.equal(await bitAfter(place), VALID);
    await withdraw(id, from);
    assert.equal(await bitAfter(place), INVALID);
  });

  it('says so also where no node has noted it yet', async () => {
    const { id, from, place } = await drawn();
    await withdraw(id, from);
    assert.equal(await later(() => bitOf(place)), INVALID);
  });

  it('says that it is suspended, and holds again', async () => {
    const { id, from, place } = await drawn();
    assert.equal((await actOn(id, from, 'suspend')).status, 200);
    assert.equal(await bitAfter(place), SUSPENDED);
    assert.equal((await actOn(id, from, 'resume')).status, 200);
    assert.equal(await bitAfter(place), VALID);
    await actOn(id, from, 'suspend');
    await withdraw(id, from);
    assert.equal(await bitAfter(place), INVALID);
  });

  it('says of both who give together that one has paused, and when it goes on', async () => {
    const to = await newOrganization();
    const { one, other, first, second } = await askTwo(to, {});
    await approve(first, one);
    await approve(second, other);
    const { body } = await exchange(await newClient(to), consentDetail(first, one));
    const place = placeIn(body.access_token);
    assert.equal((await actOn(second, other, 'suspend')).status, 200);
    assert.equal(await bitAfter(place), SUSPENDED);
    assert.equal((await actOn(second, other, 'resume')).status, 200);
    assert.equal(await bitAfter(place), VALID);
  });

  it('says that the consent has fallen', async () => {
    const { from, place } = await drawn();
    await putParty(from, { endedAt: new Date().toISOString() });
    await world.work.run('consent.fall');
    assert.equal(await bitAfter(place), INVALID);
  });

  it('has the same place for each token of a consent, and none of another', async () => {
    const { id, from, to, place } = await drawn();
    const client = await newClient(to);
    const { body } = await exchange(client, consentDetail(id, from));
    const again = decodeJwt<{ status: object }>(body.access_token);
    assert.deepEqual(again.status, { status_list: place });
    assert.notDeepEqual((await drawn()).place, place);
  });

  it('gives each of its places once, in no order', async () => {
    const { rows } = await world.database.db.raw(
      'select next_status_place()::float8 as place from generate_series(1, 5000)',
    );
    const places = rows.map(({ place }: { place: number }) => place);
    assert.equal(new Set(places).size, 5_000);
    assert.ok(places.every((place: number) => place >= 0 && place < 2 * 2 ** 20));
    const rises = places.filter((place: number, n: number) => n > 0 && place > places[n - 1]);
    assert.ok(rises.length > 2_000 && rises.length < 3_000, `${rises.length} rise`);
  });

  it('is in no token that is about no consent', async () => {
    const { body } = await exchange(await newOwnedClient());
    assert.equal(decodeJwt(body.access_token).status, undefined);
  });

  it('is signed, has 2^20 places, and lasts for a minute', async () => {
    const { place } = await drawn();
    const { payload, bits, bytes } = await readList(place.uri);
    assert.deepEqual(
      [payload.sub, payload.ttl, payload.exp! - payload.iat!, bits, bytes.length],
      [place.uri, 15, 60, 2, 2 ** 18],
    );
  });

  it('may be kept for what is left of fifteen seconds, and is read by scripts', async () => {
    const { place } = await drawn();
    const { headers } = await fetched(place.uri, { 'accept-encoding': 'gzip' });
    assert.equal(headers.get('content-type'), 'application/statuslist+jwt');
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.equal(headers.get('content-encoding'), 'gzip');
    const age = Number(/max-age=(\d+)/.exec(headers.get('cache-control')!)![1]);
    assert.ok(age > 8 && age <= 15, `${age}`);
    const plain = await fetched(place.uri, { 'accept-encoding': 'identity' });
    assert.equal(plain.headers.get('content-encoding'), null);
  });

  it('is not there for another number, and not for another time', async () => {
    const { place } = await drawn();
    const other = await call('GET', `${LISTS}/999`);
    assert.deepEqual([other.status, other.body.code], [404, 'TIL-00069']);
    const then = await call('GET', `${pathOf(place)}?time=1686925000`);
    assert.deepEqual([then.status, then.body.code], [501, 'TIL-00070']);
    assert.equal((await call('GET', `${LISTS}/0`)).status, 404);
  });

  it('is found by discovery, with all others', async () => {
    const { body } = await call('GET', '/.well-known/oauth-authorization-server');
    assert.equal(body.status_list_aggregation_endpoint, `${world.url}${LISTS}`);
    const { place } = await drawn();
    assert.ok((await call('GET', LISTS)).body.status_lists.includes(place.uri));
  });

  it('is followed by another, once it is full or the database was set back', async () => {
    const before = await drawn();
    await beginList(ownActs()(), 0);
    const after = await drawn();
    const number = ({ uri }: Status) => Number(uri.split('/').at(-1));
    assert.equal(number(after.place), number(before.place) + 1);
    await withdraw(after.id, after.from);
    assert.equal(await bitAfter(after.place), INVALID);
    assert.equal(await bitAfter(before.place), VALID);
    const { body } = await call('GET', LISTS);
    assert.ok(body.status_lists.includes(after.place.uri));
  });
});
