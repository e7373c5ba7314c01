// The parts that pages about one consent share: which one is asked about, whom the page is for, and
// where it goes next.
import type { Deciding } from '../decision/act.ts';
import type { Context } from 'koa';
import type { KeptForms } from '../caller/kept_form.ts';
import type { Login } from '../caller/login.ts';
import type { PageVisit } from '../caller/declared_pages.ts';
import { sessionOf, tellStepUp, type SignedIn } from '../caller/pages.ts';
import type { Fault } from '../platform/errors.ts';
import type { Sessions } from '../caller/session.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { isOrganization } from '../party/model.ts';
import { isUuid } from '../platform/ids.ts';
import { formatDate, type Language, languageOf, pick, t } from '../platform/locale.ts';
import type { Keeping } from '../platform/env/env.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Render, Who } from '../platform/http/render.ts';
import type { QuietDays } from './ask/refusal.ts';
import type { MayAnswer } from './basis/standing.ts';
import { asGiven, hasReceipt, type Consent } from './model.ts';
import { problem } from './problems.ts';
import { findConsent } from './find.ts';
import { findTokenLife } from '../resource/store.ts';
import { readShown } from './answer/answer_store.ts';
import { displayName, type ShownText } from './text.ts';

export interface ConsentPages {
  act: Deciding;
  sessions: Sessions;
  login: Login;
  signedIn: SignedIn;
  forms: KeptForms;
  render: Render;
  metrics: Metrics;
  issuer: string;
  quietDays: QuietDays;
  keeping: Keeping;
  /** Seconds that a token lives at most, where its scope says nothing else. */
  tokenSeconds: number;
  /**
   * Signs the answer that goes back with the browser, so that the client that asked can distinguish
   * it from a forged one.
   */
  signAnswer: (claims: object) => Promise<string>;
}

export async function requested({ act }: ConsentPages, id: string | undefined): Promise<Consent> {
  // Clients append parameters without looking; the id ends where it ends.
  const consent = isUuid(id) ? await findConsent(act, id) : undefined;
  if (!consent) throw problem('AM-00001');
  return consent;
}

/** The uid of an authorization that waits for this answer, when it has the shape of one. */
export const interactionIn = (value: string | undefined) =>
  /^[\w-]{10,64}$/.test(value ?? '') ? value : undefined;

const parameters = (consent: Consent, interaction: string | undefined) =>
  new URLSearchParams({
    id: consent.id,
    ...(interactionIn(interaction) ? { interaction: interaction! } : {}),
  });
export const receiptPath = (consent: Consent, interaction: string | undefined) =>
  `/consent/receipt?${parameters(consent, interaction)}`;
/** The way to the receipts of what was done with it, for whoever reads it today. */
export const receiptsPath = (consent: Consent): string | undefined =>
  consent.veiled !== 'whole' && hasReceipt(consent) ? `/consents/${consent.id}/receipt` : undefined;
export const backTo = (consent: Consent, interaction: string | undefined) =>
  `/consent/request?${parameters(consent, interaction)}`;

export const passOnPath = (consent: Consent, interaction: string | undefined) =>
  `/consent/pass-on?${parameters(consent, interaction)}`;

/** The way back to the client of an authorization, which waits no longer; none without one. */
export const leavePath = (interaction: string | undefined): string | undefined =>
  interactionIn(interaction) && `/interaction/${interaction}?leave`;

/** Until when events are kept, where not for ever, or when they were erased. */
export function keptText(
  language: Language,
  of: 'consent' | 'mandate',
  days: number,
  { erasedAt, erasedAfter }: { erasedAt: Date | null; erasedAfter: number | null },
): string | undefined {
  if (erasedAt) {
    const date = formatDate(language, erasedAt);
    return t(language, 'consent.erased', { date, days: erasedAfter ?? 0 });
  }
  return days ? t(language, 'consent.kept', { of, days }) : undefined;
}

/** Roles by code, in a language. */
export async function roleNames(
  { act }: Pick<ConsentPages, 'act'>,
  language: Language,
): Promise<Map<string, string>> {
  const { roles } = await currentCatalogue(act);
  return new Map([...roles].map(([code, { name }]) => [code, pick(name, language)?.text ?? code]));
}

/**
 * The links to other pages lead to this party; another person's pages are closed, but for consents.
 */
const waysTo = (party: { id: string; kind: string }, person: string): Partial<Who> => ({
  party: party.id,
  ...(party.kind === 'person' && party.id !== person
    ? { closed: { mandates: true, give: true, inbox: true } }
    : {}),
});

/** For somebody who had a key role before the party's bankruptcy: the past is read there. */
export const waysThen = ({ id }: { id: string }): Partial<Who> => ({
  party: id,
  closed: { give: true, inbox: true },
});

type Named = { id: string; kind: string; name: string };

/** The name by which a page says for whom it is; `isPast` where no more than the past is read. */
export const labelOf = (party: Named, person: string, isPast: boolean, language: Language) =>
  party.id === person
    ? t(language, 'common.acting_self')
    : t(language, isPast ? 'common.reading_of' : 'common.acting_for', {
        name: displayName(party),
      });

