// One consent with its history, and withdrawing it: everything that a person who may read a consent
// can do with it afterwards.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { showReference } from '../../platform/reference.ts';
import { silencePath, silencingOf } from '../../notice/silence.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatTime, languageOf, t, type Language } from '../../platform/locale.ts';
import type { Who } from '../../platform/http/render.ts';
import { ownOrNeutral } from '../../resource/model.ts';
import { momentBefore, type Closed } from '../../mandate/estate_store.ts';
import { withdraw } from '../answer/answer.ts';
import { deletionOf } from './deletion_pages.ts';
import { suspensionOf, toldSuspending } from './suspend_pages.ts';
import { closedText, seenThen } from './closed.ts';
import { hiddenText, readText } from './reading.ts';
import { mustBeRead, seenBy, type Seen } from '../basis/standing.ts';
import { wasGiven, type Consent } from '../model.ts';
import { effectiveStatus, isOpenStatus, type EffectiveStatus } from '../status_model.ts';
import {
  endedMinutes,
  endedTokens,
  keptText,
  receiptsPath,
  strongerToRead,
  stopPath,
  whoseOf,
  wordsShown,
  type ConsentPages,
} from '../page.ts';
import { problem } from '../problems.ts';
import { inCommon, resourceTitle } from '../right_text.ts';
import { quietOf } from '../ask/refusal.ts';
import { history } from './history_text.ts';
import { findConsent } from '../find.ts';
import { aboutWhom, displayName, inWords, shownText, statusWord, type ShownText } from '../text.ts';
import { timeline } from './timeline.ts';
import { leftFact } from '../uses_text.ts';

/** Design rule R33: a word and a colour, never colour alone. */
export const STATUS_COLOR: Record<EffectiveStatus, string> = {
  Created: 'info',
  Awaiting: 'info',
  Accepted: 'success',
  Rejected: 'neutral',
  Revoked: 'neutral',
  Deleted: 'neutral',
  Expired: 'neutral',
  UsedUp: 'neutral',
  Suspended: 'warning',
};

export const ownConsentPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(pages, [
    { id: 'consent_detail', path: '/consents/:id', show: showDetail, notShown: strongerToRead },
    {
      id: 'consent_withdraw_page',
      path: '/consents/:id/withdraw',
      show: showWithdraw,
      notShown: strongerToRead,
    },
    { id: 'consent_withdraw', path: '/consents/:id/withdraw', post: postWithdraw },
  ]);

/** While it can be answered or withdrawn, by somebody. */
const GOES_ON: EffectiveStatus[] = ['Created', 'Awaiting', 'Accepted', 'Suspended'];

interface Shown extends Seen {
  /** To one who had a key role before the giver's bankruptcy: it is as it was then. */
  closed?: Closed;
}

/** The consent as the person who is logged in may see it, in the language of the page. */
export async function seenOnPage(
  ctx: Context,
  { act }: ConsentPages,
  isReading = false,
): Promise<Shown> {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const consent = await findConsent(act, id);
  const session = sessionOf(ctx);
  // A consent that is not there and another's consent get the same answer.
  const seen: Shown | undefined = consent && (await seenBy(act, consent, session));
  const then =
    consent && isReading && !seen?.isWhole ? await seenThen(act, consent, session) : undefined;
  const shown = then ?? seen;
  if (!shown) throw problem('AM-00001');
  mustBeRead(shown.consent);
  return { ...shown, consent: inWords(shown.consent, languageOf(ctx)) };
}

export function whoReads(ctx: Context, consent: Consent, language: Language, closed?: Closed): Who {
  const { party, name } = sessionOf(ctx);
  const whose = whoseOf(consent.from, party, closed !== undefined, language);
  return { ...whose, user: name, canSwitch: true };
}

