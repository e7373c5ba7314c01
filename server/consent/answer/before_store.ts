// SQL of earlier answers to the same question: of the same asker, about the same, to the same
// giver. It decides nothing.
import { query, type Db, type Statement } from '../../platform/db/db.ts';

const before: Statement = {
  name: 'answered_before',
  text: `select earlier.state, earlier.at, person.id as "byId", person.kind as "byKind", person.name as "byName" from consent_request asked cross join lateral (
      (select refused.state, refused.rejected_at as at, refused.answered_by from consent_request refused where refused.state = 'rejected'
        and refused.from_party = asked.from_party and refused.to_party = asked.to_party and refused.about = asked.about order by refused.rejected_at desc limit 1)
      union all
      (select given.state, given.approved_at, given.answered_by from consent_request given where given.state = 'approved' and not given.expiry_noted
        and given.from_party = asked.from_party and given.to_party = asked.to_party and given.about = asked.about and given.fallen_reason is null
        order by given.approved_at desc limit 1)) as earlier
    join party person on person.id = earlier.answered_by where asked.id = $1 and asked.state = 'requested' order by earlier.at desc`,
};

export interface AnswerBefore {
  state: 'approved' | 'rejected';
  at: Date;
  byId: string;
  byKind: string;
  byName: string;
}

/** The last no to the same question, and the last yes that holds; newest first. */
export const findAnsweredBefore = (db: Db, id: string): Promise<AnswerBefore[]> =>
  query(db, before, [id]);
