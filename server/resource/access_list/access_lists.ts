// Access lists: a service owner's register of organisations that may use its gated resources. Each
// act is one transaction.
import type { Act } from '../../platform/act.ts';
import { type Party, anyPartyName, isPublic } from '../../party/model.ts';
import { findByAnyName } from '../../party/store.ts';
import { transaction, type Db } from '../../platform/db/db.ts';
import { invalid } from '../problems.ts';
import { disconnectList, insertMembers, removeList, removeMembers } from '../registry/store.ts';

/** Ends a list: nobody is on it, and it opens nothing. */
export const endList = (db: Db, id: string): Promise<void> =>
  transaction(db, async (trx) => {
    await removeMembers(trx, id, null);
    await disconnectList(trx, id, null);
    await removeList(trx, id);
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

const isOrganization = ({ kind }: Party) => kind === 'organization' || kind === 'subunit';

/** Adds, removes or replaces members; all of them or none. */
export const changeMembers = (
  db: Db,
  list: string,
  how: 'add' | 'remove' | 'replace',
  ids: string[],
): Promise<void> =>
  transaction(db, async (trx) => {
    if (how === 'replace') await removeMembers(trx, list, null);
    if (how === 'remove') await removeMembers(trx, list, ids);
    else await insertMembers(trx, list, ids);
  });
