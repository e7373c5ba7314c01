// Compares every fact held of a register with what the register says. Facts it no longer says are
// ended, where its setting lets it: never on an incomplete answer, nor more than can have changed.
// It goes no faster than its setting, and one that is broken off goes on where it was, on whichever
// node takes it up.
import { setTimeout as pause } from 'node:timers/promises';
import type { Deciding } from '../../decision/act.ts';
import { type Act, again } from '../../platform/act.ts';
import type { GoesOn } from '../../platform/job.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { Impossible } from '../apply.ts';
import { SystemUnavailable } from '../../platform/http/machine.ts';
import type { RegisterSource } from '../model.ts';
import { partiesHeld, partiesOfIds, partiesToCheck } from '../store.ts';
import { createAsking, MOST_UNANSWERED, type RegisterAnswer } from './asking.ts';
import { compare, type Compared } from './compare.ts';
import type { PartyToCheck } from './model.ts';
import {
  beginComparison,
  endComparison,
  saveComparison,
  settleDifferences,
  wrongParties,
  type Comparison,
  type Found,
  type Settled,
} from './progress_store.ts';
import { repair } from './repair.ts';

export interface Reconciled {
  /** The comparison, whose differences are kept. */
  id: string;
  checked: number;
  /** Differences. */
  found: number;
  /** Facts that the register no longer says, ended now. */
  ended: number;
  /** Facts that it says and we did not hold, begun now. */
  begun: number;
  /** Why nothing was ended though the setting lets it. */
  heldBack: string | null;
}

/** Kinds of parties that a source is asked about. */
const FIRMS = ['organization', 'subunit'];
const KINDS: Record<string, string[]> = {
  folkeregisteret: ['person'],
  vergemal: ['person'],
  advokatregisteret: ['person'],
  finanstilsynet: ['person', ...FIRMS],
};
export const kindsAskedOf = (source: string): string[] => KINDS[source] ?? FIRMS;
const CHUNK = 200;
const REPAIRS = 20;
const AT_ONCE = 4;

/**
 * Compares a source with what is held, and puts right what may be; undefined where `goesOn` ended
 * it before it was through, or another node has taken it up. Throws `SystemUnavailable`, and goes
 * on from there the next time.
 */
export async function reconcileSource(
  act: Deciding,
  source: RegisterSource,
  goesOn: GoesOn,
): Promise<Reconciled | undefined> {
  const found = await beginComparison(act, source.code);
  const catalogue = await currentCatalogue(act);
  const under: Under = { act, source, found, catalogue, goesOn };
  if (!found.isWalked && !(await walk(under))) return undefined;
  const most = Math.floor(found.facts * source.atMost);
  let heldBack: string | null = null;
  if (source.repair !== 'none' && found.extra > most)
    heldBack = `${found.extra} of ${found.facts} facts would end, more than ${most}`;
  else if (source.repair !== 'none') {
    try {
      if (!(await repairAll(under))) return undefined;
    } catch (error) {
      if (!(error instanceof SystemUnavailable)) throw error;
      heldBack = `${source.code} went away`;
    }
  }
  if (!(await endComparison(again(act), found, heldBack))) return undefined;
  const { id, checked, ended, begun } = found;
  return { id, checked, found: found.found, ended, begun, heldBack };
}

interface Under {
  act: Deciding;
  source: RegisterSource;
  found: Comparison;
  catalogue: Catalogue;
  goesOn: GoesOn;
}

