// SQL of the other of two consents that hold together or not at all.

/** A row looked up by its key (`offset 0`), whatever the planner thinks of how many there are. */
export const rowByKey = (table: string, alias: string, id: string) =>
  `cross join lateral (select each_one.* from ${table} each_one where each_one.id = ${id} offset 0) as ${alias}`;

/** Whether the other of two that hold together is so; in it, that one has the usual names. */
export const pairIs = (how: string) =>
  `(request.pair is not null and exists (select from (select request.pair as id) as named ${rowByKey('consent_request', 'request', 'named.id')}
      ${rowByKey('party', 'giver', 'request.from_party')} ${rowByKey('party', 'receiver', 'request.to_party')} where ${how}))`;
