// Asking for a right (contract/rights.md C.4): who asks is `to`, whose standing it is about is
// `from`. Draft, pending, then approved, partly approved, rejected or withdrawn; every step
// guarded, its event inside. It knows no HTTP.
import { transaction, type Db } from '../platform/db.ts';
import { clock } from '../platform/clock.ts';
import { uuidv7 } from '../platform/ids.ts';
import { appendMandateEvents } from '../event/store.ts';
import type { MandateEvent } from '../event/model.ts';
import { findHeld, findParties } from '../decision/search_store.ts';
import { knowledgeOf } from '../resource/catalogue.ts';
import { MAIN_ADMINISTRATOR } from '../resource/catalogue_model.ts';
import { actionsOf } from '../resource/policy_model.ts';
import { findPolicyOf } from '../resource/policy_store.ts';
import { findResources } from '../resource/store.ts';
import { mustAdminister, type Actor } from './authority.ts';
import { checkPackages, checkResource, SCHEMA } from './check.ts';
import { givePackage, giveRights, partiesOf } from './give.ts';
import { packageFault } from './model.ts';
import { notify } from './notice_store.ts';
import { invalid, problem } from './problems.ts';
import { findRelation } from './relation_store.ts';
import {
  findOpenRequest,
  findRequest,
  insertRequest,
  moveRequest,
  type RequestRow,
  type RequestState,
} from './request_store.ts';

export interface Wanted {
  from: string;
  to: string;
  by: string;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  validTo: Date | null;
  redirectUrl: string | null;
}

/** Stores the request; the same again, while it waits, is the same request. */
export async function ask(db: Db, wanted: Wanted, state: 'draft' | 'pending'): Promise<RequestRow> {
  const now = clock.now();
  if (wanted.from === wanted.to) throw invalid(['AM.VLD-00045', '/to']);
  if (wanted.package === null && wanted.resource === null)
    throw invalid(['AM.VLD-00038', '/package']);
  if (wanted.package !== null && wanted.resource !== null)
    throw invalid(['AM.VLD-00046', '/package']);
  const { giver, receiver } = await partiesOf(db, wanted.from, wanted.to);
  await checkWanted(db, wanted, giver.kind, receiver.kind);
  if (!(await isConnected(db, wanted.from, wanted.to, now))) throw invalid(['AM.VLD-00041', '/to']);
  const id = uuidv7(now);
  const created = await transaction(db, async (trx) => {
    if (!(await insertRequest(trx, { id, state, ...wanted }, now))) return false;
    await record(
      trx,
      { id, from: wanted.from, to: wanted.to },
      'right_asked',
      wanted.by,
      { package: wanted.package, resource: wanted.resource, actions: wanted.actions },
      now,
    );
    await notify(
      trx,
      [state === 'draft' ? wanted.to : wanted.from],
      { type: 'right_asked', requestId: id },
      now,
    );
    return true;
  });
  const found = created ? await findRequest(db, id) : await findOpenRequest(db, wanted);
  if (!found) throw problem('AM-00031');
  return found;
}

async function checkWanted(
  db: Db,
  wanted: Wanted,
  fromKind: string,
  toKind: string,
): Promise<void> {
  if (wanted.package !== null) {
    const entry = (await knowledgeOf(db).current(db)).packages.get(wanted.package);
    if (!entry) throw problem('AM-00035');
    const fault = packageFault(entry, fromKind, toKind);
    if (fault) throw invalid([fault === 'AM.VLD-00048' ? fault : 'AM.VLD-00028', '/package']);
    return;
  }
  const resource = (await findResources(db, [wanted.resource!])).get(wanted.resource!);
  const policy = await findPolicyOf(db, wanted.resource!);
  if (!resource || !policy) throw invalid(['AM.VLD-00012', '/resource']);
  if (!resource.content.delegable || resource.type === SCHEMA)
    throw invalid(['AM.VLD-00049', '/resource']);
  if (wanted.actions?.some((action) => !actionsOf(policy).includes(action)))
    throw problem('AM-00036');
}

/**
 * A request builds on something that is there already: a relation, or anything that the asker holds
 * for the giver.
 */
async function isConnected(db: Db, from: string, to: string, now: Date): Promise<boolean> {
  if (await findRelation(db, from, to, 'rightholder')) return true;
  const [giver] = await findParties(db, [from], now);
  const held = await findHeld(db, to, true, now);
  return held.some((row) => row.from === from || row.from === giver?.parent);
}