async function showDetail(ctx: Context, pages: ConsentPages): Promise<void> {
  const { consent, isWhole, isReadOnly, closed } = await seenOnPage(ctx, pages, true);
  if (!isWhole && !isReadOnly) return ctx.redirect(`/consent/receipt?id=${consent.id}`);
  const language = languageOf(ctx);
  const now = closed ? momentBefore(closed) : pages.act.now;
  const status = effectiveStatus(consent, now);
  const word = statusWord(consent, status, language);
  const at = consent.approvedAt ?? consent.rejectedAt ?? consent.requestedAt;
  const text =
    consent.veiled === 'whole'
      ? undefined
      : asItStands(
          withLeft(shownText(consent, language, at, sessionOf(ctx).party), consent),
          status,
          word,
          isWhole && !closed,
        );
  const picture = timeline([consent], language, now);
  pages.render(ctx, {
    view: 'consent/detail',
    title: t(language, `consent.detail.${titleOf(consent)}`, { to: displayName(consent.to) }),
    who: whoReads(ctx, consent, language, closed),
    data: {
      closed: closed && closedText(closed, consent.from, language),
      status: word,
      color: STATUS_COLOR[status],
      fallen: consent.fallen
        ? t(language, `consent.fallen.${consent.fallen}`, {
            to: displayName(consent.to),
            from: displayName(consent.from),
          })
        : undefined,
      text,
      words: text && (await wordsShown(pages, consent, text)),
      poa: consent.template.isPoa,
      timeline: consent.veiled ? undefined : picture,
      justDone: await justDone(ctx, pages, consent, status),
      csrf: sessionOf(ctx).csrf,
      told: toldSuspending(ctx, status, consent.template.isPoa),
      hidden: hiddenText(consent, language),
      readOnly:
        isReadOnly &&
        consent.from.id === sessionOf(ctx).party &&
        !consent.hiddenBy &&
        GOES_ON.includes(status)
          ? await readText(pages.act, consent, language)
          : undefined,
      mayWithdraw: isWhole && !closed && (status === 'Accepted' || status === 'Suspended'),
      ...(closed ? {} : await buttonsOf(ctx, pages, { consent, isWhole }, status)),
      stop:
        status === 'Accepted' && consent.from.id === sessionOf(ctx).party
          ? {
              href: stopPath(consent.from.id, consent.to.id),
              text: t(language, 'stop.link', { to: displayName(consent.to) }),
            }
          : undefined,
      mayAnswer: isWhole && !closed && isOpenStatus(status),
      mayOpen: isWhole && !closed && quietOf(consent, pages.quietDays, now) !== null,
      id: consent.id,
      reference: showReference(consent.reference),
      receipt: closed ? undefined : receiptsPath(consent),
      history: history(consent, language, now),
      kept: keptText(language, 'consent', pages.keeping.consentEvents, consent),
      back: `/consents?party=${consent.from.id}`,
    },
  });
}

/** The buttons that suspend it or let it go on, and that of one that is over. */
const buttonsOf = async (
  ctx: Context,
  pages: ConsentPages,
  seen: Pick<Seen, 'consent' | 'isWhole'>,
  status: EffectiveStatus,
) => ({
  ...(await suspensionOf(ctx, pages, seen, status)),
  ...deletionOf(ctx, pages, seen),
  silence: await silenceOf(ctx, pages, seen),
});

/** The button by which the giver itself lets the one who asks send it nothing more. */
async function silenceOf(
  ctx: Context,
  { act }: ConsentPages,
  { consent, isWhole }: Pick<Seen, 'consent' | 'isWhole'>,
) {
  const { id, from, to, veiled } = consent;
  if (!isWhole || veiled === 'whole' || from.id !== sessionOf(ctx).party) return undefined;
  const words = { action: silencePath(`/consents/${id}`), name: displayName(to), isSelf: true };
  return silencingOf(act, { party: from.id, sender: to.id }, words, languageOf(ctx));
}

/**
 * After it was withdrawn or narrowed: until when a token that is out goes on; one is, to a reader
 * who sees no uses.
 */
