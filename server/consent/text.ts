// The text that a person reads before answering, made from the same record that is stored: one
// function for the page, the receipt and the evidence, so that text and consent cannot part. Pure
// apart from our locale texts.
import { canonicalJson, sha256 } from '../platform/ids.ts';
import {
  formatDate,
  formatList,
  formatOrganizationNumber,
  pick,
  t,
  type Language,
  type Translated,
} from '../platform/locale.ts';
import { type ConsentTemplate, fillTemplate, ownOrNeutral } from '../resource/model.ts';
import { formatDuration, formatEnd, formatUntil } from './until_model.ts';
import {
  inCommon,
  mainTitles,
  resourceTitle,
  shownRight,
  ownSource,
  sourcesOf,
  writtenTo,
  type ShownRight,
} from './right_text.ts';
import { noOf, replacedText } from './replace_text.ts';
import { oftenText } from './uses_text.ts';
import { hasChoice, type Consent } from './model.ts';
import type { EffectiveStatus } from './status_model.ts';
import { asText } from '../platform/as_text.ts';

export interface LabelledText {
  key: string;
  label: string;
  text: string;
  lang?: Language;
  /** Says whom the words are written to, where that isn't the reader. */
  writtenTo?: string;
}

export interface ShownText {
  language: Language;
  template: { id: string; version: number };
  poa: boolean;
  title: string;
  /** Says whom the owner's words are written to, where none of them is written to the reader. */
  writtenTo?: string;
  lead: string;
  facts: LabelledText[];
  flow: { from: string; to: string; what: string; when: string };
  dataHeading: string;
  rights: ShownRight[];
  /** The other giver of two, and what their answers mean for each other. */
  pair?: string;
  /** The request beside the consent that it replaces. */
  replaces?: ReturnType<typeof replacedText>;
  ifNo: string;
}

/** The status in a word; nobody has withdrawn what fell. */
export const statusWord = (
  { fallen }: Pick<Consent, 'fallen'>,
  status: EffectiveStatus,
  language: Language,
) => t(language, `consent.status.${status === 'Revoked' && fallen ? 'fallen' : status}`);

export const displayName = (party: { kind: string; name: string }) =>
  party.kind === 'person' ? properCase(party.name) : party.name;

/** With a name for a receiver who is not shown, in the language of the page. */
export function inWords(consent: Consent, language: Language): Consent {
  if (consent.veiled !== 'whole') return consent;
  const key = consent.requiredLevel === undefined ? 'consent.veiled.to' : 'consent.unread.to';
  return { ...consent, to: { ...consent.to, name: t(language, key) } };
}

/**
 * Registers write NORDMANN OLA; people read Ola Nordmann as it was given to us, but never in
 * capitals.
 */
