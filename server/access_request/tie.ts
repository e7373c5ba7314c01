// The tie by which an asker may ask a giver: what a register says of the asker, or something that
// they have between them already. It knows no request.
import type { Deciding } from '../decision/act.ts';
import { isSeenBy, reachOf } from '../decision/search/reach_model.ts';
import { findHeldMandates } from '../decision/search/store.ts';
import { findRelation } from '../delegation/relation_store.ts';
import { EMPLOYED, LAWYER } from '../mandate/force_store.ts';
import { isQualified } from '../mandate/store.ts';
import type { Party } from '../party/model.ts';
import { findParties } from '../party/store.ts';
import type { Act } from '../platform/act.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';

interface Side extends Pick<Party, 'id'> {
  kind: string;
}

/**
 * The ground on which an asker may ask a giver at this moment: the standing that a register
 * verifies (an employee's towards an organisation, a lawyer's towards a person), else something
 * that they have between them already. Undefined where there is neither.
 */
export async function tieOf(
  act: Deciding,
  giver: Side,
  asker: Side,
): Promise<{ verified: string | null } | undefined> {
  const verified = await verifiedAs(act, giver, asker);
  return verified || (await isConnected(act, giver.id, asker.id)) ? { verified } : undefined;
}

/**
 * The same without a licence that lets somebody ask strangers: whether the two have to do with each
 * other already.
 */
export const isTiedTo = async (act: Deciding, giver: Side, asker: Side): Promise<boolean> =>
  giver.kind === 'person'
    ? isConnected(act, giver.id, asker.id)
    : (await tieOf(act, giver, asker)) !== undefined;

async function verifiedAs(act: Act, giver: Side, asker: Side): Promise<string | null> {
  if (giver.kind === 'person') return asksStrangersAs(act, asker);
  const asked = { party: asker.id, towards: giver.id, kind: EMPLOYED };
  return asker.kind === 'person' && (await isQualified(act, asked)) ? EMPLOYED : null;
}

/** The qualification by which an asker asks persons who are strangers; null without one. */
export const asksStrangersAs = async (
  act: Act,
  { id, kind }: Side,
): Promise<typeof LAWYER | null> =>
  kind === 'person' && (await isQualified(act, { party: id, towards: id, kind: LAWYER }))
    ? LAWYER
    : null;

/**
 * Whether the asker is a rightholder of the giver, or holds anything of it or its main unit that
 * the asker may see.
 */
async function isConnected(act: Deciding, from: string, to: string): Promise<boolean> {
  if (await findRelation(act, from, to, 'rightholder')) return true;
  const [giver] = await findParties(act, [from]);
  const held = await findHeldMandates(act, to, true);
  const catalogue = await currentCatalogue(act);
  const units = giver?.parent ? [{ id: from, parent: giver.parent }] : [];
  const placesOf = reachOf({ units, catalogue });
  return held.some(
    (row) =>
      !row.estate &&
      isSeenBy(to, { ...row, to: row.via ?? to }, catalogue) &&
      placesOf(row).some(({ party }) => party === from),
  );
}
