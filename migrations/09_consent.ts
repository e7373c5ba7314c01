// Consent requests, their rights, what the person was shown, and what may make consents fall.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Expiry is what the clock says of valid_to; expiry_event_id gives its event a place.
  -- about: the subject as one value, so that consents that are alike are judged by one.
  create table consent_request (
    id uuid primary key,
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    handled_by uuid references party (id),
    required_delegator uuid references party (id),
    from_named text not null check (from_named in ('number', 'uuid', 'nobody')),
    delegator_named text check (delegator_named in ('number', 'uuid')),
    state text not null check (state in ('requested', 'approved', 'rejected', 'withdrawn', 'deleted')),
    valid_to timestamptz not null,
    template_id text not null,
    template_version int not null,
    request_message jsonb,
    redirect_url text,
    portal_view_mode text not null check (portal_view_mode in ('hide', 'show')),
    one_time boolean not null,
    -- How often it may be used, as it was asked for with what its services say, and what holds; and
    -- whether it is used up at a number of uses.
    asked_uses jsonb,
    uses jsonb,
    limited boolean not null generated always as (one_time or uses -> 'total' is not null) stored,
    content_hash text not null,
    client_id text,
    expiry_event_id uuid not null,
    requested_at timestamptz not null,
    approved_at timestamptz,
    rejected_at timestamptz,
    withdrawn_at timestamptz,
    answered_by uuid references party (id),
    answered_role text,
    expiry_noted boolean not null default false,
    rested_on text check (rested_on in ('self', 'role', 'responsibility', 'task', 'mandate')),
    rested_roles text[] not null default '{}',
    rested_mandates uuid[] not null default '{}',
    answered_level smallint,
    parent_until smallint,
    -- What several said yes by, together: how many of which roles must still be held, and which
    -- persons and powers of attorney must still hold.
    rested_together jsonb,
    -- While some have said yes and others are awaited: since when, how many, and the part.
    awaiting jsonb,
    reminders smallint not null default 0,
    -- The other of two givers' requests that hold together or not at all.
    pair uuid references consent_request (id),
    -- Until when it can be answered; valid_to is that until there is an answer.
    answer_by timestamptz,
    fallen_reason text check (fallen_reason in ('giver_dead', 'giver_dissolved', 'receiver_dissolved', 'resource_ended', 'responsibility_ended', 'task_ended', 'of_age', 'receiver', 'replaced', 'rule_unmet', 'pair_ended')),
    -- The consent that ends as this one begins; renewed where it goes on with the same or less. Uses
    -- are counted on unless the asker said how often anew.
    replaces uuid references consent_request (id),
    renews boolean not null default false,
    counts_anew boolean not null default false,
    own_scope boolean not null default false,
    reference text not null default new_reference(),
    may_ask_again boolean not null default false,
    ends_told boolean not null default false,
    -- When a file brought it, with what had been done with it until then.
    imported_at timestamptz,
    -- When the giver was notified that its events will be erased, and when they were.
    erasing_told_at timestamptz,
    erased_at timestamptz,
    erased_after int,
    deletion_asked_at timestamptz,
    about uuid not null default gen_random_uuid(),
    -- When it was last narrowed; valid_to is what holds, and this is what was asked for then.
    narrowed_at timestamptz,
    asked_valid_to timestamptz,
    -- Its place in the status lists, from the yes on: 2^20 to a list.
    status_place bigint,
    -- Whether it does not hold for what lies outside it, as streams were told.
    withheld boolean not null default false,
    constraint consent_request_template_id_template_version_fkey foreign key (template_id, template_version) references consent_template (id, version),
    constraint consent_request_reference unique (reference)
  ) with (fillfactor=80);
  create index consent_request_answered_by on consent_request (answered_by) where answered_by is not null;
  create index consent_request_approved_to on consent_request (to_party) where state = 'approved';
  create index consent_request_ends on consent_request (valid_to) where state = 'approved' and not ends_told;
  create index consent_request_expiry on consent_request (valid_to) where not expiry_noted;
  -- A party's consents in the order in which they are listed.
  create index consent_request_latest on consent_request (from_party, coalesce(approved_at, requested_at) desc, id);
  create index consent_request_open on consent_request (from_party, about, to_party, rested_roles, coalesce(parent_until, 0::smallint)) include (id, parent_until, state, valid_to, limited, portal_view_mode, required_delegator, answered_by) where state in ('requested', 'approved') and not expiry_noted;
  -- Those of an asker, in the order in which they were asked.
  create index consent_request_asked on consent_request (to_party, requested_at, id);
  create index consent_request_handled on consent_request (handled_by, requested_at, id) where handled_by is not null;
  create index consent_request_replaces on consent_request (replaces) where replaces is not null;
  create index consent_request_awaiting on consent_request (((awaiting ->> 'since')::bigint)) where awaiting is not null and state = 'requested';
  create index consent_request_refused on consent_request (from_party, to_party, rejected_at) where state = 'rejected';

  create table consent_right (
    consent_id uuid not null references consent_request (id),
    ordinal int not null,
    resource_id text not null references resource (id),
    resource_version bigint not null references resource_version (version),
    actions text[] not null,
    metadata jsonb not null,
    -- What the giver may leave out, and whether it was left out of the yes.
    optional boolean not null default false,
    chosen boolean not null default true,
    -- When it was taken out of a consent that holds.
    dropped_at timestamptz,
    dropped_by uuid references party (id),
    check ((chosen and dropped_at is null) or optional),
    primary key (consent_id, ordinal)
  );
  create index consent_right_resource on consent_right (resource_id);

  -- What the person saw when answering.
  create table consent_shown (
    consent_id uuid primary key references consent_request (id),
    language text not null check (language in ('nb', 'nn', 'en')),
    shown_by text not null check (shown_by in ('page', 'portal', 'import')),
    hash text not null,
    text jsonb not null,
    shown_at timestamptz not null
  );

  -- The yes of each of several who answer together, with what that person saw.
  create table consent_yes (
    consent_id uuid not null references consent_request (id),
    by_party uuid not null references party (id),
    at timestamptz not null,
    role text,
    level smallint not null,
    language text not null check (language in ('nb', 'nn', 'en')),
    shown_by text not null check (shown_by in ('page', 'portal')),
    hash text not null,
    text jsonb not null,
    primary key (consent_id, by_party)
  );

  -- Parties, resources and mandates that changed in a way that consents may fall by, from when.
  create table basis_change (
    id bigint primary key generated always as identity,
    party uuid,
    resource_id text,
    due_at timestamptz not null,
    role text,
    mandate uuid
  );
  create index basis_change_due on basis_change (due_at);
  create index basis_change_mandate on basis_change (mandate, due_at) where mandate is not null;

  create function basis_of_party() returns trigger language plpgsql as $$
    begin insert into basis_change (party, due_at) values (new.id, coalesce(new.ended_at, now())); return null; end
  $$;
  create function basis_of_role() returns trigger language plpgsql as $$
    begin insert into basis_change (party, role, due_at)
      values (new.from_party, new.role, case when new.valid_from > now() then now() else coalesce(least(new.ended_at, new.valid_to), now()) end);
      return null; end
  $$;
  create function basis_of_resource() returns trigger language plpgsql as $$
    begin insert into basis_change (resource_id, due_at) values (new.id, new.ended_at); return null; end
  $$;
  create function is_incapable_of(consent uuid, person_id uuid, instant timestamptz) returns boolean language plpgsql stable as $$
    begin return exists (select from incapable_tasks($2, $3) taken where taken.role is null or exists (
      select from consent_right wanted where wanted.consent_id = $1 and wanted.chosen and wanted.dropped_at is null and is_of_matter(taken.role, wanted.resource_id, null))); end
  $$;
  create function basis_of_holder() returns trigger language plpgsql as $$
    begin insert into basis_change (party, role, due_at) select new.from_party, new.role, greatest(new.valid_from, now())
      where exists (select from consent_request answered where answered.from_party = new.from_party and answered.state = 'approved'
        and new.role = any(answered.rested_roles)); return null; end
  $$;
  create function basis_of_pair() returns trigger language plpgsql as $$
    begin insert into basis_change (party, due_at) select other.from_party, now() from consent_request other where other.id = new.pair; return null; end
  $$;
  create function basis_of_mandate() returns trigger language plpgsql as $$
    begin insert into basis_change (mandate, due_at) select new.id, coalesce(least(new.ended_at, new.valid_to), now())
      where exists (select from party giver join consent_request answered on answered.from_party = giver.id
        where (giver.id = new.from_party or giver.parent = new.from_party) and answered.state = 'approved' and new.id = any(answered.rested_mandates));
      return null; end
  $$;
  -- A capacity, a qualification or an estate: what was given stays, and does not hold meanwhile.
  create function basis_of_capacity() returns trigger language plpgsql as $$
    declare fact incapacity := coalesce(new, old);
    begin insert into basis_change (party, due_at) select fact.person, due.at
      from (select now() as at union select one.at from unnest(array[fact.valid_from, fact.ended_at]) as one(at) where one.at > now()) as due; return null; end
  $$;
  create function basis_of_qualification() returns trigger language plpgsql as $$
    begin insert into basis_change (party, due_at) select new.party, due.at
      from (select now() as at union select one.at from unnest(array[new.valid_from, new.ended_at]) as one(at) where one.at > now()) as due; return null; end
  $$;
  create function basis_of_chain() returns trigger language plpgsql as $$
    begin insert into basis_change (mandate, due_at) select new.id, now()
      where new.estate_at is distinct from old.estate_at or exists (select from mandate passed where passed.through = new.id); return null; end
  $$;
  -- Of two that hold together the other is suspended too.
  create function basis_of_pause() returns trigger language plpgsql as $$
    begin insert into basis_change (mandate, due_at) select new.id, now()
      from consent_request one where one.id = new.consent_id and one.pair is not null; return null; end
  $$;
  create function basis_of_answer() returns trigger language plpgsql as $$
    begin insert into basis_change (mandate, due_at) select given.id, given.valid_to from mandate given
      where given.id = any(new.rested_mandates) and given.basis in ('delegation', 'customer') and given.valid_to is not null
        and not exists (select from basis_change due where due.mandate = given.id and due.due_at = given.valid_to); return null; end
  $$;
  create trigger basis_of_answer after update on consent_request for each row when (new.state = 'approved' and old.state <> 'approved' and (new.rested_mandates <> '{}')) execute function basis_of_answer();
  create trigger basis_of_capacity after insert or update or delete on incapacity for each row execute function basis_of_capacity();
  create trigger basis_of_qualification after insert or update on qualification for each row execute function basis_of_qualification();
  create trigger basis_of_chain after update on mandate for each row when (new.basis in ('delegation', 'customer') and ((old.suspended_at, old.estate_at) is distinct from (new.suspended_at, new.estate_at))) execute function basis_of_chain();
  create trigger basis_of_pause after update on mandate for each row when (new.basis = 'consent' and old.suspended_at is distinct from new.suspended_at) execute function basis_of_pause();
  create trigger basis_of_holder after insert on mandate for each row when (new.basis = 'register') execute function basis_of_holder();
  create trigger basis_of_holder_again after update on mandate for each row when (new.basis = 'register' and old.ended_at is not null and new.ended_at is null) execute function basis_of_holder();
  create trigger basis_of_mandate after update on mandate for each row when (new.basis in ('delegation', 'customer') and (new.ended_at is distinct from old.ended_at or new.valid_to is distinct from old.valid_to)) execute function basis_of_mandate();
  create trigger basis_of_new_role after insert on mandate for each row when (new.basis = 'register' and (least(new.ended_at, new.valid_to) is not null)) execute function basis_of_role();
  create trigger basis_of_role after update on mandate for each row when (new.basis = 'register' and ((new.valid_from > old.valid_from) or ((least(new.ended_at, new.valid_to) is not null) and (new.ended_at is distinct from old.ended_at or new.valid_to is distinct from old.valid_to)))) execute function basis_of_role();
  create trigger basis_of_pair after update on consent_request for each row when (new.pair is not null and
    ((new.state in ('rejected', 'withdrawn', 'deleted') and new.state <> old.state) or (new.expiry_noted and not old.expiry_noted))) execute function basis_of_pair();
  create trigger basis_of_party after update on party for each row when (new.ended_at is distinct from old.ended_at or new.born_on is distinct from old.born_on) execute function basis_of_party();
  create trigger basis_of_resource after update on resource for each row when (new.ended_at is not null and new.ended_at is distinct from old.ended_at) execute function basis_of_resource();

  -- Places in status lists: a sequence, permuted within each list by a key (a Feistel network of six
  -- rounds on twice ten bits), so that none is given twice, and none tells after which it was given.
  create sequence status_sequence;
  create table status_key (
    id boolean primary key default true check (id),
    key uuid not null default gen_random_uuid()
  );
  insert into status_key default values;
  create function next_status_place() returns bigint language plpgsql as $$
    declare
      n bigint := nextval('status_sequence') - 1;
      high bigint := (n >> 10) & 1023;
      low bigint := n & 1023;
      list_key text := (select held.key from status_key held)::text || ':' || (n >> 20);
      digest bytea;
      was bigint;
    begin
      for round in 1..6 loop
        digest := sha256(convert_to(list_key || ':' || round || ':' || low, 'UTF8'));
        was := low;
        low := high # ((get_byte(digest, 0) * 256 + get_byte(digest, 1)) & 1023);
        high := was;
      end loop;
      return ((n >> 20) << 20) | (high << 10) | low;
    end
  $$;
  create function status_of_answer() returns trigger language plpgsql as $$
    begin new.status_place := next_status_place(); return new; end
  $$;
  create trigger status_of_answer before update on consent_request for each row when (new.state = 'approved' and old.state <> 'approved') execute function status_of_answer();
  create trigger status_of_import before insert on consent_request for each row when (new.state = 'approved') execute function status_of_answer();

  alter table notice add foreign key (consent_id) references consent_request (id);
`);
