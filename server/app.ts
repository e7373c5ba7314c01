// The one place where things are wired: from settings and a database to a Koa application, its
// parts made in the order in which they know each other. It holds no rule.
import { fallRequests } from './access_request/fall.ts';
import about from '../package.json' with { type: 'json' };
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createWhoever } from './caller/pages.ts';
import { createBegin, createGuard } from './caller/doors.ts';
import { createDeciding } from './decision/act.ts';
import { createDecisionLog } from './decision/log/log.ts';
import { placeAll } from './notice_due/feed.ts';
import { docsPages } from './description/pages.ts';
import { descriptionOperation, securityOperation } from './description/routes.ts';
import { CODES, invalidShape, machineOperations } from './operations.ts';
import { tokenFront } from './oidc/grant/front.ts';
import { toProvider } from './oidc/provider/routes.ts';
import { createKnowledge } from './resource/catalogue/catalogue.ts';
import { createRegisters, type Registers } from './register/commands.ts';
import { openLive, openSources } from './register/sources.ts';
import { buildAssets } from './platform/http/assets.ts';
import type { Database } from './platform/db/db.ts';
import type { Env } from './platform/env/env.ts';
import { route } from './platform/http/doors.ts';
import { securityHeaders } from './platform/http/http.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { createRender } from './platform/http/render.ts';
import { mendIndex } from './resource/policy/publish.ts';
import { unmatchable } from './resource/registry/registry.ts';
import { createHealth } from './platform/http/health.ts';
import { isHttps, mount } from './frame.ts';
import { enter } from './platform/http/target.ts';
import { tend } from './tend.ts';
import { pageRoutes, pagesOf } from './pages.ts';
import { openParts } from './parts.ts';

export interface AppSettings {
  env: Env;
  database: Database;
  log: Logger;
  metrics: Metrics;
}

export interface App {
  /** For `http.createServer`. */
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Rotates keys when due and removes what has expired. Called every half minute by main.ts. */
  tend(): Promise<void>;
  /** Puts right what of the policies' index differs from them; answers with whose it was. */
  mend(): Promise<string[]>;
  /** Notifies clients of sessions that have ended. Called every second by main.ts. */
  tell(): Promise<void>;
  /** Gives what has happened its place in the feed. Called twice a second by main.ts. */
  order(): Promise<void>;
  /** From now on not ready: a load balancer stops sending. */
  drain(): void;
  /** Where pages stand: method, address and guard of each. */
  pages: string[];
  /** The registers that are followed: polled every few seconds, reconciled at night (main.ts). */
  registers: Registers;
  /**
   * Writes what was to be written later. Called when the last request has been answered, before the
   * database is closed.
   */
  settle(): Promise<void>;
}

export async function createApp({ env, database, log, metrics }: AppSettings): Promise<App> {
  const { db } = database;
  const live = openLive(env.registers);
  const newAct = createDeciding({
    db,
    knowledge: createKnowledge(),
    askLive: async (register, from, to, matter) =>
      live.find(({ code }) => code === register)?.decide(from, to, matter),
  });
  for (const one of await unmatchable(db)) {
    log.warn(one, 'a rule is indeterminate, as its pattern cannot be matched: publish it anew');
  }
  const assets = buildAssets();
  const render = createRender(assets.stylesheet);
  const parts = await openParts({ env, log, metrics, newAct, render });
  const health = createHealth(db, log);
  const decisionLog = createDecisionLog(db, log);
  const registers = createRegisters(newAct, openSources(env.registers), log, {
    patienceMillis: env.registerPatienceSeconds * 1000,
    metrics,
    changed: () => fallRequests(newAct()),
  });
  const operations = [
    ...health.operations,
    ...machineOperations({ ...parts, env, metrics, log: decisionLog, registers, live }),
  ];
  const described = { issuer: env.issuer, version: about.version, codes: CODES };
  operations.push(securityOperation(env.issuer, env.securityContact));
  operations.push(await descriptionOperation(operations, described));
  const begin = createBegin(parts.limits, parts.addressOf);
  const doors = { newAct, guard: createGuard(parts.bearer), begin, invalid: invalidShape, metrics };
  const pages = [
    ...pageRoutes({ ...parts, env, metrics, newAct, render, live }),
    await docsPages(operations, described, render),
  ];
  const routers = [...route(operations, doors), ...pages];
  const headers = securityHeaders(isHttps(env));
  const whoever = createWhoever(parts.sessions);
  const frame = { env, log, metrics, render, headers, whoever, serveAssets: assets.serve };
  const last = toProvider(parts.provider, parts);
  return {
    handler: enter(
      env.issuer,
      tokenFront({ ...parts, metrics, log, headers }, mount(frame, routers, last).callback()),
    ),
    tend: () => tend(newAct(), parts.keyring, env),
    mend: () => mendIndex(db),
    tell: parts.logouts.send,
    async order() {
      const { count, behind } = await placeAll(newAct());
      if (count) metrics.feedBehind.set(behind);
    },
    drain: health.drain,
    settle: decisionLog.flush,
    pages: pages.flatMap(pagesOf),
    registers,
  };
}
