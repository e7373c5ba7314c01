// Giving: a package, rights to a resource, or to one instance of it; by one who administers for the
// giver, or passed on by one who was given it so. Nothing is ever wider than what it rests on. It
// knows no HTTP.
import { transaction, type Db } from '../platform/db.ts';
import { insufficientLevel } from '../caller/model.ts';
import { appendMandateEvents } from '../event/store.ts';
import {
  beginDelegation,
  changeMandate,
  findMandate,
  isQualified,
  listMandates,
  lockMandate,
  type MandateRow,
  type NewDelegation,
} from '../mandate/delegation_store.ts';
import type { Party } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { uuidv7 } from '../platform/ids.ts';
import { knowledgeOf } from '../resource/catalogue.ts';
import { actionsOf } from '../resource/policy_model.ts';
import type { Actor } from './authority.ts';
import { checkPackages, checkResource, SCHEMA } from './check.ts';
import { latest, packageFault, untilOf } from './model.ts';
import { notify } from './notice_store.ts';
import { invalid, problem } from './problems.ts';
import { addRelation } from './relation_store.ts';

export const LONGEST_CHAIN = 6;

/** How long, how it may be passed on, and on what evidence. */
export interface Terms {
  validFrom?: Date | null;
  validTo?: Date | null;
  mayPassOn?: boolean | undefined;
  evidence?: unknown;
}

/** `place` is where the caller named package or resource, for the pointer of an error. */
export interface Gift extends Terms {
  from: string;
  to: string;
  place?: '$QUERY' | '';
}

export interface Given {
  mandate: MandateRow;
  changed: boolean;
}

/** Both parties, alive and different. */
export async function partiesOf(
  db: Db,
  from: string,
  to: string,
): Promise<{ giver: Party; receiver: Party }> {
  if (from === to) throw invalid(['AM.VLD-00045', '/to']);
  const [giver, receiver] = [
    await findParty(db, { by: 'uuid', value: from }),
    await findParty(db, { by: 'uuid', value: to }),
  ];
  if (!giver || !receiver || giver.endedAt || receiver.endedAt) throw problem('AM-00021');
  return { giver, receiver };
}

/** What else belongs to the act, in its transaction. */
export type Inside = (trx: Db) => Promise<void>;

/** What giving rests on: until when, passed on through which mandate, by which role. */
export interface Footing {
  until: Date | null;
  through: string | null;
  role: string | null;
}

/** On what the actor may give the package for the party; refused without, or on too low a level. */
export async function footingOfPackage(
  db: Db,
  actor: Actor,
  from: string,
  code: string,
  now: Date,
): Promise<Footing> {
  const [check] = await checkPackages(db, actor, from, [code], now);
  if (!check!.result) throw problem('AM-00028', { because: code });
  const { giveLevel } = (await knowledgeOf(db).current(db)).packages.get(code)!;
  if (actor.level < giveLevel) throw insufficientLevel(giveLevel);
  const { ways } = check!;
  return {
    until: latest(ways.map((way) => way.mandate?.validTo ?? null)),
    // One who administers gives for the party itself; only where nobody administers is it passed
    // on.
    through: ways.some((way) => way.through === null) ? null : ways[0]!.through!.id,
    role: ways.find((way) => way.role !== null)?.role ?? null,
  };
}

export interface Rights {
  from: string;
  resource: string;
  instance: string | null;
  actions: string[];
  place?: '$QUERY' | '';
}

/** The same for actions on a resource. */
export async function footingOfRights(
  db: Db,
  actor: Actor,
  wanted: Rights,
  now: Date,
): Promise<Footing> {
  const check = await checkResource(db, actor, wanted.from, wanted.resource, wanted.instance, now);
  if (!check) throw invalid(['AM.VLD-00012', `${wanted.place ?? '$QUERY'}/resource`]);
  const { resource, policy, facts } = check.known;
  if (!resource!.delegable) throw problem('AM-00042');
  if (resource!.type === SCHEMA) throw problem('AM-00027');
  const known = actionsOf(policy!);
  if (wanted.actions.length === 0) throw problem('AM-00033');
  if (wanted.actions.some((action) => !known.includes(action))) throw problem('AM-00036');
  const rights = check.rights.filter((right) => wanted.actions.includes(right.action));
  const refused = rights.find((right) => !right.result);
  if (refused)
    throw problem('AM-00028', { members: { reasonCodes: refused.codes }, because: refused.action });
  if (actor.level < policy!.minimumLevel.person)
    throw insufficientLevel(policy!.minimumLevel.person);
  const through = rights.map((right) => right.through).find((one) => one !== null) ?? null;
  if (rights.some((right) => right.through !== through))
    throw problem('TIL-00022', { because: 'the rights come from several mandates' });
  return { until: untilOf(rights, facts.mandates), through, role: null };
}

