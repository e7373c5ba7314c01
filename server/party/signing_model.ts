// The signing rules of a company, as the company register has them: who binds it, alone or
// together. Pure.

/** So many who hold one of the roles; with a holder, that party alone. */
export interface SigningPlace {
  roles: string[];
  count: number;
  /** The UUID of a party; null for whoever holds one of the roles. */
  holder: string | null;
}

/**
 * The alternatives by which a company is bound, each of places that are filled together. None binds
 * it where there are none: what the register says is not known now.
 */
export type SigningRules = SigningPlace[][];

/** A place as a register or a file names it: a holder by number. */
export interface NamedSigner {
  roles: string[];
  count?: number;
  holder?: string;
}

/** Alternatives that are kept of one company. */
const MOST_ALTERNATIVES = 500;

/** The parties that rules name, by number. */
export const signersOf = (alternatives: NamedSigner[][] | null): string[] =>
  (alternatives ?? []).flat().flatMap(({ holder }) => holder ?? []);

/**
 * The rules with parties in place of numbers; null where the register has none. An alternative that
 * names somebody who is not known, or a role that the catalogue does not have, binds nobody; nor
 * does any where there are more than are kept.
 */
export function signingRules(
  alternatives: NamedSigner[][] | null,
  idOf: (number: string) => string | undefined,
  isRole: (role: string) => boolean,
): SigningRules | null {
  if (!alternatives?.length) return alternatives as [] | null;
  const rules = alternatives.flatMap((places) => {
    const able = places.flatMap(({ roles, count = 1, holder }): SigningPlace[] => {
      const id = holder === undefined ? null : idOf(holder);
      return id === undefined || !roles.length || !roles.every(isRole)
        ? []
        : [{ roles, count: holder === undefined ? count : 1, holder: id }];
    });
    return able.length && able.length === places.length ? [able] : [];
  });
  return rules.length <= MOST_ALTERNATIVES ? rules : [];
}
