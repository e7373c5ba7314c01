// SQL of relations and groups that had ended when the database was set back.
import { endGroupsAgain } from '../mandate/restore_store.ts';
import { endedAgain } from '../platform/db/archive_store.ts';
import type { Db } from '../platform/db/db.ts';

const ended = endedAgain('relation');

/** Ends relations, and groups with who left them, that ended since an instant; says how many. */
export const endRelationsAgain = async (
  db: Db,
  archive: Db,
  since: Date,
): Promise<{ relations: number; groups: number }> => ({
  relations: await ended(db, archive, since),
  groups: await endGroupsAgain(db, archive, since),
});
