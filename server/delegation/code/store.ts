// SQL of codes that receivers show: one a session, gone with it. Guards are in the statements; who
// may is not known here.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';

const show: Statement = {
  name: 'show_code',
  text: `insert into giving_code (session_id, id, code, receiver, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (session_id) do update set id = excluded.id, code = excluded.code, expires_at = excluded.expires_at, entered_by = null, gift = null`,
};

export interface NewCode {
  session: string;
  id: string;
  code: string;
  receiver: string;
  until: Date;
}

/** Stores the code of a session, in place of the one that it had. */
export const storeCode = (act: Act, { session, id, code, receiver, until }: NewCode) =>
  query(act.db, show, [session, id, code, receiver, until]);

/** A code as its receiver sees it. */
export interface ShownCode {
  id: string;
  code: string;
  until: Date;
  /** Whether somebody has entered it. */
  isEntered: boolean;
  /** Everything that was given by it and has not been ended. */
  given: { id: string; package: string; giver: { kind: string; name: string } }[];
}

const shown: Statement = {
  name: 'shown_code',
  text: `select code.id, code.code, code.expires_at as until, code.entered_by is not null as "isEntered",
      (select coalesce(json_agg(json_build_object('id', mandate.id, 'package', mandate.package, 'giver', json_build_object('kind', giver.kind, 'name', giver.name)) order by mandate.id), '[]')
        from mandate join party giver on giver.id = mandate.from_party where mandate.by_code = code.id and mandate.ended_at is null) as given
    from giving_code code where code.session_id = $1`,
};
export const findShown = (act: Act, session: string): Promise<ShownCode | undefined> =>
  queryOne<ShownCode>(act.db, shown, [session]);

/** Whether the receiver is still logged in where the code is shown. */
const isShown = (now: string) =>
  `exists (select from login_session session where session.id = giving_code.session_id and session.expires_at > ${now})`;

const enter: Statement = {
  name: 'enter_code',
  text: `update giving_code set entered_by = $3 where giving_code.code = $1 and giving_code.expires_at > $2 and giving_code.gift is null
    and giving_code.receiver <> $3 and coalesce(giving_code.entered_by, $3) = $3 and ${isShown('$2')} returning giving_code.id, giving_code.receiver`,
};

/** A code that somebody entered. */
export interface EnteredCode {
  id: string;
  receiver: string;
}

/** Takes the code for whoever enters it; undefined where it does not hold, or somebody else has. */
export const takeCode = (act: Act, code: string, by: string): Promise<EnteredCode | undefined> =>
  queryOne<EnteredCode>(act.db, enter, [code, act.now, by]);

/** Whether the one who entered it may give by it: until twenty minutes after its time. */
const isHeld = `giving_code.id = $1 and giving_code.entered_by = $3
    and giving_code.expires_at > $2::timestamptz - interval '20 minutes' and ${isShown('$2')}`;

const use: Statement = {
  name: 'use_code',
  text: `update giving_code set gift = $4 where ${isHeld} and giving_code.receiver = $5 and coalesce(giving_code.gift, $4) = $4 returning giving_code.id`,
};

const stands: Statement = {
  name: 'code_stands',
  text: `select from giving_code where ${isHeld} and giving_code.gift is null`,
};

/** Whether one who entered it may still give by it. */
export const codeStands = async (act: Act, id: string, by: string): Promise<boolean> =>
  (await queryOne(act.db, stands, [id, act.now, by])) !== undefined;

/** Uses it for one gift; false where it was used for another, or is shown no more. */
export async function useCode(
  act: Act,
  { id, by, gift, receiver }: { id: string; by: string; gift: string; receiver: string },
): Promise<boolean> {
  return (await queryOne(act.db, use, [id, act.now, by, gift, receiver])) !== undefined;
}
