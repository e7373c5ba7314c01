// Giving: a package, rights to a resource, or to one instance of it. Who gives brings the footing
// it rests on, and nothing is ever wider than that. Every mandate that is given begins in one place
// here. It knows no HTTP.
import { type Act, inTransaction, again } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import { changeMandate, lockMandate, type MandateRow } from '../../mandate/delegation_store.ts';
import { isQualified } from '../../mandate/store.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { packageFault } from '../model.ts';
import { mustBeOfAge, type Giving } from './age.ts';
import { mustBeTogether } from './together.ts';
import { findResources } from '../../resource/store.ts';
import { invalid, problem } from '../problems.ts';
import { tellChanged } from '../end/change.ts';
import { factsOf, mustSuit } from '../authority.ts';
import { acceptAgreed, mustAcceptIt } from './accept.ts';
import type { Authority } from './footing.ts';
import { type Inside, timesOf } from './begin.ts';
import { groundsHold } from './begin_store.ts';
import {
  findSame,
  sameAs,
  beginGift,
  type Gift,
  type Given,
  type Same,
  type Settling,
  type Sides,
} from './settle.ts';

export interface RightGift extends Gift {
  resource: string;
  actions: string[];
  instance?: string | null;
}

/** Both parties, alive and different. */
export async function bothParties(
  act: Act,
  { from, to, ...known }: Sides,
): Promise<{ giver: Party; receiver: Party }> {
  if (from === to) throw invalid(['AM.VLD-00045', '/to']);
  // Asked at the same moment, they are found by one statement.
  const [giver, receiver] = await Promise.all([
    known.giver ?? findParty(act, { by: 'uuid', value: from }),
    known.receiver ?? findParty(act, { by: 'uuid', value: to }),
  ]);
  if (!giver || !receiver || giver.endedAt || receiver.endedAt) throw problem('AM-00021');
  return { giver, receiver };
}

export const givePackage = async (
  act: Deciding,
  authority: Authority,
  gift: Gift,
  code: string,
  inside?: Inside,
): Promise<Given> =>
  beginGift(act, { ...(await packageToGive(act, authority, gift, code)), inside });

/** Throws why it could not be given; nothing is. */
export const mustGivePackage = async (...asked: Parameters<typeof packageToGive>): Promise<void> =>
  void (await packageToGive(...asked));

async function packageToGive(
  act: Deciding,
  authority: Authority,
  gift: Gift,
  code: string,
): Promise<Settling> {
  const { giver, receiver } = await bothParties(act, gift);
  // The facts that footing and age rest on bring the catalogue.
  await factsOf(act, authority.by, giver.id);
  const catalogue = await currentCatalogue(act);
  const entry = catalogue.packages.get(code);
  const place = `${gift.place ?? '$QUERY'}/package`;
  const fault = packageFault(catalogue, entry, giver.kind, receiver.kind);
  if (fault) {
    throw fault === 'AM-00035' || fault === 'AM-00037' ? problem(fault) : invalid([fault, place]);
  }
  await mustSuit(act.db, receiver, { ...gift, package: code }, place);
  const wanted = { from: giver.id, package: code };
  const footing = await authority.footing(act, wanted);
  const what = { package: code, resource: null };
  const about = { giver, receiver, by: authority.by, said: gift.said, ages: entry!, what };
  const others = await mustBeOfAge(act, about);
  const needs = entry!.needs ?? gift.needs ?? null;
  await mustBeQualified(act, gift, needs);
  const grain = { package: code, needs };
  await askOthers(act, about, { gift, footing, grain });
  const mustAccept = mustAcceptIt({ giver, receiver }, entry!);
  return { gift, authority, wanted, footing, grain, mustAccept, others };
}

/**
 * TIL-00037 where several must say yes to what is not given already. They are not asked for what
 * their yes would not mend.
 */
async function askOthers(act: Deciding, about: Giving, asked: Same): Promise<void> {
  timesOf(asked.gift, asked.footing.until, act.now);
  if (!about.ages.together) return;
  const already = await findSame(act, asked);
  const { actions } = asked.grain;
  const isMore = actions?.some((action) => !already?.actions?.includes(action)) ?? !already;
  if (isMore) await mustBeTogether(act, about);
}

