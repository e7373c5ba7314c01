// How a supplier's customers and agents are listed: grouped by the other party, with the names of
// everybody concerned.
import type { Deciding } from '../decision/act.ts';
import { heldFor } from './customers.ts';
import type { CustomerRow } from './customer_store.ts';
import { packageRef, partyDto, RIGHTHOLDER, roleRef } from '../delegation/dto_model.ts';
import { findParties } from '../party/store.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';

export async function partiesById(act: Deciding, ids: string[]) {
  const found = await findParties(act, [...new Set(ids)]);
  return new Map(found.map((party) => [party.id, partyDto(party)]));
}

/** Everybody the supplier may act for, and whether a register or the customer says so. */
export async function customersOf(act: Deciding, supplier: string) {
  const held = await heldFor(act, supplier, null);
  const catalogue = await currentCatalogue(act);
  const parties = await partiesById(
    act,
    held.map((one) => one.mandate.from),
  );
  const groups = Map.groupBy(held, (one) => one.mandate.from);
  const data = [...groups].map(([id, all]) => ({
    client: parties.get(id),
    access: all.map((one) => ({
      role: roleRef(one.role, catalogue),
      origin: one.mandate.basis,
      packages: one.packages.map((code) => packageRef(code, catalogue)),
      resources: one.resource === null ? [] : [{ refId: one.resource }],
    })),
  }));
  return { data, links: { next: null } };
}

/** A customer's agents, or an agent's customers. */
export async function passedBy(
  act: Deciding,
  found: CustomerRow[],
  what: 'package' | 'resource',
  other: 'from' | 'to',
) {
  const catalogue = await currentCatalogue(act);
  const shown = found.filter((row) => row.holds && row[what] !== null);
  const parties = await partiesById(
    act,
    shown.flatMap((row) => [row.from, row.to, row.via]),
  );
  const groups = Map.groupBy(shown, (row) => row[other]);
  const data = [...groups].map(([id, all]) => ({
    [other === 'from' ? 'client' : 'agent']: parties.get(id),
    access: all.map((row) => ({
      role: roleRef(row.role ?? RIGHTHOLDER, catalogue),
      via: parties.get(row.via),
      mandateId: row.id,
      ...(what === 'package'
        ? { package: packageRef(row.package!, catalogue) }
        : { resource: { refId: row.resource, actions: row.actions } }),
    })),
  }));
  return { data, links: { next: null } };
}
