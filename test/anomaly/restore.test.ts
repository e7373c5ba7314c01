// An accident: the database is set back to a second before it, from a base backup and the log of
// changes, and what people did after that second so that less is let is taken again from the
// archive. Nobody gets what had ended.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SignJWT } from 'jose';
import {
  bank,
  bankToken,
  danielToken,
  EVALUATION,
  giftToKari,
  kari,
  kariToken,
  MANDATES,
  mayKariRead,
  ownerToken,
  REGISTRY,
  requestOfKari,
  serviceNamed,
  tax,
} from '../support/run/demo_acts.ts';
import { connected, startPostgres, type Postgres } from '../support/run/postgres.ts';
import { runCommand, startServer, type ServerProcess } from '../support/run/process.ts';
import {
  API,
  freePort,
  incomeRight,
  inDays,
  organizationToken,
  outsideToken,
  REQUESTS,
  type Answer,
} from '../support/world.ts';
import { SAID, TAKEN_BACK, OFFER, OFFERED, UNSAID } from '../support/yeses.ts';

const COMMAND = 'server/import/restored.ts';
const CLIENT = 'eksempelbanken';
const SCOPE = 'altinn:consentrequests.read';
const EVENTS = `${REQUESTS}/events`;
const OWNER_EVENTS = '/access/v1/owner/events';
const ONCE = {
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value: 'lanesoknad' }],
  metadata: {},
};
const SYSTEM = '11111111-1111-4111-8111-111111111111';
const PAUSED = '11111111-1111-4111-8111-222222222222';
const NEWCOMER = '22222222-2222-4222-8222-222222222222';
/** Logins and codes as they stand before the point, and what becomes of them after it. */
const LOGINS = `
  insert into login_session (id_hash, party, level, amr, logged_in_at, begun_at, expires_at, authenticated_at)
    select name, (select id from party where kind = 'person' limit 1), 4, '{}', now(), now(), now() + interval '1 hour', now() from unnest(array['over', 'there']) name;
  insert into oidc_state (model, id_hash, payload, expires_at)
    select 'AuthorizationCode', name, '{}', now() + interval '1 hour' from unnest(array['over', 'used', 'there']) name;
  insert into oidc_state (model, id_hash, payload) values ('Grant', 'two parties', '{"rar": ["one", "two"]}');
  insert into party (id, party_id, kind, name, owner, system_id, system_kind)
    select one.id::uuid, nextval('party_number'), 'system_user', one.id, owner.id, 'system', 'standard' from unnest(array['${SYSTEM}', '${PAUSED}']) as one(id), (select id from party where kind = 'organization' limit 1) as owner;
  insert into relation (id, from_party, to_party, kind, by_party, at)
    select '${SYSTEM}', (select id from party where kind = 'organization' limit 1), id, 'rightholder', id, now() from party where kind = 'person' limit 1;
  insert into party_group (id, party, name, responsible, made_by, made_at) select '${SYSTEM}', id, 'Gruppe', id, id, now() from party limit 1;
  insert into group_member (id, group_id, member, added_by, added_at) select '${SYSTEM}', '${SYSTEM}', id, id, now() from party limit 1`;
const LATER = `
  delete from login_session where id_hash = 'over';
  delete from oidc_state where id_hash = 'over';
  update oidc_state set consumed_at = now() where id_hash = 'used';
  update oidc_state set payload = '{"rar": ["one"]}' where id_hash = 'two parties';
  update party set ended_at = now() where id = '${SYSTEM}'; update party set suspended_at = now() where id = '${PAUSED}';
  update relation set ended_at = now() where id = '${SYSTEM}'; update group_member set ended_at = now() where id = '${SYSTEM}';
  insert into party (id, party_id, kind, name, person_no) values ('${NEWCOMER}', nextval('party_number'), 'person', 'Ny', '00000000000');
  insert into event (id, type, at, from_party, to_party, by_party)
    select new_event_id(now()), 'unrelated', now(), from_party, to_party, '${NEWCOMER}' from relation where id = '${SYSTEM}'`;
/** What an accident made of one: a register's word that somebody has died. */
const FALL = `
  with fallen as (update consent_request set state = 'withdrawn', withdrawn_at = now(), fallen_reason = 'giver_dead' where id = $1 returning *)
  insert into event (id, type, at, consent_id, from_party, to_party, detail)
    select new_event_id(now()), 'withdrawn', now(), id, from_party, to_party, '{"reason": "giver_dead"}' from fallen`;
const LEFT = `
  select id_hash as id, consumed_at is not null as used from oidc_state where model = 'AuthorizationCode'
  union all select id_hash, false from login_session order by 1, 2`;
