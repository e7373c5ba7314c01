// Those who may do something with a service for a party, exactly as the decision point says it at
// level 4.
import type { Deciding } from '../decision/act.ts';
import { isSecret } from '../decision/rules/disclosure_model.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import { byId, whichActions, whoCanWhat, type CanDo } from '../decision/search/search.ts';
import { mayOverview } from '../decision/commands.ts';
import { mayAdminister, type Actor } from '../delegation/authority.ts';
import { isOneself } from '../caller/model.ts';
import { findParty } from '../party/store.ts';
import { NO_ID } from '../platform/ids.ts';

const LEVEL = 4;

/** Those who may, and the kinds of party to whom it is open besides. */
export interface WhoCan {
  people: CanDo[];
  open: string[];
  /** From where the next page goes on; empty after the last. */
  next: string;
}

/**
 * Whether an actor may see who can: the party itself, whoever administers for it, and whoever has a
 * key role there; others see themselves.
 */
export const seesWhoCan = async (act: Deciding, actor: Actor, party: string): Promise<boolean> =>
  isOneself(actor, party) ||
  (await mayAdminister(act, actor, party, 'access')) ||
  (await mayOverview(act, actor.party, party)) !== undefined;

/**
 * A page of those who may do something with the service for the party, in order of id; whoever may
 * by a secret register is shown to the party itself alone.
 */
export async function listWhoCan(
  act: Deciding,
  actor: Actor,
  { party, resource }: { party: string; resource: string },
  page: { after: string; limit: number },
): Promise<WhoCan> {
  const where = { from: byId(party), resource, instance: null, level: LEVEL };
  const { items, open, next } = await whoCanWhat(act, where, page);
  const shown = items.flatMap((one) => {
    const isShown = ({ decided }: { decided: Decided }) =>
      isOneself(actor, party) || isOneself(actor, one.id) || !isSecret(decided);
    const does = one.does.filter(isShown);
    return does.length ? [{ ...one, does }] : [];
  });
  return { people: shown, open, next };
}

/** The same of the actor alone; nothing where the actor may not. */
export async function ownWhoCan(
  act: Deciding,
  actor: Actor,
  { party, resource }: { party: string; resource: string },
): Promise<CanDo | undefined> {
  const subject = byId(actor.party);
  const where = { from: byId(party), resource, instance: null, level: LEVEL };
  const does = await whichActions(act, { ...where, subject });
  const self = await findParty(act, { by: 'uuid', value: actor.party });
  return does.length && self ? { id: self.id, kind: self.kind, name: self.name, does } : undefined;
}

/** Parties that are counted at most, and at once. */
const [MOST_COUNTED, LOT] = [5_000, 500];

/** How many may do something with the service for the party; `isMore` where there are more. */
export async function countWhoCan(
  act: Deciding,
  actor: Actor,
  about: { party: string; resource: string },
): Promise<{ count: number; isMore: boolean; isOpen: boolean }> {
  let [count, after, isOpen] = [0, NO_ID, false];
  do {
    const { people, open, next } = await listWhoCan(act, actor, about, { after, limit: LOT });
    count += people.length;
    isOpen = open.length > 0;
    after = next;
  } while (after && count < MOST_COUNTED);
  return { count, isMore: after !== '', isOpen };
}

/** The mandates by which somebody may, once each. */
export const carriersOf = (people: CanDo[]): string[] => [
  ...new Set(
    people.flatMap(({ does }) => does.flatMap(({ decided }) => decided.decision.mandates)),
  ),
];
