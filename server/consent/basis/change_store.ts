// SQL of changes by which consents may fall: taken by one node each, and left for the next turn.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { stands } from '../../mandate/force_store.ts';

const take: Statement = {
  name: 'take_basis_changes',
  text: `delete from basis_change where id in (select due.id from basis_change due where due.due_at <= $1 order by due.id limit $2 for update skip locked)
    returning basis_change.party, basis_change.resource_id as resource, basis_change.role, basis_change.mandate`,
};
const again: Statement = {
  name: 'repeat_basis_changes',
  text: `insert into basis_change (party, resource_id, role, mandate, due_at) select r.party, r.resource, r.role, r.mandate, $5
    from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) as r(party, resource, role, mandate)`,
};

export interface BasisChange {
  party: string | null;
  resource: string | null;
  /** The role of the party that somebody got or lost. */
  role: string | null;
  /** A power of attorney that ended, or whose end was moved. */
  mandate: string | null;
}

/** The changes until now, each to one node. */
export const takeChanges = (act: Act, most: number) =>
  query<BasisChange>(act.db, take, [act.now, most]);
export const repeatChanges = (act: Act, changes: BasisChange[], at = act.now) =>
  query(act.db, again, [
    changes.map(({ party }) => party),
    changes.map(({ resource }) => resource),
    changes.map(({ role }) => role),
    changes.map(({ mandate }) => mandate),
    at,
  ]);

const forget: Statement = {
  name: 'forget_mandate_changes',
  text: `delete from basis_change where basis_change.mandate in (select given.id from mandate given
    where given.id = any($1) and not (${stands('given', '$2')}))`,
};

/** A consent that has ended gets one notice, whatever else it was to be looked at for. */
export const forgetEnded = (act: Act, changes: BasisChange[]) =>
  query(act.db, forget, [changes.flatMap(({ mandate }) => mandate ?? []), act.now]);
