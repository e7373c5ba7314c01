// Giving: a package, rights to a resource, or to one instance of it; by one who administers for the giver, or passed on by
// one who was given it so. Nothing is ever wider than what it rests on. It knows no HTTP.
import { transaction, type Db } from '../platform/db.ts';
import { insufficientLevel } from '../caller/model.ts';
import { appendMandateEvents } from '../event/store.ts';
import { beginDelegation, changeMandate, findMandate, isQualified, listMandates, type MandateRow, type NewDelegation } from '../mandate/delegation_store.ts';
import type { Party } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { uuidv7 } from '../platform/ids.ts';
import { knowledgeOf } from '../resource/catalogue.ts';
import { actionsOf } from '../resource/policy_model.ts';
import type { Actor } from './authority.ts';
import { checkPackages, checkResource, SCHEMA } from './check.ts';
import { packageFault } from './model.ts';
import { notify } from './notice_store.ts';
import { invalid, problem } from './problems.ts';
import { addRelation } from './relation_store.ts';

export const LONGEST_CHAIN = 6;

/** How long, how it may be passed on, and on what evidence. */
export interface Terms { validFrom?: Date | null; validTo?: Date | null; mayPassOn?: boolean; evidence?: unknown }

/** `place` is where the caller named package or resource, for the pointer of an error. */
export interface Gift extends Terms { from: string; to: string; place?: '$QUERY' | '' }

export interface Given { mandate: MandateRow; changed: boolean }

/** Both parties, alive and different. */
export async function partiesOf(db: Db, from: string, to: string): Promise<{ giver: Party; receiver: Party }> {
  if (from === to) throw invalid(['AM.VLD-00045', '/to']);
  const [giver, receiver] = [await findParty(db, { by: 'uuid', value: from }), await findParty(db, { by: 'uuid', value: to })];
  if (!giver || !receiver || giver.endedAt || receiver.endedAt) throw problem('AM-00021');
  return { giver, receiver };
}

/** What else belongs to the act, in its transaction. */
export type Inside = (trx: Db) => Promise<void>;

export async function givePackage(db: Db, actor: Actor, gift: Gift, code: string, inside?: Inside): Promise<Given> {
  const now = clock.now();
  const { giver, receiver } = await partiesOf(db, gift.from, gift.to);
  const entry = (await knowledgeOf(db).current(db)).packages.get(code);
  const fault = packageFault(entry, giver.kind, receiver.kind);
  if (fault) throw fault.startsWith('AM-') ? problem(fault as 'AM-00035') : invalid([fault as 'AM.VLD-00048', `${gift.place ?? '$QUERY'}/package`]);
  const [check] = await checkPackages(db, actor, giver.id, [code], now);
  if (!check!.result) throw problem('AM-00028', { because: code });
  if (actor.level < entry!.giveLevel) throw insufficientLevel(entry!.giveLevel);
  if (entry!.needs && !await isQualified(db, receiver.id, entry!.needs, now)) throw problem('TIL-00024');
  // One who administers gives for the party itself; only where nobody administers is it passed on.
  const through = check!.ways.some((way) => way.through === null) ? null : check!.ways[0]!.through!.id;
  const role = check!.ways.find((way) => way.role !== null)?.role ?? null;
  const grain = { package: code, resource: null, actions: null, instance: null, needs: entry!.needs, through, givenRole: role };
  return begin(db, actor, { ...gift, until: latest(check!.ways.map((way) => way.mandate?.validTo ?? null)), inside }, grain, now);
}

export interface RightGift extends Gift { resource: string; actions: string[]; instance?: string | null }

/** Gives actions on a resource; to those that are given already these are added, or they replace them. */
export async function giveRights(db: Db, actor: Actor, gift: RightGift, how: 'add' | 'replace', inside?: Inside): Promise<Given> {
  const now = clock.now();
  const { giver, receiver } = await partiesOf(db, gift.from, gift.to);
  const instance = gift.instance ?? null;
  const check = await checkResource(db, actor, giver.id, gift.resource, instance, now);
  if (!check) throw invalid(['AM.VLD-00012', `${gift.place ?? '$QUERY'}/resource`]);
  const { resource, policy } = check.known;
  if (!resource!.delegable) throw problem('AM-00042');
  if (resource!.type === SCHEMA) throw problem('AM-00027');
  const known = actionsOf(policy!);
  if (gift.actions.length === 0) throw problem('AM-00033');
  if (gift.actions.some((action) => !known.includes(action))) throw problem('AM-00036');
  const rights = check.rights.filter((right) => gift.actions.includes(right.action));
  const refused = rights.find((right) => !right.result);
  if (refused) throw problem('AM-00028', { members: { reasonCodes: refused.codes }, because: refused.action });
  if (actor.level < policy!.minimumLevel.person) throw insufficientLevel(policy!.minimumLevel.person);
  const through = rights.map((right) => right.through).find((one) => one !== null) ?? null;
  if (rights.some((right) => right.through !== through)) throw problem('TIL-00022', { because: 'the rights come from several mandates' });
  const [existing] = (await listMandates(db, { from: giver.id, to: receiver.id, resource: gift.resource, instance, limit: 100 }, now))
    .filter((one) => one.through === through && one.instance === instance);
  if (existing) {
    const actions = how === 'add' ? [...new Set([...existing.actions!, ...gift.actions])] : [...gift.actions];
    return replaceActions(db, actor, existing, actions.sort(), inside);
  }
  const carrying = check.known.facts.mandates.filter((mandate) => rights.some((right) => right.mandates.includes(mandate.id)));
  const grain = { package: null, resource: gift.resource, actions: [...gift.actions].sort(), instance, needs: null, through, givenRole: null };
  return begin(db, actor, { ...gift, until: carrying.length ? latest(carrying.map((mandate) => mandate.validTo)) : null, inside }, grain, now);
}

