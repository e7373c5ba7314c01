// The one place where things are wired: from settings and a database to a Koa application. First
// the parts that several share, then the columns, each with what it needs. It holds no rule.
import { accessRequestColumn } from './access_request/column.ts';
import { fallRequests } from './access_request/fall.ts';
import about from '../package.json' with { type: 'json' };
import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerColumn } from './caller/column.ts';
import { pagesOf } from './caller/declared_pages.ts';
import { createSignedIn, createWhoever } from './caller/pages.ts';
import { createBegin, createGuard } from './caller/doors.ts';
import { connectionColumn } from './connection/column.ts';
import { consentColumn } from './consent/column.ts';
import { createDeciding, type AskLive } from './decision/act.ts';
import { decisionColumn } from './decision/column.ts';
import { deliveryColumn } from './delivery/column.ts';
import { delegationColumn } from './delegation/column.ts';
import { logColumn } from './log/column.ts';
import { noticeColumn } from './notice_due/column.ts';
import { placeEvents } from './notice_due/feed.ts';
import { docsPages } from './description/pages.ts';
import { descriptionOperation, securityOperation } from './description/routes.ts';
import { oidcColumn } from './oidc/column.ts';
import { ACCESS_TOKEN_SECONDS } from './oidc/grant/token_claims.ts';
import { tokenFront } from './oidc/grant/front.ts';
import { toProvider } from './oidc/provider/routes.ts';
import { createKnowledge } from './resource/catalogue/catalogue.ts';
import { resourceColumn } from './resource/column.ts';
import { receiptColumn } from './receipt/column.ts';
import { signalColumn } from './signal/column.ts';
import { registerColumn } from './register/column.ts';
import { createRegisters, type Registers } from './register/commands.ts';
import { openLive, openSources, type LiveRegister } from './register/source/sources.ts';
import { platformColumn, type Column } from './platform/column.ts';
import type { Job } from './platform/job.ts';
import { createAccess } from './platform/http/access.ts';
import { buildAssets } from './platform/http/assets.ts';
import type { Database } from './platform/db/db.ts';
import type { Env } from './platform/env/env.ts';
import { route, type Operation } from './platform/http/doors.ts';
import { noticing } from './platform/http/changing.ts';
import { securityHeaders } from './platform/http/http.ts';
import type { Logger } from './platform/log.ts';
import { addMeasures, type Metrics } from './platform/metrics.ts';
import type { Tracing } from './platform/tracing.ts';
import { createRender } from './platform/http/render.ts';
import { portalColumn } from './portal/column.ts';
import { unmatchable } from './resource/registry/registry.ts';
import { supplierColumn } from './supplier/column.ts';
import { createHealth } from './platform/http/health.ts';
import { isHttps, mount } from './frame.ts';
import { enter } from './platform/http/target.ts';
import { jobMeasures } from './jobs.ts';
import { CODES, invalidShape } from './refusals.ts';
import { openParts } from './parts.ts';

export interface AppSettings {
  env: Env;
  database: Database;
  log: Logger;
  metrics: Metrics;
  /** Where traces are sent. */
  tracing?: Tracing | undefined;
}

export interface App {
  /** For `http.createServer`. */
  handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Work that goes on by itself (jobs.ts). */
  jobs: Job[];
  /** Calls back when something may have changed, by a request that was answered here. */
  onChanged(listener: () => void): void;
  /** From now on not ready: a load balancer stops sending. */
  drain(): void;
  /** Why no requests should be sent here; empty where they may. */
  whyNot(): Promise<string[]>;
  /** Where pages stand: method, address and guard of each. */
  pages: string[];
  /** The registers that are followed. */
  registers: Registers;
  /**
   * Writes what was to be written later. Called when the last request has been answered, before the
   * database is closed.
   */
  settle(): Promise<void>;
}

/** The operations of all columns, with those that describe them. */
function operationsOf(
  columns: Column[],
  { issuer, securityContact }: Env,
  described: Parameters<typeof descriptionOperation>[1],
): Operation[] {
  const operations = columns.flatMap((column) => column.operations ?? []);
  operations.push(securityOperation(issuer, securityContact));
  operations.push(descriptionOperation(operations, described));
  return operations;
}