/** Compares party after party from where it was; answers whether it came to the end. */
async function walk(under: Under): Promise<boolean> {
  const { act, source, found, goesOn } = under;
  const asking = createAsking(source);
  for await (const parties of partiesOf(act, source, found.after)) {
    if (!goesOn()) return false;
    const differing: Found[] = [];
    const note = ({ count, extra, drift }: Compared) => {
      found.facts += count;
      found.extra += extra;
      differing.push(...drift.map((one) => ({ ...one, extra })));
    };
    for (let at = 0; at < parties.length; at += AT_ONCE) {
      const begun = performance.now();
      const some = parties.slice(at, at + AT_ONCE);
      for (const one of await compareSome(under, await asking.askEach(some))) note(one);
      const rest = (1000 * some.length) / source.perSecond - (performance.now() - begun);
      if (rest > 0) await pause(rest);
    }
    for (const one of await compareSome(under, await asking.askAgain())) note(one);
    found.checked += parties.length;
    found.found += differing.length;
    found.after = parties.at(-1)?.id ?? found.after;
    if (!(await saveComparison(act.db, found, differing))) return false;
  }
  found.isWalked = true;
  return saveComparison(act.db, found, []);
}

/** A night is long: each is compared at the moment of its answer. */
const compareSome = (
  { act, source, catalogue }: Under,
  answers: RegisterAnswer[],
): Promise<Compared[]> =>
  Promise.all(answers.map(([party, said]) => compare(again(act), source, party, said, catalogue)));

/** Puts right party after party; answers whether it came to the end. */
async function repairAll(under: Under): Promise<boolean> {
  const { act, source, found, goesOn } = under;
  let inARow = 0;
  for (;;) {
    const wrong = await wrongParties(act.db, found, REPAIRS);
    if (!wrong.length) return true;
    if (!goesOn()) return false;
    const settled: Settled = { parties: wrong.map(({ party }) => party), made: [], left: [] };
    // Facts that differ or are missing are reported; only those that the register no longer says
    // are ended.
    const wanted = wrong.filter(({ extra }) => source.repair === 'all' || extra > 0);
    const parties = await partiesOfIds(
      act.db,
      wanted.map(({ party }) => party),
    );
    for (const party of parties) {
      const { what } = wanted.find((one) => one.party === party.id)!;
      const isAnswered = await repairOne(under, { party, what }, settled);
      inARow = isAnswered ? 0 : inARow + 1;
      if (inARow === MOST_UNANSWERED) throw new SystemUnavailable(`${source.code} went away`);
    }
    found.found += settled.left.length;
    if (!(await settleDifferences(act.db, found, settled))) return false;
  }
}

/** Notes what came of it in `settled`; answers whether the register answered. */
async function repairOne(
  { act, source, found, catalogue }: Under,
  wrong: { party: PartyToCheck; what: string[] },
  settled: Settled,
): Promise<boolean> {
  const party = wrong.party.id;
  const made = async (phase: 'end' | 'begin') => {
    const done = phase === 'end' ? 'ended' : 'begun';
    for (const { what, count } of await repair(act, source, wrong.party, { catalogue, phase })) {
      if (!count || !wrong.what.includes(what)) continue;
      found[done] += count;
      settled.made = settled.made.filter((one) => one.party !== party || one.what !== what);
      settled.made.push({ party, what, done });
    }
  };
  try {
    await made('end');
    if (source.repair === 'all') await made('begin');
    return true;
  } catch (error) {
    // One that cannot be put right keeps nobody else's from being.
    settled.left.push({ party, why: whyNot(error) });
    return !(error instanceof SystemUnavailable);
  }
}

const whyNot = (error: unknown): string =>
  error instanceof Impossible || error instanceof SystemUnavailable
    ? error.message
    : 'it could not be put right';

/** The parties to ask a source about, after one: whom it or we hold anything of, or everybody. */
async function* partiesOf(
  act: Act,
  source: RegisterSource,
  from: string,
): AsyncGenerator<PartyToCheck[]> {
  const told = await source.told?.();
  if (told) {
    const held = await partiesHeld(act, source.code, told);
    const left = held.filter(({ id }) => id > from);
    for (let at = 0; at < left.length; at += CHUNK) yield left.slice(at, at + CHUNK);
    return;
  }
  for (let after = from; ; ) {
    const parties = await partiesToCheck(act.db, kindsAskedOf(source.code), after, CHUNK);
    if (parties.length) yield parties;
    if (parties.length < CHUNK) return;
    after = parties.at(-1)!.id;
  }
}
