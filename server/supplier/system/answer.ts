// A customer answers what a vendor asked about its system: everything that was asked for is given
// and ended in one act, or nothing is. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { mustAdminister, type Actor } from '../../delegation/authority.ts';
import { endAll } from '../../delegation/end/end.ts';
import { checkPackages, checkResources } from '../../delegation/give/check.ts';
import { asActor } from '../../delegation/give/footing.ts';
import { givePackage, giveRights } from '../../delegation/give/give.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import { listMandates } from '../../mandate/delegation_store.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { guard, inTransaction } from '../../platform/act.ts';
import { allOrNone, type NotDone } from '../../platform/all_or_none.ts';
import { sha256, uuidv7 } from '../../platform/ids.ts';
import { addAgent } from '../customers.ts';
import { endable, lockWaiting, nameOfUser, settle } from './ask.ts';
import { isOfSystem, type SystemRequest, type SystemRights } from './model.ts';
import { letIn } from './users.ts';

/** One thing that is to be given: a package, or a service. */
export type SystemGrant = { package: string } | { resource: string };

export const grantsOf = ({ packages, resources }: SystemRights): SystemGrant[] => [
  ...packages.map((code) => ({ package: code })),
  ...resources.map((resource) => ({ resource })),
];

/** One who administers for the customer; for an agent system, its customers too. 403 for others. */
async function mustAnswerFor(
  act: Deciding,
  actor: Actor,
  { customer, system: { kind } }: SystemRequest,
): Promise<void> {
  await mustAdminister(act, actor, customer, 'access');
  if (kind === 'agent') await mustAdminister(act, actor, customer, 'clients');
}

/**
 * A request that the actor may answer; each transaction of the act asks that
 * again. AM-00031 where there is none.
 */
export async function mustBeToAnswer(
  act: Deciding,
  actor: Actor,
  request: SystemRequest | undefined,
): Promise<SystemRequest> {
  if (!request) throw problem('AM-00031');
  await guard(act, `${actor.party} ${request.id}`, (at) => mustAnswerFor(at, actor, request));
  return request;
}

/** The part of a request that somebody could give. */
export interface Able {
  packages: Set<string>;
  /** Actions by service, and those that the actor could not give. */
  actions: Map<string, string[]>;
  without: Map<string, string[]>;
}

/** The part of it that the actor could give; of a service, the actions. */
export async function checkGrants(
  act: Deciding,
  actor: Actor,
  request: SystemRequest,
): Promise<Able> {
  // Such a system gets what it has for each customer.
  if (isForCustomers(request))
    return { packages: new Set(), actions: new Map(), without: new Map() };
  const { customer, packages, resources } = request;
  const [able, checked] = await Promise.all([
    packages.length ? checkPackages(act, actor, customer, packages) : [],
    resources.length
      ? checkResources(act, actor, { from: customer, instance: null, resources })
      : new Map<string, never>(),
  ]);
  const actionsOf = (isAble: boolean) =>
    [...checked].map(([id, { rights }]): [string, string[]] => [
      id,
      rights.filter(({ result }) => result === isAble).map(({ action }) => action),
    ]);
  return {
    packages: new Set(able.filter(({ result }) => result).map(({ code }) => code)),
    actions: new Map(actionsOf(true).filter(([, some]) => some.length > 0)),
    without: new Map(actionsOf(false)),
  };
}

/** A digest of everything that its page shows: a yes is to that. */
export const digestShown = (request: SystemRequest, { actions }: Able): string => {
  const { system, userName, externalRef } = request;
  const rights = [request.packages, [...actions], request.endPackages, request.endResources];
  const words = [system.name, system.vendorName, system.kind, userName, externalRef];
  return sha256(JSON.stringify([words, rights]));
};

/** The outcome of a yes: each thing that could not be given, or that its page has changed. */
export interface Accepted {
  failed: NotDone<SystemGrant>[];
  isChanged: boolean;
}

class IsChanged extends Error {}

class NotWhole extends Error {
  readonly failed: NotDone<SystemGrant>[];
  constructor(failed: NotDone<SystemGrant>[]) {
    super('not all could be given');
    this.failed = failed;
  }
}