const properCase = (name: string) =>
  name === name.toUpperCase()
    ? name.toLowerCase().replace(/(^|[\s'-])\p{L}/gu, (start) => start.toUpperCase())
    : name;

/** The titles of all resources, once each. */
export function titlesOf(consent: Consent, language: Language): string {
  return formatList(language, [
    ...new Set(consent.rights.map((right) => resourceTitle(right, language))),
  ]);
}

function dataSources(consent: Consent, language: Language): string {
  return formatList(language, [...sourcesOf(consent)]);
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

/** A party by name, an organisation with its number. */
export const numbered = (
  party: { kind: string; name: string; organizationNo: string | null },
  language: Language,
): string =>
  party.organizationNo
    ? t(language, 'consent.with_number', {
        name: displayName(party),
        no: formatOrganizationNumber(party.organizationNo),
      })
    : displayName(party);

/** The person that our own words are about: the reader, or somebody who is then named. */
type Whom = { to: string; from: string; self: 'yes' | 'no' };
export const aboutWhom = (consent: Consent, reader: string): Whom => ({
  to: displayName(consent.to),
  from: displayName(consent.from),
  self: consent.from.id === reader ? 'yes' : 'no',
});

/** The name of the one it is about, to somebody else: with the year of birth of a person. */
const nameToOthers = ({ from }: Consent, language: Language) =>
  from.bornIn
    ? t(language, 'consent.born', { name: displayName(from), year: asText(from.bornIn) })
    : displayName(from);

function fills(
  consent: Consent,
  language: Language,
  offeredBy = displayName(consent.from),
): Record<string, string> {
  return {
    CoveredBy: displayName(consent.to),
    OfferedBy: offeredBy,
    HandledBy: consent.handledBy ? displayName(consent.handledBy) : '',
    Expiration: formatEnd(language, consent.validTo),
    Until: formatUntil(language, consent.validTo),
    DataSource: dataSources(consent, language),
  };
}

/**
 * Everything the page says about the request itself, in one language, as of an instant, to a
 * reader: «deg» is said to the one whose it is, and to nobody else. `replaced` is the consent in
 * whose place it is asked for.
 */
export function shownText(
  read: Consent,
  language: Language,
  now: Date,
  reader: string,
  replaced?: Consent,
): ShownText {
  // While it waits, `validTo` may be until when it can be answered.
  const consent = read.state === 'requested' ? { ...read, validTo: read.askedValidTo } : read;
  const { texts } = consent.template;
  const whom = aboutWhom(consent, reader);
  const isOther = consent.from.kind === 'person' && whom.self === 'no';
  const to = (each: ConsentTemplate['texts']['title']) =>
    isOther ? (each.other ?? each.org) : each[consent.from.kind === 'person' ? 'person' : 'org'];
  const whose = isOther ? nameToOthers(consent, language) : displayName(consent.from);
  const values = fills(consent, language, whose);
  const say = (translated: Translated) =>
    fillTemplate(pick(translated, language)?.text ?? '', values);
  const no = noOf(consent, replaced, whom, language);
  const often = oftenText(consent, language);
  const ifNo = inCommon(
    consent.rights.map(({ content }) => ownOrNeutral(content.ifNo, no.key, language, no.words)),
  );
  // The owner's words for another stand with none of the line, the others with one.
  const about = isOther ? whom.from : undefined;
  const isAllToOwn = consent.rights.every(
    ({ content }) => !pick(content.consentTextAbout, language),
  );
  const without = texts.ifLeftOut
    ? say(to(texts.ifLeftOut))
    : t(language, `consent.if_left_out${consent.template.isPoa ? '_poa' : ''}`, whom);
  return {
    language,
    template: { id: consent.template.id, version: consent.template.version },
    poa: consent.template.isPoa,
    title: say(to(texts.title)),
    ...(about !== undefined && isAllToOwn ? { writtenTo: writtenTo(about, language) } : {}),
    lead: say(to(texts.heading)),
    facts: facts(consent, language, { now, whom, whose, about, often: often.all, say }),
    flow: {
      from: consent.template.isPoa ? displayName(consent.from) : values.DataSource!,
      to: whom.to,
      what: mainTitles(consent, language),
      when: consent.oneTime
        ? t(language, 'consent.once')
        : t(language, 'consent.flow_when', {
            duration: formatDuration(language, now, consent.validTo),
            until: values.Until,
          }),
    },
    dataHeading: say(to(texts.serviceIntro)),
    rights: consent.rights.map((right, at) => ({
      ...shownRight(right, language, { about, isSaid: isAllToOwn }),
      ...(often.each[at] ? { often: often.each[at] } : {}),
      ...(ifNo.each[at] ? { ifNo: ifNo.each[at] } : {}),
      ...(hasChoice(consent) && right.optional
        ? { choice: { without, ...ownSource(consent, right, language) } }
        : {}),
    })),
    ...(consent.pair
      ? { pair: t(language, 'consent.pair', { other: displayName(consent.pair.giver) }) }
      : {}),
    ...(replaced ? { replaces: replacedText(consent, replaced, language) } : {}),
    ifNo: ifNo.all ?? t(language, no.key, no.words),
  };
}

/** The text's digest, stored with the answer and carried by the form. */
export const textHash = (text: ShownText) => sha256(canonicalJson(text));

interface Said {
  now: Date;
  whom: Whom;
  /** The party that it is about, as the reader sees it. */
  whose: string;
  /** The one that it is about, where that isn't the reader. */
  about: string | undefined;
  /** How often, where every right says the same. */
  often: string | undefined;
  say: (texts: Translated) => string;
}

function facts(
  consent: Consent,
  language: Language,
  { now, whom, whose, about, often, say }: Said,
): LabelledText[] {
  const purpose = purposeOf(consent, language);
  const { texts } = consent.template;
  const list: [string, string | null, Language?][] = [
    ['who', numbered(consent.to, language)],
    ['helper', consent.handledBy && say(texts.handledBy)],
    [consent.template.isPoa ? 'where' : 'from', dataSources(consent, language)],
    ['about', consent.from.organizationNo ? numbered(consent.from, language) : whose],
    ['why', purpose.text, purpose.language],
    [
      'long',
      consent.oneTime
        ? `${say(texts.expirationOneTime)} ${t(language, 'consent.latest', { until: formatUntil(language, consent.validTo) })}`
        : `${t(language, 'consent.from_date', { date: formatDate(language, now) })} ${say(texts.expiration)}`,
    ],
    ['often', often ?? null],
    [
      'left_out',
      formatList(
        language,
        consent.leftOut.map((right) => resourceTitle(right, language)),
      ),
    ],
    [
      'stop',
      t(
        language,
        consent.template.isPoa
          ? 'consent.stop_poa'
          : consent.oneTime
            ? 'consent.stop_once'
            : 'consent.stop',
        whom,
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
      // The requester's own message may be read by another than it was written to.
      ...(key === 'why' && about !== undefined && hasMessage(consent)
        ? { writtenTo: writtenTo(about, language) }
        : {}),
    }));
}

const hasMessage = ({ template, requestMessage }: Consent) =>
  template.isMessageSetInRequest && requestMessage !== null;
