// Consents that several answer, or two givers together, are looked up by a statement of their own:
// what is asked about them stands in no other.
import { look, type Act } from '../platform/act.ts';
import type { Lookup } from '../platform/db/together_store.ts';

/** A row that says whether it is joint; what more it says is then to be asked of the other. */
interface MayBeJoint {
  isJoint: boolean;
}

/** Looks up one that is hardly ever joint; asks again where it is. */
export const lookJoint =
  <Row extends MayBeJoint>(alone: Lookup<Row>, joint: Lookup<Row>) =>
  async (act: Act, key: string): Promise<Row | undefined> => {
    const found = await look(act, alone, key);
    return found?.isJoint ? look(act, joint, key) : found;
  };
