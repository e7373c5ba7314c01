// Giving: a package, rights to a resource, or to one instance of it. Who gives brings the footing
// it rests on, and nothing is ever wider than that. Every mandate that is given begins in one place
// here. It knows no HTTP.
import type { Db } from '../platform/db.ts';
import { insufficientLevel } from '../caller/model.ts';
import { inTransaction, type DecisionPoint } from '../decision/point.ts';
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
import { currentCatalogue } from '../resource/catalogue.ts';
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

export interface RightGift extends Gift {
  resource: string;
  actions: string[];
  instance?: string | null;
}

export interface Given {
  mandate: MandateRow;
  changed: boolean;
}

/** What else belongs to the act, in its transaction. */
export type Inside = (trx: Db) => Promise<void>;

/** What giving rests on: until when, passed on through which mandate, by which role. */
export interface Footing {
  until: Date | null;
  through: string | null;
  role: string | null;
}

/** What somebody wants to give. */
export type Wanted = { from: string; place?: '$QUERY' | '' } & (
  | { package: string }
  | { resource: string; instance: string | null; actions: string[] }
);

/** Who gives, and how it is found out whether, and on what, they may. */
export interface Authority {
  by: string;
  footing: (wanted: Wanted, now: Date) => Promise<Footing>;
}

/** A person who administers for the giver, or passes on what may be passed on. */
export const asActor = (point: DecisionPoint, actor: Actor): Authority => ({
  by: actor.party,
  footing: (wanted, now) =>
    'package' in wanted
      ? footingOfPackage(point, actor, wanted, now)
      : footingOfRights(point, actor, wanted, now),
});

/** One whose right to give was found otherwise: it rests on nothing that somebody was given. */
export const asEntitled = (by: string, until: Date | null = null): Authority => ({
  by,
  footing: async () => ({ until, through: null, role: null }),
});

