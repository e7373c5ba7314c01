// The page of a request: what is needed, what may be left out, whether it is long, and the words of
// the answers. It decides nothing.
import { t } from '../../platform/locale.ts';
import type { ShownText } from '../text.ts';

const choicesIn = ({ rights }: ShownText) => rights.filter(({ choice }) => choice);

/** The fault of an answer that chose nothing where something must be chosen. */
export const missingChoice = (text: ShownText) => ({
  field: `choice-${choicesIn(text)[0]!.place}`,
  text: t(text.language, `consent.choose_one${text.poa ? '_poa' : ''}`),
});

/** The rights that are needed, and those to choose among, ticked where somebody has ticked them. */
export function askedFor(text: ShownText, lacksChoice: boolean, ticked: number[]) {
  const { language, poa } = text;
  const needed = text.rights.filter(({ choice }) => !choice);
  const choices = choicesIn(text).map((right) => ({
    ...right,
    checked: ticked.includes(right.place),
  }));
  if (!choices.length) return { needed };
  return {
    needed,
    choices,
    choose: t(language, `consent.choose${poa ? '_poa' : ''}`),
    chooseHint: t(language, `consent.choose_hint${needed.length ? '' : '_one'}`),
    errorHeading: t(language, 'give.error.heading', { n: 1 }),
    chooseError: lacksChoice ? missingChoice(text).text : undefined,
  };
}

/** The words of the buttons: where there is a choice, a yes with it and a yes without. */
export function answersOf(
  text: ShownText,
  { isForOther, name }: { isForOther: boolean; name: string },
) {
  const { language, rights, poa } = text;
  const which = `${poa ? '_poa' : ''}${isForOther ? '_for' : ''}`;
  const said = { name, poa: poa ? 'yes' : 'no', other: isForOther ? 'yes' : 'no' };
  const choices = choicesIn(text).length;
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
