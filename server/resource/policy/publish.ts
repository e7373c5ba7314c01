// Publishing: what an owner says of a resource, or its policy, becomes what decisions read, rules
// and index together or not at all; and an index that is otherwise is put right.
import { inTransaction, type Act } from '../../platform/act.ts';
import { transaction, type Db } from '../../platform/db/db.ts';
import { canonicalJson } from '../../platform/ids.ts';
import { createPace } from '../../platform/pace.ts';
import { importResources, type ResourceImport } from '../import_store.ts';
import { indexOf, type Policy } from './model.ts';
import {
  findPolicyOf,
  listIndexed,
  lockResources,
  publishPolicies,
  reindex,
  type IndexedPolicy,
  type Publisher,
} from './store.ts';
import { problem } from '../problems.ts';
import { policyRow } from '../registry/row.ts';

/**
 * Registers or replaces a resource; `keep` leaves the policy that is there. TIL-00032 when the id
 * is another's.
 */
export async function saveResource(
  act: Act,
  row: ResourceImport,
  { keep, by }: { keep: boolean; by: Publisher },
): Promise<void> {
  await inTransaction(act, async (inner) => {
    await lockResources(inner.db, [row.id]);
    const kept = keep ? await findPolicyOf(inner.db, row.id) : undefined;
    const saved = kept ? { ...row, policy: await policyRow(row.id, kept) } : row;
    const lost = await importResources(inner, [saved], by);
    if (lost.length) throw problem('TIL-00032');
  });
}

/**
 * Publishes a policy: it holds from the commit on; answers with its version. `expected` is the one
 * that the publisher has seen, where that was said (TIL-00039 when it is another).
 */
export async function publish(
  act: Act,
  id: string,
  policy: Policy,
  { by, expected }: { by: Publisher; expected?: string | undefined },
): Promise<number> {
  const row = await policyRow(id, policy);
  return inTransaction(act, async (inner) => {
    const held = (await lockResources(inner.db, [id])).get(id);
    if (held === undefined) throw problem('RR-00002');
    if (expected !== undefined && expected !== '*' && expected !== etagOf(held))
      throw problem('TIL-00039');
    await publishPolicies(inner, [row], by);
    return (await lockResources(inner.db, [id])).get(id)!;
  });
}

/** The entity tag of a policy (RFC 9110 §8.8.3). */
export const etagOf = (version: number | null) => `"${version ?? 0}"`;

const CHUNK = 200;

/**
 * Compares what is indexed with what the policies say, mends what differs, and answers with the
 * resources it mended.
 */
export async function mendIndex(db: Db): Promise<string[]> {
  const mended: string[] = [];
  const keyOf = ({ action, kind, subject }: { action: string; kind: string; subject: string }) =>
    canonicalJson([action, kind, subject]);
  const differs = ({ content, rules }: IndexedPolicy) => {
    const [says, has] = [new Set(indexOf(content).map(keyOf)), new Set(rules.map(keyOf))];
    return says.size !== has.size || [...says].some((key) => !has.has(key));
  };
  const pace = createPace();
  for (let after = ''; ; ) {
    const some = await listIndexed(db, after, CHUNK);
    for (const one of some) {
      await pace();
      if (!differs(one)) continue;
      const { id } = one;
      // A difference may come from a publication under way: the row is compared again under its
      // lock.
      const isMended = await transaction(db, async (trx) => {
        await lockResources(trx, [id]);
        const policy = await findPolicyOf(trx, id);
        if (!policy) return false;
        await reindex(trx, [{ id, rules: indexOf(policy) }]);
        return true;
      });
      if (isMended) mended.push(id);
    }
    if (some.length < CHUNK) return mended;
    after = some.at(-1)!.id;
  }
}
