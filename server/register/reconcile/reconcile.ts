// Compares every fact held of a register with what the register says. Facts it no longer says are
// ended, where its setting lets it: never on an incomplete answer, nor more than can have changed.
import type { Deciding } from '../../decision/act.ts';
import { type Act, inTransaction, again } from '../../platform/act.ts';
import { endAll } from '../../delegation/end/end.ts';
import { endIncapacity } from '../../mandate/capacity_store.ts';
import { markEstate } from '../../mandate/estate_store.ts';
import type { Estate } from '../../party/facts_store.ts';
import { endQualification } from '../../mandate/store.ts';
import { endPartyAt, identifyParties } from '../../party/store.ts';
import { isDeadlock, type Db } from '../../platform/db/db.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { applyFact, Impossible } from '../apply.ts';
import { endEmployment } from '../employments.ts';
import { RegisterUnavailable, unreadable } from '../source/fetch.ts';
import { factFault, type Fact, type RegisterSource } from '../model.ts';
import { endSooner } from './ends.ts';
import {
  comparison,
  byEnd,
  keysOf,
  type HeldFacts,
  type OtherEnd,
  type PartyToCheck,
  type SourceFacts,
} from './model.ts';
import { findHeldFacts, lockCursor, partiesHeld, partiesToCheck, readCursor } from '../store.ts';
import { textOf } from '../../platform/as_text.ts';

interface Drift {
  party: string;
  what: string;
  ours: unknown;
  theirs: unknown;
  /** The correction that was made. */
  done?: 'ended' | 'begun';
}

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

/** Parties that a source is asked about. */
const FIRMS = ['organization', 'subunit'];
const KINDS: Record<string, string[]> = {
  folkeregisteret: ['person'],
  vergemal: ['person'],
  advokatregisteret: ['person'],
  finanstilsynet: ['person', ...FIRMS],
};
const CHUNK = 200;
const AT_ONCE = 4;
const FIRST = '00000000-0000-0000-0000-000000000000';

interface Compared {
  party: PartyToCheck;
  facts: Fact[];
  told: SourceFacts;
  held: HeldFacts;
  drift: Drift[];
  /** How many facts are held, and how many of them the register no longer says. */
  count: number;
  extra: number;
}

/** Compares a source with what is held, and puts right what may be. */
export async function reconcileSource(act: Deciding, source: RegisterSource): Promise<Reconciled> {
  const found: Reconciled = { checked: 0, drift: [], ended: 0, begun: 0, heldBack: null };
  const catalogue = await currentCatalogue(act);
  const wrong: Compared[] = [];
  let [count, extra] = [0, 0];
  for await (const parties of partiesOf(act, source)) {
    for (let at = 0; at < parties.length; at += AT_ONCE) {
      const some = parties.slice(at, at + AT_ONCE);
      const asked = some.map(async (party) => {
        const said = await ask(source, party);
        // A night is long: each is compared at the moment of its answer.
        return compare(again(act), source, party, said, catalogue);
      });
      for (const one of await Promise.all(asked)) {
        count += one.count;
        extra += one.extra;
        found.drift.push(...one.drift);
        if (one.drift.length) wrong.push(one);
      }
    }
    found.checked += parties.length;
  }
  if (source.repair === 'none') return found;
  const most = Math.floor(count * source.atMost);
  if (extra > most) {
    found.heldBack = `${extra} of ${count} facts would end, more than ${most}`;
    return found;
  }
  for (const one of wrong) {
    // Facts that differ or are missing are reported; only those that the register no longer says
    // are ended.
    if (source.repair === 'end' && one.extra === 0) continue;
    try {
      await repair(act, source, one, { catalogue, found, phase: 'end' });
      if (source.repair === 'all')
        await repair(act, source, one, { catalogue, found, phase: 'begin' });
    } catch (error) {
      if (error instanceof RegisterUnavailable) {
        found.heldBack = `${source.code} went away`;
        return found;
      }
      // One that cannot be put right keeps nobody else's from being.
      found.drift.push({ party: one.party.id, what: 'repair', ours: null, theirs: whyNot(error) });
    }
  }
  return found;
}

const whyNot = (error: unknown): string =>
  error instanceof Impossible ? error.message : 'it could not be put right';

/** The parties to ask a source about: whom it or we hold anything of, or everybody. */
async function* partiesOf(act: Act, source: RegisterSource): AsyncGenerator<PartyToCheck[]> {
  const told = await source.told?.();
  if (told) {
    yield partiesHeld(act, source.code, told);
    return;
  }
  for (let after = FIRST; ; ) {
    const parties = await partiesToCheck(act.db, KINDS[source.code] ?? FIRMS, after, CHUNK);
    yield parties;
    if (parties.length < CHUNK) return;
    after = parties.at(-1)!.id;
  }
}

/** Everything that the register says of a party, or why it was not read. */
type Said = { facts: Fact[] } | { unread: string };

async function ask(source: RegisterSource, party: PartyToCheck): Promise<Said> {
  try {
    const facts = await source.lookup(party.number, party.kind);
    const fault = facts.map(factFault).find(Boolean);
    return fault ? { unread: fault } : { facts };
  } catch (error) {
    if (error instanceof RegisterUnavailable) throw error;
    return { unread: unreadable(error) };
  }
}

