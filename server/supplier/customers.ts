// Customers and suppliers (as in Altinn 3): a supplier passes what its customers gave
// it, or a register says it has, on to its own people and systems. Dies with what it rests on; both
// sides may end it. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { again, inTransaction } from '../platform/act.ts';
import { packagesCarried } from '../decision/rules/tags_model.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { findParty } from '../party/store.ts';
import { isOrganization, type Party } from '../party/model.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { packageCode } from '../resource/policy/model.ts';
import { listMandates, type MandateRow } from '../mandate/delegation_store.ts';
import { findCustomerMandates } from './customer_store.ts';
import { endTogether } from '../delegation/end/end.ts';
import { acceptByFrom, demandsAcceptance } from '../delegation/give/accept.ts';
import { begin, type Beginning } from '../delegation/give/begin.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { isQualified } from '../mandate/store.ts';
import { findRelation, holdRelation, removeRelation } from '../delegation/relation_store.ts';
import { relate } from '../delegation/relation.ts';
import {
  administration,
  mustStillAdminister,
  mustSuit,
  type Actor,
} from '../delegation/authority.ts';
import { RIGHTHOLDER } from '../delegation/dto_model.ts';

export interface Passed {
  role: string;
  package: string;
  from: string;
  to: string;
  via: string;
  changed: boolean;
}

/**
 * A supplier's mandates from a customer, by role or given, each with the packages that may be
 * passed on.
 */
export async function heldFor(
  act: Deciding,
  supplier: string,
  client: string | null,
): Promise<{ mandate: MandateRow; role: string; packages: string[]; resource: string | null }[]> {
  const catalogue = await currentCatalogue(act);
  const mandates = (await listMandates(act, { from: client, to: supplier, limit: 10_000 })).filter(
    (mandate) =>
      mandate.basis !== 'customer' && mandate.holds && mandate.fromKind !== 'system_user',
  );
  const forms = new Map<string, string | null>();
  for (const id of new Set(mandates.map((mandate) => mandate.from)))
    forms.set(id, (await findParty(act, { by: 'uuid', value: id }))?.unitType ?? null);
  return mandates.map((mandate) => {
    const codes = packagesCarried(mandate, forms.get(mandate.from) ?? null, catalogue);
    return {
      mandate,
      role: mandate.role ?? RIGHTHOLDER,
      packages: codes.filter((code) => catalogue.packages.get(code)?.delegable),
      resource: mandate.instance === null ? mandate.resource : null,
    };
  });
}

type HeldFor = Awaited<ReturnType<typeof heldFor>>[number];

/** An employee or an agent system of the supplier; never an organisation. */
export async function addAgent(
  act: Deciding,
  actor: Actor,
  supplier: string,
  agent: Party,
): Promise<{ id: string; added: boolean }> {
  if (isOrganization(agent)) throw invalid(['AM.VLD-00008', '/to']);
  if (agent.kind === 'system_user' && (agent.systemKind !== 'agent' || agent.owner !== supplier))
    throw invalid(['AM.VLD-00008', '/to']);
  const { relation, added } = await relate(act, {
    from: supplier,
    to: agent.id,
    kind: 'agent',
    by: actor.party,
  });
  return { id: relation.id, added };
}

/**
 * Ends an agent's work; everything it has through the supplier goes with it, when that was said.
 */
export async function removeAgent(
  act: Deciding,
  actor: { party: string },
  supplier: string,
  agent: string,
  cascade: boolean,
): Promise<void> {
  await inTransaction(act, async (inner) => {
    // The relation ends first: what is passed on at this moment is there by then, or refused.
    const one = { from: supplier, to: agent, kind: 'agent' as const, by: actor.party };
    if (!(await removeRelation(inner, one))) throw invalid(['AM.VLD-00032', '/agent']);
    const mandates = await findCustomerMandates(inner, { via: supplier, to: agent, from: null });
    if (mandates.length && !cascade) throw invalid(['AM.VLD-00031', '$QUERY/cascade']);
    await endTogether(inner, mandates, { by: actor.party, type: 'ended' });
  });
}

/** AM.VLD-00032 where it is no agent; it stays one until the transaction has ended. */
async function mustBeAgent(
  { db }: Deciding,
  { supplier, agent }: { supplier: string; agent: string },
): Promise<void> {
  if (!(await holdRelation(db, { from: supplier, to: agent, kind: 'agent' })))
    throw invalid(['AM.VLD-00032', '/agent']);
}

/** A supplier, its customer, and the agent to whom it passes on what it has of the customer. */
interface Where {
  supplier: string;
  client: string;
  agent: string;
}

/** The agent; AM.VLD-00006 where it or the customer is not there, or not any more. */
async function mustLive(act: Deciding, { agent, client }: Where): Promise<Party> {
  const [found, giver] = await Promise.all(
    [agent, client].map((value) => findParty(act, { by: 'uuid', value })),
  );
  const isThere = (party: Party | undefined) =>
    party && !(party.endedAt && party.endedAt <= act.now);
  if (!found || !isThere(found) || !isThere(giver)) throw invalid(['AM.VLD-00006', '/agent']);
  return found;
}

export interface Passing {
  role: string;
  packages: string[];
}

/**
 * Passes packages of a customer on to an agent. All of it or nothing; what is there already is
 * unchanged. A caller that has read what the supplier has of the customer hands it in.
 */
