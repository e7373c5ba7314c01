// Parties that may do something with a service for a party, exactly as the decision point says it
// at level 4.
import type { Deciding } from '../decision/act.ts';
import { decidedOpenly } from '../decision/rules/disclosure_model.ts';
import { permitsItself } from '../decision/rules/everybody_model.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import { byId, whichActions, whoCanWhat, type CanDo } from '../decision/search/search.ts';
import { mayOverview } from '../decision/commands.ts';
import { isReceivedSeen, mayAdminister, type Actor } from '../delegation/authority.ts';
import { actsFor, isOneself } from '../caller/model.ts';
import { findParty } from '../party/store.ts';
import { NO_ID } from '../platform/ids.ts';

const LEVEL = 4;

/** Parties that may, and the kinds of party to whom it is open besides. */
export interface WhoCan {
  people: CanDo[];
  open: string[];
  /** From where the next page goes on; empty after the last. */
  next: string;
}

/** The party and the service that are asked about. */
interface AskedWho {
  party: string;
  resource: string;
}

/**
 * Whether an actor may see who can: the party itself, whoever administers for it, and whoever has a
 * key role in an organisation; others see themselves.
 */
export async function seesWhoCan(act: Deciding, actor: Actor, party: string): Promise<boolean> {
  if (!actsFor(actor, party)) return false;
  if (isOneself(actor, party) || (await mayAdminister(act, actor, party, 'access'))) return true;
  const found = await mayOverview(act, actor.party, party);
  return found?.self === false && isReceivedSeen(found);
}

/** A decision about one, without what is secret, but for the two that it is between. */
const asSeenBy =
  (actor: Actor, party: string) =>
  (decided: Decided, { id }: { id: string }): Decided =>
    isOneself(actor, party) || isOneself(actor, id) ? decided : decidedOpenly(decided);

const whereOf = ({ party, resource }: AskedWho) => ({
  ...{ from: byId(party), resource, instance: null, level: LEVEL },
});

/**
 * A page of those who may do something with the service for the party, in order of id; a secret
 * register's word is shown to its two parties alone.
 */
export async function listWhoCan(
  act: Deciding,
  actor: Actor,
  asked: AskedWho,
  page: { after: string; limit: number },
): Promise<WhoCan> {
  const asSeen = asSeenBy(actor, asked.party);
  const { items, open, next } = await whoCanWhat(act, whereOf(asked), asSeen, page);
  return { people: items, open, next };
}

/** The same of the actor alone, by what the actor is and holds; nothing where there is none. */
export async function ownWhoCan(
  act: Deciding,
  actor: Actor,
  asked: AskedWho,
): Promise<CanDo | undefined> {
  if (!actsFor(actor, asked.party)) return undefined;
  const subject = byId(actor.party);
  const unasked = { ...act, askLive: undefined };
  const found = await whichActions(unasked, { ...whereOf(asked), subject });
  // By what is open to everybody nobody learns which parties there are.
  const does = found.filter(({ decided }) => permitsItself(decided));
  const self = await findParty(act, { by: 'uuid', value: actor.party });
  return does.length && self ? { id: self.id, kind: self.kind, name: self.name, does } : undefined;
}

/** Parties that are counted at most. */
const MOST_COUNTED = 5_000;

/** How many may do something with the service for the party; `isMore` where there may be more. */
export async function countWhoCan(
  act: Deciding,
  actor: Actor,
  asked: AskedWho,
): Promise<{ count: number; isMore: boolean; isOpen: boolean }> {
  const page = { after: NO_ID, limit: MOST_COUNTED };
  const { people, open, next } = await listWhoCan(act, actor, asked, page);
  return { count: people.length, isMore: next !== '', isOpen: open.length > 0 };
}

/** The mandates by which somebody may, once each. */
export const carriersOf = (people: CanDo[]): string[] => [
  ...new Set(
    people.flatMap(({ does }) => does.flatMap(({ decided }) => decided.decision.mandates)),
  ),
];
