// Resources and mandates from files, checked as a whole before anything is written. Part of the
// import; it knows the format, not where the records come from.
import type { Db } from '../platform/db/db.ts';
import { importAccessLists, importConnections } from '../resource/access_list/import_store.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import type { Entry, Records } from './read.ts';
import { inChunks, type ImportStep } from './consents.ts';
import { putIncapacities } from '../mandate/capacity_store.ts';
import { isForPeople } from '../delegation/authority.ts';
import { systemsAmong } from '../party/system_store.ts';
import { importMandates, importQualifications } from '../mandate/store.ts';
import { findParty } from '../party/store.ts';
import { GUARDIANSHIP } from '../resource/catalogue/model.ts';
import {
  importRegistrars,
  importResources,
  importTemplates,
  type ResourceImport,
} from '../resource/import_store.ts';
import { packageCode } from '../resource/policy/model.ts';
import { foreignNames, lacksWordsFor } from '../resource/policy/sense_model.ts';
import { closedBy, RESERVED } from '../resource/registry/register.ts';
import { takeIn } from '../resource/registry/registry.ts';
import { findResources } from '../resource/store.ts';

export async function putResources(step: ImportStep, records: Records): Promise<void> {
  const { act, party, refuse } = step;
  const { template, accessList, resource, registrar } = records;
  // A file without any of it asks nothing of the database.
  if (![template, accessList, resource, registrar].some(({ length }) => length)) return;
  await putTemplates(act.db, records.template);
  const lists: {
    id: string;
    owner: string;
    name: string;
    members: string[];
    endedMembers: string[];
    entry: Entry;
  }[] = [];
  for (const entry of records.accessList) {
    const owner = await ownerIn(step, entry);
    lists.push({
      id: `${owner.no}:${entry.id}`,
      owner: owner.id,
      name: entry.name,
      members: entry.members.map((member: string) => party(member, entry)),
      endedMembers: (entry.endedMembers ?? []).map((member: string) => party(member, entry)),
      entry,
    });
  }
  if (step.clean())
    await inChunks(
      lists.map(({ entry: _entry, ...list }) => list),
      (chunk) => importAccessLists(act, chunk),
    );
  const catalogue = await currentCatalogue(act);
  const rows: ResourceImport[] = [];
  const owners: string[] = [];
  const seen = new Set<string>();
  for (const entry of records.resource) {
    if (seen.has(entry.identifier))
      refuse(entry, `resource ${entry.identifier}: is in the file twice`);
    seen.add(entry.identifier);
    const owner = await ownerIn(step, entry);
    const { row, faults } = await takeIn(act, entry, owner, catalogue);
    for (const why of faults) refuse(entry, `resource ${entry.identifier}: ${why}`);
    rows.push(row);
    owners.push(owner.no);
  }
  if (!step.clean()) return;
  await inChunks(rows, async (chunk) => {
    for (const id of await importResources(act, chunk)) {
      const entry = records.resource.find((one) => one.identifier === id)!;
      refuse(entry, `resource ${id}: it has another owner`);
    }
  });
  if (!step.clean()) return;
  await warnOfPolicies(step, rows, owners);
  await putConnections(step, lists);
  const registrars = records.registrar.flatMap((entry) =>
    (entry.packages as string[]).map((code) => {
      if (!catalogue.packages.has(packageCode(code)))
        refuse(entry, `registrar: the access package ${code} is not known`);
      return { owner: party(entry.owner, entry), package: packageCode(code) };
    }),
  );
  if (step.clean()) await inChunks(registrars, (chunk) => importRegistrars(act, chunk));
}

/** Warns of what an owner would be refused over HTTP: the operator answers for it. */
async function warnOfPolicies(
  { act, warn }: ImportStep,
  rows: ResourceImport[],
  owners: string[],
): Promise<void> {
  const catalogue = await currentCatalogue(act);
  for (const [index, { id, policy, content }] of rows.entries()) {
    if (RESERVED.test(id)) continue;
    const foreign = foreignNames(policy.content, owners[index]!, catalogue, content.together);
    const wordless = lacksWordsFor(policy.content, content, catalogue);
    for (const why of [...foreign, ...wordless, ...(await closedBy(act.db, policy.content))])
      warn(`resource ${id}: ${why}`);
  }
}

/** Texts that a template leaves out are none. */
async function putTemplates(db: Db, entries: Entry[]): Promise<void> {
  await inChunks(entries, (chunk) =>
    importTemplates(
      db,
      chunk.map(
        ({
          id,
          version,
          isPoa,
          isMessageSetInRequest,
          texts,
          uses,
          restrictedToServiceOwners,
        }) => ({
          id,
          version,
          content: {
            isPoa,
            isMessageSetInRequest,
            restrictedToServiceOwners: restrictedToServiceOwners ?? null,
            ...(uses ? { uses } : {}),
            texts: { overriddenDelegationContext: null, ...texts },
          },
        }),
      ),
    ),
  );
}

/** The owner of a resource or a list, with its number. */
async function ownerIn({ act, party }: ImportStep, entry: Entry) {
  const id = party(entry.owner, entry);
  return {
    id,
    no: /^\d{9}$/.test(entry.owner)
      ? (entry.owner as string)
      : id
        ? ((await findParty(act, { by: 'uuid', value: id }))!.organizationNo ?? '')
        : '',
  };
}

