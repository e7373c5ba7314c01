// Prints an access token of the demo world, for use with curl. As one of its machines, in
// Maskinporten's way: `clients/token.ts eksempelbanken "SCOPE …" [CONSENT_ID FROM]`; a supplier
// with `--consumer ORGANIZATION` on behalf of that one, a vendor with `--system ORGANIZATION` as
// the system that it let in. As one of its people, who logs in at the stand-in eID:
// `clients/token.ts 17877912736`; with `--level 3` no higher than that, with
// `--for "Testdal Rørlegger AS"` (a name or number, several times) for those parties alone.
import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { importJWK, SignJWT } from 'jose';
import * as client from 'openid-client';

const KEYS: Record<string, string> = {
  eksempelbanken: 'bank',
  'testskatt-api': 'tax-api',
  'testkart-api': 'map-api',
  'testtrygd-api': 'benefits-api',
  datahjelp: 'vendor',
  'testvik-datahub': 'hub',
  testdirektoratet: 'directorate',
};
const REDIRECT = 'http://127.0.0.1:3005/callback';
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

async function asMachine(
  clientId: string,
  scope: string,
  { consent, consumer, system }: MachineWanted,
): Promise<string> {
  const key = keyOf(KEYS[clientId]!);
  const details = [
    ...(consent ? [{ type: 'urn:altinn:consent', ...consent }] : []),
    ...(system ? [{ type: 'urn:altinn:systemuser', systemuser_org: iso6523(system) }] : []),
  ];
  const assertion = await new SignJWT({
    scope,
    ...(consumer ? { consumer_org: consumer } : {}),
    ...(details.length ? { authorization_details: details } : {}),
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setIssuer(clientId)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('110s')
    .sign(createPrivateKey({ key, format: 'jwk' }));
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

const plain = (text: string) => text.replace(/<[^>]*>|\s|&nbsp;/g, '').toLowerCase();

/** The form of a page: the number at the eID, the ticks where one chooses whom to act for. */
function filledIn(html: string, number: string, parties: string[]): URLSearchParams {
  if (!html.includes('name="party"')) return new URLSearchParams({ number });
  const csrf = /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';
  const form = new URLSearchParams({ csrf, answer: 'yes' });
  const choices = [...html.matchAll(/<li[\s\S]*?value="([^"]*)"([\s\S]*?)<\/li>/g)];
  for (const wanted of parties) {
    const choice = choices.find(([, , label = '']) => plain(label).includes(plain(wanted)));
    if (!choice) throw new Error(`${wanted} is not among those one may act for`);
    form.append('party', choice[1]!);
  }
  return form;
}

/** Acts as a browser does: keeps cookies, follows redirects, fills in the forms on the way. */
async function logIn(start: URL, number: string, parties: string[]): Promise<URL> {
  const jars = new Map<string, Map<string, string>>();
  let [url, form] = [start, undefined as URLSearchParams | undefined];
  for (let hop = 0; hop < 20; hop += 1) {
    if (url.href.startsWith(REDIRECT)) return url;
    const jar = jars.get(url.origin) ?? new Map<string, string>();
    jars.set(url.origin, jar);
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: {
        cookie: [...jar].map((pair) => pair.join('=')).join('; '),
        accept: 'text/html',
        origin: url.origin,
      },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split(/=(.*)/s) as [string, string];
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    const location = answer.headers.get('location');
    const html = location ? '' : await answer.text();
    form = location ? undefined : filledIn(html, number, parties);
    const action = location ?? /<form [^>]*method="post" action="([^"]*)"/.exec(html)?.[1];
    if (!action)
      throw new Error(`${url.origin}${url.pathname} answered ${answer.status} and no form`);
    url = new URL(action, url);
  }
  throw new Error('the login led nowhere');
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    for: { type: 'string', multiple: true },
    level: { type: 'string' },
    consumer: { type: 'string' },
    system: { type: 'string' },
  },
});
const [who = '', scope, id, from] = positionals;
try {
  if (KEYS[who] && scope)
    console.log(
      await asMachine(who, scope, { ...values, consent: id && from ? { id, from } : undefined }),
    );
  else if (/^\d{11}$/.test(who))
    console.log(
      await asPerson(who, {
        scope: scope ?? 'altinn:portal/enduser',
        level: values.level ?? '4',
        parties: values.for ?? [],
      }),
    );
  else
    throw new Error(
      `usage: clients/token.ts ${Object.keys(KEYS).join('|')} "SCOPE …" [CONSENT_ID FROM] [--consumer ORGANIZATION] [--system ORGANIZATION], or clients/token.ts PERSON_NUMBER [SCOPE] [--level 3] [--for PARTY]`,
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
