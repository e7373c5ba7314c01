// The audit: somebody with every right in the database, and no trigger in the way, changes what
// happened; whoever has a checkpoint from before finds out what.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import pg from 'pg';
import { loggedEvent } from '../../server/event/feed_store.ts';
import { leafOf, type LoggedEvent } from '../../server/event/payload_model.ts';
import { appendHouseEvents } from '../../server/event/store.ts';
import { actAlone } from '../../server/platform/act.ts';
import { openDatabase } from '../../server/platform/db/db.ts';
import { readEnv } from '../../server/platform/env/env.ts';
import { asSuperuser, auditAfter, fileOf, runAudit } from '../support/audit.ts';
import {
  checkpointOf,
  copyOf,
  grown,
  signedDatabase,
  somethingHappens,
  type SignedDatabase,
} from '../support/log.ts';
import { runCommand, startServer } from '../support/run/process.ts';
import { until } from '../support/until.ts';

// The embedded database has no port that the audit could ask.
if (process.env.TEST_DATABASE_URL)
  describe('an audit', () => {
    let made: SignedDatabase;
    before(async () => {
      made = await signedDatabase();
    });

    const changed = (sql: string, ...more: [note?: string, more?: string[]]) =>
      auditAfter(made, sql, ...more);
    /** The event of the power of attorney that was given, with its place. */
    async function givenIn({ DATABASE_URL }: Record<string, string>) {
      const client = new pg.Client({ connectionString: DATABASE_URL });
      await client.connect();
      const { rows } = await client.query<{ event: LoggedEvent; position: number }>(
        `select ${loggedEvent} as event, happened.position from (select event.*, kept.content, leaf.position from event join log_leaf leaf on leaf.event_id = event.id
          left join event_content kept on kept.event_id = event.id where event.type = 'given') as happened`,
      );
      await client.end();
      return rows[0]!;
    }
    /** As the operator's rule lets it go. */
    const erasing = (leaf: string) =>
      `with gone as (delete from event where type = 'given' returning id, type, at, mandate_id), bare as (delete from event_content using gone where event_id = gone.id),
        ended as (update mandate set ended_at = now() from gone where mandate.id = gone.mandate_id)
        insert into event_let_go select gone.id, gone.type, gone.at, '${leaf}' from gone returning id`;
    const SECOND = '(select event_id from log_leaf where position = 1)';

    it('is green where nothing was changed, by either checkpoint', async () => {
      for (const { note, size, origin } of [made.first, made.last]) {
        const { status, lines, stderr } = await changed('select', note);
        assert.equal(stderr, '');
        assert.deepEqual(
          [status, lines[0]],
          [0, `green: ${size} leaves of ${origin} are as they were signed`],
        );
      }
    });

    it('holds a dump to a checkpoint without a database', async () => {
      const settings = await copyOf(made);
      const dumped = () =>
        fileOf(
          execFileSync(
            'pg_dump',
            ['--inserts', '--no-owner', '--no-privileges', '-d', settings.DATABASE_URL!],
            { encoding: 'utf8', maxBuffer: 1e9 },
          ),
        );
      const by = async () => {
        const files = ['--export', dumped(), '--checkpoint', fileOf(made.last.note)];
        const { status, stdout, stderr } = await runAudit({}, ...files);
        assert.equal(stderr, '');
        return { status, stdout };
      };
      const { status, stdout } = await by();
      assert.equal(status, 0, stdout);
      const [id] = await asSuperuser(
        settings,
        `update event set at = at + interval '1 s' where id = ${SECOND} returning id`,
      );
      const after = await by();
      assert.equal(after.status, 1);
      assert.ok(after.stdout.includes(`changed event ${id}`), after.stdout);
      const none = ['--export', fileOf('no SQL'), '--checkpoint', fileOf(made.last.note)];
      assert.equal((await runAudit({}, ...none)).status, 2);
    });

    const changes: Record<string, string> = {
      id: "id = 'ffffffff-0000-7000-8000-000000000000'",
      type: "type = 'used'",
      at: "at = at + interval '1 microsecond'",
      seed: "seed = sha256('x')",
      consent_id: 'consent_id = gen_random_uuid()',
      mandate_id: 'mandate_id = gen_random_uuid()',
      request_id: 'request_id = gen_random_uuid()',
      from_party: 'from_party = gen_random_uuid()',
      to_party: 'to_party = gen_random_uuid()',
      handled_by: 'handled_by = gen_random_uuid()',
      by_party: 'by_party = gen_random_uuid()',
      by_role: "by_role = 'dagl'",
      detail: `detail = coalesce(detail, '{}') || '{"x": null}'`,
    };
    for (const [column, change] of Object.entries(changes))
      it(`names the event whose ${column} was changed`, async () => {
        const { status, lines, ids } = await changed(
          `with one as ${SECOND} update event set ${change} where id = (table one) returning (table one) as id`,
        );
        assert.equal(status, 1);
        const what = column === 'id' ? 'deleted' : 'changed';
        assert.ok(lines.includes(`${what} event ${ids[0]}`), lines.join('; '));
        if (column === 'id')
          assert.ok(lines.includes('inserted event ffffffff-0000-7000-8000-000000000000'));
      });

    const RUNS = "valid_to > now() and state = 'approved' and imported_at is null";
    const rows: Record<string, [where: string, change: string]> = {
      'consent_request.from_party': [RUNS, 'from_party = to_party'],
      'consent_request.to_party': [RUNS, 'to_party = from_party'],
      'consent_request.handled_by': [RUNS, 'handled_by = from_party'],
      'consent_request.requested_at': [RUNS, "requested_at = requested_at - interval '1 s'"],
      'consent_request.state': ["state = 'rejected'", "state = 'approved'"],
      'consent_request.approved_at': [RUNS, "approved_at = approved_at - interval '1 s'"],
      'consent_request.rejected_at': ["state = 'rejected'", 'rejected_at = null'],
      'consent_request.withdrawn_at': [RUNS, 'withdrawn_at = now()'],
      'consent_request.answered_by': [
        `${RUNS} and answered_by is not null`,
        'answered_by = to_party',
      ],
      'consent_request.valid_to': [RUNS, "valid_to = valid_to + interval '1 year'"],
      'consent_request.deletion_asked_at': [RUNS, 'deletion_asked_at = now()'],
      'consent_request.answered_role': [RUNS, "answered_role = 'dagl'"],
    };
    const GIVEN =
      "basis = 'delegation' and given_by is not null and package = 'innbygger-skatteforhold-privatpersoner'";
    for (const [column, change] of Object.entries({
      from_party: 'from_party = to_party',
      to_party: 'to_party = from_party',
      package: "package = 'innbygger-pensjon'",
      resource_id: "package = null, resource_id = 'inntekt'",
      instance: "instance = 'x'",
      by_code: 'by_code = gen_random_uuid()',
      through: 'through = id',
      actions: "actions = '{read}'",
      given_by: 'given_by = to_party',
      valid_from: "valid_from = valid_from - interval '1 day'",
      may_pass_on: 'may_pass_on = true',
      subunits: 'subunits = false',
      valid_to: "valid_to = 'infinity'",
      ended_at: 'ended_at = now()',
      accept_by: "accept_by = now() + interval '1 day'",
    }))
      rows[`mandate.${column}`] = [GIVEN, change];
    const OF_CONSENT = "basis = 'consent' and ended_at is null";
    rows['mandate.consent_id'] = [OF_CONSENT, 'consent_id = gen_random_uuid()'];
    const house: Record<string, [where: string, change: string]> = {
      'resource.policy_version': [
        'true',
        'policy_version = (select max(version) from policy_version)',
      ],
      'policy_version.content': ['true', `content = content || '{"x": 1}'`],
      'oauth_client.client_id': ['true', "client_id = 'nobody'"],
      'oauth_client.owner': ['true', 'owner = (select id from party order by id limit 1)'],
      'oauth_client.metadata': [
        'true',
        `metadata = metadata || '{"redirect_uris": ["https://evil.example/"]}'`,
      ],
      'signing_key.kid': ['true', "kid = 'nobody'"],
      'signing_key.public_jwk': ['true', `public_jwk = public_jwk || '{"n": "AQAB"}'`],
      'log_key.public': ['true', "public = sha256('x')"],
    };
    const KEYS: Record<string, string> = {
      policy_version: 'version',
      oauth_client: 'client_id',
      signing_key: 'kid',
    };
    // One row is changed in all of them, but for its key and in what another column decides.
    const isAlone = (column: string) => /\.(resource_id|subunits|client_id|kid)$/.test(column);
    const every = Object.entries({ ...rows, ...house });
    const groups = Map.groupBy(every, ([column, [where]]) =>
      isAlone(column) ? column : `${column.split('.')[0]} where ${where}`,
    );
    for (const [group, columns] of groups)
      it(`names each column that is not as its events say: ${group}`, async () => {
        const [table] = group.split(/[. ]/) as [string];
        const [, [where]] = columns[0]!;
        const key = KEYS[table] ?? 'id';
        const { status, lines, ids } = await changed(
          `update ${table} set ${columns.map(([, [, change]]) => change).join(', ')}
            where ${key} = (select ${key} from ${table} where ${where} order by ${key} desc limit 1) returning ${key}::text as id`,
        );
        assert.equal(ids.length, 1);
        assert.equal(status, 1, lines.join('; '));
        for (const [column] of columns)
          assert.ok(
            lines.includes(`changed ${column} ${ids[0]}`),
            `${column}: ${lines.join('; ')}`,
          );
      });

    it('names a consent without its events, and what was suspended and goes on', async () => {
      const made = await changed(
        `delete from event where consent_id = (select id from consent_request where ${RUNS} order by id desc limit 1) returning consent_id as id`,
      );
      assert.ok(
        made.lines.includes(`changed consent_request.id ${made.ids[0]}`),
        made.lines.join('; '),
      );
      const going = await changed(
        `with paused as (insert into event (id, type, at, mandate_id, from_party, to_party)
            select new_event_id(now()), 'suspended', now(), id, from_party, to_party from mandate where ${GIVEN} returning id, mandate_id),
          placed as (insert into log_pending select id from paused)
          select mandate_id as id from paused`,
      );
      assert.ok(
        going.lines.includes(`changed mandate.suspended_at ${going.ids[0]}`),
        going.lines.join('; '),
      );
    });

    for (const [how, where] of [
      ['given', RUNS],
      ['imported', RUNS.replace('is null', 'is not null')],
    ] as const)
      it(`names a consent whose rights and end are not those that were ${how}`, async () => {
        const { lines, ids } = await changed(
          `with later as (update consent_request set valid_to = valid_to + interval '1 day' where ${where} returning id)
            insert into consent_right select (jsonb_populate_record(one, '{"ordinal": 7}')).* from consent_right one join later on later.id = one.consent_id
            where one.ordinal = 0 returning consent_id as id`,
        );
        for (const column of ['consent_right.*', 'consent_request.valid_to'])
          assert.ok(lines.includes(`changed ${column} ${ids[0]}`), lines.join('; '));
      });

    it('holds no row to an event that has no place', async () => {
      const { lines, ids } = await changed(
        `with one as (update mandate set valid_to = null where ${GIVEN} returning id, from_party, to_party, given_by)
          insert into event (id, type, at, mandate_id, from_party, to_party, by_party, detail)
          select new_event_id(now()), 'changed', now(), id, from_party, to_party, given_by, '{"actions": null, "validTo": null}' from one returning mandate_id as id`,
      );
      assert.ok(lines.includes(`changed mandate.valid_to ${ids[0]}`), lines.join('; '));
    });

    it('takes no act of erasing from a log that never was', async () => {
      const { event, position } = await givenIn(made.settings);
      const detail = JSON.stringify({ rule: 'none', log: 1, leaves: [Number(position)] });
      const { status, lines, ids } = await changed(
        `insert into log (number, opened_at) values (0, now());
          with act as (insert into event (id, type, at, detail) values (new_event_id(now()), 'erased', now(), '${detail}') returning id)
          insert into log_leaf select 0, 0, id from act;
          ${erasing(leafOf(event))}`,
      );
      assert.equal(status, 1);
      assert.ok(lines.includes(`let go event ${ids[0]}`), lines.join('; '));
    });

    it('names a role that was lost and runs on', async () => {
      const { lines, ids } = await changed(
        `with lost as (insert into event (id, type, at, mandate_id, from_party, to_party) select new_event_id(now()), 'role_lost', now(), id, from_party, to_party
            from mandate where basis = 'register' and ended_at is null and valid_to is null order by id limit 1 returning id, mandate_id),
          placed as (insert into log_pending select id from lost)
          select mandate_id as id from lost`,
      );
      assert.ok(lines.includes(`changed mandate.ended_at ${ids[0]}`), lines.join('; '));
    });

    it('names a power of attorney that nothing began, and one that is not as it was taken in', async () => {
      const inserted = await changed(
        `insert into mandate select (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(), 'to_party', one.from_party, 'reference', null))).*
          from mandate one where basis = 'register' and ended_at is null and valid_to is null order by id limit 1 returning id`,
      );
      assert.equal(inserted.ids.length, 1);
      assert.ok(
        inserted.lines.includes(`changed mandate.id ${inserted.ids[0]}`),
        inserted.lines.join('; '),
      );
      const moved = await changed(
        `update mandate set to_party = from_party where id = (select id from mandate where basis = 'register' and ended_at is null order by id limit 1) returning id`,
      );
      assert.ok(moved.lines.includes(`changed mandate.* ${moved.ids[0]}`), moved.lines.join('; '));
    });

    const NEWEST = 'where event_id = (select max(event_id::text)::uuid from event_content)';
    for (const [what, sql] of [
      [
        'changed',
        `update event_content set content = (content::jsonb || '{"level": 4}')::json ${NEWEST}`,
      ],
      ['deleted', `delete from event_content ${NEWEST}`],
      [
        'invented',
        "insert into event_content select id, '{}' from event where type = 'requested' and consent_id is not null limit 1",
      ],
    ] as const)
      it(`names the event of which what it was about was ${what}`, async () => {
        const { status, lines, ids } = await changed(`${sql} returning event_id as id`);
        assert.deepEqual([status, lines[0]], [1, `changed event ${ids[0]}`]);
      });

    it('lists every column that it holds', async () => {
      const { stdout } = await runAudit({}, '--columns');
      const held = [
        ...Object.keys(changes).map((column) => `event.${column}`),
        ...Object.keys(rows),
        ...Object.keys(house),
        ...['event_content.content', 'consent_request.id', 'mandate.suspended_at'],
        ...['mandate.id', 'mandate.role', 'mandate.*', 'consent_right.*', 'party.suspended_at'],
      ];
      assert.deepEqual(stdout.trim().split('\n').sort(), held.sort());
    });

    it('names an event that was deleted', async () => {
      const { status, lines, ids } = await changed(
        `delete from event where id = ${SECOND} returning id`,
      );
      assert.deepEqual([status, lines[0]], [1, `deleted event ${ids[0]}`]);
    });

    it('names an event that was inserted beside the log', async () => {
      const { status, lines, ids } = await changed(
        `insert into event (id, type, at, from_party, to_party) select new_event_id(now() - interval '2 hours'), type, at, from_party, to_party from event limit 1 returning id`,
      );
      assert.deepEqual([status, lines[0]], [1, `inserted event ${ids[0]}`]);
    });

    it('names an event that no node made, also a late one', async () => {
      const { status, lines, ids } = await changed(
        `with forged as (insert into event (id, type, at, from_party, to_party) select new_event_id(now()), type, at, from_party, to_party from event limit 1 returning id)
          insert into log_refused (event_id, found_at) select id, now() from forged returning event_id as id`,
      );
      assert.deepEqual([status, lines[0]], [1, `inserted event ${ids[0]}`]);
    });

    it('names events that changed places', async () => {
      const { status, lines, ids } = await changed(
        `drop index log_leaf_event; update log_leaf set event_id = other.event_id from log_leaf other
          where log_leaf.position in (1, 2) and other.position = 3 - log_leaf.position returning log_leaf.event_id as id`,
      );
      assert.equal(status, 1);
      assert.deepEqual(lines.slice(0, 2).sort(), ids.map((id) => `changed event ${id}`).sort());
    });

    it('names the leaves that a database set back lacks', async () => {
      const { status, lines } = await changed(
        `delete from log_leaf where position >= ${made.first.size}`,
      );
      assert.equal(status, 1);
      assert.ok(
        lines.includes(`missing log_leaf ${made.first.size} to ${made.last.size - 1}`),
        lines.join('; '),
      );
    });

    it('names the event whose hash was changed in the tree', async () => {
      const { status, lines } = await changed(
        "update log_tile set hashes = overlay(hashes placing sha256('x') from 33) where level = 0 and tile = 0",
      );
      assert.equal(status, 1);
      assert.match(lines[0]!, /^rewritten tile of event /);
    });

    it('is red by a checkpoint of another tree, and does not take one that nobody signed', async () => {
      const [own, other] = [made.last, made.first].map(({ root }) => root.toString('base64'));
      const file = fileOf(made.last.note.replace(own!, other!));
      const settings = await copyOf(made);
      const { status, stdout } = await runAudit(settings, '--checkpoint', file);
      const lines = stdout.split('\n');
      assert.match(lines[0]!, /signature was not looked at/);
      assert.deepEqual([status, lines[1]], [1, `rewritten log_tile of ${made.last.origin}`]);
      const keyed = await runAudit(settings, '--checkpoint', file, '--key', made.keys[0]!);
      assert.equal(keyed.status, 2);
      assert.match(keyed.stderr, /signed by none of the keys/);
    });

    it('takes an event for let go only where whoever audits says from when', async () => {
      const { event } = await givenIn(made.settings);
      const sql = erasing(leafOf(event));
      const { status, lines, ids } = await changed(sql);
      assert.deepEqual([status, lines[0]], [1, `let go event ${ids[0]}`]);
      const later = new Date(Date.now() + 60_000).toISOString();
      const accepted = await changed(sql, made.last.note, ['--let-go-before', later]);
      assert.equal(accepted.status, 0, accepted.lines.join('; '));
      assert.ok(accepted.lines.includes('1 events were let go without an act'));
    });

    it('names an event of which another leaf was left when it was let go', async () => {
      const { event } = await givenIn(made.settings);
      const { status, lines, ids } = await changed(erasing(leafOf({ ...event, to: event.from })));
      assert.equal(status, 1);
      assert.ok(lines.includes(`changed event ${ids[0]}`), lines.join('; '));
    });

    it('takes an event for erased that an act in the log names', async () => {
      const settings = await copyOf(made);
      const { event, position } = await givenIn(settings);
      const secret = readEnv({ NODE_ENV: 'test', ...settings }).secret;
      const database = await openDatabase({
        ...{ databaseUrl: settings.DATABASE_URL, databasePool: 1, dataDir: '', secret },
      });
      const detail = { rule: 'MANDATE_EVENT_DAYS 400', log: 1, leaves: [Number(position)] };
      await appendHouseEvents(actAlone(database.db), [{ type: 'erased', detail }]);
      const { rows } = await database.db.raw("select id from event where type = 'erased'");
      await database.close();
      const server = await startServer(settings, made.port);
      await until('a signed place', async () => {
        const path = `/log/proof/inclusion?event=${rows[0].id}`;
        return (await server.call('GET', path)).status === 200;
      });
      const { note } = (await checkpointOf(server))!;
      await server.stop('SIGTERM');
      await asSuperuser(settings, erasing(leafOf(event)));
      const by = (text: string) => runAudit(settings, '--checkpoint', fileOf(text));
      const { status, stdout } = await by(note);
      assert.equal(status, 0, stdout);
      // Whoever has an older checkpoint has no act that says so.
      assert.equal((await by(made.last.note)).status, 1);
    });

    it('goes on with the log before by the checkpoint that the next one begins with', async () => {
      const settings: Record<string, string> = {
        ...(await copyOf(made)),
        ISSUER: `http://127.0.0.1:${made.port}`,
      };
      const opened = await runCommand('server/log/commands.ts', ['open'], {
        NODE_ENV: 'test',
        ...settings,
      });
      assert.equal(opened.status, 0, opened.stderr);
      const server = await startServer(settings, made.port);
      await somethingHappens(server);
      const { note, origin } = await grown(server, 1);
      await server.stop('SIGTERM');
      assert.match(origin, /\/log\/2$/);
      const green = await runAudit(settings, '--checkpoint', fileOf(note));
      assert.equal(green.status, 0, green.stdout);
      const [id] = await asSuperuser(
        settings,
        "update event set by_role = 'dagl' where id = (select event_id from log_leaf where log = 1 and position = 1) returning id",
      );
      const red = await runAudit(settings, '--checkpoint', fileOf(note));
      assert.equal(red.status, 1);
      assert.ok(red.stdout.includes(`changed event ${id}`), red.stdout);
    });

    it('says that it could not be done', async () => {
      const settings = await copyOf(made);
      for (const [given, args] of [
        [settings, []],
        [{}, ['--checkpoint', fileOf(made.last.note)]],
        [settings, ['--checkpoint', fileOf('no checkpoint')]],
        [settings, ['--checkpoint', '/nowhere']],
        [settings, ['--wrong']],
        [settings, ['--checkpoint', fileOf(made.last.note), '--let-go-before', 'once']],
        [{ DATABASE_URL: 'postgres://127.0.0.1:1/x' }, ['--checkpoint', fileOf(made.last.note)]],
      ] as [Record<string, string>, string[]][]) {
        const { status, stderr } = await runAudit(given, ...args);
        assert.equal(status, 2, args.join(' '));
        assert.notEqual(stderr, '');
      }
    });
  });
