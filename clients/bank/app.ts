// Eksempelbanken: a small web application that asks for a consent the two ways there are, as a
// client of Altinn 3 and Maskinporten does, and through OAuth alone, and then fetches the data.
// Written against public interfaces only.
import Koa from 'koa';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT, importJWK } from 'jose';
import * as client from 'openid-client';
import { createReceiver, takePushed, type Receiver } from '../signals.ts';

export interface BankSettings {
  issuer: string;
  /** Where the bank itself is reached. */
  url: string;
  taxApi: string;
  machineClientId: string;
  webClientId: string;
  organizationNo: string;
  key: { kid: string; alg: string } & Record<string, unknown>;
  resource: string;
  scope: string;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const page = (
  title: string,
  body: string,
) => `<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>${title} – Eksempelbanken</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>${body}</main></body></html>`;

async function text(request: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The token endpoint's answer: a token, or the OAuth error (RFC 6749, section 5). */
interface TokenAnswer {
  access_token?: string;
  error?: string;
  error_description?: string;
  /** Why a consent gave no token. */
  consent_error?: string;
}

/** The tax authority's answer: the income, or why it gave none. */
interface IncomeAnswer {
  income?: number;
  reason?: string;
}

/** A request for consent as it was created, or problem+json. */
interface ConsentAnswer {
  id?: string;
  viewUri?: string;
  status?: string | number;
}

export class Bank {
  readonly settings: BankSettings;
  readonly #key;
  #oauth: client.Configuration | undefined;
  readonly #pending = new Map<string, { verifier: string; person: string }>();
  /** Consents as signals said of them last. */
  readonly signals: Receiver;
  /** The Authorization that signals come with. */
  readonly #secret = `Bearer ${randomUUID()}`;
  /** The person each question was about: never in an address. */
  readonly #asked = new Map<string, string>();

  constructor(settings: BankSettings) {
    this.settings = settings;
    this.#key = createPrivateKey({ key: settings.key as JsonWebKey, format: 'jwk' });
    this.signals = createReceiver({
      issuer: settings.issuer,
      audience: settings.machineClientId,
      token: async (scope) => (await this.token(scope)).access_token ?? '',
    });
  }

  /** Has events of its consents sent to it. */
  subscribe(): Promise<string> {
    return this.signals.push(`${this.settings.url}/events`, this.#secret);
  }

  /** A Maskinporten-shaped token, with a consent in it when one is named. */
  async token(scope: string, consent?: { id: string; from: string }): Promise<TokenAnswer> {
    const assertion = await new SignJWT({
      scope,
      ...(consent ? { authorization_details: [{ type: 'urn:altinn:consent', ...consent }] } : {}),
    })
      .setProtectedHeader({ alg: 'RS256', kid: this.settings.key.kid })
      .setIssuer(this.settings.machineClientId)
      .setAudience(`${this.settings.issuer}/`)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('100s')
      .sign(this.#key);
    const answer = await fetch(`${this.settings.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: JWT_BEARER, assertion }),
    });
    return (await answer.json()) as TokenAnswer;
  }

  /**
   * Asks for consent to a person's income data; the answer holds `viewUri`, where the person is
   * sent.
   */
  async ask(person: string, year: string, id: string = randomUUID()): Promise<ConsentAnswer> {
    const { access_token: token } = await this.token('altinn:consentrequests.write');
    this.#asked.set(id, person);
    const answer = await fetch(
      `${this.settings.issuer}/accessmanagement/api/v1/enterprise/consentrequests`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          id,
          from: `urn:altinn:person:identifier-no:${person}`,
          to: `urn:altinn:organization:identifier-no:${this.settings.organizationNo}`,
          validTo: new Date(Date.now() + 365 * 86_400_000).toISOString(),
          consentRights: [this.#right(year)],
          requestMessage: {
            nb: 'For å vurdere søknaden om boliglån',
            nn: 'For å vurdere søknaden om bustadlån',
            en: 'To assess the application for a home loan',
          },
          redirectUrl: `${this.settings.url}/back?consentId=${id}`,
        }),
      },
    );
    return (await answer.json()) as ConsentAnswer;
  }

  /** Exchanges the consent for a token and asks the tax authority. */
  async fetchIncome(
    id: string,
    person: string,
    year: string,
  ): Promise<{ status: number; body: IncomeAnswer | TokenAnswer }> {
    const token = await this.token(this.settings.scope, {
      id,
      from: `urn:altinn:person:identifier-no:${person}`,
    });
    if (!token.access_token) return { status: 400, body: token };
    return this.income(token.access_token, person, year);
  }

  async income(
    token: string,
    person: string,
    year: string,
  ): Promise<{ status: number; body: IncomeAnswer }> {
    const answer = await fetch(`${this.settings.taxApi}/income/${person}/${year}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: (await answer.json()) as IncomeAnswer };
  }

  #right(year: string) {
    return {
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: this.settings.resource }],
      metadata: { inntektsaar: year },
    };
  }

  async #configuration(): Promise<client.Configuration> {
    const key = (await importJWK(this.settings.key as never, this.settings.key.alg)) as CryptoKey;
    this.#oauth ??= await client.discovery(
      new URL(this.settings.issuer),
      this.settings.webClientId,
      undefined,
      client.PrivateKeyJwt({ key, kid: this.settings.key.kid }),
      {
        execute: this.settings.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [],
      },
    );
    return this.#oauth;
  }

  /**
   * Begins the OAuth way: pushes the request (PAR, PKCE) and answers with where to send the
   * browser.
   */
  async authorize(person: string, year: string): Promise<URL> {
    const config = await this.#configuration();
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    this.#pending.set(state, { verifier, person });
    return client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: `${this.settings.url}/callback`,
      scope: `openid ${this.settings.scope}`,
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([
        {
          type: 'urn:altinn:consent',
          validTo: new Date(Date.now() + 90 * 86_400_000).toISOString(),
          consentRights: [this.#right(year)],
          requestMessage: {
            nb: 'For å vise inntekten i nettbanken',
            nn: 'For å vise inntekta i nettbanken',
            en: 'To show the income in the online bank',
          },
        },
      ]),
    });
  }

  /** Takes the code. Throws openid-client's error when the person said no. */
  async callback(url: URL): Promise<client.TokenEndpointResponse> {
    const state = url.searchParams.get('state') ?? '';
    const pending = this.#pending.get(state);
    this.#pending.delete(state);
    if (!pending) throw new Error('no such request');
    return client.authorizationCodeGrant(await this.#configuration(), url, {
      expectedState: state,
      pkceCodeVerifier: pending.verifier,
      idTokenExpected: true,
    });
  }

  async refresh(token: string): Promise<client.TokenEndpointResponse> {
    return client.refreshTokenGrant(await this.#configuration(), token);
  }

  app(people: { number: string; name: string }[]): Koa {
    const app = new Koa();
    app.use(async (ctx) => {
      ctx.type = 'html';
      ctx.set('referrer-policy', 'no-referrer');
      if (ctx.path === '/events' && ctx.method === 'POST')
        return takePushed(this.signals, this.#secret, ctx, await text(ctx.req));
      const query = ctx.URL.searchParams;
      const form = new URLSearchParams(ctx.method === 'POST' ? await text(ctx.req) : '');
      const person =
        people.find(({ number }) => number === form.get('person'))?.number ??
        people[0]?.number ??
        '';
      if (ctx.path === '/') {
        const options = people
          .map(({ number, name }) => `<option value="${number}">${escapeHtml(name)}</option>`)
          .join('');
        ctx.body = page(
          'Søk om lån',
          `<h1>Søk om boliglån</h1>
<p>Vi trenger å vite hva du tjener. Du kan la oss hente det fra skatteetaten.</p>
<form action="/ask" method="post"><p><label for="person">Hvem er du?</label> <select id="person" name="person">${options}</select></p>
<p><button>Be om samtykke</button></p></form>
<form action="/connect"><p>Eller vis inntekten din i nettbanken:</p><p><button>Koble til (OAuth)</button></p></form>`,
        );
      } else if (ctx.path === '/ask') {
        const asked = await this.ask(person, '2025');
        if (asked.viewUri) return ctx.redirect(asked.viewUri);
        ctx.body = page(
          'Feil',
          `<h1>Det gikk ikke</h1><pre style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(JSON.stringify(asked, null, 1))}</pre>`,
        );
      } else if (ctx.path === '/back') {
        const id = query.get('consentId') ?? '';
        const { body } = await this.fetchIncome(id, this.#asked.get(id) ?? person, '2025');
        const heard = this.signals.statusOf(id);
        ctx.body = page(
          'Svar',
          `<h1>${'income' in body ? 'Takk, vi har det vi trenger' : 'Vi fikk ikke opplysningene'}</h1>
${heard === undefined ? '' : `<p>Sist vi hørte om samtykket, var det <strong>${escapeHtml(heard)}</strong>.</p>`}
<pre style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(JSON.stringify(body, null, 1))}</pre>
<p><a href="/back?consentId=${escapeHtml(encodeURIComponent(id))}">Hent på nytt</a> · <a href="${this.settings.issuer}/consents">Se samtykkene dine</a></p>`,
        );
      } else if (ctx.path === '/connect') {
        return ctx.redirect((await this.authorize(person, '2025')).href);
      } else if (ctx.path === '/callback') {
        try {
          const tokens = await this.callback(new URL(ctx.href));
          const [consent] = tokens.authorization_details ?? [];
          ctx.body = page(
            'Koblet til',
            `<h1>Koblet til</h1><pre style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(JSON.stringify(consent, null, 1))}</pre>`,
          );
        } catch (error) {
          ctx.body = page(
            'Ikke koblet til',
            `<h1>Ikke koblet til</h1><p>${escapeHtml((error as Error).message)}</p>`,
          );
        }
      } else {
        ctx.status = 404;
        ctx.body = page('Finnes ikke', '<h1>Finnes ikke</h1>');
      }
    });
    return app;
  }
}
