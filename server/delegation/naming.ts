// How callers name parties: one that is not known and one that is not theirs to find are
// distinguished by nobody, and a person's number is no key to the person.
import type { Act } from '../platform/act.ts';
import { NO_ID } from '../platform/ids.ts';
import { type Party, type PartyName, anyPartyName } from '../party/model.ts';
import { findByAnyName } from '../party/store.ts';
import type { Actor } from './authority.ts';
import { personByName } from './enduser.ts';
import { instanceName, isInstanceName } from '../resource/policy/model.ts';
import { invalid, problem } from './problems.ts';
import { findRelation, wasShownByCode } from './relation_store.ts';

/**
 * A party by URN, number or UUID; undefined for one that is not known, which nobody without
 * standing may find out: whoever asks goes on as for one that is (NO_ID). A person by number or
 * user name is oneself or refused: else numbers could be tried until one fits.
 */
export async function partyOf(
  act: Act,
  actor: Actor,
  text: string,
  path: string,
): Promise<Party | undefined> {
  const name = nameIn(text, path);
  const party = await findByAnyName(act, name);
  const isPersonal = name.by === 'person' || name.by === 'username' || name.by === 'userId';
  if (isPersonal && party?.id !== actor.party) throw invalid(['TIL.VLD-00006', path]);
  return party;
}

function nameIn(text: string, path: string): PartyName {
  const name = anyPartyName(text);
  if (!name) throw invalid(['TIL.VLD-00001', path]);
  return name;
}

/**
 * Finds the receiver. A person is named by number or user name together with the last name, or by
 * id where there is a relation already.
 */
export async function receiverOf(
  act: Act,
  actor: Actor,
  from: string,
  { to, lastName }: { to: string; lastName?: string | null | undefined },
): Promise<Party> {
  const name = nameIn(to, '/to');
  if (name.by === 'person' || name.by === 'username') {
    if (!lastName) throw invalid(['STD.VLD-00000', '/lastName']);
    return personByName(act, actor, { personIdentifier: name.value, lastName }, '/to');
  }
  const party = await findByAnyName(act, name);
  if (!party && name.by === 'organization') throw invalid(['AM.VLD-00006', '/to']);
  const isPerson = !party || party.kind === 'person' || party.kind === 'self_identified';
  // An id that is nobody's and one of a stranger are asked about and answered alike.
  if (isPerson && party?.id !== actor.party) {
    const relation = await findRelation(act, from, party?.id ?? NO_ID, 'rightholder');
    if (!party || !relation || (await wasShownByCode(act, from, party.id)))
      throw problem('AM-00024');
  }
  return party;
}

/** The instance that a caller names, or null for all; AM.VLD-00047 for what cannot be one. */
export function instanceNamed(value: string | null | undefined): string | null {
  if (!value) return null;
  const instance = instanceName(value);
  if (!isInstanceName(instance)) throw invalid(['AM.VLD-00047', '/instance']);
  return instance;
}
