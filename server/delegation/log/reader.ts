// Whose log, notices and losses may be read.
import type { Deciding } from '../../decision/act.ts';
import { isOneself } from '../../caller/model.ts';
import { fault } from '../../platform/errors.ts';
import { NO_ID } from '../../platform/ids.ts';
import { mayManageReceived, mustAdminister, type Actor } from '../authority.ts';
import { mustBeOneself } from '../enduser.ts';
import { partyOf } from '../naming.ts';

export interface Reader {
  party: string;
  actor: string;
  /** Whether what the party received may be read too. */
  received: boolean;
}

/**
 * One's own, and of those one administers for; else TIL-00008. What a person received from others
 * is nobody else's to see.
 */
export async function readerOf(
  act: Deciding,
  actor: Actor,
  text: string | undefined,
): Promise<Reader> {
  if (text === undefined)
    return { party: mustBeOneself(actor), actor: actor.party, received: true };
  const party = await partyOf(act, actor, text, '$QUERY/party');
  const id = party?.id ?? NO_ID;
  if (!isOneself(actor, id)) await mustAdminister(act, actor, id, 'access');
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  const received = await mayManageReceived(act, actor, party);
  return { party: party.id, actor: actor.party, received };
}
