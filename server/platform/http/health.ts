// Liveness and readiness for whoever runs the server. It knows the database only as something that
// answers or not.
import type { Act } from '../act.ts';
import { queryOne, type Statement } from '../db/db.ts';
import type { Logger } from '../log.ts';
import type { Readiness } from '../metrics.ts';
import { reply, type Operation } from './doors.ts';
import { oneOf, shape } from './shapes.ts';

// The catalogue, on which every decision rests; the import brings it (deploy/base).
const ping: Statement = {
  name: 'ping',
  text: `select exists (select from role) and exists (select from resource where resource.id = 'altinn_access_management') as whole,
    extract(epoch from clock_timestamp()) * 1000 as now`,
};
/** A node whose clock differs more from the database's judges ends and tokens wrongly. */
const MOST_APART_MILLIS = 2_000;
const NO_BASE =
  'the base set is missing: npm run import -- deploy/operator.json deploy/base/*.json (docs/import.md)';
const CLOCK_AHEAD = "the clock is more than two seconds ahead of the database's";
const CLOCK_BEHIND = "the clock is more than two seconds behind the database's";

const shared = {
  method: 'GET' as const,
  who: { kind: 'public' as const },
  dialect: 'altinn' as const,
  limit: 'health' as const,
};
const state = <const Words extends readonly string[]>(...words: Words) =>
  shape({ status: oneOf(words) });

export interface Health extends Readiness {
  operations: Operation[];
  /** From now on not ready. */
  drain: () => void;
  /** Says why the schema is none to serve on any more; undefined where it is. */
  setUnfit: (why: string | undefined) => void;
  /** Seconds that our clock is ahead of the database's; negative where it is behind. */
  clockAhead: () => Promise<number>;
}

export function createHealth(newAct: () => Act, log: Logger): Health {
  let draining = false;
  let told = '';
  let unfit: string | undefined;
  const ask = async () => {
    const act = newAct();
    const { whole, now } = (await queryOne<{ whole: boolean; now: number }>(act.db, ping))!;
    // It read its clock between our asking and its answer.
    const [least, most] = [+act.now - Number(now), +newAct().now - Number(now)];
    return { whole, aheadMillis: least > 0 ? least : Math.min(most, 0) };
  };
  async function faults(): Promise<string[]> {
    try {
      const { whole, aheadMillis } = await ask();
      const isApart = Math.abs(aheadMillis) > MOST_APART_MILLIS;
      return [
        ...(unfit ? [unfit] : []),
        ...(whole ? [] : [NO_BASE]),
        ...(isApart ? [aheadMillis > 0 ? CLOCK_AHEAD : CLOCK_BEHIND] : []),
      ];
    } catch {
      return ['the database does not answer'];
    }
  }
  async function whyNot(): Promise<string[]> {
    const found = await faults();
    const all = found.join('; ');
    if (all && all !== told) log.error({ why: found }, 'not ready');
    told = all;
    return [...(draining ? ['it drains'] : []), ...found];
  }
  return {
    whyNot,
    clockAhead: async () => (await ask()).aheadMillis / 1000,
    operations: [
      {
        ...shared,
        id: 'health_live',
        paths: ['/health/live'],
        summary: 'Whether the process runs',
        answers: { 200: { description: 'It does', schema: state('live') } },
        handle: () => reply({ status: 'live' }),
      },
      {
        ...shared,
        id: 'health_ready',
        paths: ['/health/ready'],
        summary: 'Whether requests may be sent here',
        answers: {
          200: { description: 'They may', schema: state('ready') },
          503: { description: 'Not now', schema: state('not ready') },
        },
        handle: async () =>
          !draining && (await whyNot()).length === 0
            ? reply({ status: 'ready' })
            : reply({ status: 'not ready' }, 503, { 'retry-after': '5' }),
      },
    ],
    drain: () => {
      draining = true;
    },
    setUnfit: (why) => {
      unfit = why;
    },
  };
}
