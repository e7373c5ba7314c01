// A mixed load of people and machines: consents are asked for, answered, redeemed and withdrawn,
// and powers of attorney given, decided upon and ended, while faults come. It keeps what was
// acknowledged, and says afterwards what of it is lost, done twice, or held to have ended and does
// not.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { API, call, outsideToken, REQUESTS, type Answer } from '../world.ts';
import {
  bank,
  bankToken,
  danielToken,
  EVALUATION,
  giftToKari,
  kari,
  kariToken,
  MANDATES,
  mayKariRead,
  ownerToken,
  REGISTRY,
  requestOfKari,
  serviceNamed,
} from './demo_acts.ts';
import { connected } from './postgres.ts';

/** A refusal that is no answer of the domain: an outage as its caller sees it. */
interface Refused {
  at: number;
  act: string;
  why: string;
}

interface Outcome {
  /** Acts that were acknowledged. */
  acts: number;
  refused: Refused[];
  /** The longest time that one act took to be answered, in ms. */
  longest: number;
  lost: string[];
  doubled: string[];
  /** Positive answers after an acknowledged end. */
  stale: string[];
}

export interface Mixed {
  outcome: Outcome;
  /** Ends it, and holds what was acknowledged against what is stored. */
  end(databaseUrl: string): Promise<Outcome>;
}

/** An act is tried again until it is answered, so long. */
const PATIENCE_MILLIS = 60_000;
const AGAIN_MILLIS = 100;
/** A token is used for so long: a drill outlives the tokens of its callers. */
const FRESH_MILLIS = 60_000;
/** Events of a consent that happen once. */
const ONCE = ['requested', 'approved', 'withdrawn'];

/** Answers with a token that is fresh enough, made anew where it is not. */
function tokenOf(make: () => Promise<string>): () => Promise<string> {
  let made: { at: number; token: Promise<string> } | undefined;
  return () => {
    if (!made || performance.now() - made.at > FRESH_MILLIS)
      made = { at: performance.now(), token: make() };
    return made.token;
  };
}