/** A place of the epoch that the archive had. */
function ofEpochOne(path: string): string {
  if (path === OWNER_EVENTS) return '1.1';
  const bytes = Buffer.alloc(16, 0);
  bytes[7] = 1;
  bytes[15] = 1;
  return bytes.toString('base64url');
}
const SETTINGS = { NODE_ENV: 'test', SECRET: 'a-secret-that-is-restored-0123456789-0123' };

// The embedded database has no log of changes to restore from.
if (process.env.TEST_DATABASE_URL)
  describe('a database that is set back to a second before an accident', () => {
    let [lost, own, archive]: Postgres[] = [];
    let node: ServerProcess;
    let port: number;
    let point: string;
    let [token, granting, proving, kid]: (string | undefined)[] = [];
    let cursors: { asker: string; owner: string };
    const consents: Record<string, string> = {};
    const mandates: Record<string, string> = {};

    const start = async (postgres: Postgres) => {
      node = await startServer({ ...SETTINGS, DATABASE_URL: postgres.url }, port);
      assert.match(node.output(), /"ready"/);
    };
    const done = (answer: Answer, ...statuses: number[]) => {
      assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text}`);
      return answer;
    };
    const say = async (what: string, act: string, body?: object) =>
      done(
        await node.call('POST', `${API}/consent/${what}/${act}`, await kariToken(), body),
        ...[200, 204],
      );
    async function asked(name: string, changes: object = {}): Promise<void> {
      const body = { ...requestOfKari(), ...changes };
      done(await node.call('POST', REQUESTS, await bankToken(), body), 201);
      consents[name] = body.id;
    }
    const approve = (name: string, optionalRights: number[] = []) =>
      say(`request/${consents[name]}`, 'approve', { language: 'nb', optionalRights });
    const redeem = async (name: string) =>
      node.call(
        'POST',
        `${API}/maskinporten/consent/lookup`,
        await outsideToken({ scope: 'altinn:maskinporten/consent.read' }),
        { id: consents[name], from: kari.urn, to: bank.urn },
      );
    const statusOf = async (name: string) =>
      (await node.call('GET', `${REQUESTS}/${consents[name]}`, await bankToken())).body.status;
    const published = async () => {
      const identifier = `gjenreist-${randomUUID().slice(0, 8)}`;
      const body = {
        ...serviceNamed(identifier),
        rules: [{ actions: ['read', 'write'], subjects: ['dagl'] }],
      };
      done(await node.call('POST', REGISTRY, await ownerToken(), body), 201);
      return identifier;
    };
    async function gave(name: string, resource: string, changes: object = {}): Promise<void> {
      const body = { ...giftToKari(resource), ...changes };
      const { id } = done(
        await node.call('POST', MANDATES, await danielToken(), body),
        200,
        201,
      ).body;
      mandates[name] = id;
    }
    const maySheRead = async (resource: string) =>
      (await node.call('POST', EVALUATION, await ownerToken(), mayKariRead(resource))).body
        .decision;
    const feed = async (path: string, token: string, cursor?: string) =>
      node.call('GET', `${path}?limit=1000${cursor ? `&cursor=${cursor}` : ''}`, token);
    const key = JSON.parse(
      readFileSync(new URL('../../clients/bank/key.json', import.meta.url), 'utf8'),
    );
    /** An assertion of the bank's machine, for a grant or for itself. */
    const assertion = (claims: object = {}) =>
      new SignJWT({ sub: CLIENT, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .setIssuer(CLIENT)
        .setAudience(node.url)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('110s')
        .sign(createPrivateKey({ key, format: 'jwk' }));
    const post = async (path: string, body: Record<string, string>) => {
      const answer = await fetch(node.url + path, {
        method: 'POST',
        body: new URLSearchParams(body),
      });
      return JSON.parse((await answer.text()) || '{}');
    };
    const grant = (made: string) =>
      post('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: made,
      });
    const proof = (made: string) => ({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: made,
    });
    const credentials = (made: string) =>
      post('/token', { grant_type: 'client_credentials', scope: SCOPE, ...proof(made) });
    /** A use, which counts. */
    const use = async (name: string) =>
      grant(
        await assertion({
          scope: 'testskatt:inntekt',
          authorization_details: [
            { type: 'urn:altinn:consent', id: consents[name], from: kari.urn },
          ],
        }),
      );
    const readerToken = () => organizationToken(tax, 'altinn:authorization/authorize');
    const works = async (token: string) => (await node.call('GET', EVENTS, token)).status === 200;
    const kidsOf = (postgres: Postgres) =>
      connected(postgres.url, async (client) => {
        const { rows } = await client.query('select kid from signing_key order by kid');
        return rows.map(({ kid: one }) => one as string);
      });
    const services: Record<string, string> = {};

    before(async () => {
      port = await freePort();
      lost = (await startPostgres(true, true))!;
      await start(lost);
      const backup = lost.backUp();
      await asked('withdrawn');
      await approve('withdrawn');
      await asked('refused');
      await asked('answered late');
      await asked('several');
      await connected(lost.url, async (client) => {
        await client.query(SAID, [consents.several]);
        await client.query(OFFERED);
      });
      await asked('untouched', { uses: { per: { number: 3, period: 'month' } } });
      await approve('untouched');
      await asked('paused');
      await approve('paused');
      for (const name of ['ended', 'paused', 'narrowed', 'kept']) {
        services[name] = await published();
        await gave(name, services[name]!, { actions: ['read', 'write'] });
        assert.equal(await maySheRead(services[name]!), true);
      }
      await asked('fallen by accident');
      await approve('fallen by accident');
      const optional = { ...incomeRight('2024'), optional: true };
      await asked('less', { consentRights: [incomeRight(), optional] });
      await approve('less', [1]);
      await asked('once', { consentRights: [ONCE] });
      await approve('once');
      token = (await grant(await assertion({ scope: SCOPE }))).access_token;
      assert.ok(await works(token!));
      await connected(lost.url, (client) => client.query(LOGINS));
      cursors = {
        asker: (await feed(EVENTS, await bankToken())).body.cursor,
        owner: (await feed(OWNER_EVENTS, await readerToken())).body.cursor,
      };
      await pause(1_100);
      point = await connected(lost.url, async (client) =>
        (await client.query('select clock_timestamp() as now')).rows[0].now.toISOString(),
      );
      await pause(1_100);
      await say(consents.withdrawn!, 'revoke');
      const deletion = `/access/v1/consents/${consents.withdrawn}/ask-deletion`;
      done(await node.call('POST', deletion, await kariToken()), 200);
      await say(`request/${consents.refused}`, 'reject');
      await approve('answered late');
      await asked('unknown');
      done(
        await node.call(
          'POST',
          `/access/v1/consents/${consents.paused}/suspend`,
          await kariToken(),
        ),
        ...[200, 204],
      );
      const less = { without: [1], validTo: inDays(10) };
      const path = `/access/v1/consents/${consents.less}`;
      done(await node.call('PATCH', path, await kariToken(), less), 200);
      for (const name of ['untouched', 'once']) {
        const answer = await use(name);
        assert.ok(answer.access_token, JSON.stringify(answer));
      }
      await post('/revoke', { token: token!, ...proof(await assertion()) });
      assert.ok(!(await works(token!)));
      [granting, proving] = [await assertion({ scope: SCOPE }), await assertion()];
      for (const answer of [await grant(granting), await credentials(proving)])
        assert.ok(answer.access_token, JSON.stringify(answer));
      await connected(lost.url, async (client) => {
        await client.query(LATER);
        await client.query(FALL, [consents['fallen by accident']]);
        await client.query(TAKEN_BACK, [consents.several]);
        await client.query(UNSAID);
      });
      [kid] = await kidsOf(lost);
      const replaced = await runCommand('server/oidc/keys/commands.ts', ['replace', kid!], {
        ...SETTINGS,
        DATABASE_URL: lost.url,
      });
      assert.equal(replaced.status, 0, replaced.stderr);
      const on = (name: string, act: string) => `${MANDATES}/${mandates[name]}${act}`;
      const [chief] = [await danielToken()];
      done(await node.call('DELETE', on('ended', ''), chief), 200, 204);
      done(await node.call('POST', on('paused', '/suspend'), chief), 200, 204);
      done(await node.call('PATCH', on('narrowed', ''), chief, { actions: ['write'] }), 200);
      await gave('late', await published());
      await node.stop('SIGTERM');
      await connected(lost.url, async (client) => {
        await client.query('select pg_switch_wal()');
        await pause(1_000);
      });
      lost.kill();
      own = await backup.restore(point);
      archive = await backup.restore();
      // Of a life that came to nothing, whose places readers may hold too.
      await connected(archive.url, (client) =>
        client.query(`insert into restoration values (1, now(), now()); set session_replication_role = replica;
          update event_content set content = (content::jsonb || '{"level": 99}')::json`),
      );
    });
    after(async () => {
      await node?.stop('SIGKILL');
      for (const one of [lost, own, archive]) one?.stop();
    });

    const restored = (settings: Record<string, string> = {}, at = point) =>
      runCommand(COMMAND, ['--point', at], {
        ...SETTINGS,
        DATABASE_URL: own!.url,
        RESTORE_FROM: archive!.url,
        ...settings,
      });

    it('knows nothing of what came after the second, and all of what came before', async () => {
      const stateOf = (name: string) =>
        connected(own!.url, async (client) => {
          const { rows } = await client.query('select state from consent_request where id = $1', [
            consents[name],
          ]);
          return rows[0]?.state;
        });
      assert.deepEqual(await Promise.all(['withdrawn', 'refused', 'unknown'].map(stateOf)), [
        'approved',
        'requested',
        undefined,
      ]);
    });

    it('is not touched by a command that is wrong', async () => {
      for (const [settings, at, why] of [
        [{ RESTORE_FROM: '' }, point, /RESTORE_FROM: is required/],
        [{ RESTORE_FROM: 'file:x' }, point, /RESTORE_FROM: must start with postgres/],
        [{ RESTORE_FROM: own!.url }, point, /the database itself/],
        [{ RESTORE_FROM: process.env.TEST_DATABASE_URL! }, point, /not of this database/],
        [{ DATABASE_URL: archive!.url, RESTORE_FROM: own!.url }, point, /not there|nothing after/],
        [{}, inDays(1), /in the future/],
        [{}, '2026-11-28', /usage: npm run restored/],
        [{}, 'yesterday', /usage: npm run restored/],
      ] as const) {
        const { status, stderr } = await restored(settings, at);
        assert.equal(status, 1, stderr);
        assert.match(stderr, why);
      }
      await start(own!);
      const { status, stderr } = await restored();
      assert.deepEqual(
        [status, /1 nodes served .* stop them first/.test(stderr)],
        [1, true],
        stderr,
      );
      await node.stop('SIGTERM');
    });

    it('takes again what let less, and says what is lost', async () => {
      const before = await kidsOf(own!);
      const { status, stdout, stderr } = await restored();
      assert.equal(status, 0, stderr);
      assert.match(stdout, /consents: .*rejected 1/);
      assert.match(stdout, /consents: .*withdrawn 1/);
      assert.match(stdout, /mandates: ended 2, suspended 2, narrowed 2, used 2/);
      assert.match(stdout, /consents: .*narrowed 1/);
      assert.match(stdout, /consents: .*reopened 1/);
      assert.match(stdout, /requests for a right refused or withdrawn: 1/);
      const said = await connected(own!.url, (client) =>
        client.query('select 1 from access_request_yes where request_id = $1', [OFFER]),
      );
      assert.equal(said.rows.length, 0);
      assert.match(stdout, /tokens revoked: 1; .* were no more: 3/);
      assert.match(stdout, /logins ended: 1/);
      assert.match(stdout, /users ended or suspended: 2; relations ended: 1\n.*groups, .*ended: 1/);
      assert.match(stdout, /Clients that are not as they were at the end, .*: none/);
      assert.ok(stdout.includes(`signing keys replaced: ${kid}\n`), stdout);
      const [missing] = (await kidsOf(archive!)).filter((one) => !before.includes(one));
      assert.ok(stdout.includes(`nothing they signed is taken: ${missing}\n`), stdout);
      assert.match(stdout, /operator's acts after the point: 1\n.* keys \{"replaced"/);
      assert.match(stdout, /Events after the point: .*approved 1/);
      assert.match(stdout, /Feeds: epoch 2;/);
      const again = await restored();
      assert.match(again.stdout, /consents: none\n {2}mandates: ended 0, suspended 0, narrowed 0/);
      assert.match(again.stdout, /put back: 0\n/);
      assert.match(again.stdout, /Feeds: epoch 2;/);
    });

    it('lets nobody what had ended, and goes on with what had not', async () => {
      await start(own!);
      assert.equal(await statusOf('withdrawn'), 'Revoked');
      assert.equal(await statusOf('refused'), 'Rejected');
      assert.equal(await statusOf('answered late'), 'Created');
      assert.equal(await statusOf('fallen by accident'), 'Accepted');
      for (const name of ['withdrawn', 'refused', 'answered late', 'paused', 'unknown'])
        assert.notEqual((await redeem(name)).status, 200, name);
      // A use of this month stays counted.
      assert.deepEqual((await redeem('untouched')).body.usesLeft, { period: 2 });
      const { body: less } = await redeem('less');
      assert.equal(less.consentRights.length, 1);
      assert.ok(new Date(less.validTo) < new Date(inDays(11)));
      // It may be used once, and was.
      assert.equal((await use('once')).error, 'invalid_grant');
      for (const name of ['ended', 'paused', 'narrowed'])
        assert.equal(await maySheRead(services[name]!), false, name);
      assert.equal(await maySheRead(services.kept!), true);
      // What was given after the second was lost, and may be given again.
      await approve('answered late');
      assert.equal((await redeem('answered late')).status, 200);
    });

    it('has the events of what was taken again, with who did it, and the operator after', async () => {
      const log = await node.call('GET', `${API}/consent/${consents.withdrawn}`, await kariToken());
      assert.equal(log.status, 200, log.text);
      const types = await connected(own!.url, async (client) => {
        const { rows } = await client.query(
          'select type from event where $1::uuid in (consent_id, mandate_id) order by pos',
          [consents.withdrawn],
        );
        return rows.map(({ type }) => type);
      });
      assert.deepEqual(types, [
        ...['requested', 'approved', 'withdrawn', 'deletion_asked', 'restored'],
      ]);
      const [kept] = await connected(own!.url, async (client) => {
        const of = `(select id from event where consent_id = $1 and type = 'withdrawn')`;
        const sql = `select content -> 'level' as level from event_content where event_id = ${of}`;
        return (await client.query(sql, [consents.withdrawn])).rows;
      });
      assert.deepEqual(kept, { level: 99 }, 'what it was about stands as in the archive');
      const [others] = await connected(own!.url, async (client) => {
        const { rows } = await client.query(
          `select (select count(*)::int from event join party on party.id = event.by_party where event.type = 'unrelated' and party.id = $1) as unrelated,
            (select payload from oidc_state where id_hash = 'two parties') as grant,
            (select ended_at is not null from party where id = $2) as system, (select suspended_at is not null from party where id = $3) as paused, (select ended_at is not null from relation where id = $2) as relation, (select ended_at is not null from group_member where id = $2) as member`,
          [NEWCOMER, SYSTEM, PAUSED],
        );
        return rows;
      });
      assert.deepEqual(others, {
        unrelated: 1,
        grant: { rar: ['one'] },
        ...{ system: true, paused: true, relation: true, member: true },
      });
    });

    it('refuses places of before, in words, and has all of it from the beginning', async () => {
      for (const [path, token, cursor] of [
        [EVENTS, await bankToken(), cursors.asker],
        [OWNER_EVENTS, await readerToken(), cursors.owner],
      ] as const) {
        const old = await feed(path, token, cursor);
        assert.equal(old.status, 400, old.text);
        const [wrong] = old.body.validationErrors;
        assert.equal(wrong.code, 'AM.VLD-00053');
        assert.ok(wrong.detail.includes(`set back to ${point}`), wrong.detail);
        const between = await feed(path, token, ofEpochOne(path));
        assert.equal(between.status, 400, between.text);
        const anew = await feed(path, token);
        assert.equal(anew.status, 200);
        const next = await feed(path, token, anew.body.cursor);
        assert.deepEqual([next.status, next.body.data], [200, []], next.text);
      }
      const { data } = (await feed(EVENTS, await bankToken())).body;
      const of = (name: string) =>
        data
          .filter((one: { consentRequestId: string }) => one.consentRequestId === consents[name])
          .map(({ eventType }: { eventType: string }) => eventType);
      assert.deepEqual(of('withdrawn'), ['Created', 'Accepted', 'Revoked']);
      assert.deepEqual(of('refused'), ['Created', 'Rejected']);
      assert.deepEqual(of('untouched'), ['Created', 'Accepted', 'Used']);
    });

    it('takes no token that was revoked, key that was replaced, or assertion of before', async () => {
      assert.ok(!(await works(token!)));
      assert.ok(!(await kidsOf(own!)).includes(kid!));
      const old = await grant(granting!);
      assert.equal(old.error, 'invalid_grant');
      assert.match(old.error_description, /MP-130.*older than the last restore/);
      assert.equal((await credentials(proving!)).error, 'invalid_client');
      for (const fresh of [
        await grant(await assertion({ scope: SCOPE })),
        await credentials(await assertion()),
      ])
        assert.ok(await works(fresh.access_token), JSON.stringify(fresh));
      const left = await connected(own!.url, async (client) => {
        const { rows } = await client.query(LEFT);
        return rows.map(({ id, used }) => `${id} ${used}`);
      });
      assert.deepEqual(left, ['there false', 'there false', 'used true']);
    });

    it('is not done again once nodes have served, which would undo what came since', async () => {
      await node.stop('SIGTERM');
      const { status, stderr } = await restored();
      assert.equal(status, 1);
      assert.match(stderr, /nodes have served since/);
    });
  });
