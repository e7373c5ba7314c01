// A batch of a feed in one transaction with its cursor. What cannot be read or used is set aside by
// itself: until it is, what it names does not hold, and what comes after goes on. An end is an end
// though the rest of its line cannot be read.
import type { DecisionPoint } from '../decision/point.ts';
import { appendEvents } from '../event/store.ts';
import { putIncapacities } from '../mandate/capacity_store.ts';
import { endQualification } from '../mandate/store.ts';
import { identifyParties } from '../party/store.ts';
import { isOfData, transaction, type Db } from '../platform/db/db.ts';
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
  protectPerson,
  putAside,
  suspendEmployment,
  suspendRole,
  suspendRoles,
  type Aside,
} from './aside_store.ts';
import { factFault, type Batch, type Fact, type Register, type Step } from './model.ts';
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
  trx: Db;
  source: string;
  catalogue: Catalogue;
  now: Date;
}

/** Applies a batch; where the feed itself stops is noted with the place. */
export async function applyBatch(
  point: DecisionPoint,
  source: string,
  from: string,
  batch: Batch,
  now: Date,
): Promise<Applied | undefined> {
  const catalogue = await currentCatalogue(point);
  return transaction(point.db, async (trx) => {
    const state = await lockCursor(trx, source);
    if (state?.cursor !== from) return undefined;
    const applying = { trx, source, catalogue, now };
    const known = await listAside(trx, source);
    const unnumbered = batch.unnumbered ?? 0;
    const done: Applied = { count: 0, fault: null, passedOver: 0, aside: [], unnamed: unnumbered };
    for (const step of batch.facts) await take(applying, step, known, done);
    if (done.unnamed) await countUnnamed(trx, source, done.unnamed);
    done.fault = batch.fault ?? null;
    await moveCursor(trx, source, batch.cursor, done.fault, now);
    return done;
  });
}

/** Takes in one line, or sets it aside; it is the last word on what it is about. */
async function take(
  applying: Applying,
  step: Step,
  known: Set<string>,
  done: Applied,
): Promise<void> {
  const { fact, place, again } = step;
  const tried = fact ? await tryApply(applying, fact) : { why: step.why ?? '' };
  const settled = [place.relation, ...(place.settles ?? [])].filter((one) => known.delete(one));
  if (settled.length) await dropAside(applying.trx, applying.source, settled);
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
  await putAside(applying.trx, {
    ...{ id: uuidv7(applying.now), source: applying.source, relation: place.relation },
    ...{ number: place.number, line: place.line, why, at: applying.now },
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
  { trx, source, catalogue, now }: Applying,
  fact: Fact,
): Promise<number | Refused> {
  try {
    const fault = factFault(fact);
    if (fault) return { why: fault };
    return await transaction(
      trx,
      async (own) => (await applyFact(own, source, fact, catalogue, now)) ?? 0,
    );
  } catch (error) {
    if (error instanceof Impossible) return { why: error.message, waits: error.waits };
    if (isOfData(error)) return { why: 'it cannot be kept' };
    if (error instanceof TypeError || error instanceof RangeError)
      return { why: 'it does not have its shape' };
    throw error;
  }
}

/** Until it is read, what a line names does not hold; a person of whom it is told is protected. */
async function stop(
  { trx, source, catalogue, now }: Applying,
  { fact, again, place: { number, ending, isEnd, isWhole } }: Step,
): Promise<void> {
  if (source === 'folkeregisteret') await protectPerson(trx, number!);
  // A document that does not answer may do so in a moment; one that answers and cannot be read says
  // nothing of who holds.
  if (isWhole && !again) await suspendRoles(trx, { from: number!, source }, now);
  if (fact?.kind === 'party') await applyEnds(trx, fact, now);
  if (!ending || isEnd || factFault(ending)) return;
  switch (ending.kind) {
    case 'role': {
      const { from, holder } = ending;
      for (const one of await suspendRole(trx, { ...holder, from }, now))
        await appendEvents(
          trx,
          [
            {
              ...{ type: 'suspended' as const, mandateId: one.id, byParty: null },
              ...{ fromParty: one.from, toParty: one.to },
            },
          ],
          now,
        );
      return;
    }
    case 'employment':
      await suspendEmployment(trx, ending, now);
      return;
    case 'qualification': {
      const party = (await identifyParties(trx, [ending.party])).get(ending.party);
      if (party) await endQualification(trx, party, ending.qualification, now);
      return;
    }
    case 'capacity': {
      // The capacity counts as taken; from when and until when is not known.
      if (ending.role !== null && !catalogue.roles.has(ending.role)) return;
      const person = (await identifyParties(trx, [ending.person])).get(ending.person);
      if (person) await putIncapacities(trx, [{ person, role: ending.role }], now);
    }
  }
}

/** Reads again what was set aside and may be read now; answers how much of it was taken in. */
export async function takeAgain(
  point: DecisionPoint,
  register: Register,
  now: Date,
): Promise<number> {
  const { code: source } = register;
  const catalogue = await currentCatalogue(point);
  let taken = 0;
  for (const aside of await findDue(point.db, source, catalogue.version)) {
    const facts = await register.again(aside.line);
    taken += await transaction(point.db, async (trx) => {
      await lockCursor(trx, source);
      if (!(await lockAside(trx, aside.id))) return 0;
      return (await settle({ trx, source, catalogue, now }, aside, facts)) ? 1 : 0;
    });
  }
  return taken;
}

/** Takes in all of it, or keeps it as it is, with why. */
async function settle(applying: Applying, aside: Aside, facts: Fact[] | string): Promise<boolean> {
  const { trx, source, catalogue } = applying;
  let refused: Refused | undefined = typeof facts === 'string' ? { why: facts } : undefined;
  for (const fact of typeof facts === 'string' ? [] : facts) {
    const tried = await tryApply(applying, fact);
    if (typeof tried !== 'number') refused ??= tried;
  }
  if (!refused) {
    await dropAside(trx, source, [aside.relation]);
    return true;
  }
  if (source === 'folkeregisteret') await protectPerson(trx, aside.number);
  const isAwaited = typeof facts === 'string' && aside.waits !== null;
  const waits = isAwaited ? aside.waits : (refused.waits ?? null);
  await putAside(trx, { ...aside, why: refused.why, catalogue: catalogue.version, waits });
  return false;
}
