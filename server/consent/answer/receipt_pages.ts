// The receipt, and the way back to whoever asked.
import { seenThen } from '../own/closed.ts';
import { seeOther } from '../../platform/http/http.ts';
import { showReference } from '../../platform/reference.ts';
import { formatUntil } from '../until_model.ts';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { epochSeconds } from '../../platform/clock.ts';
import {
  formatDate,
  formatDateTime,
  formatList,
  languageOf,
  t,
  type Language,
} from '../../platform/locale.ts';
import { mustBeRead, seenBy } from '../basis/standing.ts';
import { wasGiven, type Consent } from '../model.ts';
import { effectiveStatus } from '../status_model.ts';
import { originOf, withOutcome } from '../../platform/http/redirect.ts';
import { problem } from '../problems.ts';
import { resourceTitle } from '../right_text.ts';
import {
  displayName,
  purposeOf,
  aboutWhom,
  inWords,
  numbered,
  shownText,
  titlesOf,
  type LabelledText,
  statusWord,
} from '../text.ts';
import { goesOn, replacedWords } from '../replace_text.ts';
import { limitText } from '../uses_text.ts';
import { replacingOf, type Replacing } from './replacing.ts';
import {
  type ConsentPages,
  requested,
  interactionIn,
  backTo,
  roleNames,
  signedInFor,
  wordsShown,
} from '../page.ts';

export async function showReceipt(ctx: Context, pages: ConsentPages): Promise<void> {
  const interaction = queryParameter(ctx, 'interaction');
  const asked = await requested(pages, queryParameter(ctx, 'id'));
  const session = sessionOf(ctx);
  const { now } = pages.act;
  const seen = await seenBy(pages.act, asked, session);
  // A consent that is not there and another's consent get the same answer.
  if (!seen) throw problem('AM-00001');
  mustBeRead(seen.consent);
  const { isWhole } = seen;
  const language = languageOf(ctx);
  const consent = inWords(seen.consent, language);
  if (consent.veiled === 'whole' && (isWhole || seen.isReadOnly))
    return seeOther(ctx, `/consents/${consent.id}`);
  const wasEnded = consent.state === 'withdrawn' && !wasGiven(consent);
  if (consent.state === 'requested' || consent.state === 'deleted' || wasEnded)
    return seeOther(ctx, backTo(consent, interaction));
  const yes = consent.state !== 'rejected';
  const roles = consent.answeredRole ? await roleNames(pages, language) : new Map<string, string>();
  const text = shownText(
    consent,
    language,
    consent.approvedAt ?? consent.rejectedAt ?? now,
    session.party,
  );
  const beside = await replacingOf(pages.act, asked, session);
  const poa = consent.template.isPoa ? '_poa' : '';
  const isOwnAnswer = consent.answeredBy?.id === session.party;
  pages.render(ctx, {
    view: 'consent/receipt',
    title: t(
      language,
      consent.state === 'withdrawn'
        ? consent.fallen
          ? 'consent.status.fallen'
          : `consent.receipt.title_withdrawn${poa}`
        : `consent.receipt.${isOwnAnswer ? 'title' : 'told'}_${yes ? `yes${poa}` : 'no'}`,
      aboutWhom(consent, session.party),
    ),
    who: signedInFor(ctx, consent, undefined, roles),
    data: {
      // Another answer was there first, as from another tab.
      already: ctx.URL.searchParams.has('already'),
      poa: consent.template.isPoa,
      once: consent.oneTime,
      yes,
      active: isWhole && effectiveStatus(consent, now) === 'Accepted',
      withdrawn: consent.state === 'withdrawn',
      next:
        isWhole && effectiveStatus(consent, now) === 'Accepted' ? nextOf(consent, language) : [],
      ...aboutWhom(consent, session.party),
      id: consent.id,
      // To one who keeps the receipt alone, the consent's page shows no more.
      isReadable: isWhole || seen.isReadOnly || (await seenThen(pages.act, asked, session)),
      flow:
        consent.state === 'withdrawn'
          ? { ...text.flow, when: statusWord(consent, 'Revoked', language) }
          : text.flow,
      // Printed, it says all that was agreed to, or asked for.
      words: await wordsShown(pages, consent, text),
      facts: [
        ...receiptFacts(consent, language, roles, session.party, now),
        ...besideFacts(beside, yes, language),
      ],
      keeps: yes ? undefined : afterNo(asked, beside, { to: displayName(consent.to) }, language),
      ...wayBack(consent, interaction),
    },
  });
}

/** The next steps: from when it is used, and where the reader sees that. */
function nextOf(consent: Consent, language: Language): string[] {
  const { template, approvedAt, veiled } = consent;
  return [
    t(language, `consent.receipt.next_${template.isPoa ? 'act' : 'collect'}`, {
      to: displayName(consent.to),
      date: formatDate(language, approvedAt!),
    }),
    t(language, `consent.receipt.next_see${veiled ? '_veiled' : ''}`),
  ];
}

