// A question from an AuthZEN request, or the fault in it.
import { levelOf } from '../../caller/model.ts';
import { Fault } from '../../platform/errors.ts';
import * as reading from '../../platform/http/reading.ts';
import {
  createReading,
  lackOf,
  questionOf,
  withDefaults,
  type AskedEvaluation,
  type Reading,
} from './model.ts';
import type { NamedQuestion } from '../rules/question_model.ts';
import { problem } from '../problems.ts';
import { PartOfEvaluations } from './shapes.ts';

const malformed = (path: string) => problem('AUTHZ.VLD-00011', { members: { paths: [path] } });

/** The question, with the level that the asker says the subject has, as an acr or a number. */
export function question(request: AskedEvaluation, known = createReading()): NamedQuestion {
  const asked = questionOf(request, known);
  if ('path' in asked) throw malformed(asked.path);
  const acr = request.subject?.properties?.acr;
  if (acr === undefined) return asked;
  const level = levelOf(acr);
  if (level === undefined) throw malformed('/subject/properties/acr');
  return { ...asked, level };
}

/** The question of an evaluation, which lacks nothing. */
export function evaluationOf(request: AskedEvaluation, known = createReading()): NamedQuestion {
  const lack = lackOf(request);
  if (lack) throw malformed(lack);
  return question(request, known);
}

/** One evaluation of many, with what all share. */
export interface Part {
  request: AskedEvaluation;
  question: NamedQuestion | Fault;
}

/** Reads one of many. One that is malformed fails by itself. */
export function part(shared: AskedEvaluation, own: unknown, known: Reading): Part {
  const { value, wrong } = reading.read(PartOfEvaluations, own, 'open');
  if (wrong[0]) return { request: shared, question: malformed(wrong[0].path || '/') };
  const request = withDefaults(shared, value as AskedEvaluation);
  try {
    return { request, question: evaluationOf(request, known) };
  } catch (error) {
    if (error instanceof Fault) return { request, question: error };
    throw error;
  }
}
