// Reads the body of a consent request into one shape, reporting everything that is wrong with it
// (Altinn 3, consent API). Pure: what can be said without looking anything up. Member names are
// read without regard to case.
import { canonicalJson, isUuid, sha256 } from '../../platform/ids.ts';
import { isLanguage, type Translated } from '../../platform/locale.ts';
import { parsePartyUrn, type PartyName } from '../../party/model.ts';
import { hasUnseenCharacters } from '../../resource/model.ts';
import type { Findings } from '../problems.ts';
import { RIGHTS_LIMIT } from '../model.ts';
import { textOf } from '../../platform/as_text.ts';
import type { UseLimit } from '../../resource/uses_model.ts';
import { readMembers, type SentMembers } from './members_model.ts';
import { contentOfRight } from '../replace_model.ts';
import { readReplaced, readUses, readWith, type Replaced } from './terms_model.ts';

interface RequestedRight {
  actions: string[];
  resource: string;
  /** As sent; keys are compared in lower case. */
  metadata: Record<string, string | null>;
  /** Whether the giver may leave it out. */
  optional: boolean;
}

export interface ConsentDraft {
  id: string;
  from: PartyName;
  to: PartyName;
  requiredDelegator: PartyName | null;
  validTo: Date;
  rights: RequestedRight[];
  requestMessage: Translated | null;
  redirectUrl: string | null;
  portalViewMode: 'hide' | 'show';
  /** How often it may be used, less than its services let it; absent where nothing is said. */
  uses?: UseLimit;
  replaces?: Replaced;
  /** Until when it can be answered; absent where nothing is said. */
  answerBy?: Date;
  /** The request of another giver, with which it holds or not at all. */
  with?: string;
}

const MESSAGE_LIMIT = 1000;
const METADATA_LIMIT = 100;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** The draft, or undefined when the findings make it impossible to have one. */
export function parseDraft(body: unknown, findings: Findings, now: Date): ConsentDraft | undefined {
  const members = readMembers(body, '', findings);
  if (!members) return undefined;
  const id = required(members, 'id', findings, isUuid);
  const from = party(members, 'from', findings, true);
  const to = party(members, 'to', findings, true);
  const requiredDelegator = party(members, 'requiredDelegator', findings, false);
  const validTo = dateTime(members, 'validTo', findings);
  const rights = readRights(members.get('consentrights'), findings);
  const requestMessage = message(members.get('requestmessage'), findings);
  const redirectUrl = optionalText(members, 'redirectUrl', findings);
  const portalViewMode = viewMode(members.get('portalviewmode'), findings);
  const uses = readUses(members.get('uses'), findings);
  const replaces = readReplaced(members, findings);
  const pair = readWith(members, findings);
  const answerBy = dateTime(members, 'answerBy', findings, false);
  if (!id || !from || !to || !validTo || !rights) {
    if (validTo && validTo <= now) findings.invalid('AM.VLD-00022', 'ValidTo');
    return undefined;
  }
  return {
    id: id.toLowerCase(),
    from,
    to,
    requiredDelegator: requiredDelegator ?? null,
    validTo,
    rights,
    requestMessage,
    redirectUrl,
    portalViewMode,
    ...(uses ? { uses } : {}),
    ...(replaces ? { replaces } : {}),
    ...(answerBy ? { answerBy } : {}),
    ...(pair ? { with: pair } : {}),
  };
}

/**
 * Equal for equal content: key case, nulls, time zone, the order of rights and an `optional` that
 * is false do not count.
 */
export function contentHash(draft: ConsentDraft): string {
  const rights = draft.rights
    .map((right) =>
      canonicalJson({ ...contentOfRight(right), ...(right.optional ? { optional: true } : {}) }),
    )
    .sort();
  return sha256(
    canonicalJson({
      ...draft,
      validTo: draft.validTo.toISOString(),
      ...(draft.answerBy ? { answerBy: draft.answerBy.toISOString() } : {}),
      rights,
    }),
  );
}

function required<Value>(
  members: SentMembers,
  name: string,
  findings: Findings,
  fits: (value: unknown) => value is Value,
) {
  const value = members.get(name.toLowerCase());
  if (value === undefined || value === null) findings.invalid('STD.VLD-00000', `/${name}`);
  else if (!fits(value)) findings.invalid('TIL.VLD-00001', `/${name}`);
  else return value;
  return undefined;
}

function party(
  members: SentMembers,
  name: string,
  findings: Findings,
  must: boolean,
): PartyName | undefined {
  const value = members.get(name.toLowerCase());
  if (value === undefined || value === null) {
    if (must) findings.invalid('STD.VLD-00000', `/${name}`);
    return undefined;
  }
  const parsed = parsePartyUrn(value);
  if (!parsed) findings.invalid('TIL.VLD-00001', `/${name}`);
  return parsed;
}

