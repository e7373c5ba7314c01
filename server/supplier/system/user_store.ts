// SQL of an organisation's system users as its people see them: by whom each is supplied, and how
// much it has. It decides nothing.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import type { Translated } from '../../platform/locale.ts';
import { stands } from '../../mandate/force_store.ts';
import type { SystemKind } from './model.ts';

/** The system of a system user, and who answers for it. */
export interface SystemOrigin {
  id: string;
  name: string;
  kind: SystemKind;
  systemId: string;
  /** Null where no vendor has registered it. */
  systemName: Translated | null;
  /** Null where no organisation has the number in its id. */
  vendorName: string | null;
}

const columns = `su.id, su.name, su.system_kind as kind, su.system_id as "systemId", system.name as "systemName", vendor.name as "vendorName"`;
const origins = `su left join vendor_system system on system.id = su.system_id left join party vendor on vendor.organization_no = left(su.system_id, 9)`;

const some: Statement = {
  name: 'system_origins',
  text: `select ${columns} from party ${origins} where su.id = any($1::uuid[]) and su.kind = 'system_user'`,
};

/** Where the system users among the parties come from, by id. */
export const findOrigins = async (
  act: Act,
  parties: { id: string; kind: string }[],
): Promise<Map<string, SystemOrigin>> => {
  const ids = parties.filter(({ kind }) => kind === 'system_user').map(({ id }) => id);
  const found = ids.length ? await query<SystemOrigin>(act.db, some, [ids]) : [];
  return new Map(found.map((one) => [one.id, one]));
};

/** A system user of an organisation, with how much it has. */
export interface OwnSystemUser extends SystemOrigin {
  /** Mandates that stand, of whomever. */
  has: number;
  /** Whether its givers have suspended all of them. */
  paused: boolean;
  /** Whether its organisation has suspended it. */
  suspended: boolean;
  /** How many there are in all. */
  of: number;
}

// One page is cut before anything is looked up of its systems.
const own: Statement = {
  name: 'own_system_users',
  text: `with page as materialized (select su.id, su.name, su.system_kind, su.system_id, su.suspended_at, (count(*) over ())::int as of from party su
      where su.kind = 'system_user' and su.owner = $1 and su.ended_at is null order by su.name, su.id limit $3 offset $4)
    select ${columns}, held.has, held.paused, su.suspended_at is not null as suspended, su.of from page ${origins}
      cross join lateral (select count(*)::int as has, coalesce(bool_and(mandate.suspended_at is not null and mandate.suspended_at <= $2), false) as paused
        from mandate where mandate.to_party = su.id and ${stands('mandate', '$2')}) as held
    order by su.name, su.id`,
};

/** An organisation's system users, by name. */
export const listOwnUsers = (
  act: Act,
  owner: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<OwnSystemUser[]> => query<OwnSystemUser>(act.db, own, [owner, act.now, limit, offset]);
