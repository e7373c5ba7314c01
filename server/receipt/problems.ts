// The receipts' closed table of problems.
import { Fault, type FaultExtras } from '../platform/errors.ts';

export const PROBLEMS = {
  'TIL-00053': { status: 404, detail: 'There is no receipt of that.' },
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}
