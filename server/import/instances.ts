// Instances of resources from files. Part of the import; it knows the format, not where the records
// come from.
import { attributesOf } from '../resource/registry/entry_model.ts';
import { putInstances, type NewInstance } from '../resource/registry/instance_store.ts';
import { instanceName, isInstanceName } from '../resource/policy/model.ts';
import { findResources } from '../resource/store.ts';
import { inChunks, type ImportStep } from './consents.ts';
import type { Entry } from './read.ts';

/** Whose instances are, as their owners' systems have them. */
export async function putResourceInstances(
  { act, refuse, party, clean }: ImportStep,
  entries: Entry[],
): Promise<void> {
  if (!entries.length) return;
  const known = await findResources(
    act.db,
    entries.map(({ resource }) => resource),
  );
  const rows = new Map<string, NewInstance>();
  for (const entry of entries) {
    const { resource, attributes } = entry as { resource: string } & Entry;
    const instance = instanceName(entry.instance);
    const key = `${resource} ${instance}`;
    if (!known.has(resource)) refuse(entry, `instance: the resource ${resource} is not known`);
    if (!isInstanceName(instance))
      refuse(entry, 'instance: a name is visible ASCII without spaces');
    if (rows.has(key)) refuse(entry, 'instance: the same twice');
    rows.set(key, {
      resource,
      instance,
      party: party(entry.party, entry),
      attributes: attributesOf(attributes),
    });
  }
  if (clean()) await inChunks([...rows.values()], (chunk) => putInstances(act, chunk, null));
}
