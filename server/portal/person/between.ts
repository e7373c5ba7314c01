// Two parties, for every page about them: the giver for whom somebody is there, and the receiver
// with all that it has. It changes nothing.
import type { Context } from 'koa';
import { findHeld, type Held } from '../../connection/several.ts';
import { displayName } from '../../consent/text.ts';
import { findParty } from '../../party/store.ts';
import type { Party } from '../../party/model.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, type Acting } from '../party.ts';

export interface Between {
  acting: Acting;
  receiver: Party;
  /** The part that the person may end. */
  held: Held;
  /** The address of the page about the two, or of an act there. */
  path: (act?: string, more?: [string, string][]) => string;
  /** Words of the two for a sentence: `self` where the giver is the person. */
  names: { to: string; name: string; self: 'yes' | 'no' };
}

/** Whether there is nothing that the person could end. */
export const isNothing = ({ mandates, consents }: Held): boolean =>
  !mandates.length && !consents.length;

/** The page of what one has from a party. */
export const personPath = (
  receiver: string,
  party: string,
  act = '',
  more: [string, string][] = [],
): string =>
  `/overview/people/${receiver}${act}?${new URLSearchParams([['party', party], ...more])}`;

/** The two that the address names; TIL-00008 and TIL-00009 for what the person does not see. */
export async function betweenIn(ctx: Context, pages: PortalPages): Promise<Between> {
  const { act } = pages;
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  // Asked at the same moment, they are found by one statement.
  const [acting, receiver] = await Promise.all([
    actingFor(ctx, pages, ctx.URL.searchParams.get('party')),
    findParty(act, { by: 'uuid', value: id }),
  ]);
  const { party, session, isSelf } = acting;
  if (!receiver || receiver.id === party.id) throw fault('TIL-00009');
  const held = await findHeld(act, session, { from: party.id, to: receiver.id });
  return {
    ...{ acting, receiver, held },
    path: (step, more) => personPath(receiver.id, party.id, step, more),
    names: {
      to: displayName(receiver),
      name: displayName(party),
      self: isSelf ? 'yes' : 'no',
    },
  };
}
