// Where oidc-provider stops to ask a person: login is our one session, the approval page is
// consent's own, and a Grant is built here from the answered request. It holds no page of its own.
import { type Wired, visit } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import type { Detail } from './hook_model.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { errors } from 'oidc-provider';
import { epochSeconds } from '../../platform/clock.ts';
import { Fault } from '../../platform/errors.ts';
import { seeOther } from '../../platform/http/http.ts';
import { acrOf } from '../../caller/model.ts';
import {
  clientOfInteraction,
  finishInteraction,
  interactionOf,
  ofPerson,
  type Details,
  type InteractionSettings,
} from './interaction.ts';
import { openRouter } from '../../caller/declared_pages.ts';
import type { LoginDemands } from '../../caller/login.ts';
import type { Session } from '../../caller/session.ts';
import { maySpeak, seenBy } from '../../consent/basis/standing.ts';
import { hasSaidYes, type Consent } from '../../consent/model.ts';
import { effectiveStatus, isOpenStatus } from '../../consent/status_model.ts';
import { findConsent } from '../../consent/find.ts';
import { endProviderSession, loginOf } from '../logout/browser_session.ts';
import type { Client } from '../client/clients.ts';
import { grantDetail, consentRequestOf } from '../grant/consent_details.ts';
import { subjectOf } from './person_claims.ts';
import { addScopes } from './features.ts';
import { decodeJwt } from 'jose';
import { claimsAskedFor, levelWanted } from './level.ts';
import { mustAskOffline } from '../choice/offline.ts';
import { REPRESENTATION_TYPES } from '../choice/representation_details.ts';
import { textOf } from '../../platform/as_text.ts';

export const interactionRoutes = (wired: Wired<InteractionSettings>): Router =>
  openRouter(
    () => visit(wired),
    [
      { id: 'interaction', path: '/interaction/:uid', answer: interact },
      { id: 'interaction_leave', path: '/interaction/:uid/leave', answer: leave },
    ],
  );

/** Brings a login about where the provider wants one, and then the answer to its question. */
async function interact(ctx: Context, settings: InteractionSettings): Promise<void> {
  const details = await interactionOf(ctx, settings);
  const session = await settings.sessions.find(ctx);
  const isLogin = details.prompt.name === 'login';
  const question = await questionOf(details, settings.act);
  if (isLogin) await forgetLogin(details);
  if (!session || (isLogin && isShort(details, session, question.level)))
    return settings.login.begin(ctx, ctx.path, question);
  if (isLogin) {
    const why = await unmetBy(details, session, settings);
    const isAsked = session.askedBy === details.uid;
    if (why && !isAsked) return settings.login.begin(ctx, ctx.path, { ...question, fresh: true });
    if (why) return finishInteraction(ctx, settings, why);
    await endProviderSession(settings.provider(), ctx, session.party);
    return finishInteraction(ctx, settings, {
      login: { ...loginOf(session), amr: session.amr, remember: false },
    });
  }
  return answer(ctx, settings, ofPerson(details, session.party), session);
}

/** Leads to the client where a login came to nothing; the page that says so leads here. */
async function leave(ctx: Context, settings: InteractionSettings): Promise<void> {
  await interactionOf(ctx, settings);
  const why = ctx.URL.searchParams.get('because') ?? '';
  const result = Object.hasOwn(LEFT, why) ? LEFT[why]! : LEFT.refused!;
  return finishInteraction(ctx, settings, result);
}

/** The error to the client when nobody logged in (OpenID Connect Core §3.1.2.6). */
const LEFT: Record<string, { error: string; error_description: string }> = {
  refused: { error: 'access_denied', error_description: 'the person did not log in' },
  unknown_person: {
    error: 'access_denied',
    error_description: 'the person is not in the register that is used here',
  },
  too_old: { error: 'access_denied', error_description: 'the login is not of now' },
  level_too_low: {
    error: 'unmet_authentication_requirements',
    error_description: 'the person did not log in at the level that was asked for',
  },
};

/** Whether the client itself pushed what is asked (RFC 9126), and not a browser that says so. */
const isAuthenticated = (details: Details, { metadata }: Client): boolean =>
  (details as { parJti?: string }).parJti !== undefined &&
  metadata.token_endpoint_auth_method !== 'none';

/** Reasons for which a login must be one that was made for this very question. */
const RENEWING = ['login_prompt', 'max_age', 'max_age_zero'];

/** Too low a level, or a login that is not of now where the client wants one. */
function isShort({ prompt, uid }: Details, session: Session, level: number): boolean {
  if (session.level < level) return true;
  return session.askedBy !== uid && prompt.reasons.some((reason) => RENEWING.includes(reason));
}

/** The demands that the client makes of the eID through us. */
async function questionOf(details: Details, act: Deciding): Promise<LoginDemands> {
  const { params, uid } = details;
  const word = (name: string) =>
    params[name] === undefined ? undefined : (textOf(params[name]) ?? '');
  return {
    level: await levelWanted(details.params, act),
    fresh: (word('prompt') ?? '').split(' ').includes('login'),
    maxAge: params.max_age === undefined ? undefined : Number(params.max_age),
    locales: word('ui_locales'),
    hint: word('login_hint'),
    askedBy: uid,
  };
}

