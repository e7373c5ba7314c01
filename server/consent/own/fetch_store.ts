// SQL of what data sources report.
import { queryOne, type Db, type Statement } from '../../platform/db/db.ts';

// The clocks of a source and of ours may be a minute apart.
const tokenOut: Statement = {
  name: 'was_token_out',
  text: `select from event used where used.consent_id = $1 and used.type = 'used'
    and used.at > $2::timestamptz - make_interval(secs => $3 + 60) and used.at < $2::timestamptz + interval '1 minute' limit 1`,
};

/** Whether a token of the consent, drawn so many seconds before at most, was out at an instant. */
export const wasTokenOut = async (
  db: Db,
  consentId: string,
  { at, seconds }: { at: Date; seconds: number },
): Promise<boolean> => (await queryOne(db, tokenOut, [consentId, at, seconds])) !== undefined;