/** Where a person gets help. */
const helpOf = ({ supportPhone: phone, supportUrl: url }: Env) => ({ phone, url });

export async function createApp(settings: AppSettings): Promise<App> {
  const { env, database, log, metrics, tracing } = settings;
  const { db, background } = database;
  const access = createAccess(log, metrics, tracing);
  const live = openLive(env.registers, tracing?.headers);
  const { newAct, jobAct } = actsOn(database, live);
  await warnOfPatterns(db, log);
  const assets = buildAssets();
  const render = createRender(assets.stylesheet, helpOf(env), new URL(env.issuer).origin);
  const parts = await openParts({ env, log, metrics, newAct, background, render, tracing });
  const health = createHealth(newAct, log);
  const registers = createRegisters(jobAct, openSources(env.registers), log, {
    patienceMillis: env.registerPatienceSeconds * 1000,
    changed: () => fallRequests(jobAct()),
  });
  const { sessions, login, forms, keyring } = parts;
  const whoever = createWhoever(sessions);
  const house = {
    ...{ ...env, ...parts, env, db, log, metrics, newAct, jobAct },
    ...{ render, live, registers, whoever, placeEvents },
    tokenSeconds: Math.max(env.tokenLifetimeSeconds, ACCESS_TOKEN_SECONDS),
    signedIn: createSignedIn(sessions, login, render, forms),
    signAnswer: (claims: object) =>
      keyring.signJwt('ES256', claims, { typ: 'consent-response+jwt' }),
  };
  const columns: Column[] = [
    platformColumn({ ...health, db, log, seal: parts.seal, jobAct, version: about.version }),
    callerColumn(house),
    oidcColumn(house),
    resourceColumn(house),
    decisionColumn(house),
    consentColumn(house),
    delegationColumn(house),
    connectionColumn(),
    accessRequestColumn(house),
    supplierColumn(house),
    registerColumn(house),
    noticeColumn(house),
    logColumn(house),
    receiptColumn(house),
    signalColumn(house),
    deliveryColumn(house),
    portalColumn(house),
  ];
  const jobs = columns.flatMap((column) => column.jobs ?? []);
  const measures = columns.flatMap((column) => column.measures ?? []);
  addMeasures(metrics, [...measures, ...jobMeasures(jobs, background)], log);
  const described = { issuer: env.issuer, version: about.version, codes: CODES };
  const operations = operationsOf(columns, env, described);
  const begin = createBegin(parts.limits, parts.addressOf);
  const doors = { newAct, guard: createGuard(parts.bearer), begin, invalid: invalidShape, metrics };
  const pages = [
    ...columns.flatMap((column) => column.pages ?? []),
    docsPages(operations, { ...described, isDemo: env.demo }, render),
  ];
  const headers = securityHeaders(isHttps(env));
  const frame = { env, access, render, headers, whoever, serveAssets: assets.serve };
  const rows = [...route(operations, doors), ...pages];
  const koa = mount(frame, rows, toProvider(parts.provider, parts));
  const front = tokenFront({ ...parts, access, metrics, log, headers }, koa.callback());
  return {
    ...noticing(enter(env.issuer, front)),
    jobs,
    drain: health.drain,
    whyNot: health.whyNot,
    async settle() {
      await Promise.all(columns.map(({ settle }) => settle?.()));
    },
    pages: pages.flatMap(pagesOf),
    registers,
  };
}

/** The rules that nothing can match are indeterminate until their policy is published anew. */
async function warnOfPatterns(db: Database['db'], log: Logger): Promise<void> {
  for (const one of await unmatchable(db))
    log.warn(one, 'a rule is indeterminate, as its pattern cannot be matched: publish it anew');
}

/** Acts of requests and of jobs: with the same knowledge, each on connections of their own. */
function actsOn({ db, background }: Database, live: LiveRegister[]) {
  const askLive: AskLive = async (register, from, to, matter) =>
    live.find(({ code }) => code === register)?.decide(from, to, matter);
  const known = { knowledge: createKnowledge(), askLive };
  return {
    newAct: createDeciding({ ...known, db }),
    jobAct: createDeciding({ ...known, db: background }),
  };
}
