// The subjects of rights: consent resources and their texts, typed metadata, templates. Pure; it
// knows no caller.
import {
  t,
  formatDate,
  formatMonth,
  hasText,
  type Language,
  type Translated,
  type Values,
} from '../platform/locale.ts';
import type { RulePlace } from './policy/model.ts';
import type { UseLimit } from './uses_model.ts';

const METADATA_TYPES = ['year', 'month', 'date', 'int', 'text', 'enum'] as const;
type MetadataType = (typeof METADATA_TYPES)[number];

export interface MetadataField {
  type: MetadataType;
  optional: boolean;
  /** For `enum`: the values that may be sent, with their words. */
  values?: Record<string, Translated>;
}

/** One immutable version of a resource. */
export interface ResourceContent {
  title: Translated;
  /** Markdown of the allowed set (markdown.ts), with {placeholders} for metadata keys. */
  consentText?: Translated;
  /** The same in the third person, for whoever answers for the person that it is about. */
  consentTextAbout?: Translated;
  consentTemplate?: string;
  /** Keys in lower case. */
  consentMetadata: Record<string, MetadataField>;
  isOneTimeConsent: boolean;
  /** Whether its consent is drawn only with an API scope of its owner. */
  drawnWithOwnScope?: boolean;
  /**
   * Whether a request may ask for it as something that the giver can't leave out: always unless
   * said, alone where nothing else is asked for with it, or never.
   */
  needed?: 'always' | 'alone' | 'never';
  /** `validTo` may not be later than this many days from the request. */
  maxValidityDays?: number;
  /** How often its consent may be used; nothing else says how often then. */
  uses?: UseLimit;
  howOften?: Translated;
  ifNo?: Translated;
  ifWithdrawn?: Translated;
  linkHosts: string[];
  minimumLevel: { person: number; organization: number };
  /** The age from which somebody decides about it alone; 18 unless said. */
  decidesFrom?: number;
  /** The age until which parents decide about it; `decidesFrom` unless said. */
  parentUntil?: number;
  /** The age from which somebody may receive a power of attorney for it; 18 unless said. */
  receiverFrom?: number;
  /** `all` when those who share parental responsibility decide together only. */
  parents?: 'any' | 'all';
  /** The places that several fill together to give a power of attorney for it. */
  together?: RulePlace[];
  /** Whether parents see what a child answered who decides about it. */
  parentsSee?: boolean;
  /** Why a request for it is read only at the level at which it is answered. */
  sensitive?: 'health' | 'child_welfare' | 'social_services' | 'guardianship' | 'other';
  /** Those to whom what was given of them is not shown, by the law that is named. */
  notShownTo?: { who: ('child' | 'ward')[]; law: Translated };
  /** Attributes of the resource itself, unless a question says otherwise. */
  attributes: Record<string, string[]>;
  /** Names of attributes that stand whatever a question says. */
  authoritative?: string[];
  description?: Translated;
  rightDescription?: Translated;
  /** Whether a right to it may be given to others. */
  delegable: boolean;
  visible: boolean;
  selfIdentifiedUserEnabled: boolean;
  enterpriseUserEnabled: boolean;
  resourceReferences: { referenceSource?: string; reference: string; referenceType: string }[];
  /** Members of the catalogue that we keep and hand out as they came (as in Altinn 3). */
  metadata: Record<string, unknown>;
}

const OF_AGE = 18;
/** Ages as a resource or an access package says them. */
export interface Ages {
  decidesFrom?: number | null;
  parentUntil?: number | null;
  receiverFrom?: number | null;
  parents?: 'any' | 'all' | null;
}
export const decidesFrom = (ages: Ages) => ages.decidesFrom ?? OF_AGE;
export const parentUntil = (ages: Ages) => ages.parentUntil ?? decidesFrom(ages);
export const receiverFrom = (ages: Ages) => ages.receiverFrom ?? OF_AGE;

/**
 * To the person whose it is; about a company; about a person, to whoever answers for them: without
 * it, in the words about a company, which name whom they are about too.
 */
type PersonOrOrganization = { person: Translated; org: Translated; other?: Translated };

/** A consent template. */
export interface ConsentTemplate {
  id: string;
  version: number;
  isPoa: boolean;
  isMessageSetInRequest: boolean;
  /** Organisation numbers or codes of service owners that may use it; null for all. */
  restrictedToServiceOwners: string[] | null;
  /** How often a consent by it may be used. */
  uses?: UseLimit;
  texts: {
    title: PersonOrOrganization;
    heading: PersonOrOrganization;
    serviceIntro: PersonOrOrganization;
    overriddenDelegationContext: Translated | null;
    /** The sentence about a right that the giver leaves out; a neutral one unless said. */
    ifLeftOut?: PersonOrOrganization;
    expiration: Translated;
    expirationOneTime: Translated;
    handledBy: Translated;
  };
}

const CALENDAR = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/;
// Control, bidirectional and invisible characters: they make a text look like what it is not
// (Trojan Source). eslint-disable-next-line no-control-regex
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/;

/** Whether a text has characters that a reader cannot see. Line breaks and tabs are seen. */
export const hasUnseenCharacters = (text: string) => UNSEEN.test(text) || !text.isWellFormed();

/** Why a metadata value does not fit its field, or undefined when it does. */
export function metadataFault(field: MetadataField, value: string): string | undefined {
  if (value.length > 200) return 'is longer than 200 characters';
  if (hasUnseenCharacters(value) || /[\r\n\t]/.test(value))
    return 'has control or invisible characters';
  const [, year, month, day] = CALENDAR.exec(value) ?? [];
  const inYear = Number(year) >= 1900 && Number(year) <= 2200;
  switch (field.type) {
    case 'year':
      return /^(19|20|21)\d\d$/.test(value) ? undefined : 'is not a year (2025)';
    case 'month':
      return year && !day && inYear && +month! >= 1 && +month! <= 12
        ? undefined
        : 'is not a month (2025-09)';
    case 'date':
      return day && inYear && isDay(value) ? undefined : 'is not a date (2025-09-30)';
    case 'int':
      return /^-?\d{1,15}$/.test(value) ? undefined : 'is not a whole number';
    case 'enum':
      return Object.hasOwn(field.values ?? {}, value)
        ? undefined
        : 'is not one of the values of the resource';
    case 'text':
      return undefined;
  }
}

function isDay(value: string): boolean {
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}

/** A metadata value in a reader's words: "september 2025", never "2025-09". */
export function formatMetadata(field: MetadataField, value: string, language: Language): string {
  if (metadataFault(field, value)) return value;
  switch (field.type) {
    case 'month':
      return formatMonth(language, new Date(`${value}-01T00:00:00Z`));
    case 'date':
      return formatDate(language, new Date(`${value}T12:00:00Z`));
    case 'enum':
      return field.values?.[value]?.[language] ?? field.values?.[value]?.nb ?? value;
    default:
      return value;
  }
}

/**
 * Fills {Placeholders} of a template text (the contract's, and our {DataSource} and {Until}); an
 * unknown one stays visible.
 */
export function fillTemplate(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  );
}

/** The neutral sentence of ours where a resource says nothing of its own. */
export function ownOrNeutral(
  own: Translated | undefined,
  key: string,
  language: Language,
  values: Values,
): string {
  if (!hasText(key)) throw new Error(`no neutral text ${key}`);
  return own?.[language] ?? own?.nb ?? t(language, key, values);
}
