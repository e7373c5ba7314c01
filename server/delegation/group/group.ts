// Groups of a company: some of its people and systems, and the rights that they have by it. A group
// is no party: putting a member in is giving, and each member has mandates of its own, which end
// when it is taken out. Whether the actor administers for the company is asked by the door
// (`mustAdminister`), and again here when nobody else can change the group. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { appendEvents } from '../../event/store.ts';
import type { MandateEvent } from '../../event/model.ts';
import {
  closeGroup,
  closeToGroup,
  insertGroup,
  listRights,
  lockGroup,
  openToGroup,
  updateGroup,
  type GroupRight,
} from '../../mandate/group_store.ts';
import {
  findMembers,
  joinGroup,
  leaveGroup,
  listByGroup,
} from '../../mandate/group_member_store.ts';
import { isOrganization } from '../../party/model.ts';
import { findParties } from '../../party/store.ts';
import { again, type Act, inTransaction } from '../../platform/act.ts';
import { allOrNone, isOfAll, type NotDone } from '../../platform/all_or_none.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isForPeople, mustStillAdminister, type Actor } from '../authority.ts';
import { endAll } from '../end/end.ts';
import { asActor } from '../give/footing.ts';
import { givePackage, giveRights } from '../give/give.ts';
import { invalid } from '../problems.ts';

/**
 * Why nothing was added: a company as a member, one who is no more, a group without rights, one
 * that has what was chosen, too many members or rights in it, too much given by one act, a right by
 * which one gives or administers, or a group that somebody has added to since it was looked at.
 */
export type NotAdded =
  | ('kind' | 'gone' | 'empty' | 'has' | 'changed')
  | ('full' | 'rights' | 'at_once' | 'administers');

/** The most that there may be: members and rights of a group, and mandates given by one act. */
export const MOST_OF_GROUP = { full: 200, rights: 40, at_once: 200 };

/** A group of a party's. */
export interface GroupOf {
  id: string;
  party: string;
}

/**
 * The group, which whoever else changes it waits for. The actor is asked about anew, as another may
 * have been waited for. TIL-00009 for a group that has ended, or is not the party's.
 */
async function held(act: Deciding, actor: Actor, group: GroupOf) {
  const found = await lockGroup(act, group);
  if (!found) throw fault('TIL-00009', { because: 'no such group' });
  await mustStillAdminister(again(act), actor, group.party, 'access');
  return found;
}

const record = (
  act: Act,
  actor: Actor,
  { party }: { party: string },
  { type, to = party, detail }: { type: MandateEvent; to?: string; detail: object },
) => appendEvents(act, [{ type, fromParty: party, toParty: to, byParty: actor.party, detail }]);

/** Makes a group without rights or members; undefined where the party has one of that name. */
export const makeGroup = (
  act: Deciding,
  actor: Actor,
  group: { party: string; name: string; responsible: string },
): Promise<string | undefined> =>
  inTransaction(act, async (inner) => {
    const { name, responsible } = group;
    const id = await insertGroup(inner, { ...group, by: actor.party });
    const detail = { group: id, name, responsible };
    if (id) await record(inner, actor, group, { type: 'group_made', detail });
    return id;
  });

/** Another name and another person responsible; false where the party has one of that name. */
export const changeGroup = (
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  { name, responsible }: { name: string; responsible: string },
): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const before = await held(inner, actor, group);
    if (!(await updateGroup(inner, { id: group.id, name, responsible }))) return false;
    const detail = { group: group.id, name, responsible, before: before.name };
    await record(inner, actor, group, { type: 'group_changed', detail });
    return true;
  });

/** Ends it with all that its members have by it. */
export const endGroup = (act: Deciding, actor: Actor, group: GroupOf): Promise<void> =>
  inTransaction(act, async (inner) => {
    const { name } = await held(inner, actor, group);
    await closeGroup(inner, group.id);
    await endByGroup(inner, actor, await listByGroup(inner, group.id));
    const detail = { group: group.id, name };
    await record(inner, actor, group, { type: 'group_ended', detail });
  });

const endByGroup = async (act: Act, actor: Actor, mandates: { id: string }[]): Promise<void> => {
  if (mandates.length) await endAll(act, mandates, { by: actor.party, type: 'ended' });
};

/** One right for one who is put in. */
export interface Joining {
  member: string;
  right: GroupRight;
}

/** The members or rights that are added, and how much was added before, as the actor saw it. */
interface Adding<Added> {
  added: Added[];
  seen: string;
}

/**
 * Puts each in and gives it every right of the group, or nobody: the actor must be able to give
 * each of them each of it now. Whoever is a member already gets what is lacking. Answers what could
 * not be given.
 */
