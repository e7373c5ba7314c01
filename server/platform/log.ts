// Structured logs that cannot print a national identity number, a token or an assertion: every line
// passes a scrubber on its way out, whatever was put into it. It knows shapes of secrets, no
// domain.
import { pino, type Logger } from 'pino';
import { textOf } from './as_text.ts';

export type { Logger };

// A JWS or JWE (RFC 7515 §7.1): three or five base64url parts, the first of which starts as JSON
// does.
const JWT = /eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}/g;
// Eleven digits, alone or in groups of six and five, whatever stands around them; those within a
// UUID or a digest stay.
const NATIONAL_NUMBER =
  /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})|(?<!\d)\d{6}[ -]?\d{5}(?!\d)/gi;
/** A line without one of these holds none; it is found in a tenth of the time. */
const MAY_HOLD_NUMBER = /\d{6}[ -]?\d{5}/;
const NAMES =
  'client_secret|assertion|client_assertion|refresh_token|access_token|token|code_verifier|state|pid';
// As a form or query has them, and as JSON has them, once more quoted inside a string too. `code`
// is only one in a query.
const PARAMETER = new RegExp(
  `((?:\\bcode=|(?:${NAMES})(?:=|%3D|"\\s*:\\s*"|\\\\"\\s*:\\s*\\\\")))[^&\\s"\\\\]+`,
  'gi',
);
const AUTHORIZATION = /((?:Bearer|Basic|DPoP)\s+)[A-Za-z0-9._~+/=-]+/g;

/** Replaces what must not be printed. */
export function scrub(text: string): string {
  const clean = text
    .replace(JWT, '[token]')
    .replace(AUTHORIZATION, '$1[secret]')
    .replace(PARAMETER, '$1[secret]');
  return MAY_HOLD_NUMBER.test(clean)
    ? clean.replace(NATIONAL_NUMBER, (_whole, other?: string) => other ?? '[number]')
    : clean;
}

/** Milliseconds for which lines are gathered. */
const GATHERED = 20;

/**
 * Writes the lines of a moment together: under load a write for each costs a tenth of a request. A
 * process that ends writes them first; killed, it loses those of that moment.
 */
function gathering(write: (text: string) => void): (line: string) => void {
  let waiting = '';
  let isHeard = false;
  const flush = (): void => {
    const text = waiting;
    waiting = '';
    if (text) write(text);
  };
  return (line) => {
    if (!isHeard) process.on('exit', flush);
    isHeard = true;
    if (!waiting) setTimeout(flush, GATHERED).unref();
    waiting += line;
  };
}

export function createLogger(
  level: string,
  write: (line: string) => void = gathering((text) => process.stdout.write(text)),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describe },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}

/**
 * An error's text. The engine's SyntaxError quotes ten characters around the place where JSON is
 * broken. These are somebody's data, perhaps half a national number, which no pattern recognises.
 * Only the place is logged.
 */
export function textsOf({ name, message }: Error): string {
  return name === 'SyntaxError'
    ? `not JSON${/ at position \d+/.exec(message)?.[0] ?? ''}`
    : message;
}

/**
 * An error with its causes, innermost last; messages and stacks only, never the values of a
 * statement.
 */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return textOf(error) ?? typeof error;
  const message = textsOf(error);
  return {
    type: error.name,
    message,
    code: (error as { code?: string }).code,
    stack: error.stack?.replace(error.message, () => message),
    cause: error.cause === undefined ? undefined : describe(error.cause),
  };
}
