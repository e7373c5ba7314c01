// The part of a person in what several give together: which places of the giver's the person may
// fill, by the offices that registers say. Pure.
import type { Decided } from '../../decision/rules/question_model.ts';
import type { RuleParts } from '../../decision/rules/part_model.ts';
import { rolesOf } from '../../decision/rules/together_model.ts';
import { TRUSTEE } from '../../resource/catalogue/model.ts';
import type { RulePlace } from '../../resource/policy/model.ts';

/** Part of a package, or of a version of a resource. */
export interface Shared {
  /** The places that several fill to give it; none where one who may give it is enough. */
  together?: RulePlace[] | null | undefined;
}

/** Whether a party is one of whose offices the registers say who holds them. */
export const isCompany = ({ kind }: { kind: string }): boolean =>
  kind === 'organization' || kind === 'subunit';

/** By what the subject of these facts fills each place of the represented party's. */
export const partIn = (
  { facts, catalogue }: Pick<Decided, 'facts' | 'catalogue'>,
  places: RulePlace[],
): RuleParts => {
  const { subject, from, mandates } = facts;
  const held =
    subject && !subject.ended && from && !from.ended
      ? // Nobody gives a role: it is a register's word.
        mandates.filter(({ role, withheld, estate }) => role && !withheld?.length && !estate)
      : [];
  return [
    places.map((place) => {
      const roles = rolesOf(place.subjects, catalogue, from?.unitType ?? null);
      const by = held
        .filter(({ role }) => roles.includes(role!))
        .map(({ id, via, role }) => ({ mandate: id, holder: via ?? subject!.id, office: role }));
      return { ...place, by };
    }),
  ];
};

/** Whether the subject acts for the estate, in which no board has a say. */
export const actsForEstate = ({ facts }: Pick<Decided, 'facts'>): boolean =>
  facts.mandates.some(({ role }) => role === TRUSTEE);

/** Whether somebody with this part fills a place. */
export const fillsPlace = (part: RuleParts): boolean => part.flat().some(({ by }) => by.length > 0);
