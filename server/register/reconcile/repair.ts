// Puts right what a register says otherwise of one party: ends what it no longer says, and takes in
// what we did not hold.
import { type Act, inTransaction, again } from '../../platform/act.ts';
import { endAll } from '../../delegation/end/end.ts';
import { endIncapacity } from '../../mandate/capacity_store.ts';
import { markEstate } from '../../mandate/estate_store.ts';
import { putSigning, type Estate } from '../../party/facts_store.ts';
import type { SigningRules } from '../../party/signing_model.ts';
import { endQualification } from '../../mandate/store.ts';
import { endPartyAt } from '../../party/store.ts';
import { isDeadlock } from '../../platform/db/db_faults.ts';
import { textOf } from '../../platform/as_text.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { applyFact } from '../apply.ts';
import { endEmployment } from '../employments.ts';
import type { Fact, RegisterSource } from '../model.ts';
import { lockCursor, readCursor } from '../store.ts';
import { ask } from './asking.ts';
import { compare, type Compared } from './compare.ts';
import { endSooner } from './ends.ts';
import {
  byEnd,
  keysOf,
  type Drift,
  type OtherEnd,
  type PartyToCheck,
  type SourceFacts,
} from './model.ts';

interface Repairing {
  catalogue: Catalogue;
  /** An end is not undone because something cannot begin. */
  phase: 'end' | 'begin';
}

/**
 * Puts one party right in a transaction of its own, by what the register says of it now; unless its
 * feed has sent something meanwhile, so that nothing newer is undone: then it is the next night's.
 * Answers how many facts of each difference it has put right.
 */
export async function repair(
  act: Act,
  source: RegisterSource,
  party: PartyToCheck,
  { catalogue, phase }: Repairing,
): Promise<{ what: string; count: number }[]> {
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
  return once().catch((error) => (isDeadlock(error) ? once() : Promise.reject(error)));
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
  // Whether another rule takes more of them cannot be seen: the one that is held ends.
  if (what === 'signing' && ours !== null) {
    await putSigning(act.db, party.id, theirs as SigningRules | null);
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
  if (!missing.length && !['name', 'form', 'estate', 'signing'].includes(what)) return 0;
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
  signing: ['signing'],
  roles: ['roles', 'role'],
  qualifications: ['qualification'],
  employments: ['employment'],
  capacity: ['capacity'],
  ends: ['roles', 'role', 'qualification', 'employment', 'capacity'],
};
