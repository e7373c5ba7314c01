// A question from an AuthZEN request, or the fault in it.
import { levelOf } from '../caller/model.ts';
import { Fault } from '../platform/errors.ts';
import { acrIn, createReading, faultIn, questionOf, WHOLE, type Reading } from './authzen_model.ts';
import type { NamedQuestion } from './question_model.ts';
import { problem } from './problems.ts';

/** A request as AuthZEN has it; which members it must have is in its operation's shape. */
export type Asked = Record<string, unknown>;

export const malformed = (path: string) =>
  problem('AUTHZ.VLD-00011', { members: { paths: [path] } });

export function question(
  request: Asked,
  required: string[],
  reading = createReading(),
): NamedQuestion {
  const path = faultIn(request, required, reading);
  if (path) throw malformed(path);
  const asked = questionOf(request, reading);
  if ('path' in asked) throw malformed(asked.path);
  const acr = acrIn(request);
  const level = acr === undefined ? undefined : levelOf(acr);
  if (acr !== undefined && level === undefined) throw malformed('/subject/properties/acr');
  return level === undefined ? asked : { ...asked, level };
}

/** The question, or what is wrong with it: one that is malformed fails by itself. */
export function read(request: Asked, reading: Reading): NamedQuestion | Fault {
  try {
    return question(request, WHOLE, reading);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
