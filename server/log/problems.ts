// The log's closed table of problems.
import { Fault, type FaultExtras } from '../platform/errors.ts';

export const PROBLEMS = {
  'TIL-00050': { status: 404, detail: 'The log has signed no checkpoint yet.' },
  'TIL-00051': { status: 404, detail: 'The event has no place in the signed log, or not yet.' },
  'TIL-00052': { status: 400, detail: 'The sizes are not those of a signed part of the log.' },
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}
