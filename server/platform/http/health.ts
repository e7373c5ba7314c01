// Liveness and readiness for whoever runs the server. It knows the database only as something that
// answers or not.
import { queryOne, type Db, type Statement } from '../db/db.ts';
import type { Logger } from '../log.ts';
import { reply, type Operation } from './doors.ts';
import { oneOf, shape } from './shapes.ts';

// The catalogue, on which every decision rests; the import brings it (deploy/base).
const ping: Statement = {
  name: 'ping',
  text: `select exists (select from role) and exists (select from resource where resource.id = 'altinn_access_management') as whole`,
};

const shared = {
  method: 'GET' as const,
  who: { kind: 'public' as const },
  dialect: 'altinn' as const,
  limit: 'health' as const,
};
const state = <const Words extends readonly string[]>(...words: Words) =>
  shape({ status: oneOf(words) });

export function createHealth(db: Db, log: Logger): { operations: Operation[]; drain: () => void } {
  let draining = false;
  let wasWhole = true;
  const isThere = async () => {
    try {
      const isWhole = (await queryOne<{ whole: boolean }>(db, ping))?.whole === true;
      if (!isWhole && wasWhole)
        log.error(
          'the base set is missing: npm run import -- own.json deploy/base/*.json (docs/import.md)',
        );
      wasWhole = isWhole;
      return isWhole;
    } catch {
      return false;
    }
  };
  return {
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
          !draining && (await isThere())
            ? reply({ status: 'ready' })
            : reply({ status: 'not ready' }, 503, { 'retry-after': '5' }),
      },
    ],
    drain: () => {
      draining = true;
    },
  };
}
