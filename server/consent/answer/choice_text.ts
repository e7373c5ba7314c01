// The page of a request: what is needed, what may be left out, whether it is long, and the words of
// the answers. It decides nothing.
import { t } from '../../platform/locale.ts';
import type { ShownText } from '../text.ts';

/** The rights that are needed, those to choose among, and the fault where none was chosen. */
export function askedFor({ language, rights, poa }: ShownText, lacksChoice: boolean) {
  const needed = rights.filter(({ choice }) => !choice);
  const choices = rights.filter(({ choice }) => choice);
  const error = lacksChoice ? t(language, `consent.choose_one${poa ? '_poa' : ''}`) : undefined;
  return {
    needed,
    ...(choices.length
      ? {
          choices,
          choose: t(language, `consent.choose${poa ? '_poa' : ''}`),
          chooseHint: t(language, `consent.choose_hint${needed.length ? '' : '_one'}`),
        }
      : {}),
    ...(error
      ? {
          errorHeading: t(language, 'give.error.heading', { n: 1 }),
          errors: [{ field: `choice-${choices[0]!.choice!.place}`, text: error }],
          chooseError: error,
        }
      : {}),
  };
}

/** The words of the buttons: where there is a choice, a yes with it and a yes without. */
export function answersOf(
  { language, rights, poa }: ShownText,
  { isForOther, name }: { isForOther: boolean; name: string },
) {
  const which = `${poa ? '_poa' : ''}${isForOther ? '_for' : ''}`;
  const said = { name, poa: poa ? 'yes' : 'no', other: isForOther ? 'yes' : 'no' };
  const choices = rights.filter(({ choice }) => choice).length;
  return {
    yes: choices
      ? t(language, 'consent.yes_chosen', said)
      : t(language, `consent.yes${which}`, { name }),
    ...(choices && choices < rights.length
      ? { yesNeeded: t(language, 'consent.yes_needed', said) }
      : {}),
    no: t(language, `consent.no${which}`, { name }),
  };
}

/** The places of the boxes that were ticked; none that there is for what no page of ours sends. */
export const placesIn = (ticked: string | undefined): number[] =>
  ticked === undefined
    ? []
    : ticked.split(' ').map((place) => (/^\d{1,3}$/.test(place) ? Number(place) : -1));

/**
 * The length that is read within three small screens before the answer: one right, in so many
 * characters.
 */
const SHORT = 600;
export const isLong = ({ rights }: ShownText): boolean =>
  rights.length > 1 ||
  rights.some(({ html }) => html.replace(/<[^>]*>/g, '').trim().length > SHORT);
