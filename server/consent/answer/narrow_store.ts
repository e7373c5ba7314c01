// SQL that narrows a consent: rights taken out, its end brought nearer, with the event and notices,
// in one statement. It knows no rule beyond its condition.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { movingEnd } from '../../mandate/store.ts';
import { awaitsAge, fallen } from '../basis/store.ts';
import { aboutStored, parentUntilOf } from '../store.ts';
import { LET, noted, tells, answerValues, type AnswerRow } from './answer_store.ts';

// By `narrowed_at` of two that come at once the later is judged anew: each alone leaves something.
const narrow: Statement = {
  name: 'narrow_consent',
  text: `with answered as (
      update consent_request set narrowed_at = $2, asked_valid_to = coalesce(consent_request.asked_valid_to, consent_request.valid_to),
        valid_to = $10, expiry_event_id = $11, about = case when request.rested_together is not null or request.pair is not null then request.about else ${aboutStored('request.id', { dropped: '$9::int[]' })} end,
        parent_until = case when request.parent_until is not null then ${parentUntilOf('request.id', '$9::int[]')} end
      from consent_request request join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party
      where consent_request.id = request.id and request.id = $1 and consent_request.state = 'approved' and consent_request.valid_to > $2 and not consent_request.expiry_noted
        and consent_request.narrowed_at is not distinct from $12 and ${fallen('$2')} is null and ${LET}
      returning consent_request.*),
    dropped as (
      update consent_right set dropped_at = $2, dropped_by = $3 from answered
      where consent_right.consent_id = answered.id and consent_right.ordinal = any($9::int[])),
    moved as (
      ${movingEnd('answered.valid_to')} from answered
      where mandate.consent_id = answered.id and mandate.basis = 'consent' and mandate.ended_at is null),
    awaited as (${awaitsAge('answered', '$2::timestamptz')}),
    told as (${tells('answered', '$6::jsonb', '$2::timestamptz')})
    ${noted('changed', '$13::jsonb')}`,
};

export interface Narrowing extends AnswerRow {
  /** The places of the rights that are taken out. */
  without: number[];
  validTo: Date;
  expiryEventId: string;
  /** When it had last been narrowed, as it was read. */
  narrowedAt: Date | null;
  /** The content of the event. */
  detail: object;
}

/** Narrows what is approved and holds; false for what is not, or was narrowed meanwhile. */
export const storeNarrowing = async (
  act: Act,
  { mandates, without, validTo, expiryEventId, narrowedAt, detail, ...answer }: Narrowing,
): Promise<boolean> => {
  const said = answerValues(act, 'changed', answer);
  const values = [...said, JSON.stringify(mandates), without, validTo];
  const more = [expiryEventId, narrowedAt, JSON.stringify(detail)];
  return (await query(act.db, narrow, [...values, ...more])).length > 0;
};
