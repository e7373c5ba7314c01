// Earlier answers to a question that is asked again, in words, for one who may answer it now. It
// changes nothing.
import type { Act } from '../../platform/act.ts';
import { formatDateTime, t, type Language } from '../../platform/locale.ts';
import type { Consent } from '../model.ts';
import { displayName } from '../text.ts';
import { findAnsweredBefore, type AnswerBefore } from './before_store.ts';

/**
 * A person's own answer is that person's alone, as is every one where the address is protected: to
 * others it might say what a child decided, or where somebody is.
 */
const isShownTo = ({ from, giverProtected }: Consent, { byId }: AnswerBefore, reader: string) =>
  from.id === reader || byId === reader || (byId !== from.id && !giverProtected);

/** One line for each, newest first. */
export async function answeredBefore(
  act: Act,
  consent: Consent,
  reader: string,
  language: Language,
): Promise<string[]> {
  const poa = consent.template.isPoa ? '_poa' : '';
  return (await findAnsweredBefore(act.db, consent.id))
    .filter((one) => isShownTo(consent, one, reader))
    .map(({ state, at, byKind, byName }) =>
      t(language, 'consent.answered_before', {
        at: formatDateTime(language, at),
        text: t(language, `consent.event.${state}${poa}`, {
          by: displayName({ kind: byKind, name: byName }),
          to: displayName(consent.to),
        }),
      }),
    );
}
