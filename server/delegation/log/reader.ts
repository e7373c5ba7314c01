// Whose log, notices and losses may be read.
import { isOneself, type Caller } from '../../caller/model.ts';
import { readParty } from '../../party/store.ts';
import type { DecisionPoint } from '../../decision/point.ts';
import { clock } from '../../platform/clock.ts';
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
  point: DecisionPoint,
  actor: Actor,
  text: string | undefined,
): Promise<Reader> {
  if (text === undefined)
    return { party: mustBeOneself(actor), actor: actor.party, received: true };
  const now = clock.now();
  const party = await partyOf(point.db, actor, text, '$QUERY/party');
  const id = party?.id ?? NO_ID;
  if (!isOneself(actor, id)) await mustAdminister(point, actor, id, 'access', now);
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  const received = await mayManageReceived(point, actor, party, now);
  return { party: party.id, actor: actor.party, received };
}

/** The party of an organisation's token, which owns what it may read of; else TIL-00008. */
export async function ownerOf(point: DecisionPoint, caller: Caller): Promise<string> {
  if (caller.kind !== 'organization') throw fault('TIL-00008', { because: 'no organization' });
  const name = { by: 'organization' as const, value: caller.organizationNo };
  const party = await readParty(point, name, clock.now());
  if (!party) throw fault('TIL-00008', { because: 'unknown organization' });
  return party.id;
}
