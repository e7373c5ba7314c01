// Registers that are asked at the moment of a decision, and never copied. It knows no rule but
// which of them the policy names.
import type { Deciding } from './act.ts';
import type { PartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { covers, type Policy } from '../resource/policy/model.ts';
import type { Facts, PartyFacts } from './rules/facts_model.ts';
import type { NamedQuestion } from './rules/question_model.ts';

/**
 * Asks the registers that the policy names for this action, at this moment; only about two persons
 * who are not one.
 */
export async function withLive(
  act: Deciding,
  facts: Facts,
  policy: Policy | undefined,
  { action, subject, from, hidesUnknown }: NamedQuestion,
): Promise<Facts> {
  const matters = policy?.rules
    .filter((rule) => covers(rule, action))
    .flatMap((rule) => rule.subjects.flat())
    .filter((one) => one.kind === 'register')
    .map((one) => one.value);
  const ask = matters?.length ? act.askLive : undefined;
  if (!ask) return facts;
  const [to, giver] = [
    await numberOf(act, facts.subject, hidesUnknown ? subject : null),
    await numberOf(act, facts.from, hidesUnknown ? from : null),
  ];
  if (to === undefined || giver === undefined || to === giver) return facts;
  const answers = await Promise.all(
    [...new Set(matters)].map(async (matter) => {
      const [register = '', ...rest] = matter.split('/');
      return {
        matter,
        permit: await ask(register, giver, to, rest.join('/')),
      };
    }),
  );
  return {
    ...facts,
    live: {
      yes: answers.filter((one) => one.permit).map((one) => one.matter),
      away: answers.some((one) => one.permit === undefined),
    },
  };
}

/** A person's number; of one who is not known the one that it is asked about by. */
async function numberOf(
  act: Deciding,
  party: PartyFacts | null,
  name: PartyName | null,
): Promise<string | undefined> {
  if (!party) return name?.by === 'person' ? name.value : undefined;
  if (party.kind !== 'person') return undefined;
  return (await findParty(act, { by: 'uuid', value: party.id }))?.personNo ?? undefined;
}
