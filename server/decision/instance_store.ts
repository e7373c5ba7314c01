// SQL that says where an instance belongs, by its name. It decides nothing.
import { type Act, look } from '../platform/act.ts';
import { holds } from '../mandate/force_store.ts';
import { query } from '../platform/db/db.ts';
import { lookup } from '../platform/db/together_store.ts';

export interface InstancePlace {
  resource: string;
  party: string;
  attributes: Record<string, string[]>;
  /** By the owner of the resource; else it is only known that a right to it was given. */
  isRegistered: boolean;
}

/** An instance; of one resource, or of those of an owner, or of any. */
export interface InstanceAsked {
  instance: string;
  resource: string | null;
  ownerNo: string | null;
}

/** One more than can be distinguished. */
const MOST = 3;
const told = `jsonb_build_object('resource', place.resource_id, 'party', place.party, 'attributes', place.attributes, 'isRegistered', place.registered)`;

// A right that somebody gave here names whatever instance they wrote: only what came with an import
// says whose it is.
const places = lookup<{ places: InstancePlace[] }>('places_of_instance', (key, now) => {
  const asked = (name: string) => `(${key}::jsonb ->> '${name}')`;
  const among = (resource: string) =>
    `(${asked('resource')} is null or ${resource} = ${asked('resource')}) and (${asked('ownerNo')} is null or exists (select from resource
      join party owner on owner.id = resource.owner where resource.id = ${resource} and owner.organization_no = ${asked('ownerNo')}))`;
  return `select coalesce(jsonb_agg(${told}), '[]') as places from (
      (select own.resource_id, own.party, own.attributes, true as registered from resource_instance own
        where own.ended_at is null and own.instance = ${asked('instance')} and ${among('own.resource_id')} limit ${MOST})
      union all
      (select distinct given.resource_id, given.from_party, '{}'::jsonb, false from mandate given
        where given.instance = ${asked('instance')} and given.given_by is null and ${among('given.resource_id')} and ${holds('given', now)} limit ${MOST})) as place`;
});

const keyOf = ({ instance, resource, ownerNo }: InstanceAsked) =>
  JSON.stringify({ instance, resource, ownerNo });

/** Where an instance belongs. */
export const readPlaces = async (act: Act, asked: InstanceAsked) =>
  (await look(act, places, keyOf(asked)))!.places;

/** Instances of a statement of their own at most. */
const CHUNK = 1_000;

/** The same of many, in statements of their own: nobody else should wait for them. */
export async function findPlaces(
  act: Act,
  asked: InstanceAsked[],
): Promise<Map<InstanceAsked, InstancePlace[]>> {
  const keys = asked.map(keyOf);
  const found = new Map<string, InstancePlace[]>();
  const once = [...new Set(keys)];
  for (let at = 0; at < once.length; at += CHUNK) {
    const some = JSON.stringify(once.slice(at, at + CHUNK));
    for (const row of await query<{ key: string; places: InstancePlace[] }>(act.db, places, [
      some,
      act.now,
    ]))
      found.set(row.key, row.places);
  }
  return new Map(asked.map((one, index) => [one, found.get(keys[index]!) ?? []]));
}
