// How much of a decision's reasons goes out. Reasons that rest on a secret source go to its two
// parties only: the answer stands, its explanation does not.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { decide } from './model.ts';
import type { MandateFacts } from './facts_model.ts';
import type { Decided } from './question_model.ts';

type Told = Pick<Decided, 'decision' | 'facts' | 'catalogue'>;

/** Whether it rests on a mandate, or a link of its chain, that is of a secret source. */
export const isSecret = ({ decision, facts, catalogue }: Told): boolean =>
  facts.mandates
    .filter(({ id }) => decision.mandates.includes(id))
    .some((mandate) => isSecretMandate(mandate, catalogue));

/** Whether it, or a link of its chain, is of a secret source. */
export const isSecretMandate = (
  { role, viaRole, chain }: Pick<MandateFacts, 'role' | 'viaRole' | 'chain'>,
  catalogue: Catalogue,
): boolean =>
  [role, viaRole, ...chain.map((link) => link.role)].some((one) => catalogue.isSecret(one));

/** The same question, answered without any mandate of a secret source. */
export function decidedOpenly(found: Decided): Decided {
  const { question, facts, resource, policy, catalogue } = found;
  if (!isSecret(found) || !policy) return found;
  const mandates = facts.mandates.filter((mandate) => !isSecretMandate(mandate, catalogue));
  const named = { ...question, named: question.from !== null };
  const open = { ...facts, mandates };
  return { ...found, facts: open, decision: decide(named, open, resource, policy, catalogue) };
}

export const disclosed = <One extends Told>(found: One): One =>
  isSecret(found)
    ? {
        ...found,
        decision: {
          ...found.decision,
          reason: 'permitted',
          mandates: [],
          role: undefined,
          package: undefined,
          via: undefined,
          held: undefined,
        },
      }
    : found;
