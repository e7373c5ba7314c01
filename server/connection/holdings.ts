// Connections, computed and never stored: what a party has given to others, and what it has
// received, with the reason for each. It reads and decides nothing.
import type { Deciding } from '../decision/act.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { isSeenBy, reachOf, type Place } from '../decision/search/reach_model.ts';
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
  const { id, parent } = party;
  const own = await listMandates(act, { from: id, to, limit: LIMIT });
  const inherited = parent ? await listMandates(act, { from: parent, to, limit: LIMIT }) : [];
  const placesOf = reachOf({ units: parent ? [{ id, parent }] : [], catalogue });
  const holdings = [...own, ...inherited]
    .filter((mandate) => mandate.holds && isSeenBy(viewer, mandate, catalogue))
    .flatMap((mandate) => {
      const via = mandate.basis === 'customer' ? mandate.via : null;
      const places = placesOf({ ...mandate, chain: [] }).filter((place) => place.party === id);
      return holdingsIn(places, { ...mandate, via, viaRole: null }, mandate.to);
    });
  const relations = await listRelations(act.db, party.id, to, 'rightholder');
  return {
    holdings,
    catalogue,
    relations,
    parties: await named(act, [party.id, ...ids(holdings), ...relations.map((one) => one.to)]),
  };
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
    (row) => !row.estate && isSeenBy(viewer, { ...row, to: row.via ?? party }, catalogue),
  );
  const units = await findUnits(act.db, [...new Set(rows.map((row) => row.from))]);
  const placesOf = reachOf({ units, catalogue });
  const holdings = rows.flatMap((row) => {
    const places = placesOf(row).filter((place) => from === null || place.party === from);
    return holdingsIn(places, row, party);
  });
  const relations = await listRelations(act.db, from, party, 'rightholder');
  return {
    holdings,
    catalogue,
    relations,
    parties: await named(act, [party, ...ids(holdings), ...relations.map((one) => one.from)]),
  };
}

type Carrier = Omit<Holding, 'mandate' | 'from' | 'to' | 'reasons'> & { id: string };

/** Holdings by one mandate in each of these places; one case is had in its giver itself alone. */
const holdingsIn = (places: Place[], { id: mandate, ...row }: Carrier, to: string): Holding[] =>
  places
    .filter(({ held }) => held === 'direct' || row.instance === null)
    .map(({ party, held }) => ({
      mandate,
      from: party,
      to,
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
        ...(held === 'parent' ? ['parent' as const] : []),
      ],
    }));

const ids = (holdings: Holding[]) =>
  holdings.flatMap((one) => [one.from, one.to, ...(one.via ? [one.via] : [])]);

async function named(act: Deciding, wanted: string[]): Promise<Map<string, PartyRow>> {
  return new Map((await findParties(act, [...new Set(wanted)])).map((party) => [party.id, party]));
}
