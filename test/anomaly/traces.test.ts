// Every write leaves a trace: whatever an act writes of what is somebody's has an event in its
// transaction, counted table by table, and no row is deleted.
import assert from 'node:assert/strict';
import { ACTS } from '../support/rights/acts.ts';
import { Browser, press } from '../support/pages/browser.ts';
import { newWebClient } from '../support/oauth/clients.ts';
import { atClient, authorize } from '../support/oauth/relying_party.ts';
import { grouped } from '../support/rights/groups.ts';
import { atSupport, lookedUp, newGiver, posted } from '../support/rights/staff.ts';
import { asVendor, NAMES } from '../support/rights/systems.ts';
import { newFirm, newResource, newTeam, can } from '../support/rights/rights.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  putParty,
  world,
} from '../support/world.ts';
import { importThis, type Answer } from '../support/world.ts';

/** Tables of what is somebody's: each is written by some act below, and never without an event. */
const WITH_EVENTS = [
  ...['access_list', 'access_list_member', 'access_list_resource', 'access_request'],
  ...['api_scope', 'api_scope_holder', 'consent_request', 'group_member', 'group_right', 'mandate'],
  ...['offline_permission', 'party_group'],
  ...[
    'oauth_client',
    'package_registrar',
    'policy_publication',
    'relation',
    'resource_instance',
    'resource_server',
  ],
  ...['support_case', 'support_suspension', 'system_request', 'vendor_system'],
];
/** All other tables, and why they need none. */
const WITHOUT: Record<string, string> = {
  'a part of a row that has one':
    'access_request_yes basis_change consent_right consent_shown consent_yes',
  'evidence itself':
    'decision_log search_log event event_content event_feed event_let_go event_pending log log_checkpoint log_leaf log_pending log_refused log_tile notice',
  'on the way to a feed, a stream, a status list or a person':
    'status_bit status_pending access_change owner_change owner_feed package_growth notice_delivery signal_delivery signal_pending',
  'a client’s own, of where it hears': 'signal_removed signal_stream',
  'the word of a register, which keeps it':
    'employment incapacity qualification party register_aside register_comparison register_cursor register_difference',
  'versions, none of which changes':
    'policy_version resource resource_version policy_rule consent_template',
  'the operator’s, by files':
    'access_area access_package catalogue consent_origin role role_package scope_prefix seeded_file source',
  'of a login, for as long as it lasts':
    'client_seen giving_code kept_form login_attempt login_session session_client session_grant oidc_state replay_mark revoked_token logout_notice',
  'of a person’s own pages': 'person_lookup profile recent_party silence',
  'the machine’s':
    'job kept_secret log_key migration migration_lock node operator_act rate_limit restoration schema_version signing_key status_key',
};

/** Writes without an event in their transaction, and deletions, while some acts are done. */
async function untraced(
  acts: () => Promise<void>,
): Promise<{ bare: string[]; deleted: string[]; written: Set<string> }> {
  const { db } = world.database;
  const watched = [...WITH_EVENTS, 'event'];
  await db.raw(`
    create table trace_row (name text, op text, tx text default pg_current_xact_id()::text);
    create function trace_write() returns trigger language plpgsql as $$
      begin insert into trace_row (name, op) values (tg_table_name, tg_op); return null; end $$;
    ${watched.map((table) => `create trigger trace_${table} after insert or update or delete on ${table} for each row execute function trace_write();`).join('\n')}`);
  try {
    await acts();
    const { rows }: { rows: { name: string; op: string; told: boolean }[] } =
      await db.raw(`select name, op, exists (select from trace_row told where told.tx = written.tx and told.name like 'event%') as told
      from trace_row written where name not like 'event%'`);
    const of = (test: (row: (typeof rows)[number]) => boolean): string[] =>
      [...new Set(rows.filter(test).map(({ name }) => name))].sort();
    return {
      bare: of((row) => !row.told),
      deleted: of((row) => row.op === 'DELETE'),
      written: new Set(of(() => true)),
    };
  } finally {
    await db.raw('drop function trace_write cascade; drop table trace_row;');
  }
}

