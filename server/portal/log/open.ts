// A company's log that is opened by a main administrator, to read what one person did or to take it
// out: with a reason, which stands in the log of both, and for half an hour.
import type { Context } from 'koa';
import type { Deciding } from '../../decision/act.ts';
import { isMainAdministrator } from '../../delegation/give/check.ts';
import { appendEvents } from '../../event/store.ts';
import { inTransaction } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { lookedOver, sealedFor } from '../give/look_over.ts';
import { MAIN_ADMINISTRATOR } from '../../resource/catalogue/model.ts';
import { noAccess } from '../no_access.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';

export const LOG_REASONS = ['control', 'incident', 'asked', 'law'] as const;
type LogReason = (typeof LOG_REASONS)[number];

/** The party's log as a person opened it: one actor's acts, or null for the whole as a file. */
interface OpenedLog {
  person: string;
  party: string;
  by: string | null;
  madeAt: number;
}
const PURPOSE = 'opened';

/** TIL-00008 for all but main administrators. */
export async function mustBeMain(
  act: Deciding,
  { session, party }: Pick<Acting, 'session' | 'party'>,
): Promise<void> {
  if (await isMainAdministrator(act, session, party.id)) return;
  const way = await noAccess(act, session, party, { package: MAIN_ADMINISTRATOR });
  throw fault('TIL-00008', { because: 'no main administrator', ...way });
}

/** Notes who opens it, and why; answers with what lets that person read it. */
export async function openWithReason(
  pages: PortalPages,
  acting: Acting,
  by: string | null,
  reason: LogReason,
): Promise<string> {
  const { party, session } = acting;
  await inTransaction(pages.act, async (inner) => {
    await mustBeMain(inner, acting);
    const sides = { fromParty: party.id, toParty: by ?? party.id, byParty: session.party };
    await appendEvents(inner, [{ type: 'log_opened', ...sides, detail: { reason } }]);
  });
  const madeAt = pages.act.now.getTime();
  const opened: OpenedLog = { person: session.party, party: party.id, by, madeAt };
  return sealedFor(PURPOSE, opened, pages);
}

/** TIL-00008 for a log that is read by person, or taken out, and was not opened for that. */
export async function mustBeOpened(
  ctx: Context,
  pages: PortalPages,
  acting: Acting,
  by: string | null,
): Promise<void> {
  if (queryParameter(ctx, 'opened') === undefined)
    throw fault('TIL-00008', { because: 'not opened' });
  const opened = lookedOver<OpenedLog>(ctx, pages, PURPOSE);
  const { party } = acting;
  if (opened.party !== party.id || opened.by !== by)
    throw fault('TIL-00008', { because: 'opened for another' });
  await mustBeMain(pages.act, acting);
}
