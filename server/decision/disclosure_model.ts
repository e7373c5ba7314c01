// What is told outside of how a decision came about. What rests on a source that is marked secret
// is told to nobody but its two parties: the answer stands, why it is so does not.
import type { Decided } from './question_model.ts';

/** Whether it rests on a mandate, or a link of its chain, that a secret source tells of. */
export const isSecret = ({ decision, facts, catalogue }: Decided): boolean =>
  facts.mandates
    .filter(({ id }) => decision.mandates.includes(id))
    .some(({ role, viaRole, chain }) =>
      [role, viaRole, ...chain.map((link) => link.role)].some((one) => catalogue.isSecret(one)),
    );

export const disclosed = (found: Decided): Decided =>
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
