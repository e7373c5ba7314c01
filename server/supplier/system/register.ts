// A vendor registers its systems: what each is called, what it is to do, and where customers may be
// led back to. It knows no HTTP.
import { type Knowing, currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { administrative, mustSuit } from '../../delegation/authority.ts';
import { SCHEMA } from '../../delegation/give/check.ts';
import { packageFault } from '../../delegation/model.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import type { Party } from '../../party/model.ts';
import { fault } from '../../platform/errors.ts';
import { originOf, redirectFault } from '../../platform/http/redirect.ts';

import { hasUnseenCharacters } from '../../resource/model.ts';
import { packageCode } from '../../resource/policy/model.ts';
import { findResources } from '../../resource/store.ts';
import { vendorNoOf, type SystemRights, type SystemWords, type VendorSystem } from './model.ts';
import { endSystemOf, findSystems, putSystem } from './store.ts';

/** Codes of packages, however they are named, and ids of resources; each once. */
export const rightsIn = ({
  packages = [],
  resources = [],
}: Partial<SystemRights>): SystemRights => ({
  packages: [...new Set(packages.map(packageCode))],
  resources: [...new Set(resources.map((id) => id.toLowerCase()))],
});

/** TIL-00060 where no vendor has registered it. */
export async function mustFindSystem(act: Knowing, id: string): Promise<VendorSystem> {
  const found = (await findSystems(act.db, [id])).get(id);
  if (!found) throw problem('TIL-00060');
  return found;
}

/** TIL-00008 for a system that another vendor answers for. */
export function mustBeOwn({ organizationNo }: Party, id: string): void {
  if (vendorNoOf(id) !== organizationNo) throw fault('TIL-00008', { because: 'another vendor' });
}

/** Registers a system of the vendor's own, or describes it anew; `by` is null for the operator. */
export async function registerSystem(
  act: Knowing,
  vendor: Party,
  id: string,
  words: SystemWords,
  by: string | null = vendor.id,
): Promise<VendorSystem> {
  mustBeOwn(vendor, id);
  for (const [language, name] of Object.entries(words.name))
    if (!isPlainName(name)) throw invalid(['TIL.VLD-00001', `/name/${language}`]);
  await mustBeForSystems(act, words);
  const wrong = words.redirectOrigins.findIndex((origin) => !isOrigin(origin));
  if (wrong >= 0) throw invalid(['TIL.VLD-00001', `/redirectOrigins/${wrong}`]);
  await putSystem(act, { id, vendor: vendor.id, by }, words);
  const system = await mustFindSystem(act, id);
  // A system keeps its kind: customers let it in as what it was.
  if (system.kind !== words.kind) throw invalid(['TIL.VLD-00001', '/kind']);
  return system;
}

/** Nobody lets it in from then on; those that have it keep it. */
export async function endRegistered(act: Knowing, vendor: Party, id: string): Promise<void> {
  mustBeOwn(vendor, id);
  if (!(await endSystemOf(act, vendor.id, id))) throw problem('TIL-00060');
}

/** An origin as it is written: https, or http on loopback. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) &&
  redirectFault(text, []) === undefined &&
  originOf(new URL(text)) === text;

/** Whether a reader sees all of a name, on one line. */
export const isPlainName = (name: string): boolean =>
  !hasUnseenCharacters(name) &&
  !/[\r\n\t]|\p{Default_Ignorable_Code_Point}/u.test(name) &&
  /^\S(?:.*\S)?$/.test(name);

/** Refuses what no organisation gives a system, by the place of each in its list. */
async function mustBeForSystems(
  act: Knowing,
  { packages, resources }: SystemRights,
): Promise<void> {
  const catalogue = await currentCatalogue(act);
  const forPeople = await administrative(act.db, packages);
  for (const [at, code] of packages.entries()) {
    const entry = catalogue.packages.get(code);
    const why = packageFault(catalogue, entry, 'organization', 'system_user');
    const place = `/packages/${at}`;
    if (why === 'AM-00035') throw invalid(['AM.VLD-00030', place]);
    if (why === 'AM.VLD-00048') throw invalid([why, place]);
    if (why || forPeople.has(code)) throw invalid(['AM.VLD-00028', place]);
  }
  const found = await findResources(act.db, resources);
  for (const [at, id] of resources.entries()) {
    const resource = found.get(id);
    const place = `/resources/${at}`;
    if (!resource) throw invalid(['AM.VLD-00012', place]);
    if (!resource.content.delegable || resource.type === SCHEMA)
      throw invalid(['AM.VLD-00049', place]);
    await mustSuit(act.db, { kind: 'system_user' }, { resource: id }, place);
  }
}
