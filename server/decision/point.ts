// The decision point's own parts: the database it asks, what this process knows of it, and how
// registers that are asked live answer. Made once in app.ts and handed on; an act works with it
// inside its transaction.
import { transaction, type Db } from '../platform/db.ts';
import { createTogether, type Together } from '../platform/together_store.ts';
import type { Known } from '../resource/catalogue.ts';
import { createGather, type Gather } from './gather.ts';

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

export interface DecisionPoint extends Known, Together {
  /** Undefined where no register is to be asked. */
  askLive: AskLive | undefined;
  gather: Gather;
}

/** A decision point whose questions of the same moment share statements. */
export const createPoint = ({ db, knowledge, askLive }: Known & { askLive: AskLive }) => ({
  askLive,
  ...over({ db, knowledge }),
});

const over = ({ db, knowledge }: Known) => ({
  db,
  knowledge,
  ...createTogether(db),
  gather: createGather(db),
});

/** One act, one transaction: what is asked inside is asked of what it has written. */
export const inTransaction = <Result>(
  point: DecisionPoint,
  work: (inner: DecisionPoint, trx: Db) => Promise<Result>,
): Promise<Result> =>
  transaction(point.db, (trx) => work({ ...point, ...over({ ...point, db: trx }) }, trx));
