// What a person is shown before answering, made from the same record that is stored: one function
// for the page, the receipt and the evidence, so that text and consent cannot part. Pure apart from
// our locale texts.
import { canonicalJson, sha256 } from '../platform/ids.ts';
import {
  formatDate,
  formatDateTime,
  formatList,
  formatOrganizationNumber,
  pick,
  t,
  inEach,
  type Language,
  type Translated,
} from '../platform/locale.ts';
import { fillTemplate, formatMetadata, ownOrNeutral } from '../resource/model.ts';
import { renderMarkdown } from '../resource/markdown.ts';
import type { Barred } from './basis_model.ts';
import type { Consent, ConsentParty, ConsentRight, EffectiveStatus } from './model.ts';

export interface ShownRight {
  resource: string;
  version: number;
  title: string;
  html: string;
  lang: Language;
  note?: string;
}
export interface Fact {
  key: string;
  label: string;
  text: string;
  lang?: Language;
}

export interface ShownText {
  language: Language;
  template: { id: string; version: number };
  poa: boolean;
  title: string;
  lead: string;
  facts: Fact[];
  flow: { from: string; to: string; what: string; when: string };
  dataHeading: string;
  rights: ShownRight[];
  ifNo: string;
}

/** Why somebody may not answer, for a client and in words for the person. */
export const barredTold = (barred: Barred) => ({
  consent_reason: barred.why,
  reason_user: inEach((language) => barredText(barred, language)),
});
export const barredText = ({ why, age }: Barred, language: Language): string =>
  t(language, `consent.${why}.body`, { age });

/** The status in a word; nobody has withdrawn what fell. */
export const statusWord = (
  { fallen }: Pick<Consent, 'fallen'>,
  status: EffectiveStatus,
  language: Language,
) => t(language, `consent.status.${status === 'Revoked' && fallen ? 'fallen' : status}`);

const OSLO_MIDNIGHT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

/**
 * "up to and including 20 September 2027" when the last day is whole, else "until" with the time.
 * The end is stored as an exclusive instant.
 */
export function formatUntil(language: Language, validTo: Date): string {
  const end = formatEnd(language, validTo);
  return endsWithDay(validTo)
    ? t(language, 'consent.until_and_including', { date: end })
    : t(language, 'consent.until_time', { time: end });
}

/**
 * The last day, or the instant, without a word before it: `{Expiration}` of a template.
 */
function formatEnd(language: Language, validTo: Date): string {
  return endsWithDay(validTo)
    ? formatDate(language, new Date(validTo.getTime() - 1))
    : formatDateTime(language, validTo);
}

const endsWithDay = (validTo: Date) => OSLO_MIDNIGHT.format(validTo) === '00:00';

/** "12 months", or days when short. */
export function formatDuration(language: Language, from: Date, to: Date): string {
  const days = Math.max(1, Math.round((to.getTime() - from.getTime()) / 86_400_000));
  return days <= 60
    ? t(language, 'consent.days', { n: days })
    : t(language, 'consent.months', { n: Math.round(days / 30.44) });
}

export const displayName = (party: { kind: string; name: string }) =>
  party.kind === 'person' ? properCase(party.name) : party.name;

/**
 * Registers write NORDMANN OLA; people read Ola Nordmann as it was given to us, but never in
 * capitals.
 */
/** With a name for a receiver who is not told, in the language of the page. */
export const named = (consent: Consent, language: Language): Consent =>
  consent.veiled === 'whole'
    ? { ...consent, to: { ...consent.to, name: t(language, 'consent.veiled.to') } }
    : consent;

