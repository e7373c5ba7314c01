// The page of a request to which the person has said yes while others are awaited, and the words
// about the others for those who could answer. It decides nothing.
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { formatDateTime, formatList, languageOf, t, type Language } from '../../platform/locale.ts';
import type { MayAnswer } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { backTo, roleNames, signedInFor, type ConsentPages } from '../page.ts';
import { displayName } from '../text.ts';
import { isPassable } from './passing.ts';
import { passingForm } from './passing_pages.ts';
import { wayBack } from './receipt_pages.ts';

/** Why one yes is not enough, and who has said yes so far; undefined where one is. */
export function togetherText(
  { from, rights, awaiting, yeses }: Consent,
  isPart: boolean,
  language: Language,
): { text: string; said?: string } | undefined {
  if (!isPart && !awaiting) return undefined;
  const isParents =
    from.kind === 'person' && rights.some(({ content }) => content.parents === 'all');
  const whose = isParents ? 'parents' : 'several';
  const names = (yeses ?? []).map(displayPerson);
  return {
    text: t(language, 'consent.together.need', { whose }),
    ...(names.length
      ? {
          said: t(language, 'consent.together.said', {
            names: formatList(language, names),
            have: awaiting?.have ?? 0,
            need: awaiting?.need ?? 0,
          }),
        }
      : {}),
  };
}

const displayPerson = ({ name }: { name: string }) => displayName({ kind: 'person', name });

export async function showAwaiting(
  ctx: Context,
  pages: ConsentPages,
  { consent, answer }: { consent: Consent; answer: MayAnswer },
  interaction: string | undefined,
): Promise<void> {
  const { party, csrf } = sessionOf(ctx);
  const language = languageOf(ctx);
  const own = consent.yeses!.find((one) => one.party === party)!;
  const others = consent.yeses!.filter((one) => one.party !== party).map(displayPerson);
  const to = displayName(consent.to);
  pages.render(ctx, {
    view: 'consent/awaiting',
    title: t(language, 'consent.awaiting.title'),
    who: signedInFor(ctx, consent, answer, await roleNames(pages, language)),
    data: {
      csrf,
      action: backTo(consent, interaction),
      to,
      said: t(language, 'consent.awaiting.said', {
        at: formatDateTime(language, new Date(own.at)),
      }),
      others: others.length
        ? t(language, 'consent.awaiting.others', { names: formatList(language, others) })
        : undefined,
      until: t(language, 'consent.awaiting.until', {
        at: formatDateTime(language, consent.validTo),
      }),
      passing: isPassable(consent, pages.act.now)
        ? passingForm(ctx, consent, interaction)
        : undefined,
      id: consent.id,
      ...wayBack(consent, interaction),
    },
  });
}