/** TIL-00024 where the receiver is not what it must be. */
async function mustBeQualified(act: Act, { from, to }: Gift, kind: string | null): Promise<void> {
  if (kind !== null && !(await isQualified(act, { party: to, towards: from, kind })))
    throw problem('TIL-00024');
}

/**
 * Gives actions on a resource; to those that are given already these are added, or they replace
 * them.
 */
export async function giveRights(
  act: Deciding,
  authority: Authority,
  gift: RightGift,
  how: 'add' | 'replace',
  inside?: Inside,
): Promise<Given> {
  const settling = { ...(await rightsToGive(act, authority, gift)), inside };
  const { wanted, footing, grain } = settling;
  const change = { gift, authority, wanted, footing, actions: grain.actions!, how };
  const existing = await sameAs(act, settling);
  if (existing) {
    timesOf(gift, footing.until, act.now);
    return changeActions(act, existing, change, inside);
  }
  const given = await beginGift(act, settling);
  return given.changed ? given : changeActions(act, given, change);
}

/** Throws why they could not be given; nothing is. */
export const mustGiveRights = async (...asked: Parameters<typeof rightsToGive>): Promise<void> =>
  void (await rightsToGive(...asked));

async function rightsToGive(
  act: Deciding,
  authority: Authority,
  gift: RightGift,
): Promise<Settling> {
  const { giver, receiver } = await bothParties(act, gift);
  const instance = gift.instance ?? null;
  await mustSuit(act.db, receiver, gift, `${gift.place ?? '$QUERY'}/resource`);
  const wanted = { ...gift, instance };
  const footing = await authority.footing(act, wanted);
  const { content } = (await findResources(act.db, [gift.resource])).get(gift.resource)!;
  if (receiver.kind === 'self_identified' && !content.selfIdentifiedUserEnabled)
    throw problem('TIL-00038');
  const what = { resource: gift.resource, package: null };
  const about = { giver, receiver, by: authority.by, said: gift.said, ages: content, what };
  const others = await mustBeOfAge(act, about);
  const { needs = null } = gift;
  await mustBeQualified(act, gift, needs);
  const grain = { resource: gift.resource, actions: [...gift.actions].sort(), instance, needs };
  await askOthers(act, about, { gift, footing, grain });
  const mustAccept = mustAcceptIt({ giver, receiver });
  return { gift, authority, wanted, footing, grain, mustAccept, others };
}

interface ActionChange extends Pick<Settling, 'gift' | 'authority' | 'wanted' | 'footing'> {
  actions: string[];
  how: 'add' | 'replace';
}

/**
 * Adds actions to what is given already, or replaces them; what is added lasts as long as the rest,
 * so no longer than one may give it.
 */
const changeActions = (
  act: Deciding,
  existing: Pick<MandateRow, 'id'>,
  { gift, authority, wanted: asked, footing, actions, how }: ActionChange,
  inside?: Inside,
): Promise<Given> =>
  inTransaction(act, async (inner) => {
    const { by } = authority;
    const before = await lockMandate(inner, existing.id);
    if (!before || before.endedAt) throw problem('TIL-00021');
    const wanted = how === 'add' ? [...new Set([...before.actions!, ...actions])].sort() : actions;
    const added = wanted.filter((action) => !before.actions!.includes(action));
    const isGone = added.length > 0 && !(await groundsHold(inner, footing.rests, by));
    const { until } = isGone ? await authority.footing(again(inner), asked) : footing;
    const outlives = until && (!before.validTo || before.validTo > until);
    if (added.length && outlives) throw problem('TIL-00022');
    if (added.length && before.acceptBy && !gift.agreed) throw problem('TIL-00068');
    await inside?.(inner);
    const isAccepted = await acceptAgreed(inner, gift, before);
    if (!added.length && wanted.length === before.actions!.length) {
      return { id: before.id, through: before.through, changed: isAccepted };
    }
    const { validTo, mayPassOn, subunits } = before;
    // The actor who adds an action answers for the whole.
    const givenBy = added.length ? by : undefined;
    await changeMandate(inner, before.id, {
      validTo,
      actions: wanted,
      mayPassOn,
      subunits,
      givenBy,
    });
    const detail = { actions: wanted, before: before.actions };
    await tellChanged(inner, before, { by, detail });
    return { id: before.id, through: before.through, changed: true };
  });
