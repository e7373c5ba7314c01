// The act of those who decide: what a question rests on beside the database. Made in app.ts; it
// decides nothing (commands.ts does).
import { type Act, createActs, ofMoment } from '../platform/act.ts';
import type { Db } from '../platform/db/db.ts';
import type { Knowing, Knowledge } from '../resource/catalogue/catalogue.ts';

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

/** An act that may ask the decision point. */
export interface Deciding extends Knowing {
  /** Undefined where no register is to be asked. */
  askLive: AskLive | undefined;
}

/** Begins the act of one request. */
export type NewAct = () => Deciding;

/** Acts on a database, with what this process knows of it. */
export function createDeciding({
  db,
  ...known
}: {
  db: Db;
  knowledge: Knowledge;
  askLive: AskLive | undefined;
}): NewAct {
  const begin: () => Act = createActs(db);
  return () => ({ ...begin(), ...known });
}

/** The same act, of an instant that is past; registers that are asked live know of none. */
export const decidingThen = (act: Deciding, at: Date): Deciding => ({
  ...ofMoment(act, at),
  askLive: undefined,
});
