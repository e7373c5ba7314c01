// A vendor asks a customer to let its system act, or to change what it may do, and takes it back.
// It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import { listMandates, type MandateRow } from '../../mandate/delegation_store.ts';
import type { Party } from '../../party/model.ts';
import { findParty, findSystemUsers, lockParty } from '../../party/store.ts';
import { inTransaction } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { pick, type Language, type Translated } from '../../platform/locale.ts';
import {
  asksTheSame,
  mayReturnTo,
  MOST_WAITING,
  requestStanding,
  type SystemRequest,
  type VendorSystem,
  type WantedOfCustomer,
} from './model.ts';
import { isPlainName, mustBeOwn } from './register.ts';
import {
  countWaiting,
  findSystemRequest,
  findWaitingRequest,
  insertSystemRequest,
  lockSystemRequest,
  moveSystemRequest,
  recordRequest,
} from './request_store.ts';

/**
 * Asks the customer; the same again, while it waits, is the same request. TIL-00049 where the
 * customer has not answered another of the same system and reference, TIL-00059 for a system that
 * it has let in, TIL-00025 for one that has ended, TIL-00035 where too many wait.
 */
export async function askCustomer(
  act: Deciding,
  vendor: Party,
  system: VendorSystem,
  wanted: WantedOfCustomer,
): Promise<{ request: SystemRequest; isNew: boolean }> {
  mustBeOwn(vendor, system.id);
  if (system.ended) throw problem('TIL-00025');
  mustBeOfSystem(system, wanted);
  await (wanted.systemUser === null ? mustBeNew : mustBeChange)(act, system, wanted);
  const id = uuidv7(act.now);
  return inTransaction(act, async (inner) => {
    await lockParty(inner.db, wanted.customer);
    const waiting = await findWaitingRequest(inner, system.id, wanted);
    if (waiting && !asksTheSame(waiting, wanted)) throw problem('TIL-00049');
    if (waiting) return { request: waiting, isNew: false };
    if ((await countWaiting(inner, wanted.customer, vendor.id)) >= MOST_WAITING)
      throw fault('TIL-00035', { because: 'too many wait for the customer' });
    await insertSystemRequest(inner, { id, system: system.id, by: vendor.id }, wanted);
    const { packages, resources, endPackages, endResources } = wanted;
    await recordRequest(
      inner,
      { id, system, customer: wanted.customer },
      {
        ...{ type: 'system_asked' as const, by: vendor.id },
        more: { packages, resources, endPackages, endResources },
      },
    );
    return { request: (await findSystemRequest(inner, id))!, isNew: true };
  });
}

/** A vendor asks for what its system is registered to do, and leads back to where it may. */
function mustBeOfSystem(system: VendorSystem, wanted: WantedOfCustomer): void {
  const { externalRef } = wanted;
  if (externalRef && !isPlainName(externalRef)) throw invalid(['TIL.VLD-00001', '/externalRef']);
  const { packages, resources, endPackages, endResources, redirectUrl } = wanted;
  const code = packages.findIndex((one) => !system.packages.includes(one));
  if (code >= 0) throw invalid(['AM.VLD-00048', `/packages/${code}`]);
  const id = resources.findIndex((one) => !system.resources.includes(one));
  if (id >= 0) throw invalid(['AM.VLD-00049', `/resources/${id}`]);
  if (!packages.length && !resources.length && !endPackages.length && !endResources.length)
    throw invalid(['AM.VLD-00038', '/packages']);
  if (redirectUrl !== null && !mayReturnTo(redirectUrl, system))
    throw invalid(['TIL.VLD-00001', '/redirectUrl']);
}

async function mustBeNew(
  act: Deciding,
  system: VendorSystem,
  { customer, externalRef, endPackages, endResources }: WantedOfCustomer,
): Promise<void> {
  if (endPackages.length) throw invalid(['TIL.VLD-00001', '/endPackages']);
  if (endResources.length) throw invalid(['TIL.VLD-00001', '/endResources']);
  const own = await findSystemUsers(act.db, customer, system.id, null);
  if (own.some(({ name }) => name === nameOfUser(system, externalRef))) throw problem('TIL-00059');
}

async function mustBeChange(
  act: Deciding,
  system: VendorSystem,
  { customer, systemUser, externalRef, ...wanted }: WantedOfCustomer,
): Promise<void> {
  const { packages, endPackages, resources, endResources } = wanted;
  // It is known by the reference that it was let in with.
  if (externalRef) throw invalid(['TIL.VLD-00001', '/externalRef']);
  const user = await findParty(act, { by: 'uuid', value: systemUser! });
  if (!user || user.owner !== customer || user.systemId !== system.id || user.endedAt)
    throw invalid(['AM.VLD-00006', '/systemUser']);
  // An agent system gets what it may do for each customer, and nothing by itself.
  if (user.systemKind === 'agent') throw invalid(['AM.VLD-00008', '/systemUser']);
  if (endPackages.some((code) => packages.includes(code)))
    throw invalid(['TIL.VLD-00001', '/endPackages']);
  if (endResources.some((id) => resources.includes(id)))
    throw invalid(['TIL.VLD-00001', '/endResources']);
  const held = endable(await listMandates(act, { from: customer, to: user.id, limit: 10_000 }));
  const packagesHeld = new Set(held.map((one) => one.package));
  const lost = endPackages.findIndex((code) => !packagesHeld.has(code));
  if (lost >= 0) throw invalid(['AM.VLD-00048', `/endPackages/${lost}`]);
  const resourcesHeld = new Set(held.map((one) => one.resource));
  const gone = endResources.findIndex((id) => !resourcesHeld.has(id));
  if (gone >= 0) throw invalid(['AM.VLD-00049', `/endResources/${gone}`]);
}

/** Mandates that a change may end: what was given whole, of no single case. */
export const endable = (held: MandateRow[]): MandateRow[] =>
  held.filter(({ basis, instance }) => basis === 'delegation' && instance === null);

/** The name of the system user that a yes makes: a second of one system has its reference too. */
export const nameOfUser = (
  { name }: { name: Translated },
  externalRef: string,
  language: Language = 'nb',
): string => {
  const { text } = pick(name, language)!;
  return externalRef ? `${text} (${externalRef})` : text;
};

/** A vendor takes back what nobody has answered; AM.VLD-00036 once somebody has. */
export const withdrawAsked = (
  act: Deciding,
  vendor: Party,
  request: SystemRequest,
): Promise<void> =>
  inTransaction(act, (inner) => settle(inner, request, { to: 'withdrawn', by: vendor.id }));

/**
 * Settles a request that waits, with its event; AM.VLD-00036 for any other. Call it in a
 * transaction.
 */
export async function settle(
  act: Deciding,
  request: SystemRequest,
  step: { to: 'accepted' | 'rejected' | 'withdrawn'; by: string; systemUser?: string },
): Promise<void> {
  if (!(await moveSystemRequest(act, request.id, step))) throw invalid(['AM.VLD-00036', '/status']);
  const { to, by, systemUser } = step;
  const more = systemUser === undefined ? {} : { systemUser };
  await recordRequest(act, request, { type: `system_${to}`, by, more });
}

/** Holds one that waits for an answer; AM.VLD-00036 for any other, AM-00031 where there is none. */
export async function lockWaiting(act: Deciding, id: string): Promise<SystemRequest> {
  const request = await lockSystemRequest(act, id);
  if (!request) throw problem('AM-00031');
  if (requestStanding(request, act.now) !== 'Created') throw invalid(['AM.VLD-00036', '/status']);
  return request;
}