async function ok(answer: Promise<Answer>): Promise<Answer> {
  const { status, text } = await answer;
  assert.ok(status < 300, text);
  return answer;
}

/** The acts of an owner of services, each undone as well; prepared, and then done. */
async function ofOwner(): Promise<() => Promise<void>> {
  const [owner, one, two] = [
    await newOrganization(),
    await newOrganization(),
    await newOrganization(),
  ];
  const prefix = `spor${owner.number}`;
  const resource = await newResource([can('read', 'dagl')], { owner: owner.number });
  await importThis({
    resourceServers: [
      { identifier: `https://${prefix}.example`, owner: owner.number, scopes: [`${prefix}:a`] },
    ],
  });
  const write = (scope: string) =>
    organizationToken(owner, `altinn:resourceregistry/${scope}.write`);
  const [lists, scopes, resources] = [
    await write('accesslist'),
    await write('scope'),
    await write('resource'),
  ];
  const list = `/resourceregistry/api/v1/access-lists/${owner.number}/sporet`;
  const named = (...parties: { id: string }[]) => ({
    data: parties.map(({ id }) => `urn:altinn:party:uuid:${id}`),
  });
  return async () => {
    await importThis({
      scopes: [{ name: `${prefix}:a`, owner: owner.number, holders: [one.number] }],
    });
    await importThis({
      clients: [
        {
          client_id: prefix,
          'x-org': one.number,
          client_secret: 'x'.repeat(40),
          redirect_uris: ['https://a.example/'],
        },
      ],
    });
    await newResource([can('read', 'dagl')], { owner: owner.number });
    await importThis({ registrars: [{ owner: owner.number, packages: ['merverdiavgift'] }] });
    await ok(call('PUT', list, lists, { name: 'Liste', description: '' }));
    await ok(call('PUT', list, lists, { name: 'Annen liste', description: '' }));
    await ok(call('POST', `${list}/members`, lists, named(one, two)));
    await ok(call('DELETE', `${list}/members`, lists, named(one)));
    await ok(call('PUT', `${list}/members`, lists, named(one)));
    await ok(call('PUT', `${list}/resource-connections/${resource}`, lists, {}));
    await ok(call('DELETE', `${list}/resource-connections/${resource}`, lists));
    await ok(call('DELETE', list, lists));
    const scope = `/access/v1/scopes/${encodeURIComponent(`${prefix}:b`)}`;
    await ok(call('PUT', scope, scopes, { tokenLifetimeSeconds: 60 }));
    await ok(call('PUT', scope, scopes, { tokenLifetimeSeconds: 90 }));
    await ok(call('PUT', `${scope}/holders/${one.number}`, scopes));
    await ok(call('DELETE', `${scope}/holders/${one.number}`, scopes));
    await ok(call('PUT', `${scope}/holders/${two.number}`, scopes));
    await ok(call('DELETE', scope, scopes));
    const api = { identifier: `https://${prefix}.example`, checksStatus: true };
    await ok(call('PATCH', '/access/v1/resource-servers', scopes, api));
    const instance = `/access/v1/resources/${resource}/instances/${encodeURIComponent('urn:sak:1')}`;
    await ok(call('PUT', instance, resources, { party: `urn:altinn:party:uuid:${one.id}` }));
    await ok(call('DELETE', instance, resources));
    const { rows } = await world.database.db.raw(
      `select type, to_party, by_party from event where from_party = ? order by id`,
      [owner.id],
    );
    const types = rows.map(({ type }: { type: string }) => type);
    for (const [type, times] of Object.entries({
      list_made: 1,
      list_changed: 1,
      list_joined: 3,
      // The one who was put off, the other by replacing, and the rest with the list.
      list_left: 3,
      list_opened: 1,
      list_closed: 1,
      list_ended: 1,
      scope_registered: 2,
      scope_changed: 1,
      scope_given: 3,
      scope_taken: 2,
      scope_ended: 1,
      api_changed: 1,
      instance_registered: 1,
      instance_removed: 1,
      registrar_named: 1,
    }))
      assert.equal(types.filter((known: string) => known === type).length, times, type);
    const joined = rows.filter(({ type }: { type: string }) => type === 'list_joined');
    assert.deepEqual(
      new Set(joined.map((row: { by_party: string }) => row.by_party)),
      new Set([owner.id]),
    );
  };
}

