// Making somebody a right holder, an agent or a supplier of a party. The door says who may; the
// transaction asks that again (`guard`). It knows no HTTP.
import { type Act, inTransaction } from '../platform/act.ts';
import { addRelation, findRelation, type NewRelation, type Relation } from './relation_store.ts';

/** The relation, made if it is not there. */
export const relate = (
  act: Act,
  one: NewRelation,
): Promise<{ relation: Relation; added: boolean }> =>
  inTransaction(act, async (inner) => {
    const added = await addRelation(inner, one);
    return { relation: (await findRelation(inner, one.from, one.to, one.kind))!, added };
  });
