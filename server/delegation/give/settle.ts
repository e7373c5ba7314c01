// The beginning of what was found to be giveable: in one transaction, on what it rests on then, and
// once. It knows no HTTP, and asks nobody whether they may.
import { type Act, inTransaction, again } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import { findMandate, listMandates, type MandateRow } from '../../mandate/delegation_store.ts';
import type { Party } from '../../party/model.ts';
import { problem } from '../problems.ts';
import { type Inside, begin, checkChain, isOnTheseTerms, timesOf, type Terms } from './begin.ts';
import type { NewDelegation } from './begin_store.ts';
import { acceptAgreed, acceptByOf, type MustAccept } from './accept.ts';
import type { Authority, Footing, WantedGift } from './footing.ts';

/** The giver and the receiver, by id; and as rows where the act has just read them. */
export interface Sides {
  from: string;
  to: string;
  giver?: Party | undefined;
  receiver?: Party | undefined;
}

/** `place` is where the caller named package or resource, for the pointer of an error. */
export interface Gift extends Terms, Sides {
  place?: '$QUERY' | '';
  /** Those whose yes stands beside that of who gives, where several must say it. */
  said?: string[];
  /** The code that the receiver showed (code/code.ts). */
  byCode?: string;
  /** Whether the receiver has said yes to it: it asked for it, or showed a code. */
  agreed?: boolean;
  /** The giver's group by which its receiver has it; null for what is given to it alone. */
  group?: string | null;
}

export interface Given {
  /** The mandate, new or as it was given already. */
  id: string;
  /** The mandate through which it was passed on; null for one's own. */
  through: string | null;
  changed: boolean;
}

type Grain = Partial<
  Pick<NewDelegation, 'package' | 'resource' | 'actions' | 'instance' | 'needs'>
>;

export interface Settling {
  gift: Gift;
  authority: Authority;
  wanted: WantedGift;
  footing: Footing;
  grain: Grain;
  /** Whether the receiver must accept it before it holds. */
  mustAccept: MustAccept;
  /** Others who could have given it, and who get a notice. */
  others: string[];
  inside?: Inside | undefined;
}

/** Begins what was found to be giveable, in one transaction; harmless when it is there already. */
export const beginGift = (act: Deciding, settling: Settling): Promise<Given> =>
  inTransaction(act, async (inner) => {
    const { gift } = settling;
    await settling.inside?.(inner);
    const id = await beginOn(inner, settling);
    if (id) return { id, through: settling.footing.through, changed: true };
    const same = await sameAs(inner, settling);
    if (same) {
      // A receiver who asks for what waits for its yes has said it.
      const changed = await acceptAgreed(inner, gift, same);
      return { id: same.id, through: same.through, changed };
    }
    // Something of what it rested on is gone: refused without the rest, else given on that.
    const { authority, wanted } = settling;
    const later = again(inner);
    const footing = await authority.footing(later, wanted);
    const begun = await beginOn(later, { ...settling, footing });
    if (!begun) throw problem('TIL-00021');
    return { id: begun, through: footing.through, changed: true };
  });

async function beginOn(
  act: Act,
  { gift, authority, footing, grain, mustAccept, others }: Settling,
): Promise<string | undefined> {
  const { from, to, mayPassOn = false, subunits = true, evidence = null } = gift;
  const { byCode = null, group = null } = gift;
  const { through, role, rests } = footing;
  const parent = through === null ? undefined : await findMandate(act, through);
  const times = timesOf(gift, footing.until, act.now);
  if (parent) await checkChain(act, parent, to);
  const by = { givenBy: authority.by, givenRole: role };
  const given = { from, to, mayPassOn, subunits, evidence, byCode, group, through, ...by };
  const acceptBy = await acceptByOf(act, gift, mustAccept);
  return begin(act, { ...grain, ...times, ...given, acceptBy, rests, others });
}

export type Same = Pick<Settling, 'gift' | 'grain' | 'footing'>;

/** The same grain between the same parties, given already on this footing. */
export async function findSame(
  act: Act,
  { gift, grain, footing }: Same,
): Promise<MandateRow | undefined> {
  const { package: code = null, resource = null, instance = null } = grain;
  const { from, to, group = null } = gift;
  const wanted = { from, to, package: code, resource, instance, limit: 100 };
  return (await listMandates(act, wanted)).find(
    (one) => one.through === footing.through && one.instance === instance && one.group === group,
  );
}

/** The same; TIL-00026 when it is on other terms. */
export async function sameAs(act: Act, asked: Same): Promise<MandateRow | undefined> {
  const { gift, grain } = asked;
  const same = await findSame(act, asked);
  const isAnother = (same?.needs ?? null) !== (grain.needs ?? null);
  // A mandate that a bankruptcy has stopped is resumed, not given again.
  const isStopped = same?.lacks === 'estate';
  if (same && (isAnother || isStopped || !isOnTheseTerms(same, gift, act.now))) {
    throw problem('TIL-00026', { members: { mandate: same.id } });
  }
  return same;
}
