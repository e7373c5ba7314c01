// The closed vocabulary of our own faults (code, status, public words) and the one class that
// carries any fault. Faults are thrown and caught once, in platform/http/http.ts. A contract's
// codes live with the noun that owns them.
import type { Language } from './locale.ts';

export interface FaultWords {
  status: number;
  /** The words that everybody may read. */
  detail: string;
}

export interface FaultExtras {
  /** Flat extra members of the problem document (RFC 9457 §3.2). */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** For the log only. */
  because?: string;
  cause?: unknown;
}

/** Codes of our own: where a contract has none. */
export const FAULTS = {
  'TIL-00001': { status: 400, detail: 'The body is not valid JSON.' },
  'TIL-00002': { status: 413, detail: 'The body is too large.' },
  'TIL-00003': { status: 415, detail: 'The content type is not supported here.' },
  'TIL-00004': { status: 400, detail: 'A parameter is given more than once.' },
  'TIL-00005': { status: 401, detail: 'A valid bearer token is required.' },
  'TIL-00006': { status: 403, detail: 'The token lacks a scope that this call needs.' },
  'TIL-00007': { status: 401, detail: 'A higher security level is required.' },
  'TIL-00008': { status: 403, detail: 'The token does not speak for a party that may do this.' },
  'TIL-00009': { status: 404, detail: 'There is nothing here.' },
  'TIL-00010': { status: 405, detail: 'The method is not allowed here.' },
  'TIL-00011': {
    status: 503,
    detail: 'The service is unavailable for the moment. Try again shortly.',
  },
  'TIL-00012': { status: 500, detail: 'Something went wrong on our side.' },
  'TIL-00013': {
    status: 403,
    detail: 'The form is no longer valid. Open the page again and try once more.',
  },
  'TIL-00014': { status: 400, detail: 'The request could not be understood.' },
  'TIL-00015': {
    status: 403,
    detail: 'The organization may not ask for consent to this resource.',
  },
  'TIL-00016': {
    status: 400,
    detail: 'The request cannot be answered by the one who is required to answer it.',
  },
  'TIL-00017': { status: 400, detail: 'The consent template does not allow a request message.' },
  'TIL-00018': {
    status: 400,
    detail: 'The consent template is not for resources of this service owner.',
  },
  'TIL-00019': { status: 409, detail: 'The text has changed since it was shown.' },
  'TIL-00046': { status: 403, detail: 'The form belongs to another login.' },
  'TIL-00045': { status: 400, detail: 'There are too many parameters.' },
  'TIL-00035': { status: 429, detail: 'There have been too many of these. Try again later.' },
} as const satisfies Record<string, FaultWords>;

export type FaultCode = keyof typeof FAULTS;

/** A refusal with a code, a status and public words; everything else in it is private. */
export class Fault extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Record<string, unknown>;
  readonly headers: Record<string, string>;
  readonly because: string | undefined;

  constructor(code: string, words: FaultWords, extras: FaultExtras = {}) {
    super(words.detail, { cause: extras.cause });
    this.code = code;
    this.status = words.status;
    this.members = extras.members ?? {};
    this.headers = extras.headers ?? {};
    this.because = extras.because;
  }
}

/** A fault of our own table. */
export function fault(code: FaultCode, extras?: FaultExtras): Fault {
  return new Fault(code, FAULTS[code], extras);
}

/** The fault's own words to a person, where it has some. */
export const wordsOf = ({ members }: Fault, language: Language): string | undefined =>
  (members.reason_user as Record<Language, string> | undefined)?.[language];

/** 503 with Retry-After: the database is away. */
export function unavailable(cause: unknown): Fault {
  return fault('TIL-00011', { cause, headers: { 'retry-after': '5' } });
}