export async function givePackage(
  db: Db,
  actor: Actor,
  gift: Gift,
  code: string,
  inside?: Inside,
): Promise<Given> {
  const now = clock.now();
  const { giver, receiver } = await partiesOf(db, gift.from, gift.to);
  const entry = (await knowledgeOf(db).current(db)).packages.get(code);
  const fault = packageFault(entry, giver.kind, receiver.kind);
  if (fault)
    throw fault.startsWith('AM-')
      ? problem(fault as 'AM-00035')
      : invalid([fault as 'AM.VLD-00048', `${gift.place ?? '$QUERY'}/package`]);
  const { until, through, role } = await footingOfPackage(db, actor, giver.id, code, now);
  if (entry!.needs && !(await isQualified(db, receiver.id, entry!.needs, now)))
    throw problem('TIL-00024');
  const grain = {
    package: code,
    resource: null,
    actions: null,
    instance: null,
    needs: entry!.needs,
    through,
    givenRole: role,
  };
  return begin(db, actor, { ...gift, until, inside }, grain, now);
}

export interface RightGift extends Gift {
  resource: string;
  actions: string[];
  instance?: string | null;
}

/**
 * Gives actions on a resource; to those that are given already these are added, or they replace
 * them.
 */
export async function giveRights(
  db: Db,
  actor: Actor,
  gift: RightGift,
  how: 'add' | 'replace',
  inside?: Inside,
): Promise<Given> {
  const now = clock.now();
  await partiesOf(db, gift.from, gift.to);
  const instance = gift.instance ?? null;
  const { until, through } = await footingOfRights(db, actor, { ...gift, instance }, now);
  const grain = {
    package: null,
    resource: gift.resource,
    actions: [...gift.actions].sort(),
    instance,
    needs: null,
    through,
    givenRole: null,
  };
  const existing = await sameAs(db, gift, grain, now);
  const change = { actions: grain.actions, how, until };
  if (existing) {
    timesOf(gift, until, now);
    return changeActions(db, actor, existing, change, inside);
  }
  const given = await begin(db, actor, { ...gift, until, inside }, grain, now);
  return given.changed ? given : changeActions(db, actor, given.mandate, change);
}

/**
 * Adds actions to what is given already, or replaces them; what is added lasts as long as the rest,
 * so no longer than one may give it.
 */
async function changeActions(
  db: Db,
  actor: Actor,
  existing: MandateRow,
  { actions, how, until }: { actions: string[]; how: 'add' | 'replace'; until: Date | null },
  inside?: Inside,
): Promise<Given> {
  const now = clock.now();
  return transaction(db, async (trx) => {
    const before = await lockMandate(trx, existing.id);
    if (!before || before.endedAt) throw problem('TIL-00021');
    const wanted = how === 'add' ? [...new Set([...before.actions!, ...actions])].sort() : actions;
    const added = wanted.filter((action) => !before.actions!.includes(action));
    if (added.length && until && (!before.validTo || before.validTo > until))
      throw problem('TIL-00022');
    await inside?.(trx);
    if (!added.length && wanted.length === before.actions!.length)
      return { mandate: before, changed: false };
    await changeMandate(
      trx,
      before.id,
      { validTo: before.validTo, actions: wanted, mayPassOn: before.mayPassOn },
      now,
    );
    await appendMandateEvents(
      trx,
      [
        {
          type: 'changed',
          mandateId: before.id,
          fromParty: before.from,
          toParty: before.to,
          byParty: actor.party,
          detail: { actions: wanted, before: before.actions },
        },
      ],
      now,
    );
    return { mandate: (await findMandate(trx, before.id))!, changed: true };
  });
}

type Grain = Pick<
  NewDelegation,
  'package' | 'resource' | 'actions' | 'instance' | 'needs' | 'through' | 'givenRole'
>;

/**
 * Stores the mandate with its event and notices in one transaction; harmless when it is there
 * already.
 */
