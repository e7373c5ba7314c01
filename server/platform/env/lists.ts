// The settings that are lists in JSON: token issuers that are trusted, and registers that are
// asked. Each fault names its entry.
import type { MachineAuth } from '../http/machine.ts';

export interface TrustedIssuer {
  /** The exact `iss` of its tokens. */
  issuer: string;
  jwksUri: string;
  /** Scopes it may speak for: exact, or a prefix that ends in `*`. */
  scopes: string[];
  /** The parties that its tokens may speak for. */
  claims: ('organization' | 'person')[];
  /** Security level of a person's token that names none. */
  defaultLevel: number;
  /**
   * Values that `aud` may have beside our own issuer; a token without `aud` is for everybody
   * (Altinn 3, consent API).
   */
  audiences: string[];
}

/** Registers without a public format, which speak our feed (register/source/feed.schema.json). */
const OF_OUR_FEED = ['vergemal', 'advokatregisteret', 'aa-registeret', 'finanstilsynet'];
/** Registers that are followed. */
const FEEDS = ['enhetsregisteret', 'folkeregisteret', ...OF_OUR_FEED];

export interface RegisterSetting {
  /** One of `FEEDS`, or with `live` any name. */
  source: string;
  url: string;
  /** Where signing rules of companies are read (Fullmakttjenesten), of `enhetsregisteret`. */
  signingUrl?: string;
  /** Asked at the moment of a decision and never copied. */
  live?: boolean;
  /** How far reconciliation corrects: `none`, `end` (the default), `all`. */
  repair?: 'none' | 'end' | 'all';
  /** The share of its facts that one reconciliation may end; 0.05 unless said. */
  repairAtMost?: number;
  /** Look-ups a second of a comparison, at the most. */
  comparePerSecond?: number;
  auth?: MachineAuth;
}

export type Report = (name: string, why: string) => void;

export function checkUrl(name: string, value: string, production: boolean, fault: Report): void {
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

/** Checks that what a token is drawn with is whole. */
export function checkAuth(
  name: string,
  auth: MachineAuth | undefined,
  production: boolean,
  fault: Report,
): void {
  if (!auth?.tokenUrl) return;
  checkUrl(`${name}.tokenUrl`, auth.tokenUrl, production, fault);
  if (!(auth.audience && auth.clientId && auth.key && auth.scope))
    fault(name, 'tokenUrl needs audience, clientId, key and scope');
}

/** The registers' stand-ins of the demo. */
export function standIns(port: number): string {
  const url = `http://127.0.0.1:${port + 4}`;
  return JSON.stringify([
    {
      source: 'enhetsregisteret',
      url: `${url}/enhetsregisteret/api`,
      signingUrl: `${url}/fullmakt`,
      auth: { token: 'stand-in' },
    },
    { source: 'folkeregisteret', url: `${url}/folkeregisteret/api`, auth: { token: 'stand-in' } },
    ...OF_OUR_FEED.map((source) => ({
      source,
      url: `${url}/${source}`,
    })),
    { source: 'helse', url: `${url}/helse`, live: true },
  ]);
}

export function readRegisters(raw: string, production: boolean, fault: Report): RegisterSetting[] {
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
    checkAuth(`${at}.auth`, auth, production, fault);
    const { repair, repairAtMost: most, comparePerSecond: pace, signingUrl } = entry ?? {};
    if (signingUrl !== undefined) {
      if (source !== 'enhetsregisteret') fault(`${at}.signingUrl`, 'is of enhetsregisteret');
      checkUrl(`${at}.signingUrl`, signingUrl, production, fault);
    }
    if (repair !== undefined && !['none', 'end', 'all'].includes(repair))
      fault(`${at}.repair`, 'must be none, end or all');
    if (most !== undefined && !(typeof most === 'number' && most >= 0 && most <= 1))
      fault(`${at}.repairAtMost`, 'must be a share, from 0 to 1');
    if (pace !== undefined && !(typeof pace === 'number' && pace > 0))
      fault(`${at}.comparePerSecond`, 'must be a number above 0');
    return {
      source,
      ...(pace === undefined ? {} : { comparePerSecond: pace }),
      ...(repair === undefined ? {} : { repair }),
      ...(most === undefined ? {} : { repairAtMost: most }),
      ...(signingUrl === undefined ? {} : { signingUrl: signingUrl.replace(/\/$/, '') }),
      url: (entry?.url ?? '').replace(/\/$/, ''),
      ...(entry?.live ? { live: true } : {}),
      ...(auth ? { auth } : {}),
    };
  });
}

export function readTrustedIssuers(
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
    } else if (production && scopes.includes('*'))
      fault(`${at}.scopes`, 'must not be a bare *: name prefixes, such as altinn:*');
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