export const addMembers = (
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  { added, seen }: Adding<string>,
): Promise<NotDone<Joining>[] | NotAdded> =>
  inTransaction(act, async (inner) => {
    const { name, additions } = await held(inner, actor, group);
    if (additions !== seen) return 'changed';
    // In one order, so that two groups with the same members do not wait for each other.
    const members = [...new Set(added)].sort();
    const wrong = await wrongMembers(inner, members, group);
    if (wrong) return wrong;
    const rights = await listRights(inner, group.id);
    if (!rights.length) return 'empty';
    const has = await listByGroup(inner, group.id);
    const wanted = members
      .flatMap((member) => rights.map((right): Joining => ({ member, right })))
      .filter(({ member, right }) => !has.some((one) => one.member === member && isOf(one, right)));
    if (wanted.length > MOST_OF_GROUP.at_once) return 'at_once';
    return allOrNone(inner, wanted, async (each, { member, right }) => {
      if (await joinGroup(each, { group: group.id, member, by: actor.party }))
        await record(each, actor, group, {
          ...{ type: 'group_joined', to: member },
          detail: { group: group.id, name },
        });
      await giveTo(each, actor, group, member, right);
    });
  });

/** Whether what one has by the group is all of the right. */
const isOf = (one: GroupRight, right: GroupRight): boolean =>
  one.package === right.package &&
  one.resource === right.resource &&
  (right.actions ?? []).every((action) => one.actions?.includes(action));

/** People and systems alone, that are there, and no more than a group has. */
async function wrongMembers(
  act: Act,
  ids: string[],
  group: GroupOf,
): Promise<NotAdded | undefined> {
  const found = await findParties(act, ids);
  if (found.length < ids.length || found.some(({ ended }) => ended)) return 'gone';
  if (found.some(isOrganization)) return 'kind';
  const members = await findMembers(act, group.id, MOST_OF_GROUP.full);
  const all = new Set([...members.map(({ id }) => id), ...ids]);
  return all.size > MOST_OF_GROUP.full ? 'full' : undefined;
}

/** Gives a member a right of the group, until somebody ends it; unchanged where it is there. */
async function giveTo(
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  to: string,
  { package: code, resource, actions }: GroupRight,
): Promise<void> {
  // A package may have come to administer since the group got it.
  if (await isForPeople(act.db, { package: code, resource }))
    throw invalid(['AM.VLD-00033', '/package']);
  const gift = { from: group.party, to, mayPassOn: false, group: group.id, place: '' as const };
  const authority = asActor(actor);
  if (code !== null) await givePackage(act, authority, gift, code);
  else await giveRights(act, authority, { ...gift, resource: resource!, actions: actions! }, 'add');
}

/**
 * Takes a member out and ends all that it has by the group, in one act; nothing where it is out.
 */
export const removeMember = (
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  member: string,
): Promise<void> =>
  inTransaction(act, async (inner) => {
    const { name } = await held(inner, actor, group);
    if (!(await leaveGroup(inner, { group: group.id, member }))) return;
    await endByGroup(inner, actor, await listByGroup(inner, group.id, { member }));
    await record(inner, actor, group, {
      ...{ type: 'group_left', to: member },
      detail: { group: group.id, name },
    });
  });

/**
 * Adds rights to the group and gives each to each member, as far as that may be given to it. A
 * member for whom nothing of the group holds, as it is suspended, gets nothing new.
 */
export const addRights = (
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  { added, seen }: Adding<GroupRight>,
): Promise<NotAdded | undefined> =>
  inTransaction(act, async (inner) => {
    const { name, additions } = await held(inner, actor, group);
    if (additions !== seen) return 'changed';
    for (const right of added) if (await isForPeople(inner.db, right)) return 'administers';
    const had = await listRights(inner, group.id);
    const isSame = (one: GroupRight, other: GroupRight) =>
      one.package === other.package && one.resource === other.resource;
    const rights = added.filter((right) => !had.some((one) => isSame(one, right)));
    if (!rights.length) return 'has';
    if (had.length + rights.length > MOST_OF_GROUP.rights) return 'rights';
    const members = await findMembers(inner, group.id, MOST_OF_GROUP.full);
    if (rights.length * members.length > MOST_OF_GROUP.at_once) return 'at_once';
    for (const right of rights) {
      await openToGroup(inner, { group: group.id, right, by: actor.party });
      const detail = { group: group.id, name, package: right.package, resource: right.resource };
      await record(inner, actor, group, { type: 'group_opened', detail });
      for (const { id, isActive } of members)
        if (isActive) await tryGiving(inner, (each) => giveTo(each, actor, group, id, right));
    }
    return undefined;
  });

/** Gives what may be given; one right that one member may not have does not hinder the rest. */
async function tryGiving(act: Deciding, give: (each: Deciding) => Promise<void>): Promise<void> {
  try {
    await inTransaction(act, give);
  } catch (error) {
    if (!(error instanceof Fault) || isOfAll(error)) throw error;
  }
}

/**
 * Takes a right from the group, and from its members what they have of it by the group; whoever has
 * nothing else by it is out. False for the last one: a group without rights has nobody in it.
 */
export const removeRight = (
  act: Deciding,
  actor: Actor,
  group: GroupOf,
  right: string,
): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const { name } = await held(inner, actor, group);
    const rights = await listRights(inner, group.id);
    const taken = rights.find(({ id }) => id === right);
    if (!taken) return true;
    if (rights.length === 1) return false;
    await closeToGroup(inner, { group: group.id, right });
    const detail = { group: group.id, name, package: taken.package, resource: taken.resource };
    await record(inner, actor, group, { type: 'group_closed', detail });
    await endByGroup(inner, actor, await listByGroup(inner, group.id, { right: taken }));
    return true;
  });
