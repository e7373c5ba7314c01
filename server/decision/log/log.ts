// Every decision and every search is written down, permitted or not: gathered for a moment and
// written together, beside the answer. A kill may cost the last second, an outage of the database
// the oldest beyond what memory should hold; neither where an answer waits until it is written.
import { actAlone } from '../../platform/act.ts';
import { clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/db.ts';
import { isOfData } from '../../platform/db/db_faults.ts';
import { unavailable } from '../../platform/errors.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { knownId } from '../rules/facts_model.ts';
import type { Decided, NamedQuestion } from '../rules/question_model.ts';
import { appendDecisions, type LogEntry } from './store.ts';
import { appendSearches, type SearchEntry, type SearchLogged } from '../search/log_store.ts';

const PAUSE_MILLIS = 100;

interface Size {
  /** Entries written together. */
  batch: number;
  /** Entries kept while the database is away. */
  most: number;
}
const OF_DECISIONS: Size = { batch: 2_000, most: 50_000 };
/** Each may list ten thousand parties. */
const OF_SEARCHES: Size = { batch: 100, most: 1_000 };

interface Entry {
  id: string;
  resourceId: string | null;
}
type Append<One> = (batch: One[]) => Promise<unknown>;

/**
 * One that cannot be stored must not keep the others out: they are tried in halves, and it is left
 * to the log of the process. Answers with how many could not.
 */
async function inHalves<One extends Entry>(
  append: Append<One>,
  batch: One[],
  log: Logger,
): Promise<number> {
  try {
    await append(batch);
    return 0;
  } catch (error) {
    // RangeError: a text that is longer than a text can be.
    if (!isOfData(error) && !(error instanceof RangeError)) throw error;
    const half = batch.length >> 1;
    if (half === 0) {
      log.error(
        { err: error, decision: batch[0]!.id, resource: batch[0]!.resourceId },
        'a decision could not be written down',
      );
      return 1;
    }
    const first = await inHalves(append, batch.slice(0, half), log);
    return first + (await inHalves(append, batch.slice(half), log));
  }
}

/** Takes entries, and writes them a moment later. */
function createBook<One extends Entry>(
  append: Append<One>,
  { batch: size, most }: Size,
  log: Logger,
) {
  let waiting: One[] = [];
  let dropped = 0;
  /** Entries that were taken, and of those how many are written or given up. */
  let taken = 0;
  let settled = 0;
  let fault: unknown;
  /** Entries that no database can store. */
  let unstorable = 0;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /**
   * Writes the entries that wait now. Later ones have their own turn; otherwise a busy node would
   * write a few at a time without end.
   */
  async function write(): Promise<void> {
    for (let left = waiting.length; left > 0; left -= size) {
      const batch = waiting.slice(0, Math.min(left, size));
      try {
        unstorable += await inHalves(append, batch, log);
        waiting = waiting.slice(batch.length);
        settled += batch.length;
        fault = undefined;
      } catch (error) {
        fault = error;
        log.error(
          { err: error, waiting: waiting.length },
          'decisions could not be written down yet',
        );
        const over = Math.max(0, waiting.length - most);
        dropped += over;
        settled += over;
        if (over) waiting = waiting.slice(over);
        return;
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
      if (waiting.length) soon();
    });
    return writing;
  }

  function soon(): void {
    timer ??= setTimeout(() => void flush(), PAUSE_MILLIS).unref();
  }

  return {
    add(entry: One): void {
      waiting.push(entry);
      taken += 1;
      soon();
    },
    /** Resolves when all that was taken till now is written; throws where it cannot be. */
    async kept(): Promise<void> {
      const [upTo, before] = [taken, unstorable];
      while (settled < upTo) {
        await flush();
        if (fault) throw unavailable(fault);
      }
      if (unstorable > before) throw unavailable(new Error('an entry cannot be stored'));
    },
    /** How many wait, and how many were let go while the database was away. */
    state: () => ({ waiting: waiting.length, dropped }),
    /** Writes what waits, now. */
    async flush(): Promise<void> {
      await writing;
      await flush();
    },
  };
}

export type DecisionLog = ReturnType<typeof createDecisionLog>;

interface LogNeeds {
  log: Logger;
  metrics: Pick<Metrics, 'decisions'>;
  /** The organisation numbers of those whose decisions a law exempts from being shown. */
  exemptSearches: string[];
}

export function createDecisionLog(db: Db, { log, metrics, exemptSearches: exempt }: LogNeeds) {
  const decisions = createBook<LogEntry>(
    (batch) => appendDecisions(actAlone(db), batch, exempt),
    OF_DECISIONS,
    log,
  );
  const searches = createBook<SearchLogged>((batch) => appendSearches(db, batch), OF_SEARCHES, log);
  return {
    /** Notes an answer; its id is what the answer may name. */
    note(caller: string, question: NamedQuestion, { decision, facts, resource }: Decided): string {
      const now = clock.now();
      const id = uuidv7(now);
      metrics.decisions.inc({ outcome: decision.outcome });
      decisions.add({
        id,
        at: now,
        caller,
        subject: knownId(facts.subject),
        fromParty: knownId(facts.from),
        resourceId: resource?.id ?? null,
        action: question.action.slice(0, 200).toWellFormed(),
        instance: question.instance?.slice(0, 300).toWellFormed() ?? null,
        outcome: decision.outcome,
        reason: decision.reason,
        level: decision.level,
        policyVersion: resource?.policyVersion ?? null,
        mandates: decision.mandates,
      });
      return id;
    },
    /** Notes that somebody searched, and whom the answer named. */
    noteSearch(entry: SearchEntry): void {
      const now = clock.now();
      const action = entry.action?.slice(0, 200).toWellFormed() ?? null;
      searches.add({ ...entry, action, id: uuidv7(now), at: now });
    },
    /** The same, of decisions and of searches. */
    state: () => ({ decisions: decisions.state(), searches: searches.state() }),
    /** Resolves when all that was noted till now is written; 503 where it cannot be. */
    async kept(): Promise<void> {
      await Promise.all([decisions.kept(), searches.kept()]);
    },
    /** Writes what waits, now. */
    async flush(): Promise<void> {
      await Promise.all([decisions.flush(), searches.flush()]);
    },
  };
}
