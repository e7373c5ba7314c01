// The entries of a log, newest first, a lot at a time: acts on powers of attorney and consents in
// one order, uses, and searches. Each is read as far as the reader may see it.
import { MANDATE_EVENTS, type MandateEvent } from '../../event/model.ts';
import { readDecisions, type LogRow } from '../../decision/log/store.ts';
import { readSearches, type SearchRow } from '../../decision/search/log_store.ts';
import type { Lots } from '../../platform/paging.ts';
import { happened } from '../consents/happened.ts';
import type { PortalPages } from '../page.ts';
import { listActs, type ActRow } from './store.ts';
import type { LogView } from './view.ts';

type Pages = Pick<PortalPages, 'act'>;

const OF_MANDATES: MandateEvent[] = [
  ...(['given', 'changed', 'ended', 'renounced', 'suspended', 'resumed', 'restored'] as const),
  ...(['role_gained', 'role_lost'] as const),
];
const OF_REQUESTS = MANDATE_EVENTS.filter((type) => type.startsWith('right_'));
const OF_OTHERS = MANDATE_EVENTS.filter(
  (type) => !OF_MANDATES.includes(type) && !OF_REQUESTS.includes(type),
);
const TYPES = { mandates: OF_MANDATES, requests: OF_REQUESTS, others: OF_OTHERS };

/** An event of a consent in words, or one of something else. */
export type LoggedAct =
  | { id: string; consent: { at: string; text: string; href: string } }
  | { id: string; row: ActRow };

/** Whether it happened in the period: ids alone run ahead at its borders. */
const isWithin = (at: Date, { start, end }: LogView): boolean =>
  (start === null || at >= start) && (end === null || at < end);

/** Acts on powers of attorney and the like, lot by lot. */
async function* actsOf({ act }: Pages, view: LogView, size: number): AsyncGenerator<LoggedAct> {
  const { acting, kind, from, by, resource } = view;
  if (kind === 'consents') return;
  let { before } = view;
  for (;;) {
    const found = await listActs(act, {
      ...{ party: acting.party.id, actor: acting.session.party, received: acting.received },
      ...{ types: kind === null ? null : TYPES[kind], from, before, by, resource, limit: size },
    });
    for (const row of found) if (isWithin(row.at, view)) yield { id: row.id, row };
    if (found.length < size) return;
    before = found.at(-1)!.id;
  }
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

/** Both in one order. */
export async function* allActs(pages: Pages, view: LogView, lots: Lots): AsyncGenerator<LoggedAct> {
  const both = [actsOf(pages, view, lots.first), consentsOf(pages, view, lots)] as const;
  const heads = await Promise.all(both.map((one) => one.next()));
  for (;;) {
    const [left, right] = heads.map(({ done, value }) => (done ? undefined : (value as LoggedAct)));
    const isLeft = left !== undefined && (right === undefined || left.id > right.id);
    const next = isLeft ? left : right;
    if (!next) return;
    yield next;
    heads[isLeft ? 0 : 1] = await both[isLeft ? 0 : 1].next();
  }
}

/** Decisions that were asked for about the party and by it, lot by lot. */
export async function* usesOf({ act }: Pages, view: LogView, size: number): AsyncGenerator<LogRow> {
  const { acting, by, resource, start, end } = view;
  let { before } = view;
  for (;;) {
    const found = await readDecisions(act.db, {
      ...{ party: acting.party.id, actor: acting.session.party, received: acting.received },
      ...{ subject: by, resource, action: null, outcome: null },
      ...{ since: start, until: end, before, limit: size },
    });
    yield* found;
    if (found.length < size) return;
    before = found.at(-1)!.id;
  }
}

/** Searches by others that the party was in, lot by lot. */
export async function* searchesOf(
  { act }: Pages,
  view: LogView,
  size: number,
): AsyncGenerator<SearchRow> {
  const { acting, from } = view;
  const { party, received } = acting;
  let { before } = view;
  for (;;) {
    const page = { party: party.id, received, before, limit: size, from };
    const found = await readSearches(act.db, page);
    yield* found.filter(({ at }) => isWithin(at, view));
    if (found.length < size) return;
    before = found.at(-1)!.id;
  }
}
