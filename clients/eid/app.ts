// A stand-in for the national eID: a small OIDC provider in ID-porten's shape (`pid`, `acr`), where
// the login is a form with the people of the demo world. For development and tests only; production
// refuses to start with it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

export interface EidSettings {
  issuer: string;
  /** The relying party: Tillit. */
  client: { id: string; secret: string; redirectUri: string; postLogoutRedirectUri: string };
  people: { number: string; name: string; note?: string }[];
}

const LEVELS = { 'idporten-loa-substantial': '3', 'idporten-loa-high': '4' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * The form. No form-action, since the answer leads back to another origin.
 */
const CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Without the library's warnings that everything is in memory: here it is meant to be. */
function quietly<Result>(work: () => Result): Result {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

export function createEid(settings: EidSettings): Server {
  const provider = quietly(
    () =>
      new Provider(settings.issuer, {
        clients: [
          {
            client_id: settings.client.id,
            client_secret: settings.client.secret,
            redirect_uris: [settings.client.redirectUri],
            post_logout_redirect_uris: [settings.client.postLogoutRedirectUri],
            response_types: ['code'],
            grant_types: ['authorization_code'],
          },
        ],
        acrValues: Object.keys(LEVELS),
        claims: { openid: ['sub', 'pid', 'acr', 'amr', 'auth_time', 'sid'] },
        conformIdTokenClaims: false,
        pkce: { required: () => true },
        features: {
          devInteractions: { enabled: false },
          rpInitiatedLogout: {
            enabled: true,
            logoutSource: async (ctx, form) => {
              ctx.body = page(
                'Logg ut',
                `<h1>Logg ut av innloggingstjenesten</h1><p>Du er logget ut av siden du kom fra. Her kan du logge ut av innloggingstjenesten (demo) også.</p>${form}<p><button form="op.logoutForm" name="logout" value="yes">Logg ut</button> <button form="op.logoutForm">Ikke logg ut her</button></p>`,
              );
            },
            postLogoutSuccessSource: async (ctx) => {
              ctx.body = page('Logget ut', '<h1>Du er logget ut</h1>');
            },
          },
        },
        cookies: {
          keys: ['stand-in-eid-of-the-demo'],
          names: { session: 'eid', interaction: 'eid_interaction', resume: 'eid_resume' },
        },
        interactions: { url: (_ctx, interaction) => `/login/${interaction.uid}`, policy: stepUp() },
        findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, pid: id }) }),
        loadExistingGrant: async (ctx) => {
          const grant = new ctx.oidc.provider.Grant({
            clientId: ctx.oidc.client!.clientId,
            accountId: ctx.oidc.session!.accountId!,
          });
          grant.addOIDCScope('openid profile');
          grant.addOIDCClaims(['sub', 'pid']);
          await grant.save();
          return grant;
        },
        renderError: (ctx, out) => {
          ctx.body = page(
            'Feil',
            `<h1>Noe gikk galt</h1><p>${escapeHtml(out.error)}: ${escapeHtml(out.error_description ?? '')}</p>`,
          );
        },
        ttl: { Session: 3600, Interaction: 900, Grant: 3600, IdToken: 3600, AccessToken: 300 },
      }),
  );
  const callback = namingSessions(provider).callback();
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', CSP);
    response.setHeader('referrer-policy', 'same-origin');
    if (request.url!.startsWith('/login/')) {
      login(provider, settings, request, response).catch((error: Error) => {
        response
          .writeHead(400, { 'content-type': 'text/html; charset=utf-8' })
          .end(page('Feil', `<h1>Innloggingen er avbrutt</h1><p>${escapeHtml(error.message)}</p>`));
      });
    } else {
      void callback(request, response);
    }
  });
  return server;
}

/** As ID-porten's, each id_token names the session. */
function namingSessions(provider: Provider): Provider {
  provider.Client.prototype.includeSid = () => true;
  return provider;
}

/** Asks again when the session is weaker than what is wanted now. */
function stepUp() {
  const prompts = interactionPolicy.base();
  prompts.get('login')!.checks.add(
    new interactionPolicy.Check('step_up', 'a higher level is wanted', (ctx) => {
      const { oidc } = ctx;
      const wanted = wantedAcr(String(oidc.params?.acr_values ?? ''));
      return wanted === 'idporten-loa-high' && oidc.session?.acr !== wanted;
    }),
  );
  return prompts;
}

async function login(
  provider: Provider,
  settings: EidSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response);
  const acr = wantedAcr(String(details.params.acr_values ?? ''));
  let fault: string | undefined;
  if (request.method === 'POST') {
    const form = new URLSearchParams(await text(request));
    const number = (form.get('number')?.trim() || form.get('person')) ?? '';
    if (form.has('cancel')) {
      return redirect(
        response,
        await provider.interactionResult(request, response, {
          error: 'access_denied',
          error_description: 'cancelled',
        }),
      );
    }
    if (/^\d{11}$/.test(number)) {
      // Somebody else than last time begins anew, as at the real one.
      const earlier = details.session && (await provider.Session.findByUid(details.session.uid));
      if (earlier && earlier.accountId !== number) {
        await earlier.destroy();
        delete details.session;
        await details.save(900);
      }
      return redirect(
        response,
        await provider.interactionResult(request, response, {
          login: { accountId: number, acr, amr: ['stand-in'], remember: false },
        }),
      );
    }
    fault = 'Velg en person, eller skriv et fødselsnummer med 11 sifre.';
  }
  const people = settings.people
    .map(
      ({ number, name, note }) =>
        `<p><input type="radio" name="person" id="p${number}" value="${number}"> <label for="p${number}">${escapeHtml(name)}${note ? `, ${escapeHtml(note)}` : ''}</label></p>`,
    )
    .join('\n');
  response
    .writeHead(fault ? 422 : 200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    })
    .end(
      page(
        'Logg inn',
        `<h1>Logg inn (prøve-ID)</h1>
<p>Dette er en stedfortreder for den nasjonale innloggingen. Alle er oppdiktet. Sikkerhetsnivå ${LEVELS[acr]}.</p>
${fault ? `<p role="alert">${fault}</p>` : ''}
<form method="post" action="/login/${details.uid}">
<fieldset><legend>Hvem er du?</legend>
${people}
</fieldset>
<p><label for="number">Eller fødselsnummer</label> <input id="number" name="number" inputmode="numeric" autocomplete="username" size="12"></p>
<p><button type="submit">Logg inn</button> <button type="submit" name="cancel" value="1">Avbryt</button></p>
</form>`,
      ),
    );
}

function wantedAcr(values: string): keyof typeof LEVELS {
  return values.includes('idporten-loa-high') ? 'idporten-loa-high' : 'idporten-loa-substantial';
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location }).end();
}

const page = (
  title: string,
  body: string,
) => `<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>${body}</main></body></html>`;

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
