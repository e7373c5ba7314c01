// A party's log as somebody reads it: whose, which part of it, what is looked for, and from where.
import type { Context } from 'koa';
import { firstInstant, lastDay } from '../../party/day_model.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { AHEAD_MILLIS, isUuid, LAST_ID, NO_ID, uuidv7Floor } from '../../platform/ids.ts';
import { languageOf, type Language } from '../../platform/locale.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, type Acting } from '../party.ts';
import { mustBeOpened } from './open.ts';

/** Acts; uses of powers of attorney; and searches by others. */
export const PARTS = ['acts', 'uses', 'seen'] as const;
export type LogPart = (typeof PARTS)[number];

/** The part that the address names. */
export const logPartIn = (ctx: Context): LogPart =>
  PARTS.find((one) => one === queryParameter(ctx, 'show')) ?? 'acts';
/** The acts of a log by what they are about. */
export const ACT_KINDS = ['mandates', 'consents', 'requests', 'others'] as const;

export interface LogView {
  acting: Acting;
  part: LogPart;
  language: Language;
  kind: (typeof ACT_KINDS)[number] | null;
  resource: string | null;
  /** The one actor whose acts are read, of those who act for the party; null for all. */
  by: string | null;
  /** Days as they were typed, and whether one of them is none. */
  since: string;
  until: string;
  wrong: 'since' | 'until' | undefined;
  start: Date | null;
  end: Date | null;
  /** Ids between which entries are, the first included. */
  from: string;
  before: string;
  /** The sealed reason of the address. */
  opened: string | undefined;
}

/** A date as it was typed. */
const typed = (written = ''): string => written.trim().slice(0, 20);

/** TIL-00008 and TIL-00013 where the person may not read it, or not like that. */
export async function logViewOf(ctx: Context, pages: PortalPages): Promise<LogView> {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const since = typed(queryParameter(ctx, 'since'));
  const until = typed(queryParameter(ctx, 'until'));
  const start = since ? (ofLog(firstInstant(since)) ?? null) : null;
  const end = until ? (ofLog(lastDay(until)) ?? null) : null;
  const part = logPartIn(ctx);
  // A search is by nobody of the party.
  const by = part === 'seen' ? null : asId(queryParameter(ctx, 'by'));
  const opened = queryParameter(ctx, 'opened');
  // Oneself is read like this by nobody but oneself.
  if (by && !acting.isSelf) await mustBeOpened(ctx, pages, acting, by);
  const [last, floor] = [
    asId(queryParameter(ctx, 'before')),
    end ? uuidv7Floor(new Date(end.getTime() + AHEAD_MILLIS)) : LAST_ID,
  ];
  return {
    ...{ acting, by, opened, since, until, start, end },
    language: languageOf(ctx),
    part,
    kind: ACT_KINDS.find((one) => one === queryParameter(ctx, 'kind')) ?? null,
    resource: part === 'seen' ? null : serviceIn(queryParameter(ctx, 'resource')),
    wrong: since && !start ? 'since' : until && !end ? 'until' : undefined,
    from: start ? uuidv7Floor(start) : NO_ID,
    before: last && last < floor ? last : floor,
  };
}

/** No log is older. */
const ofLog = (at: Date | undefined): Date | undefined => (at && at.getTime() > 0 ? at : undefined);

const serviceIn = (text = ''): string | null =>
  /^[a-z0-9_.-]{1,200}$/i.test(text) ? text.toLowerCase() : null;

const asId = (text: string | undefined): string | null => (isUuid(text) ? text! : null);
