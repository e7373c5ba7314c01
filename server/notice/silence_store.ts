// SQL of silences: a party that does not want to be sent anything by another. The sender does not
// learn it: what it sends is stored as ever, but the party gets no notice, and its lists of what
// waits leave it out.
import type { Act } from '../platform/act.ts';
import { query, queryOne, type Statement } from '../platform/db/db.ts';

/** The two of a silence. */
export interface Silence {
  party: string;
  sender: string;
}

/** Whether a party has silenced a sender, as a condition of a statement; both are SQL of ids. */
export const isSilenced = (party: string, sender: string): string =>
  `exists (select from silence where silence.party = ${party} and silence.sender = ${sender})`;

const begin: Statement = {
  name: 'begin_silence',
  text: `insert into silence (party, sender, at, by_party, of_consent) values ($1, $2, $3, $4, $5)
    on conflict (party, sender) do update set of_consent = silence.of_consent and excluded.of_consent`,
};
/**
 * From now on, and once; `ofConsent` where the sender is known by its asking for consent alone.
 */
export const beginSilence = (
  act: Act,
  { party, sender }: Silence,
  { by, ofConsent }: { by: string; ofConsent: boolean },
) => query(act.db, begin, [party, sender, act.now, by, ofConsent]);

const end: Statement = {
  name: 'end_silence',
  text: 'delete from silence where silence.party = $1 and silence.sender = $2 and ($3 or not silence.of_consent)',
};
/** Those known by their asking for consent alone only where `consents` may be seen. */
export const endSilence = (act: Act, { party, sender }: Silence, consents: boolean) =>
  query(act.db, end, [party, sender, consents]);

const find: Statement = {
  name: 'find_silence',
  text: `select ${isSilenced('$1::uuid', '$2::uuid')} as found`,
};
export const hasSilenced = async (act: Act, { party, sender }: Silence): Promise<boolean> =>
  (await queryOne<{ found: boolean }>(act.db, find, [party, sender]))!.found;

const list: Statement = {
  name: 'list_silences',
  text: `select sender.id, sender.kind, sender.name, silence.at from silence join party sender on sender.id = silence.sender
    where silence.party = $1 and ($4 or not silence.of_consent) order by silence.at desc, sender.id limit $2 offset $3`,
};

/** One that a party does not want to be sent anything by, and since when. */
export interface Silenced {
  id: string;
  kind: string;
  name: string;
  at: Date;
}

/**
 * Those whom the party has silenced, latest first; those known by their asking for consent alone
 * only where `consents` may be seen.
 */
export const listSilenced = (
  act: Act,
  party: string,
  { limit, offset, consents }: { limit: number; offset: number; consents: boolean },
): Promise<Silenced[]> => query<Silenced>(act.db, list, [party, limit, offset, consents]);
