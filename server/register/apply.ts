// Facts become what decisions read: parties, mandates of basis register, qualifications,
// employments; each with its event. What rests on a lost role goes with it. It talks to no
// register.
import type { Act } from '../platform/act.ts';
import { randomUUID } from 'node:crypto';
import type { Db } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { appendEvents } from '../event/store.ts';
import { endAll } from '../delegation/end/end.ts';
import { notify } from '../notice/store.ts';
import { endIncapacity, putIncapacities } from '../mandate/capacity_store.ts';
import { followMain, markEstate } from '../mandate/estate_store.ts';
import { importQualifications } from '../mandate/store.ts';
import { putSigning } from '../party/facts_store.ts';
import { signersOf, signingRules, type SigningRules } from '../party/signing_model.ts';
import { endPartyAt, findByAnyName } from '../party/store.ts';
import { identifyParties, importParties, type PartyImport } from '../party/import_store.ts';
import { GUARDIANSHIP, type Catalogue } from '../resource/catalogue/model.ts';
import { employ } from './employments.ts';
import {
  isHolder,
  isTime,
  type CapacityFact,
  type Fact,
  type RoleHolder,
  type PartyFact,
  type RolesFact,
  type SigningFact,
} from './model.ts';
import { extendRole, gainRole } from '../mandate/register_store.ts';
import { findSourceRoles } from './store.ts';

/** A fact that cannot be taken in, at least until these numbers are known. */
export class Impossible extends Error {
  readonly waits: string[] | undefined;

  constructor(why: string, waits?: string[]) {
    super(why);
    this.waits = waits;
  }
}

/** Takes in one fact; answers with how much of it was passed over. */
export async function applyFact(
  act: Act,
  source: string,
  fact: Fact,
  catalogue: Catalogue,
): Promise<number | undefined> {
  switch (fact.kind) {
    case 'party': {
      await applyParty(act, fact);
      return undefined;
    }
    case 'roles':
      return applyRoles(act, source, fact, catalogue);
    case 'signing': {
      const party = (await identifyParties(act.db, [fact.party])).get(fact.party);
      if (!party) return fact.alternatives?.length ?? 0;
      await putSigning(act.db, party, await signingOf(act.db, fact, catalogue));
      return undefined;
    }
    case 'role': {
      const from = await idOf(act.db, fact.from);
      if (!catalogue.roles.has(fact.holder.role))
        throw new Impossible(`the role ${fact.holder.role} is not known`);
      if (fact.op === 'upsert') {
        await gain(act, from, fact.holder);
        return undefined;
      }
      const to = await idOf(act.db, fact.holder.to);
      const held = (await findSourceRoles(act, from, source)).filter(
        (one) => one.role === fact.holder.role && one.to === to,
      );
      await endAll(act, held, { by: null, type: 'role_lost' });
      return undefined;
    }
    case 'qualification': {
      const party = await idOf(act.db, fact.party);
      await importQualifications(act, [
        {
          party,
          kind: fact.qualification,
          validFrom: fact.validFrom ?? undefined,
          endedAt: endOf(fact.op, fact.endedAt, act.now)?.toISOString(),
        },
      ]);
      return undefined;
    }
    case 'capacity':
      return applyCapacity(act, fact, catalogue);
    case 'employment': {
      const [employer, employee] = [
        await idOf(act.db, fact.employer),
        await idOf(act.db, fact.employee),
      ];
      const end = endOf(fact.op, fact.endedOn, act.now);
      await employ(act, employer, employee, end?.toISOString().slice(0, 10) ?? null);
      return undefined;
    }
  }
}

/** An end without a time is now. */
const endOf = (op: 'upsert' | 'end', told: string | null, now: Date): Date | undefined =>
  told ? new Date(told) : op === 'end' ? now : undefined;

/**
 * Takes a person's capacity in a matter, or gives it back; the person and the guardians are
 * notified.
 */
async function applyCapacity(
  act: Act,
  { op, person: number, role, validFrom, validTo }: CapacityFact,
  catalogue: Catalogue,
): Promise<undefined> {
  const person = await idOf(act.db, number);
  if (role !== null && !catalogue.roles.has(role))
    throw new Impossible(`the role ${role} is not known`);
  const end = validTo ? new Date(validTo) : undefined;
  if (op === 'end') await endIncapacity(act.db, person, role, end ?? act.now);
  else
    await putIncapacities(act, [
      { person, role, validFrom: validFrom ?? undefined, endedAt: end?.toISOString() },
    ]);
  const guardians = (await findSourceRoles(act, person, GUARDIANSHIP)).map(({ to }) => to);
  await notify(act, [person, ...guardians], { type: 'capacity_changed' });
}

async function idOf(trx: Db, number: string): Promise<string> {
  const id = (await identifyParties(trx, [number])).get(number);
  if (!id) throw new Impossible('a party is not known', [number]);
  return id;
}

/** Nobody has died on a day to come: such a death is of the moment in which it first arrived. */
function endOfParty({ kind, endedAt }: PartyFact['party'], held: Date | null, now: Date): string {
  const isToCome = kind === 'person' && new Date(endedAt!) > now;
  return isToCome ? (held && held < now ? held : now).toISOString() : endedAt!;
}

