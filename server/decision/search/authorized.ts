// Authorized parties: everybody a subject may act for, with the roles, packages, resources and
// instances it has there. The mandates are read once; sub-units, sole proprietors and what roles
// carry are worked out here, whatever their number.
import type { Deciding } from '../act.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { openingFor, type Opening } from './opening.ts';
import { isSeenBy, packagesReached, reachOf } from './reach_model.ts';
import { findHeldMandates, findOwners, findUnits, type HeldRow } from './store.ts';
import {
  type AuthorizedOptions,
  type HeldThings,
  type Authorized,
  holdsNothing,
  add,
} from './held.ts';

export async function authorizedParties(
  act: Deciding,
  subject: PartyRow,
  options: AuthorizedOptions,
): Promise<Authorized[]> {
  const catalogue = await currentCatalogue(act);
  const viewer = options.own ? subject.id : null;
  const rows = (await findHeldMandates(act, subject.id, options.viaKeyRoles)).filter((row) =>
    isSeenBy(viewer, { ...row, to: row.via ?? subject.id }, catalogue),
  );
  const units =
    options.subParties || options.parties
      ? await findUnits(act.db, [...new Set(rows.map((row) => row.from))])
      : [];
  const direct = new Set(rows.map((row) => row.from));
  const known = await withMains(act, [...direct, ...units.map((unit) => unit.id)]);
  const owns = await findOwners(act, [...known.values()]);
  for (const owner of await findParties(act, [...new Set([...owns.values()].flat())]))
    if (!direct.has(owner.id)) known.set(owner.id, hidden(owner, options));
  known.set(subject.id, subject);
  const owners = living(owns, known);
  const held = collect(rows, { known, owners, units, catalogue });
  if (subject.kind === 'person' || subject.kind === 'self_identified')
    addSelf(held, subject, catalogue);
  const isAsked =
    options.resources ||
    options.instances ||
    options.anyOfResources !== null ||
    options.ownerNo !== null;
  const parties = [...held.keys()].flatMap((id) => known.get(id) ?? []);
  const around = { subject, rows, known, owners, ownerNo: options.ownerNo, catalogue };
  const opening = isAsked ? await openingFor(act, around, parties) : CLOSED;
  return arrange(held, known, { options, opening, catalogue });
}

/** The owner of a firm that somebody acts for has not given its number to that one. */
const hidden = (owner: PartyRow, { own }: AuthorizedOptions): PartyRow =>
  own ? { ...owner, personNo: null } : owner;

/** The parties, and the main units of those that are sub-units. */
async function withMains(act: Deciding, ids: string[]): Promise<Map<string, PartyRow>> {
  const found = await findParties(act, [...new Set(ids)]);
  const known = new Map(found.map((party) => [party.id, party]));
  const mains = found.flatMap((party) =>
    party.parent !== null && !known.has(party.parent) ? [party.parent] : [],
  );
  for (const main of await findParties(act, [...new Set(mains)])) known.set(main.id, main);
  return known;
}

/** Owners that are persons and live: nobody acts for another by a firm's role. */
const living = (owns: Map<string, string[]>, known: Map<string, PartyRow>) =>
  new Map(
    [...owns].map(([firm, owners]) => [
      firm,
      owners.filter((id) => known.get(id)?.kind === 'person' && !known.get(id)?.ended),
    ]),
  );

interface Around {
  known: Map<string, PartyRow>;
  owners: Map<string, string[]>;
  units: { id: string; parent: string }[];
  catalogue: Catalogue;
}

function collect(rows: HeldRow[], { known, catalogue, ...around }: Around) {
  const held = new Map<string, HeldThings>();
  const at = (id: string) => {
    let one = held.get(id);
    if (!one) held.set(id, (one = holdsNothing()));
    return one;
  };
  const placesOf = reachOf({ ...around, catalogue });
  for (const row of rows) {
    const packages = packagesReached(row, known.get(row.from)!.unitType, catalogue);
    for (const { party, held: how } of placesOf(row)) {
      if (!row.estate) add(at(party), row, packages, how === 'direct');
      // A mandate that a bankruptcy has stopped carries no role or package, yet may open what is
      // outside the estate.
      else if (how !== 'owner') at(party);
    }
  }
  return held;
}

function addSelf(held: Map<string, HeldThings>, subject: PartyRow, catalogue: Catalogue): void {
  const role = subject.kind === 'person' ? 'privatperson' : 'selvregistrert';
  const own = held.get(subject.id) ?? holdsNothing();
  own.roles.add(role);
  catalogue.accessOf(role, null).forEach((code) => own.packages.add(code));
  held.set(subject.id, own);
}

const tagOf = (role: string, catalogue: Catalogue) => [
  role === 'privatperson' ? 'self ' : `role ${role}`,
  ...(catalogue.roles.get(role)?.keyRole ? [`key_role `] : []),
];

const CLOSED: Opening = { opened: new Map(), openOf: () => ({ resources: [], instances: [] }) };

interface Arranging {
  options: AuthorizedOptions;
  opening: Opening;
  catalogue: Catalogue;
}

/**
 * The list as it is answered: sub-units under their main unit, a main unit without access as a
 * shell.
 */
function arrange(
  held: Map<string, HeldThings>,
  known: Map<string, PartyRow>,
  arranging: Arranging,
): Authorized[] {
  const { options } = arranging;
  const tell = teller(arranging);
  const entries = new Map<string, Authorized>();
  for (const [id, one] of held) {
    const party = known.get(id);
    if (!party || (party.ended && !options.inactive)) continue;
    if (options.parties && !options.parties.includes(id)) continue;
    const told = tell(one, party);
    if (told) entries.set(id, told);
  }
  const list: Authorized[] = [];
  const shells = new Map<string, Authorized>();
  for (const entry of entries.values()) {
    const { parent } = entry.party;
    if (parent === null || !known.has(parent)) list.push(entry);
    else if (options.subParties || options.parties?.includes(entry.party.id) || !held.has(parent)) {
      let main = entries.get(parent) ?? shells.get(parent);
      if (!main) {
        main = {
          party: known.get(parent)!,
          roles: [],
          packages: [],
          resources: [],
          instances: [],
          shell: true,
          units: [],
        };
        shells.set(parent, main);
        list.push(main);
      }
      main.units.push(entry);
    }
  }
  return list;
}

/** The members of a party in the answer, when it is in the answer at all. */
function teller({ options, opening, catalogue }: Arranging) {
  const { opened, openOf } = opening;
  return (one: HeldThings, party: PartyRow): Authorized | undefined => {
    const { resources, instances } = openOf(party);
    if (
      options.anyOfResources &&
      !options.anyOfResources.some(
        (id) => resources.includes(id) || instances.some((each) => each.resource === id),
      )
    )
      return undefined;
    if (options.ownerNo !== null && !resources.length && !instances.length) return undefined;
    const opens = (tag: string) => (opened.get(tag)?.length ?? 0) > 0;
    const isPackage = (code: string) => opens(`package ${code}`);
    const isRole = (role: string) =>
      tagOf(role, catalogue).some(opens) ||
      catalogue.accessOf(role, party.unitType).some(isPackage);
    const own = (values: Set<string>, isOwn: (value: string) => boolean) =>
      options.ownerNo === null ? [...values] : [...values].filter(isOwn);
    return {
      party,
      shell: false,
      units: [],
      roles: options.roles ? own(one.roles, isRole) : [],
      packages: options.packages ? own(one.packages, isPackage) : [],
      resources: options.resources ? resources : [],
      instances: options.instances ? instances : [],
      until: one.until,
    };
  };
}
