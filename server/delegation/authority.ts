// Who may administer for a party: asked of the decision point like everything else, as resources
// that the operator's catalogue has rules for (as in Altinn 3). It gives and ends nothing.
import type { DecisionPoint } from '../decision/point.ts';
import { decideTogether } from '../decision/commands.ts';
import { fault } from '../platform/errors.ts';
import { actsFor, insufficientLevel, isOneself, type Acting } from '../caller/model.ts';

export const ADMINISTRATION = {
  access: 'altinn_access_management',
  clients: 'altinn_client_administration',
  scopes: 'altinn_maskinporten_scope_delegation',
  instances: 'altinn_instance_delegation',
} as const;
export type Administration = keyof typeof ADMINISTRATION;

/** A person who acts, and how well authenticated. */
export interface Actor extends Acting {
  level: number;
}

export async function mayAdminister(
  point: DecisionPoint,
  actor: Actor,
  party: string,
  what: Administration,
  now: Date,
): Promise<boolean> {
  if (!actsFor(actor, party)) return false;
  const answer = await decideTogether(
    point,
    {
      subject: actor.party,
      from: party,
      action: 'write',
      resources: [ADMINISTRATION[what]],
      level: actor.level,
    },
    now,
  );
  if (answer.reason === 'level') throw insufficientLevel(answer.level);
  return answer.permit;
}

/** As `mayAdminister`, or 403. */
export async function mustAdminister(
  point: DecisionPoint,
  actor: Actor,
  party: string,
  what: Administration,
  now: Date,
): Promise<void> {
  if (!(await mayAdminister(point, actor, party, what, now)))
    throw fault('TIL-00008', { because: `no ${what} administration` });
}

/** Whether whoever administers for such a party sees what it has received too. */
export const isReceivedSeen = ({ kind }: { kind: string }): boolean =>
  kind !== 'person' && kind !== 'self_identified';

/**
 * Whether the actor may see and manage what a party has received: itself, or an administrator of an
 * organisation. Nobody but a person sees what the person received from others (as in Altinn 3).
 */
export async function mayManageReceived(
  point: DecisionPoint,
  actor: Actor,
  party: { id: string; kind: string },
  now: Date,
): Promise<boolean> {
  if (isOneself(actor, party.id)) return true;
  return isReceivedSeen(party) && mayAdminister(point, actor, party.id, 'access', now);
}
