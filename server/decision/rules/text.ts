// Why and why not, in words that a citizen and a developer understand: a decision's reason with the
// names of the roles, packages and organisations it is about. It decides nothing.
import {
  formatAny,
  pick,
  t,
  inEach,
  type Language,
  type Translated,
} from '../../platform/locale.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import type { Facts } from './model.ts';
import type { Decision } from './reason_model.ts';
import { fits } from './wanted_model.ts';

const SHOWN = 6;

/** One sentence for the person it is about. */
export function reasonText(
  decision: Decision,
  facts: Facts,
  catalogue: Catalogue,
  language: Language,
): string {
  const name = (texts: Translated | undefined, fallback: string) =>
    pick(texts, language)?.text ?? fallback;
  const role = decision.role ? name(catalogue.roles.get(decision.role)?.name, decision.role) : '';
  const packageName = decision.package
    ? name(catalogue.packages.get(decision.package)?.name, decision.package)
    : '';
  const { from } = facts;
  const wanted = decision.wanted
    .filter((one) => !from || fits(from.kind, one, catalogue))
    .map((one) => wantedText(one, catalogue, language))
    .filter(Boolean);
  const names = [...new Set(wanted)];
  const shown = names.slice(0, SHOWN);
  if (names.length > SHOWN) shown.push(t(language, 'decision.more', { n: names.length - SHOWN }));
  const isNobody = decision.reason === 'not_named' && !names.length;
  const key = isNobody
    ? 'not_named_nobody'
    : decision.reason === 'package' && role
      ? 'package_by_role'
      : decision.reason;
  const why = t(language, `decision.reason.${key}`, {
    role,
    package: packageName,
    level: decision.level,
    who: formatAny(language, shown),
  });
  return decision.permit && decision.via
    ? `${why} ${t(language, decision.held === 'parent' ? 'decision.via_and_main' : 'decision.via')}`
    : decision.permit && decision.held === 'parent'
      ? `${why} ${t(language, 'decision.main')}`
      : decision.permit && decision.held === 'owner'
        ? `${why} ${t(language, 'decision.owner')}`
        : why;
}

function wantedText(match: SubjectMatch, catalogue: Catalogue, language: Language): string {
  switch (match.kind) {
    case 'self':
      return t(language, 'decision.who.self');
    case 'key_role':
      return t(language, 'decision.who.key_role');
    case 'role':
      return pick(catalogue.roles.get(match.value)?.name, language)?.text ?? match.value;
    case 'package':
      return t(language, 'decision.who.package', {
        name: pick(catalogue.packages.get(match.value)?.name, language)?.text ?? match.value,
      });
    default:
      return '';
  }
}

/** The sentence in every language, as AuthZEN's `reason_user` has it. */
export const reasonTexts = (
  decision: Decision,
  facts: Facts,
  catalogue: Catalogue,
): Record<Language, string> =>
  inEach((language) => reasonText(decision, facts, catalogue, language));
