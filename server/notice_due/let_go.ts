// Letting go what the operator keeps for its days alone, by a setting and not otherwise. Whoever
// has a receipt of it is notified thirty days before; an archive gets it first, where there is one;
// and the log says which leaves are without their content, and by which rule.
import { takeConsentsToErase } from '../consent/basis/ending_store.ts';
import { takeMandatesToErase } from '../mandate/ending_store.ts';
import { appendHouseEvents } from '../event/store.ts';
import { letPlacesGo } from '../event/partition_store.ts';
import { leafOf, type LoggedEvent } from '../event/payload_model.ts';
import { leafHash } from '../log/tree_model.ts';
import type { NoticeOf } from '../notice/model.ts';
import { notifyEach } from '../notice/store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { LOT } from '../platform/db/sweep_store.ts';
import type { Keeping } from '../platform/env/env.ts';
import { NO_ID } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import { archive } from './archive.ts';
import {
  eraseEvents,
  findEventsDue,
  letLinesGo,
  type DueEvents,
  type LetGoBy,
} from './let_go_store.ts';

const DAY = 86_400_000;
const before = (now: Date, days: number): Date | null =>
  days ? new Date(now.getTime() - days * DAY) : null;

/** Lets go what is older than the days to keep, in lots. */
export async function letGo(act: Act, keeping: Keeping, goesOn: GoesOn): Promise<void> {
  const { db, now } = act;
  const ended = {
    consents: before(now, keeping.consentEvents),
    mandates: before(now, keeping.mandateEvents),
  };
  let after: string | null = ended.consents || ended.mandates ? NO_ID : null;
  const altered: string[] = [];
  while (after && goesOn()) {
    const due = await findEventsDue(db, after, ended);
    const [as, other] = asSigned(due);
    if (as.length) await erase(act, { ...due, events: as }, { keeping, ended });
    altered.push(...other.map(({ id }) => id));
    after = due.last;
  }
  const places = before(now, keeping.feed);
  if (places) {
    await letPlacesGo(db, places, goesOn);
    await letLinesGo(db, places, goesOn);
  }
  // The job has failed then, and says which: npm run audit finds out more.
  if (altered.length)
    throw new Error(`events are not as they were signed, and stay: ${altered.join()}`);
}

/** Those whose leaf is as it was signed, and the others, whose trace stays for the audit. */
function asSigned({ events, places }: DueEvents): [LoggedEvent[], LoggedEvent[]] {
  const hashes = new Map(places.map(({ id, hash }) => [id, hash]));
  const isAsSigned = (event: LoggedEvent) =>
    leafHash(leafOf(event)).toString('hex') === hashes.get(event.id);
  const { true: as = [], false: other = [] } = Object.groupBy(events, (event) =>
    isAsSigned(event) ? 'true' : 'false',
  );
  return [as, other];
}

async function erase(
  act: Act,
  { events, places }: DueEvents,
  { keeping, ended }: { keeping: Keeping; ended: LetGoBy },
): Promise<void> {
  const { archive: folder } = keeping;
  if (folder) await archive(folder, act.now, events);
  const leaves = events.map((event) => ({ id: event.id, leaf: leafOf(event) }));
  await inTransaction(act, async (inner) => {
    const gone = await eraseEvents(inner.db, leaves, ended, keeping);
    // A lot of which something has changed since goes another night.
    if (gone !== leaves.length) throw new Error(`${leaves.length - gone} events may not go`);
    const isOfConsent = ({ consent }: LoggedEvent) => consent !== null;
    const of = (some: LoggedEvent[], rule: string) => {
      const ids = new Set(some.map(({ id }) => id));
      const named = places.filter(({ id }) => ids.has(id));
      return [...Map.groupBy(named, ({ log }) => log)].map(([log, leaves]) => ({
        type: 'erased' as const,
        detail: { rule, log, leaves: leaves.map(({ position }) => position).sort((a, b) => a - b) },
      }));
    };
    const [consents, others] = [events.filter(isOfConsent), events.filter((e) => !isOfConsent(e))];
    await appendHouseEvents(inner, [
      ...of(consents, `CONSENT_EVENT_DAYS ${keeping.consentEvents}`),
      ...of(others, `MANDATE_EVENT_DAYS ${keeping.mandateEvents}`),
    ]);
  });
}

type NoticeTo = NoticeOf & { parties: string[] };

/** How long before whoever has a receipt is notified. */
const NOTIFIED_DAYS = 30;

/** Notifies givers and receivers whose receipts will be erased. */
export async function tellErasing(act: Act, keeping: Keeping, goesOn: GoesOn): Promise<void> {
  const tell = async (days: number, notices: (inner: Act, by: Date) => Promise<NoticeTo[]>) => {
    const by = before(act.now, days && days - NOTIFIED_DAYS);
    for (let more = by !== null; more && goesOn(); )
      more = await inTransaction(act, async (inner) => {
        const some = await notices(inner, by!);
        await notifyEach(inner, some);
        return some.length === LOT;
      });
  };
  await tell(keeping.consentEvents, async (inner, by) =>
    (await takeConsentsToErase(inner, by, LOT)).map(({ id, from }) => {
      return { type: 'consent_erased_soon', consentId: id, parties: [from] };
    }),
  );
  await tell(keeping.mandateEvents, async (inner, by) =>
    (await takeMandatesToErase(inner, by, LOT)).map(({ id, from, to }) => {
      return { type: 'mandate_erased_soon', mandateId: id, parties: [from, to] };
    }),
  );
}
