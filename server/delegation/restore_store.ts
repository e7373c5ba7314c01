// SQL of relations that had ended when the database was set back.
import { endedAgain } from '../platform/db/archive_store.ts';

/** Ends those that have ended since an instant; answers with how many. */
export const endRelationsAgain = endedAgain('relation');
