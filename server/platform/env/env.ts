// The environment, read once at the door: every variable with its default, its check and its
// meaning. All faults are reported together; in production nothing has an unsafe default. Only this
// file reads process.env.

import { addressesIn } from './addresses.ts';
import {
  checkEid,
  checkIssuer,
  checkMode,
  checkSeed,
  checkOneOf,
  readCheckpoints,
  readDoors,
  readKeeping,
  readOperator,
  readProxies,
  readSecrets,
  readTraces,
} from './checks.ts';
import {
  type Report,
  standIns,
  readRegisters,
  readTrustedIssuers,
  type TrustedIssuer,
  type RegisterSetting,
} from './lists.ts';
import { readNotify, type Notify } from './notify.ts';
import { reader, type SettingsReader, type Variables } from './reader.ts';
import { OF_COMMANDS, type Command } from './settings.ts';

/** Days until a refresh token without a consent ends: after its last use, and after its first. */
export interface RefreshDays {
  idle: number;
  most: number;
}

/** Days after which what the operator does not keep is let go; 0: never. */
export interface Keeping {
  /** After the consent has ended. */
  consentEvents: number;
  /** After the mandate has ended. */
  mandateEvents: number;
  /** After a place in a feed was given. */
  feed: number;
  /** The folder that gets what is erased first; none where it is just erased. */
  archive: string | undefined;
}

export interface Env {
  production: boolean;
  /** Neither production nor a developer's machine: what is unsafe is allowed, and said. */
  test: boolean;
  host: string;
  port: number;
  /** How long a node that is to stop goes on taking requests, while its proxies notice. */
  drainSeconds: number;
  metricsHost: string;
  metricsPort: number;
  issuer: string;
  databaseUrl: string | undefined;
  /** The address of the role that may change the schema, for `npm run migrate`. */
  migrateDatabaseUrl: string | undefined;
  /** The address of the database as it was at its end, after a restore to a point before. */
  restoreFrom: string | undefined;
  /** Whether a node brings the schema up to date when it starts; else it only looks. */
  migrates: boolean;
  databasePool: number;
  dataDir: string;
  secret: string;
  /** Secrets that sealed and signed before `secret`, while both are accepted. */
  acceptedSecrets: string[];
  logLevel: string;
  /** Where traces are sent, and the share of them that is; none: nowhere. */
  traces: { endpoint: string; ratio: number } | undefined;
  eid: {
    issuer: string;
    clientId: string;
    clientSecret: string | undefined;
    clientKey: string | undefined;
  };
  trustedIssuers: TrustedIssuer[];
  eventPageSize: number;
  eventMinimumAgeSeconds: number;
  tokenLifetimeSeconds: number;
  keyRotationDays: number;
  keyPublishAheadSeconds: number;
  sessionIdleMinutes: number;
  /** Days after a no in which the same client may not ask the same again. */
  quietDays: { oauth: number; enterprise: number };
  /** Days before the end of a consent from which its renewal may be asked for. */
  renewDays: number;
  refreshDays: RefreshDays;
  /** Days that a decision stays in the log at least. */
  decisionLogDays: number;
  keeping: Keeping;
  /** The folder outside the database where checkpoints of the log are written, for all nodes. */
  logCheckpoints: string | undefined;
  /** Whether an answer waits until its decision is written down. */
  isLogDurable: boolean;
  registers: RegisterSetting[];
  registerPollSeconds: number;
  /** After which a feed that is not read to its end, or has lines aside, is an error. */
  registerPatienceSeconds: number;
  /** The contact for reports of a hole: `mailto:` or `https:` (RFC 9116 §2.5.3). */
  securityContact: string | undefined;
  /** Where clients' users read on what terms they log in (RFC 8414 §2). */
  policyUri: string | undefined;
  termsUri: string | undefined;
  /** The controller of the data that is kept here (GDPR article 4 (7)), by name. */
  /** The controller, its legal basis, and the addresses of it and its data protection officer. */
  privacy: Partial<Record<'controller' | 'basis' | 'contact' | 'officer', string>>;
  /** The operator's accessibility statement. */
  accessibilityUrl: string | undefined;
  /** Where the operator helps people: a telephone number, a page. */
  supportPhone: string | undefined;
  /** National identity numbers of the support staff. */
  supportStaff: string[];
  /** Organisation numbers of those whose searches are shown to nobody. */
  exemptSearches: string[];
  supportUrl: string | undefined;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** The doors by which systems hear of what happens. */
  signals: { ssf: boolean; webhooks: boolean };
  /** Whether tokens say where their status is, and the lists are there. */
  statusList: boolean;
  /** Organisation number of whoever runs the server: owner of what rules of ours ask for. */
  operator: string | undefined;
  operatorName: string | undefined;
  /** The ways by which people hear of notices; absent where they do not. */
  notify: Notify | undefined;
  seed: string[];
  demo: boolean;
}

