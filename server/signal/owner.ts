// The acts of an organisation's people on its streams. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { inTransaction } from '../platform/act.ts';
import { fault } from '../platform/errors.ts';
import { settleDead } from './letter_store.ts';
import { holdStream, type StreamMethod } from './stream_store.ts';

/** The methods of the doors that are open. */
export const methodsOf = (doors: { ssf: boolean; webhooks: boolean }): StreamMethod[] => [
  ...(doors.ssf ? (['push', 'poll'] as const) : []),
  ...(doors.webhooks ? (['webhook'] as const) : []),
];

/**
 * Sends all dead letters of a stream again, or lets them go, for one who administers its owner's
 * API scopes; answers how many. TIL-00009 for another's stream.
 */
export const settleOwners = (
  act: Deciding,
  actor: Actor,
  { owner, stream }: { owner: string; stream: string },
  how: 'again' | 'let_go',
): Promise<number> =>
  inTransaction(act, async (inner) => {
    await mustAdminister(inner, actor, owner, 'scopes');
    const found = await holdStream(inner.db, stream);
    if (found?.owner !== owner) throw fault('TIL-00009');
    return settleDead(inner, stream, { events: null, how });
  });
