// Giving by several of a company: a package or service of which the catalogue says that holders of
// some offices say yes beside who gives it. Parents are in `age.ts`.
import type { Deciding } from '../../decision/act.ts';
import { findRepresented } from '../../decision/store.ts';
import { officesOf } from '../../decision/offices.ts';
import type { Decided } from '../../decision/rules/question_model.ts';
import { progressOf, rolesOf } from '../../decision/rules/together_model.ts';
import { actsFor } from '../../caller/model.ts';
import { findMinorities, type Matter } from '../../mandate/minority_store.ts';
import { findHolders } from '../../mandate/office_store.ts';
import { isUnder } from '../../party/age_model.ts';
import { findParties } from '../../party/store.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { decidesFrom } from '../../resource/model.ts';
import type { RulePlace, SubjectMatch } from '../../resource/policy/model.ts';
import { findPolicyOf } from '../../resource/policy/store.ts';
import { findResources } from '../../resource/store.ts';
import { factsOf, type Actor } from '../authority.ts';
import { refusedGift, type Giving } from './age.ts';
import type { Withheld } from './age_model.ts';
import { fillsPlace, isCompany, actsForEstate, partIn, type Shared } from './together_model.ts';

const KEY_ROLE: SubjectMatch[] = [{ kind: 'key_role', value: '' }];
/** So many are asked for their yes at most. */
const MOST_ASKED = 100;

/**
 * TIL-00037 where those who say yes do not fill the places of it between them. Whoever gains by it
 * fills none. A trustee in bankruptcy gives alone.
 */
export async function mustBeTogether(
  act: Deciding,
  { giver, receiver, by, said = [], ages: { together }, what }: Giving,
): Promise<void> {
  if (!together || !isCompany(giver) || actsForEstate(await factsOf(act, by, giver.id))) return;
  const filling = { giver: giver.id, receiver: receiver.id, what, places: together };
  const fillers = await fillersAmong(act, [by, ...said], filling);
  const each = await Promise.all(fillers.map((party) => factsOf(act, party, giver.id)));
  if (!each.length || !(await isFilled(act, each, together))) throw refusedGift('together');
}

/** For each thing, in their order, whether it takes others than the subject of these facts. */
export async function findShared(
  act: Deciding,
  decided: Decided,
  things: Shared[],
): Promise<(Withheld | undefined)[]> {
  const { from } = decided.facts;
  if (!from || !isCompany(from)) return [];
  return Promise.all(
    things.map(async ({ together }) =>
      together && !actsForEstate(decided) && !(await isFilled(act, [decided], together))
        ? { why: 'together' as const, age: 0 }
        : undefined,
    ),
  );
}

/** Whether the subjects of these facts about one giver fill the places between them. */
async function isFilled(act: Deciding, each: Decided[], places: RulePlace[]): Promise<boolean> {
  const [{ catalogue, facts }] = each as [Decided];
  const { id, unitType } = facts.from!;
  const takers = each.map((one) => ({
    party: one.facts.subject!.id,
    parts: [partIn(one, places)],
  }));
  return progressOf(takers, await officesOf(act, id, { places, catalogue, unitType })).isComplete;
}

/** The places of a package or service with the level that giving it takes. */
async function placesOf(
  act: Deciding,
  { package: code, resource }: Matter,
): Promise<{ places: RulePlace[]; level: number } | undefined> {
  if (code !== null) {
    const entry = (await currentCatalogue(act)).packages.get(code);
    return entry?.together ? { places: entry.together, level: entry.giveLevel } : undefined;
  }
  const places = (await findResources(act.db, [resource!])).get(resource!)?.content.together;
  if (!places) return undefined;
  const policy = await findPolicyOf(act.db, resource!);
  return { places, level: policy?.minimumLevel.person ?? 0 };
}

/** A gift whose places somebody may fill. */
interface Filled {
  giver: string;
  receiver: string;
  what: Matter;
}

/**
 * The security level at which this person says yes to it by an office of the giver; undefined for
 * one who fills no place, or whom age, a court or own gain keeps from it.
 */
export async function levelToFill(
  act: Deciding,
  actor: Actor,
  gift: Filled,
): Promise<number | undefined> {
  if (!actsFor(actor, gift.giver)) return undefined;
  const shared = await placesOf(act, gift.what);
  if (!shared) return undefined;
  const [filler] = await fillersAmong(act, [actor.party], { ...gift, places: shared.places });
  return filler === undefined ? undefined : shared.level;
}

/**
 * Picks from these persons the ones who fill a place, as the registers, their age and their
 * capacity are, and who neither receive it nor lead whoever does.
 */
async function fillersAmong(
  act: Deciding,
  people: string[],
  { giver, receiver, what, places }: Filled & { places: RulePlace[] },
): Promise<string[]> {
  const each = await Promise.all(people.map((party) => factsOf(act, party, giver)));
  const able = people.filter((_, at) => {
    const { from } = each[at]!.facts;
    return from && isCompany(from) && fillsPlace(partIn(each[at]!, places));
  });
  if (!able.length) return [];
  const standing = await findMinorities(act, able, [what]);
  const free = able.filter((party) => {
    const { minority, incapable } = standing.get(party)!;
    const isYoung = minority !== null && isUnder(decidesFrom({}), minority, act.now);
    return !incapable[0] && !isYoung;
  });
  const gainers = new Set<string>([receiver]);
  for (const party of free)
    if ((await findRepresented(act, party, receiver)).length) gainers.add(party);
  return free.filter((party) => !gainers.has(party));
}

/** The persons who fill a place of it by an office of the giver. */
export async function findFillers(act: Deciding, gift: Filled): Promise<string[]> {
  const { giver } = gift;
  const shared = await placesOf(act, gift.what);
  if (!shared) return [];
  const catalogue = await currentCatalogue(act);
  const held = async (party: string, subjects: SubjectMatch[], unitType: string | null) => {
    const found = await findHolders(act, party, rolesOf(subjects, catalogue, unitType));
    return findParties(act, [...new Set(found.map(({ holder }) => holder))]);
  };
  const [from] = await findParties(act, [giver]);
  const { places } = shared;
  const subjects = places.flatMap((place) => place.subjects);
  const people = await held(giver, subjects, from?.unitType ?? null);
  for (const { id, unitType } of people.filter(isCompany))
    people.push(...(await held(id, KEY_ROLE, unitType)));
  const ids = people.flatMap(({ id, kind }) => (kind === 'person' ? [id] : []));
  return fillersAmong(act, [...new Set(ids)].slice(0, MOST_ASKED), { ...gift, places });
}
