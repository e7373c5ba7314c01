// SQL of instances that owners of resources have registered. Rows end and are not deleted; each
// change leaves its event in the same statement. It knows no caller.
import { doer, type Doer, eventOfEach, idsFor, knownDoer } from '../../event/store.ts';
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

const ofInstance = (type: string, rows: string) =>
  `select '${type}', resource.owner, ${rows}.party, ${doer('$3::text')}, jsonb_build_object('resource', ${rows}.resource_id, 'instance', ${rows}.instance)
    from ${rows} join resource on resource.id = ${rows}.resource_id`;

const put: Statement = {
  name: 'put_instances',
  text: `with put as (insert into resource_instance (resource_id, instance, party, attributes, changed_at)
      select r.resource, r.instance, r.party, r.attributes, $2
      from jsonb_to_recordset($1::jsonb) as r(resource text, instance text, party uuid, attributes jsonb) order by r.resource, r.instance
      on conflict (resource_id, instance) do update set party = excluded.party, attributes = excluded.attributes, changed_at = excluded.changed_at, ended_at = null
        where (resource_instance.party, resource_instance.attributes) is distinct from (excluded.party, excluded.attributes) or resource_instance.ended_at is not null
      returning resource_instance.resource_id, resource_instance.instance, resource_instance.party)
    ${eventOfEach(ofInstance('instance_registered', 'put'), '$2::timestamptz', '$4')}`,
};

/**
 * Registers instances, or what is said of them now; by nobody's hand in an import. No two of one
 * call are the same.
 */
export const putInstances = (act: Act, rows: NewInstance[], by: Doer) => {
  const ids = idsFor(act, { instance_registered: rows.length }, knownDoer(by));
  return query(act.db, put, [JSON.stringify(rows), act.now, by, ids]);
};

const columns = `own.instance, own.party, own.attributes, own.changed_at as "changedAt"`;
const find: Statement = {
  name: 'find_instance',
  text: `select ${columns} from resource_instance own where own.resource_id = $1 and own.instance = $2 and own.ended_at is null`,
};

export const findInstance = (db: Db, resource: string, instance: string) =>
  queryOne<InstanceRow>(db, find, [resource, instance]);

const page: Statement = {
  name: 'list_instances',
  text: `select ${columns} from resource_instance own where own.resource_id = $1 and own.instance > $2 and own.ended_at is null
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
  text: `with gone as (update resource_instance set ended_at = $2 where resource_instance.resource_id = $1 and resource_instance.instance = $4
      and resource_instance.ended_at is null returning resource_instance.resource_id, resource_instance.instance, resource_instance.party),
    noted as (${eventOfEach(ofInstance('instance_removed', 'gone'), '$2::timestamptz', '$5')})
    select gone.instance from gone`,
};

/** False when it was not registered. */
export const removeInstance = async (
  act: Act,
  { resource, instance, by }: { resource: string; instance: string; by: Doer },
) => {
  const ids = idsFor(act, { instance_removed: 1 }, knownDoer(by));
  return (await query(act.db, remove, [resource, act.now, by, instance, ids])).length === 1;
};
