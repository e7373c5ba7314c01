// The places that several of a company fill to give a power of attorney, in words.
import { asText } from '../../platform/as_text.ts';
import { formatAny, formatList, pick, t } from '../../platform/locale.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import type { MandateSubject, MandateWords } from './text.ts';

/** The places that several fill to give it, as a list; none where parents do. */
export function placesText(
  { package: code, resource }: Pick<MandateSubject, 'package' | 'resource'>,
  { language, catalogue, resources }: Pick<MandateWords, 'language' | 'catalogue' | 'resources'>,
): string {
  const places =
    code !== null
      ? catalogue.packages.get(code)?.together
      : resources.get(resource ?? '')?.content.together;
  const named = ({ kind, value }: SubjectMatch) =>
    kind === 'key_role'
      ? t(language, 'mandate.key_role')
      : (pick(catalogue.roles.get(value)?.name, language)?.text ?? value);
  const each = (places ?? []).map(({ subjects, count }) =>
    t(language, 'mandate.place', {
      roles: formatAny(language, subjects.map(named)),
      count: asText(count),
    }),
  );
  return formatList(language, each);
}
