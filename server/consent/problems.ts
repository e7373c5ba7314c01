// The consent contract's closed table of problems and validation errors (Altinn 3, consent API),
// and how one or several of them become one answer. It knows no request.
import { Fault, type FaultExtras } from '../platform/errors.ts';
import { validationFault } from '../platform/http/validation.ts';

export const PROBLEMS = {
  'AM-00000': { status: 403, detail: 'Not authorized for consent' },
  'AM-00001': { status: 404, detail: 'Consent not found' },
  'AM-00002': { status: 400, detail: 'Consent have wrong status to be consented' },
  'AM-00003': { status: 400, detail: 'Unknown organization. Could not be found' },
  'AM-00004': { status: 400, detail: 'Unknown person. Could not be found' },
  'AM-00005': { status: 400, detail: 'Invalid consent resource' },
  'AM-00006': { status: 400, detail: 'Invalid consent metadata' },
  'AM-00007': { status: 400, detail: 'Missing metadata value' },
  'AM-00008': { status: 400, detail: 'Missing metadata' },
  'AM-00009': { status: 400, detail: 'Invalid resource combination' },
  'AM-00010': { status: 400, detail: 'Consent cant be revoked.Wrong status' },
  'AM-00011': { status: 400, detail: 'Consent is revoked' },
  'AM-00012': { status: 400, detail: 'The consented party does not match the party requested' },
  'AM-00013': { status: 400, detail: 'Consent is expired' },
  'AM-00014': { status: 400, detail: 'Consent is not accepted' },
  'TIL-00043': {
    status: 400,
    detail: 'The consent is drawn only together with a scope of the owner of what it is about',
  },
  'TIL-00044': { status: 403, detail: 'The person has said no to this a short while ago' },
  'TIL-00047': { status: 409, detail: 'A renewal of it waits for an answer already' },
  'TIL-00048': {
    status: 409,
    detail: 'The consent that it replaces does not hold as it was read',
  },
  'TIL-00054': { status: 409, detail: 'The consent holds: withdraw it first' },
  'AM-00015': { status: 400, detail: 'Consent cant be rejected. Wrong status' },
  'AM-00016': { status: 400, detail: 'Consent with id already exist' },
} as const;

export const VALIDATIONS = {
  'STD.VLD-00000': 'The field is required.',
  'AM.VLD-00022': 'The time need to be in the future',
  'AM.VLD-00023': 'The list cant be empty',
  'AM.VLD-00027': 'Redirect URL is not a valid URL',
  'AM.VLD-00051': "'createdAfter' must be earlier than 'createdBefore'.",
  'AM.VLD-00052':
    'The event type is not valid. Valid are created, rejected, accepted, revoked, deleted, used and expired.',
  'AM.VLD-00053': 'The continuation token is invalid.',
  'TIL.VLD-00001': 'The value does not have the right type or form.',
  'TIL.VLD-00002': 'The text has control, bidirectional or invisible characters.',
  'TIL.VLD-00003': 'The text is too long, or there are too many members.',
  'TIL.VLD-00004': 'The giver and the receiver are the same.',
  'TIL.VLD-00005': 'The member is given more than once.',
  'TIL.VLD-00008': 'The origin of the redirect URL is not registered for the organization.',
  'TIL.VLD-00011': 'No rule of the resource has the action; a consent is asked for with consent.',
  'TIL.VLD-00012': 'The owner of the resource lets it be asked for here only as optional.',
  'TIL.VLD-00013': 'Nothing would be left of it; withdraw it instead.',
  'TIL.VLD-00014': 'The end can only be brought nearer.',
  'TIL.VLD-00015': 'It may be used less often than this only.',
  'TIL.VLD-00017': 'Several answer this together; nobody is named for it.',
  'TIL.VLD-00018': 'It can be answered for an hour at least, and until before its end.',
  'TIL.VLD-00019': 'Two givers are asked for something new; nothing is replaced by it.',
  'TIL.VLD-00016': 'A renewal has the same rights or fewer, and a later end.',
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
export type ValidationCode = keyof typeof VALIDATIONS;

export interface Validation {
  code: ValidationCode;
  path: string;
  /** Where the words of the code do not say enough. */
  detail?: string | undefined;
}

/** Collects what is wrong with one call, so that the caller hears everything at once. */
export class Findings {
  readonly problems: { code: ProblemCode; members: Record<string, unknown> }[] = [];
  readonly validations: Validation[] = [];
  readonly faults: Fault[] = [];

  problem(code: ProblemCode, members: Record<string, unknown> = {}): void {
    this.problems.push({ code, members });
  }

  invalid(code: ValidationCode, path: string): void {
    this.validations.push({ code, path });
  }

  /** A refusal of our own table. */
  refuse(fault: Fault): void {
    this.faults.push(fault);
  }

  /** Throws what was found: one problem as itself, several as STD-00001 with status 400. */
  throwIfAny(): void {
    const documents = [
      ...this.problems.map(({ code, members }) => problem(code, { members })),
      ...this.faults,
    ];
    if (this.validations.length) documents.push(validationProblem(this.validations));
    if (documents.length === 1) throw documents[0];
    if (documents.length > 1) {
      throw new Fault(
        'STD-00001',
        { status: 400, detail: 'Multiple problems occurred.' },
        {
          members: {
            problems: documents.map((document) => ({
              status: document.status,
              code: document.code,
              title: document.message,
              detail: document.message,
              ...document.members,
            })),
          },
        },
      );
    }
  }
}

export function problem(code: ProblemCode, extras?: FaultExtras): Fault {
  return new Fault(code, PROBLEMS[code], extras);
}

/** STD-00000 with the errors, all with status 400. */
export function validationProblem(validations: Validation[]): Fault {
  return validationFault(validations, VALIDATIONS);
}
