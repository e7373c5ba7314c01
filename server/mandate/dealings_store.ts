// SQL of whom an organisation has dealt with, as events and mandates have it. It knows no number of
// a person.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { uuidv7Floor } from '../platform/ids.ts';

const before: Statement = {
  name: 'has_dealt_with',
  text: `select exists (select from event join party asker on asker.organization_no = $1
      where event.from_party = $2 and asker.id in (event.to_party, event.handled_by, event.by_party) and event.id < $3)
    or exists (select from event join party asker on asker.organization_no = $1
      where event.to_party = $2 and asker.id in (event.from_party, event.by_party) and event.id < $3)
    or exists (select from mandate join party asker on asker.organization_no = $1
      where mandate.basis <> 'consent' and ((mandate.from_party = $2 and mandate.to_party = asker.id) or (mandate.to_party = $2 and mandate.from_party = asker.id))
        and coalesce(mandate.given_at, mandate.valid_from) < $4) as has`,
};

/** Whether an organisation had a request, a consent or a mandate with a party before then. */
export async function hasDealtWith(
  db: Db,
  organizationNo: string,
  party: string,
  at: Date,
): Promise<boolean> {
  const found = await queryOne<{ has: boolean }>(db, before, [
    organizationNo,
    party,
    uuidv7Floor(at),
    at,
  ]);
  return found!.has;
}

const many: Statement = {
  name: 'persons_named_since',
  // Each is looked up by its key, however few or many the planner expects.
  text: `select count(*)::int as count from (
      select event.from_party as party from event join party asker on asker.organization_no = $1
        where event.to_party = asker.id and event.id >= $2
      union select event.from_party from event join party asker on asker.organization_no = $1
        where event.handled_by = asker.id and event.id >= $2
      union select search.subject from search_log search
        where search.id >= $2 and search.caller = $1 and search.kind = 'authorized_parties') named
    cross join lateral (select from party where party.id = named.party and party.kind = 'person' offset 0) person`,
};

/** How many different persons an organisation has named since then, of those that we know. */
export async function personsNamedSince(
  db: Db,
  organizationNo: string,
  since: Date,
): Promise<number> {
  const [found] = await query<{ count: number }>(db, many, [organizationNo, uuidv7Floor(since)]);
  return found!.count;
}
