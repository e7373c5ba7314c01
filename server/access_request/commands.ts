// Asking for a right (as in Altinn 3): who asks is `to`, whose standing it is about is
// `from`. Draft, pending, then approved, partly approved, rejected or withdrawn; every step
// guarded, its event inside. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { uuidv7 } from '../platform/ids.ts';
import { appendEvents } from '../event/store.ts';
import type { MandateEvent } from '../event/model.ts';
import { actionsOf } from '../resource/policy/model.ts';
import { findPolicyOf } from '../resource/policy/store.ts';
import { findResources } from '../resource/store.ts';
import { mustSuit } from '../delegation/authority.ts';
import { SCHEMA } from '../delegation/give/check.ts';
import { bothParties } from '../delegation/give/give.ts';
import { packageFault } from '../delegation/model.ts';
import { notify } from '../notice/store.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { tieOf } from './tie.ts';
import { QUIET_DAYS_OF_RIGHT, type RequestRow, type RequestState } from './model.ts';
import {
  countAskedAgain,
  findOpenRequest,
  findRequest,
  insertRequest,
  moveRequest,
  wasRefused,
} from './store.ts';

export interface WantedRight {
  from: string;
  to: string;
  by: string;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  validTo: Date | null;
  redirectUrl: string | null;
  message?: string | null;
}

/** The tie by which it may be asked for; throws why it may not. */
async function mayBeAskedFor(act: Deciding, wanted: WantedRight) {
  const { now } = act;
  if (wanted.from === wanted.to) throw invalid(['AM.VLD-00045', '/to']);
  if (wanted.package === null && wanted.resource === null)
    throw invalid(['AM.VLD-00038', '/package']);
  if (wanted.package !== null && wanted.resource !== null)
    throw invalid(['AM.VLD-00046', '/package']);
  if (wanted.validTo && wanted.validTo <= now) throw invalid(['AM.VLD-00022', '/validTo']);
  const { giver, receiver } = await bothParties(act, wanted);
  await checkWanted(act, wanted, giver.kind, receiver.kind);
  const tie = await tieOf(act, giver, receiver);
  if (!tie) throw invalid(['AM.VLD-00041', '/to']);
  return tie;
}

/** TIL-00055 where the giver has said no to the same lately. */
async function mustBeQuietNoMore(act: Act, wanted: WantedRight): Promise<void> {
  const quietFrom = new Date(act.now.getTime() - QUIET_DAYS_OF_RIGHT * 86_400_000);
  if (await wasRefused(act, wanted, quietFrom)) throw problem('TIL-00055');
}

/** Throws why it could not be asked for; nothing is. */
export async function checkAsked(act: Deciding, wanted: WantedRight): Promise<void> {
  await mayBeAskedFor(act, wanted);
  await mustBeQuietNoMore(act, wanted);
}

/**
 * Stores the request; the same again, while it waits, is the same request. TIL-00055 where the
 * giver has said no to the same lately.
 */
export async function askForRight(
  act: Deciding,
  wanted: WantedRight,
  state: 'draft' | 'pending',
): Promise<RequestRow> {
  const { verified } = await mayBeAskedFor(act, wanted);
  const id = uuidv7(act.now);
  const created = await inTransaction(act, async (inner) => {
    await mustBeQuietNoMore(inner, wanted);
    if (!(await insertRequest(inner, { id, state, verified, ...wanted }))) return false;
    const { package: code, resource, actions, by, from, to } = wanted;
    const detail = { package: code, resource, actions, ...(verified ? { verified } : {}) };
    // Until it is confirmed, a draft is no news of the giver's.
    const side = state === 'draft' ? to : from;
    await record(inner, { id, from: side, to }, { type: 'right_asked', by, detail });
    await notify(inner, [state === 'draft' ? wanted.to : wanted.from], {
      type: 'right_asked',
      requestId: id,
      by: wanted.by,
      ...(state === 'draft' ? {} : { sender: wanted.to }),
    });
    return true;
  });
  const found = created ? await findRequest(act.db, id) : await findOpenRequest(act, wanted);
  if (!found) throw problem('AM-00031');
  return found;
}

