// The signals' closed table of problems.
import { Fault, type FaultExtras } from '../platform/errors.ts';

export const PROBLEMS = {
  'TIL-00063': { status: 409, detail: 'The client has as many streams as it may have.' },
  'TIL-00064': { status: 404, detail: 'The client has no such stream.' },
  'TIL-00065': { status: 400, detail: 'Nothing is sent to this address.' },
  'TIL-00066': { status: 429, detail: 'A verification was asked for less than a minute ago.' },
  'TIL-00067': { status: 400, detail: 'The stream or its subject is not of a form that is known.' },
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}
