// SQL of the yeses of several who answer together, while others are awaited: one statement an act,
// with its event and notices. The caller holds the request's row (ask/replace_store.ts).
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import type { Language } from '../../platform/locale.ts';
import type { Awaiting } from '../model.ts';
import { answerValues, LET, noted, tells, type AnswerRow } from './answer_store.ts';
import type { Shown } from './yes_model.ts';

const read: Statement = {
  name: 'read_yeses',
  text: 'select yes.by_party as party, yes.at, yes.level, yes.language, yes.hash from consent_yes yes where yes.consent_id = $1 order by yes.at, yes.by_party',
};

/** A yes as it was given. */
export interface YesRow {
  party: string;
  at: Date;
  level: number;
  language: Language;
  hash: string;
}

export const readYeses = (db: Db, id: string) => query<YesRow>(db, read, [id]);

const readShown: Statement = {
  name: 'read_shown_yes',
  text: `select yes.language, yes.shown_by as "shownBy", yes.hash, yes.text from consent_yes yes where yes.consent_id = $1 and yes.by_party = $2`,
};

/** The text that the person saw who said it. */
export const readShownYes = async (db: Db, id: string, party: string): Promise<Shown> =>
  (await queryOne<Shown>(db, readShown, [id, party]))!;

const TOLD = `told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})`;

const keep: Statement = {
  name: 'keep_yes',
  text: `with answered as (
      update consent_request set awaiting = $9, reminders = case when consent_request.awaiting is null then 0 else consent_request.reminders end
      where consent_request.id = $1 and consent_request.state = 'requested' and consent_request.valid_to > $2 and ${LET} returning consent_request.*),
    kept as (
      insert into consent_yes (consent_id, by_party, at, role, level, language, shown_by, hash, text)
      select answered.id, $3, $2, $5, $10, $11::jsonb ->> 'language', $11::jsonb ->> 'shownBy', $11::jsonb ->> 'hash', $11::jsonb -> 'text' from answered
      on conflict (consent_id, by_party) do update set at = excluded.at, role = excluded.role, level = excluded.level,
        language = excluded.language, shown_by = excluded.shown_by, hash = excluded.hash, text = excluded.text),
    ${TOLD}
    ${noted('answered')}`,
};

interface NewYes extends AnswerRow {
  awaiting: Awaiting;
  level: number;
  /** The text that the person saw. */
  shown: Shown;
}

/** Keeps a yes; false where it can't be answered any more, or nothing lets the answerer do it. */
export const keepYes = async (
  act: Act,
  { mandates, awaiting, level, shown, ...answer }: NewYes,
): Promise<boolean> =>
  (
    await query(act.db, keep, [
      ...answerValues(act, 'answered', answer),
      JSON.stringify(mandates),
      JSON.stringify(awaiting),
      level,
      JSON.stringify(shown),
    ])
  ).length > 0;

const takeBack: Statement = {
  name: 'take_back_yes',
  text: `with answered as (
      update consent_request set awaiting = $8 where consent_request.id = $1 and consent_request.state = 'requested' and consent_request.valid_to > $2
        and exists (select from consent_yes yes where yes.consent_id = $1 and yes.by_party = $3) returning consent_request.*),
    gone as (delete from consent_yes using answered where consent_yes.consent_id = answered.id and consent_yes.by_party = $3),
    ${TOLD}
    ${noted('answer_taken_back')}`,
};

/** Takes a yes back; false where there is none, or nobody is awaited any more. */
export const takeBackYes = async (
  act: Act,
  { awaiting, ...answer }: Omit<AnswerRow, 'mandates'> & { awaiting: Awaiting | null },
): Promise<boolean> => {
  const values = answerValues(act, 'answer_taken_back', answer);
  const waits = awaiting && JSON.stringify(awaiting);
  return (await query(act.db, takeBack, [...values, waits])).length > 0;
};

const drop: Statement = {
  name: 'drop_yeses',
  text: 'delete from consent_yes where consent_yes.consent_id = $1 and consent_yes.by_party = any($2::uuid[])',
};

const open: Statement = {
  name: 'reopen_request',
  text: "update consent_request set awaiting = null where consent_request.id = $1 and consent_request.state = 'requested'",
};

/** Has a request wait for a first yes again. */
export const reopen = (db: Db, id: string) => query(db, open, [id]);

/** Yeses that nothing lets stand any more. */
export const dropYeses = (db: Db, id: string, parties: string[]) => query(db, drop, [id, parties]);