/** Seconds for which any access token may be believed. */
export const LONGEST_TOKEN_SECONDS = 3_600;

/** The demo's secret. Anybody can read it here, so production refuses it. */
const DEVELOPMENT_SECRET = 'development-only-secret-do-not-use-in-production';

/** The settings of a command beside the server, which asks for its own only. */
export const readEnvOf = (command: Command): Env => readEnv(process.env, command);

/**
 * Reads and checks the settings; throws one Error that lists every fault, of those that the command
 * asks for where one is named.
 */
export function readEnv(source: Variables = process.env, command?: Command): Env {
  const faults: string[] = [];
  const own = command && new Set(OF_COMMANDS[command]);
  const fault = (name: string, why: string) => {
    if (!own || own.has(name)) faults.push(`${name}: ${why}`);
  };
  const read = reader(source, fault);
  const { text, whole, flag, list } = read;
  const mode = checkOneOf('NODE_ENV', text('NODE_ENV', 'development'), MODES, fault);
  const production = mode === 'production';
  const port = whole('PORT', 3000, 0, 65535);
  const host = text('HOST', '127.0.0.1');
  const issuer = text('ISSUER', production ? '' : `http://127.0.0.1:${port}`);
  checkMode({ mode: source.NODE_ENV, issuer, host }, fault);
  checkIssuer(issuer, production, fault);
  // An empty one seeds nothing; only one that is not there is the demo's.
  const seed = list('SEED', mode === 'development' && source.SEED === undefined ? DEMO_WORLD : '');
  checkSeed(seed, production, fault);
  const database = readDatabase(read, production, fault);
  const demo = flag('DEMO', mode === 'development') && mode === 'development';
  const env: Env = {
    production,
    test: mode === 'test',
    host,
    port,
    issuer,
    ...readSecrets(read, production ? '' : DEVELOPMENT_SECRET, production, fault),
    eid: readEid(read, { production, port, issuer }, fault),
    ...database,
    drainSeconds: whole('DRAIN_SECONDS', production ? 5 : 0, 0, 600),
    metricsHost: text('METRICS_HOST', '127.0.0.1'),
    metricsPort: whole('METRICS_PORT', 9464, 0, 65535),
    logLevel: checkOneOf(
      'LOG_LEVEL',
      text('LOG_LEVEL', production ? 'info' : 'warn'),
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      fault,
    ),
    traces: readTraces(read, fault),
    trustedIssuers: readTrustedIssuers(text('TRUSTED_ISSUERS'), issuer, production, fault),
    eventPageSize: whole('EVENT_PAGE_SIZE', 100, 1, 1000),
    eventMinimumAgeSeconds: whole('EVENT_MINIMUM_AGE', 0, 0, 3600),
    tokenLifetimeSeconds: whole('TOKEN_LIFETIME', 120, 10, LONGEST_TOKEN_SECONDS),
    keyRotationDays: whole('KEY_ROTATION_DAYS', 90, 1, 3650),
    keyPublishAheadSeconds: whole('KEY_PUBLISH_AHEAD', 86400, production ? 3600 : 0, 2592000),
    sessionIdleMinutes: whole('SESSION_IDLE_MINUTES', 30, 1, 720),
    ...daysOfAsking(read),
    refreshDays: {
      idle: whole('REFRESH_IDLE_DAYS', 30, 1, 3650),
      most: whole('REFRESH_DAYS', 400, 1, 3650),
    },
    ...readKeeping(read, fault),
    logCheckpoints: readCheckpoints(read, { production, dataDir: database.dataDir }, fault),
    registers: readRegisters(
      text('REGISTERS') || (mode === 'development' ? standIns(port) : ''),
      production,
      fault,
    ),
    registerPollSeconds: whole('REGISTER_POLL', 15, 1, 3600),
    registerPatienceSeconds: whole('REGISTER_PATIENCE', 900, 1, 604_800),
    ...addressesIn(read, mode, fault),
    trustedProxies: readProxies(list('TRUSTED_PROXIES'), production, fault),
    ...readDoors(read, mode),
    notify: readNotify(read, { production, demo, port }, fault),
    operator: readOperator(text('OPERATOR', production ? '' : DEMO_OPERATOR), fault),
    operatorName: text('OPERATOR_NAME') || undefined,
    seed,
    demo,
  };
  if (faults.length) throw new Error(told(faults));
  return Object.freeze(env);
}

