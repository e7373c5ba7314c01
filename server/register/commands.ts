// Keeping up with the registers: each feed is read until it is through, and once a night everything
// we know is compared with what they say. A feed that stops at a fault is tried again; a register
// that is away changes nothing.
import { currentCatalogue } from '../resource/catalogue.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { clock } from '../platform/clock.ts';
import { isDeadlock } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import { applyBatch } from './apply.ts';
import { RegisterUnavailable, unreadable } from './fetch.ts';
import { factFault, type Fact, type Source } from './model.ts';
import {
  beginCursor,
  findSourceRoles,
  partiesToCheck,
  readCursor,
  readDrift,
  saveDrift,
  type PartyToCheck,
} from './store.ts';
import { identifyParties } from '../party/store.ts';

const MOST_BATCHES = 50;
const KINDS: Record<string, string[]> = {
  folkeregisteret: ['person'],
  vergemal: ['person'],
  advokatregisteret: [],
  'aa-registeret': [],
};
const CHUNK = 200;
const AT_ONCE = 4;
const NIGHT_MILLIS = 20 * 3_600_000;

export interface Registers {
  sources: Source[];
  /** Reads every feed once; called every few seconds. */
  poll(): Promise<void>;
  /** Compares all with the registers when a night has passed since the last time. */
  reconcileWhenDue(): Promise<void>;
  /** Compares one source now; answers with what differs. */
  reconcile(code: string): Promise<{ checked: number; drift: unknown[] }>;
}

export function createRegisters(point: DecisionPoint, sources: Source[], log: Logger): Registers {
  const polling = new Set<string>();

  async function pollOne(source: Source): Promise<void> {
    const state = await readCursor(point.db, source.code);
    if (state === undefined) {
      await beginCursor(point.db, source.code, await source.latest(), clock.now());
      return;
    }
    let from = state.cursor;
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
      const read = await source.feed(from);
      if (!read.facts.length && !read.fault && read.cursor === from && !state.fault) return;
      // Two registers may tell of the same parties in the same moment.
      const apply = () => applyBatch(point, source.code, from, read, clock.now());
      const applied = await apply().catch((error) => {
        if (isDeadlock(error)) return apply();
        throw error;
      });
      if (applied?.fault)
        log.error(
          { source: source.code, fault: applied.fault },
          'a register feed stopped at a fault',
        );
      if (applied?.passedOver)
        log.warn(
          { source: source.code, holders: applied.passedOver },
          'a register tells of roles of parties that are not known here',
        );
      if (!applied || applied.fault || !read.more) return;
      from = read.cursor;
    }
  }

  async function reconcile(code: string) {
    const source = sources.find((known) => known.code === code);
    if (!source) throw new Error(`no register ${code}`);
    const drift: unknown[] = [];
    let checked = 0;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const parties = await partiesToCheck(
        point.db,
        KINDS[code] ?? ['organization', 'subunit'],
        after,
        CHUNK,
      );
      for (let at = 0; at < parties.length; at += AT_ONCE) {
        const found = await Promise.all(
          parties.slice(at, at + AT_ONCE).map((party) => compare(point, source, party)),
        );
        drift.push(...found.flat());
      }
      checked += parties.length;
      if (parties.length < CHUNK) break;
      after = parties.at(-1)!.id;
    }
    const now = clock.now();
    await saveDrift(point.db, { id: uuidv7(now), source: code, checked, drift }, now);
    if (drift.length)
      log.warn({ source: code, drift: drift.length }, 'what we know differs from a register');
    return { checked, drift };
  }

  return {
    sources,
    async poll() {
      // Each at its own pace: one that is slow does not keep what another has ended.
      await Promise.all(
        sources
          .filter(({ code }) => !polling.has(code))
          .map(async (source) => {
            polling.add(source.code);
            await pollOne(source).catch((error) =>
              log.warn({ err: error, source: source.code }, 'a register could not be read'),
            );
            polling.delete(source.code);
          }),
      );
    },
    async reconcileWhenDue() {
      for (const { code } of sources) {
        const last = await readDrift(point.db, code);
        if (last && clock.now().getTime() - last.at.getTime() < NIGHT_MILLIS) continue;
        await reconcile(code).catch((error) =>
          log.warn({ err: error, source: code }, 'a register could not be reconciled'),
        );
      }
    },
    reconcile,
  };
}

/**
 * What the register says of a party against what we hold; each difference by what it is about,
 * without numbers.
 */
async function compare(
  point: DecisionPoint,
  source: Source,
  party: PartyToCheck,
): Promise<unknown[]> {
  let facts: Fact[];
  try {
    facts = await source.lookup(party.number, party.kind);
  } catch (error) {
    if (error instanceof RegisterUnavailable) throw error;
    return [{ party: party.id, what: 'document', ours: null, theirs: unreadable(error) }];
  }
  const now = clock.now();
  return (
    await Promise.all(
      facts.map(async (fact) => {
        const fault = factFault(fact);
        return fault
          ? [{ party: party.id, what: 'document', ours: null, theirs: fault }]
          : differences(point, source.code, party, fact, now);
      }),
    )
  ).flat();
}

async function differences(
  point: DecisionPoint,
  code: string,
  party: PartyToCheck,
  fact: Fact,
  now: Date,
): Promise<unknown[]> {
  const found: unknown[] = [];
  const differs = (what: string, ours: unknown, theirs: unknown) =>
    found.push({ party: party.id, what, ours, theirs });
  if (fact.kind === 'party') {
    const { name, endedAt, unitType } = fact.party;
    if (name !== '?' && name !== party.name) differs('name', party.name, name);
    if (!!endedAt !== (party.endedAt !== null)) differs('ended', party.endedAt, endedAt ?? null);
    if (unitType && party.unitType && unitType !== party.unitType)
      differs('form', party.unitType, unitType);
  } else if (fact.kind === 'roles') {
    const catalogue = await currentCatalogue(point);
    const known = await identifyParties(
      point.db,
      fact.holders.map((holder) => holder.to),
    );
    const theirs = fact.holders
      .filter((holder) => catalogue.roles.get(holder.role)?.source === code)
      .map((holder) => `${holder.role} ${known.get(holder.to) ?? '?'}`);
    const ours = (await findSourceRoles(point.db, party.id, code, now))
      .filter(
        (one) =>
          (one.validTo === null || one.validTo > now) && !(fact.only && one.toKind === 'person'),
      )
      .map((one) => `${one.role} ${one.to}`);
    const missing = theirs.filter((one) => !ours.includes(one));
    const extra = ours.filter((one) => !theirs.includes(one));
    if (missing.length || extra.length) differs('roles', extra, missing);
  }
  return found;
}
