// Counts the statements that the server sends to its database while something happens, by name.
import pg from 'pg';

/** The names of the statements sent during the work; transactions' own are left out. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function counted(this: pg.Client, ...args: unknown[]) {
    const { name } = (args[0] ?? {}) as { name?: string };
    if (name) sent.push(name);
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}
