// The tax authority's API: it holds income data and answers whoever brings a consent for it. It
// checks the token by itself with our package, which sees a withdrawal in the status list within
// seconds; signals say it at once, and it can ask introspection besides.
import Koa from 'koa';
import { createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { createReceiver, type Receiver } from '../signals.ts';
import { koaConsent, verifyConsentToken, type Verified } from '../validate/index.ts';

export interface TaxApiSettings {
  issuer: string;
  clientId: string;
  key: { kid: string; alg: string } & Record<string, unknown>;
  resource: string;
  scope: string;
}

/** The client's key, and what shows who it is (RFC 7523 §2.2). */
const keyOf = ({ key }: TaxApiSettings) =>
  createPrivateKey({ key: key as JsonWebKey, format: 'jwk' });

/** Signals of the authority's consents, which it takes by poll. */
export const taxSignals = (settings: TaxApiSettings): Receiver =>
  createReceiver({
    issuer: settings.issuer,
    audience: settings.clientId,
    token: async (scope) => {
      const body = new URLSearchParams({
        grant_type: JWT_BEARER,
        assertion: await signed(settings, keyOf(settings), { scope }),
      });
      const answer = await fetch(`${settings.issuer}/token`, { method: 'POST', body });
      return ((await answer.json()) as { access_token?: string }).access_token ?? '';
    },
  });

/** States in which nobody gets data by a consent, whatever a token says. */
const STOPPED = ['Suspended', 'Revoked', 'Expired', 'Deleted'];

export function createTaxApi(settings: TaxApiSettings, signals?: Receiver): Koa {
  const key = keyOf(settings);
  const validate = verifyConsentToken({
    issuer: settings.issuer,
    scope: settings.scope,
    resource: settings.resource,
    status: { ask: (token) => isActive(settings, key, token) },
  });
  const app = new Koa();
  // GET /income/{number}/{year}; with ?check=live introspection is asked too.
  const guard = koaConsent(validate, (ctx: Koa.Context) => {
    const [, , person = '', year = ''] = ctx.path.split('/');
    return { from: person, metadata: { inntektsaar: year } };
  });
  app.use(async (ctx, next) => {
    if (!/^\/income\/(\d{9}|\d{11})\/\d{4}$/.test(ctx.path) || ctx.method !== 'GET') return;
    await guard(ctx as never, next);
  });
  app.use(async (ctx) => {
    const { consent } = ctx.state.consent as Verified;
    const isStopped = STOPPED.includes(signals?.statusOf(consent.id) ?? '');
    if (
      isStopped ||
      (ctx.query.check === 'live' &&
        !(await isActive(settings, key, ctx.get('authorization').slice('Bearer '.length))))
    ) {
      ctx.status = 403;
      ctx.body = { error: 'consent_withdrawn' };
      return;
    }
    const [, , , year] = ctx.path.split('/');
    ctx.body = { year: Number(year), income: 612_000, tax: 171_400, consent: consent.id };
  });
  return app;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** A JWT of the client's, which lives for a minute. */
const signed = (settings: TaxApiSettings, key: KeyObject, claims: object): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: settings.key.alg, kid: settings.key.kid })
    .setIssuer(settings.clientId)
    .setAudience(settings.issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(key);

/** Introspection (RFC 7662) with private_key_jwt. */
async function isActive(settings: TaxApiSettings, key: KeyObject, token: string): Promise<boolean> {
  const assertion = await signed(settings, key, { sub: settings.clientId });
  const answer = await fetch(`${settings.issuer}/introspect`, {
    method: 'POST',
    body: new URLSearchParams({
      token,
      client_id: settings.clientId,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
  });
  return answer.ok && ((await answer.json()) as { active: boolean }).active;
}