function dateTime(
  members: SentMembers,
  name: 'validTo' | 'answerBy',
  findings: Findings,
  must = true,
): Date | undefined {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && DATE_TIME.test(value);
  if (!must && (members.get(name.toLowerCase()) ?? null) === null) return undefined;
  const text = required(members, name, findings, isText);
  if (!text) return undefined;
  const at = new Date(text);
  // As far as .NET's greatest date; and only days that there are, which Date itself lets pass.
  if (!Number.isNaN(at.getTime()) && at.getUTCFullYear() <= 9999 && isDay(text)) return at;
  findings.invalid('TIL.VLD-00001', `/${name}`);
  return undefined;
}

function isDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function readRights(value: unknown, findings: Findings): RequestedRight[] | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    findings.invalid('AM.VLD-00023', 'Resource');
    return undefined;
  }
  if (!Array.isArray(value) || value.length > RIGHTS_LIMIT) {
    findings.invalid(Array.isArray(value) ? 'TIL.VLD-00003' : 'TIL.VLD-00001', '/consentRights');
    return undefined;
  }
  const rights = value.map((entry, index) => readRight(entry, index, findings));
  return rights.every((right) => right !== undefined) ? rights : undefined;
}

function readRight(value: unknown, index: number, findings: Findings): RequestedRight | undefined {
  const path = `/consentRight/${index}`;
  const members = readMembers(value, path, findings);
  if (!members) return undefined;
  const actions = readActions(members.get('action'), path, findings);
  const resource = readResource(members.get('resource'), path, findings);
  const metadata = readMetadata(members.get('metadata'), path, findings);
  const optional = members.get('optional') ?? false;
  if (typeof optional !== 'boolean') findings.invalid('TIL.VLD-00001', `${path}/optional`);
  return actions && resource && metadata
    ? { actions, resource, metadata, optional: optional === true }
    : undefined;
}

function readActions(value: unknown, path: string, findings: Findings): string[] | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
    findings.invalid('STD.VLD-00000', `${path}/action`);
  } else if (
    !Array.isArray(value) ||
    value.length > 10 ||
    !value.every((action) => typeof action === 'string' && /^[\w.:-]{1,100}$/.test(action))
  ) {
    findings.invalid('TIL.VLD-00001', `${path}/action`);
  } else {
    return value as string[];
  }
  return undefined;
}

function readResource(value: unknown, path: string, findings: Findings): string | undefined {
  if (!Array.isArray(value) || value.length !== 1) {
    findings.problem('AM-00005');
    return undefined;
  }
  const members = readMembers(value[0], `${path}/resource/0`, findings);
  if (!members) return undefined;
  const id = members.get('value');
  if (
    members.get('type') === 'urn:altinn:resource' &&
    typeof id === 'string' &&
    /^[\w.-]{1,200}$/.test(id)
  )
    return id;
  findings.problem('AM-00005');
  return undefined;
}

function readMetadata(
  value: unknown,
  path: string,
  findings: Findings,
): Record<string, string | null> | undefined {
  if (value === undefined || value === null) return {};
  const members = readMembers(value, `${path}/metadata`, findings);
  if (!members) return undefined;
  const entries = Object.entries(value as object);
  if (entries.length > METADATA_LIMIT) {
    findings.invalid('TIL.VLD-00003', `${path}/metadata`);
    return undefined;
  }
  const wrong = entries.find(([, member]) => member !== null && typeof member !== 'string');
  if (wrong) {
    findings.invalid('TIL.VLD-00001', `${path}/metadata/${wrong[0].slice(0, 50)}`);
    return undefined;
  }
  return Object.fromEntries(entries) as Record<string, string | null>;
}

function message(value: unknown, findings: Findings): Translated | null {
  if (value === undefined || value === null) return null;
  const members = readMembers(value, '/requestMessage', findings);
  const texts: Translated = {};
  for (const [language, text] of members ?? []) {
    const path = `/requestMessage/${language.slice(0, 10)}`;
    if (text === null || text === '') continue;
    if (!isLanguage(language) || typeof text !== 'string') findings.invalid('TIL.VLD-00001', path);
    else if (text.length > MESSAGE_LIMIT) findings.invalid('TIL.VLD-00003', path);
    else if (hasUnseenCharacters(text)) findings.invalid('TIL.VLD-00002', path);
    else texts[language] = text;
  }
  return Object.keys(texts).length ? texts : null;
}

function optionalText(members: SentMembers, name: string, findings: Findings): string | null {
  const value = members.get(name.toLowerCase());
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.length <= 2000) return value;
  findings.invalid('AM.VLD-00027', 'RedirectUrl');
  return null;
}

function viewMode(value: unknown, findings: Findings): 'hide' | 'show' {
  const mode = value === undefined || value === null ? 'hide' : (textOf(value) ?? '').toLowerCase();
  if (mode === 'hide' || mode === 'show') return mode;
  findings.invalid('TIL.VLD-00001', '/portalViewMode');
  return 'hide';
}
