// A batch of a feed in one transaction with its cursor. What cannot be read or used is set aside by
// itself: until it is, what it names does not hold, and what comes after goes on. An end is an end
// though the rest of its line cannot be read.
import { suspendRole, suspendRoles } from '../mandate/register_store.ts';
import { protectPerson } from '../party/facts_store.ts';
import type { Deciding } from '../decision/act.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { appendEvents } from '../event/store.ts';
import { putIncapacities } from '../mandate/capacity_store.ts';
import { endQualification } from '../mandate/store.ts';
import { identifyParties } from '../party/import_store.ts';
import { isOfData } from '../platform/db/db_faults.ts';
import { uuidv7 } from '../platform/ids.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { applyEnds, applyFact, Impossible } from './apply.ts';
import {
  countUnnamed,
  dropAside,
  findDue,
  listAside,
  lockAside,
  putAside,
  suspendEmployment,
  type Aside,
} from './aside_store.ts';
import { factFault, type Batch, type Fact, type Register, type ReadLine } from './model.ts';
import { lockCursor, moveCursor } from './store.ts';

/**
 * The facts that were applied, and where the feed stopped; undefined when another node was faster.
 */
export interface Applied {
  count: number;
  fault: string | null;
  passedOver: number;
  /** Why each line that was set aside was. */
  aside: string[];
  /** Lines from which no party can be read. */
  unnamed: number;
}

interface Applying {
  /** In the transaction of the batch. */
  act: Act;
  source: string;
  catalogue: Catalogue;
}

/** Applies a batch; where the feed itself stops is noted with the place. */
export async function applyBatch(
  act: Deciding,
  source: string,
  from: string,
  batch: Batch,
): Promise<Applied | undefined> {
  const catalogue = await currentCatalogue(act);
  return inTransaction(act, async (inner) => {
    const state = await lockCursor(inner.db, source);
    if (state?.cursor !== from) return undefined;
    const applying = { act: inner, source, catalogue };
    const known = await listAside(inner.db, source);
    const unnumbered = batch.unnumbered ?? 0;
    const done: Applied = { count: 0, fault: null, passedOver: 0, aside: [], unnamed: unnumbered };
    for (const step of batch.facts) await take(applying, step, known, done);
    if (done.unnamed) await countUnnamed(inner.db, source, done.unnamed);
    done.fault = batch.fault ?? null;
    await moveCursor(inner, source, batch.cursor, done.fault);
    return done;
  });
}

/** Takes in one line, or sets it aside; it is the last word on what it is about. */
async function take(
  applying: Applying,
  step: ReadLine,
  known: Set<string>,
  done: Applied,
): Promise<void> {
  const { fact, place, again } = step;
  const tried = fact ? await tryApply(applying, fact) : { why: step.why ?? '' };
  const settled = [place.relation, ...(place.settles ?? [])].filter((one) => known.delete(one));
  if (settled.length) await dropAside(applying.act.db, applying.source, settled);
  if (typeof tried === 'number') {
    done.count += 1;
    done.passedOver += tried;
    return;
  }
  const { why } = tried;
  if (place.number === null) {
    done.unnamed += 1;
    return;
  }
  if (place.isEnd && place.ending && place.ending.kind !== 'capacity') {
    // The relation it would have ended is not there when this line cannot be either.
    await tryApply(applying, place.ending);
    done.count += 1;
    return;
  }
  await stop(applying, step);
  await putAside(applying.act.db, {
    ...{ id: uuidv7(applying.act.now), source: applying.source, relation: place.relation },
    ...{ number: place.number, line: place.line, why, at: applying.act.now },
    catalogue: applying.catalogue.version,
    waits: again ? [] : (tried.waits ?? null),
  });
  known.add(place.relation);
  done.aside.push(why);
}

interface Refused {
  why: string;
  waits?: string[] | undefined;
}

/**
 * How much of a fact opens nothing and was passed over, or why it cannot be taken in. What the
 * database will not keep undoes that fact alone; an outage undoes the batch.
 */
