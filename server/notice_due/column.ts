// The notice_due column, as it is wired: notices and owners' feeds. It notifies of what ends soon,
// gives what has happened its place in the feeds, and lets go what the operator does not keep.
import { feedBehind } from './feed_store.ts';
import type { NewAct } from '../decision/act.ts';
import type { Keeping } from '../platform/env/env.ts';
import type { Restoration } from '../platform/restoration_store.ts';
import type { Column } from '../platform/column.ts';
import { nightly, partitioning, tending } from '../platform/job.ts';
import { makeEventPartitions } from '../event/partition_store.ts';
import { tagged } from '../platform/http/doors.ts';
import { tellWhatEnds } from './due.ts';
import { tellGrown } from './grown.ts';
import { letGo, tellErasing } from './let_go.ts';
import { placeAll } from './feed.ts';
import { ownerOperations } from './owner_feed_routes.ts';
import { noticeOperations } from './routes.ts';

interface Needs {
  jobAct: NewAct;
  keeping: Keeping;
  /** The last time that the database was set back. */
  restored: Restoration | undefined;
}

const PLACE_MILLIS = 500;

export const noticeColumn = ({ jobAct, keeping, restored }: Needs): Column => ({
  operations: tagged('Mandates', [...noticeOperations(), ...ownerOperations(restored)]),
  measures: [
    {
      name: 'tillit_feed_behind_seconds',
      help: 'Seconds since the oldest event that has no place in the feeds yet; 0 where all have one',
      read: async () => [{ value: await feedBehind(jobAct()) }],
    },
  ],
  jobs: [
    partitioning('event.partitions', () => makeEventPartitions(jobAct())),
    nightly('event.let_go', (goesOn) => letGo(jobAct(), keeping, goesOn)),
    nightly('event.tell_erasing', (goesOn) => tellErasing(jobAct(), keeping, goesOn)),
    tending('notice.due', () => tellWhatEnds(jobAct())),
    tending('notice.grown', (goesOn) => tellGrown(jobAct, goesOn)),
    {
      name: 'feed.place',
      everyMillis: PLACE_MILLIS,
      run: () => placeAll(jobAct()),
    },
  ],
});
