// Authorized parties: everybody a subject may act for, with the roles, packages, resources and
// instances it has there. The mandates are read once; sub-units, sole proprietors and what roles
// carry are worked out here, whatever their number.
import { currentCatalogue } from '../resource/catalogue.ts';
import type { DecisionPoint } from './point.ts';
import type { Catalogue } from '../resource/catalogue_model.ts';
import { findResources } from '../resource/store.ts';
import type { Grain } from './model.ts';
import { findParties, type PartyRow } from '../party/store.ts';
import { findHeld, findOwners, findOpened, findUnits, type HeldRow } from './search_store.ts';
import { type AuthorizedOptions, type Held, type Authorized, nothing, add } from './held.ts';

export async function authorizedParties(
  point: DecisionPoint,
  subject: PartyRow,
  options: AuthorizedOptions,
  now: Date,
): Promise<Authorized[]> {
  const catalogue = await currentCatalogue(point);
  const rows = (await findHeld(point.db, subject.id, options.viaKeyRoles, now)).filter(
    (row) =>
      ![row.role, ...(row.chain as Grain[]).map((link) => link.role)].some((role) =>
        catalogue.isSecret(role),
      ) ||
      (options.own && row.via === null),
  );
  const units =
    options.subParties || options.parties
      ? await findUnits(point.db, [...new Set(rows.map((row) => row.from))])
      : [];
  const direct = new Set(rows.map((row) => row.from));
  const known = await withMains(point, [...direct, ...units.map((unit) => unit.id)], now);
  const owns = await findOwners(point.db, [...known.keys()], now);
  const owners = await findParties(point.db, [...new Set([...owns.values()].flat())], now);
  for (const owner of owners)
    if (!direct.has(owner.id)) known.set(owner.id, hidden(owner, options));
  known.set(subject.id, subject);
  const held = collect(rows, { known, owns, units }, catalogue);
  if (subject.kind === 'person' || subject.kind === 'self_identified')
    addSelf(held, subject, catalogue);
  const parties = [subject, ...known.values()];
  const opened = await openedBy(point, { held, rows, parties }, options, catalogue);
  return arrange(held, known, { options, opened, catalogue, subject });
}

/** The owner of a firm that somebody acts for has not given its number to that one. */
const hidden = (owner: PartyRow, { own }: AuthorizedOptions): PartyRow =>
  own ? { ...owner, personNo: null } : owner;

/** The parties, and the main units of those that are sub-units. */
async function withMains(
  point: DecisionPoint,
  ids: string[],
  now: Date,
): Promise<Map<string, PartyRow>> {
  const found = await findParties(point.db, [...new Set(ids)], now);
  const known = new Map(found.map((party) => [party.id, party]));
  const mains = found.flatMap((party) =>
    party.parent !== null && !known.has(party.parent) ? [party.parent] : [],
  );
  for (const main of await findParties(point.db, [...new Set(mains)], now))
    known.set(main.id, main);
  return known;
}

interface Around {
  known: Map<string, PartyRow>;
  owns: Map<string, string[]>;
  units: { id: string; parent: string }[];
}

function collect(
  rows: HeldRow[],
  { known, owns, units }: Around,
  catalogue: Catalogue,
): Map<string, Held> {
  const held = new Map<string, Held>();
  const at = (id: string) => {
    let one = held.get(id);
    if (!one) held.set(id, (one = nothing()));
    return one;
  };
  for (const row of rows) {
    const giver = known.get(row.from)!;
    const packages = packagesIn(row, giver.unitType, catalogue);
    add(at(row.from), row, packages);
    const reaches =
      row.role ?? (row.chain as Grain[]).find((link) => link.role !== null)?.role ?? null;
    if (reaches !== null && catalogue.roles.get(reaches)?.reachesOwner) {
      for (const id of owns.get(giver.id) ?? []) {
        const owner = known.get(id);
        if (owner?.kind === 'person' && !owner.ended) add(at(id), row, packages, false);
      }
    }
  }
  for (const unit of units) {
    const main = held.get(unit.parent);
    if (!main) continue;
    const own = at(unit.id);
    for (const kind of ['roles', 'packages', 'resources'] as const)
      main[kind].forEach((value) => own[kind].add(value));
  }
  return held;
}

/** Packages of one mandate, as far as everything it was passed on through carries them too. */
function packagesIn(row: HeldRow, unitType: string | null, catalogue: Catalogue): string[] {
  const own =
    row.package !== null
      ? [row.package]
      : row.role === null
        ? []
        : catalogue.accessOf(row.role, unitType);
  const chain = row.chain as Grain[];
  return chain.length === 0
    ? own
    : own.filter((code) =>
        chain.every(
          (link) =>
            link.package === code ||
            (link.role !== null && catalogue.accessOf(link.role, unitType).includes(code)),
        ),
      );
}

function addSelf(held: Map<string, Held>, subject: PartyRow, catalogue: Catalogue): void {
  const role = subject.kind === 'person' ? 'privatperson' : 'selvregistrert';
  const own = held.get(subject.id) ?? nothing();
  own.roles.add(role);
  catalogue.accessOf(role, null).forEach((code) => own.packages.add(code));
  held.set(subject.id, own);
}

