// The parties of a request for consent – giver, receiver, supplier – as its asker names them.
import type { Deciding } from '../../decision/act.ts';
import { findRepresented } from '../../decision/store.ts';
import { fault } from '../../platform/errors.ts';
import { NO_ID } from '../../platform/ids.ts';
import type { Party, PartyName } from '../../party/model.ts';
import { findByAnyName, readParty } from '../../party/store.ts';
import type { NumberGuard } from '../../caller/numbers.ts';
import { problem } from '../problems.ts';
import type { ConsentDraft } from './draft.ts';

export interface Asker {
  organizationNo: string;
  supplierNo?: string | undefined;
  /**
   * Holds `altinn:consentrequests.org`: may ask on behalf of another receiver, and then handles it.
   */
  mayAskForOthers: boolean;
  clientId?: string | undefined;
  /** Days after a no in which the same client may not ask the same again. */
  quietDays: number;
  /** Days before the end of a consent from which its renewal may be asked for. */
  renewDays: number;
  /**
   * The giver is whoever logged in, whom the asker has not named and does not know before an
   * approval.
   */
  giverIsUnnamed?: boolean | undefined;
  /**
   * The person in whose browser the request was written: the asker is not known to have done so,
   * and names are shown to that person only.
   */
  answerer?: string | undefined;
  /** How much the asker may learn of numbers. */
  guard: NumberGuard;
}

export async function receiver(act: Deciding, asker: Asker, draft: ConsentDraft) {
  const organization = (value: string) => readParty(act, { by: 'organization', value });
  const [askerParty, to] = await Promise.all([
    organization(asker.organizationNo),
    readParty(act, draft.to),
  ]);
  if (!askerParty || askerParty.endedAt)
    throw problem('AM-00003', { members: { orgnr: asker.organizationNo } });
  const own = to?.id === askerParty.id;
  if (!own && !asker.mayAskForOthers)
    throw fault('TIL-00008', { because: 'to is not the consumer' });
  if (!own) return { askerParty, to, handledBy: askerParty };
  const supplier =
    asker.supplierNo === undefined ? null : ((await organization(asker.supplierNo)) ?? null);
  if (asker.supplierNo !== undefined && !supplier)
    throw problem('AM-00003', { members: { orgnr: asker.supplierNo } });
  return { askerParty, to, handledBy: supplier };
}

/** The party that an asker names, read before it is known whether the asker may hear of it. */
export const peek = async (
  act: Deciding,
  { answerer }: Asker,
  name: PartyName | null,
): Promise<Party | undefined> =>
  name && answerer === undefined ? readParty(act, name) : undefined;

/** A party by number or UUID, in the eyes of the asker's guard. */
export async function partyOfAsker(
  act: Deciding,
  { guard, answerer }: Asker,
  name: PartyName,
  party: Party | undefined,
): Promise<Party> {
  if (answerer !== undefined) return ofAnswerer(act, answerer, name);
  await guard.tell(name, party);
  return mustBeAlive(party, name);
}

/** Where the browser wrote the name: one of its own person's, or nobody that is shown. */
async function ofAnswerer(act: Deciding, answerer: string, name: PartyName): Promise<Party> {
  const party = await findByAnyName(act, name);
  const id = party?.id ?? NO_ID;
  const [represented] = await findRepresented(act, answerer, id);
  return mustBeAlive(represented || id === answerer ? party : undefined, name);
}

export function mustBeAlive(party: Party | undefined, name: PartyName): Party {
  if (party && !party.endedAt) return party;
  if (name.by === 'person') {
    throw problem('AM-00004', {
      members: { fnumber: `urn:altinn:person:identifier-no:${name.value}` },
    });
  }
  const urn =
    name.by === 'uuid' ? 'urn:altinn:party:uuid:' : 'urn:altinn:organization:identifier-no:';
  throw problem('AM-00003', { members: { orgnr: urn + name.value } });
}
