// The decision point's own parts: the database it asks, what this process knows of it, and how
// registers that are asked live answer. Made once in app.ts and handed on; an act works with it
// inside its transaction.
import { transaction, type Db } from '../platform/db/db.ts';
import { createTogether, type Together } from '../platform/db/together_store.ts';
import type { Known } from '../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { createGather, type Gather } from './gather.ts';
import { gatherFacts } from './store.ts';

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

/**
 * A point for one act: what it asks again it has been told already, so that all of it rests on
 * facts and a catalogue of one instant.
 */
export function forOneAct(point: DecisionPoint): DecisionPoint {
  const gathered = new Map<string, ReturnType<Gather>>();
  let catalogue: Promise<Catalogue> | undefined;
  return {
    ...point,
    gather: (pairs, resources, now) => {
      const key = JSON.stringify([pairs, resources]);
      const found = gathered.get(key) ?? point.gather(pairs, resources, now);
      gathered.set(key, found);
      return found;
    },
    knowledge: {
      ...point.knowledge,
      async current(db) {
        const [first] = gathered.values();
        catalogue ??= first
          ? point.knowledge.catalogue(db, (await first).catalogue)
          : point.knowledge.current(db);
        return catalogue;
      },
    },
  };
}

/**
 * A point for what was: it answers of a moment that is past. Registers that are asked live know of
 * none.
 */
export const ofMoment = (point: DecisionPoint, at: Date): DecisionPoint => ({
  ...point,
  askLive: undefined,
  gather: (pairs, resources) => gatherFacts(point.db, pairs, resources, at),
});

/** One act, one transaction: what is asked inside is asked of what it has written. */
export const inTransaction = <Result>(
  point: DecisionPoint,
  work: (inner: DecisionPoint, trx: Db) => Promise<Result>,
): Promise<Result> =>
  transaction(point.db, (trx) => work({ ...point, ...over({ ...point, db: trx }) }, trx));
