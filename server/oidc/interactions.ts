// Where oidc-provider stops to ask a person: login is our one session, the approval page is
// consent's own, and a Grant is built here from the answered request. It holds no page of its own.
import type { Detail } from './hook_model.ts';
import type { DecisionPoint } from '../decision/point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { errors, type InteractionResults } from 'oidc-provider';
import { clock, epochSeconds } from '../platform/clock.ts';
import { Fault, fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { levelOf } from '../caller/model.ts';
import type { Login } from '../caller/login.ts';
import { LOGIN_LEVEL } from '../caller/pages.ts';
import type { Session, Sessions } from '../caller/session.ts';
import { mayRead } from '../consent/answer.ts';
import { effectiveStatus, type Consent } from '../consent/model.ts';
import { endProviderSession, loginOf } from './browser_session.ts';
import type { Client, Clients } from './clients.ts';
import { grantDetail, requestOf } from './consent_details.ts';
import { addScopes } from './provider_features.ts';
import { levelOfRepresentation } from './representation.ts';
import { REPRESENTATION_TYPES } from './representation_details.ts';

export interface InteractionSettings {
  point: DecisionPoint;
  provider: () => Provider;
  sessions: Sessions;
  login: Login;
  clients: Clients;
  issuer: string;
}

export type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The interaction of this browser and address; TIL-00014 when there is none. */
export function interactionOf(ctx: Context, settings: InteractionSettings): Promise<Details> {
  return settings
    .provider()
    .interactionDetails(ctx.req, ctx.res)
    .catch((cause) => {
      throw cause instanceof Fault
        ? cause
        : fault('TIL-00014', { cause, because: 'no such interaction' });
    });
}

export async function clientOfInteraction(
  { params }: Details,
  { clients }: InteractionSettings,
): Promise<Client> {
  return (await clients.find(String(params.client_id))) as Client;
}

export function interactionRoutes(settings: InteractionSettings): Router {
  const router = new Router();
  router.get('/interaction/:uid', named('interaction'), page, async (ctx) => {
    const details = await interactionOf(ctx, settings);
    const session = await settings.sessions.find(ctx);
    const wanted = await levelWanted(details, settings.point);
    if (details.prompt.name === 'login') await forgetLogin(details);
    if (!session || needsLogin(details, session, wanted))
      return settings.login.begin(ctx, ctx.path, wanted);
    if (details.prompt.name === 'login') {
      await endProviderSession(settings.provider(), ctx, session.party);
      return finishInteraction(ctx, settings, {
        login: { ...loginOf(session), amr: session.amr, remember: false },
      });
    }
    if (details.session?.accountId !== session.party)
      throw fault('TIL-00014', { because: 'another person is logged in' });
    return answer(ctx, settings, details, session);
  });
  return router;
}

/**
 * Too low a level, or a login that the client wants renewed and that is older than its question.
 */
function needsLogin({ prompt, iat }: Details, session: Session, wanted: number): boolean {
  if (prompt.name !== 'login') return false;
  if (session.level < wanted) return true;
  const renew = prompt.reasons.includes('login_prompt') || prompt.reasons.includes('max_age');
  return renew && session.loggedInAt.getTime() < iat * 1000;
}

/** What the client asks for, and what the resources take that somebody is to be represented for. */
async function levelWanted({ params }: Details, point: DecisionPoint): Promise<number> {
  const [first] = String(params.acr_values ?? '')
    .split(' ')
    .map(levelOf)
    .filter((level) => level !== undefined);
  return Math.max(
    LOGIN_LEVEL,
    first ?? 0,
    await levelOfRepresentation(point, params.authorization_details),
  );
}

/**
 * Who logs in now need not be who was logged in when the question came: the provider must not
 * compare the two.
 */
async function forgetLogin(details: Details): Promise<void> {
  if (!details.session) return;
  delete details.session;
  await details.save(Math.max(1, details.exp - epochSeconds()));
}

/**
 * The consent prompt: to the approval page while the request waits, back to the client once it is
 * answered.
 */
async function answer(
  ctx: Context,
  settings: InteractionSettings,
  details: Details,
  session: Session,
): Promise<void> {
  const { point, clients } = settings;
  const client = await clientOfInteraction(details, settings);
  const [detail] = JSON.parse(String(details.params.authorization_details ?? '[]')) as Detail[];
  if (!detail) return finishInteraction(ctx, settings, { consent: {} });
  if (REPRESENTATION_TYPES.includes(detail.type)) {
    ctx.status = 303;
    ctx.redirect(`/interaction/${details.uid}/represent`);
    return;
  }
  let consent: Consent;
  try {
    consent = await requestOf(point, client, detail, details.jti, session);
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    return finishInteraction(ctx, settings, {
      error: error.error,
      error_description: error.error_description ?? '',
    });
  }
  const status = effectiveStatus(consent, clock.now());
  if (status === 'Created' && !ctx.URL.searchParams.has('leave')) {
    ctx.status = 303;
    ctx.redirect(
      `/consent/request?${new URLSearchParams({ id: consent.id, interaction: details.uid })}`,
    );
    return;
  }
  if (status !== 'Accepted' || !(await mayRead(point, consent, session.party, clock.now()))) {
    return finishInteraction(ctx, settings, {
      error: 'access_denied',
      error_description: 'the consent was not given',
    });
  }
  const provider = settings.provider();
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.party });
  await addScopes(
    grant,
    { params: details.params, client: { clientId: client.clientId } },
    clients,
    settings.issuer,
  );
  grant.addRar(grantDetail(consent));
  await finishInteraction(ctx, settings, { consent: { grantId: await grant.save() } });
}

/** Ends the interaction and goes on to where the provider says. */
export async function finishInteraction(
  ctx: Context,
  { provider }: InteractionSettings,
  result: InteractionResults,
): Promise<void> {
  const returnTo = await provider().interactionResult(ctx.req, ctx.res, result, {
    mergeWithLastSubmission: true,
  });
  ctx.status = 303;
  ctx.redirect(returnTo);
}
