// The approval page, the receipt, and the way back to the one who asked. A person answers here;
// what is shown is what is stored. It knows no token, and of an authorization server only the path
// that a question came from.
import { currentCatalogue } from '../resource/catalogue.ts';
import type { DecisionPoint } from '../decision/point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Login } from '../caller/login.ts';
import { sessionOf, type SignedIn } from '../caller/pages.ts';
import type { Sessions } from '../caller/session.ts';
import { fits } from '../decision/model.ts';
import { listRoles } from '../party/store.ts';
import { queryParameter, readForm } from '../platform/body.ts';
import { clock, epochSeconds } from '../platform/clock.ts';
import { Fault, fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import {
  formatDate,
  formatDateTime,
  formatList,
  isLanguage,
  languageOf,
  pick,
  t,
  type Language,
} from '../platform/locale.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Render, Who } from '../platform/render.ts';
import { approve, mayAnswer, mayRead, reject, type MayAnswer } from './answer.ts';
import { effectiveStatus, reference, type Consent } from './model.ts';
import { originOf, withOutcome } from './redirect.ts';
import { problem } from './problems.ts';
import { findConsent } from './store.ts';
import {
  displayName,
  formatUntil,
  purposeOf,
  shownText,
  textHash,
  whatOf,
  type Fact,
} from './text.ts';

export interface ConsentPages {
  point: DecisionPoint;
  sessions: Sessions;
  login: Login;
  signedIn: SignedIn;
  render: Render;
  metrics: Metrics;
  issuer: string;
  /**
   * Signs the answer that goes back with the browser, so that the one who asked can tell it from a
   * forged one.
   */
  signAnswer: (claims: object) => Promise<string>;
}

export function consentPages(pages: ConsentPages): Router {
  const router = new Router({ prefix: '/consent' });
  const row = (route: string) =>
    [named(route), page, pages.signedIn((ctx) => levelWanted(ctx, pages))] as const;
  router.get('/request', ...row('consent_page'), async (ctx) => {
    const consent = await requested(pages, queryParameter(ctx, 'id'));
    await showRequest(ctx, pages, consent, queryParameter(ctx, 'interaction'));
  });
  router.post('/request', ...row('consent_answer'), (ctx) => postAnswer(ctx, pages));
  router.get('/receipt', ...row('consent_receipt'), (ctx) => showReceipt(ctx, pages));
  router.get('/continue', ...row('consent_continue'), (ctx) => goBack(ctx, pages));
  return router;
}

/**
 * The highest level that a right of the request asks for; nothing about it is told to the browser.
 */
async function levelWanted(ctx: Context, { point }: ConsentPages): Promise<number> {
  const id = ctx.URL.searchParams.get('id');
  const consent = isUuid(id) ? await findConsent(point.db, id) : undefined;
  return Math.max(0, ...(consent?.rights ?? []).map((right) => right.content.minimumLevel.person));
}

async function requested({ point }: ConsentPages, id: string | undefined): Promise<Consent> {
  // Clients append parameters without looking; the id ends where it ends.
  const consent = isUuid(id) ? await findConsent(point.db, id) : undefined;
  if (!consent) throw problem('AM-00001');
  return consent;
}

/** The uid of an authorization that waits for this answer, when it has the shape of one. */
const interactionOf = (value: string | undefined) =>
  /^[\w-]{10,64}$/.test(value ?? '') ? value : undefined;

async function showRequest(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  interaction: string | undefined,
  changed = false,
): Promise<void> {
  const { party, level } = sessionOf(ctx);
  const language = languageOf(ctx);
  const now = clock.now();
  const answer = await mayAnswer(pages.point, consent, { party, level }, now);
  if (!answer.permit) {
    if (answer.reason === 'level')
      return pages.login.begin(ctx, backTo(consent, interaction), answer.level!);
    if (consent.answeredBy?.id !== party) return refuse(ctx, pages, consent, answer, interaction);
  }
  if (consent.state !== 'requested') return redirect(ctx, receiptPath(consent, interaction));
  if (consent.validTo <= now) {
    return pages.render(ctx, {
      view: 'error',
      title: t(language, 'consent.expired.title'),
      who: whoOf(ctx, consent, answer, await roleNames(pages, language)),
      data: {
        body: t(language, 'consent.expired.body', { to: displayName(consent.to) }),
        ...wayBack(consent, interaction),
      },
    });
  }
  const text = shownText(consent, language, now);
  const roles = await roleNames(pages, language);
  pages.render(ctx, {
    view: 'consent/request',
    title: text.title,
    who: whoOf(ctx, consent, answer, roles),
    data: {
      text,
      changed,
      csrf: sessionOf(ctx).csrf,
      action: backTo(consent, interaction),
      shown: textHash(text),
      to: displayName(consent.to),
      forOrganization: consent.from.kind !== 'person',
      from: displayName(consent.from),
      forOther: consent.from.id !== party,
      role: answer.permit && answer.role ? roles.get(answer.role) : undefined,
    },
  });
}

/**
 * Tells who could answer, by role and never by name, and where to go from here (design rule R12).
 */
async function refuse(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  answer: MayAnswer,
  interaction: string | undefined,
): Promise<void> {
  const language = languageOf(ctx);
  const names = await roleNames(pages, language);
  const catalogue = await currentCatalogue(pages.point);
  const who = answer.wanted
    .filter((match) => fits(consent.from.kind, match, catalogue))
    .map((match) => {
      if (match.kind === 'self') return t(language, 'consent.who_self');
      if (match.kind === 'package')
        return pick(catalogue.packages.get(match.value)?.name, language)!.text;
      return match.kind === 'key_role'
        ? t(language, 'consent.who_key_role')
        : names.get(match.value)!;
    });
  ctx.status = 403;
  const key =
    answer.reason === 'named' ? 'named' : consent.from.kind === 'person' ? 'not_you' : 'not_role';
  pages.render(ctx, {
    view: 'error',
    title: t(language, `consent.${key}.title`),
    who: { label: t(language, 'common.acting_self'), user: sessionOf(ctx).name, canSwitch: false },
    data: {
      body: t(language, `consent.${key}.body`, {
        org: consent.from.kind === 'person' ? '' : displayName(consent.from),
        roles: formatList(language, [...new Set(who)]) || t(language, 'consent.nobody'),
      }),
      code: 'AM-00000',
      switchUser: true,
      ...(interactionOf(interaction) ? { continueUrl: `/interaction/${interaction}?leave` } : {}),
    },
  });
}

async function postAnswer(ctx: Context, pages: ConsentPages): Promise<void> {
  const form = await readForm(ctx);
  const interaction = queryParameter(ctx, 'interaction');
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  pages.sessions.checkForm(ctx, sessionOf(ctx), form);
  const person = sessionOf(ctx);
  try {
    if (form.get('answer') === 'yes') {
      await approve(pages.point, consent.id, person, (request) => {
        const language = form.get('lang');
        if (!isLanguage(language)) throw fault('TIL-00014');
        const text = shownText(request, language, clock.now());
        if (textHash(text) !== form.get('shown')) throw fault('TIL-00019');
        return { language, shownBy: 'page', hash: textHash(text), text };
      });
      pages.metrics.consents.inc({ act: 'approved' });
    } else if (form.get('answer') === 'no') {
      await reject(pages.point, consent.id, person);
      pages.metrics.consents.inc({ act: 'rejected' });
    } else {
      throw fault('TIL-00014');
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The text changed while the page was open: show it as it is now. Decided meanwhile: the
    // receipt says how.
    if (error.code === 'TIL-00019') return showRequest(ctx, pages, consent, interaction, true);
    if (error.code === 'TIL-00007')
      return pages.login.begin(
        ctx,
        backTo(consent, interaction),
        Number(error.members.requiredLevel),
      );
    if (!['AM-00002', 'AM-00015', 'STD-00000'].includes(error.code)) throw error;
    return redirect(
      ctx,
      error.code === 'STD-00000' ? backTo(consent, interaction) : receiptPath(consent, interaction),
    );
  }
  redirect(ctx, receiptPath(consent, interaction));
}

function redirect(ctx: Context, path: string): void {
  ctx.status = 303;
  ctx.redirect(path);
}

const parameters = (consent: Consent, interaction: string | undefined) =>
  new URLSearchParams({
    id: consent.id,
    ...(interactionOf(interaction) ? { interaction: interaction! } : {}),
  });
const receiptPath = (consent: Consent, interaction: string | undefined) =>
  `/consent/receipt?${parameters(consent, interaction)}`;
const backTo = (consent: Consent, interaction: string | undefined) =>
  `/consent/request?${parameters(consent, interaction)}`;

async function showReceipt(ctx: Context, pages: ConsentPages): Promise<void> {
  const interaction = queryParameter(ctx, 'interaction');
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  const { party } = sessionOf(ctx);
  const now = clock.now();
  if (!(await mayRead(pages.point, consent, party, now))) throw problem('AM-00000');
  if (consent.state === 'requested') return redirect(ctx, backTo(consent, interaction));
  const language = languageOf(ctx);
  const yes = consent.state !== 'rejected';
  const to = displayName(consent.to);
  const roles = await roleNames(pages, language);
  const text = shownText(consent, language, consent.approvedAt ?? consent.rejectedAt ?? now);
  const poa = consent.template.isPoa ? '_poa' : '';
  pages.render(ctx, {
    view: 'consent/receipt',
    title: t(
      language,
      consent.state === 'withdrawn'
        ? 'consent.receipt.title_withdrawn'
        : `consent.receipt.title_${yes ? `yes${poa}` : 'no'}`,
    ),
    who: whoOf(ctx, consent, undefined, roles),
    data: {
      poa: consent.template.isPoa,
      yes,
      active: effectiveStatus(consent, now) === 'Accepted',
      withdrawn: consent.state === 'withdrawn',
      to,
      id: consent.id,
      flow:
        consent.state === 'withdrawn'
          ? { ...text.flow, when: t(language, 'consent.status.Revoked') }
          : text.flow,
      facts: receiptFacts(consent, language, roles),
      ...wayBack(consent, interaction),
    },
  });
}

function receiptFacts(consent: Consent, language: Language, roles: Map<string, string>): Fact[] {
  const at = (consent.approvedAt ?? consent.rejectedAt)!;
  const purpose = purposeOf(consent, language);
  const role = consent.answeredRole ? roles.get(consent.answeredRole) : undefined;
  const by = consent.answeredBy ? displayName(consent.answeredBy) : '';
  const yes = consent.state !== 'rejected';
  const list: [string, string][] = [
    ['reference', reference(consent.id)],
    ['when', formatDateTime(language, at)],
    [yes ? 'by' : 'answered_by', role ? t(language, 'consent.by_role', { name: by, role }) : by],
    [
      'on_behalf',
      consent.answeredBy?.id === consent.from.id
        ? t(language, 'consent.receipt.yourself')
        : displayName(consent.from),
    ],
    [yes ? 'to' : 'asked_by', displayName(consent.to)],
    ['what', whatOf(consent, language)],
    ['purpose', purpose.text],
  ];
  if (effectiveStatus(consent, clock.now()) === 'Accepted') {
    list.push([
      'valid',
      consent.oneTime
        ? t(language, 'consent.once_sentence')
        : `${t(language, 'consent.from_date', { date: formatDate(language, at) })} ${formatUntil(language, consent.validTo)}`,
    ]);
  }
  return list.map(([key, text]) => ({
    key,
    label: t(language, `consent.receipt.fact.${key}`),
    text,
  }));
}

/**
 * The link that leads on, naming the host it goes to; none when the one who asked gave no address.
 */
function wayBack(
  consent: Consent,
  interaction: string | undefined,
): { continueUrl?: string; continueHost?: string } {
  if (interactionOf(interaction)) return { continueUrl: `/interaction/${interaction}` };
  if (!consent.redirectUrl) return {};
  return {
    continueUrl: `/consent/continue?id=${consent.id}`,
    continueHost: new URL(consent.redirectUrl).host || originOf(new URL(consent.redirectUrl)),
  };
}

/**
 * Sends the browser back with the outcome (contract/consent.md §5.7) and, signed, what it says:
 * `Status=OK` alone could be forged. A GET of its own, so that no form is answered by a redirect to
 * another host, which browsers block.
 */
async function goBack(ctx: Context, pages: ConsentPages): Promise<void> {
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  if (!(await mayRead(pages.point, consent, sessionOf(ctx).party, clock.now())))
    throw problem('AM-00000');
  if (!consent.redirectUrl) return redirect(ctx, `/consents/${consent.id}`);
  const iat = epochSeconds();
  const given = consent.state === 'approved';
  const answered = consent.state !== 'requested' || consent.validTo <= clock.now();
  const outcome: Record<string, string> = !answered
    ? {}
    : given
      ? { Status: 'OK' }
      : { Status: 'Failed', ErrorMessage: 'User did not give consent' };
  if (answered) {
    outcome.consent_response = await pages.signAnswer({
      iss: pages.issuer,
      aud: `urn:altinn:organization:identifier-no:${consent.to.organizationNo}`,
      iat,
      exp: iat + 600,
      consent_id: consent.id,
      status: effectiveStatus(consent, clock.now()),
    });
  }
  ctx.status = 303;
  // Not ctx.redirect, which would rewrite an app scheme's address.
  ctx.set('location', withOutcome(consent.redirectUrl, outcome));
  ctx.body = '';
}

/** Roles by code, in a language. */
export async function roleNames(
  { point }: Pick<ConsentPages, 'point'>,
  language: Language,
): Promise<Map<string, string>> {
  return new Map(
    (await listRoles(point.db)).map((role) => [
      role.code,
      role.name[language] ?? role.name.nb ?? role.code,
    ]),
  );
}

/** Who is signed in, for whom, and why (design rule R10). */
function whoOf(
  ctx: Context,
  consent: Consent,
  answer: MayAnswer | undefined,
  roles: Map<string, string>,
): Who {
  const language = languageOf(ctx);
  const { party, name } = sessionOf(ctx);
  if (consent.from.id === party)
    return { label: t(language, 'common.acting_self'), user: name, canSwitch: false };
  const code = answer?.permit
    ? answer.role
    : consent.answeredBy?.id === party
      ? (consent.answeredRole ?? undefined)
      : undefined;
  const why = code ? roles.get(code) : undefined;
  return {
    label: t(language, 'common.acting_for', { name: displayName(consent.from) }),
    user: name,
    canSwitch: false,
    ...(why ? { why } : {}),
  };
}
