// For whom a page is: the person, or a party that the person may see to; named in every address and
// every form, and asked about each time.
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { noteRecent } from '../caller/profile_store.ts';
import type { Session } from '../caller/session.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { mayAdminister, mayManageReceived } from '../delegation/authority.ts';
import type { Party } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { isUuid } from '../platform/ids.ts';
import { languageOf, t } from '../platform/locale.ts';
import type { Who } from '../platform/render.ts';
import { displayName } from '../consent/text.ts';

export interface Acting {
  session: Session;
  party: Party;
  isSelf: boolean;
  /** Whether what the party received may be seen. */
  received: boolean;
}

/** The party that the address or the form names, oneself when it names none; else TIL-00008. */
export async function actingFor(
  ctx: Context,
  point: DecisionPoint,
  named: string | null | undefined,
): Promise<Acting> {
  const session = sessionOf(ctx);
  const now = clock.now();
  const wanted = named ?? session.party;
  const party = isUuid(wanted)
    ? await findParty(point.db, { by: 'uuid', value: wanted })
    : undefined;
  if (!party) throw fault('TIL-00008');
  const isSelf = party.id === session.party;
  if (!isSelf && !(await mayAdminister(point, session, party.id, 'access', now)))
    throw fault('TIL-00008');
  if (!isSelf && ctx.method === 'GET') await noteRecent(point.db, session.party, party.id, now);
  return {
    session,
    party,
    isSelf,
    received: isSelf || (await mayManageReceived(point, session, party, now)),
  };
}

export function whoOf(ctx: Context, { session, party, isSelf }: Acting): Who {
  const language = languageOf(ctx);
  return {
    label: isSelf
      ? t(language, 'common.acting_self')
      : t(language, 'common.acting_for', { name: displayName(party) }),
    user: session.name,
    canSwitch: true,
    party: party.id,
  };
}
