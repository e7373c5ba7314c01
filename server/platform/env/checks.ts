// Single settings, read and checked. Each reports a fault under the name of its variable.
import { createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { IN_MEMORY } from '../db/embedded.ts';
import { checkUrl, type Report } from './lists.ts';
import type { SettingsReader } from './reader.ts';

const LOOPBACK = ['127.0.0.1', '::1', '[::1]', 'localhost'];

/** Whether both are names of this machine, and not the same. */
export const isAnotherLoopback = (one: string, other: string): boolean =>
  one !== other && [one, other].every((name) => LOOPBACK.includes(name));

/**
 * A server that others can reach is what its operator says it is: nobody runs a demo in production
 * by leaving a variable out.
 */
export function checkMode(
  { mode, issuer, host }: { mode: string | undefined; issuer: string; host: string },
  fault: Report,
): void {
  if (mode?.trim()) return;
  const isPublic =
    URL.canParse(issuer) &&
    new URL(issuer).protocol === 'https:' &&
    !LOOPBACK.includes(new URL(issuer).hostname);
  const why = isPublic
    ? `ISSUER is ${issuer}`
    : LOOPBACK.includes(host)
      ? undefined
      : `HOST is ${host}`;
  if (why) fault('NODE_ENV', `must be set, since ${why}: production, or test for what is unsafe`);
}

export function checkIssuer(issuer: string, production: boolean, fault: Report): void {
  checkUrl('ISSUER', issuer, production, fault);
  if (issuer.endsWith('/')) fault('ISSUER', 'must not end in a slash');
  else if (URL.canParse(issuer) && new URL(issuer).pathname !== '/')
    fault('ISSUER', 'must have no path');
  // Clients compare it as it is (RFC 8414 §3.3).
  else if (URL.canParse(issuer) && new URL(issuer).origin !== issuer)
    fault('ISSUER', `must be in normal form: ${new URL(issuer).origin}`);
}

interface Eid {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  clientKey: string | undefined;
}

/** The fewest characters of a secret that nobody tries out. */
const FEWEST_OF_EID = 16;

export function checkEid(eid: Eid, issuer: string, production: boolean, fault: Report): void {
  checkUrl('EID_ISSUER', eid.issuer, production, fault);
  if (eid.issuer && eid.issuer === issuer) fault('EID_ISSUER', 'is our own address');
  if (!eid.clientId) fault('EID_CLIENT_ID', 'is required: our client id at the national eID');
  if (!eid.clientSecret && !eid.clientKey) {
    fault('EID_CLIENT_SECRET', 'is required, or EID_CLIENT_KEY (a private JWK)');
  }
  if (eid.clientKey && !isPrivateJwk(eid.clientKey))
    fault('EID_CLIENT_KEY', 'must be a private JWK');
  if (production && eid.clientSecret?.startsWith('development-only')) {
    fault('EID_CLIENT_SECRET', "is the stand-in eID's, which production does not accept");
  } else if (production && eid.clientSecret && eid.clientSecret.length < FEWEST_OF_EID)
    fault('EID_CLIENT_SECRET', `must have at least ${FEWEST_OF_EID} characters`);
}

function isPrivateJwk(text: string): boolean {
  try {
    createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

const FEWEST_CHARACTERS = 8;
/** 32 bytes in hex or base64, as `npm run -s secret` prints them. */
const RANDOM = /^(?:[0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/i;

/** In production 32 random bytes, and none that somebody made up by holding a key down. */
function checkSecret(name: string, secret: string, production: boolean, fault: Report): void {
  if (!secret) fault(name, 'is required: what `npm run -s secret` prints, kept with the database');
  else if (!production && secret.length < 32) fault(name, 'must have at least 32 characters');
  else if (!production) return;
  else if (!RANDOM.test(secret))
    fault(name, 'must be 32 random bytes in hex or base64, as `npm run -s secret` prints them');
  else if (new Set(secret).size < FEWEST_CHARACTERS)
    fault(name, `must have at least ${FEWEST_CHARACTERS} different characters`);
  else if (/(.{3,})\1\1/.test(secret))
    fault(name, 'repeats itself: make it of random bytes, as `npm run -s secret` does');
}

/** The demo's people, keys and secrets are everybody's. */
export function checkSeed(seed: string[], production: boolean, fault: Report): void {
  if (production && seed.some((path) => /(^|\/)clients\/world(\/|$)/.test(path)))
    fault('SEED', 'names the demo world, which production does not accept');
}

export function readContact(name: string, contact: string, fault: Report): string | undefined {
  if (contact && !(/^(mailto|https|tel):\S+$/.test(contact) && URL.canParse(contact)))
    fault(name, 'must be a mailto:, https: or tel: address');
  return contact || undefined;
}

export function readPage(name: string, address: string, fault: Report): string | undefined {
  if (address && !/^https?:\/\//.test(address)) fault(name, 'must be the address of a page');
  return address || undefined;
}

export function readPhone(number: string, fault: Report): string | undefined {
  if (number && !/^\+?[\d ]{3,20}$/.test(number))
    fault('SUPPORT_PHONE', 'must be a telephone number');
  return number || undefined;
}

/** No number is said: whoever reads the fault may be anybody. */
export function readStaff(numbers: string[], fault: Report): string[] {
  if (numbers.some((one) => !/^\d{11}$/.test(one)))
    fault('SUPPORT_STAFF', 'must be national identity numbers of 11 digits, with commas between');
  return numbers;
}

/**
 * Organisation numbers of those whose searches are not shown to the parties they are about, each
 * with the provision that says so: `991825827=straffeprosessloven § 216`.
 */
export function readExempt(text: string, fault: Report): string[] {
  const rows = text.split(';').map((row) => row.trim());
  const pairs = rows.filter(Boolean).map((row) => /^(\d{9})\s*=\s*(\S.*)$/.exec(row));
  if (pairs.some((pair) => !pair))
    fault('EXEMPT_SEARCHES', 'must be organisation number=legal basis, with semicolons between');
  return pairs.flatMap((pair) => pair?.[1] ?? []);
}

export function readOperator(number: string, fault: Report): string | undefined {
  if (number && !/^\d{9}$/.test(number)) fault('OPERATOR', 'must be an organisation number');
  return number || undefined;
}

/** The widest networks that anybody has to themselves: `10.0.0.0/8`, `fc00::/7`. */
const WIDEST = { 4: 8, 6: 7 };

/**
 * Addresses, or networks as `10.0.0.0/8`; none where that is said outright, which production
 * demands: a proxy that nobody names makes everybody one address.
 */
export function readProxies(proxies: string[], production: boolean, fault: Report): string[] {
  const name = 'TRUSTED_PROXIES';
  if (production && !proxies.length)
    fault(name, 'is required: the addresses of the proxies in front, or none');
  if (proxies.length === 1 && proxies[0] === 'none') return [];
  if (proxies.includes('none')) fault(name, 'is none, and lists others: one of the two');
  for (const proxy of proxies.filter((one) => one !== 'none')) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) as 0 | 4 | 6;
    const isNetwork =
      bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
    if (!family || !isNetwork)
      fault(name, `must list addresses or networks, or be none, not ${JSON.stringify(proxy)}`);
    else if (/^::ffff:/i.test(address)) fault(name, `must have ${proxy} as IPv4`);
    else if (bits !== undefined && Number(bits) < WIDEST[family])
      fault(name, `must not trust a network of everybody, as ${proxy} is`);
  }
  return proxies;
}

export function checkOneOf(name: string, value: string, allowed: string[], fault: Report): string {
  if (!allowed.includes(value)) fault(name, `must be one of ${allowed.join(', ')}`);
  return value;
}

/** Where traces are sent, and the share of them that is. */
export function readTraces(
  { text }: SettingsReader,
  fault: Report,
): { endpoint: string; ratio: number } | undefined {
  const endpoint = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const ratio = Number(text('OTEL_TRACES_SAMPLER_ARG', '1'));
  if (!(ratio >= 0 && ratio <= 1)) fault('OTEL_TRACES_SAMPLER_ARG', 'must be from 0 to 1');
  if (endpoint && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    fault('OTEL_EXPORTER_OTLP_ENDPOINT', 'must be a web address');
  return endpoint ? { endpoint, ratio } : undefined;
}

/** A period of what evidences an act is none, or a year at the least. */
const FEWEST_DAYS = 365;

/**
 * How long decisions are kept, and whether an answer waits until its decision is; and days after
 * which events of what has ended, and places in feeds, are let go.
 */
export function readKeeping({ text, whole }: SettingsReader, fault: Report) {
  const consentEvents = whole('CONSENT_EVENT_DAYS', 0, 0, 36500);
  const mandateEvents = whole('MANDATE_EVENT_DAYS', 0, 0, 36500);
  for (const [name, days] of Object.entries({
    CONSENT_EVENT_DAYS: consentEvents,
    MANDATE_EVENT_DAYS: mandateEvents,
  }))
    if (days && days < FEWEST_DAYS) fault(name, `must be 0, for ever, or at least ${FEWEST_DAYS}`);
  const log = checkOneOf(
    'DECISION_LOG',
    text('DECISION_LOG', 'batched'),
    ['batched', 'durable'],
    fault,
  );
  return {
    decisionLogDays: whole('DECISION_LOG_DAYS', 365, 1, 36500),
    isLogDurable: log === 'durable',
    keeping: {
      ...{ consentEvents, mandateEvents, feed: whole('FEED_DAYS', 0, 0, 36500) },
      archive: text('ARCHIVE_FOLDER') || undefined,
    },
  };
}

/**
 * Where checkpoints are written. A developer's stand beside the database, which proves little; a
 * database in memory has none.
 */
export function readCheckpoints(
  { text }: SettingsReader,
  { production, dataDir }: { production: boolean; dataDir: string },
  fault: Report,
): string | undefined {
  const given = text('LOG_CHECKPOINTS');
  if (given) return given;
  if (production)
    fault('LOG_CHECKPOINTS', 'is required: a folder outside the database, the same for all nodes');
  return production || dataDir === IN_MEMORY ? undefined : join(dataDir, 'checkpoints');
}

/** Settings of earlier versions, which would be passed over. */
const RENAMED = { SECRET_PREVIOUS: 'SECRET_ACCEPTED' };

/** The secret that seals, and those that are accepted beside it. */
export function readSecrets(
  { text, list }: SettingsReader,
  fallback: string,
  production: boolean,
  fault: Report,
) {
  const secret = text('SECRET', fallback);
  const acceptedSecrets = list('SECRET_ACCEPTED');
  checkSecret('SECRET', secret, production, fault);
  for (const one of acceptedSecrets) checkSecret('SECRET_ACCEPTED', one, production, fault);
  for (const [name, now] of Object.entries(RENAMED)) if (text(name)) fault(name, `is ${now} now`);
  if (acceptedSecrets.includes(secret)) fault('SECRET_ACCEPTED', 'holds SECRET itself');
  return { secret, acceptedSecrets };
}

/** Doors that are shut unless they are opened, but in the demo. */
export const readDoors = ({ flag }: SettingsReader, mode: string) => ({
  signals: {
    ssf: flag('SSF', mode === 'development'),
    webhooks: flag('WEBHOOKS', mode === 'development'),
  },
  statusList: flag('STATUS_LIST', mode === 'development'),
});
