// Asks a register about many. A party of which alone it answers nothing is one whose document
// cannot be read, and keeps nobody else from being compared; a register that answers about nobody
// is away, which throws `SystemUnavailable`.
import { factFault, type RegisterSource } from '../model.ts';
import { unreadable } from '../source/fetch.ts';
import { SystemUnavailable } from '../../platform/http/machine.ts';
import type { PartyToCheck, Said } from './model.ts';

/** So many in a row without an answer are a register that is away. */
export const MOST_UNANSWERED = 20;

export type RegisterAnswer = [PartyToCheck, Said];

/** Asks about one; throws `SystemUnavailable` where the register does not answer. */
export async function ask(source: RegisterSource, party: PartyToCheck): Promise<Said> {
  try {
    const facts = await source.lookup(party.number, party.kind);
    const fault = facts.map(factFault).find(Boolean);
    return fault ? { unread: fault } : { facts };
  } catch (error) {
    if (error instanceof SystemUnavailable) throw error;
    return { unread: unreadable(error) };
  }
}

interface Asking {
  /** The answers that come at once; those without one are kept for `askAgain`. */
  askEach(parties: PartyToCheck[]): Promise<RegisterAnswer[]>;
  /** Asks once more about those that had no answer; what has none then cannot be read. */
  askAgain(): Promise<RegisterAnswer[]>;
}

export function createAsking(source: RegisterSource): Asking {
  let unanswered: PartyToCheck[] = [];
  let inARow = 0;
  /** One about whom the register has answered. */
  let answered: PartyToCheck | undefined;

  async function attempt(party: PartyToCheck): Promise<Said | SystemUnavailable> {
    try {
      const said = await ask(source, party);
      answered = party;
      return said;
    } catch (error) {
      if (error instanceof SystemUnavailable) return error;
      throw error;
    }
  }

  return {
    async askEach(parties) {
      const said = await Promise.all(parties.map(attempt));
      const answers: RegisterAnswer[] = [];
      for (const [index, one] of said.entries()) {
        if (one instanceof SystemUnavailable) {
          inARow += 1;
          if (inARow === MOST_UNANSWERED) throw one;
          unanswered.push(parties[index]!);
        } else {
          inARow = 0;
          answers.push([parties[index]!, one]);
        }
      }
      return answers;
    },
    async askAgain() {
      const answers: RegisterAnswer[] = [];
      for (const party of unanswered) {
        let said = await attempt(party);
        if (said instanceof SystemUnavailable) {
          if (!answered) throw said;
          await ask(source, answered);
          said = { unread: said.message };
        }
        answers.push([party, said]);
      }
      unanswered = [];
      return answers;
    },
  };
}
