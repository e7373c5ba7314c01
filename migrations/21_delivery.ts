// Notices on their way to people, by e-mail and SMS.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- When it was seen who hears of a notice outside the inbox.
  alter table notice add column told_at timestamptz;
  create index notice_untold on notice (id) where told_at is null;

  -- What a person is sent, once for all notices that say no more than it. No address: that is
  -- looked up when it is sent.
  create table notice_delivery (
    id uuid primary key,
    person uuid not null references party (id),
    -- 'either' is an e-mail, or an SMS to one who has no address for that.
    channel text not null check (channel in ('email', 'sms', 'either')),
    kind text not null,
    notices uuid[] not null,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead', 'dropped')),
    why text,
    tries int not null default 0,
    made_at timestamptz not null,
    -- When it was to be sent: what does not get through for a day after it is given up.
    due_at timestamptz not null,
    next_at timestamptz not null,
    -- Until when a node is sending it.
    taken_until timestamptz,
    settled_at timestamptz,
    constraint notice_delivery_settled check ((state = 'waiting') = (settled_at is null))
  );
  -- Acts in a person's own name, or by its login, go first.
  create index notice_delivery_urgent on notice_delivery (next_at) where state = 'waiting' and kind in ('done', 'turned', 'for_other');
  create index notice_delivery_due on notice_delivery (next_at) where state = 'waiting' and kind not in ('done', 'turned', 'for_other');
  create index notice_delivery_person on notice_delivery (person, kind, channel) where state in ('waiting', 'sent');
  create index notice_delivery_old on notice_delivery (settled_at) where settled_at is not null;
`);
