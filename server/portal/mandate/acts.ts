// One mandate to one who stands on a side of it: the acts that are open there now, and the words of
// its page that depend on the side. It changes nothing.
import { stopPath } from '../../consent/page.ts';
import { displayName } from '../../consent/text.ts';
import { statusOf, type MandateStatus } from '../../mandate/model.ts';
import { formatDate, t } from '../../platform/locale.ts';
import { namedOf, termsOf } from '../give/gift.ts';
import { personPath } from '../person/between.ts';
import { giverOf, receiverShown, type Looked } from './looked.ts';
import { asHeading, isOver, mandateName, otherSide, type MandateWords } from './text.ts';
import { packagePath } from '../page.ts';

/**
 * The act that was just done, as long as it is so: an address by itself must not claim that
 * something ended.
 */
const DONE: Record<string, MandateStatus[]> = {
  given: ['active', 'sent', 'upcoming', 'inactive'],
  accepted: ['active', 'upcoming', 'inactive'],
  ended: ['ended'],
  suspended: ['suspended'],
  resumed: ['active', 'upcoming', 'inactive'],
  changed: ['active', 'sent', 'upcoming', 'inactive', 'suspended'],
  unchanged: ['active', 'sent', 'upcoming', 'inactive', 'suspended'],
};

/** The word on the act that the address says was just done, where it was. */
export function toldText(
  { searchParams }: URL,
  { mandate }: Looked,
  { language, now }: MandateWords,
): string | undefined {
  const status = statusOf(mandate, now);
  const done = Object.keys(DONE).find(
    (one) => searchParams.has(one) && DONE[one]!.includes(status),
  );
  const isSent = done === 'given' && status === 'sent';
  return done && t(language, `mandate.told.${isSent ? 'sent' : done}`, { to: mandate.toName });
}

/** The acts open to this side now. */
export function actsOf({ mandate, side, acting, path }: Looked, { language, now }: MandateWords) {
  const status = statusOf(mandate, now);
  const mayAct = mandate.basis !== 'register' && !isOver(mandate, now) && !acting.closed;
  const isGiver = mayAct && side === 'giver';
  const isToAnswer = mayAct && side === 'receiver' && status === 'sent';
  const mayPassOn =
    side === 'receiver' && acting.isSelf && mandate.mayPassOn && status === 'active';
  return {
    change: mayAct && side !== 'receiver' ? path('/change') : undefined,
    answer: isToAnswer ? { yes: path('/accept'), no: path('/end') } : undefined,
    end: mayAct && !isToAnswer ? path('/end') : undefined,
    endLabel: t(language, side === 'receiver' ? 'mandate.renounce' : 'mandate.end'),
    suspend: isGiver && !['suspended', 'sent'].includes(status) ? path('/suspend') : undefined,
    resume: isGiver && status === 'suspended' ? path('/resume') : undefined,
    giveOn: mayPassOn ? termsOf(mandate.from, namedOf({ things: [mandate] })) : undefined,
    package: mandate.package === null ? undefined : packagePath(mandate.package, mandate.from),
    all:
      side === 'giver' && !acting.closed
        ? {
            href: personPath(mandate.to, mandate.from),
            text: t(language, 'person.link', { to: displayName(receiverShown(mandate)) }),
          }
        : undefined,
    stop:
      isGiver && status !== 'suspended'
        ? {
            href: stopPath(mandate.from, mandate.to),
            text: t(language, 'stop.link', { to: displayName(receiverShown(mandate)) }),
          }
        : undefined,
  };
}

/** The answer that it waits for, and until when; to its receiver or another. */
export const sentText = ({ mandate, side, acting }: Looked, { language }: MandateWords): string =>
  t(language, 'mandate.sent', {
    side: side !== 'receiver' ? 'giver' : acting.isSelf ? 'self' : 'receiver',
    from: displayName(giverOf(mandate)),
    to: displayName(receiverShown(mandate)),
    date: formatDate(language, mandate.acceptBy!),
  });

/** Whether receipts are made of what happened to it, for whoever reads it today. */
export const hasReceipts = ({ mandate, acting }: Looked): boolean =>
  mandate.basis !== 'register' && mandate.acceptBy === null && !acting.closed;

/** The title of the page: tabs, and the history of a browser, keep one from another by it. */
export const pageTitleOf = ({ mandate, side }: Looked, telling: MandateWords): string =>
  t(telling.language, side === 'receiver' ? 'mandate.page_from' : 'mandate.page_to', {
    what: asHeading(telling.language, mandateName(mandate, telling)),
    other: otherSide(mandate, side === 'receiver' ? mandate.to : mandate.from),
  });
