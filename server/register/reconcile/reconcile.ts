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
import { RegisterUnavailable } from '../source/fetch.ts';
import type { RegisterSource } from '../model.ts';
import { partiesHeld, partiesOfIds, partiesToCheck } from '../store.ts';
import { ask, compare, type Compared } from './compare.ts';
import type { Drift, PartyToCheck } from './model.ts';
import { beginComparison, saveComparison, type Comparison } from './progress_store.ts';
import { repair } from './repair.ts';

export interface Reconciled {
  checked: number;
  drift: Drift[];
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
 * it before it was through. Throws `RegisterUnavailable`, and goes on from there the next time.
 */
export async function reconcileSource(
  act: Deciding,
  source: RegisterSource,
  goesOn: GoesOn,
): Promise<Reconciled | undefined> {
  const found = await beginComparison(act, source.code);
  const catalogue = await currentCatalogue(act);
  if (!found.isWalked && !(await walk(act, source, { found, catalogue, goesOn }))) return undefined;
  const { checked, facts, extra } = found;
  const most = Math.floor(facts * source.atMost);
  let heldBack: string | null = null;
  if (source.repair !== 'none' && extra > most)
    heldBack = `${extra} of ${facts} facts would end, more than ${most}`;
  else if (source.repair !== 'none') {
    try {
      if (!(await repairAll(act, source, { found, catalogue, goesOn }))) return undefined;
    } catch (error) {
      if (!(error instanceof RegisterUnavailable)) throw error;
      heldBack = `${source.code} went away`;
    }
  }
  const { drift, ended, begun } = found;
  return { checked, drift, ended, begun, heldBack };
}

interface Under {
  found: Comparison;
  catalogue: Catalogue;
  goesOn: GoesOn;
}

/** Compares party after party from where it was; answers whether it came to the end. */
async function walk(
  act: Deciding,
  source: RegisterSource,
  { found, catalogue, goesOn }: Under,
): Promise<boolean> {
  for await (const parties of partiesOf(act, source, found.after)) {
    if (!goesOn()) return false;
    for (let at = 0; at < parties.length; at += AT_ONCE) {
      const begun = performance.now();
      const some = parties.slice(at, at + AT_ONCE);
      const asked = some.map(async (party) => {
        const said = await ask(source, party);
        // A night is long: each is compared at the moment of its answer.
        return compare(again(act), source, party, said, catalogue);
      });
      for (const one of await Promise.all(asked)) note(found, one);
      const rest = (1000 * some.length) / source.perSecond - (performance.now() - begun);
      if (rest > 0) await pause(rest);
    }
    found.checked += parties.length;
    found.after = parties.at(-1)?.id ?? found.after;
    await saveComparison(act.db, found);
  }
  found.isWalked = true;
  await saveComparison(act.db, found);
  return true;
}

function note(found: Comparison, { party, count, extra, drift }: Compared): void {
  found.facts += count;
  found.extra += extra;
  found.drift.push(...drift);
  if (drift.length) found.wrong.push({ party: party.id, extra });
}

/** Puts right party after party; answers whether it came to the end. */
async function repairAll(
  act: Deciding,
  source: RegisterSource,
  { found, catalogue, goesOn }: Under,
): Promise<boolean> {
  while (found.wrong.length) {
    if (!goesOn()) return false;
    const some = found.wrong.slice(0, REPAIRS);
    // Facts that differ or are missing are reported; only those that the register no longer says
    // are ended.
    const wanted = some.filter(({ extra }) => source.repair === 'all' || extra > 0);
    const parties = await partiesOfIds(
      act.db,
      wanted.map(({ party }) => party),
    );
    for (const party of parties) await repairOne(act, source, { party, found, catalogue });
    found.wrong = found.wrong.slice(some.length);
    await saveComparison(act.db, found);
  }
  return true;
}

async function repairOne(
  act: Deciding,
  source: RegisterSource,
  { party, found, catalogue }: { party: PartyToCheck; found: Comparison; catalogue: Catalogue },
): Promise<void> {
  const one = { party, drift: found.drift.filter((drift) => drift.party === party.id) };
  try {
    await repair(act, source, one, { catalogue, found, phase: 'end' });
    if (source.repair === 'all')
      await repair(act, source, one, { catalogue, found, phase: 'begin' });
  } catch (error) {
    if (error instanceof RegisterUnavailable) throw error;
    // One that cannot be put right keeps nobody else's from being.
    found.drift.push({ party: party.id, what: 'repair', ours: null, theirs: whyNot(error) });
  }
}

const whyNot = (error: unknown): string =>
  error instanceof Impossible ? error.message : 'it could not be put right';

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
