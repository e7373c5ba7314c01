// How far those have come who have said yes, by the offices of the giver as they are held now.
import type { Deciding } from '../../decision/act.ts';
import { NO_OFFICES, officesOf } from '../../decision/offices.ts';
import type { Permitted } from '../basis/standing.ts';
import { progressOf, type Progress, type Taker } from '../../decision/rules/together_model.ts';
import type { Consent } from '../model.ts';

/** A person with the answer that permits, of those who say yes now. */
export interface SaidYes {
  party: string;
  answer: Permitted;
}

const taker = ({ party, answer }: SaidYes, rights: number): Taker => ({
  party,
  parts: answer.part?.parts ?? Array.from({ length: rights }, () => undefined),
});

export async function progressIn(
  act: Deciding,
  given: Consent,
  said: SaidYes[],
): Promise<Progress> {
  const part = said.find(({ answer }) => answer.part)?.answer.part;
  // Somebody who is enough alone.
  const rights = part?.parts.length ?? 1;
  return progressOf(
    said.map((one) => taker(one, rights)),
    part
      ? await officesOf(act, given.from.id, {
          ...part,
          places: part.parts.flatMap((one) => one?.flat() ?? []),
        })
      : NO_OFFICES,
  );
}
