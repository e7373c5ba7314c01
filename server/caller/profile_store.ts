// SQL of what a person has chosen: the language, favourite parties, and those seen to lately. It
// decides nothing; whether one may still see to a party is asked of decision/.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { Language } from '../platform/locale.ts';

const MOST_FAVOURITES = 50;
const MOST_RECENT = 5;

export interface Profile {
  language: Language | null;
  favourites: string[];
  /** Latest first. */
  recent: string[];
}

const find: Statement = {
  name: 'find_profile',
  text: `select (select profile.language from profile where profile.person = $1) as language,
    coalesce((select profile.favourites from profile where profile.person = $1), '{}') as favourites,
    array(select recent.party from recent_party recent where recent.person = $1 order by recent.at desc limit ${MOST_RECENT}) as recent`,
};

export const findProfile = async (db: Db, person: string): Promise<Profile> =>
  (await queryOne<Profile>(db, find, [person]))!;

const setLanguage: Statement = {
  name: 'set_profile_language',
  text: `insert into profile (person, language) values ($1, $2) on conflict (person) do update set language = excluded.language`,
};

/** The language of pages after a login; null for what the browser says. */
export const chooseLanguage = (db: Db, person: string, language: Language | null) =>
  query(db, setLanguage, [person, language]);

const favour: Statement = {
  name: 'add_favourite',
  text: `insert into profile (person, favourites) values ($1, array[$2::uuid]) on conflict (person) do update
    set favourites = array_append(array_remove(profile.favourites, $2::uuid), $2::uuid) where cardinality(profile.favourites) < ${MOST_FAVOURITES}`,
};
const unfavour: Statement = {
  name: 'remove_favourite',
  text: 'update profile set favourites = array_remove(profile.favourites, $2::uuid) where profile.person = $1',
};

/** A favourite, or one no longer; harmless when it is so already, or when there are too many. */
export const setFavourite = (db: Db, person: string, party: string, isFavourite: boolean) =>
  query(db, isFavourite ? favour : unfavour, [person, party]);

// Records a visit once for many looks, and keeps no more than are shown.
const note: Statement = {
  name: 'note_recent_party',
  text: `with noted as (insert into recent_party (person, party, at) values ($1, $2, $3) on conflict (person, party) do update set at = excluded.at
      where recent_party.at < excluded.at - interval '10 minutes')
    delete from recent_party old where old.person = $1 and old.party <> $2 and old.party not in
      (select recent.party from recent_party recent where recent.person = $1 and recent.party <> $2 order by recent.at desc limit ${MOST_RECENT - 1})`,
};

/** Records that the person visited the party. */
export const noteRecent = (act: Act, person: string, party: string) =>
  query(act.db, note, [person, party, act.now]);
