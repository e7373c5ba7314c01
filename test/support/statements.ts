// Counts the statements that the server sends to its database while something happens, by name.
import pg from 'pg';

/** Does something else just before a statement of this name is sent, the first time that one is. */
export async function justBefore<Result>(
  name: string,
  first: () => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query } = pg.Client.prototype;
  let isDone = false;
  pg.Client.prototype.query = function held(this: pg.Client, ...args: unknown[]) {
    const send = () => (query as (...all: unknown[]) => unknown).apply(this, args);
    if (isDone || (args[0] as { name?: string } | undefined)?.name !== name) return send();
    isDone = true;
    return first().then(send);
  } as typeof query;
  try {
    const result = await work();
    if (!isDone) throw new Error(`${name} was never sent`);
    return result;
  } finally {
    pg.Client.prototype.query = query;
  }
}

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

/** Statements that an act sends beside its own: tries of looking somebody up, the log, a visit. */
const BESIDE = /^(reserve_|release_|append_|note_recent|prolong_|mark_used|rlflx|rate_limit)/;
const isWriting = (text: string) => /^\s*begin\b|\b(insert into|update|delete from)\b/i.test(text);

/**
 * Does something else just before the first transaction, or the first statement that writes without
 * one: whatever was read until then was read before.
 */
export async function beforeWriting<Result>(
  first: () => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query } = pg.Client.prototype;
  let isDone = false;
  pg.Client.prototype.query = function held(this: pg.Client, ...args: unknown[]) {
    const send = () => (query as (...all: unknown[]) => unknown).apply(this, args);
    const [asked] = args as [string | { name?: string; text?: string }];
    const { name = '', text = '' } = typeof asked === 'string' ? { text: asked } : (asked ?? {});
    if (isDone || BESIDE.test(name) || !isWriting(text)) return send();
    isDone = true;
    return first().then(send);
  } as typeof query;
  try {
    const result = await work();
    if (!isDone) throw new Error('nothing was written');
    return result;
  } finally {
    pg.Client.prototype.query = query;
  }
}
