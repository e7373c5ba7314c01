// The law of what streams hear, over histories on two nodes while receivers fail and clients change
// their minds: each event of a stream is in exactly one state, the one that its receiver knows, and
// under one id; once all is up, the newest that was taken says what holds.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import { secondNode, type Node } from '../support/run/node.ts';
import { keep, newReceiver, STREAMS, type Received, type Receiver } from '../support/signals.ts';
import {
  actOn,
  approve,
  ask,
  at,
  inDays,
  newOrganization,
  newPerson,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';
import { FEW, inWorlds, LONGEST, type Chance } from './worlds.ts';

const STEPS = 30;
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const PUSH = 'urn:ietf:rfc:8935';
/** Events of a consent that its source hears of. */
const OF_SOURCES = ['approved', 'suspended', 'resumed', 'withdrawn'];
const ENDS = ['consent-withdrawn', 'consent-refused'];
const STATUS: Record<string, string> = {
  ...{ requested: 'Created', approved: 'Accepted', rejected: 'Rejected', withdrawn: 'Revoked' },
};

/** A stream with what its receiver and its client know of it. */
interface Kept {
  id: string;
  owner: TestParty;
  isSource: boolean;
  method: 'push' | 'poll' | 'webhook';
  receiver: Receiver;
  isEnded: boolean;
  /** Events by id, with the status that each says holds then. */
  statuses: Map<string, string>;
  /** The ids under which each came. */
  jtis: Map<string, Set<string>>;
  taken: Set<string>;
  refused: Set<string>;
  letGo: Set<string>;
}

interface Row {
  event: string;
  subject: string;
  pos: number;
  kind: string;
  state: string;
  why: string | null;
}

/** The id of an event and the status that it names, of a signed event or a webhook. */
function readBody({ body, headers }: Received): { jti: string; status: string | undefined } {
  if (headers['webhook-id'])
    return { jti: `${headers['webhook-id']}`, status: JSON.parse(body).data.status };
  const { jti, events } = decodeJwt<{ events: Record<string, { status?: string }> }>(body);
  return { jti: jti!, status: Object.values(events)[0]!.status };
}

/** The receiver has got it; answers with which event it was, undefined for the stream's own. */
function note({ statuses, jtis }: Kept, one: Received): string | undefined {
  const { jti, status } = readBody(one);
  const [event] = jti.split('.') as [string];
  if (status === undefined) return undefined;
  statuses.set(event, status);
  jtis.set(event, (jtis.get(event) ?? new Set()).add(jti));
  return event;
}

/** One history, with those that it is about. */
class History {
  readonly streams: Kept[] = [];
  readonly consents: string[] = [];
  readonly removed = new Map<Kept, Set<string>>();
  mode: 'up' | 'down' | 'refuses' | 'stops' = 'up';
  offset = 0;
  readonly chance: Chance;
  readonly node: Node;
  readonly person: TestParty;
  readonly bank: TestParty;
  readonly source: TestParty;
  readonly right: object;

  constructor(parts: Pick<History, 'chance' | 'node' | 'person' | 'bank' | 'source' | 'right'>) {
    this.chance = parts.chance;
    this.node = parts.node;
    this.person = parts.person;
    this.bank = parts.bank;
    this.source = parts.source;
    this.right = parts.right;
  }

  private living = () => this.streams.filter(({ isEnded }) => !isEnded);
  private async one(work: (stream: Kept) => Promise<unknown>): Promise<void> {
    const living = this.living();
    if (living.length) await work(this.chance.pick(living));
  }
  private consent = async (work: (id: string) => Promise<unknown>) => {
    if (this.consents.length) await work(this.chance.pick(this.consents));
  };

  async make(owner: TestParty, method: Kept['method']): Promise<void> {
    const receiver = await newReceiver();
    const path = method === 'webhook' ? '/access/v1/webhooks' : STREAMS;
    const delivery = { method: PUSH, endpoint_url: receiver.url };
    const asked = { push: { delivery }, poll: {}, webhook: { url: receiver.url } };
    const { status, body, text } = await keep(owner, 'POST', path, asked[method]);
    assert.equal(status, 201, text);
    const stream: Kept = {
      ...{ id: body.stream_id ?? body.id, owner, isSource: owner === this.source, method },
      ...{ receiver, isEnded: false, statuses: new Map(), jtis: new Map() },
      ...{ taken: new Set(), refused: new Set(), letGo: new Set() },
    };
    this.removed.set(stream, new Set());
    this.streams.push(stream);
    receiver.answer = (one) => {
      const event = note(stream, one);
      if (this.mode === 'down') return { status: 503 };
      if (this.mode === 'stops') return { status: 403 };
      if (event === undefined) return { status: 202 };
      if (this.mode === 'refuses') {
        stream.refused.add(event);
        return { status: 400, body: { err: 'invalid_request' } };
      }
      stream.taken.add(event);
      return { status: 202 };
    };
    await this.send();
  }

  /** Both nodes give out and send what there is, at once. */
  async send(): Promise<void> {
    for (const job of ['signal.spread', 'signal.send'])
      await Promise.all([world.work.run(job), this.node.work.run(job)]);
  }

  ask = async () => {
    // Each is for other data: one for the same would be the one that waits.
    this.consents.push(
      await ask(this.person, this.bank, {
        ...this.right,
        validTo: inDays(100 + this.consents.length),
      }),
    );
  };
  yes = () => this.consent(async (id) => approve(id, this.person));
  no = () => this.consent(async (id) => reject(id, this.person));
  suspend = () => this.consent(async (id) => actOn(id, this.person, 'suspend'));
  resume = () => this.consent(async (id) => actOn(id, this.person, 'resume'));
  withdraw = () => this.consent(async (id) => withdraw(id, this.person));
  fails = async () => {
    this.mode = this.chance.pick(['down', 'down', 'refuses', 'stops']);
  };
  recovers = async () => {
    this.mode = 'up';
  };
  wait = async () => {
    this.offset += this.chance.pick([2, 20, 70, 1_000]) * SECOND;
  };

  private setStatus = async ({ id, owner, method }: Kept, status: string) =>
    method === 'webhook'
      ? keep(owner, 'PATCH', `/access/v1/webhooks/${id}`, { status })
      : keep(owner, 'POST', '/ssf/status', { stream_id: id, status });
  pause = () => this.one((stream) => this.setStatus(stream, 'paused'));
  disable = () => this.one((stream) => this.setStatus(stream, 'disabled'));
  enable = () => this.one((stream) => this.setStatus(stream, 'enabled'));
  goOn = () =>
    this.one(async ({ id, owner, method }) =>
      method === 'webhook'
        ? keep(owner, 'PATCH', `/access/v1/webhooks/${id}`, {})
        : keep(owner, 'PATCH', STREAMS, { stream_id: id }),
    );

  removeSubject = () =>
    this.one(async (stream) => {
      const { id, owner, method } = stream;
      if (method === 'webhook' || !this.consents.length) return;
      const subject = { format: 'opaque', id: this.chance.pick(this.consents) };
      const asked = { stream_id: id, subject };
      assert.equal((await keep(owner, 'POST', '/ssf/subjects/remove', asked)).status, 204);
      this.removed.get(stream)!.add(subject.id);
    });

  settleDead = () =>
    this.one(async (stream) => {
      const [how, dead] = [
        this.chance.pick(['again', 'let-go']),
        `/access/v1/signals/${stream.id}/dead`,
      ];
      const { body } = await keep(stream.owner, 'GET', dead);
      const events = body.data.map(({ event }: { event: string }) => event);
      await keep(stream.owner, 'POST', `${dead}/${how}`);
      for (const event of events) {
        stream.refused.delete(event);
        if (how === 'let-go') stream.letGo.add(event);
      }
    });

  async remove(stream: Kept): Promise<void> {
    const { id, owner, method, receiver } = stream;
    const path = method === 'webhook' ? `/access/v1/webhooks/${id}` : `${STREAMS}?stream_id=${id}`;
    if (!stream.isEnded) assert.equal((await keep(owner, 'DELETE', path)).status, 204);
    stream.isEnded = true;
    receiver.close();
  }
  end = () =>
    this.one(async (stream) => {
      await this.remove(stream);
      await this.make(stream.owner, stream.method);
    });

  /** Polls a stream, and takes or refuses some of what came. */
  poll = () =>
    this.one(async (stream) => {
      if (stream.method !== 'poll') return;
      const path = `/ssf/poll/${stream.id}`;
      const asked = { returnImmediately: true, maxEvents: this.chance.pick([1, 3, 100]) };
      const { body } = await keep(stream.owner, 'POST', path, asked);
      const ack: string[] = [];
      const setErrs: Record<string, object> = {};
      for (const [jti, token] of Object.entries<string>(body.sets)) {
        const event = note(stream, { body: token, headers: {} });
        if (event === undefined || this.chance.next() < 0.6) {
          ack.push(jti);
          if (event) stream.taken.add(event);
        } else if (this.chance.next() < 0.4) {
          setErrs[jti] = { err: 'invalid_state', description: 'not now' };
          stream.refused.add(event);
        }
      }
      await keep(stream.owner, 'POST', path, { ack, setErrs, maxEvents: 0 });
    });

  private async rowsOf({ id }: Kept): Promise<Row[]> {
    const { rows } = await world.database.db.raw(
      `select event_id as event, subject, pos::float8, kind, state, why from signal_delivery where stream_id = ? and is_state order by pos`,
      [id],
    );
    return rows;
  }

  /** The events that a stream is to hear of, by the acts that were done since it was made. */
  private async eventsFor({ id, isSource }: Kept): Promise<string[]> {
    const { rows } = await world.database.db.raw(
      `select event.id from event join signal_stream stream on stream.id = ? where event.consent_id = any(?::uuid[]) and event.at >= stream.made_at
        and (stream.ended_at is null or event.at <= stream.ended_at) and (not ? or (event.type = any(?::text[])))`,
      [id, this.consents, isSource, OF_SOURCES],
    );
    return rows.map((one: { id: string }) => one.id);
  }

  /** Each event of each stream is in the one state that those who were there know. */
  async compare(): Promise<void> {
    for (const stream of this.streams) {
      const rows = await this.rowsOf(stream);
      const heard = await this.eventsFor(stream);
      if (!stream.isEnded)
        assert.deepEqual(rows.map(({ event }) => event).sort(), heard.sort(), 'each event, once');
      for (const row of rows) this.mustBeIn(stream, row, rows);
      for (const [event, jtis] of stream.jtis)
        assert.deepEqual([...jtis], [`${event}.${stream.id}`]);
    }
  }

  private mustBeIn(stream: Kept, row: Row, rows: Row[]): void {
    const { event, state, why, kind, subject, pos } = row;
    const what = JSON.stringify([
      stream.method,
      row,
      rows.filter(({ subject }) => subject === row.subject),
    ]);
    const isTaken = stream.taken.has(event);
    assert.equal(state === 'delivered', isTaken, what);
    if (isTaken) return;
    const isEnd = ENDS.includes(kind);
    const newer = rows.some(
      (other) => other.subject === subject && other.pos > pos && other.state === 'delivered',
    );
    if (state === 'superseded') assert.ok(newer && !isEnd, what);
    if (state === 'dead') assert.ok(stream.refused.has(event), what);
    if (state === 'let_go') assert.ok(stream.letGo.has(event), what);
    if (state === 'dropped')
      assert.match(why!, /^(disabled|subject_removed|stream_deleted)$/, what);
    if (why === 'subject_removed') {
      assert.ok(this.removed.get(stream)!.has(subject) && !isEnd, what);
    }
    if (why === 'stream_deleted') assert.ok(stream.isEnded, what);
    if (state === 'waiting') assert.ok(!stream.isEnded, what);
  }

  /** All is up and goes on; then nothing waits, and the newest that was taken is what holds. */
  async recover(): Promise<void> {
    this.mode = 'up';
    for (const stream of this.living()) {
      await this.setStatus(stream, 'enabled');
      await this.send();
      for (let more = stream.method === 'poll'; more; ) {
        const path = `/ssf/poll/${stream.id}`;
        const { body } = await keep(stream.owner, 'POST', path, { returnImmediately: true });
        const ack = Object.keys(body.sets);
        for (const token of Object.values<string>(body.sets)) {
          const event = note(stream, { body: token, headers: {} });
          if (event) stream.taken.add(event);
        }
        await keep(stream.owner, 'POST', path, { ack, maxEvents: 0 });
        more = ack.length > 0;
      }
    }
    await this.compare();
    const { rows } = await world.database.db.raw(
      `select request.id, request.state, (select given.suspended_at is not null from mandate given where given.consent_id = request.id and given.basis = 'consent') as suspended
        from consent_request request where request.id = any(?::uuid[])`,
      [this.consents],
    );
    for (const stream of this.living()) {
      const told = await this.rowsOf(stream);
      assert.ok(!told.some(({ state }) => state === 'waiting'), JSON.stringify(told));
      for (const { id, state, suspended } of rows) {
        const newest = told.filter(({ subject }) => subject === id).at(-1);
        if (newest?.state !== 'delivered') continue;
        const holds = state === 'approved' && suspended ? 'Suspended' : STATUS[state];
        assert.equal(stream.statuses.get(newest.event), holds, JSON.stringify([stream, newest]));
      }
    }
  }
}

describe('what streams hear', function suite() {
  this.timeout(LONGEST);
  let node: Node;
  let resource: string;
  let source: TestParty;
  before(async () => {
    node = await secondNode();
    source = await newOrganization('Kilden');
    resource = await newConsentResource(['privatperson'], { owner: source.number });
  });
  after(() => node.stop());

  it('is in one state, the one that is known where it was sent, whatever fails and changes', async () => {
    await inWorlds(async (chance) => {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const history = new History({ chance, node, person, bank, source, right: rightTo(resource) });
      for (const method of ['push', 'poll', 'webhook'] as const) await history.make(bank, method);
      await history.make(source, 'push');
      try {
        for (let some = 0; some < 2; some += 1) await history.ask();
        for (let step = 0; step < STEPS; step += 1) {
          history.offset += SECOND;
          const act = chance.pick([
            ...(['ask', 'ask', 'yes', 'yes', 'yes', 'no'] as const),
            ...(['suspend', 'suspend', 'suspend', 'resume', 'resume', 'withdraw'] as const),
            ...(['poll', 'poll', 'fails', 'recovers', 'wait', 'goOn', 'settleDead'] as const),
            ...(['pause', 'enable', 'disable', 'removeSubject', 'end'] as const),
          ]);
          await at(history.offset, async () => {
            await history[act]();
            if (chance.next() < 0.8) await history.send();
          });
          await at(history.offset, async () => {
            await history.send();
            if (step % 3 === 0) await history.compare();
          });
        }
        await at(history.offset + DAY / 2, async () => history.recover());
      } finally {
        for (const stream of history.streams) await history.remove(stream);
      }
    }, FEW);
  });
});
