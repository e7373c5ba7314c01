// SQL of instances that owners of resources have registered. It knows no caller.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';

/** An instance of a resource: whose it is, and what holds of it. */
export interface InstanceRow {
  instance: string;
  party: string;
  /** By name, as the attributes of a resource. */
  attributes: Record<string, string[]>;
  changedAt: Date;
}
export interface NewInstance extends Omit<InstanceRow, 'changedAt'> {
  resource: string;
}

const put: Statement = {
  name: 'put_instances',
  text: `insert into resource_instance (resource_id, instance, party, attributes, changed_at)
    select r.resource, r.instance, r.party, r.attributes, $2
    from jsonb_to_recordset($1::jsonb) as r(resource text, instance text, party uuid, attributes jsonb) order by r.resource, r.instance
    on conflict (resource_id, instance) do update set party = excluded.party, attributes = excluded.attributes, changed_at = excluded.changed_at`,
};

/** Registers instances, or what is said of them now. No two of one call are the same. */
export const putInstances = (act: Act, rows: NewInstance[]) =>
  query(act.db, put, [JSON.stringify(rows), act.now]);

const columns = `own.instance, own.party, own.attributes, own.changed_at as "changedAt"`;
const find: Statement = {
  name: 'find_instance',
  text: `select ${columns} from resource_instance own where own.resource_id = $1 and own.instance = $2`,
};

export const findInstance = (db: Db, resource: string, instance: string) =>
  queryOne<InstanceRow>(db, find, [resource, instance]);

const page: Statement = {
  name: 'list_instances',
  text: `select ${columns} from resource_instance own where own.resource_id = $1 and own.instance > $2
    and ($3::uuid is null or own.party = $3) order by own.instance limit $4`,
};

export interface InstancesWanted {
  resource: string;
  /** Those after this one. */
  after: string;
  party: string | null;
  limit: number;
}

/** In the order of their names. */
export const listInstances = (db: Db, { resource, after, party, limit }: InstancesWanted) =>
  query<InstanceRow>(db, page, [resource, after, party, limit]);

const remove: Statement = {
  name: 'remove_instance',
  text: 'delete from resource_instance where resource_instance.resource_id = $1 and resource_instance.instance = $2 returning resource_instance.instance',
};

/** False when it was not registered. */
export const removeInstance = async (db: Db, resource: string, instance: string) =>
  (await query(db, remove, [resource, instance])).length === 1;
