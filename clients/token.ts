// Prints an access token of the demo world, for use with curl. As one of its machines, in
// Maskinporten's way: `clients/token.ts eksempelbanken "SCOPE …" [CONSENT_ID FROM]`, or with
// `--assertion` what it sends for that, and with `--authenticate` what shows who it is; a supplier
// with `--consumer ORGANIZATION` on behalf of that one, a vendor with `--system ORGANIZATION` as
// the system that it let in. As one of its people, who logs in at the stand-in eID:
// `clients/token.ts 17877912736`; with `--level 3` no higher than that, with
// `--for "Testdal Rørlegger AS"` (a name or number, several times) for those parties alone.
import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import * as client from 'openid-client';
import { Browser } from './browser.ts';

const KEYS: Record<string, string> = {
  eksempelbanken: 'bank',
  'eksempelbanken-nett': 'bank',
  'testskatt-api': 'tax-api',
  'testkart-api': 'map-api',
  'testtrygd-api': 'benefits-api',
  datahjelp: 'vendor',
  'testvik-datahub': 'hub',
  testdirektoratet: 'directorate',
};
const REDIRECT = 'http://127.0.0.1:3005/callback';
/** The eID's, and that of the choice of parties. */
const MOST_FORMS = 4;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const issuer = process.env.TILLIT_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const keyOf = (folder: string) =>
  JSON.parse(readFileSync(new URL(`./${folder}/key.json`, import.meta.url), 'utf8'));

interface MachineWanted {
  consent?: { id: string; from: string } | undefined;
  /** The organisation that a supplier draws it for. */
  consumer?: string | undefined;
  /** The organisation that let the vendor's system in. */
  system?: string | undefined;
}

const iso6523 = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

/** A JWT of the client, which lives for a little: a grant, or what shows who it is (RFC 7523). */
async function signed(clientId: string, claims: JWTPayload): Promise<string> {
  const key = keyOf(KEYS[clientId]!);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setIssuer(clientId)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('110s')
    .sign(createPrivateKey({ key, format: 'jwk' }));
}

async function grantOf(
  clientId: string,
  scope: string,
  { consent, consumer, system }: MachineWanted,
): Promise<string> {
  const details = [
    ...(consent ? [{ type: 'urn:altinn:consent', ...consent }] : []),
    ...(system ? [{ type: 'urn:altinn:systemuser', systemuser_org: iso6523(system) }] : []),
  ];
  return signed(clientId, {
    scope,
    ...(consumer ? { consumer_org: consumer } : {}),
    ...(details.length ? { authorization_details: details } : {}),
  });
}

async function asMachine(assertion: string): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: JWT_BEARER, assertion }),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (!body.access_token) throw new Error(JSON.stringify(body));
  return body.access_token;
}

interface Wanted {
  scope: string;
  level: string;
  /** For whom alone; empty for all. */
  parties: string[];
}

async function asPerson(number: string, { scope, level, parties }: Wanted): Promise<string> {
  const key = keyOf('terminal');
  const config = await client.discovery(
    new URL(issuer),
    'terminal',
    undefined,
    client.PrivateKeyJwt({ key: (await importJWK(key, key.alg)) as CryptoKey, kid: key.kid }),
    { execute: [client.allowInsecureRequests] },
  );
  const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
  const start = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: REDIRECT,
    scope: `openid ${scope}`,
    state: expectedState,
    acr_values: level === '3' ? 'idporten-loa-substantial' : 'idporten-loa-high',
    ...(parties.length
      ? { authorization_details: JSON.stringify([{ type: 'urn:tillit:parties' }]) }
      : {}),
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const back = await logIn(start, number, parties);
  return (
    await client.authorizationCodeGrant(config, back, {
      expectedState,
      pkceCodeVerifier,
      idTokenExpected: true,
    })
  ).access_token;
}

const plain = (text: string) => text.replace(/\s/g, '').toLowerCase();

/** The ticks of the page where a person chooses for whom the client may act. */
function choices(browser: Browser, parties: string[]): URLSearchParams {
  const form = new URLSearchParams({ answer: 'yes' });
  const offered = browser.forms(/represent/).flatMap((one) => one.querySelectorAll('li'));
  for (const wanted of parties) {
    const choice = offered.find(({ text }) => plain(text).includes(plain(wanted)));
    if (!choice) throw new Error(`${wanted} is not among those one may act for`);
    form.append('party', choice.querySelector('input')!.getAttribute('value')!);
  }
  return form;
}

/** Goes as a browser does from the client and back to it: the number at the eID, the ticks. */
async function logIn(start: URL, number: string, parties: string[]): Promise<URL> {
  const isBack = ({ href }: URL) => href.startsWith(REDIRECT);
  const browser = new Browser();
  await browser.open(start, isBack);
  for (let form = 0; form < MOST_FORMS && !isBack(browser.page.url); form += 1) {
    const isChoice = browser.page.html.includes('name="party"');
    await browser.submit(isChoice ? choices(browser, parties) : { number }, isBack);
  }
  if (!isBack(browser.page.url)) throw new Error('the login led nowhere');
  return browser.page.url;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    for: { type: 'string', multiple: true },
    level: { type: 'string' },
    consumer: { type: 'string' },
    system: { type: 'string' },
    assertion: { type: 'boolean' },
    authenticate: { type: 'boolean' },
  },
});
const [who = '', scope, id, from] = positionals;
try {
  if (KEYS[who] && values.authenticate) console.log(await signed(who, { sub: who }));
  else if (KEYS[who] && scope) {
    const consent = id && from ? { id, from } : undefined;
    const grant = await grantOf(who, scope, { ...values, consent });
    console.log(values.assertion ? grant : await asMachine(grant));
  } else if (/^\d{11}$/.test(who))
    console.log(
      await asPerson(who, {
        scope: scope ?? 'altinn:portal/enduser',
        level: values.level ?? '4',
        parties: values.for ?? [],
      }),
    );
  else
    throw new Error(
      `usage: clients/token.ts ${Object.keys(KEYS).join('|')} "SCOPE …" [CONSENT_ID FROM] [--consumer ORGANIZATION] [--system ORGANIZATION] [--assertion], clients/token.ts CLIENT --authenticate, or clients/token.ts PERSON_NUMBER [SCOPE] [--level 3] [--for PARTY]`,
    );
} catch (error) {
  const { message, error: code, error_description: why } = error as Error & Record<string, string>;
  console.error(
    message === 'fetch failed'
      ? `${issuer} does not answer: start the demo, or set PORT`
      : code
        ? `${code}: ${why}`
        : message,
  );
  process.exitCode = 1;
}
