// SQL of the operator's own acts at the command line: what was done and when, as evidence, and for
// the log of the nodes, which show it where somebody looks.
import type { Act } from './act.ts';
import { query, type Db, type Statement } from './db/db.ts';
import { uuidv7 } from './ids.ts';

export type OperatorCommand =
  | 'import'
  | 'mend'
  | 'migrate'
  | 'finish'
  | 'keys'
  | 'log'
  | 'compare'
  | 'restored';

interface OperatorAct {
  id: string;
  at: Date;
  command: OperatorCommand;
  detail: object;
}

const add: Statement = {
  name: 'add_operator_act',
  text: 'insert into operator_act (id, at, command, detail) values ($1, $2, $3, $4)',
};

/** Keeps what the operator did; `detail` has names and counts, and nothing of a person. */
export const noteOperatorAct = ({ db, now }: Act, command: OperatorCommand, detail: object) =>
  query(db, add, [uuidv7(now), now, command, JSON.stringify(detail)]);

const since: Statement = {
  name: 'operator_acts_since',
  text: 'select one.at, one.command, one.detail from operator_act one where one.at > $1 order by one.id',
};
/** Acts after an instant, oldest first. */
export const operatorActsSince = (db: Db, at: Date): Promise<Omit<OperatorAct, 'id'>[]> =>
  query(db, since, [at]);

const take: Statement = {
  name: 'take_operator_acts',
  text: `update operator_act set is_logged = true where operator_act.id in
      (select one.id from operator_act one where not one.is_logged order by one.id limit 100 for update skip locked)
    returning operator_act.id, operator_act.at, operator_act.command, operator_act.detail`,
};

/** Acts that no node has logged yet: they are this one's to log. */
export const takeOperatorActs = ({ db }: Act): Promise<OperatorAct[]> => query(db, take);
