// Connections, computed and never stored: what a party has given to others, and what it has
// received, with the reason for each. It reads and decides nothing.
import type { Deciding } from '../decision/act.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { findParties, type PartyRow } from '../party/store.ts';
import { findHeldMandates, findUnits } from '../decision/search/store.ts';
import { listMandates } from '../mandate/delegation_store.ts';
import { listRelations } from '../delegation/relation_store.ts';
import type { FLAGS } from '../delegation/dto_model.ts';

/** One thing that one party has for another, and how. */
export interface Holding {
  mandate: string;
  from: string;
  to: string;
  role: string | null;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  instance: string | null;
  via: string | null;
  viaRole: string | null;
  reasons: (keyof typeof FLAGS)[];
  basis: string;
}

export interface Connections {
  holdings: Holding[];
  parties: Map<string, PartyRow>;
  catalogue: Catalogue;
  relations: { from: string; to: string }[];
}

const LIMIT = 10_000;

/**
 * Mandates that a party has given, to one receiver or to all; its main unit's, where they reach it.
 */
export async function givenBy(
  act: Deciding,
  party: { id: string; parent: string | null },
  to: string | null,
  viewer: string,
): Promise<Connections> {
  const catalogue = await currentCatalogue(act);
  const own = await listMandates(act, { from: party.id, to, limit: LIMIT });
  const inherited =
    party.parent === null
      ? []
      : (await listMandates(act, { from: party.parent, to, limit: LIMIT })).filter(
          (mandate) => mandate.instance === null && mandate.subunits,
        );
  const holdings = [
    ...own.map((mandate) => ({ mandate, main: false })),
    ...inherited.map((mandate) => ({ mandate, main: true })),
  ]
    .filter(({ mandate }) => mandate.holds && isShown(mandate, viewer, catalogue))
    .map(
      ({ mandate, main }): Holding => ({
        mandate: mandate.id,
        from: party.id,
        to: mandate.to,
        role: mandate.role,
        package: mandate.package,
        resource: mandate.resource,
        actions: mandate.actions,
        instance: mandate.instance,
        via: mandate.basis === 'customer' ? mandate.via : null,
        viaRole: mandate.basis === 'customer' ? 'agent' : null,
        basis: mandate.basis,
        reasons: [
          mandate.basis === 'customer' ? 'client-delegation' : 'direct',
          ...(main ? ['parent' as const] : []),
        ],
      }),
    );
  const relations = await listRelations(act.db, party.id, to, 'rightholder');
  return {
    holdings,
    catalogue,
    relations,
    parties: await named(act, [party.id, ...ids(holdings), ...relations.map((one) => one.to)]),
  };
}

/** Secret mandates are for their two parties only. */
function isShown(
  mandate: { from: string; to: string; role: string | null },
  viewer: string,
  catalogue: Catalogue,
): boolean {
  return !catalogue.isSecret(mandate.role) || viewer === mandate.from || viewer === mandate.to;
}

/**
 * Mandates that a party has received, by itself and through key roles, from one giver or from all,
 * with the givers' sub-units.
 */
export async function receivedBy(
  act: Deciding,
  party: string,
  from: string | null,
  viewer: string,
): Promise<Connections> {
  const catalogue = await currentCatalogue(act);
  const rows = (await findHeldMandates(act, party, true)).filter(
    (row) =>
      !row.estate &&
      isShown({ from: row.from, to: row.via ?? party, role: row.role }, viewer, catalogue),
  );
  const units = await findUnits(act.db, [...new Set(rows.map((row) => row.from))]);
  const under = new Map<string, string[]>();
  for (const unit of units) under.set(unit.parent, [...(under.get(unit.parent) ?? []), unit.id]);
  const holdings = rows
    .flatMap((row): Holding[] => {
      const one = (giver: string, main: boolean): Holding => ({
        mandate: row.id,
        from: giver,
        to: party,
        role: row.role,
        package: row.package,
        resource: row.resource,
        actions: row.actions,
        instance: row.instance,
        via: row.via,
        viaRole: row.basis === 'customer' ? 'agent' : row.viaRole,
        basis: row.basis,
        reasons: [
          row.basis === 'customer' ? 'client-delegation' : row.via ? 'keyrole' : 'direct',
          ...(main ? ['parent' as const] : []),
        ],
      });
      return [
        one(row.from, false),
        ...(row.instance === null && row.subunits
          ? (under.get(row.from) ?? []).map((unit) => one(unit, true))
          : []),
      ];
    })
    .filter((holding) => from === null || holding.from === from);
  const relations = await listRelations(act.db, from, party, 'rightholder');
  return {
    holdings,
    catalogue,
    relations,
    parties: await named(act, [party, ...ids(holdings), ...relations.map((one) => one.from)]),
  };
}

const ids = (holdings: Holding[]) =>
  holdings.flatMap((one) => [one.from, one.to, ...(one.via ? [one.via] : [])]);

async function named(act: Deciding, wanted: string[]): Promise<Map<string, PartyRow>> {
  return new Map((await findParties(act, [...new Set(wanted)])).map((party) => [party.id, party]));
}
