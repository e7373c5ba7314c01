// Whose the prefix of API scopes is: who owns it registers scopes under it and hands them out.
// Prefixes of our own operations' scopes are nobody's.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table scope_prefix (
    prefix text primary key,
    owner uuid not null references party (id)
  );
  create index scope_prefix_owner on scope_prefix (owner);
  insert into scope_prefix (prefix, owner)
    select split_part(scope.name, ':', 1), min(scope.owner::text)::uuid from api_scope scope
    where scope.name like '%_:%' and split_part(scope.name, ':', 1) not in ('altinn', 'tillit', 'idporten', 'maskinporten', 'openid')
    group by 1 having count(distinct scope.owner) = 1;
`);

export const down = (knex: Knex) => knex.raw('drop table scope_prefix');