async function checkWanted(
  act: Deciding,
  wanted: WantedRight,
  fromKind: string,
  toKind: string,
): Promise<void> {
  await mustSuit(act.db, { kind: toKind }, wanted, wanted.package ? '/package' : '/resource');
  if (wanted.package !== null) {
    const catalogue = await currentCatalogue(act);
    const entry = catalogue.packages.get(wanted.package);
    if (!entry) throw problem('AM-00035');
    const fault = packageFault(catalogue, entry, fromKind, toKind);
    if (fault) throw invalid([fault === 'AM.VLD-00048' ? fault : 'AM.VLD-00028', '/package']);
    return;
  }
  const resource = (await findResources(act.db, [wanted.resource!])).get(wanted.resource!);
  const policy = await findPolicyOf(act.db, wanted.resource!);
  if (!resource || !policy) throw invalid(['AM.VLD-00012', '/resource']);
  if (!resource.content.delegable || resource.type === SCHEMA)
    throw invalid(['AM.VLD-00049', '/resource']);
  if (toKind === 'self_identified' && !resource.content.selfIdentifiedUserEnabled)
    throw problem('TIL-00038');
  if (wanted.actions?.some((action) => !actionsOf(policy).includes(action)))
    throw problem('AM-00036');
}

/** Events that are the giver's side's alone to know. */
const KEPT: MandateEvent[] = ['right_yes', 'right_yes_taken_back', 'right_passed_on'];

export async function record(
  act: Act,
  { id, from, to, offered }: Pick<RequestRow, 'id' | 'from' | 'to'> & { offered?: boolean },
  { type, by, detail }: { type: MandateEvent; by: string; detail: unknown },
): Promise<void> {
  // An offer is the giver's side's to know, until it is given.
  const isKept = offered === true || KEPT.includes(type);
  const sides = { fromParty: from, toParty: isKept ? from : to };
  await appendEvents(act, [{ type, requestId: id, ...sides, byParty: by, detail }]);
}

export async function mustFindRequest(act: Deciding, id: string): Promise<RequestRow> {
  const found = await findRequest(act.db, id);
  if (!found) throw problem('AM-00031');
  return found;
}

/** One step of a request: from one of these states, by whom, and what it is called. */
export interface RequestStep {
  from: RequestState[];
  to: RequestState;
  by: string;
  type: MandateEvent;
  /** The actions that are given of those that were asked for. */
  actions?: string[];
}

/** A draft that a service owner wrote is confirmed by the one it is for. */
export const confirm = (act: Deciding, request: RequestRow, by: string) =>
  take(act, request, { from: ['draft'], to: 'pending', by, type: 'right_asked' });

/** Reminds the giver of a request that waits; AM.VLD-00036 where it may not be now. */
export const askAgainForRight = (act: Deciding, request: RequestRow, by: string) =>
  inTransaction(act, async (inner) => {
    const counted = await countAskedAgain(inner, request.id);
    if (!counted) throw invalid(['AM.VLD-00036', '/status']);
    await record(inner, request, { type: 'right_asked_again', by, detail: {} });
    const what = {
      ...{ type: 'right_asked_again' as const, requestId: request.id, by },
      sender: request.to,
    };
    if (counted.isHeard) await notify(inner, [request.from], what);
  });

export const withdrawRequest = (act: Deciding, request: RequestRow, by: string) =>
  take(act, request, {
    from: ['draft', 'pending'],
    to: 'withdrawn',
    by,
    type: 'right_withdrawn',
  });

async function take(act: Deciding, request: RequestRow, step: RequestStep): Promise<RequestRow> {
  await inTransaction(act, async (inner) => move(inner, request, step));
  return mustFindRequest(act, request.id);
}

/** A step, guarded by the state it must come from. Call it in the transaction of the act. */
export async function move(act: Act, request: RequestRow, step: RequestStep): Promise<void> {
  const { by, type, actions } = step;
  if (!(await moveRequest(act, request.id, step))) throw invalid(['AM.VLD-00036', '/status']);
  const isDropped = request.state === 'draft' && type === 'right_withdrawn';
  const sides = isDropped ? { ...request, from: request.to } : request;
  await record(act, sides, { type, by, detail: actions ? { actions } : {} });
  // A draft is known to its writer and to the one it is for only.
  if (isDropped) return;
  const { id: requestId, from, to } = request;
  // An offer's own side is notified in approve.ts; the receiver learns of it as it is given.
  if (request.offered) return;
  const said = request.yeses.map(({ party }) => party).filter((party) => party !== by);
  const isAskers = type === 'right_asked' || type === 'right_withdrawn';
  await notify(act, [isAskers ? from : to, ...said], {
    type: isAskers ? type : 'right_answered',
    requestId,
    by,
    ...(isAskers ? { sender: to } : {}),
  });
}
