// Acts of support staff: they look at what a party has, with a reason and a case number that stand
// in the party's log, and suspend what a person asks them to. It knows no HTTP.
import { insufficientLevel } from '../caller/model.ts';
import type { ConsentReader } from '../consent/basis/standing.ts';
import { findConsents } from '../consent/find.ts';
import { tellSuspended } from '../consent/own/suspend.ts';
import type { Deciding } from '../decision/act.ts';
import { mustSuitAnew, tellSuspension } from '../delegation/end/change.ts';
import { appendEvents } from '../event/store.ts';
import { resumeGiven, suspendGiven, type LiveOf } from '../mandate/store.ts';
import { findByAnyName, findParty } from '../party/store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { fault } from '../platform/errors.ts';
import type { Limits } from '../platform/http/limits.ts';
import { uuidv7 } from '../platform/ids.ts';
import { shownAmong } from './holdings.ts';
import {
  caseStanding,
  SUPPORT_LEVEL,
  type Recognised,
  type SupportCase,
  type SupportReason,
} from './model.ts';
import {
  findCase,
  insertCase,
  isTied,
  lockCase,
  lockSuspendedBySupport,
  noteSuspension,
  storeApproved,
} from './store.ts';

/** National identity numbers of those on the staff. */
export type Staff = readonly string[];

/** For all but the staff there is nothing here (TIL-00009); TIL-00007 for staff at a low level. */
export async function mustBeStaff(act: Act, staff: Staff, actor: ConsentReader): Promise<void> {
  const own = staff.length ? await findParty(act, { by: 'uuid', value: actor.party }) : undefined;
  if (!own?.personNo || own.endedAt || !staff.includes(own.personNo)) throw fault('TIL-00009');
  if (actor.level < SUPPORT_LEVEL) throw insufficientLevel(SUPPORT_LEVEL);
}

export interface WantedCase {
  /** A national identity number, or an organisation number. */
  number: string;
  reason: SupportReason;
  caseNo: string;
}

/**
 * Opens a case about the party with a number; that stands in the party's log at once. Undefined
 * where nobody has the number, or one who has something of the actor, or gave the actor something.
 * 429 for too many in an hour.
 */
export async function openCase(
  act: Act,
  limits: Limits,
  actor: string,
  { number, reason, caseNo }: WantedCase,
): Promise<string | undefined> {
  await limits.count('support', actor);
  const by = number.length === 11 ? ('person' as const) : ('organization' as const);
  const party = await findByAnyName(act, { by, value: number });
  if (!party) return undefined;
  return inTransaction(act, async (inner) => {
    if (await isTied(inner, actor, party.id)) return undefined;
    const id = uuidv7(inner.now);
    await insertCase(inner, { id, staff: actor, party: party.id, caseNo, reason });
    const opened = (await findCase(inner, id))!;
    await recordLook(inner, opened, opened.isProtected ? 'asked' : 'looked');
    return id;
  });
}

/** No event names the staff: they stand in the case. */
const recordLook = (
  act: Act,
  { id, party, caseNo, reason }: SupportCase,
  how: 'asked' | 'looked',
): Promise<void> =>
  appendEvents(act, [
    {
      ...{ type: `support_${how}` as const, fromParty: party.id, toParty: party.id, byParty: null },
      detail: { support: caseNo, case: id, reason },
    },
  ]);

/** Lets another of the staff look where the address is protected; TIL-00009 where none waits. */
export const approveCase = (act: Act, actor: string, id: string): Promise<void> =>
  inTransaction(act, async (inner) => {
    const found = await lockCase(inner, id);
    const isTheirs =
      found && found.staff !== actor && !(await isTied(inner, actor, found.party.id));
    if (!isTheirs || caseStanding(found, inner.now) !== 'waiting') throw fault('TIL-00009');
    await storeApproved(inner, id, actor);
    await recordLook(inner, found, 'looked');
  });

