// SQL of who holds offices of a party now, as a register says.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { inForce } from './force_store.ts';

/** Whether a register's mandate, whose receiver is the party `holder`, is an office held now. */
export const isOffice = (mandate: string, holder: string, now: string): string =>
  `${mandate}.basis = 'register' and ${inForce(mandate, now)} and ${isAlive(holder, now)}`;
/** Whether a party has not ended: died, or been dissolved. */
export const isAlive = (party: string, now: string): string =>
  `(${party}.ended_at is null or ${party}.ended_at > ${now})`;

const holders: Statement = {
  name: 'office_holders',
  text: `select distinct office.role, office.to_party as holder from mandate office join party giver on giver.id = $1 join party holder on holder.id = office.to_party
    where office.from_party in (giver.id, giver.parent) and office.role = any($2) and ${isOffice('office', 'holder', '$3')}`,
};

/** The parties that hold these roles for a party, or for its main unit. */
export const findHolders = (
  act: Act,
  party: string,
  roles: string[],
): Promise<{ role: string; holder: string }[]> => query(act.db, holders, [party, roles, act.now]);
