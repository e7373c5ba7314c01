// The history of a party's consents, event by event, as far as a reader may read them.
import { readable } from '../../consent/basis/among.ts';
import { findConsents } from '../../consent/find.ts';
import type { Consent } from '../../consent/model.ts';
import { readableThen } from '../../consent/own/closed.ts';
import { happenedTo } from '../../consent/own/history_text.ts';
import { listEvents, type EventsSought } from '../../consent/own/list_store.ts';
import { inWords } from '../../consent/text.ts';
import { uuidv7Floor } from '../../platform/ids.ts';
import { seenInLots, type Lots } from '../../platform/paging.ts';
import type { ConsentView } from './list.ts';

/** A party's history for one reader. */
export type HistoryView = Pick<ConsentView, 'act' | 'party' | 'reader' | 'language' | 'closed'>;

/** Events, newest first, of consents that the person may read. */
export function happened(view: HistoryView, from: string, lots: Lots, sought?: EventsSought) {
  const { act, party, reader, language, closed } = view;
  const read = closed ? readableThen : readable;
  const start = closed && uuidv7Floor(closed.at) < from ? uuidv7Floor(closed.at) : from;
  const whose = { party: party.id, viewer: reader.party };
  const list = (limit: number, last: { id: string } | undefined): ReturnType<typeof listEvents> =>
    listEvents(act.db, { ...whose, before: last?.id ?? start, limit, sought });
  const see = async (found: Awaited<ReturnType<typeof list>>) => {
    const ids = [...new Set(found.map(({ consentId }) => consentId))];
    const consents = await findConsents(act, ids);
    // Each with its own of these events, of which a reader may see a part.
    const whole = consents.map((consent): Consent => {
      const events = found.filter(({ consentId }) => consentId === consent.id);
      return { ...consent, events };
    });
    const mine = await read(act, whole, reader);
    const wanted = new Set(found.map(({ id }) => id));
    const lines = mine.flatMap((consent) =>
      consent.events
        .filter(({ id }) => wanted.has(id))
        .map((event) => ({
          ...happenedTo(inWords(consent, language), event, language),
          href: `/consents/${consent.id}`,
          when: new Date(event.at),
          by: consent.veiled ? null : (event.byParty ?? null),
          resources: consent.veiled ? [] : consent.rights.map(({ resource }) => resource),
        })),
    );
    return lines.sort((a, b) => (a.id < b.id ? 1 : -1));
  };
  return seenInLots(list, see, lots);
}