/** Both parties, alive and different. */
export async function bothParties(
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

/** On what the actor may give the package; refused without, or on too low a level. */
async function footingOfPackage(
  point: DecisionPoint,
  actor: Actor,
  { from, package: code }: { from: string; package: string },
  now: Date,
): Promise<Footing> {
  const [check] = await checkPackages(point, actor, from, [code], now);
  if (!check!.result) throw problem('AM-00028', { because: code });
  const { giveLevel } = (await currentCatalogue(point)).packages.get(code)!;
  if (actor.level < giveLevel) throw insufficientLevel(giveLevel);
  const { ways } = check!;
  return {
    until: latest(ways.map((way) => way.mandate?.validTo ?? null)),
    // One who administers gives for the party itself; only where nobody does is it passed on.
    through: ways.some((way) => way.through === null) ? null : ways[0]!.through!.id,
    role: ways.find((way) => way.role !== null)?.role ?? null,
  };
}

/** The same for actions on a resource. */
async function footingOfRights(
  point: DecisionPoint,
  actor: Actor,
  wanted: Extract<Wanted, { resource: string }>,
  now: Date,
): Promise<Footing> {
  const check = await checkResource(point, actor, wanted, now);
  if (!check) throw invalid(['AM.VLD-00012', `${wanted.place ?? '$QUERY'}/resource`]);
  const { resource, policy, facts } = check.known;
  if (!resource!.delegable) throw problem('AM-00042');
  if (resource!.type === SCHEMA) throw problem('AM-00027');
  const known = actionsOf(policy!);
  if (wanted.actions.length === 0) throw problem('AM-00033');
  if (wanted.actions.some((action) => !known.includes(action))) throw problem('AM-00036');
  const rights = check.rights.filter((right) => wanted.actions.includes(right.action));
  const refused = rights.find((right) => !right.result);
  if (refused) {
    throw problem('AM-00028', {
      members: { reasonCodes: refused.codes },
      because: refused.action,
    });
  }
  const level = policy!.minimumLevel.person;
  if (actor.level < level) throw insufficientLevel(level);
  const through = rights.map((right) => right.through).find((one) => one !== null) ?? null;
  if (rights.some((right) => right.through !== through)) {
    throw problem('TIL-00022', { because: 'the rights come from several mandates' });
  }
  return { until: untilOf(rights, facts.mandates), through, role: null };
}

/**
 * What anybody may do with a mandate as it then would be: the same question when one is widened.
 */
export const footingOf = (
  point: DecisionPoint,
  actor: Actor,
  mandate: MandateRow,
  actions: string[] | null,
  now: Date,
): Promise<Footing> =>
  asActor(point, actor).footing(
    mandate.package !== null
      ? { from: mandate.from, package: mandate.package }
      : {
          from: mandate.from,
          resource: mandate.resource!,
          instance: mandate.instance,
          actions: actions!,
        },
    now,
  );

export async function givePackage(
  point: DecisionPoint,
  authority: Authority,
  gift: Gift,
  code: string,
  inside?: Inside,
): Promise<Given> {
  const now = clock.now();
  const { giver, receiver } = await bothParties(point.db, gift.from, gift.to);
  const entry = (await currentCatalogue(point)).packages.get(code);
  const fault = packageFault(entry, giver.kind, receiver.kind);
  if (fault) {
    throw fault === 'AM-00035' || fault === 'AM-00037'
      ? problem(fault)
      : invalid([fault, `${gift.place ?? '$QUERY'}/package`]);
  }
  const footing = await authority.footing({ from: giver.id, package: code }, now);
  const { needs } = entry!;
  if (needs && !(await isQualified(point.db, receiver.id, needs, now))) throw problem('TIL-00024');
  return settle(point, { gift, authority, footing, grain: { package: code, needs }, inside }, now);
}

/**
 * Gives actions on a resource; to those that are given already these are added, or they replace
 * them.
 */
export async function giveRights(
  point: DecisionPoint,
  authority: Authority,
  gift: RightGift,
  how: 'add' | 'replace',
  inside?: Inside,
): Promise<Given> {
  const now = clock.now();
  await bothParties(point.db, gift.from, gift.to);
  const instance = gift.instance ?? null;
  const footing = await authority.footing({ ...gift, instance }, now);
  const grain = { resource: gift.resource, actions: [...gift.actions].sort(), instance };
  const settling: Settling = { gift, authority, footing, grain, inside };
  const change = { by: authority.by, actions: grain.actions, how, until: footing.until };
  const existing = await sameAs(point.db, settling, now);
  if (existing) {
    timesOf(gift, footing.until, now);
    return changeActions(point, existing, change, inside);
  }
  const given = await settle(point, settling, now);
  return given.changed ? given : changeActions(point, given.mandate, change);
}

interface ActionChange {
  by: string;
  actions: string[];
  how: 'add' | 'replace';
  until: Date | null;
}

/**
 * Adds actions to what is given already, or replaces them; what is added lasts as long as the rest,
 * so no longer than one may give it.
 */
const changeActions = (
  point: DecisionPoint,
  existing: MandateRow,
  { by, actions, how, until }: ActionChange,
  inside?: Inside,
): Promise<Given> =>
  inTransaction(point, async (_inner, trx) => {
    const now = clock.now();
    const before = await lockMandate(trx, existing.id, now);
    if (!before || before.endedAt) throw problem('TIL-00021');
    const wanted = how === 'add' ? [...new Set([...before.actions!, ...actions])].sort() : actions;
    const added = wanted.filter((action) => !before.actions!.includes(action));
    const outlives = until && (!before.validTo || before.validTo > until);
    if (added.length && outlives) throw problem('TIL-00022');
    await inside?.(trx);
    if (!added.length && wanted.length === before.actions!.length) {
      return { mandate: before, changed: false };
    }
    const { validTo, mayPassOn } = before;
    await changeMandate(trx, before.id, { validTo, actions: wanted, mayPassOn }, now);
    await appendMandateEvents(
      trx,
      [
        {
          type: 'changed',
          mandateId: before.id,
          fromParty: before.from,
          toParty: before.to,
          byParty: by,
          detail: { actions: wanted, before: before.actions },
        },
      ],
      now,
    );
    return { mandate: (await findMandate(trx, before.id, now))!, changed: true };
  });

type Grain = Partial<
  Pick<NewDelegation, 'package' | 'resource' | 'actions' | 'instance' | 'needs'>
>;

interface Settling {
  gift: Gift;
  authority: Authority;
  footing: Footing;
  grain: Grain;
  inside: Inside | undefined;
}

/** Begins what was found to be giveable, in one transaction; harmless when it is there already. */
async function settle(point: DecisionPoint, settling: Settling, now: Date): Promise<Given> {
  const { gift, authority, footing, grain, inside } = settling;
  const parent =
    footing.through === null ? undefined : await findMandate(point.db, footing.through, now);
  const times = timesOf(gift, footing.until, now);
  if (parent) await checkChain(point.db, parent, gift.to, now);
  return inTransaction(point, async (_inner, trx) => {
    await inside?.(trx);
    const { from, to, mayPassOn = false, evidence = null } = gift;
    const id = await begin(
      trx,
      {
        ...grain,
        ...times,
        from,
        to,
        mayPassOn,
        evidence,
        through: footing.through,
        givenBy: authority.by,
        givenRole: footing.role,
      },
      now,
    );
    const mandate = id ? await findMandate(trx, id, now) : await sameAs(trx, settling, now);
    if (!mandate) throw problem('TIL-00021');
    return { mandate, changed: id !== undefined };
  });
}

/** What is given already between these, of this grain; TIL-00026 when it is on other terms. */
async function sameAs(
  db: Db,
  { gift, grain, footing }: Settling,
  now: Date,
): Promise<MandateRow | undefined> {
  const { package: code = null, resource = null, instance = null } = grain;
  const { from, to } = gift;
  const wanted = { from, to, package: code, resource, instance, limit: 100 };
  const same = (await listMandates(db, wanted, now)).find(
    (one) => one.through === footing.through && one.instance === instance,
  );
  if (same && !isOnTheseTerms(same, gift, now)) {
    throw problem('TIL-00026', { members: { mandate: same.id } });
  }
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

/** What a new mandate is; what is left out it does not have. */
export type Beginning = Pick<NewDelegation, 'from' | 'to' | 'validFrom' | 'validTo' | 'givenBy'> &
  Partial<NewDelegation>;

/**
 * Begins a mandate, with its event, the relation it makes, and what giver and receiver are told;
 * answers with its id, undefined when there is one already. Call it in the transaction of the act.
 */
export async function begin(trx: Db, what: Beginning, now: Date): Promise<string | undefined> {
  const mandate: NewDelegation = {
    id: uuidv7(now),
    basis: 'delegation',
    package: null,
    resource: null,
    actions: null,
    instance: null,
    mayPassOn: false,
    givenRole: null,
    evidence: null,
    needs: null,
    through: null,
    ...what,
  };
  if (!(await beginDelegation(trx, mandate, now))) return undefined;
  const { id, from, to, givenBy, givenRole } = mandate;
  if (mandate.basis === 'delegation') {
    await addRelation(trx, { from, to, kind: 'rightholder', by: givenBy ?? from }, now);
  }
  const { package: code, resource, actions, instance, validTo, through, evidence } = mandate;
  await appendMandateEvents(
    trx,
    [
      {
        type: 'given',
        mandateId: id,
        fromParty: from,
        toParty: to,
        byParty: givenBy,
        byRole: givenRole,
        detail: { package: code, resource, actions, instance, validTo, through, evidence },
      },
    ],
    now,
  );
  await notify(trx, [from, to], { type: 'mandate_given', mandateId: id }, now);
  return id;
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
async function checkChain(db: Db, parent: MandateRow, to: string, now: Date): Promise<void> {
  if (parent.depth + 2 > LONGEST_CHAIN) throw problem('TIL-00023');
  let link: MandateRow | undefined = parent;
  while (link) {
    if (link.to === to) throw problem('TIL-00023');
    link = link.through === null ? undefined : await findMandate(db, link.through, now);
  }
}
