// The decision point's own refusals: who may ask about what, and how much
// at once.
import { Fault, type FaultExtras } from '../platform/errors.ts';

export const PROBLEMS = {
  'AUTHZ.VLD-00001': {
    status: 403,
    detail: 'The organization may ask about its own resources only.',
  },
  'AUTHZ.VLD-00010': {
    status: 400,
    detail: 'At most 10,000 evaluations may be asked for in one call.',
  },
  'AUTHZ.VLD-00011': {
    status: 400,
    detail: 'A member is missing or does not have the right type.',
  },
  'AUTHZ.VLD-00013': {
    status: 400,
    detail:
      'Together the questions go through more of the policies than one call may. Ask fewer at once.',
  },
  'AUTHZ.VLD-00012': { status: 400, detail: 'The page token is not one of ours.' },
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}
