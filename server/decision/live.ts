// Registers that are asked at the moment of a decision. The decision point does not know them;
// whoever wires the server says how each is asked.
import type { Db } from '../platform/db.ts';

/**
 * Whether `to` may act for `from` in a matter, by national numbers; undefined when the register
 * does not answer.
 */
export type AskLive = (
  register: string,
  from: string,
  to: string,
  matter: string,
) => Promise<boolean | undefined>;

// By database, as what else this process knows of it (resource/catalogue.ts).
const known = new WeakMap<object, AskLive>();
const keyOf = (db: Db) => (db.client as { config: object }).config;

export function useLive(db: Db, ask: AskLive): void {
  known.set(keyOf(db), ask);
}

export const liveOf = (db: Db): AskLive | undefined => known.get(keyOf(db));
