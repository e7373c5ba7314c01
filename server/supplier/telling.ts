// How a supplier's customers and agents are told: grouped by the other party, with the names of
// everybody concerned.
import { heldFor } from './customers.ts';
import type { CustomerRow } from './customer_store.ts';
import type { DecisionPoint } from '../decision/point.ts';
import { packageRef, partyDto, RIGHTHOLDER, roleRef } from '../delegation/dto_model.ts';
import { findParties } from '../party/store.ts';
import { clock } from '../platform/clock.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';

export async function partiesById(point: DecisionPoint, ids: string[]) {
  const found = await findParties(point.db, [...new Set(ids)], clock.now());
  return new Map(found.map((party) => [party.id, partyDto(party)]));
}

/** Everybody the supplier may act for, and whether a register or the customer says so. */
export async function customersOf(point: DecisionPoint, supplier: string) {
  const held = await heldFor(point, supplier, null, clock.now());
  const catalogue = await currentCatalogue(point);
  const parties = await partiesById(
    point,
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
  point: DecisionPoint,
  found: CustomerRow[],
  what: 'package' | 'resource',
  other: 'from' | 'to',
) {
  const catalogue = await currentCatalogue(point);
  const shown = found.filter((row) => row.holds && row[what] !== null);
  const parties = await partiesById(
    point,
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