async function tryApply(
  { act, source, catalogue }: Applying,
  fact: Fact,
): Promise<number | Refused> {
  try {
    const fault = factFault(fact);
    if (fault) return { why: fault };
    return await inTransaction(
      act,
      async (inner) => (await applyFact(inner, source, fact, catalogue)) ?? 0,
    );
  } catch (error) {
    if (error instanceof Impossible) return { why: error.message, waits: error.waits };
    if (isOfData(error)) return { why: 'it cannot be kept' };
    if (error instanceof TypeError || error instanceof RangeError)
      return { why: 'it does not have its shape' };
    throw error;
  }
}

/** Until it is read, what a line names does not hold; a person that it is about is protected. */
async function stop(
  { act, source, catalogue }: Applying,
  { fact, again, place: { number, ending, isEnd, isWhole } }: ReadLine,
): Promise<void> {
  if (source === 'folkeregisteret') await protectPerson(act.db, number!);
  // A document that does not answer may do so in a moment; one that answers and cannot be read says
  // nothing of who holds.
  if (isWhole && !again) await suspendRoles(act, { from: number!, source });
  if (fact?.kind === 'party') await applyEnds(act, fact);
  if (!ending || isEnd || factFault(ending)) return;
  switch (ending.kind) {
    case 'role': {
      const { from, holder } = ending;
      for (const one of await suspendRole(act, { ...holder, from }))
        await appendEvents(act, [
          {
            ...{ type: 'suspended' as const, mandateId: one.id, byParty: null },
            ...{ fromParty: one.from, toParty: one.to },
          },
        ]);
      return;
    }
    case 'employment':
      await suspendEmployment(act, ending);
      return;
    case 'signing':
      await tryApply({ act, source, catalogue }, ending);
      return;
    case 'qualification': {
      const party = (await identifyParties(act.db, [ending.party])).get(ending.party);
      if (party) await endQualification(act.db, party, ending.qualification, act.now);
      return;
    }
    case 'capacity': {
      // The capacity counts as taken; from when and until when is not known.
      if (ending.role !== null && !catalogue.roles.has(ending.role)) return;
      const person = (await identifyParties(act.db, [ending.person])).get(ending.person);
      if (person) await putIncapacities(act, [{ person, role: ending.role }]);
    }
  }
}

/** Reads again what was set aside and may be read now; answers how much of it was taken in. */
export async function takeAgain(act: Deciding, register: Register): Promise<number> {
  const { code: source } = register;
  const catalogue = await currentCatalogue(act);
  let taken = 0;
  for (const aside of await findDue(act.db, source, catalogue.version)) {
    const facts = await register.again(aside.line);
    taken += await inTransaction(act, async (inner) => {
      await lockCursor(inner.db, source);
      if (!(await lockAside(inner.db, aside.id))) return 0;
      return (await settle({ act: inner, source, catalogue }, aside, facts)) ? 1 : 0;
    });
  }
  return taken;
}

/** Takes in all of it, or keeps it as it is, with why. */
async function settle(applying: Applying, aside: Aside, facts: Fact[] | string): Promise<boolean> {
  const { act, source, catalogue } = applying;
  let refused: Refused | undefined = typeof facts === 'string' ? { why: facts } : undefined;
  for (const fact of typeof facts === 'string' ? [] : facts) {
    const tried = await tryApply(applying, fact);
    if (typeof tried !== 'number') refused ??= tried;
  }
  if (!refused) {
    await dropAside(act.db, source, [aside.relation]);
    return true;
  }
  if (source === 'folkeregisteret') await protectPerson(act.db, aside.number);
  const isAwaited = typeof facts === 'string' && aside.waits !== null;
  const waits = isAwaited ? aside.waits : (refused.waits ?? null);
  await putAside(act.db, { ...aside, why: refused.why, catalogue: catalogue.version, waits });
  return false;
}
