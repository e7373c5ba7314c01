// Several acts as one: all of them or none, and the fault of each that could not be done.
import { type Act, inTransaction } from './act.ts';
import { Fault } from './errors.ts';

/** One of several that could not be done, and why. */
export interface NotDone<Item> {
  item: Item;
  why: Fault;
}

class NotWhole extends Error {}

/** A fault that is not about the one item: a stronger login would do, or nothing works now. */
export const isOfAll = ({ status }: Fault): boolean => status === 401 || status >= 500;

/**
 * Does each in turn, in one transaction. Where some cannot be done, none is, and the answer names
 * them; a fault that holds for all is thrown.
 */
export async function allOrNone<A extends Act, Item>(
  act: A,
  items: Item[],
  one: (inner: A, item: Item) => Promise<unknown>,
): Promise<NotDone<Item>[]> {
  const failed: NotDone<Item>[] = [];
  try {
    await inTransaction(act, async (inner) => {
      for (const item of items) {
        try {
          await inTransaction(inner, (each) => one(each, item));
        } catch (error) {
          if (!(error instanceof Fault) || isOfAll(error)) throw error;
          failed.push({ item, why: error });
        }
      }
      if (failed.length) throw new NotWhole();
    });
  } catch (error) {
    if (!(error instanceof NotWhole)) throw error;
  }
  return failed;
}