export async function passOn(
  act: Deciding,
  actor: Actor,
  where: Where,
  values: Passing[],
  known?: HeldFor[],
): Promise<Passed[]> {
  const catalogue = await currentCatalogue(act);
  const agent = await mustLive(act, where);
  if (isOrganization(agent)) throw invalid(['AM.VLD-00008', '/agent']);
  if (!(await findRelation(act, where.supplier, where.agent, 'agent')))
    throw invalid(['AM.VLD-00032', '/agent']);
  const held = known ?? (await heldFor(act, where.supplier, where.client));
  const wanted = values.flatMap(({ role, packages }) =>
    packages.map((name) => ({ role: roleIn(role, catalogue), code: packageIn(name, catalogue) })),
  );
  const passing = wanted.map((one) => {
    const parent = held.find(
      ({ role, packages }) => role === one.role && packages.includes(one.code),
    );
    if (!parent) throw invalid(['AM.VLD-00026', '/values']);
    return { ...one, parent: parent.mandate };
  });
  for (const { code } of passing) {
    await mustSuit(act.db, agent, { package: code }, '/values');
    const { needs: kind } = catalogue.packages.get(code)!;
    const { client: towards, supplier } = where;
    const asked = { party: agent.id, towards, kind: kind ?? '', supplier };
    if (kind !== null && !(await isQualified(act, asked))) throw problem('TIL-00024');
  }
  return inTransaction(act, async (inner) => {
    await mustBeAgent(inner, where);
    const done: Passed[] = [];
    for (const { role, code, parent } of passing) {
      const entry = catalogue.packages.get(code)!;
      // An agent is no stranger to its supplier: what the package demands is all.
      const acceptBy = demandsAcceptance(agent, entry) ? acceptByFrom(inner.now) : null;
      const what = { package: code, needs: entry.needs, acceptBy };
      const changed = await pass(inner, actor, where, parent, what);
      done.push({
        role,
        package: code,
        from: where.client,
        to: where.agent,
        via: where.supplier,
        changed,
      });
    }
    return done;
  });
}

/** Passes actions on a resource that the customer gave the supplier on to an agent. */
export async function passOnResource(
  act: Deciding,
  actor: Actor,
  where: Where,
  resource: string,
  known?: HeldFor[],
): Promise<boolean> {
  if (!(await findRelation(act, where.supplier, where.agent, 'agent')))
    throw invalid(['AM.VLD-00032', '/agent']);
  const held = known ?? (await heldFor(act, where.supplier, where.client));
  const parent = held.find((one) => one.resource === resource)?.mandate;
  if (!parent) throw invalid(['AM.VLD-00026', '/resource']);
  await mustSuit(act.db, await mustLive(act, where), { resource }, '/resource');
  return inTransaction(act, async (inner) => {
    await mustBeAgent(inner, where);
    return pass(inner, actor, where, parent, { resource, actions: parent.actions });
  });
}

/**
 * Passes on from one mandate: the new one holds as long as that holds, and with it. False where it
 * is there already; refused where the actor's leave, or the mandate, is gone by now.
 */
async function pass(
  act: Deciding,
  actor: Actor,
  { supplier, client, agent }: Where,
  parent: MandateRow,
  what: Pick<Beginning, 'package' | 'needs' | 'resource' | 'actions' | 'acceptBy'>,
): Promise<boolean> {
  const { rests } = await administration(act, actor, supplier, 'clients');
  const id = await begin(act, {
    ...{ basis: 'customer', from: client, to: agent, validFrom: act.now, validTo: parent.validTo },
    ...{ givenBy: actor.party, through: parent.id, rests, ...what },
  });
  if (id) return true;
  const there = await findCustomerMandates(act, { via: supplier, to: agent, from: client });
  const { package: code = null, resource = null } = what;
  const isThere = there.some(
    (one) => one.through === parent.id && one.package === code && one.resource === resource,
  );
  if (isThere) return false;
  await mustStillAdminister(again(act), actor, supplier, 'clients');
  throw problem('TIL-00021');
}

function roleIn(name: string, catalogue: Catalogue): string {
  const code =
    name.toLowerCase().replace(/^urn:altinn:role:/, '') === RIGHTHOLDER
      ? RIGHTHOLDER
      : bySlug(name, catalogue);
  if (!code) throw invalid(['AM.VLD-00029', '/values/role']);
  return code;
}

/** A role by code, by URN, or by the last part of its URN (`regnskapsforer`). */
function bySlug(name: string, catalogue: Catalogue): string | undefined {
  return (
    catalogue.roleCode(name) ??
    [...catalogue.roles.values()].find((role) =>
      role.urns.some((urn) => urn.endsWith(`:${name.toLowerCase()}`)),
    )?.code
  );
}

function packageIn(name: string, catalogue: Catalogue): string {
  const entry = catalogue.packages.get(packageCode(name));
  if (!entry) throw invalid(['AM.VLD-00030', '/values/packages']);
  if (!entry.delegable) throw invalid(['AM.VLD-00033', '/values/packages']);
  return entry.code;
}

/**
 * Ends what agents have through a supplier: of one agent, of one customer, of one package or
 * resource, or of all.
 */
export async function endPassedOn(
  act: Deciding,
  by: string,
  where: { via: string | null; to: string | null; from: string | null },
  only: { packages?: string[]; resource?: string } | null,
  renounced = false,
): Promise<number> {
  const mandates = (await findCustomerMandates(act, where)).filter(
    (mandate) =>
      !only ||
      (mandate.package !== null && only.packages?.includes(mandate.package)) ||
      (mandate.resource !== null && mandate.resource === only.resource),
  );
  const type = renounced ? 'renounced' : 'ended';
  return endTogether(act, mandates, { by, type });
}
