// The parents of a child, as a page of the child's consent speaks of them: who they are to whom,
// whether one could answer, and whether they see what the child answers.
import type { Deciding } from '../../decision/act.ts';
import { isUnder } from '../../party/age_model.ts';
import type { Act } from '../../platform/act.ts';
import { formatList, t, type Language } from '../../platform/locale.ts';
import type { Barred } from '../basis/model.ts';
import { isShownToParents } from '../basis/own_model.ts';
import { mayAnswer } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { namesOf } from '../names.ts';

/**
 * The holders of parental responsibility, where a refusal sends a child or one parent to the
 * others; nobody else hears of them, nor of anybody with a protected address.
 */
export async function familyOf(
  act: Act,
  { from, giverAge }: Consent,
  reader: { party: string; language: Language },
  why: Barred['why'] | undefined,
): Promise<string | undefined> {
  if (why !== 'under_age' && why !== 'parents_all') return undefined;
  const { party, language } = reader;
  const parents = giverAge?.parents ?? [];
  if (party !== from.id && !parents.includes(party)) return undefined;
  const others = parents.filter((one) => one !== party);
  const names = await namesOf(act, others);
  if (!names.length) return undefined;
  return t(language, `consent.${why}.who`, { names: formatList(language, names) });
}

/** Whether a parent can answer what a child cannot yet, as the answer would be asked. */
export async function answeredByParent(act: Deciding, consent: Consent, { why }: Barred) {
  if (why !== 'under_age') return 'unasked';
  for (const party of consent.giverAge?.parents ?? [])
    if ((await mayAnswer(act, consent, { party, level: 4 })).permit) return 'yes';
  // A guardian is no parent, and may be able to.
  return 'unasked';
}

/** Whether parents see what a child answers who may answer alone; undefined for anybody else. */
export async function parentsTold(
  act: Act,
  consent: Consent,
  language: Language,
): Promise<string | undefined> {
  const { giverAge } = consent;
  if (!giverAge?.parents.length || !isUnder(18, giverAge, act.now)) return undefined;
  if (!isShownToParents(consent)) return t(language, 'consent.parents_not_told');
  const names = await namesOf(act, giverAge.parents);
  return t(language, 'consent.parents_see', {
    names: names.length ? formatList(language, names) : 'none',
  });
}