const properCase = (name: string) =>
  name === name.toUpperCase()
    ? name.toLowerCase().replace(/(^|[\s'-])\p{L}/gu, (start) => start.toUpperCase())
    : name;

export function resourceTitle(right: ConsentRight, language: Language): string {
  return pick(right.content.title, language)?.text ?? right.resource;
}

/** The titles of all resources, once each. */
export function whatOf(consent: Consent, language: Language): string {
  return formatList(language, [
    ...new Set(consent.rights.map((right) => resourceTitle(right, language))),
  ]);
}

export function dataSources(consent: Consent, language: Language): string {
  return formatList(language, [...new Set(consent.rights.map((right) => right.owner.name))]);
}

/** The purpose: the receiver's message, or the template's own where it allows none. */
export function purposeOf(
  consent: Consent,
  language: Language,
): { text: string; language: Language } {
  const { template } = consent;
  const own: Translated | null = template.isMessageSetInRequest
    ? consent.requestMessage
    : template.texts.overriddenDelegationContext;
  const found = pick(own ?? template.texts.overriddenDelegationContext, language);
  return found
    ? { ...found, text: fillTemplate(found.text, fills(consent, language)) }
    : { text: t(language, 'consent.no_purpose', { to: displayName(consent.to) }), language };
}

function fills(consent: Consent, language: Language): Record<string, string> {
  return {
    CoveredBy: displayName(consent.to),
    OfferedBy: displayName(consent.from),
    HandledBy: consent.handledBy ? displayName(consent.handledBy) : '',
    Expiration: formatEnd(language, consent.validTo),
    Until: formatUntil(language, consent.validTo),
    DataSource: dataSources(consent, language),
  };
}

/** Everything the page says about the request itself, in one language, as of an instant. */
export function shownText(consent: Consent, language: Language, now: Date): ShownText {
  const { texts } = consent.template;
  const kind = consent.from.kind === 'person' ? 'person' : 'org';
  const values = fills(consent, language);
  const say = (translated: Translated) =>
    fillTemplate(pick(translated, language)?.text ?? '', values);
  const to = displayName(consent.to);
  return {
    language,
    template: { id: consent.template.id, version: consent.template.version },
    poa: consent.template.isPoa,
    title: say(texts.title[kind]),
    lead: say(texts.heading[kind]),
    facts: facts(consent, language, now, say),
    flow: {
      from: consent.template.isPoa ? displayName(consent.from) : values.DataSource!,
      to,
      what: whatOf(consent, language),
      when: consent.oneTime
        ? t(language, 'consent.once')
        : t(language, 'consent.flow_when', {
            duration: formatDuration(language, now, consent.validTo),
            until: values.Until,
          }),
    },
    dataHeading: say(texts.serviceIntro[kind]),
    rights: consent.rights.map((right) => shownRight(right, language)),
    ifNo: [
      ...new Set(
        consent.rights.map((right) =>
          ownOrNeutral(
            right.content.ifNo,
            consent.template.isPoa ? 'consent.if_no_poa' : 'consent.if_no',
            language,
            to,
          ),
        ),
      ),
    ].join(' '),
  };
}

/** What is stored with the answer and carried by the form. */
export const textHash = (text: ShownText) => sha256(canonicalJson(text));

function facts(
  consent: Consent,
  language: Language,
  now: Date,
  say: (texts: Translated) => string,
): Fact[] {
  const to = displayName(consent.to);
  const numbered = (party: ConsentParty) =>
    party.organizationNo
      ? t(language, 'consent.with_number', {
          name: displayName(party),
          no: formatOrganizationNumber(party.organizationNo),
        })
      : displayName(party);
  const purpose = purposeOf(consent, language);
  const often = consent.rights.flatMap(
    (right) => pick(right.content.howOften, language)?.text ?? [],
  );
  const { texts } = consent.template;
  const list: [string, string | null, Language?][] = [
    ['who', numbered(consent.to)],
    ['helper', consent.handledBy && say(texts.handledBy)],
    [consent.template.isPoa ? 'where' : 'from', dataSources(consent, language)],
    ['about', numbered(consent.from)],
    ['why', purpose.text, purpose.language],
    [
      'long',
      consent.oneTime
        ? `${say(texts.expirationOneTime)} ${t(language, 'consent.latest', { until: formatUntil(language, consent.validTo) })}`
        : `${t(language, 'consent.from_date', { date: formatDate(language, now) })} ${say(texts.expiration)}`,
    ],
    ['often', often.length ? formatList(language, [...new Set(often)]) : null],
    [
      'stop',
      t(
        language,
        consent.template.isPoa
          ? 'consent.stop_poa'
          : consent.oneTime
            ? 'consent.stop_once'
            : 'consent.stop',
        { to },
      ),
    ],
  ];
  return list
    .filter((entry): entry is [string, string, Language?] => Boolean(entry[1]))
    .map(([key, text, lang]) => ({
      key,
      label: t(language, `consent.fact.${key}`),
      text,
      ...(lang && lang !== language ? { lang } : {}),
    }));
}

function shownRight(right: ConsentRight, language: Language): ShownRight {
  const text = pick(right.content.consentText, language);
  const lang = text?.language ?? language;
  const fields = right.content.consentMetadata;
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(right.metadata)) {
    const name = key.toLowerCase();
    if (Object.hasOwn(fields, name)) values[name] = formatMetadata(fields[name]!, value, lang);
  }
  for (const name of Object.keys(fields)) values[name] ??= t(lang, 'consent.not_given');
  return {
    resource: right.resource,
    version: right.version,
    title: resourceTitle(right, language),
    html: renderMarkdown(text?.text ?? '', values),
    lang,
    ...(lang === language ? {} : { note: t(language, `consent.only_in.${lang}`) }),
  };
}
