// How often a consent may be used, and how much of that is left, in words; and the fields in which
// a giver lets it be used less often. It decides nothing.
import { formatList, pick, t, type Language } from '../platform/locale.ts';
import type { UseLimit } from '../resource/uses_model.ts';
import type { Consent } from './model.ts';
import { inCommon } from './right_text.ts';
import { usesLeft } from './uses_model.ts';

/** The line of a limit: what is counted is each access that is given. */
export function limitText({ total, per }: UseLimit, language: Language): string {
  const parts = [
    ...(total === undefined ? [] : [t(language, 'consent.uses.total', { n: total })]),
    ...(per ? [t(language, 'consent.uses.per', { n: per.number, period: per.period })] : []),
  ];
  return t(language, 'consent.uses.limit', { limit: formatList(language, parts) });
}

/**
 * How often, for all rights or for each: counted uses are of the consent as a whole, beside what
 * others of its services say, which nobody counts.
 */
export function oftenText({ rights, useLimit }: Consent, language: Language) {
  const said = rights.map(({ content }) => {
    const often = pick(content.howOften, language)?.text.replace(/\.$/, '');
    return often && t(language, 'consent.often_unchecked', { often });
  });
  return useLimit ? { all: limitText(useLimit, language), each: said } : inCommon(said);
}

/** The fact of what is left of a consent that holds; none to a reader who sees no uses. */
export function leftFact(consent: Consent, language: Language) {
  const left = consent.veiled ? undefined : usesLeft(consent);
  if (!left || consent.state !== 'approved') return [];
  const { total, period } = left;
  const parts = [
    ...(total === undefined ? [] : [t(language, 'consent.uses.left_total', { n: total })]),
    ...(period === undefined
      ? []
      : [
          t(language, 'consent.uses.left_per', {
            n: period,
            period: consent.useLimit!.per!.period,
          }),
        ]),
  ];
  const text = t(language, 'consent.uses.left', { left: formatList(language, parts) });
  return [{ key: 'left', label: t(language, 'consent.fact.left'), text }];
}

/** Members of a limit that a giver may bring down, by the names of their fields. */
const FIELDS = ['total', 'per'] as const;
type Field = (typeof FIELDS)[number];
const nameOf = (field: Field) => `uses_${field}`;

const numberOf = (limit: UseLimit | null, field: Field): number | undefined =>
  field === 'total' ? limit?.total : limit?.per?.number;

/** The text that was typed, by field. */
export type TypedUses = Partial<Record<Field, string>>;
export const typedUses = (form: Map<string, string>): TypedUses =>
  Object.fromEntries(FIELDS.map((field) => [field, form.get(nameOf(field))?.trim() ?? '']));

/** The least number: in all, one more than what is used already. */
const leastOfField = (field: Field, used: number) => (field === 'total' ? used + 1 : 1);

/** The limit that was typed, absent where nothing was, and the wrong fields; `used` counts on. */
export function usesIn(
  { useLimit }: Pick<Consent, 'useLimit'>,
  typed: TypedUses,
  used = 0,
): { uses?: UseLimit; wrong: Field[] } {
  const wrong: Field[] = [];
  const uses: UseLimit = {};
  for (const field of FIELDS) {
    const most = numberOf(useLimit, field);
    const written = typed[field] ?? '';
    if (written === '' || most === undefined) continue;
    const number = /^\d{1,7}$/.test(written) ? Number(written) : 0;
    if (number < leastOfField(field, used) || number > most) wrong.push(field);
    else if (field === 'total') uses.total = number;
    else uses.per = { number, period: useLimit!.per!.period };
  }
  return { ...(Object.keys(uses).length ? { uses } : {}), wrong };
}

const faultText = (
  consent: Consent,
  field: Field,
  { language, used }: { language: Language; used: number },
) =>
  t(language, 'consent.uses.wrong', {
    least: leastOfField(field, used),
    most: numberOf(consent.useLimit, field)!,
  });

/** Fields for one that is counted and may be used more than once. */
export const usesFields = (
  consent: Consent,
  typed: TypedUses,
  { language, used }: { language: Language; used: number },
) =>
  FIELDS.flatMap((field) => {
    const most = numberOf(consent.useLimit, field);
    if (most === undefined || consent.oneTime) return [];
    const isWrong = usesIn(consent, typed, used).wrong.includes(field);
    const { period = 'day' } = consent.useLimit?.per ?? {};
    return [
      {
        name: nameOf(field),
        label: t(language, `consent.uses.field_${field}`, { period }),
        hint: t(language, 'consent.uses.hint', { least: leastOfField(field, used), most }),
        value: typed[field] ?? '',
        error: isWrong ? faultText(consent, field, { language, used }) : undefined,
      },
    ];
  });

/** The faults of the fields, for the list over the page. */
export const usesFaults = (
  consent: Consent,
  typed: TypedUses,
  how: { language: Language; used: number },
) =>
  usesIn(consent, typed, how.used).wrong.map((field) => ({
    field: nameOf(field),
    text: faultText(consent, field, how),
  }));
