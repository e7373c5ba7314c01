// Faults of the database, by their meaning: that it is away, that the data is at fault, or that two
// waited for each other. It asks nothing.
import { Fault } from '../errors.ts';

/** Two waited for each other, and this one was chosen to give way: nothing of it is stored. */
export const isDeadlock = (error: unknown): boolean =>
  (error as { code?: string }).code === '40P01';

/**
 * PostgreSQL cannot store the text: NUL, lone surrogates. Checks stand before this; it is the net.
 */
export function isUnstorable(error: unknown): boolean {
  return ['22021', '22P02', '22P05'].includes((error as { code?: string }).code ?? '');
}

/**
 * A fault of the data rather than of the database: refused before it is sent, or SQLSTATE classes
 * 22 and 23.
 */
export function isOfData(error: unknown): boolean {
  return error instanceof Fault
    ? error.status === 400
    : /^2[23]/.test((error as { code?: string }).code ?? '');
}

/**
 * Connection and resource classes of SQLSTATE (08, 53, 57P), and what the driver says when the line
 * is cut.
 */
export function isOutage(error: unknown): boolean {
  const { code, message, name } = error as { code?: string; message?: string; name?: string };
  return (
    /^(08|53|57P|57014|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|25P03)/.test(code ?? '') ||
    name === 'KnexTimeoutError' ||
    /Connection terminated|Connection ended|timeout (expired|exceeded)|Query read timeout|not queryable|Unable to acquire a connection/i.test(
      message ?? '',
    )
  );
}
