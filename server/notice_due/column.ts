// The notice_due column, as it is wired: notices and owners' feeds. It notifies of what ends soon,
// and gives what has happened its place in the feeds.
import type { NewAct } from '../decision/act.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import { tagged } from '../platform/http/doors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { tellWhatEnds } from './due.ts';
import { placeAll } from './feed.ts';
import { ownerOperations } from './owner_feed_routes.ts';
import { noticeOperations } from './routes.ts';

interface Needs {
  jobAct: NewAct;
  metrics: Metrics;
}

const PLACE_MILLIS = 500;

export const noticeColumn = ({ jobAct, metrics }: Needs): Column => ({
  operations: tagged('Mandates', [...noticeOperations(), ...ownerOperations()]),
  jobs: [
    tending('notice.due', () => tellWhatEnds(jobAct())),
    {
      name: 'feed.place',
      everyMillis: PLACE_MILLIS,
      async run() {
        const { count, behind } = await placeAll(jobAct());
        if (count) metrics.feedBehind.set(behind);
      },
    },
  ],
});