/**
 * Why the one who is logged in is not whom the client asked for, or not so well authenticated:
 * never a code for somebody else (OpenID Connect Core §3.1.2.1, `id_token_hint`; §5.5.1.1).
 */
async function unmetBy(
  details: Details,
  session: Session,
  settings: InteractionSettings,
): Promise<{ error: string; error_description: string } | undefined> {
  const { acr, sub } = claimsAskedFor(details.params);
  const hint = details.params.id_token_hint;
  const wanted = [
    ...(hint === undefined ? [] : [decodeJwt(textOf(hint) ?? '').sub]),
    ...(sub?.value === undefined ? [] : [sub.value]),
  ];
  if (wanted.length) {
    const own = subjectOf(
      settings.seal,
      session.party,
      await clientOfInteraction(details, settings),
    );
    if (wanted.some((one) => one !== own))
      return { error: 'login_required', error_description: 'another person logged in' };
  }
  const accepted = [acr?.values ?? [], acr?.value ?? []].flat();
  return acr?.essential && accepted.length && !accepted.includes(acrOf(session.level))
    ? LEFT.level_too_low
    : undefined;
}

/**
 * The person who logs in now need not be the one who was logged in when the question came: the
 * provider must not compare the two.
 */
async function forgetLogin(details: Details): Promise<void> {
  if (!details.session) return;
  delete details.session;
  await details.save(Math.max(1, details.exp - epochSeconds()));
}

/** Back to the client without a consent (RFC 6749 §4.1.2.1). */
const notGiven = (
  ctx: Context,
  settings: InteractionSettings,
  why = 'the consent was not given',
): Promise<void> =>
  finishInteraction(ctx, settings, { error: 'access_denied', error_description: why });

/** The first object of what is asked for; one at most is of a consent. */
const detailIn = ({ params }: Details): Detail | undefined =>
  (JSON.parse(textOf(params.authorization_details) ?? '[]') as Detail[])[0];

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
  const { act, clients } = settings;
  const client = await clientOfInteraction(details, settings);
  const detail = detailIn(details);
  if (!detail) {
    if (await mustAskOffline(act, details.params, session.party))
      return seeOther(ctx, `/interaction/${details.uid}/offline`);
    return finishInteraction(ctx, settings, { consent: {} });
  }
  if (REPRESENTATION_TYPES.includes(detail.type)) {
    seeOther(ctx, `/interaction/${details.uid}/represent`);
    return;
  }
  let consent: Consent;
  try {
    consent = await consentRequestOf(
      { ...settings, act, client },
      detail,
      { id: details.jti, isPushed: isAuthenticated(details, client) },
      session,
    );
  } catch (error) {
    if (error instanceof Fault && error.code === 'TIL-00044')
      return tellQuiet(ctx, settings, { uid: details.uid, session }, error);
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    return finishInteraction(ctx, settings, {
      error: error.error,
      error_description: error.error_description ?? '',
    });
  }
  const status = effectiveStatus(consent, act.now);
  const isAwaited = status === 'Awaiting' && hasSaidYes(consent, session.party);
  if (isOpenStatus(status) && !isAwaited && !ctx.URL.searchParams.has('leave')) {
    seeOther(
      ctx,
      `/consent/request?${new URLSearchParams({ id: consent.id, interaction: details.uid })}`,
    );
    return;
  }
  if (isAwaited)
    return notGiven(ctx, settings, 'consent_awaiting: others are to answer; ask for it by its id');
  const seen = await seenBy(act, consent, session);
  // It stands for whoever answered, or could; to be able to end it is not enough.
  const isAnswerer =
    consent.answeredBy?.id === session.party ||
    (await maySpeak(act, consent, { party: session.party, level: 4 })).permit;
  if (status !== 'Accepted' || !seen?.isWhole || !isAnswerer) return notGiven(ctx, settings);
  const provider = settings.provider();
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.party });
  await addScopes(
    grant,
    { params: details.params, client: { clientId: client.clientId } },
    // It refreshes until the consent ends, and its page says so.
    { clients, issuer: settings.issuer, isOffline: true },
  );
  grant.addRar(grantDetail(consent));
  await finishInteraction(ctx, settings, { consent: { grantId: await grant.save() } });
}

/**
 * The person has said no to this lately: a reader who may see that no is shown it, and may open it;
 * anybody else goes back at once.
 */
async function tellQuiet(
  ctx: Context,
  settings: InteractionSettings,
  { uid, session }: { uid: string; session: Session },
  why: Fault,
): Promise<void> {
  const { requestId, until } = why.members as { requestId: string; until: string };
  const { act } = settings;
  const refused = await findConsent(act, requestId);
  const seen = refused && (await seenBy(act, refused, session));
  // To others, and of one whose address is protected (consent/basis/veil_model.ts), not even that
  // there is a no.
  if (!seen?.isWhole || seen.consent.veiled) return notGiven(ctx, settings);
  if (ctx.URL.searchParams.has('leave'))
    return notGiven(
      ctx,
      settings,
      `TIL-00044: the person has said no to this; ask again after ${until}`,
    );
  seeOther(ctx, `/consents/${requestId}/again?interaction=${uid}`);
}