/** When the last of the things that one gives by runs out; null when one of them does not. */
function latest(ends: (string | null)[]): Date | null {
  return ends.includes(null) || !ends.length ? null : new Date(Math.max(...ends.map((end) => Date.parse(end!))));
}

async function replaceActions(db: Db, actor: Actor, existing: MandateRow, actions: string[], inside?: Inside): Promise<Given> {
  const same = existing.actions!.length === actions.length && actions.every((action) => existing.actions!.includes(action));
  if (same) {
    if (inside) await transaction(db, inside);
    return { mandate: existing, changed: false };
  }
  const now = clock.now();
  await transaction(db, async (trx) => {
    await inside?.(trx);
    if (!await changeMandate(trx, existing.id, { validTo: existing.validTo, actions, mayPassOn: existing.mayPassOn }, now)) throw problem('TIL-00021');
    await appendMandateEvents(trx, [{
      type: 'changed', mandateId: existing.id, fromParty: existing.from, toParty: existing.to, byParty: actor.party, detail: { actions, before: existing.actions },
    }], now);
  });
  return { mandate: (await findMandate(db, existing.id))!, changed: true };
}

type Grain = Pick<NewDelegation, 'package' | 'resource' | 'actions' | 'instance' | 'needs' | 'through' | 'givenRole'>;

/** Stores the mandate with its event and notices in one transaction; harmless when it is there already. */
async function begin(db: Db, actor: Actor, gift: Gift & { until: Date | null; inside?: Inside | undefined }, grain: Grain, now: Date): Promise<Given> {
  const parent = grain.through === null ? undefined : await findMandate(db, grain.through);
  const { validFrom, validTo } = timesOf(gift, gift.until, now);
  if (parent) await checkChain(db, parent, gift.to);
  const id = uuidv7(now);
  const created = await transaction(db, async (trx) => {
    await gift.inside?.(trx);
    return store(trx, {
      id, from: gift.from, to: gift.to, basis: 'delegation', ...grain, validFrom, validTo, mayPassOn: gift.mayPassOn ?? false, givenBy: actor.party,
      evidence: gift.evidence ?? null,
    }, now);
  });
  if (created) return { mandate: (await findMandate(db, id))!, changed: true };
  const same = (await listMandates(db, { from: gift.from, to: gift.to, package: grain.package, resource: grain.resource, instance: grain.instance, limit: 100 }, now))
    .find((one) => one.through === grain.through && one.instance === grain.instance);
  if (!same) throw problem('TIL-00021');
  return { mandate: same, changed: false };
}

/** A mandate, its event, the relation it makes, and what giver and receiver are told. Call it in the transaction of the act. */
export async function store(trx: Db, mandate: NewDelegation, now: Date): Promise<boolean> {
  if (!await beginDelegation(trx, mandate, now)) return false;
  if (mandate.basis === 'delegation') await addRelation(trx, { from: mandate.from, to: mandate.to, kind: 'rightholder', by: mandate.givenBy ?? mandate.from }, now);
  await appendMandateEvents(trx, [{
    type: 'given', mandateId: mandate.id, fromParty: mandate.from, toParty: mandate.to, byParty: mandate.givenBy, byRole: mandate.givenRole,
    detail: { package: mandate.package, resource: mandate.resource, actions: mandate.actions, instance: mandate.instance, validTo: mandate.validTo,
      through: mandate.through, evidence: mandate.evidence },
  }], now);
  await notify(trx, [mandate.from, mandate.to], { type: 'mandate_given', mandateId: mandate.id }, now);
  return true;
}

/** Begins now unless later, ends after it begins, and never after what the giver has it by. */
export function timesOf({ validFrom, validTo }: Terms, until: Date | null, now: Date): { validFrom: Date; validTo: Date | null } {
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
