// The delegation contract's closed table of problems and validation errors (as in Altinn 3), and
// our own where it has none. It knows no request.
import { Fault, type FaultExtras } from '../platform/errors.ts';
import { validationFault } from '../platform/http/validation.ts';

export const PROBLEMS = {
  'AM-00021': { status: 400, detail: 'The parties of the connection do not exist.' },
  'AM-00022': { status: 400, detail: 'There is no connection between the parties.' },
  'AM-00024': { status: 400, detail: 'A person is added by number and last name.' },
  'AM-00026': { status: 429, detail: 'Too many failed look-ups of persons. Try again in an hour.' },
  'AM-00027': { status: 400, detail: 'The resource is not one that can be given.' },
  'AM-00028': { status: 403, detail: 'You may not give this for the party.' },
  'AM-00031': { status: 404, detail: 'The request was not found.' },
  'AM-00033': { status: 400, detail: 'At least one right key is required.' },
  'AM-00034': { status: 403, detail: 'The service owner may not give this access package.' },
  'AM-00035': { status: 400, detail: 'The access package was not found.' },
  'AM-00036': { status: 400, detail: 'The right key is not one of the resource.' },
  'AM-00037': { status: 400, detail: 'The access package is for another kind of party.' },
  'AM-00038': { status: 400, detail: 'The access package was not given by this service owner.' },
  'AM-00039': { status: 400, detail: 'The role is not known.' },
  'AM-00040': {
    status: 400,
    detail: 'The role comes from a register and can only be ended there.',
  },
  'AM-00041': { status: 400, detail: 'The access package is not one that this party could give.' },
  'AM-00042': { status: 400, detail: 'The resource is not delegable.' },
  'TIL-00020': { status: 404, detail: 'The mandate was not found.' },
  'TIL-00021': { status: 409, detail: 'The mandate has ended.' },
  'TIL-00022': { status: 400, detail: 'A mandate cannot outlive or exceed what it rests on.' },
  'TIL-00023': {
    status: 400,
    detail: 'The chain of those who passed this on is as long as it may be, or would meet itself.',
  },
  'TIL-00024': {
    status: 400,
    detail: 'The receiver does not have the qualification that this requires.',
  },
  'TIL-00027': {
    status: 403,
    detail: 'This is for the giver, or one who administers for the giver. The receiver may end it.',
  },
  'TIL-00026': {
    status: 409,
    detail: 'This is given already, on other terms. Change that mandate, or end it first.',
  },
  'TIL-00037': {
    status: 403,
    detail:
      'Somebody is too young for this, old enough to decide alone, or would gain by it; or several must give it together.',
  },
  'TIL-00049': {
    status: 409,
    detail: 'The same waits for an answer on other terms. Answer that first.',
  },
  'TIL-00055': {
    status: 409,
    detail: 'The giver said no to the same less than 30 days ago.',
  },
  'TIL-00056': {
    status: 409,
    detail: 'It was given by code less than 24 hours ago, and may not be passed on before then.',
  },
  'TIL-00057': {
    status: 409,
    detail: 'The code no longer holds: it was used, or its receiver has logged out.',
  },
  'TIL-00058': { status: 400, detail: 'The access package may not be given by code.' },
  'TIL-00038': {
    status: 400,
    detail: 'The service is not for users whom no register knows.',
  },
  'TIL-00025': {
    status: 400,
    detail: 'The system is not registered by its vendor, or the vendor has ended it.',
  },
  'TIL-00059': {
    status: 409,
    detail: 'The organisation has let the system in already. Ask for a change of what it may do.',
  },
  'TIL-00061': {
    status: 409,
    detail: 'The receiver has this by a group. Give it to the receiver alone to let it do more.',
  },
  'TIL-00062': { status: 403, detail: 'Only the receiver of a power of attorney accepts it.' },
  'TIL-00068': {
    status: 409,
    detail: 'It waits for its receiver, and is not widened before that. End it, and give it anew.',
  },
  'TIL-00060': { status: 404, detail: 'No vendor has registered the system.' },
} as const;

export const VALIDATIONS = {
  'STD.VLD-00000': 'The field is required.',
  'AM.VLD-00006': 'The party does not exist.',
  'AM.VLD-00008': 'This kind of party is not allowed here.',
  'AM.VLD-00009': 'The query parameter is not valid.',
  'AM.VLD-00010': 'The connection holds access. Say cascade=true to end it all.',
  'AM.VLD-00012': 'The resource does not exist.',
  'AM.VLD-00022': 'The time need to be in the future',
  'AM.VLD-00026': 'You do not have the role or the access that this takes.',
  'AM.VLD-00029': 'The role does not exist.',
  'AM.VLD-00028': 'The access package cannot be given to this kind of party.',
  'AM.VLD-00030': 'The access package does not exist.',
  'AM.VLD-00031': 'There are delegations left. Say cascade=true to end them.',
  'AM.VLD-00032': 'The relation does not exist.',
  'AM.VLD-00033': 'The access package cannot be passed on.',
  'AM.VLD-00036': 'The request can no longer change in this way.',
  'AM.VLD-00038': 'Either a resource or an access package is required.',
  'AM.VLD-00041': 'There is no connection that a request could build on.',
  'AM.VLD-00044': 'This side of the request may not do this.',
  'AM.VLD-00045': 'The two parties are the same.',
  'AM.VLD-00046': 'Either a resource or an access package, not both.',
  'AM.VLD-00047': 'The instance is not one that can be named.',
  'AM.VLD-00048': 'The access package cannot be given.',
  'AM.VLD-00049': 'The resource cannot be given.',
  'TIL.VLD-00006': 'Another person is named by UUID here, not by number or user name.',
  'TIL.VLD-00001': 'The value does not have the right type or form.',
} as const;

export type ValidationCode = keyof typeof VALIDATIONS;

export function problem(code: keyof typeof PROBLEMS, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}

/** STD-00000 with one error or several, all with status 400. */
export function invalid(...errors: [code: ValidationCode, path: string][]): Fault {
  return validationFault(
    errors.map(([code, path]) => ({ code, path })),
    VALIDATIONS,
  );
}
