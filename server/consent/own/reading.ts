// The words for the one a consent is about, who reads it and cannot withdraw it: why not, who can,
// and where to complain; or by what law it is not shown.
import type { Deciding } from '../../decision/act.ts';
import { isUnder } from '../../party/age_model.ts';
import { formatList, pick, t, type Language } from '../../platform/locale.ts';
import { ownRefusal } from '../../resource/policy/age_model.ts';
import type { Consent } from '../model.ts';
import { namesOf } from '../names.ts';
import { displayName } from '../text.ts';

/** Why nothing is said of it to the one it is about; undefined where all of it is shown. */
export const hiddenText = ({ hiddenBy }: Consent, language: Language): string | undefined =>
  hiddenBy &&
  t(language, 'consent.read.hidden', {
    law: pick(hiddenBy.law, language)!.text,
    owner: hiddenBy.owner,
  });

/** Says what the reader cannot do, and who can; names nobody with a protected address. */
export async function readText(
  act: Deciding,
  consent: Consent,
  language: Language,
): Promise<string> {
  const { giverAge, answeredBy, rights, state, to } = consent;
  const isChild = giverAge !== null && isUnder(18, giverAge, act.now);
  const others = isChild ? giverAge.parents : answeredBy ? [answeredBy.id] : [];
  const names = await namesOf(act, others);
  const values = {
    names: names.length ? formatList(language, names) : 'none',
    to: displayName(to),
  };
  if (state === 'requested') return t(language, 'consent.read.asked', values);
  if (!isChild) return t(language, 'consent.read.ward', values);
  const contents = rights.map(({ content }) => content);
  const age = ownRefusal(giverAge, contents, act.now)?.age ?? 18;
  return t(language, 'consent.read.child', { ...values, age });
}
