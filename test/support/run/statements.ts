// Watches the statements that the server sends to its database while something happens.
import pg from 'pg';

/** A statement on its way: who sends it, and its name and text as far as it has them. */
interface Sent {
  client: pg.Client;
  name: string;
  text: string;
}

/** Works while each statement is seen first; what `see` returns is awaited before it is sent. */
export async function watched<Result>(
  see: (sent: Sent) => Promise<unknown> | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function seen(this: pg.Client, ...args: unknown[]) {
    const send = () => (query as (...all: unknown[]) => unknown).apply(this, args);
    const [asked] = args as [string | { statementName?: string; text?: string } | undefined];
    const { statementName: name = '', text = '' } =
      typeof asked === 'string' ? { text: asked } : (asked ?? {});
    return see({ client: this, name, text })?.then(send) ?? send();
  } as typeof query;
  try {
    return await work();
  } finally {
    pg.Client.prototype.query = query;
  }
}

/** Does something else just before a statement, the first time that one of them is sent. */
async function beforeFirst<Result>(
  isIt: (sent: Sent) => boolean,
  first: () => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  let isDone = false;
  const result = await watched((sent) => {
    if (isDone || !isIt(sent)) return undefined;
    isDone = true;
    return first();
  }, work);
  if (!isDone) throw new Error('no such statement was sent');
  return result;
}

/** Does something else just before a statement of this name is sent, the first time. */
export const justBefore = <Result>(
  name: string,
  first: () => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> => beforeFirst((sent) => sent.name === name, first, work);

/** Statements that an act sends beside its own: tries of looking somebody up, the log, a visit. */
const BESIDE = /^(reserve_|release_|append_|note_recent|prolong_|mark_used|rlflx|rate_limit)/;
const isWriting = (text: string) => /^\s*begin\b|\b(insert into|update|delete from)\b/i.test(text);

/**
 * Does something else just before the first transaction, or the first statement that writes without
 * one: whatever was read until then was read before.
 */
export const beforeWriting = <Result>(
  first: () => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> =>
  beforeFirst(({ name, text }) => !BESIDE.test(name) && isWriting(text), first, work);

/** The names of the statements sent during the work; transactions' own are left out. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  await watched(({ name }) => {
    if (name) sent.push(name);
    return undefined;
  }, work);
  return sent;
}
