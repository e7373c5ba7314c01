// Where what somebody holds counts: in the party that gave it, in its sub-units, and at the person
// who owns the sole proprietorship that gave it; what it carries there, and who may see it. Every
// list of who holds what reads it: authorized parties, their rights, connections and the portal.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { isSecretMandate } from '../rules/disclosure_model.ts';
import type { Grain, MandateFacts } from '../rules/facts_model.ts';
import { packagesCarried } from '../rules/tags_model.ts';

/** A mandate as far as its reach shows. */
export interface Reaching extends Pick<Grain, 'role' | 'package'> {
  /** The party that gave it. */
  from: string;
  /** Whether a main unit's is its sub-units' too. */
  subunits: boolean;
  chain: Grain[];
}

/** A party in which a mandate counts, and how: by itself, its main unit, or a firm it owns. */
export interface Place {
  party: string;
  held: MandateFacts['held'];
}

/** The parties around those that gave something. */
interface Around {
  /** Sub-units by main unit. */
  units?: { id: string; parent: string }[];
  /** Owners of sole proprietorships, by firm. */
  owners?: Map<string, string[]>;
  catalogue: Catalogue;
}

/** The places of each mandate: first that of its giver. */
export function reachOf({ units = [], owners, catalogue }: Around): (one: Reaching) => Place[] {
  const under = Map.groupBy(units, ({ parent }) => parent);
  return (one) => [
    { party: one.from, held: 'direct' },
    ...(one.subunits ? (under.get(one.from) ?? []) : []).map(
      ({ id }): Place => ({ party: id, held: 'parent' }),
    ),
    ...(reachesOwner(one, catalogue) ? (owners?.get(one.from) ?? []) : []).map(
      (party): Place => ({ party, held: 'owner' }),
    ),
  ];
}

/** Whether the role that it is, or was passed on from, reaches the owner of a firm. */
function reachesOwner({ role, chain }: Reaching, catalogue: Catalogue): boolean {
  const first = role ?? chain.find((link) => link.role !== null)?.role ?? null;
  return first !== null && catalogue.roles.get(first)?.reachesOwner === true;
}

/** Its packages in a giver of that form, as far as each link of its chain carries them. */
export function packagesReached(
  one: Reaching,
  unitType: string | null,
  catalogue: Catalogue,
): readonly string[] {
  const own = packagesCarried(one, unitType, catalogue);
  if (!one.chain.length) return own;
  const links = one.chain.map((link) => packagesCarried(link, unitType, catalogue));
  return own.filter((code) => links.every((link) => link.includes(code)));
}

/** Whether the viewer may see it: one of a secret source is for its giver and its receiver only. */
export const isSeenBy = (
  viewer: string | null,
  { from, to, role, viaRole = null, chain = [] }: Seen,
  catalogue: Catalogue,
): boolean =>
  viewer === from || viewer === to || !isSecretMandate({ role, viaRole, chain }, catalogue);

interface Seen extends Partial<Pick<MandateFacts, 'viaRole' | 'chain'>> {
  from: string;
  to: string;
  role: string | null;
}