/** A case of the actor's own; TIL-00009 for another's. */
export async function mustFindCase(act: Act, actor: string, id: string): Promise<SupportCase> {
  const found = await findCase(act, id);
  if (found?.staff !== actor) throw fault('TIL-00009');
  return found;
}

/** Whether the party can ask for something: a company suspends by those who act for it. */
export const takesRequests = ({ party: { kind, isEnded } }: SupportCase): boolean =>
  kind !== 'organization' && !isEnded;

/** One's own open case, held; TIL-00009 for any other, and one that is over. */
async function mustHoldCase(act: Act, actor: string, id: string): Promise<SupportCase> {
  const found = await lockCase(act, id);
  const isOpen = found?.staff === actor && caseStanding(found, act.now) === 'open';
  if (!isOpen || !takesRequests(found) || (await isTied(act, actor, found.party.id)))
    throw fault('TIL-00009');
  return found;
}

export interface AskedOfSupport {
  /** Mandates and consents that the person gave. */
  ids: string[];
  recognised: Recognised;
}

/** Changes what the person asks for of what staff see, with its record; answers how much. */
const changeAsked = (
  act: Deciding,
  { actor, id, suspended }: { actor: string; id: string; suspended: boolean },
  { ids, recognised }: AskedOfSupport,
  change: (inner: Deciding, party: string, shown: string[]) => Promise<LiveOf[]>,
): Promise<number> =>
  inTransaction(act, async (inner) => {
    const found = await mustHoldCase(inner, actor, id);
    const shown = await shownAmong(inner, found, ids);
    const changed = await change(inner, found.party.id, shown);
    if (changed.length) await record(inner, found, { changed, suspended, recognised });
    return changed.length;
  });

/** Suspends what the person asks for; answers how much was not suspended before. */
export const suspendAsked = (
  act: Deciding,
  actor: string,
  id: string,
  asked: AskedOfSupport,
): Promise<number> =>
  changeAsked(act, { actor, id, suspended: true }, asked, async (inner, party, shown) => {
    const stopped = await suspendGiven(inner, party, shown);
    const mandates = stopped.map((one) => one.id);
    if (mandates.length) await noteSuspension(inner, id, mandates);
    return stopped;
  });

/**
 * Lets go on what another of the staff suspended, when the person asks; answers how much. Nobody
 * resumes what they suspended themselves.
 */
export const resumeAsked = (
  act: Deciding,
  actor: string,
  id: string,
  asked: AskedOfSupport,
): Promise<number> =>
  changeAsked(act, { actor, id, suspended: false }, asked, async (inner, party, shown) => {
    const suspended = await lockSuspendedBySupport(inner, party);
    const others = shown.filter((one) => (suspended.get(one) ?? actor) !== actor);
    const resumed = await resumeGiven(inner, party, others);
    for (const one of resumed) await mustSuitAnew(inner, one);
    return resumed;
  });

/** Each thing in its history, and the whole in the person's log. */
async function record(
  act: Deciding,
  { id, party, caseNo }: SupportCase,
  {
    changed,
    suspended,
    recognised,
  }: { changed: LiveOf[]; suspended: boolean; recognised: Recognised },
): Promise<void> {
  const mandates = changed.filter(({ consentId }) => consentId === null);
  const consents = await findConsents(
    act,
    changed.flatMap(({ consentId }) => consentId ?? []),
  );
  const how = suspended ? ('suspended' as const) : ('resumed' as const);
  const pairs = mandates.map((one) => ({ id: one.id, from: party.id, to: one.to }));
  await tellSuspension(act, pairs, { by: null, suspended });
  await tellSuspended(act, consents, null, how);
  await appendEvents(act, [
    {
      ...{ type: `support_${how}`, fromParty: party.id, toParty: party.id, byParty: null },
      detail: { support: caseNo, case: id, recognised, n: changed.length },
    },
  ]);
}