/** The same against what we hold; by UUIDs, without a number. */
async function compare(
  act: Act,
  source: RegisterSource,
  party: PartyToCheck,
  said: Said,
  catalogue: Catalogue,
): Promise<Compared> {
  const { now } = act;
  const held = await findHeldFacts(act, party.id, source.code);
  if ('unread' in said) {
    const drift = [{ party: party.id, what: 'document', ours: null, theirs: said.unread }];
    const told = { facts: [], ids: new Map<string, string>() };
    return { party, held, facts: [], told, drift, count: 0, extra: 0 };
  }
  const { facts } = said;
  const told = await toldBy(act.db, facts);
  const found = comparison({ source: source.code, party, held, told, now }, catalogue);
  return { party, held, facts, told, ...found };
}

/** The facts with their parties by UUID; one that nobody knows has none. */
async function toldBy(db: Db, facts: Fact[]): Promise<SourceFacts> {
  const numbers = facts.flatMap((fact) =>
    fact.kind === 'roles'
      ? fact.holders.map(({ to }) => to)
      : fact.kind === 'role'
        ? [fact.holder.to]
        : fact.kind === 'employment'
          ? [fact.employee]
          : [],
  );
  return { facts, ids: await identifyParties(db, numbers) };
}

interface Repairing {
  catalogue: Catalogue;
  found: Reconciled;
  /** An end is not undone because something cannot begin. */
  phase: 'end' | 'begin';
}

/**
 * Puts one party right in a transaction of its own, by what the register says of it now; unless its
 * feed has sent something meanwhile, so that nothing newer is undone: then it is the next night's.
 */
async function repair(
  act: Act,
  source: RegisterSource,
  { party, drift: before }: Compared,
  { catalogue, found, phase }: Repairing,
): Promise<void> {
  const read = await readCursor(act.db, source.code);
  const said = await ask(source, party);
  const once = () =>
    inTransaction(again(act), async (inner) => {
      if ((await lockCursor(inner.db, source.code))?.cursor !== read?.cursor) return [];
      const wrong = await compare(inner, source, party, said, catalogue);
      const done: { what: string; count: number }[] = [];
      for (const { what, ours, theirs } of wrong.drift) {
        const count =
          phase === 'end'
            ? await end(inner, wrong, { what, ours, theirs })
            : await begin(inner, source, wrong, { what, theirs }, catalogue);
        done.push({ what, count });
      }
      return done;
    });
  const all = await once().catch((error) => (isDeadlock(error) ? once() : Promise.reject(error)));
  for (const { what, count } of all) {
    const noted = before.find((one) => one.what === what);
    if (!count || !noted) continue;
    noted.done = phase === 'end' ? 'ended' : 'begun';
    found[noted.done] += count;
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Ends what the register no longer says; answers how much. */
async function end(
  act: Act,
  { party, held }: Compared,
  { what, ours, theirs }: Pick<Drift, 'what' | 'ours' | 'theirs'>,
): Promise<number> {
  const extra = list(ours);
  if (what === 'ends')
    return endSooner(act, party.id, held, {
      ours: ours as OtherEnd[],
      theirs: theirs as OtherEnd[],
    });
  if (what === 'ended' && theirs !== null) {
    await endPartyAt(act.db, party.id, new Date(textOf(theirs) ?? ''));
    return 1;
  }
  if (what === 'estate' && theirs !== null) {
    await markEstate(act, party.id, theirs as Estate);
    return 1;
  }
  if (what === 'roles') {
    const lost = held.roles.filter(({ role, to }) => extra.includes(`${role} ${to}`));
    if (lost.length) await endAll(act, lost, { by: null, type: 'role_lost' });
  }
  for (const one of extra)
    if (what === 'qualifications')
      await endQualification(act.db, party.id, textOf(one) ?? '', act.now);
    else if (what === 'employments') await endEmployment(act, party.id, textOf(one) ?? '');
    else if (what === 'capacity')
      await endIncapacity(act.db, party.id, one as string | null, act.now);
  return extra.length;
}

/** Takes in what the register says and we do not hold; answers how many facts that took. */
async function begin(
  act: Act,
  source: RegisterSource,
  { facts, told }: Compared,
  { what, theirs }: Pick<Drift, 'what' | 'theirs'>,
  catalogue: Catalogue,
): Promise<number> {
  const missing = what === 'ends' ? (theirs as OtherEnd[]).map(({ key }) => key) : list(theirs);
  if (!missing.length && !['name', 'form', 'estate'].includes(what)) return 0;
  const wanted = facts.filter((fact) => isMissing(fact, what, missing, told)).sort(byEnd);
  for (const fact of wanted) await applyFact(act, source.code, fact, catalogue);
  return wanted.length;
}

/** Whether a fact brings what is missing; one that says all of a party's roles does. */
function isMissing(fact: Fact, what: string, missing: unknown[], told: SourceFacts): boolean {
  if (!ABOUT[what]?.includes(fact.kind)) return false;
  const keys = keysOf(fact, told);
  return keys === undefined || keys.some((key) => missing.includes(key));
}

/** Facts that a difference comes from. */
const ABOUT: Record<string, Fact['kind'][]> = {
  name: ['party'],
  form: ['party'],
  estate: ['party'],
  roles: ['roles', 'role'],
  qualifications: ['qualification'],
  employments: ['employment'],
  capacity: ['capacity'],
  ends: ['roles', 'role', 'qualification', 'employment', 'capacity'],
};
