// SQL that says where an instance belongs, by its name alone. It decides nothing.
import { holds } from '../mandate/force_store.ts';
import { lookup, type Together } from '../platform/together_store.ts';

export interface Place {
  resource: string;
  party: string;
  attributes: Record<string, string[]>;
  /** By the owner of the resource; else it is only known that somebody gave a right to it. */
  isRegistered: boolean;
}

/** More than these are several, whichever they are. */
const MOST = 20;

const places = lookup<{ places: Place[] }>(
  'places_of_instance',
  (
    instance,
    now,
  ) => `select coalesce(jsonb_agg(jsonb_build_object('resource', place.resource_id, 'party', place.party, 'attributes', place.attributes,
      'isRegistered', place.registered)), '[]') as places
    from ((select own.resource_id, own.party, own.attributes, true as registered from resource_instance own where own.instance = ${instance} limit ${MOST})
      union all
      (select distinct given.resource_id, given.from_party, '{}'::jsonb, false from mandate given
        where given.instance = ${instance} and ${holds('given', now)} limit ${MOST})) as place`,
);

/** Where an instance of this name belongs. */
export const readPlaces = async ({ read }: Together, instance: string, now: Date) =>
  (await read(places, instance, now))!.places;
