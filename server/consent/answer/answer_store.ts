// SQL of answers but the yes (approve_store.ts): one statement an act, with what it begins or ends
// and its event; the condition stands in the WHERE, and zero rows is an answer. It knows no rule
// beyond that and no caller.
import type { Act } from '../../platform/act.ts';
import { endingAt } from '../../mandate/store.ts';
import { intoEvent, newEvent } from '../../event/store.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { isHistory, isKnownTo } from '../../notice/model.ts';
import { intoNotice } from '../../notice/store.ts';
import { stillRestsBesideEstate } from '../../mandate/force_store.ts';
import type { ConsentEventType } from '../../event/model.ts';
import type { AnswerTold } from './told_model.ts';

/** Notices of an answer, as they were made out (`noticesOf`). */
export const tells = (answered: string, notices: string, at: string) =>
  `${intoNotice('id', 'party', 'type', 'at', 'consent_id', 'by_party', 'shown_at', 'read_at')}
      select told.id, told.party, told.type, ${at}, ${answered}.id, told.by, case when told."isHistory" then ${at} end, case when told."isKnown" then ${at} end
      from ${answered} cross join lateral jsonb_to_recordset(${notices}) as told(id uuid, party uuid, type text, by uuid, "isHistory" boolean, "isKnown" boolean)`;

export const noticesOf = (told: AnswerTold[], by: string, at: Date) =>
  told.flatMap(({ type, parties }) =>
    [...new Set(parties)].map((party) => ({
      id: uuidv7(at),
      party,
      type,
      by,
      isHistory: isHistory({ type }),
      isKnown: isKnownTo(party, { type, by }),
    })),
  );

export const noted = (
  type: ConsentEventType,
  detail = 'null::jsonb',
) => `${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party', 'by_role', 'detail')}
  select $4, $7::bytea, '${type}', $2, answered.id, answered.from_party, answered.to_party, answered.handled_by, $3, $5, ${detail} from answered returning event.id`;
/** The mandate of what was answered ends with it. */
const MANDATE_ENDS = `${endingAt('$2')} from answered
      where mandate.consent_id = answered.id and mandate.basis = 'consent' and mandate.ended_at is null`;

/** Whether what lets the answerer do it still holds. */
export const LET = stillRestsBesideEstate('$8::jsonb', '$3::uuid', '$2::timestamptz');

const reject: Statement = {
  name: 'reject_consent',
  text: `with answered as (
      update consent_request set state = 'rejected', rejected_at = $2, answered_by = $3, answered_role = $5
      where consent_request.id = $1 and consent_request.state = 'requested' and ${LET} returning consent_request.*),
    told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})
    ${noted('rejected')}`,
};
const withdraw: Statement = {
  name: 'withdraw_consent',
  text: `with answered as (
      update consent_request set state = 'withdrawn', withdrawn_at = $2
      where consent_request.id = $1 and consent_request.state = 'approved' and ${LET} returning consent_request.*),
    ended as (${MANDATE_ENDS}),
    told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})
    ${noted('withdrawn')}`,
};

export interface AnswerRow {
  id: string;
  by: string;
  role: string | null;
  /** The mandates that let the answerer do it; none for the giver. */
  mandates: string[];
  tell: AnswerTold[];
}

/** The values $1 to $7 of every act that answers or ends a request: of its event, by its kind. */
export function answerValues(
  act: Act,
  kind: ConsentEventType,
  { id, by, role, tell }: Omit<AnswerRow, 'mandates'>,
): unknown[] {
  const { now } = act;
  const event = newEvent(act, { kind, consent: id, by, role });
  return [id, now, by, event.id, role, JSON.stringify(noticesOf(tell, by, now)), event.mac];
}

const answering =
  (statement: Statement, kind: ConsentEventType) =>
  async (act: Act, { mandates, ...answer }: AnswerRow): Promise<boolean> => {
    const values = [...answerValues(act, kind, answer), JSON.stringify(mandates)];
    return (await query(act.db, statement, values)).length > 0;
  };

/**
 * Rejects what waits, with its event; false for what does not, or when nothing lets the answerer do
 * it any more: nothing was written.
 */
export const rejectConsent = answering(reject, 'rejected');
/** Withdraws what is approved, ends its mandate, with its event; false as for `rejectConsent`. */
export const withdrawConsent = answering(withdraw, 'withdrawn');

const takeBack: Statement = {
  name: 'take_back_consent',
  text: `with answered as (
      update consent_request set state = 'deleted', withdrawn_at = $2
      where consent_request.id = $1 and consent_request.state = 'requested' and consent_request.valid_to > $2 returning consent_request.*),
    told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})
    ${noted('deleted')}`,
};
const renounce: Statement = {
  name: 'renounce_consent',
  text: `with answered as (
      update consent_request set state = 'withdrawn', withdrawn_at = $2, fallen_reason = 'receiver'
      where consent_request.id = $1 and consent_request.state = 'approved' and consent_request.valid_to > $2 returning consent_request.*),
    ended as (${MANDATE_ENDS}),
    told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})
    ${noted('withdrawn', "jsonb_build_object('reason', answered.fallen_reason)")}`,
};

const ending =
  (statement: Statement, kind: ConsentEventType) =>
  async (act: Act, ended: Pick<AnswerRow, 'id' | 'by' | 'tell'>): Promise<boolean> =>
    (await query(act.db, statement, answerValues(act, kind, { ...ended, role: null }))).length > 0;

/** Takes back what waits for an answer, with its event; false for what does not. */
export const takeBackConsent = ending(takeBack, 'deleted');
/** Ends what is approved for its receiver, with its mandate and event; false for what is not. */
export const renounceConsent = ending(renounce, 'withdrawn');

const shown: Statement = {
  name: 'read_shown',
  text: 'select shown.text from consent_shown shown where shown.consent_id = $1',
};

/**
 * The text that the person who said yes saw, as it was kept; undefined for consents that were
 * imported.
 */
export const readShown = async (db: Db, id: string): Promise<unknown> =>
  (await queryOne<{ text: unknown }>(db, shown, [id]))?.text;