/** The consent that it took the place of, by its day. */
const besideFacts = (
  beside: Replacing | undefined,
  yes: boolean,
  language: Language,
): LabelledText[] =>
  beside && yes
    ? [
        {
          key: 'replaces',
          label: t(language, 'consent.receipt.fact.replaces'),
          text: t(language, 'consent.replace.was', replacedWords(beside.old, language)),
        },
      ]
    : [];

/** After a no: what it was to replace goes on, while it does. */
const afterNo = (
  { replaces }: Consent,
  beside: Replacing | undefined,
  { to }: { to: string },
  language: Language,
): string | undefined => {
  if (!replaces) return undefined;
  const old = beside && beside.is !== 'over' ? goesOn(beside.old, language) : undefined;
  return old
    ? t(language, 'consent.replace.if_no', { to, old })
    : t(language, 'consent.replace.said_no', { to });
};

function receiptFacts(
  consent: Consent,
  language: Language,
  roles: Map<string, string>,
  reader: string,
  now: Date,
): LabelledText[] {
  const { leftOut } = consent;
  const at = (consent.approvedAt ?? consent.rejectedAt)!;
  const purpose = purposeOf(consent, language);
  const role = consent.answeredRole ? roles.get(consent.answeredRole) : undefined;
  const by = consent.answeredBy ? displayName(consent.answeredBy) : '';
  const yes = consent.state !== 'rejected';
  const list: [string, string][] = [
    ['reference', showReference(consent.reference)],
    ['when', formatDateTime(language, at)],
    [yes ? 'by' : 'answered_by', role ? t(language, 'consent.by_role', { name: by, role }) : by],
    [
      'on_behalf',
      consent.from.id === reader
        ? t(language, 'consent.receipt.yourself')
        : numbered(consent.from, language),
    ],
    [yes ? 'to' : 'asked_by', numbered(consent.to, language)],
    ['what', consent.veiled === 'whole' ? '' : titlesOf(consent, language)],
    [
      'left_out',
      formatList(
        language,
        leftOut.map((right) => resourceTitle(right, language)),
      ),
    ],
    ['purpose', consent.veiled === 'whole' ? '' : purpose.text],
    ['often', consent.useLimit ? limitText(consent.useLimit, language) : ''],
  ];
  if (effectiveStatus(consent, now) === 'Accepted') {
    list.push([
      'valid',
      consent.oneTime
        ? t(language, 'consent.once_sentence')
        : `${t(language, 'consent.from_date', { date: formatDate(language, at) })} ${formatUntil(language, consent.validTo)}`,
    ]);
  }
  return list
    .filter(([, text]) => text)
    .map(([key, text]) => ({
      key,
      label: t(language, `consent.receipt.fact.${key}`),
      text,
    }));
}

/**
 * The link that leads on, naming the host it goes to; none when the one who asked gave no address.
 */
export function wayBack(
  consent: Consent,
  interaction: string | undefined,
): { continueUrl?: string; continueHost?: string } {
  if (interactionIn(interaction)) return { continueUrl: `/interaction/${interaction}` };
  if (!consent.redirectUrl) return {};
  const url = new URL(consent.redirectUrl);
  return {
    continueUrl: `/consent/continue?id=${consent.id}`,
    continueHost: /^https?:$/.test(url.protocol) ? url.host : originOf(url),
  };
}

/**
 * Sends the browser back with the outcome and, signed, what it says:
 * `Status=OK` alone could be forged. A GET of its own, so that no form is answered by a redirect to
 * another host, which browsers block.
 */
export async function goBack(ctx: Context, pages: ConsentPages): Promise<void> {
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  const seen = await seenBy(pages.act, consent, sessionOf(ctx));
  // A consent that is not there and another's consent get the same answer.
  if (!seen) throw problem('AM-00001');
  mustBeRead(seen.consent);
  // The way back shows to whom something was given, and is for whoever answers.
  if (seen.isReadOnly || seen.consent.veiled === 'whole' || !consent.redirectUrl)
    return seeOther(ctx, `/consents/${consent.id}`);
  const iat = epochSeconds();
  // As far as the person may see it: the answer travels in the browser's address.
  const { state } = seen.consent;
  const given = state === 'approved';
  const answered = state !== 'requested' || consent.validTo <= pages.act.now;
  const outcome: Record<string, string> = !answered
    ? {}
    : given
      ? { Status: 'OK' }
      : { Status: 'Failed', ErrorMessage: 'User did not give consent' };
  // While others are awaited there is no `Status`, which says an answer.
  if (answered || seen.consent.awaiting) {
    outcome.consent_response = await pages.signAnswer({
      iss: pages.issuer,
      aud: `urn:altinn:organization:identifier-no:${consent.to.organizationNo}`,
      iat,
      exp: iat + 600,
      consent_id: consent.id,
      status: effectiveStatus(seen.consent, pages.act.now),
    });
  }
  ctx.status = 303;
  // Not ctx.redirect, which would rewrite an app scheme's address.
  ctx.set('location', withOutcome(consent.redirectUrl, outcome));
  ctx.body = '';
}
