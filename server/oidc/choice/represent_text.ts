// The parties that somebody may act for, as a choice in words: by what right, until when, and at
// what level. It decides nothing.
import { displayName } from '../../consent/text.ts';
import { formatUntil } from '../../consent/until_model.ts';
import type { Authorized } from '../../decision/search/held.ts';
import {
  formatDate,
  formatList,
  formatOrganizationNumber,
  pick,
  t,
  type Language,
  type Translated,
} from '../../platform/locale.ts';
import { RESPONSIBILITY, type Catalogue } from '../../resource/catalogue/model.ts';

/** The page names at most so many mandates as the reason. */
const MOST_REASONS = 2;

export interface ChoiceWords {
  person: string;
  language: Language;
  catalogue: Catalogue;
}

/** A choice: who, why, until when; `lacks` is the level of login that it takes beyond one's own. */
export function choiceOf(
  one: Authorized & { lacks: number | undefined },
  picked: string[],
  telling: ChoiceWords,
) {
  const { party, until, lacks } = one;
  const { language } = telling;
  const isSelf = party.id === telling.person;
  const about = [
    party.organizationNo &&
      t(language, 'portal.parties.number', { no: formatOrganizationNumber(party.organizationNo) }),
    !isSelf &&
      party.bornOn &&
      t(language, 'portal.parties.born', { date: formatDate(language, new Date(party.bornOn)) }),
    isSelf ? t(language, 'represent.self') : whyOf(one, telling),
    !isSelf && until && t(language, 'portal.until', { until: formatUntil(language, until) }),
    lacks && t(language, 'represent.level', { level: lacks }),
  ];
  return {
    id: party.id,
    name: displayName(party),
    about: about.filter(Boolean).join(' · '),
    checked: picked.includes(party.id),
  };
}

/** The roles of a register before what somebody gave. */
function whyOf({ roles, packages }: Authorized, { language, catalogue }: ChoiceWords): string {
  if (roles.includes(RESPONSIBILITY)) return t(language, 'portal.parties.parent');
  const names = (codes: string[], of: Map<string, { name: Translated }>) =>
    formatList(
      language,
      codes.slice(0, MOST_REASONS).map((code) => pick(of.get(code)?.name, language)?.text ?? code),
    );
  const isKey = (code: string) => catalogue.roles.get(code)?.keyRole === true;
  const nearest = [...roles].sort((a, b) => Number(isKey(b)) - Number(isKey(a)));
  if (nearest.length)
    return t(language, 'portal.parties.why', { why: names(nearest, catalogue.roles) });
  return packages.length
    ? t(language, 'represent.by_package', { what: names(packages, catalogue.packages) })
    : t(language, 'represent.by_right');
}
