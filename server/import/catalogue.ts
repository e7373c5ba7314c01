// The catalogue from files: sources, roles, areas, packages, what each role carries, and who may
// name what. Part of the import.
import type { Db } from '../platform/db/db.ts';
import type { Entry, Records } from './read.ts';
import { inChunks, type Refuse } from './consents.ts';
import { Catalogue, isGenericGuardian, NAME_THE_TASK } from '../resource/catalogue/model.ts';
import { importCatalogue, importRoles, importUsableBy } from '../resource/import_store.ts';
import { givenTogether } from '../resource/registry/reading.ts';
import { packageCode } from '../resource/policy/model.ts';
import { bumpCatalogue, readCatalogue } from '../resource/policy/store.ts';

export async function putCatalogue(
  db: Db,
  records: Records,
  refuse: Refuse,
  clean: () => boolean,
): Promise<void> {
  const { area, rolePackage } = records;
  const [source, role, packages] = [records.source, records.role, records.package].map(whole);
  if (!CATALOGUE.some((kind) => records[kind].length)) return;
  await inChunks(source!, (rows) => importCatalogue(db, 'source', rows));
  const sources = new Catalogue(await readCatalogue(db)).sources;
  for (const entry of role!) if (isGenericGuardian(entry.code)) refuse(entry, NAME_THE_TASK);
  for (const entry of role!)
    if (entry.source && !sources.has(entry.source))
      refuse(entry, `role ${entry.code}: the source ${entry.source} is not known`);
  if (!clean()) return;
  await inChunks(role!, (rows) => importRoles(db, rows));
  await inChunks(area, (rows) => importCatalogue(db, 'area', rows));
  const catalogue = new Catalogue(await readCatalogue(db));
  const { areas } = catalogue;
  for (const entry of packages!) {
    if (!areas.has(entry.area))
      refuse(entry, `package ${entry.code}: the area ${entry.area} is not known`);
    else if (areas.get(entry.area)!.forKind !== entry.forKind)
      refuse(entry, `package ${entry.code}: the area ${entry.area} is for another kind of party`);
    if (entry.byCode && areas.get(entry.area)?.guarded)
      refuse(entry, `package ${entry.code}: nothing of the area ${entry.area} is given by code`);
    for (const why of takePlaces(entry, catalogue)) refuse(entry, `package ${entry.code}: ${why}`);
  }
  if (!clean()) return;
  await inChunks(packages!, (rows) => importCatalogue(db, 'package', rows));
  const known = new Catalogue(await readCatalogue(db));
  const carried = rolePackage.flatMap((entry) => {
    if (!known.roles.has(entry.role))
      refuse(entry, `rolePackage: the role ${entry.role} is not known`);
    return (entry.packages as string[]).map((code) => {
      if (!known.packages.has(packageCode(code)))
        refuse(entry, `rolePackage: the access package ${code} is not known`);
      return {
        role: entry.role,
        package: packageCode(code),
        unitType: entry.unitType,
        access: entry.access,
        give: entry.give,
      };
    });
  });
  await openNames(db, records, refuse);
  if (!clean()) return;
  await inChunks(carried, (rows) => importCatalogue(db, 'rolePackage', rows));
  await bumpCatalogue(db);
}

/** Reads the places that several fill to give a package; answers with their faults. */
function takePlaces(entry: Entry, catalogue: Catalogue): string[] {
  const faults: string[] = [];
  entry.together = givenTogether(entry.together, { catalogue, ownerNo: '', faults });
  if (entry.together && entry.forKind !== 'organization')
    faults.push('together is for a package of organizations');
  return faults;
}

const CATALOGUE = ['source', 'role', 'area', 'package', 'rolePackage'] as const;

/** Entries that say what a thing is, not only who may name one that is there. */
const whole = (entries: Entry[]) => entries.filter((entry) => entry.name !== undefined);

/** Takes in who may name a source, a role or a package that is there already. */
async function openNames(db: Db, records: Records, refuse: Refuse): Promise<void> {
  const tables = { source: 'source', role: 'role', package: 'access_package' } as const;
  for (const [kind, table] of Object.entries(tables)) {
    const entries = records[kind as keyof typeof tables].filter((entry) => !entry.name);
    if (!entries.length) continue;
    const found = await importUsableBy(db, table, entries);
    for (const entry of entries)
      if (!found.has(entry.code)) refuse(entry, `${kind} ${entry.code} is not known`);
  }
}