type Opened = Map<string, string[]>;
/** The resources that are for self-identified users. */
const FOR_UNKNOWN = 'self_identified ';
const tagOf = (role: string, catalogue: Catalogue) => [
  role === 'privatperson' ? 'self ' : `role ${role}`,
  ...(catalogue.roles.get(role)?.keyRole ? ['key_role '] : []),
];

/** Which resources each role and package opens, asked once for all parties. */
async function openedBy(
  point: DecisionPoint,
  { held, rows, parties }: { held: Map<string, Held>; rows: HeldRow[]; parties: PartyRow[] },
  options: AuthorizedOptions,
  catalogue: Catalogue,
): Promise<Opened> {
  const isUnknown = parties.some(({ kind }) => kind === 'self_identified');
  const isAsked = options.resources || options.anyOfResources || options.ownerNo !== null;
  if (!isAsked && !(isUnknown && options.instances)) return new Map();
  const tags = new Set<string>();
  for (const one of held.values()) {
    one.packages.forEach((code) => tags.add(`package ${code}`));
    one.roles.forEach((role) => tagOf(role, catalogue).forEach((tag) => tags.add(tag)));
  }
  const split = [...tags].map((tag) => ({
    kind: tag.slice(0, tag.indexOf(' ')),
    value: tag.slice(tag.indexOf(' ') + 1),
  }));
  const found = await findOpened(point.db, split, options.ownerNo);
  const opened: Opened = new Map(found.map((row) => [`${row.kind} ${row.subject}`, row.resources]));
  const single = [...new Set(rows.flatMap((row) => row.resource ?? []))];
  // What is for users whom no register knows is asked only where there is one.
  if (isUnknown) {
    const all = await findResources(point.db, [
      ...found.flatMap((row) => row.resources),
      ...single,
    ]);
    opened.set(
      FOR_UNKNOWN,
      [...all.values()].filter((one) => one.content.selfIdentifiedUserEnabled).map((one) => one.id),
    );
  }
  if (options.ownerNo !== null && single.length)
    opened.set('owned ', await ownedAmong(point, single, options.ownerNo));
  return opened;
}

async function ownedAmong(
  point: DecisionPoint,
  resources: string[],
  ownerNo: string,
): Promise<string[]> {
  return [...(await findResources(point.db, resources)).values()]
    .filter((one) => one.owner.organizationNo === ownerNo)
    .map((one) => one.id);
}

interface Arranging {
  options: AuthorizedOptions;
  opened: Opened;
  catalogue: Catalogue;
  subject: PartyRow;
}

/**
 * The list as it is told: sub-units under their main unit, a main unit without access as a shell.
 */
function arrange(
  held: Map<string, Held>,
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

/** Many parties have the same: what is had is worked out once for each combination. */
function teller({ options, opened, catalogue, subject }: Arranging) {
  const resourcesOf = new Map<string, string[]>();
  return (one: Held, party: PartyRow): Authorized | undefined => {
    const isUnknown = [subject, party].some(({ kind }) => kind === 'self_identified');
    const isOpen = (id: string) => !isUnknown || (opened.get(FOR_UNKNOWN) ?? []).includes(id);
    const key = [isUnknown, ...one.roles, '|', ...one.packages, '|', ...one.resources].join(' ');
    let resources = resourcesOf.get(key);
    if (!resources) {
      const owned = options.ownerNo === null ? null : (opened.get('owned ') ?? []);
      const all = new Set([...one.resources].filter((id) => owned === null || owned.includes(id)));
      for (const code of one.packages) opened.get(`package ${code}`)?.forEach((id) => all.add(id));
      for (const role of one.roles)
        for (const tag of tagOf(role, catalogue)) opened.get(tag)?.forEach((id) => all.add(id));
      resourcesOf.set(key, (resources = [...all].filter(isOpen).sort()));
    }
    const instances = one.instances.filter(
      ({ resource }) =>
        isOpen(resource) &&
        (options.ownerNo === null || (opened.get('owned ') ?? []).includes(resource)),
    );
    if (
      options.anyOfResources &&
      !options.anyOfResources.some(
        (id) => resources.includes(id) || instances.some((each) => each.resource === id),
      )
    )
      return undefined;
    if (options.ownerNo !== null && !resources.length && !instances.length) return undefined;
    const opensOwn = (tags: string[]) =>
      options.ownerNo === null || tags.some((tag) => opened.get(tag)?.length);
    const tagsOf = (role: string) => [
      ...tagOf(role, catalogue),
      ...catalogue.accessOf(role, party.unitType).map((code) => `package ${code}`),
    ];
    return {
      party,
      shell: false,
      units: [],
      roles: options.roles ? [...one.roles].filter((role) => opensOwn(tagsOf(role))) : [],
      packages: options.packages
        ? [...one.packages].filter((code) => opensOwn([`package ${code}`]))
        : [],
      resources: options.resources ? resources : [],
      instances: options.instances ? instances : [],
    };
  };
}
