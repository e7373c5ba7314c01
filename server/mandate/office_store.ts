// SQL of who holds offices of a party now, as a register says.
import type { Act } from '../platform/act.ts';
import { query, type Statement } from '../platform/db/db.ts';
import { inForce } from './force_store.ts';

const holders: Statement = {
  name: 'office_holders',
  text: `select distinct office.role, office.to_party as holder from mandate office join party giver on giver.id = $1 join party holder on holder.id = office.to_party
    where office.from_party in (giver.id, giver.parent) and office.basis = 'register' and office.role = any($2) and ${inForce('office', '$3')}
      and (holder.ended_at is null or holder.ended_at > $3)`,
};

/** The parties that hold these roles for a party, or for its main unit. */
export const findHolders = (
  act: Act,
  party: string,
  roles: string[],
): Promise<{ role: string; holder: string }[]> => query(act.db, holders, [party, roles, act.now]);
