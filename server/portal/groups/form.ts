// The form by which a group is made or changed: its name, and who is responsible.
import { identified } from '../../consent/identity_text.ts';
import { findKnown, listRecent } from '../../delegation/give/known_store.ts';
import { isUuid } from '../../platform/ids.ts';
import { t, type Language } from '../../platform/locale.ts';
import { hasUnseenCharacters } from '../../resource/model.ts';
import type { FieldFault } from '../give/terms_model.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';

const LONGEST_NAME = 100;
/** People who are offered as the one responsible. */
const MOST_OFFERED = 20;

export interface TypedGroup {
  name: string;
  /** A person, by id. */
  responsible: string;
}

/** The form as it was filled in; without it, whoever is responsible unless another is chosen. */
export const typedGroup = (form: Map<string, string>, responsible: string): TypedGroup => ({
  name: (form.get('name') ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 200),
  responsible: form.get('responsible') ?? responsible,
});

const wrong = (field: string, key: string, language: Language): FieldFault => ({
  field,
  text: t(language, `groups.wrong.${key}`),
});

/** The fault of a name that another group has. */
export const taken = (language: Language): FieldFault => wrong('name', 'taken', language);

/** The fault of a field; whoever is responsible is known to the company, or is so `already`. */
export async function wrongGroup(
  { act }: PortalPages,
  { party, session }: Acting,
  { name, responsible }: TypedGroup,
  language: Language,
  already = session.party,
): Promise<FieldFault | undefined> {
  if (!name) return wrong('name', 'name', language);
  if (name.length > LONGEST_NAME) return wrong('name', 'long', language);
  if (hasUnseenCharacters(name)) return wrong('name', 'unseen', language);
  const viewed = { from: party.id, viewer: session.party };
  const isKnown =
    [session.party, already].includes(responsible) ||
    (isUuid(responsible) &&
      (await findKnown(act, viewed, [responsible])).some(({ kind }) => kind === 'person'));
  return isKnown ? undefined : wrong('responsible-0', 'responsible', language);
}

/** The person who acts, and people who have something of the company. */
export async function peopleToAnswer(
  { act }: PortalPages,
  { party, session }: Acting,
  chosen: string,
  language: Language,
) {
  const recent = await listRecent(act, party.id, MOST_OFFERED);
  const people = recent.filter(({ id, kind }) => kind === 'person' && id !== session.party);
  return [
    { id: session.party, label: t(language, 'groups.me'), checked: chosen === session.party },
    ...people.map((one) => ({
      id: one.id,
      label: identified(one, language),
      checked: chosen === one.id,
    })),
  ];
}
