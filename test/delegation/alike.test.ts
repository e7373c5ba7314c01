// Nobody finds out who exists: a number that is nobody's, a wrong last name and a person whom one
// has nothing to do with are one answer, by the same statements in the same order, so that the time
// tells nothing either.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MANDATES, newFirm } from '../support/rights/rights.ts';
import { personNumber } from '../support/numbers.ts';
import { statementsOf } from '../support/run/statements.ts';
import {
  call,
  newPerson,
  personToken,
  world,
  type Answer,
  type TestParty,
} from '../support/world.ts';

const BASE = '/accessmanagement/api/v1/enduser';
/** How often each way is timed (`npm run bench alike`). */
const ROUNDS = Number(process.env.ALIKE_ROUNDS ?? 0);
const urn = (number: string) => `urn:altinn:person:identifier-no:${number}`;

describe('whether somebody exists', () => {
  let stranger: TestParty;
  before(async () => {
    stranger = await newPerson('Petra Prøvland');
  });

  /** What a caller can tell the ways apart by; the first call of each warms what is remembered. */
  async function alike(ways: (() => Promise<Answer>)[]): Promise<void> {
    const told: unknown[] = [];
    for (const way of ways) {
      await way();
      let answer: Answer | undefined;
      const statements = await statementsOf(async () => {
        answer = await way();
      });
      const { traceId: _trace, ...body } = answer!.body;
      told.push({ status: answer!.status, body, statements });
    }
    for (const one of told) assert.deepEqual(one, told[0]);
    assert.ok((told[0] as { status: number }).status >= 400);
    if (ROUNDS) await time(ways);
  }

  /** Tells how long each takes, in turns; of doors that close after a few misses nothing. */
  async function time(ways: (() => Promise<Answer>)[]): Promise<void> {
    const taken: number[][] = ways.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [index, way] of ways.entries()) {
        const begun = performance.now();
        if ((await way()).status === 429) return;
        taken[index]!.push(performance.now() - begun);
      }
    const told = taken.map((times) => {
      times.sort((a, b) => a - b);
      const at = (share: number) => times[Math.floor(share * times.length)]!.toFixed(2);
      return `p10 ${at(0.1)} p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)}`;
    });
    console.log(told.map((one) => `      ${one} ms`).join('\n'));
  }
  const as = async (actor: TestParty, method: string, path: string, body?: unknown) =>
    call(method, path, await personToken(actor), body);

  it('is not told where a person is added by number and last name', async () => {
    const { firm, boss } = await newFirm();
    const path = `${BASE}/connections?party=${firm.id}&from=${firm.id}`;
    const adding = (personIdentifier: string, lastName: string) => () =>
      as(boss, 'POST', path, { personIdentifier, lastName });
    await alike([adding(personNumber(), 'Prøvland'), adding(stranger.number, 'Feil')]);
  });

  it('is not told where rights are given', async () => {
    const { firm: own, boss } = await newFirm();
    const giving = (to: string, lastName?: string) => () =>
      as(boss, 'POST', MANDATES, { from: own.id, to, lastName, package: 'merverdiavgift' });
    await alike([giving(urn(personNumber()), 'Prøvland'), giving(urn(stranger.number), 'Feil')]);
    await alike([giving(randomUUID()), giving(stranger.id)]);
    const ids = await world.database.db.raw('select party_id from party where id = ?', [
      stranger.id,
    ]);
    const byPartyId = (id: unknown) => giving(`urn:altinn:partyid:${id}`);
    await alike([byPartyId(999_999_999), byPartyId(ids.rows[0].party_id)]);
  });

  it('is not told where mandates, logs and checks are asked for', async () => {
    const { boss } = await newFirm();
    const get = (path: string) => () => as(boss, 'GET', path);
    for (const path of [
      (id: string) => `${MANDATES}?from=${id}`,
      (id: string) => `${MANDATES}?to=${id}`,
      (id: string) => `/access/v1/log/decisions?party=${id}`,
      (id: string) => `/access/v1/log/searches?party=${id}`,
      (id: string) => `/access/v1/log/events?party=${id}`,
      (id: string) => `/access/v1/notices?party=${id}`,
    ]) {
      await alike([get(path(urn(personNumber()))), get(path(urn(stranger.number)))]);
      await alike([get(path(randomUUID())), get(path(stranger.id))]);
    }
    const check = (id: string) => `${BASE}/connections/accesspackages/delegationcheck?party=${id}`;
    await alike([get(check(randomUUID())), get(check(stranger.id))]);
  });

  it('is not told where somebody gives for another', async () => {
    const { boss } = await newFirm();
    const giving = (from: string) => () =>
      as(boss, 'POST', MANDATES, { from, to: boss.id, package: 'merverdiavgift' });
    await alike([giving(randomUUID()), giving(stranger.id)]);
    await alike([giving(urn(personNumber())), giving(urn(stranger.number))]);
  });

  it('is not told where agents are added', async () => {
    const { firm: own, boss } = await newFirm();
    const path = `${BASE}/clientdelegations/agents?party=${own.id}`;
    const adding = (agent: string) => () => as(boss, 'POST', `${path}&agent=${agent}`);
    await alike([adding(randomUUID()), adding(stranger.id)]);
  });
});