/** A person lets a client go on after the login. */
async function ofLogin(): Promise<() => Promise<void>> {
  const [client, person, browser] = [await newWebClient(), await newPerson(), new Browser()];
  await authorize(browser, client, person, { scope: 'openid offline_access' });
  return async () => {
    await browser.submit({ answer: 'yes' }, atClient);
    assert.ok(browser.page.url.searchParams.get('code'));
  };
}

/** Support staff look at what a person has, one with another's word, and suspend something. */
async function ofSupport(): Promise<() => Promise<unknown>> {
  const [opened, waiting] = [await newGiver(), await newGiver()];
  await putParty(waiting.giver, { protectedAddress: true });
  const [first, second] = [await atSupport(), await atSupport(1)];
  return async () => {
    const { pathname } = (await lookedUp(first, opened.giver.number)).url;
    const chosen = { held: opened.mandate, recognised: 'met' };
    assert.equal((await posted(first, `${pathname}/suspend`, chosen)).status, 303);
    const asked = (await lookedUp(first, waiting.giver.number)).url;
    assert.equal((await posted(second, `${asked.pathname}/approve`)).status, 303);
  };
}

/** A company makes a group, gives it something, puts one in and takes both away. */
async function ofGroup(): Promise<() => Promise<unknown>> {
  const { firm, boss, clerk } = await newTeam();
  return async () => {
    const { browser, at, open, put } = await grouped(firm, boss);
    await open('merverdiavgift', 'lonn');
    assert.equal((await put(clerk)).status, 200);
    await browser.open(at());
    const [, right] = /name="right" value="([^"]*)"/.exec(browser.page.html)!;
    await press(browser, /\/close/, { right: right! });
    await browser.open(at());
    await press(browser, /\/out/, { member: clerk.id });
    await browser.open(at('/end'));
    assert.equal((await press(browser, /\/end/)).status, 200);
  };
}

/** A vendor registers a system, describes it anew, asks a customer, takes that back, ends it. */
async function ofVendor(): Promise<() => Promise<void>> {
  const [vendor, { firm }] = [await newOrganization(), await newFirm()];
  const id = `${vendor.number}_spor`;
  const asked = { customer: firm.number, packages: ['lonn'] };
  return async () => {
    await ok(asVendor(vendor, 'PUT', id, { name: NAMES }));
    await ok(asVendor(vendor, 'PUT', id, { name: NAMES, packages: ['lonn'] }));
    const { body } = await ok(asVendor(vendor, 'POST', `${id}/requests`, asked));
    await ok(asVendor(vendor, 'DELETE', `${id}/requests/${body.id}`));
    await ok(asVendor(vendor, 'DELETE', id));
  };
}

describe('what an act writes', () => {
  it('has an event in its transaction, in every table that is somebody’s, and is not deleted', async () => {
    const acts: (() => Promise<unknown>)[] = [
      ...[await ofOwner(), await ofLogin(), await ofVendor(), await ofSupport()],
      await ofGroup(),
    ];
    for (const prepare of Object.values(ACTS)) {
      const act = await prepare(await newFirm());
      acts.push(() => ok(act()));
    }
    const { bare, deleted, written } = await untraced(async () => {
      for (const act of acts) await act();
    });
    assert.deepEqual([bare, deleted], [[], []]);
    assert.deepEqual([...written].sort(), [...WITH_EVENTS].sort());
  });

  it('stands in a table that one of these lists names', async () => {
    const { rows } = await world.database.db.raw(
      `select tablename from pg_tables where schemaname = 'public'`,
    );
    const parts = /^(event|event_feed|decision_log|search_log)_(before|rest|\d{4}(_\d\d)?|\d)$/;
    const known = [...WITH_EVENTS, ...Object.values(WITHOUT).flatMap((names) => names.split(' '))];
    assert.deepEqual(
      rows
        .map(({ tablename }: { tablename: string }) => tablename)
        .filter((name: string) => !parts.test(name))
        .sort(),
      known.sort(),
    );
  });
});
