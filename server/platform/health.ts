// Liveness and readiness for whoever runs the server. It knows the database only as something that
// answers or not.
import { query, type Db, type Statement } from './db.ts';
import { reply, type Operation } from './doors.ts';
import { oneOf, shape } from './shapes.ts';

const ping: Statement = { name: 'ping', text: 'select 1' };

const shared = {
  method: 'GET' as const,
  who: { kind: 'public' as const },
  dialect: 'altinn' as const,
  limit: 'health' as const,
};
const state = <const Words extends readonly string[]>(...words: Words) =>
  shape({ status: oneOf(words) });

export function createHealth(db: Db): { operations: Operation[]; drain: () => void } {
  let draining = false;
  const isThere = () =>
    query(db, ping).then(
      () => true,
      () => false,
    );
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