async function putConnections(
  { act, refuse, clean }: ImportStep,
  lists: { id: string; owner: string | undefined; entry: Entry }[],
): Promise<void> {
  const wanted = lists.filter(({ entry }) => entry.resources || entry.endedResources);
  const known = await findResources(
    act.db,
    wanted.flatMap(({ entry }) =>
      (entry.resources ?? []).map((opens: { resource: string }) => opens.resource),
    ),
  );
  for (const { entry, owner } of wanted) {
    for (const { resource } of (entry.resources ?? []) as { resource: string }[]) {
      if (!known.has(resource))
        refuse(entry, `accessList ${entry.id}: the resource ${resource} is not known`);
      else if (known.get(resource)!.owner.id !== owner)
        refuse(entry, `accessList ${entry.id}: the resource ${resource} has another owner`);
    }
  }
  if (clean())
    await inChunks(wanted, (chunk) =>
      importConnections(
        act,
        chunk.map(({ id, entry: { resources = [], endedResources = [] } }) => ({
          id,
          resources,
          endedResources,
        })),
      ),
    );
}

export async function putQualifications(
  { act, party, clean }: ImportStep,
  entries: Entry[],
): Promise<void> {
  const rows = entries.map((entry) => ({
    party: party(entry.party, entry),
    kind: entry.kind,
    validFrom: entry.validFrom,
    endedAt: entry.endedAt,
  }));
  if (clean()) await inChunks(rows, (chunk) => importQualifications(act, chunk));
}

/** Courts' decisions about persons' capacity to decide. */
export async function putCapacities(
  { act, refuse, party, clean }: ImportStep,
  entries: Entry[],
): Promise<void> {
  if (!entries.length) return;
  const { roles } = await currentCatalogue(act);
  const rows = entries.map((entry) => {
    const role = (entry.role ?? null) as string | null;
    if (role !== null && roles.get(role)?.source !== GUARDIANSHIP)
      refuse(entry, `incapacity: ${role} is not a guardian's task`);
    const { validFrom, endedAt } = entry;
    return { person: party(entry.party, entry), role, validFrom, endedAt };
  });
  rows.forEach(({ person, role }, index) => {
    if (rows.findIndex((one) => one.person === person && one.role === role) < index)
      refuse(entries[index]!, 'incapacity: the same twice');
  });
  if (clean()) await inChunks(rows, (chunk) => putIncapacities(act, chunk));
}

/**
 * Powers of attorney that exist already: of a party's own, or a supplier's to its people through
 * another mandate.
 */
export async function putMandates(step: ImportStep, records: Records): Promise<void> {
  const { act, refuse, party } = step;
  if (!records.mandate.length) return;
  const catalogue = await currentCatalogue(act);
  const resources = await findResources(
    act.db,
    records.mandate.flatMap((entry) => entry.resource ?? []),
  );
  const rows = records.mandate.map((entry) => {
    const code = entry.package === undefined ? undefined : packageCode(entry.package);
    const named = code === undefined ? undefined : catalogue.packages.get(code);
    if ((code === undefined) === (entry.resource === undefined))
      refuse(entry, 'mandate: either package or resource with actions');
    if (code !== undefined && !named)
      refuse(entry, `mandate: the access package ${code} is not known`);
    if (entry.resource !== undefined && !resources.has(entry.resource))
      refuse(entry, `mandate: the resource ${entry.resource} is not known`);
    if ((entry.resource === undefined) !== (entry.actions === undefined))
      refuse(entry, 'mandate: actions go with a resource');
    if (
      entry.validTo &&
      Date.parse(entry.validTo) <= Date.parse(entry.validFrom ?? act.now.toISOString())
    )
      refuse(entry, 'mandate: validTo must be after validFrom');
    const from = party(entry.from, entry);
    const to = party(entry.to, entry);
    if (from === to) refuse(entry, 'mandate: from and to are the same');
    return {
      from,
      to,
      package: code,
      resource: entry.resource,
      actions: entry.actions,
      instance: entry.instance,
      validFrom: entry.validFrom,
      validTo: entry.validTo,
      mayPassOn: entry.mayPassOn,
      subunits: entry.subunits,
      suspendedAt: entry.suspendedAt,
      evidence: entry.evidence ?? { imported: true },
      needs: named?.needs,
      ...(entry.through
        ? {
            via: party(entry.through.to, entry),
            viaRole: entry.through.role,
            viaPackage: entry.through.package,
          }
        : {}),
    };
  });
  await refuseSystems(step, rows, records.mandate);
  if (!step.clean()) return;
  await inChunks(rows, async (chunk) => {
    const lost = await importMandates(act, chunk);
    if (lost)
      refuse(
        records.mandate[0]!,
        `mandate: ${lost} of the file go through a mandate that is not there`,
      );
  });
}

/** A right that is for people only is not given to a system user, by any door. */
async function refuseSystems(
  { act, refuse }: ImportStep,
  rows: { to: string; package?: string | undefined; resource?: string; mayPassOn?: boolean }[],
  entries: Entry[],
): Promise<void> {
  const systems = new Set<string>();
  await inChunks(rows.map(({ to }) => to).filter(Boolean), async (chunk) => {
    for (const id of await systemsAmong(act.db, chunk)) systems.add(id);
  });
  for (const [index, row] of rows.entries())
    if (systems.has(row.to) && (await isForPeople(act.db, row)))
      refuse(entries[index]!, 'mandate: a system user gives nothing on and administers nothing');
}