const daysOfAsking = ({ whole }: SettingsReader) => ({
  quietDays: {
    oauth: whole('ASK_AGAIN_DAYS', 30, 0, 3650),
    enterprise: whole('ASK_AGAIN_DAYS_ENTERPRISE', 0, 0, 3650),
  },
  renewDays: whole('RENEW_DAYS', 60, 1, 3650),
});

const MODES = ['development', 'test', 'production'];
/** The base set first, but for what it has of the operator, who is one of the demo's parties. */
export const DEMO_WORLD = [
  'deploy/base/1-catalogue.json',
  'clients/world/1-people.json',
  'deploy/base',
  'clients/world',
].join();
const DEMO_OPERATOR = '211104015';

const told = (faults: string[]) =>
  `The configuration has ${faults.length} fault${faults.length > 1 ? 's' : ''}:\n${faults.map((line) => `  - ${line}`).join('\n')}`;

function readEid(
  { text }: SettingsReader,
  { production, port, issuer }: Pick<Env, 'production' | 'port' | 'issuer'>,
  fault: Report,
): Env['eid'] {
  const eid = {
    issuer: text('EID_ISSUER', production ? '' : `http://127.0.0.1:${port + 1}`),
    clientId: text('EID_CLIENT_ID', production ? '' : 'tillit'),
    clientSecret:
      text('EID_CLIENT_SECRET', production ? '' : 'development-only-eid-secret') || undefined,
    clientKey: text('EID_CLIENT_KEY') || undefined,
  };
  checkEid(eid, issuer, production, fault);
  return eid;
}

function readDatabase({ text, whole }: SettingsReader, production: boolean, fault: Report) {
  const databaseUrl = text('DATABASE_URL') || undefined;
  const migrateDatabaseUrl = text('MIGRATE_DATABASE_URL') || undefined;
  const restoreFrom = text('RESTORE_FROM') || undefined;
  const isEmbedded = text('DATABASE') === 'embedded';
  for (const [name, url] of Object.entries({
    DATABASE_URL: databaseUrl,
    MIGRATE_DATABASE_URL: migrateDatabaseUrl,
    RESTORE_FROM: restoreFrom,
  }))
    if (url && !/^postgres(ql)?:\/\//.test(url)) fault(name, 'must start with postgres://');
  if (text('DATABASE') && !isEmbedded) fault('DATABASE', 'must be embedded, or left out');
  if (databaseUrl && isEmbedded) fault('DATABASE', 'is embedded, and DATABASE_URL is given');
  if (production && !databaseUrl && !isEmbedded)
    fault('DATABASE_URL', 'is required, or DATABASE=embedded for one node and its own disk');
  return {
    databaseUrl,
    migrateDatabaseUrl,
    restoreFrom,
    migrates:
      checkOneOf('MIGRATE', text('MIGRATE', 'start'), ['start', 'never'], fault) === 'start',
    databasePool: whole('DATABASE_POOL', 10, 1, 200),
    dataDir: text('DATA_DIR', 'data'),
  };
}
