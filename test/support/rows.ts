// Rows as they stand after what no test can wait for: a limit that is over, a party that has ended.
import { world } from './world.ts';

/** Forgets what has been counted of everybody. */
export const forgetLimits = () => world.database.db.raw('delete from rate_limit');

/** Ends a party now: somebody has died, or a company is dissolved. */
export const endParty = ({ id }: { id: string }) =>
  world.database.db.raw('update party set ended_at = now() where id = ?', [id]);

/** Ends a person's logins, as if they had run out. */
export const endLogins = ({ id }: { id: string }) =>
  world.database.db.raw('delete from login_session where party = ?', [id]);

/** The stored state of a consent. */
export async function stateOf(consent: string): Promise<string> {
  const { rows } = await world.database.db.raw('select state from consent_request where id = ?', [
    consent,
  ]);
  return rows[0].state;
}

/** Has a person work at a company, or, until a day (YYYY-MM-DD), have worked there. */
export const employ = (
  firm: { id: string },
  worker: { id: string },
  endedOn: string | null = null,
) =>
  world.database.db.raw(
    'insert into employment (employer, employee, ended_on) values (?, ?, ?) on conflict (employer, employee) do update set ended_on = excluded.ended_on',
    [firm.id, worker.id, endedOn as never],
  );

/** Why a consent fell, as it is stored. */
export async function reasonOf(consent: string): Promise<string | null> {
  const [row] = await world.database.db('consent_request').where({ id: consent });
  return row.fallen_reason;
}

/** The same as its requester reads it, who learns nothing of guardianship, parents or death. */
export const toAsker = (reason: string): string =>
  ['giver_dead', 'responsibility_ended', 'task_ended', 'of_age'].includes(reason)
    ? 'basis_ended'
    : reason;
