// Whether somebody may answer a request: a refusal in the contract's words where not.
import { insufficientLevel } from '../../caller/model.ts';
import type { Deciding } from '../../decision/act.ts';
import { barredTold } from '../barred_text.ts';
import { mayAnswer, type Answerer, type MayAnswer, type Permitted } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { problem } from '../problems.ts';

/** Whether somebody may answer; 401 (RFC 9470) where it takes a stronger login. */
export async function answerOf(
  act: Deciding,
  consent: Consent,
  person: Answerer,
): Promise<MayAnswer> {
  const answer = await mayAnswer(act, consent, person);
  if (answer.reason === 'level') throw insufficientLevel(answer.level!);
  return answer;
}

export function mustPermit(answer: MayAnswer): asserts answer is Permitted {
  if (answer.permit) return;
  const members = answer.barred ? barredTold(answer.barred) : {};
  throw problem('AM-00000', { because: answer.reason, members });
}