async function begin(
  db: Db,
  actor: Actor,
  gift: Gift & { until: Date | null; inside?: Inside | undefined },
  grain: Grain,
  now: Date,
): Promise<Given> {
  const parent = grain.through === null ? undefined : await findMandate(db, grain.through);
  const { validFrom, validTo } = timesOf(gift, gift.until, now);
  if (parent) await checkChain(db, parent, gift.to);
  const id = uuidv7(now);
  return transaction(db, async (trx) => {
    await gift.inside?.(trx);
    const created = await store(
      trx,
      {
        id,
        from: gift.from,
        to: gift.to,
        basis: 'delegation',
        ...grain,
        validFrom,
        validTo,
        mayPassOn: gift.mayPassOn ?? false,
        givenBy: actor.party,
        evidence: gift.evidence ?? null,
      },
      now,
    );
    const mandate = created ? await findMandate(trx, id) : await sameAs(trx, gift, grain, now);
    if (!mandate) throw problem('TIL-00021');
    return { mandate, changed: created };
  });
}

/**
 * What is given already between these, of this grain; TIL-00026 when it is on other terms than were
 * asked for.
 */
async function sameAs(
  db: Db,
  gift: Gift,
  grain: Grain,
  now: Date,
): Promise<MandateRow | undefined> {
  const { from, to } = gift;
  const same = (
    await listMandates(
      db,
      {
        from,
        to,
        package: grain.package,
        resource: grain.resource,
        instance: grain.instance,
        limit: 100,
      },
      now,
    )
  ).find((one) => one.through === grain.through && one.instance === grain.instance);
  if (same && !isOnTheseTerms(same, gift, now))
    throw problem('TIL-00026', { members: { mandate: same.id } });
  return same;
}

/** Whether what is given already has the terms that were asked for, as far as they were. */
function isOnTheseTerms(
  mandate: MandateRow,
  { validFrom, validTo, mayPassOn }: Terms,
  now: Date,
): boolean {
  return (
    (!validTo || validTo.getTime() === mandate.validTo?.getTime()) &&
    (mayPassOn === undefined || mayPassOn === mandate.mayPassOn) &&
    (!validFrom || validFrom <= now || validFrom.getTime() === mandate.validFrom.getTime())
  );
}

/**
 * A mandate, its event, the relation it makes, and what giver and receiver are told. Call it in the
 * transaction of the act.
 */
export async function store(trx: Db, mandate: NewDelegation, now: Date): Promise<boolean> {
  if (!(await beginDelegation(trx, mandate, now))) return false;
  if (mandate.basis === 'delegation')
    await addRelation(
      trx,
      {
        from: mandate.from,
        to: mandate.to,
        kind: 'rightholder',
        by: mandate.givenBy ?? mandate.from,
      },
      now,
    );
  await appendMandateEvents(
    trx,
    [
      {
        type: 'given',
        mandateId: mandate.id,
        fromParty: mandate.from,
        toParty: mandate.to,
        byParty: mandate.givenBy,
        byRole: mandate.givenRole,
        detail: {
          package: mandate.package,
          resource: mandate.resource,
          actions: mandate.actions,
          instance: mandate.instance,
          validTo: mandate.validTo,
          through: mandate.through,
          evidence: mandate.evidence,
        },
      },
    ],
    now,
  );
  await notify(
    trx,
    [mandate.from, mandate.to],
    { type: 'mandate_given', mandateId: mandate.id },
    now,
  );
  return true;
}

/** Begins now unless later, ends after it begins, and never after what the giver has it by. */
export function timesOf(
  { validFrom, validTo }: Terms,
  until: Date | null,
  now: Date,
): { validFrom: Date; validTo: Date | null } {
  const begins = validFrom && validFrom > now ? validFrom : now;
  if (validTo && validTo <= begins) throw invalid(['AM.VLD-00022', '/validTo']);
  if (until && (validTo ? validTo > until : begins >= until)) throw problem('TIL-00022');
  return { validFrom: begins, validTo: validTo ?? until };
}

/** A chain has at most six links, and nobody twice. */
async function checkChain(db: Db, parent: MandateRow, to: string): Promise<void> {
  if (parent.depth + 2 > LONGEST_CHAIN) throw problem('TIL-00023');
  let link: MandateRow | undefined = parent;
  while (link) {
    if (link.to === to) throw problem('TIL-00023');
    link = link.through === null ? undefined : await findMandate(db, link.through);
  }
}
