// Why, and why not: the decision about a pair as its two parties and their administrators may hear
// it, with what comes near and what can be done. It changes nothing.
import type { Deciding } from '../../decision/act.ts';
import { isOneself } from '../../caller/model.ts';
import { decideAll } from '../../decision/commands.ts';
import { disclosed } from '../../decision/rules/disclosure_model.ts';
import type { Decided } from '../../decision/rules/question_model.ts';
import { byId } from '../../decision/search/search.ts';
import { readBy } from '../../mandate/model.ts';
import { findNear } from '../../mandate/near_store.ts';
import type { Party } from '../../party/model.ts';
import { fault } from '../../platform/errors.ts';
import { mayAdminister, mayManageReceived, type Actor } from '../authority.ts';
import { nearest, type AskedWhy, type Near } from './model.ts';

export interface Explained {
  decided: Decided;
  near: Near[];
  /** The side that the actor stands on, who can do different things about it. */
  side: 'giver' | 'receiver';
}

/** TIL-00008 for whoever is neither of the two and administers for neither. */
export async function explain(
  act: Deciding,
  actor: Actor,
  { from, subject, ...asked }: AskedWhy & { from: Party; subject: Party },
): Promise<Explained> {
  const isGiver = isOneself(actor, from.id) || (await mayAdminister(act, actor, from.id, 'access'));
  if (!isGiver && !(await mayManageReceived(act, actor, subject)))
    throw fault('TIL-00008', { because: 'neither side' });
  const question = { ...asked, subject: byId(subject.id), from: byId(from.id) };
  const [decided] = await decideAll(act, [question]);
  const { decision, policy, catalogue } = decided!;
  const side = isGiver ? 'giver' : 'receiver';
  // Secret mandates are for their two parties only.
  const isParty = isOneself(actor, from.id) || isOneself(actor, subject.id);
  const told = isParty ? decided! : disclosed(decided!);
  if (decision.permit || !policy) return { decided: told, near: [], side };
  const found = await findNear(act, { from: from.id, to: subject.id });
  const open = found
    .filter(({ role }) => isParty || !catalogue.isSecret(role))
    .map((row) => readBy(row, actor.party));
  return { decided: told, near: nearest(open, asked, { policy, catalogue }, act.now), side };
}
