// Takes systems of vendors in from a file, as a vendor registers its own.
import { Fault } from '../platform/errors.ts';
import { findParty } from '../party/store.ts';
import { vendorNoOf } from '../supplier/system/model.ts';
import { registerSystem, rightsIn } from '../supplier/system/register.ts';
import type { ImportStep } from './consents.ts';
import type { Entry } from './read.ts';

export async function putSystems({ act, refuse }: ImportStep, entries: Entry[]): Promise<void> {
  for (const entry of entries) {
    const { id, name, kind = 'standard', packages = [], resources = [] } = entry;
    const { redirectOrigins = [] } = entry;
    const vendor = await findParty(act, { by: 'organization', value: vendorNoOf(id) });
    if (!vendor || vendor.endedAt) {
      refuse(entry, `system ${id}: its vendor is not known, or has ended`);
      continue;
    }
    const words = { name, kind, ...rightsIn({ packages, resources }), redirectOrigins };
    try {
      await registerSystem(act, vendor, id, words, null);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refuse(entry, `system ${id}: ${whyOf(error)}`);
    }
  }
}

/** The fault in words, with the place of what is wrong where it has one. */
function whyOf({ message, members }: Fault): string {
  const errors = members.validationErrors as { detail: string; paths: string[] }[] | undefined;
  const [first] = errors ?? [];
  return first ? `${first.paths[0] ?? ''} ${first.detail}`.trim() : message;
}
