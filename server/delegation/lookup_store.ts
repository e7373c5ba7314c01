// SQL of failed look-ups of persons: how often somebody guessed wrong within the hour, on whichever
// node.
import type { Act } from '../platform/act.ts';
import type { Party } from '../party/model.ts';
import { partyColumns } from '../party/store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

const reserveFor = (name: string, column: 'person_no' | 'username'): Statement => ({
  name,
  text: `with reserved as (
      insert into person_lookup as lookup (actor, failed, since) values ($1, 1, $2)
      on conflict (actor) do update set failed = case when lookup.since > $3 then least(lookup.failed + 1, 1000) else 1 end,
        since = case when lookup.since > $3 then lookup.since else excluded.since end returning lookup.failed)
    select reserved.failed, ${partyColumns} from reserved left join party on party.${column} = $4`,
});
const reserve = {
  person: reserveFor('reserve_lookup', 'person_no'),
  username: reserveFor('reserve_lookup_of_user', 'username'),
};
const release: Statement = {
  name: 'release_lookup',
  text: 'update person_lookup lookup set failed = greatest(lookup.failed - 1, 0) where lookup.actor = $1',
};

/**
 * Counts one as failed before it is made, so that many at once are counted too; answers with how
 * many failed since then, and with who it is, if anybody.
 */
export async function reserveLookup(
  act: Act,
  actor: string,
  name: { by: keyof typeof reserve; value: string },
  since: Date,
): Promise<{ failed: number; found: Party | undefined }> {
  const row = await queryOne<Party & { failed: number }>(act.db, reserve[name.by], [
    ...[actor, act.now, since, name.value],
  ]);
  const { failed, ...party } = row!;
  return { failed, found: party.id === null ? undefined : party };
}
/** It did not fail. */
export const releaseLookup = (db: Db, actor: string) => query(db, release, [actor]);