/**
 * Lets the system in, or changes what it may do. Where something cannot be given nothing is done,
 * and the answer names each; nor where it is no longer as it was `shown`. AM.VLD-00036 where it no
 * longer waits, TIL-00025 where the vendor has ended the system or described it anew without what
 * is asked for, TIL-00059 where another let it in meanwhile.
 */
export async function acceptSystem(
  act: Deciding,
  actor: Actor,
  id: string,
  shown?: string,
): Promise<Accepted> {
  try {
    await inTransaction(act, async (inner) => {
      const request = await lockWaiting(inner, id);
      await mustAnswerFor(inner, actor, request);
      const { system } = request;
      if (system.ended || !isOfSystem(request, system)) throw problem('TIL-00025');
      const able = await checkGrants(inner, actor, request);
      if (shown !== undefined && shown !== digestShown(request, able)) throw new IsChanged();
      const user = await userOf(inner, actor, request);
      await settle(inner, request, { to: 'accepted', by: actor.party, systemUser: user.id });
      if (isForCustomers(request)) return;
      await endOf(inner, actor, request, user);
      const failed = await giveAll(inner, actor, { request, able, user });
      if (failed.length) throw new NotWhole(failed);
    });
    return { failed: [], isChanged: false };
  } catch (error) {
    if (error instanceof NotWhole) return { failed: error.failed, isChanged: false };
    if (error instanceof IsChanged) return { failed: [], isChanged: true };
    throw error;
  }
}

/** Whether a yes lets in a system that gets nothing until it has customers. */
export const isForCustomers = ({ system, isChange }: SystemRequest): boolean =>
  system.kind === 'agent' && !isChange;

/** The system user that is changed, or a new one. */
async function userOf(
  act: Deciding,
  actor: Actor,
  { customer, system, systemUser, externalRef }: SystemRequest,
): Promise<Party> {
  if (systemUser !== null) {
    const user = await findParty(act, { by: 'uuid', value: systemUser });
    if (!user || user.endedAt) throw invalid(['AM.VLD-00006', '/systemUser']);
    return user;
  }
  const name = nameOfUser(system, externalRef);
  const { id: systemId, kind } = system;
  const made = { id: uuidv7(act.now), name, owner: customer, systemId, kind };
  if (!(await letIn(act, made, actor.party))) throw problem('TIL-00059');
  const user = (await findParty(act, { by: 'uuid', value: made.id }))!;
  if (kind === 'agent') await addAgent(act, actor, customer, user);
  return user;
}

/** Ends what the change takes away, with what was passed on through it. */
async function endOf(
  act: Deciding,
  { party: by }: Actor,
  { customer, endPackages, endResources }: SystemRequest,
  user: Party,
): Promise<void> {
  const held = await listMandates(act, { from: customer, to: user.id, limit: 10_000 });
  const gone = endable(held).filter(
    ({ package: code, resource }) =>
      (code !== null && endPackages.includes(code)) ||
      (resource !== null && endResources.includes(resource)),
  );
  await endAll(act, gone, { by, type: 'ended' });
}

/** Gives each thing to the system until somebody ends it. */
async function giveAll(
  act: Deciding,
  actor: Actor,
  { request, able: { actions }, user }: { request: SystemRequest; able: Able; user: Party },
): Promise<NotDone<SystemGrant>[]> {
  const authority = asActor(actor);
  const terms = { place: '' as const, from: request.customer, to: user.id };
  return allOrNone(act, grantsOf(request), async (inner, grant) => {
    if ('package' in grant) return givePackage(inner, authority, terms, grant.package);
    const able = actions.get(grant.resource);
    if (!able) throw problem('AM-00028');
    const rights = { ...terms, resource: grant.resource, actions: able };
    return giveRights(inner, authority, rights, 'add');
  });
}

/** Says no. AM.VLD-00036 where it no longer waits. */
export const rejectSystem = (act: Deciding, actor: Actor, id: string): Promise<void> =>
  inTransaction(act, async (inner) => {
    const request = await lockWaiting(inner, id);
    await mustAnswerFor(inner, actor, request);
    await settle(inner, request, { to: 'rejected', by: actor.party });
  });