/** A party as the register has it now. One that it no longer shows keeps its name. */
async function applyParty(act: Act, { party }: PartyFact): Promise<void> {
  const known = await findByAnyName(act, {
    by: party.kind === 'person' ? 'person' : 'organization',
    value: party.number,
  });
  if (party.name === '?' && !known) return;
  if (known && known.kind !== party.kind && known.kind !== 'organization')
    throw new Impossible(`a ${known.kind} became a ${party.kind}`);
  const row: PartyImport = {
    id: known?.id ?? randomUUID(),
    line: 1,
    kind: party.kind,
    name: party.name === '?' ? known!.name : party.name,
    ...(party.kind === 'person' ? { personNo: party.number } : { organizationNo: party.number }),
    unitType: party.unitType ?? known?.unitType ?? null,
    ...(known ? { partyId: known.partyId, userId: known.userId } : {}),
    protectedAddress: party.protectedAddress ?? false,
    ...(party.bornOn ? { bornOn: party.bornOn } : {}),
    ...(party.endedAt ? { endedAt: endOfParty(party, known?.endedAt ?? null, act.now) } : {}),
  };
  const parent = party.parent && party.parent !== '?' ? party.parent : undefined;
  if (parent && !(await identifyParties(act.db, [parent])).has(parent))
    throw new Impossible('the main unit is not known', [parent]);
  const moved = await importParties(act, [{ ...row, ...(parent ? { parent } : {}) }]);
  if (moved.length) await followMain(act.db, moved);
  if (party.estate !== undefined) await markEstate(act, row.id, party.estate);
}

/**
 * Ends a party that cannot be taken in as the register describes it: from now on where the day
 * cannot be read; or marks its bankruptcy.
 */
export async function applyEnds(act: Act, { party }: PartyFact): Promise<void> {
  const id = (await identifyParties(act.db, [party.number])).get(party.number);
  if (!id) return;
  if (party.estate) await markEstate(act, id, party.estate);
  if (!party.endedAt) return;
  const at = isTime(party.endedAt) ? new Date(endOfParty(party, null, act.now)) : act.now;
  await endPartyAt(act.db, id, at);
}

/**
 * The difference between what the source says and what is held: gained, lost, or another end. Roles
 * that the catalogue does not have open nothing; nor do holders whom nobody knows by name, who are
 * passed over: answers with how many.
 */
async function applyRoles(
  act: Act,
  source: string,
  fact: RolesFact,
  catalogue: Catalogue,
): Promise<number> {
  const wanted = fact.holders.filter(
    (holder) => catalogue.roles.get(holder.role)?.source === source,
  );
  const able = wanted.filter((holder) => isHolder(fact.from, holder));
  const known = await identifyParties(act.db, [fact.from, ...able.map((holder) => holder.to)]);
  const from = known.get(fact.from);
  if (!from) return fact.holders.length;
  await meet(act, able, known);
  const told = able.filter((holder) => known.has(holder.to));
  const held = (await findSourceRoles(act, from, source)).filter(
    (one) => !fact.only || one.toKind !== 'person',
  );
  const isSame = (one: { role: string; to: string }, holder: RoleHolder) =>
    one.role === holder.role && one.to === known.get(holder.to);
  const lost = held.filter((one) => !told.some((holder) => isSame(one, holder)));
  if (lost.length) await endAll(act, lost, { by: null, type: 'role_lost' });
  for (const holder of told) {
    const existing = held.find((one) => isSame(one, holder));
    if (existing)
      await extendRole(act.db, existing.id, holder.validTo ? new Date(holder.validTo) : null);
    else await gain(act, from, holder);
  }
  return wanted.length - told.length;
}

/** The rules as they are kept: those who sign hold a role, by which they are known. */
async function signingOf(
  db: Db,
  { alternatives }: SigningFact,
  catalogue: Catalogue,
): Promise<SigningRules | null> {
  const known = await identifyParties(db, signersOf(alternatives));
  return signingRules(
    alternatives,
    (number) => known.get(number),
    (role) => catalogue.roles.has(role),
  );
}

/** Takes in holders that are new to us, by the name that the register gives them. */
async function meet(act: Act, holders: RoleHolder[], known: Map<string, string>): Promise<void> {
  const strangers = new Map(
    holders.flatMap(({ to, name }) => (name && !known.has(to) ? [[to, name] as const] : [])),
  );
  for (const [number, name] of strangers) {
    const id = randomUUID();
    await importParties(act, [
      {
        id,
        line: 1,
        name,
        ...(number.length === 11
          ? { kind: 'person', personNo: number }
          : { kind: 'organization', organizationNo: number }),
      },
    ]);
    known.set(number, id);
  }
}

async function gain(act: Act, from: string, holder: RoleHolder): Promise<void> {
  const to = await idOf(act.db, holder.to);
  const mandateId = await gainRole(act.db, {
    id: uuidv7(act.now),
    from,
    to,
    role: holder.role,
    validFrom: holder.validFrom ? new Date(holder.validFrom) : act.now,
    validTo: holder.validTo ? new Date(holder.validTo) : null,
    evidence: Object.keys(holder.told ?? {}).length ? holder.told : null,
  });
  await appendEvents(act, [
    {
      type: 'role_gained',
      mandateId,
      fromParty: from,
      toParty: to,
      byParty: null,
      detail: { role: holder.role },
    },
  ]);
  await notify(act, [from, to], { type: 'role_gained', mandateId });
}
