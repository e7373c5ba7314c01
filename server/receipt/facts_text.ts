// The words of a receipt's facts: what it says of an act, to people. Pure; it says only what is
// opened, and never that something holds.
import type { Member } from '../event/payload_model.ts';
import type { LabelledText } from '../consent/text.ts';
import { displayName, numbered } from '../consent/text.ts';
import {
  formatDateTime,
  formatList,
  hasText,
  pick,
  t,
  type Language,
  type Translated,
} from '../platform/locale.ts';
import { showReference } from '../platform/reference.ts';
import type { ReceiptThing } from './view_model.ts';

/** The event in plain, and the members that its reader opens. */
export type ReceiptSaid = { event: string; kind: string; at: string } & Partial<
  Record<Member, unknown>
>;

interface SaidParty {
  name: string;
  kind: string;
  organizationNo: string | null;
}
interface SaidRight {
  title: Translated | null;
  package?: string | null;
  resource: string | null;
}

const partyText = (said: ReceiptSaid, side: 'from' | 'to' | 'by', language: Language): string => {
  const party = said[`${side}Party`] as SaidParty | null | undefined;
  const number = said[`${side}PersonNo`] as string | null | undefined;
  if (!party) return '';
  return number
    ? t(language, 'receipt.numbered', { name: displayName(party), number })
    : numbered(party, language);
};

/** The one that did it, and by which office. */
function byText(said: ReceiptSaid, language: Language): string {
  const name = partyText(said, 'by', language);
  const { name: office } = (said.authority ?? {}) as { name?: Translated | null };
  const role = name && office ? pick(office, language)?.text : undefined;
  return role ? t(language, 'receipt.by_role', { name, role }) : name;
}

const aboutText = ({ rights }: ReceiptSaid, language: Language): string =>
  formatList(
    language,
    ((rights ?? []) as SaidRight[]).map(
      ({ title, resource, package: code }) =>
        (title && pick(title, language)?.text) ?? resource ?? code ?? '',
    ),
  );

const purposeText = ({ terms }: ReceiptSaid, language: Language): string => {
  const { message } = (terms ?? {}) as { message?: Translated | null };
  return (message && pick(message, language)?.text) ?? '';
};

function validText({ conditions }: ReceiptSaid, language: Language): string {
  const said = conditions as { validTo?: string | null } | undefined;
  if (!said) return '';
  return said.validTo
    ? formatDateTime(language, new Date(said.validTo))
    : t(language, 'receipt.no_end');
}

/** The words for what happened; an act that has none is called by its name. */
export function kindText(thing: ReceiptThing, kind: string, language: Language): string {
  const key = `receipt.kind.${thing}.${kind}`;
  return hasText(key) ? t(language, key) : kind;
}

/** The facts of a receipt, each with its label; none of what is closed, or not there. */
export function linesOf(
  thing: ReceiptThing,
  said: ReceiptSaid,
  language: Language,
): LabelledText[] {
  const handler = said.handledByParty as SaidParty | null | undefined;
  const { reference } = (said.conditions ?? {}) as { reference?: string | null };
  const facts: [string, string][] = [
    ['what', kindText(thing, said.kind, language)],
    ['when', formatDateTime(language, new Date(said.at))],
    ['from', partyText(said, 'from', language)],
    ['to', partyText(said, 'to', language)],
    ['handler', handler ? numbered(handler, language) : ''],
    ['by', byText(said, language)],
    ['about', aboutText(said, language)],
    ['purpose', purposeText(said, language)],
    ['valid', validText(said, language)],
    ['level', said.level ? t(language, 'receipt.level', { level: Number(said.level) }) : ''],
    ['reference', reference ? showReference(reference) : ''],
    ['event', said.event],
  ];
  return facts.flatMap(([key, text]) =>
    text ? [{ key, label: t(language, `receipt.fact.${key}`), text }] : [],
  );
}
