// SQL of vendors' systems. A row ends and is not deleted; each change leaves its event in the same
// statement. It knows no caller.
import { eventOfEach, idsFor } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import type { SystemWords, VendorSystem } from './model.ts';

/** A vendor that is no more supplies nothing. */
const isEnded = '(system.ended_at is not null or vendor.ended_at is not null)';

/** A system as one value, for a statement that has its row, and its vendor's as `vendor`. */
export const systemValue = `jsonb_build_object('id', system.id, 'vendor', system.vendor, 'vendorNo', vendor.organization_no, 'vendorName', vendor.name,
    'name', system.name, 'kind', system.kind, 'packages', system.packages, 'resources', system.resources, 'redirectOrigins', system.redirect_origins, 'ended', ${isEnded})`;

interface Row {
  system: VendorSystem;
}

const rows = `select ${systemValue} as system from vendor_system system join party vendor on vendor.id = system.vendor`;

const some: Statement = {
  name: 'vendor_systems',
  text: `${rows} where system.id = any($1)`,
};

/** Systems by id, ended ones too. Unregistered ones are missing. */
export async function findSystems(db: Db, ids: string[]): Promise<Map<string, VendorSystem>> {
  const found = ids.length ? await query<Row>(db, some, [[...new Set(ids)]]) : [];
  return new Map(found.map(({ system }) => [system.id, system]));
}

const list: Statement = {
  name: 'list_vendor_systems',
  text: `${rows} where not ${isEnded} and ($1::text is null or vendor.organization_no = $1) and system.id > $2 order by system.id limit $3`,
};

/** Systems that may be let in, by id, after one; of one vendor where it is named. */
export const listSystems = async (
  db: Db,
  { vendorNo, after, limit }: { vendorNo: string | null; after: string; limit: number },
): Promise<VendorSystem[]> =>
  (await query<Row>(db, list, [vendorNo, after, limit])).map(({ system }) => system);

const put: Statement = {
  name: 'put_vendor_system',
  text: `with before as (select system.ended_at from vendor_system system where system.id = $1),
    put as (insert into vendor_system as system (id, vendor, name, kind, packages, resources, redirect_origins, registered_at, changed_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
      on conflict (id) do update set name = excluded.name, packages = excluded.packages, resources = excluded.resources,
        redirect_origins = excluded.redirect_origins, changed_at = excluded.changed_at, ended_at = null
      where system.vendor = excluded.vendor and system.kind = excluded.kind and (system.ended_at is null or $10::uuid is not null) and (system.ended_at is not null
        or (system.name, system.packages, system.resources, system.redirect_origins) is distinct from (excluded.name, excluded.packages, excluded.resources, excluded.redirect_origins))
      returning system.id)
    ${eventOfEach(
      `select case when exists (select from before where before.ended_at is null) then 'system_changed' else 'system_registered' end, $2::uuid, $2::uuid, $10::uuid,
        jsonb_build_object('system', put.id, 'packages', to_jsonb($5::text[]), 'resources', to_jsonb($6::text[])) from put`,
      '$8',
      '$9',
    )}`,
};

/** Registers it, or describes it anew; nothing where it is as it was, or its kind is another. */
export async function putSystem(
  act: Act,
  { id, vendor, by }: { id: string; vendor: string; by: string | null },
  { name, kind, packages, resources, redirectOrigins }: SystemWords,
): Promise<void> {
  const most = { system_registered: 1, system_changed: 1 };
  const ids = idsFor(act, most, { from: vendor, to: vendor, by });
  await query(act.db, put, [
    ...[id, vendor, JSON.stringify(name), kind, packages, resources, redirectOrigins],
    ...[act.now, ids, by],
  ]);
}

const end: Statement = {
  name: 'end_vendor_system',
  text: `with ended as (update vendor_system system set ended_at = $3, changed_at = $3 where system.id = $1 and system.vendor = $2 and system.ended_at is null returning system.id),
    noted as (${eventOfEach(
      `select 'system_ended', $2::uuid, $2::uuid, $2::uuid, jsonb_build_object('system', ended.id) from ended`,
      '$3',
      '$4',
    )})
    select ended.id from ended`,
};

/** From then on nobody lets it in. False where it is not there. */
export async function endSystemOf(act: Act, vendor: string, id: string): Promise<boolean> {
  const ids = idsFor(act, { system_ended: 1 }, { from: vendor, to: vendor, by: vendor });
  return (await queryOne(act.db, end, [id, vendor, act.now, ids])) !== undefined;
}
