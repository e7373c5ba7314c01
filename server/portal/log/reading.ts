// The entries of a log, newest first, a lot at a time: acts on powers of attorney and consents in
// one order, uses, and searches. Each is read as far as the reader may see it.
import { MANDATE_EVENTS, type MandateEvent } from '../../event/model.ts';
import { readDecisions, type LogRow } from '../../decision/log/store.ts';
import { readSearches, type SearchRow } from '../../decision/search/log_store.ts';
import { seenInLots, type Lots } from '../../platform/paging.ts';
import { happened } from '../consents/happened.ts';
import type { PortalPages } from '../page.ts';
import { listActs, listLooks, type ActRow } from './store.ts';
import type { LogView } from './view.ts';

type Pages = Pick<PortalPages, 'act' | 'exemptSearches'>;

const OF_MANDATES: MandateEvent[] = [
  ...([
    'sent',
    'given',
    'changed',
    'ended',
    'renounced',
    'suspended',
    'resumed',
    'restored',
    'withheld',
    'released',
  ] as const),
  ...(['role_gained', 'role_lost'] as const),
];
const OF_REQUESTS = MANDATE_EVENTS.filter((type) => type.startsWith('right_'));
const OF_OTHERS = MANDATE_EVENTS.filter(
  (type) => !OF_MANDATES.includes(type) && !OF_REQUESTS.includes(type),
);
const TYPES = { mandates: OF_MANDATES, requests: OF_REQUESTS, others: OF_OTHERS };

/** An event of a consent in words, or one of something else. */
export type LoggedAct =
  | {
      id: string;
      consent: { at: string; when: Date; text: string; href: string; resources: string[] };
    }
  | { id: string; row: ActRow };

/** Whether it happened in the period: ids alone run ahead at its borders. */
const isWithin = (at: Date, { start, end }: LogView): boolean =>
  (start === null || at >= start) && (end === null || at < end);

/** The party whose log it is, and who reads it. */
const whoseOf = ({ acting: { party, session, received } }: LogView) => ({
  ...{ party: party.id, actor: session.party, received },
});

/** Acts of the period, as entries. */
const within = (view: LogView) => async (rows: ActRow[]) =>
  rows.filter(({ at }) => isWithin(at, view)).map((row): OtherAct => ({ id: row.id, row }));

interface OtherAct {
  id: string;
  row: ActRow;
}

/** Acts on powers of attorney and the like, lot by lot. */
async function* actsOf({ act }: Pages, view: LogView, size: number): AsyncGenerator<OtherAct> {
  const { kind, from, by, resource } = view;
  if (kind === 'consents') return;
  const read = (limit: number, last: ActRow | undefined): Promise<ActRow[]> =>
    listActs(act, {
      ...whoseOf(view),
      ...{ types: kind === null ? null : TYPES[kind], from, before: last?.id ?? view.before },
      ...{ by, resource, limit },
    });
  yield* seenInLots(read, within(view), toTheEnd(size));
}

/** Whether the person sees the consents of the party at all. */
export const seesConsents = ({ acting: { isSelf, basis } }: LogView): boolean =>
  isSelf || basis?.consents === true;

/** Acts on consents, lot by lot. */
async function* consentsOf({ act }: Pages, view: LogView, lots: Lots): AsyncGenerator<LoggedAct> {
  const { acting, kind, language, before, from, by, resource } = view;
  if ((kind !== null && kind !== 'consents') || !seesConsents(view)) return;
  const reader = { party: acting.session.party, level: acting.session.level };
  const whose = { act, party: acting.party, reader, language };
  for await (const one of happened(whose, before, lots, { from, by, resource })) {
    if (!isWithin(one.when, view)) continue;
    if (by !== null && one.by !== by) continue;
    if (resource !== null && !one.resources.includes(resource)) continue;
    yield { id: one.id, consent: one };
  }
}

/** Two that are newest first, as one. */
async function* inOneOrder<One extends { id: string }>(
  ...both: [AsyncGenerator<One>, AsyncGenerator<One>]
): AsyncGenerator<One> {
  const heads = await Promise.all(both.map((one) => one.next()));
  for (;;) {
    const [left, right] = heads.map(({ done, value }) => (done ? undefined : (value as One)));
    const isLeft = left !== undefined && (right === undefined || left.id > right.id);
    const next = isLeft ? left : right;
    if (!next) return;
    yield next;
    heads[isLeft ? 0 : 1] = await both[isLeft ? 0 : 1].next();
  }
}

/** Acts on powers of attorney and on consents, newest first. */
export const allActs = (pages: Pages, view: LogView, lots: Lots): AsyncGenerator<LoggedAct> =>
  inOneOrder<LoggedAct>(actsOf(pages, view, lots.first), consentsOf(pages, view, lots));

/** Decisions that were asked for about the party and by it, lot by lot. */
export function loggedUses(
  { act, exemptSearches: exempt }: Pages,
  view: LogView,
  size: number,
): AsyncGenerator<LogRow> {
  const { by, resource, start, end } = view;
  const read = (limit: number, last: LogRow | undefined): Promise<LogRow[]> =>
    readDecisions(act.db, {
      ...whoseOf(view),
      ...{ subject: by, resource, action: null, outcome: null },
      ...{ since: start, until: end, before: last?.id ?? view.before, limit, exempt },
    });
  return seenInLots(read, async (rows) => rows, toTheEnd(size));
}

/** A search that the party was in, or another look at what it has. */
export type LoggedLook = { id: string; search: SearchRow } | OtherAct;

/** Searches by others, and looks by support staff and main administrators, newest first. */
export const allLooks = (pages: Pages, view: LogView, size: number): AsyncGenerator<LoggedLook> =>
  inOneOrder<LoggedLook>(looksOf(pages, view, size), searchesOf(pages, view, size));

/** Looks that are no searches, lot by lot. */
function looksOf({ act }: Pages, view: LogView, size: number): AsyncGenerator<LoggedLook> {
  const read = (limit: number, last: ActRow | undefined): Promise<ActRow[]> =>
    listLooks(act, { ...whoseOf(view), from: view.from, before: last?.id ?? view.before, limit });
  return seenInLots(read, within(view), toTheEnd(size));
}

/** Searches by others that the party was in, lot by lot. */
function searchesOf(
  { act, exemptSearches: exempt }: Pages,
  view: LogView,
  size: number,
): AsyncGenerator<LoggedLook> {
  const { from } = view;
  const { party, received } = view.acting;
  const read = (limit: number, last: SearchRow | undefined): Promise<SearchRow[]> =>
    readSearches(act.db, {
      ...{ party: party.id, received, before: last?.id ?? view.before, limit, from },
      exempt,
    });
  const see = async (rows: SearchRow[]) =>
    rows.filter(({ at }) => isWithin(at, view)).map((search) => ({ id: search.id, search }));
  return seenInLots(read, see, toTheEnd(size));
}

const toTheEnd = (size: number): Lots => ({ first: size, more: size, most: Infinity });