async function justDone(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  status: EffectiveStatus,
): Promise<string | undefined> {
  const language = languageOf(ctx);
  const isWithdrawn = consent.state === 'withdrawn' && ctx.URL.searchParams.has('withdrawn');
  const isNarrowed = ctx.URL.searchParams.has('narrowed') && GOES_ON.includes(status);
  const at = isWithdrawn ? consent.withdrawnAt : isNarrowed ? consent.narrowedAt : null;
  if (!at) return undefined;
  const { lastUsedAt, askedValidTo, veiled } = consent;
  const drawn = veiled ? at : lastUsedAt;
  const { alone, after } = await endedTokens(pages, [consent]);
  // A token goes on with what was taken out of a consent that holds.
  const known = isWithdrawn ? +at + after * 1000 : Infinity;
  const until = drawn && Math.min(+drawn + alone * 1000, known, +askedValidTo);
  const isOut = until !== null && until > +at;
  const key = `consent.${isWithdrawn ? 'withdrawn' : 'narrowed'}_${isOut ? 'now' : 'at_once'}`;
  return t(language, `${key}${consent.template.isPoa ? '_poa' : ''}`, {
    ...aboutWhom(consent, sessionOf(ctx).party),
    ...(isOut ? { time: formatTime(language, new Date(until + 59_999)) } : {}),
  });
}

/** With how often it may still be used, after how often it may be. */
const withLeft = (text: ShownText, consent: Consent): ShownText => ({
  ...text,
  facts: text.facts.flatMap((fact) =>
    fact.key === 'often' ? [fact, ...leftFact(consent, text.language)] : [fact],
  ),
});

const titleOf = (consent: Consent): string =>
  wasGiven(consent) ? (consent.template.isPoa ? 'title_poa' : 'title') : 'title_asked';

/**
 * A consent that is over is not described as if it went on: no way to stop it, no time to come. Nor
 * has one a way to stop it for a reader who only reads it.
 */
function asItStands(
  text: ShownText,
  status: EffectiveStatus,
  word: string,
  mayStop: boolean,
): ShownText {
  const goesOn = GOES_ON.includes(status);
  const left = [
    ...(goesOn ? [] : ['long', 'often', 'left']),
    ...(goesOn && mayStop ? [] : ['stop']),
  ];
  const facts = text.facts.filter(({ key }) => !left.includes(key));
  const isAsShown = isOpenStatus(status) || status === 'Accepted';
  return { ...text, facts, flow: isAsShown ? text.flow : { ...text.flow, when: word } };
}

async function showWithdraw(ctx: Context, pages: ConsentPages): Promise<void> {
  const { consent, isWhole } = await seenOnPage(ctx, pages);
  if (!isWhole) return ctx.redirect(`/consent/receipt?id=${consent.id}`);
  if (consent.state !== 'approved') return ctx.redirect(`/consents/${consent.id}`);
  const language = languageOf(ctx);
  const to = displayName(consent.to);
  const poa = consent.template.isPoa ? '_poa' : '';
  pages.render(ctx, {
    view: 'consent/withdraw',
    title: t(language, `consent.withdraw.title${poa}`, { to }),
    who: whoReads(ctx, consent, language),
    data: {
      action: `/consents/${consent.id}/withdraw`,
      back: `/consents/${consent.id}`,
      yes: t(language, `consent.withdraw.yes${poa}`),
      no: t(language, `consent.withdraw.no${poa}`),
      ...aboutWhom(consent, sessionOf(ctx).party),
      // No access is out, to a reader who sees the uses.
      unused: !consent.veiled && consent.lastUsedAt === null,
      minutes: await endedMinutes(pages, [consent]),
      csrf: sessionOf(ctx).csrf,
      poa: consent.template.isPoa,
      effects: effectsOf(consent, language, to),
    },
  });
}

/** The effects of a withdrawal: for each right by its name, where they differ. */
function effectsOf({ rights }: Consent, language: Language, to: string): string[] {
  const effects = inCommon(
    rights.map(({ content }) =>
      ownOrNeutral(content.ifWithdrawn, 'consent.if_withdrawn', language, { to }),
    ),
  );
  return effects.all !== undefined
    ? [effects.all]
    : rights.map((right, at) => `${resourceTitle(right, language)}: ${effects.each[at]}`);
}

async function postWithdraw({ ctx, pages, session }: Posted<ConsentPages>) {
  const { consent, isWhole } = await seenOnPage(ctx, pages);
  if (!isWhole) return `/consent/receipt?id=${consent.id}`;
  await withdraw(pages.act, consent, session);
  pages.metrics.consents.inc({ act: 'withdrawn' });
  return `/consents/${consent.id}?withdrawn`;
}
