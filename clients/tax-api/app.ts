// The tax authority's API: it holds income data and answers whoever brings a consent for it. It
// checks the token by itself with our package, which sees a withdrawal in the status list within
// seconds, and can ask introspection besides, to see it at once.
import Koa from 'koa';
import { createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { koaConsent, verifyConsentToken, type Verified } from '../validate/index.ts';

export interface TaxApiSettings {
  issuer: string;
  clientId: string;
  key: { kid: string; alg: string } & Record<string, unknown>;
  resource: string;
  scope: string;
}

export function createTaxApi(settings: TaxApiSettings): Koa {
  const key = createPrivateKey({ key: settings.key as JsonWebKey, format: 'jwk' });
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
    if (
      ctx.query.check === 'live' &&
      !(await isActive(settings, key, ctx.get('authorization').slice('Bearer '.length)))
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

/** Introspection (RFC 7662) with private_key_jwt. */
async function isActive(settings: TaxApiSettings, key: KeyObject, token: string): Promise<boolean> {
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: settings.key.alg, kid: settings.key.kid })
    .setIssuer(settings.clientId)
    .setSubject(settings.clientId)
    .setAudience(settings.issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(key);
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