/** So many workers at an address, each of whom rests so long between two acts. */
export async function startMixed(url: string, workers: number, restMillis: number): Promise<Mixed> {
  const outcome: Outcome = { acts: 0, refused: [], longest: 0, lost: [], doubled: [], stale: [] };
  const stages = new Map<string, string[]>();
  const mandates: { id: string; isOver: boolean }[] = [];
  let isOn = true;

  /** Sends until it is answered; an outage is noted and tried again. */
  async function send(
    act: string,
    method: string,
    path: string,
    token: () => Promise<string>,
    body?: unknown,
  ): Promise<Answer> {
    const last = performance.now() + PATIENCE_MILLIS;
    for (;;) {
      const begun = performance.now();
      const answer = await call(method, url + path, await token(), body).catch(
        (error: Error) => ({ status: 0, text: String(error.cause ?? error) }) as Answer,
      );
      outcome.longest = Math.max(outcome.longest, performance.now() - begun);
      if (answer.status > 0 && answer.status < 500) return answer;
      outcome.refused.push({ at: performance.now(), act, why: `${answer.status} ${answer.text}` });
      assert.ok(performance.now() < last, `${act}: ${answer.status} ${answer.text}`);
      await pause(AGAIN_MILLIS);
    }
  }
  const acted = (answer: Answer, ...wanted: number[]) => {
    assert.ok(wanted.includes(answer.status), `${answer.status} ${answer.text}`);
    outcome.acts += 1;
    return pause(restMillis);
  };

  const [asker, giver, resolver] = [
    tokenOf(bankToken),
    tokenOf(kariToken),
    tokenOf(() => outsideToken({ scope: 'altinn:maskinporten/consent.read' })),
  ];
  const redeem = (id: string) =>
    send('redeem', 'POST', `${API}/maskinporten/consent/lookup`, resolver, {
      id,
      from: kari.urn,
      to: bank.urn,
    });
  async function consent(): Promise<void> {
    const body = requestOfKari();
    const { id } = body;
    const done: string[] = [];
    stages.set(id, done);
    await acted(await send('create', 'POST', REQUESTS, asker, body), 200, 201);
    done.push('requested');
    const path = `${API}/consent/request/${id}`;
    await acted(await send('approve', 'POST', `${path}/approve`, giver, { language: 'nb' }), 200);
    done.push('approved');
    await acted(await redeem(id), 200);
    await acted(await send('withdraw', 'POST', `${API}/consent/${id}/revoke`, giver), 200);
    done.push('withdrawn');
    for (let times = 0; times < 2; times += 1) {
      const after = await redeem(id);
      if (after.status === 200) outcome.stale.push(id);
    }
  }

  const [chief, owner] = [tokenOf(danielToken), tokenOf(ownerToken)];
  /** Each worker has a service of its own, so that no mandate is another's too. */
  async function service(): Promise<string> {
    const identifier = `ovelse-${randomUUID().slice(0, 8)}`;
    const made = await send('publish', 'POST', REGISTRY, owner, serviceNamed(identifier));
    // One that was tried again is there already.
    assert.ok([201, 409].includes(made.status), made.text);
    return identifier;
  }
  const decide = async (identifier: string) => {
    const answer = await send('decide', 'POST', EVALUATION, owner, mayKariRead(identifier));
    assert.equal(answer.status, 200, answer.text);
    return answer.body.decision as boolean;
  };
  async function mandate(identifier: string): Promise<void> {
    const given = await send('give', 'POST', MANDATES, chief, giftToKari(identifier));
    await acted(given, 200, 201);
    const one = { id: given.body.id as string, isOver: false };
    mandates.push(one);
    if (!(await decide(identifier))) outcome.lost.push(`${one.id} decides nothing`);
    const ended = await send('end', 'DELETE', `${MANDATES}/${one.id}`, chief);
    // One that was tried again has ended already.
    await acted(ended, 200, 204, 404, 409);
    one.isOver = true;
    for (let times = 0; times < 2; times += 1)
      if (await decide(identifier)) outcome.stale.push(one.id);
  }

  const running = Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const identifier = index % 2 ? await service() : '';
      while (isOn) await (index % 2 ? mandate(identifier) : consent());
    }),
  );
  // A failure is found when the load ends.
  running.catch(() => {
    isOn = false;
  });
  return {
    outcome,
    async end(databaseUrl) {
      isOn = false;
      await running;
      await judge(databaseUrl, outcome, { stages, mandates });
      return outcome;
    },
  };
}

interface Acknowledged {
  stages: Map<string, string[]>;
  mandates: { id: string; isOver: boolean }[];
}

/** What is stored, against what was acknowledged: each once, and none missing. */
async function judge(url: string, outcome: Outcome, { stages, mandates }: Acknowledged) {
  await connected(url, async (client) => {
    const { rows: events } = await client.query<{ id: string; types: string[] }>(
      `select consent_id::text as id, array_agg(type order by id) as types from event where consent_id = any($1) group by 1`,
      [[...stages.keys()]],
    );
    const stored = new Map(events.map(({ id, types }) => [id, types]));
    for (const [id, done] of stages) {
      const types = stored.get(id) ?? [];
      for (const stage of done) if (!types.includes(stage)) outcome.lost.push(`${id} ${stage}`);
      for (const type of ONCE)
        if (types.filter((one) => one === type).length > 1) outcome.doubled.push(`${id} ${type}`);
    }
    const { rows } = await client.query<{ id: string; is_over: boolean }>(
      'select id::text, ended_at is not null as is_over from mandate where id = any($1)',
      [mandates.map(({ id }) => id)],
    );
    const held = new Map(rows.map((row) => [row.id, row.is_over]));
    for (const { id, isOver } of mandates)
      if (held.get(id) === undefined || (isOver && !held.get(id))) outcome.lost.push(id);
  });
}
