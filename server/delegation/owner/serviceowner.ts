// The parts that service owners' calls share: which organisation calls, and the parties that it
// names.
import type { Act } from '../../platform/act.ts';
import type { Caller } from '../../caller/model.ts';
import { partyNamed, type NumberGuard, type Numbers } from '../../caller/numbers.ts';
import { anyPartyName } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import type { DelegationApi } from '../enduser.ts';
import { invalid } from '../problems.ts';

export interface Owner {
  id: string;
  no: string;
}

/** The answer to service owners' calls, which names people by number. */
export interface OwnerApi extends DelegationApi {
  numbers: Numbers;
}

/** The organisation that calls, as a party of ours; else TIL-00008. */
export async function ownerOf(act: Act, caller: Caller): Promise<Owner> {
  if (caller.kind !== 'organization') throw fault('TIL-00008', { because: 'no organization' });
  const no = caller.organizationNo;
  const owner = await findParty(act, { by: 'organization', value: no });
  if (!owner) throw fault('TIL-00008', { because: 'unknown owner' });
  return { id: owner.id, no };
}

/** The id of a party that an owner names, by URN, number or UUID, in the eyes of its guard. */
export async function namedParty(
  act: Act,
  guard: NumberGuard,
  urn: string,
  path: string,
): Promise<string> {
  const name = anyPartyName(urn);
  const party = name && (await partyNamed(act, guard, name));
  if (!party) throw invalid(['AM.VLD-00006', path]);
  return party.id;
}
