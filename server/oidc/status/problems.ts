// The status lists' closed table of problems.
import { Fault, type FaultExtras } from '../../platform/errors.ts';

export const PROBLEMS = {
  'TIL-00069': { status: 404, detail: 'There is no such status list.' },
  'TIL-00070': { status: 501, detail: 'No status list is kept of an earlier time.' },
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}