/** The same, with its links to other pages. */
export const whoseOf = (party: Named, person: string, isPast: boolean, language: Language) => ({
  label: labelOf(party, person, isPast, language),
  ...(isPast ? waysThen(party) : waysTo(party, person)),
});

/** Where all that one has been given by the other is stopped (portal/mandate/stop_pages.ts). */
export const stopPath = (party: string, receiver: string) =>
  `/overview/stop?${new URLSearchParams({ party, receiver })}`;

/** Under a request: the no, and the way to stop what the asker has of a giver that one sees to. */
export const doubtOf = (
  asker: { id: string; kind: string; name: string },
  language: Language,
  giver: string | undefined,
) => ({
  text: t(language, 'stop.doubt', { to: displayName(asker) }),
  way: giver && {
    href: stopPath(giver, asker.id),
    text: t(language, 'stop.doubt_way', { to: displayName(asker) }),
  },
});

/** The giver of a consent whose whole a reader may stop, which a parent or a guardian may not. */
export const stoppedGiver = ({ from }: Consent, reader: string): string | undefined =>
  from.id === reader || isOrganization(from) ? from.id : undefined;

/** Seconds until an API that reads the status list, or asks, refuses what is no longer in force. */
const KNOWN_SECONDS = 60;

/** How long tokens are out. */
type TokensOut = Pick<ConsentPages, 'act' | 'tokenSeconds'>;

/** Seconds in which every token that is out stops working by itself. */
export const longestToken = async ({ act, tokenSeconds }: TokensOut): Promise<number> =>
  Math.max(tokenSeconds, (await findTokenLife(act.db, [])).longest ?? 0);

/** The same in whole minutes, for people. */
export const tokenMinutes = async (pages: TokensOut): Promise<number> =>
  Math.ceil((await longestToken(pages)) / 60);

/**
 * Seconds that a token of a consent works by itself, and after the consent has ended or is paused:
 * less where every API that takes it is said to see that.
 */
export async function endedTokens({ act, tokenSeconds }: TokensOut, consents: Consent[]) {
  const owners = consents.flatMap((one) => asGiven(one).rights.map(({ owner }) => owner.id));
  const { longest, isChecked } = await findTokenLife(act.db, [...new Set(owners)]);
  const alone = Math.max(tokenSeconds, longest ?? 0);
  return { alone, after: isChecked ? Math.min(alone, KNOWN_SECONDS) : alone };
}

/** The time after an end in whole minutes, for people. */
export const endedMinutes = async (pages: TokensOut, consents: Consent[]): Promise<number> =>
  Math.ceil((await endedTokens(pages, consents)).after / 60);

/** The button that says no to a request for a consent at once, beside the way to read it. */
export const refusalButton = ({ id }: Consent, csrf: string) => ({
  action: `/consent/request?id=${id}`,
  answer: 'no',
  csrf,
});

/** Shows the way to the stronger login that reads it, and back to the page. */
export function strongerToRead(why: Fault, { ctx, pages }: PageVisit<ConsentPages>): void {
  if (why.code !== 'TIL-00007') throw why;
  const body = t(languageOf(ctx), 'consent.read_stronger');
  tellStepUp(ctx, pages.render, ctx.url, why, '/start', body);
}

/** The person who is signed in, for whom, and why. */
export function signedInFor(
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
    ...whoseOf(consent.from, party, false, language),
    user: name,
    canSwitch: false,
    ...(why ? { why: t(language, 'common.acting_why', { why }) } : {}),
  };
}

type DataWords = Pick<ShownText, 'dataHeading' | 'rights'> & { lang?: Language };

/** The words of what was given, without what was taken out of it since. */
const stillHeld = (words: ShownText['rights'], { rights }: Consent): ShownText['rights'] =>
  words.filter(({ place }) => rights.some(({ ordinal }) => ordinal === place));

/**
 * The words that the person agreed to, in their language; where none were kept, the words of today.
 */
export async function wordsShown(
  { act }: Pick<ConsentPages, 'act'>,
  consent: Consent,
  now: ShownText,
): Promise<DataWords> {
  if (consent.veiled === 'whole') return { dataHeading: '', rights: [] };
  const { approvedAt, state, to } = consent;
  if (state === 'rejected' || state === 'deleted')
    return {
      dataHeading: t(now.language, 'consent.receipt.asked_heading', { to: displayName(to) }),
      rights: now.rights,
    };
  const kept = approvedAt ? ((await readShown(act.db, consent.id)) as ShownText) : undefined;
  const { language } = kept ?? now;
  const rights = kept ? stillHeld(kept.rights, consent) : now.rights;
  // A consent that is over is not described as if it went on; the words about the data are those
  // that were shown.
  const isOver = consent.state === 'withdrawn' || consent.validTo <= act.now;
  const dataHeading = isOver
    ? t(language, `consent.receipt.was_heading${consent.template.isPoa ? '_poa' : ''}`, {
        to: displayName(to),
      })
    : (kept ?? now).dataHeading;
  return { dataHeading, rights, ...(language === now.language ? {} : { lang: language }) };
}
