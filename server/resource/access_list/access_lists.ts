// Access lists: a service owner's register of organisations that may use its gated resources. Each
// act is one transaction, and the version that its caller saw is asked for in it.
import type { Doer } from '../../event/store.ts';
import { type Act, inTransaction } from '../../platform/act.ts';
import { anyPartyName, isOrganization, isPublic } from '../../party/model.ts';
import { findByAnyName } from '../../party/store.ts';
import type { Db } from '../../platform/db/db.ts';
import { canonicalJson, sha256 } from '../../platform/ids.ts';
import { invalid, problem } from '../problems.ts';
import {
  findAccessLists,
  insertMembers,
  listMembers,
  lockAccessList,
  removeMembers,
  type ListChange,
  type ListRow,
} from './store.ts';

/** The version of a list: what it says and whom it holds. */
export async function versionOf(db: Db, list: ListRow): Promise<string> {
  const members = (await listMembers(db, list.id)).map(({ id }) => id);
  return `"${sha256(canonicalJson([list, members]))}"`;
}

/** Whether a tag is one of those that If-Match lists; `*` is any (RFC 9110 §13.1.1). */
const isAmong = (seen: string, version: string): boolean =>
  seen === '*' || seen.split(',').some((tag) => tag.trim() === version);

interface ListNamed {
  /** The owner's organisation number. */
  owner: string;
  id: string;
  /** The version that the caller has seen (If-Match, RFC 9110 §13.1.1), where it says one. */
  seen: string | undefined;
}

/**
 * Changes a list, in a transaction in which nobody else does: `list` is undefined where there is
 * none yet. TIL-00034 when the caller has seen another version.
 */
export const changeList = <A extends Act, Result>(
  act: A,
  { owner, id, seen }: ListNamed,
  change: (inner: A, list: ListRow | undefined) => Promise<Result>,
): Promise<Result> =>
  inTransaction(act, async (inner) => {
    await lockAccessList(inner.db, owner, id);
    const [list] = await findAccessLists(inner.db, owner, id);
    if (seen && list && !isAmong(seen, await versionOf(inner.db, list))) throw problem('TIL-00034');
    return change(inner, list);
  });

/** A change of a list as it is, by its doer. */
export const listChange = ({ id: list, members, resources }: ListRow, by: Doer): ListChange => ({
  ...{ list, by, members },
  opens: resources.length,
});

/** The organisations that are named, each known; RR.VLD-00004 for the first that is not. */
export async function membersNamed(act: Act, names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const parsed = anyPartyName(name);
    // No person is a member, so nobody hears whether a person's number is somebody's.
    const isPersonal = parsed && !isPublic(parsed) && parsed.by !== 'partyId';
    const party = parsed && !isPersonal && (await findByAnyName(act, parsed));
    if (!party || !isOrganization(party)) throw invalid('RR.VLD-00004', `/data/${index}`);
    ids.push(party.id);
  }
  return ids;
}

/** Adds, removes or replaces members, in the list's transaction; who stays leaves no trace. */
export async function changeMembers(
  act: Act,
  whose: ListChange,
  how: 'add' | 'remove' | 'replace',
  ids: string[],
): Promise<void> {
  if (how === 'replace') await removeMembers(act, whose, { parties: null, keep: ids });
  if (how === 'remove') await removeMembers(act, whose, { parties: ids });
  else await insertMembers(act, whose, ids);
}
