// The environment, read once at the door: every variable with its default, its check and its
// meaning. All faults are reported together; in production nothing has an unsafe default. Only this
// file reads process.env.

import { type Report, checkUrl, standIns, readRegisters, readTrustedIssuers } from './env_lists.ts';
import type { TrustedIssuer, RegisterSetting } from './env_lists.ts';

export interface Env {
  production: boolean;
  host: string;
  port: number;
  metricsPort: number;
  issuer: string;
  databaseUrl: string | undefined;
  databasePool: number;
  dataDir: string;
  secret: string;
  logLevel: string;
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
  decisionLogDays: number;
  registers: RegisterSetting[];
  registerPollSeconds: number;
  /** Whom to tell of a hole: `mailto:` or `https:` (RFC 9116 §2.5.3). */
  securityContact: string | undefined;
  /** Where clients' users read on what terms they log in (RFC 8414 §2). */
  policyUri: string | undefined;
  termsUri: string | undefined;
  seed: string[];
  demo: boolean;
}

/** The demo's secret. Anybody can read it here, so production refuses it. */
const DEVELOPMENT_SECRET = 'development-only-secret-do-not-use-in-production';

type Source = Record<string, string | undefined>;

/** Reads and checks the settings; throws one Error that lists every fault. */
export function readEnv(source: Source = process.env): Env {
  const faults: string[] = [];
  const fault = (name: string, why: string) => void faults.push(`${name}: ${why}`);
  const text = (name: string, fallback = '') => source[name]?.trim() || fallback;
  const whole = (name: string, fallback: number, min: number, max: number) => {
    const raw = text(name);
    if (!raw) return fallback;
    const value = Number(raw);
    if (!Number.isInteger(value) || value < min || value > max) {
      fault(name, `must be a whole number from ${min} to ${max}, not ${JSON.stringify(raw)}`);
      return fallback;
    }
    return value;
  };
  const flag = (name: string, fallback: boolean) => {
    const raw = text(name, String(fallback));
    if (raw !== 'true' && raw !== 'false')
      fault(name, `must be true or false, not ${JSON.stringify(raw)}`);
    return raw === 'true';
  };
  const mode = oneOf(
    'NODE_ENV',
    text('NODE_ENV', 'development'),
    ['development', 'test', 'production'],
    fault,
  );
  const production = mode === 'production';
  const port = whole('PORT', 3000, 0, 65535);
  const host = text('HOST', '127.0.0.1');
  const issuer = text('ISSUER', production ? '' : `http://127.0.0.1:${port}`);
  const secret = text('SECRET', production ? '' : DEVELOPMENT_SECRET);
  const eid = {
    issuer: text('EID_ISSUER', production ? '' : `http://127.0.0.1:${port + 1}`),
    clientId: text('EID_CLIENT_ID', production ? '' : 'tillit'),
    clientSecret:
      text('EID_CLIENT_SECRET', production ? '' : 'development-only-eid-secret') || undefined,
    clientKey: text('EID_CLIENT_KEY') || undefined,
  };
  checkIssuer(issuer, production, fault);
  checkSecret(secret, production, fault);
  checkEid(eid, production, fault);
  const databaseUrl = text('DATABASE_URL') || undefined;
  if (databaseUrl && !/^postgres(ql)?:\/\//.test(databaseUrl))
    fault('DATABASE_URL', 'must start with postgres://');
  const env: Env = {
    production,
    host,
    port,
    issuer,
    secret,
    eid,
    databaseUrl,
    metricsPort: whole('METRICS_PORT', 9464, 0, 65535),
    databasePool: whole('DATABASE_POOL', 10, 1, 200),
    dataDir: text('DATA_DIR', 'data'),
    logLevel: oneOf(
      'LOG_LEVEL',
      text('LOG_LEVEL', production ? 'info' : 'warn'),
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      fault,
    ),
    trustedIssuers: readTrustedIssuers(text('TRUSTED_ISSUERS'), issuer, production, fault),
    eventPageSize: whole('EVENT_PAGE_SIZE', 100, 1, 1000),
    eventMinimumAgeSeconds: whole('EVENT_MINIMUM_AGE', 60, 0, 3600),
    tokenLifetimeSeconds: whole('TOKEN_LIFETIME', 120, 10, 3600),
    keyRotationDays: whole('KEY_ROTATION_DAYS', 90, 1, 3650),
    keyPublishAheadSeconds: whole('KEY_PUBLISH_AHEAD', 86400, production ? 3600 : 0, 2592000),
    sessionIdleMinutes: whole('SESSION_IDLE_MINUTES', 30, 1, 720),
    decisionLogDays: whole('DECISION_LOG_DAYS', 365, 1, 36500),
    registers: readRegisters(
      text('REGISTERS') || (mode === 'development' ? standIns(port) : ''),
      production,
      fault,
    ),
    registerPollSeconds: whole('REGISTER_POLL', 15, 1, 3600),
    securityContact: readContact(text('SECURITY_CONTACT'), fault),
    policyUri: readPage('POLICY_URI', text('POLICY_URI'), fault),
    termsUri: readPage('TERMS_URI', text('TERMS_URI'), fault),
    seed: text('SEED', mode === 'development' ? 'clients/world' : '')
      .split(',')
      .filter(Boolean),
    demo: flag('DEMO', mode === 'development') && mode === 'development',
  };
  if (faults.length) throw new Error(told(faults));
  return Object.freeze(env);
}

const told = (faults: string[]) =>
  `The configuration has ${faults.length} fault${faults.length > 1 ? 's' : ''}:\n${faults.map((line) => `  - ${line}`).join('\n')}`;

function checkIssuer(issuer: string, production: boolean, fault: Report): void {
  checkUrl('ISSUER', issuer, production, fault);
  if (issuer.endsWith('/')) fault('ISSUER', 'must not end in a slash');
  else if (URL.canParse(issuer) && new URL(issuer).pathname !== '/')
    fault('ISSUER', 'must have no path');
}

function checkEid(eid: Env['eid'], production: boolean, fault: Report): void {
  checkUrl('EID_ISSUER', eid.issuer, production, fault);
  if (!eid.clientId) fault('EID_CLIENT_ID', 'is required: our client id at the national eID');
  if (!eid.clientSecret && !eid.clientKey) {
    fault('EID_CLIENT_SECRET', 'is required, or EID_CLIENT_KEY (a private JWK)');
  }
  if (production && eid.clientSecret?.startsWith('development-only')) {
    fault('EID_CLIENT_SECRET', "is the stand-in eID's, which production does not accept");
  }
}

function readContact(contact: string, fault: Report): string | undefined {
  if (contact && !(/^(mailto|https|tel):\S+$/.test(contact) && URL.canParse(contact)))
    fault('SECURITY_CONTACT', 'must be a mailto:, https: or tel: address');
  return contact || undefined;
}

function readPage(name: string, address: string, fault: Report): string | undefined {
  if (address && !/^https?:\/\//.test(address)) fault(name, 'must be the address of a page');
  return address || undefined;
}

function checkSecret(secret: string, production: boolean, fault: Report): void {
  if (!secret)
    fault('SECRET', 'is required: at least 32 random characters, kept for as long as the database');
  else if (secret.length < 32) fault('SECRET', 'must have at least 32 characters');
  if (production && secret === DEVELOPMENT_SECRET) fault('SECRET', 'is the development secret');
}

function oneOf(name: string, value: string, allowed: string[], fault: Report): string {
  if (!allowed.includes(value)) fault(name, `must be one of ${allowed.join(', ')}`);
  return value;
}
