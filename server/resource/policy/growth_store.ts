// SQL of packages that came to open a service of another kind (`publishPolicies` notes them), and
// of how many of those who gave them have been notified.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';

const take: Statement = {
  name: 'take_package_growth',
  text: `select growth.id::text, growth.package, growth.reached from package_growth growth order by growth.id limit 1 for update skip locked`,
};

export interface Growth {
  id: string;
  package: string;
  /** The last giver, by id, who has been notified. */
  reached: string;
}

/** The oldest that is not done, for one node at a time. Call it in a transaction. */
export const takeGrowth = (act: Act): Promise<Growth | undefined> =>
  queryOne<Growth>(act.db, take, []);

const reach: Statement = {
  name: 'reach_package_growth',
  text: 'update package_growth set reached = $2 where package_growth.id = $1',
};
const finish: Statement = {
  name: 'finish_package_growth',
  text: 'delete from package_growth where package_growth.id = $1',
};

/** Notes the last giver who has been notified; undefined when all have been. */
export const keepReached = (act: Act, { id }: Growth, last: string | undefined) =>
  last === undefined ? query(act.db, finish, [id]) : query(act.db, reach, [id, last]);
