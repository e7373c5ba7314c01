// The history of a mandate in words: each event, and the terms that a change changed.
import type { MandateEvent } from '../../event/model.ts';
import { t, type Language } from '../../platform/locale.ts';
import { actionNames, validityText } from './text.ts';

/** The difference that an event records: the terms after it, and before. */
type Changed = Partial<Record<'validTo', string | null>> & {
  actions?: string[] | null;
  mayPassOn?: boolean;
  subunits?: boolean;
};

/**
 * The detail of an event: the mandate whose end it followed, whether its receiver accepted it or
 * did not in time, and whether support staff did it.
 */
interface Detail {
  because?: string | null;
  unanswered?: true;
  acceptedBy?: string;
  support?: true;
}

/** An event in words; for a change also what differs from before. */
export function happenedIn(
  { type, byName, detail }: { type: MandateEvent; byName: string | null; detail: object | null },
  language: Language,
): string {
  const { because, unanswered, acceptedBy, support } = (detail ?? {}) as Detail;
  const how = because ? '_through' : unanswered ? '_unanswered' : acceptedBy ? '_accepted' : '';
  const text = t(language, `mandate.event.${type}${how}`, {
    by: byName ?? t(language, support ? 'mandate.support' : 'mandate.a_register'),
  });
  return [text, ...changesIn({ type, detail }, language)].join(' ');
}

/** The terms that a change changed, each with what it was before. */
export function changesIn(
  { type, detail }: { type: MandateEvent; detail: object | null },
  language: Language,
): string[] {
  const { before, ...after } = (detail ?? {}) as Changed & { before?: Changed };
  if (type !== 'changed' || !before) return [];
  const words: [string, (from: Changed) => string][] = [
    ['until', ({ validTo }) => validityText(language, validTo ? new Date(validTo) : null)],
    ['actions', ({ actions }) => actionNames(language, actions ?? [])],
    [
      'pass_on',
      ({ mayPassOn }) => t(language, mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
    ],
    [
      'subunits',
      ({ subunits }) =>
        t(language, subunits === false ? 'mandate.main_only' : 'mandate.with_units'),
    ],
  ];
  return words.flatMap(([key, say]) =>
    say(after) === say(before)
      ? []
      : t(language, 'mandate.was', {
          label: t(language, `mandate.fact.${key}`),
          now: say(after),
          was: say(before),
        }),
  );
}
