// Access lists are named by their owner and their own id, so that nobody makes a list that
// another's policy already trusts. A policy names its own owner's list, or another's with the
// owner's number.
import type { Knex } from 'knex';

const constraints = (action: string) =>
  ['access_list_member', 'access_list_resource']
    .map((table) =>
      action === 'drop'
        ? `alter table ${table} drop constraint ${table}_list_id_fkey;`
        : `alter table ${table} add constraint ${table}_list_id_fkey foreign key (list_id) references access_list (id);`,
    )
    .join('\n  ');

export const up = (knex: Knex) =>
  knex.raw(`
  alter table access_list add column description text not null default '';
  ${constraints('drop')}
  create temporary table renamed on commit drop as
    select list.id as old, owner.organization_no || ':' || list.id as new from access_list list join party owner on owner.id = list.owner;
  update access_list list set id = renamed.new from renamed where list.id = renamed.old;
  update access_list_member member set list_id = renamed.new from renamed where member.list_id = renamed.old;
  update access_list_resource opens set list_id = renamed.new from renamed where opens.list_id = renamed.old;
  ${constraints('add')}
  update policy_rule rule set subject = renamed.new from renamed where rule.subject_kind = 'access_list' and rule.subject = renamed.old;
  update policy_version version set content = jsonb_set(version.content, '{rules}', (
    select coalesce(jsonb_agg(jsonb_set(rule.value, '{subjects}', (
      select coalesce(jsonb_agg((
        select jsonb_agg(case when renamed.new is null then one.value else jsonb_set(one.value, '{value}', to_jsonb(renamed.new)) end order by one.ordinality)
        from jsonb_array_elements(alternative.value) with ordinality one
        left join renamed on one.value ->> 'kind' = 'access_list' and renamed.old = one.value ->> 'value') order by alternative.ordinality), '[]')
      from jsonb_array_elements(rule.value -> 'subjects') with ordinality alternative)) order by rule.ordinality), '[]')
    from jsonb_array_elements(version.content -> 'rules') with ordinality rule))
  where version.content::text like '%"access_list"%';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  ${constraints('drop')}
  update access_list_member set list_id = split_part(list_id, ':', 2);
  update access_list_resource set list_id = split_part(list_id, ':', 2);
  update access_list set id = split_part(id, ':', 2);
  ${constraints('add')}
  alter table access_list drop column description;
`);