async function record(
  trx: Db,
  request: Pick<RequestRow, 'id' | 'from' | 'to'>,
  type: MandateEvent,
  by: string,
  detail: unknown,
  now: Date,
): Promise<void> {
  await appendMandateEvents(
    trx,
    [
      {
        type,
        requestId: request.id,
        fromParty: request.from,
        toParty: request.to,
        byParty: by,
        detail,
      },
    ],
    now,
  );
}

export async function requestOf(db: Db, id: string): Promise<RequestRow> {
  const found = await findRequest(db, id);
  if (!found) throw problem('AM-00031');
  return found;
}

/** A draft that a service owner wrote is confirmed by the one it is for. */
export const confirm = (db: Db, request: RequestRow, by: string) =>
  step(db, request, ['draft'], 'pending', by, 'right_asked');
export const withdrawRequest = (db: Db, request: RequestRow, by: string) =>
  step(db, request, ['draft', 'pending'], 'withdrawn', by, 'right_withdrawn');

export async function reject(db: Db, request: RequestRow, actor: Actor): Promise<RequestRow> {
  await mustAdminister(db, actor, request.from, 'access', clock.now());
  return step(db, request, ['pending'], 'rejected', actor.party, 'right_rejected');
}

async function step(
  db: Db,
  request: RequestRow,
  from: RequestState[],
  to: RequestState,
  by: string,
  type: MandateEvent,
): Promise<RequestRow> {
  await transaction(db, (trx) => move(trx, request, from, to, by, type, null));
  return requestOf(db, request.id);
}

/** One step, guarded by the state it must come from. Call it in the transaction of the act. */
async function move(
  trx: Db,
  request: RequestRow,
  from: RequestState[],
  to: RequestState,
  by: string,
  type: MandateEvent,
  actions: string[] | null,
): Promise<void> {
  const now = clock.now();
  if (!(await moveRequest(trx, request.id, from, to, by, actions, now)))
    throw invalid(['AM.VLD-00036', '/status']);
  await record(trx, request, type, by, actions ? { actions } : {}, now);
  const asked = type === 'right_asked';
  await notify(
    trx,
    [asked ? request.from : request.to],
    { type: asked ? 'right_asked' : 'right_answered', requestId: request.id },
    now,
  );
}

/**
 * Gives what was asked for, or the part of it that is named. The approver must be able to give it,
 * and not be the asker unless main administrator. State and mandate are one transaction: of two who
 * approve at once, one gives.
 */
export async function approve(
  db: Db,
  request: RequestRow,
  actor: Actor,
  only: string[] | null,
): Promise<RequestRow> {
  const now = clock.now();
  if (request.state !== 'pending') throw invalid(['AM.VLD-00036', '/status']);
  await mustAdminister(db, actor, request.from, 'access', now);
  if (actor.party === request.to && !(await isMainAdministrator(db, actor, request.from, now)))
    throw problem('AM-00028', { because: 'own request' });
  if (request.package !== null) {
    const [check] = await checkPackages(db, actor, request.from, [request.package], now);
    if (!check!.result) throw problem('AM-00028');
    await givePackage(
      db,
      actor,
      { from: request.from, to: request.to, validTo: request.validTo },
      request.package,
      (trx) => move(trx, request, ['pending'], 'approved', actor.party, 'right_approved', null),
    );
    return requestOf(db, request.id);
  }
  const check = await checkResource(db, actor, request.from, request.resource!, null, now);
  const wanted = request.actions ?? check?.rights.map((right) => right.action) ?? [];
  if (only?.some((action) => !wanted.includes(action))) throw problem('AM-00036');
  const actions = (only ?? wanted).filter((action) =>
    check?.rights.some((right) => right.action === action && right.result),
  );
  if (!actions.length || (only && actions.length < only.length)) throw problem('AM-00028');
  await giveRights(
    db,
    actor,
    {
      from: request.from,
      to: request.to,
      resource: request.resource!,
      actions,
      validTo: request.validTo,
    },
    'add',
    (trx) =>
      move(
        trx,
        request,
        ['pending'],
        actions.length < wanted.length ? 'partly' : 'approved',
        actor.party,
        'right_approved',
        actions,
      ),
  );
  return requestOf(db, request.id);
}

async function isMainAdministrator(
  db: Db,
  actor: Actor,
  party: string,
  now: Date,
): Promise<boolean> {
  const [check] = await checkPackages(db, actor, party, [MAIN_ADMINISTRATOR], now);
  return check!.result;
}
