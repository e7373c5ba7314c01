// What single settings may be. Each check notes what is wrong under the name of its variable; none
// has a default.
import { createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { checkUrl, type Report } from './env_lists.ts';

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
}

interface Eid {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  clientKey: string | undefined;
}

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
  }
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

/** At least 32 characters that nobody made up by holding a key down. */
export function checkSecret(
  name: string,
  secret: string,
  production: boolean,
  fault: Report,
): void {
  if (!secret)
    fault(name, 'is required: at least 32 random characters, kept for as long as the database');
  else if (secret.length < 32) fault(name, 'must have at least 32 characters');
  else if (production && new Set(secret).size < FEWEST_CHARACTERS)
    fault(name, `must have at least ${FEWEST_CHARACTERS} different characters`);
  else if (production && /(.{3,})\1\1/.test(secret))
    fault(name, 'repeats itself: make it of random bytes, as `openssl rand -base64 32` does');
}

/** The demo's people, keys and secrets are everybody's. */
export function checkSeed(seed: string[], production: boolean, fault: Report): void {
  if (production && seed.some((path) => /(^|\/)clients\/world(\/|$)/.test(path)))
    fault('SEED', 'names the demo world, which production does not accept');
}

export function readContact(contact: string, fault: Report): string | undefined {
  if (contact && !(/^(mailto|https|tel):\S+$/.test(contact) && URL.canParse(contact)))
    fault('SECURITY_CONTACT', 'must be a mailto:, https: or tel: address');
  return contact || undefined;
}

export function readPage(name: string, address: string, fault: Report): string | undefined {
  if (address && !/^https?:\/\//.test(address)) fault(name, 'must be the address of a page');
  return address || undefined;
}

export function readOperator(number: string, fault: Report): string | undefined {
  if (number && !/^\d{9}$/.test(number)) fault('OPERATOR', 'must be an organisation number');
  return number || undefined;
}

/** Addresses, or networks as `10.0.0.0/8`. */
export function readProxies(proxies: string[], fault: Report): string[] {
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (!isIP(address) || !isNetwork)
      fault('TRUSTED_PROXIES', `must list addresses or networks, not ${JSON.stringify(proxy)}`);
  }
  return proxies;
}

export function oneOf(name: string, value: string, allowed: string[], fault: Report): string {
  if (!allowed.includes(value)) fault(name, `must be one of ${allowed.join(', ')}`);
  return value;
}
