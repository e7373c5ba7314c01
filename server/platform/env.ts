// The environment, read once at the door: every variable with its default, its check and its
// meaning. All faults are reported together; in production nothing has an unsafe default. Only this
// file reads process.env.

export interface TrustedIssuer {
  /** The exact `iss` of its tokens. */
  issuer: string;
  jwksUri: string;
  /** Scopes it may speak for: exact, or a prefix that ends in `*`. */
  scopes: string[];
  /** Whom its tokens may speak for. */
  claims: ('organization' | 'person')[];
  /** Security level of a person's token that names none. */
  defaultLevel: number;
  /**
   * What `aud` may name beside our own issuer; a token without `aud` is for everybody
   * (contract/consent.md §1.0).
   */
  audiences: string[];
}

export interface RegisterSetting {
  /**
   * enhetsregisteret, folkeregisteret, vergemal, advokatregisteret, aa-registeret, or with `live`
   * any name.
   */
  source: string;
  url: string;
  /** Asked at the moment of a decision and never copied. */
  live?: boolean;
  auth?: {
    token?: string;
    tokenUrl?: string;
    audience?: string;
    clientId?: string;
    key?: Record<string, unknown>;
    scope?: string;
  };
}

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
  checkUrl('ISSUER', issuer, production, fault);
  if (issuer.endsWith('/')) fault('ISSUER', 'must not end in a slash');
  else if (URL.canParse(issuer) && new URL(issuer).pathname !== '/')
    fault('ISSUER', 'must have no path');
  checkUrl('EID_ISSUER', eid.issuer, production, fault);
  checkSecret(secret, production, fault);
  if (!eid.clientId) fault('EID_CLIENT_ID', 'is required: our client id at the national eID');
  if (!eid.clientSecret && !eid.clientKey) {
    fault('EID_CLIENT_SECRET', 'is required, or EID_CLIENT_KEY (a private JWK)');
  }
  if (production && eid.clientSecret?.startsWith('development-only')) {
    fault('EID_CLIENT_SECRET', "is the stand-in eID's, which production does not accept");
  }
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

type Report = (name: string, why: string) => void;

function checkUrl(name: string, value: string, production: boolean, fault: Report): void {
  if (!value || !URL.canParse(value)) {
    fault(name, value ? `must be an absolute URL, not ${JSON.stringify(value)}` : 'is required');
    return;
  }
  const url = new URL(value);
  if (production && url.protocol !== 'https:') fault(name, 'must be https in production');
  if (!production && !['https:', 'http:'].includes(url.protocol))
    fault(name, 'must be http or https');
  if (url.search || url.hash) fault(name, 'must have no query and no fragment');
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

/** The registers' stand-ins of the demo. */
function standIns(port: number): string {
  const url = `http://127.0.0.1:${port + 4}`;
  return JSON.stringify([
    { source: 'enhetsregisteret', url: `${url}/enhetsregisteret/api`, auth: { token: 'stand-in' } },
    { source: 'folkeregisteret', url: `${url}/folkeregisteret/api`, auth: { token: 'stand-in' } },
    ...['vergemal', 'advokatregisteret', 'aa-registeret'].map((source) => ({
      source,
      url: `${url}/${source}`,
    })),
    { source: 'helse', url: `${url}/helse`, live: true },
  ]);
}

const FEEDS = [
  'enhetsregisteret',
  'folkeregisteret',
  'vergemal',
  'advokatregisteret',
  'aa-registeret',
];

function readRegisters(raw: string, production: boolean, fault: Report): RegisterSetting[] {
  if (!raw) return [];
  let list: unknown;
  try {
    list = JSON.parse(raw);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) {
    fault('REGISTERS', 'must be a JSON array');
    return [];
  }
  return list.map((entry: Partial<RegisterSetting> | null, index) => {
    const at = `REGISTERS[${index}]`;
    const source = typeof entry?.source === 'string' ? entry.source : '';
    if (!source || (!entry?.live && !FEEDS.includes(source)))
      fault(`${at}.source`, `must be one of ${FEEDS.join(', ')}, or any name with live`);
    checkUrl(`${at}.url`, entry?.url ?? '', production, fault);
    const auth = entry?.auth;
    if (auth?.tokenUrl && !(auth.audience && auth.clientId && auth.key && auth.scope))
      fault(`${at}.auth`, 'tokenUrl needs audience, clientId, key and scope');
    return {
      source,
      url: (entry?.url ?? '').replace(/\/$/, ''),
      ...(entry?.live ? { live: true } : {}),
      ...(auth ? { auth } : {}),
    };
  });
}

function readTrustedIssuers(
  raw: string,
  own: string,
  production: boolean,
  fault: Report,
): TrustedIssuer[] {
  if (!raw) return [];
  let list: unknown;
  try {
    list = JSON.parse(raw);
  } catch {
    fault('TRUSTED_ISSUERS', 'must be a JSON array');
    return [];
  }
  if (!Array.isArray(list)) {
    fault('TRUSTED_ISSUERS', 'must be a JSON array');
    return [];
  }
  return list.map((entry: Partial<TrustedIssuer>, index) => {
    const at = `TRUSTED_ISSUERS[${index}]`;
    if (!entry || typeof entry.issuer !== 'string' || !entry.issuer) fault(at, 'needs issuer');
    if (entry?.issuer === own) fault(at, 'is our own issuer, which needs no listing');
    checkUrl(`${at}.jwksUri`, entry?.jwksUri ?? '', production, fault);
    const claims = entry?.claims ?? [];
    if (
      !Array.isArray(claims) ||
      claims.some((kind) => kind !== 'organization' && kind !== 'person')
    ) {
      fault(`${at}.claims`, 'must list organization and/or person');
    }
    const scopes = entry?.scopes ?? [];
    if (!Array.isArray(scopes) || scopes.some((scope) => typeof scope !== 'string')) {
      fault(`${at}.scopes`, 'must be an array of scopes');
    }
    const level = entry?.defaultLevel ?? 0;
    if (!Number.isInteger(level) || level < 0 || level > 4)
      fault(`${at}.defaultLevel`, 'must be 0 to 4');
    const audiences = entry?.audiences ?? [];
    if (!Array.isArray(audiences)) fault(`${at}.audiences`, 'must be an array');
    return {
      issuer: entry?.issuer ?? '',
      jwksUri: entry?.jwksUri ?? '',
      scopes,
      claims,
      defaultLevel: level,
      audiences,
    };
  });
}
