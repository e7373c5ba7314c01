// Liveness and readiness for whoever runs the server. It knows the database only as something that
// answers or not.
import Router from '@koa/router';
import { query, type Db, type Statement } from './db.ts';
import { named } from './http.ts';

const ping: Statement = { name: 'ping', text: 'select 1' };

export function healthRoutes(db: Db): { router: Router; drain: () => void } {
  let draining = false;
  const router = new Router({ prefix: '/health' });
  router.get('/live', named('health_live'), (ctx) => {
    ctx.body = { status: 'live' };
  });
  router.get('/ready', named('health_ready'), async (ctx) => {
    const ready =
      !draining &&
      (await query(db, ping).then(
        () => true,
        () => false,
      ));
    ctx.status = ready ? 200 : 503;
    if (!ready) ctx.set('retry-after', '5');
    ctx.body = { status: ready ? 'ready' : 'not ready' };
  });
  return {
    router,
    drain: () => {
      draining = true;
    },
  };
}
