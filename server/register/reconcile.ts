// What we hold of a register against what it says: every fact of every source. What the register no
// longer says is ended, where its setting lets it; nothing is ended on an answer that is not whole,
// or when it would be more than a register can have changed unseen.
import type { DecisionPoint } from '../decision/point.ts';
import { endAll } from '../delegation/end.ts';
import { endIncapacity } from '../mandate/capacity_store.ts';
import { endQualification } from '../mandate/store.ts';
import { endPartyAt, identifyParties } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { transaction, type Db } from '../platform/db.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import type { Catalogue } from '../resource/catalogue_model.ts';
import { applyFact } from './apply.ts';
import { leave } from './employments.ts';
import { RegisterUnavailable, unreadable } from './fetch.ts';
import { factFault, type Fact, type Source } from './model.ts';
import { comparison, type Held, type PartyToCheck, type Told } from './reconcile_model.ts';
import { findHeld, lockCursor, partiesHeld, partiesToCheck, readCursor } from './store.ts';

export interface Drift {
  party: string;
  what: string;
  ours: unknown;
  theirs: unknown;
  /** What was done about it. */
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
const KINDS: Record<string, string[]> = { folkeregisteret: ['person'] };
const OTHERS = ['organization', 'subunit'];
const CHUNK = 200;
const AT_ONCE = 4;
const FIRST = '00000000-0000-0000-0000-000000000000';

interface Compared {
  party: PartyToCheck;
  facts: Fact[];
  held: Held;
  drift: Drift[];
  /** How many facts are held, and how many of them the register no longer says. */
  count: number;
  extra: number;
}

/** Compares a source with what is held, and puts right what may be. */
export async function reconcileSource(point: DecisionPoint, source: Source): Promise<Reconciled> {
  const found: Reconciled = { checked: 0, drift: [], ended: 0, begun: 0, heldBack: null };
  const catalogue = await currentCatalogue(point);
  const wrong: Compared[] = [];
  let [count, extra] = [0, 0];
  for await (const parties of partiesOf(point.db, source)) {
    for (let at = 0; at < parties.length; at += AT_ONCE) {
      const some = parties.slice(at, at + AT_ONCE);
      const asked = some.map(async (party) =>
        compare(point.db, source, party, await ask(source, party), catalogue),
      );
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
  for (const one of wrong) await repair(point.db, source, one, catalogue, found);
  return found;
}

/** Whom to ask a source about: of whom it has told, or we hold, anything; or everybody there is. */
async function* partiesOf(db: Db, source: Source): AsyncGenerator<PartyToCheck[]> {
  if (source.told) {
    yield partiesHeld(db, source.code, await source.told(), clock.now());
    return;
  }
  for (let after = FIRST; ; ) {
    const parties = await partiesToCheck(db, KINDS[source.code] ?? OTHERS, after, CHUNK);
    yield parties;
    if (parties.length < CHUNK) return;
    after = parties.at(-1)!.id;
  }
}

/** What the register says of a party: everything, or why it is not read. */
type Said = { facts: Fact[] } | { unread: string };

async function ask(source: Source, party: PartyToCheck): Promise<Said> {
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
  db: Db,
  source: Source,
  party: PartyToCheck,
  said: Said,
  catalogue: Catalogue,
): Promise<Compared> {
  const now = clock.now();
  const held = await findHeld(db, party.id, source.code, now);
  if ('unread' in said) {
    const drift = [{ party: party.id, what: 'document', ours: null, theirs: said.unread }];
    return { party, held, facts: [], drift, count: 0, extra: 0 };
  }
  const { facts } = said;
  const told = await toldBy(db, facts);
  const found = comparison({ source: source.code, party, held, told, now }, catalogue);
  return { party, held, facts, ...found };
}

/** The facts with their parties by UUID; one that nobody knows has none. */
async function toldBy(db: Db, facts: Fact[]): Promise<Told> {
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

/**
 * Puts one party right in a transaction of its own, by what the register says of it now; unless its
 * feed has told something meanwhile, so that nothing newer is undone: then it is the next night's.
 */
async function repair(
  db: Db,
  source: Source,
  { party, drift: before }: Compared,
  catalogue: Catalogue,
  found: Reconciled,
): Promise<void> {
  const read = await readCursor(db, source.code);
  const said = await ask(source, party);
  await transaction(db, async (trx) => {
    const now = clock.now();
    if ((await lockCursor(trx, source.code))?.cursor !== read?.cursor) return;
    const { facts, held, drift } = await compare(trx, source, party, said, catalogue);
    for (const one of drift) {
      const done = await putRight(trx, source, { one, party, facts, held }, catalogue, now);
      const noted = before.find(({ what }) => what === one.what);
      if (done && noted) noted.done = done.begun ? 'begun' : 'ended';
      found.ended += done?.ended ?? 0;
      found.begun += done?.begun ?? 0;
    }
  });
}

interface Wrong {
  one: Drift;
  party: PartyToCheck;
  facts: Fact[];
  held: Held;
}

async function putRight(
  trx: Db,
  source: Source,
  { one, party, facts, held }: Wrong,
  catalogue: Catalogue,
  now: Date,
): Promise<{ ended: number; begun: number } | undefined> {
  const [extra, missing] = [one.ours, one.theirs].map((list) => (Array.isArray(list) ? list : []));
  switch (one.what) {
    case 'document':
      return undefined;
    case 'ended':
      if (one.theirs === null) return undefined;
      await endPartyAt(trx, party.id, new Date(String(one.theirs)));
      return { ended: 1, begun: 0 };
    case 'roles': {
      const lost = held.roles.filter(({ role, to }) => extra!.includes(`${role} ${to}`));
      if (lost.length) await endAll(trx, lost, { by: null, type: 'role_lost' }, now);
      break;
    }
    case 'qualifications':
      for (const kind of extra!) await endQualification(trx, party.id, String(kind), now);
      break;
    case 'employments':
      for (const employee of extra!) await leave(trx, party.id, String(employee), now);
      break;
    case 'capacity':
      for (const role of extra!) await endIncapacity(trx, party.id, role as string | null, now);
      break;
  }
  const begins =
    source.repair === 'all' && (missing!.length > 0 || ['name', 'form'].includes(one.what));
  if (begins)
    for (const fact of facts.filter(({ kind }) => ABOUT[one.what]?.includes(kind)))
      await applyFact(trx, source.code, fact, catalogue, now);
  return { ended: extra!.length, begun: begins ? Math.max(1, missing!.length) : 0 };
}

/** Facts that a difference comes from. */
const ABOUT: Record<string, Fact['kind'][]> = {
  name: ['party'],
  form: ['party'],
  roles: ['roles', 'role'],
  qualifications: ['qualification'],
  employments: ['employment'],
  capacity: ['capacity'],
};
