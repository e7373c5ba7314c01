// Policies as immutable versions; the current one is the resource's. policy_rule becomes the index
// of the current policies by subject. Access lists may gate a resource for the party that is
// represented.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table policy_version (
    version bigint generated always as identity primary key,
    resource_id text not null references resource (id) deferrable initially deferred,
    hash text not null,
    content jsonb not null,
    created_at timestamptz not null,
    unique (resource_id, hash)
  );
  insert into policy_version (resource_id, hash, content, created_at)
  select resource.id, 'first', jsonb_build_object(
      'combining', 'deny-overrides',
      'minimumLevel', coalesce(version.content -> 'minimumLevel', '{"person":0,"organization":0}'),
      'rules', coalesce((select jsonb_agg(jsonb_build_object('id', by_action.action, 'effect', 'permit', 'when', '[]'::jsonb,
          'actions', jsonb_build_array(by_action.action), 'subjects', by_action.subjects) order by by_action.action)
        from (select rule.action, jsonb_agg(jsonb_build_array(jsonb_build_object('kind', rule.subject_kind, 'value', rule.subject))
            order by rule.subject_kind, rule.subject) as subjects
          from policy_rule rule where rule.resource_id = resource.id group by rule.action) as by_action), '[]')),
    version.created_at
  from resource join resource_version version on version.version = resource.current_version;
  alter table resource
    add column policy_version bigint references policy_version (version),
    add column access_list_mode boolean not null default false,
    add column changed_at timestamptz,
    add column ended_at timestamptz;
  update resource set policy_version = policy.version from policy_version policy where policy.resource_id = resource.id;
  alter table policy_rule drop constraint policy_rule_subject_kind_check;
  create index policy_rule_subject on policy_rule (subject_kind, subject);
  create table access_list_resource (
    list_id text not null references access_list (id),
    resource_id text not null references resource (id),
    actions text[],
    primary key (list_id, resource_id)
  );
  create index access_list_resource_resource on access_list_resource (resource_id);
  create index access_list_member_party on access_list_member (party);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop index access_list_member_party, policy_rule_subject;
  drop table access_list_resource;
  delete from policy_rule where subject_kind not in ('self', 'role', 'key_role', 'organization', 'access_list');
  alter table policy_rule add constraint policy_rule_subject_kind_check
    check (subject_kind in ('self', 'role', 'key_role', 'organization', 'access_list'));
  alter table resource drop column policy_version, drop column access_list_mode, drop column changed_at, drop column ended_at;
  drop table policy_version;
`);
