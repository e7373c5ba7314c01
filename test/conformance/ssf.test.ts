// The modules of OpenID's Shared Signals transmitter plan (openid.net/certification), by their
// names; what they ask of https is asked on loopback in our own words.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  clientToken,
  closingReceivers,
  keep,
  newStream,
  poll,
  readEvent,
  sendSignals,
  statesOf,
  STREAMS,
} from '../support/signals.ts';
import { call, newOrganization, world, type Answer, type TestParty } from '../support/world.ts';

const POLL = 'urn:ietf:rfc:8936';
const PUSH = 'urn:ietf:rfc:8935';
const WRONG = 'no token of ours';
const STATE = 'a state of the receiver';

describe('OpenID’s Shared Signals transmitter plan', () => {
  const receiver = closingReceivers();
  let owner: TestParty;
  beforeEach(async () => {
    owner = await newOrganization();
  });

  const module = (name: string, run: () => Promise<void>) => it(`openid-ssf-${name}`, run);
  const pollStream = () => newStream(owner);
  const streamAt = (id: string) => `${STREAMS}?stream_id=${id}`;
  const verified = async (id: string) => {
    const asked = { stream_id: id, state: STATE };
    assert.equal((await keep(owner, 'POST', '/ssf/verify', asked)).status, 204);
    await sendSignals();
  };
  /** Refused for its token, and saying how to authenticate (RFC 6750 §3). */
  function mustBeUnauthorized({ status, headers }: Answer) {
    assert.equal(status, 401);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  }

  module('transmitter-metadata', async () => {
    const { status, body, headers } = await call('GET', '/.well-known/ssf-configuration');
    assert.equal(status, 200);
    assert.match(headers.get('content-type')!, /^application\/json/);
    assert.match(body.spec_version, /^\d+_\d+(-ID\d+)?$/);
    assert.equal(body.issuer, world.url);
    assert.equal((await call('GET', body.jwks_uri)).status, 200);
    assert.deepEqual(body.delivery_methods_supported, [PUSH, POLL]);
    assert.deepEqual(body.authorization_schemes, [{ spec_urn: 'urn:ietf:rfc:6749' }]);
    assert.ok(['ALL', 'NONE'].includes(body.default_subjects));
    for (const name of ['configuration', 'status', 'add_subject', 'remove_subject', 'verification'])
      assert.ok(body[`${name}_endpoint`].startsWith(`${world.url}/`), name);
  });

  module('stream-control-happy-path', async () => {
    const wanted = {
      delivery: { method: POLL },
      events_requested: [`${world.url}/secevent/consent-given`, 'https://unknown.example/event'],
      description: 'the first',
    };
    const made = await keep(owner, 'POST', STREAMS, wanted);
    assert.equal(made.status, 201);
    const { stream_id: id, ...stream } = made.body;
    assert.equal(stream.iss, world.url);
    assert.equal(stream.aud, `client-${owner.number}`);
    assert.deepEqual(stream.events_delivered, wanted.events_requested.slice(0, 1));
    for (const uri of stream.events_delivered) assert.ok(stream.events_supported.includes(uri));
    assert.equal(stream.delivery.endpoint_url, `${world.url}/ssf/poll/${id}`);
    assert.deepEqual((await keep(owner, 'GET', streamAt(id))).body, made.body);
    assert.deepEqual((await keep(owner, 'GET', STREAMS)).body, [made.body]);

    const patched = await keep(owner, 'PATCH', STREAMS, { stream_id: id, description: 'changed' });
    assert.deepEqual(patched.body, { ...made.body, description: 'changed' });
    const put = await keep(owner, 'PUT', STREAMS, { ...patched.body, events_requested: [] });
    assert.deepEqual([put.status, put.body.events_delivered], [200, []]);
    assert.deepEqual((await keep(owner, 'GET', streamAt(id))).body, put.body);

    const status = { stream_id: id, status: 'paused', reason: 'upkeep' };
    assert.deepEqual((await keep(owner, 'POST', '/ssf/status', status)).body, status);
    const stands = await keep(owner, 'GET', `/ssf/status?stream_id=${id}`);
    assert.deepEqual(stands.body, status);

    assert.equal((await keep(owner, 'DELETE', streamAt(id))).status, 204);
    assert.equal((await keep(owner, 'GET', streamAt(id))).status, 404);
    assert.deepEqual((await keep(owner, 'GET', STREAMS)).body, []);
  });

  module('stream-control-error-create-stream-with-broken-input', async () => {
    const token = await clientToken(owner);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const body of ['{"delivery":', '[]', '{"delivery": "poll"}', '{"events_requested": {}}']) {
      const answer = await fetch(`${world.url}${STREAMS}`, { method: 'POST', headers, body });
      assert.equal(answer.status, 400, body);
    }
    assert.deepEqual((await keep(owner, 'GET', STREAMS)).body, []);
  });

  module('stream-control-error-create-stream-with-invalid-token', async () => {
    mustBeUnauthorized(await call('POST', STREAMS, WRONG, {}));
  });

  // §8.1.1.1: 409 is for a transmitter that has one stream for a receiver; ours has five.
  module('stream-control-error-create-stream-with-duplicate-config', async () => {
    const same = { delivery: { method: POLL }, description: 'the same' };
    const made = [];
    for (let n = 0; n < 6; n += 1) made.push(await keep(owner, 'POST', STREAMS, same));
    assert.deepEqual(
      made.map(({ status }) => status),
      [201, 201, 201, 201, 201, 409],
    );
    const ids = made.slice(0, 5).map(({ body }) => body.stream_id);
    assert.equal(new Set(ids).size, 5);
  });

  module('stream-control-error-read-stream-with-invalid-token', async () => {
    mustBeUnauthorized(await call('GET', streamAt(await pollStream()), WRONG));
  });

  module('stream-control-error-read-unknown-stream', async () => {
    assert.equal((await keep(owner, 'GET', streamAt(randomUUID()))).status, 404);
  });

  for (const [how, method] of [
    ['update', 'PATCH'],
    ['replace', 'PUT'],
  ] as const) {
    module(`stream-control-error-${how}-stream-with-invalid-token`, async () => {
      const changed = { stream_id: await pollStream(), description: 'of another' };
      mustBeUnauthorized(await call(method, STREAMS, WRONG, changed));
      const { body } = await keep(owner, 'GET', streamAt(changed.stream_id));
      assert.equal(body.description, undefined);
    });

    module(`stream-control-error-${how}-stream-with-invalid-body`, async () => {
      const id = await pollStream();
      for (const body of [
        { description: 'of no stream' },
        { stream_id: id, delivery: { method: 'mail' } },
        { stream_id: id, events_requested: 'all' },
      ])
        assert.equal((await keep(owner, method, STREAMS, body)).status, 400);
    });

    module(`stream-control-error-${how}-unknown-stream`, async () => {
      const unknown = { stream_id: randomUUID(), description: 'of no stream' };
      assert.equal((await keep(owner, method, STREAMS, unknown)).status, 404);
    });
  }

  module('stream-control-error-delete-stream-with-invalid-token', async () => {
    const id = await pollStream();
    mustBeUnauthorized(await call('DELETE', streamAt(id), WRONG));
    assert.equal((await keep(owner, 'GET', streamAt(id))).status, 200);
  });

  module('stream-control-error-delete-unknown-stream', async () => {
    assert.equal((await keep(owner, 'DELETE', streamAt(randomUUID()))).status, 404);
  });

  module('stream-subject-control', async () => {
    const [id, unknown] = [await pollStream(), randomUUID()];
    const subjects = [
      { format: 'opaque', id: randomUUID() },
      { format: 'email', email: 'somebody@receiver.example' },
      { format: 'iss_sub', iss: world.url, sub: 'nobody' },
    ];
    for (const subject of subjects)
      for (const [how, status] of Object.entries({ add: 200, remove: 204 })) {
        const path = `/ssf/subjects/${how}`;
        const answer = await keep(owner, 'POST', path, { stream_id: id, subject });
        assert.equal(answer.status, status);
        const other = await keep(owner, 'POST', path, { stream_id: unknown, subject });
        assert.equal(other.status, 404);
        const wrong = { stream_id: id, subject: { format: subject.format } };
        assert.equal((await keep(owner, 'POST', path, wrong)).status, 400);
      }
  });

  module('transmitter-stream-verification-push', async () => {
    const got = await receiver();
    const id = await newStream(owner, got);
    await verified(id);
    const events = await Promise.all(got.got.map(({ body }) => readEvent(body)));
    assert.deepEqual(
      events.map(({ kind, subject, said }) => [kind, subject, said.state]),
      [
        ['verification', id, undefined],
        ['verification', id, STATE],
      ],
    );
    for (const { headers } of got.got) {
      assert.equal(headers['content-type'], 'application/secevent+jwt');
      assert.equal(headers.authorization, 'Bearer receiver');
    }
  });

  module('transmitter-stream-verification-poll-only', async () => {
    const id = await pollStream();
    await verified(id);
    for (const [one, ...more] of [await poll(owner, id), await poll(owner, id)]) {
      assert.deepEqual([one!.kind, one!.said.state, one!.subject], ['verification', STATE, id]);
      assert.equal(more.length, 0);
    }
  });

  module('transmitter-stream-verification-poll-and-ack', async () => {
    const id = await pollStream();
    await verified(id);
    const [one] = await poll(owner, id);
    assert.deepEqual(await poll(owner, id, { ack: [one!.jti] }), []);
    assert.deepEqual(await statesOf(id), ['delivered']);
  });

  module('transmitter-stream-verification-ack-only', async () => {
    const id = await pollStream();
    await verified(id);
    const [one] = await poll(owner, id);
    const acked = { ack: [one!.jti], maxEvents: 0 };
    const { status, body } = await keep(owner, 'POST', `/ssf/poll/${id}`, acked);
    assert.deepEqual([status, body], [200, { sets: {} }]);
    assert.deepEqual(await poll(owner, id), []);
  });

  module('transmitter-stream-verification-error-push-no-auth', async () => {
    const got = await receiver();
    const headers: unknown[] = [];
    got.answer = ({ headers: { authorization } }) => {
      headers.push(authorization);
      return { status: 401, body: { err: 'authentication_failed', description: 'no token' } };
    };
    const delivery = { method: PUSH, endpoint_url: got.url };
    const { body } = await keep(owner, 'POST', STREAMS, { delivery });
    assert.equal(body.delivery.authorization_header, undefined);
    await sendSignals();
    assert.deepEqual(headers, [undefined]);
    const { body: stands } = await keep(owner, 'GET', `/ssf/status?stream_id=${body.stream_id}`);
    assert.deepEqual([stands.status, stands.reason], ['paused', 'authentication_failed']);
  });
});
