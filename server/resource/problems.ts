// The registry's closed table of problems (as in Altinn 3), and our own where it has none.
import { Fault, type FaultExtras } from '../platform/errors.ts';
import { validationFault } from '../platform/http/validation.ts';

export const PROBLEMS = {
  'RR-00002': { status: 404, detail: 'The resource was not found.' },
  'RR-00004': { status: 400, detail: 'The access list and the resource have different owners.' },
  'TIL-00030': { status: 400, detail: 'The resource is not complete or not valid.' },
  'TIL-00031': { status: 400, detail: 'The policy is not one that can be taken in.' },
  'TIL-00032': { status: 409, detail: 'The identifier is taken, or was once.' },
  'TIL-00039': { status: 412, detail: 'The policy has changed since it was read.' },
  'TIL-00040': { status: 404, detail: 'The instance is not registered.' },
  'TIL-00041': { status: 403, detail: 'The prefix of the scope is not yours.' },
  'TIL-00042': { status: 404, detail: 'The scope is not registered.' },
  'TIL-00071': { status: 404, detail: 'No resource server of yours has that identifier.' },
  'TIL-00033': { status: 404, detail: 'The access list was not found.' },
  'TIL-00034': { status: 412, detail: 'The access list has changed since it was read.' },
} as const;

export const VALIDATIONS = {
  'RR.VLD-00000': 'At most 100 members may be given in one call.',
  'RR.VLD-00003': 'At least one party is required.',
  'RR.VLD-00004': 'The party is not known, or is no organization.',
  'RR.VLD-00008': 'The limit must be from 1 to 1000.',
  'TIL.VLD-00009': 'The party is not known.',
  'TIL.VLD-00010': 'A name of an instance is at most 300 visible ASCII characters without spaces.',
  'RR.VLD-00009': 'The token is not one of ours.',
} as const;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}

export function invalid(code: keyof typeof VALIDATIONS, path: string): Fault {
  return validationFault([{ code, path }], VALIDATIONS);
}
