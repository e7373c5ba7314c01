// Plans of the hot statements on PostgreSQL: each is planned once a connection and kept, whatever
// the statistics say, with tables that are fresh, small and large; none reads a large one whole.
import assert from 'node:assert/strict';
import type pg from 'pg';
import { loggedIn } from '../support/pages/browser.ts';
import { clientAuth, consentDetail, exchange, newClient, post } from '../support/oauth/clients.ts';
import { organizationNumber } from '../support/numbers.ts';
import {
  decide,
  give,
  given,
  newConsentResource,
  newFirm,
  rightTo,
} from '../support/rights/rights.ts';
import { watched } from '../support/run/statements.ts';
import {
  approve,
  ask,
  call,
  importThis,
  newOrganization,
  newPerson,
  organizationToken,
  outsideToken,
  personToken,
  READ,
  REQUESTS,
  withdraw,
  world,
} from '../support/world.ts';

/** What acts wait for. */
const HOT = [
  'approve_consents',
  'approve_own_consents',
  'begin_delegation',
  'consent_resource',
  'consent_token_in_force',
  'decision_facts',
  'find_consent',
  'party_by_claim',
  'party_by_name',
  'redeem_consents',
  'request_consents',
  'scope_delegations',
  'scope_delegations_between',
  'scope_delegations_of_consumer',
  'scope_delegations_of_supplier',
];
const LARGE = ['party', 'mandate', 'consent_request'];
const SUPPLIERS = '/accessmanagement/api/v1/maskinporten/delegations';
const LOOK_UPS = [[], ['consumerOrg'], ['supplierOrg'], ['consumerOrg', 'supplierOrg']].map(
  (names) => new URLSearchParams(names.map((name) => [name, '310000003'])),
);
/**
 * Enough for each of a few connections: PostgreSQL plans anew five times before it compares
 * (plancache.c), and a few times more while small tables grow under it.
 */
const TIMES = 40;
const MANY = 40_000;

interface Kept {
  name: string;
  parameters: number;
  generic: number;
}

const prepared = async (client: pg.Client): Promise<Kept[]> =>
  (
    await client.query<Kept>(
      `select name, cardinality(parameter_types) as parameters, generic_plans::int as generic
        from pg_prepared_statements where name <> ''`,
    )
  ).rows;
const kept = async (client: pg.Client) =>
  (await prepared(client)).filter(({ name }) => HOT.includes(name));

if (process.env.TEST_DATABASE_URL)
  describe('the plans of hot statements', () => {
    const used = new Set<pg.Client>();
    const sql = (text: string, values: unknown[] = []) =>
      world.database.db.raw(text, values as never);

    /** Each act often enough on each connection. */
    const act = () =>
      watched(({ client }) => {
        used.add(client);
        return undefined;
      }, everyAct);

    async function everyAct(): Promise<void> {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const client = await newClient(bank);
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      const operator = await outsideToken({ scope: 'altinn:maskinporten/delegations.admin' });
      await given(boss, firm, helper, { package: 'toll' });
      const forFirms = rightTo(await newConsentResource(['dagl']));
      for (let time = 0; time < TIMES; time += 1) {
        const id = await ask(person, bank);
        await approve(id, person);
        await approve(await ask(firm, bank, forFirms), boss);
        const { body } = await exchange(client, consentDetail(id, person));
        await post('/introspect', { token: body.access_token, ...(await clientAuth(client)) });
        await withdraw(id, person);
        await decide(helper, 'read', 'mva-melding', firm);
        await give(boss, firm, await newPerson(), { package: 'toll' });
        for (const where of LOOK_UPS) await call('GET', `${SUPPLIERS}?${where}`, operator);
      }
    }

    /** On each connection; closed ones have none. */
    const counts = async (): Promise<Kept[]> =>
      (await Promise.all([...used].map((client) => kept(client).catch(() => [])))).flat();

    /** Each is kept, once it has been compared. */
    async function areKept(): Promise<void> {
      // What a connection thought of tables that were smaller is nothing that it would think now.
      const { pid } = (await world.importing.raw('select pg_backend_pid() as pid')).rows[0];
      await sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid not in (pg_backend_pid(), ${pid})`,
      );
      used.clear();
      // A busy machine spreads them over connections, of which each compares for itself.
      const settled = new Set<string>();
      for (let round = 0; round < 8 && settled.size < HOT.length; round += 1) {
        await act();
        for (const { name, generic } of await counts()) if (generic > 0) settled.add(name);
      }
      assert.deepEqual([...settled].sort(), HOT);
    }

    /**
     * The lines of every plan that would be kept, of the statements that were met, that read a
     * large table from end to end.
     */
    async function wholeReads(): Promise<string[]> {
      const found = new Set<string>();
      let looked = 0;
      for (const client of used) {
        if (!(await client.query('set plan_cache_mode = force_generic_plan').catch(() => false)))
          continue;
        for (const { name, parameters } of await prepared(client)) {
          const nulls = Array.from({ length: parameters }, () => 'null').join(', ');
          const values = parameters ? `(${nulls})` : '';
          const { rows } = await client.query(`explain execute "${name}" ${values}`);
          looked += 1;
          for (const row of rows as { 'QUERY PLAN': string }[]) {
            const [, table] = /Seq Scan on (\w+)/.exec(row['QUERY PLAN']) ?? [];
            if (LARGE.includes(table ?? '')) found.add(`${name}: ${row['QUERY PLAN'].trim()}`);
          }
        }
        await client.query('reset plan_cache_mode');
      }
      assert.ok(looked > HOT.length, 'a connection is open');
      return [...found].sort();
    }

    /** What is asked less often, once. */
    async function lesserActs(): Promise<void> {
      const [{ firm, boss }, helper, second, bank] = [
        await newFirm(),
        await newPerson(),
        await newPerson(),
        await newOrganization(),
      ];
      const mandate = await given(boss, firm, helper, { package: 'toll', mayPassOn: true });
      const passed = await give(helper, firm, second, { package: 'toll' });
      assert.equal(passed.status, 201, passed.text);
      const id = await ask(boss, bank);
      await approve(id, boss);
      const browser = await loggedIn(boss, '/start');
      for (const path of [
        `/overview?party=${firm.id}`,
        `/overview?party=${firm.id}&show=waiting&q=x`,
        `/overview/people?party=${firm.id}`,
        `/overview/${mandate}`,
        `/overview/stop?party=${firm.id}&receiver=${helper.id}`,
        `/give?party=${firm.id}&q=mva`,
        `/inbox`,
        `/parties`,
        `/consents`,
        `/consents?show=ended`,
        `/consents?show=events`,
        `/consents/${id}`,
        `/ask?q=mva`,
      ])
        assert.equal((await browser.open(path)).status, 200, path);
      const token = await personToken(boss);
      const stopped = { from: boss.id, to: bank.id };
      assert.equal((await call('POST', '/access/v1/suspensions', token, stopped)).status, 200);
      const { number, name } = firm;
      const unit = { kind: 'subunit', number: organizationNumber(), name: 'Avdeling' };
      for (const parent of [firm, bank])
        await importThis({ parties: [{ ...unit, parent: parent.number }] });
      for (const estate of [{ on: '2026-02-01' }, null])
        await importThis({ parties: [{ kind: 'organization', number, name, estate }] });
      await sql('update party set ended_at = now() where id = ?', [second.id]);
      const reader = await organizationToken(bank, READ);
      assert.equal((await call('GET', `${REQUESTS}/events`, reader)).status, 200);
      await world.work.run('feed.place');
    }

    it('are kept while nothing is known of the tables', areKept);

    it('are kept when the tables are known to be small', async () => {
      await sql('analyze');
      await areKept();
    });

    it('are kept when they are large, and read none of those whole', async () => {
      await sql(
        `insert into party (id, party_id, kind, name, username)
          select gen_random_uuid(), nextval('party_number'), 'self_identified', 'Plan ' || n, 'plan' || n from generate_series(1, ?::int) n`,
        [MANY],
      );
      await sql('analyze party');
      const some = 2_000;
      for (let from = 0; from < MANY; from += some)
        await sql(
          `insert into mandate (id, from_party, to_party, basis, package, valid_from, to_kind, given_at)
            select gen_random_uuid(), one.id, other.id, 'delegation', 'toll', now() - interval '1 day', 'self_identified', now()
            from generate_series(?::int + 1, ?::int) n join party one on one.username = 'plan' || n join party other on other.username = 'plan' || (n % ? + 1)`,
          [from, from + some, MANY],
        );
      // So many that reading them all is not the quickest for a hundred at once.
      for (let from = 0; from < MANY; from += some)
        await sql(
          `insert into consent_request (id, from_party, to_party, from_named, state, valid_to, template_id, template_version, portal_view_mode,
            one_time, content_hash, expiry_event_id, requested_at, approved_at)
          select gen_random_uuid(), one.id, one.id, 'number', 'approved', now() + interval '100 days', 'default', 1, 'hide',
            false, '', gen_random_uuid(), now(), now()
          from generate_series(?::int + 1, ?::int) n join party one on one.username = 'plan' || n, generate_series(1, 2)`,
          [from, from + some],
        );
      await sql('analyze');
      await areKept();
      await lesserActs();
      assert.deepEqual(await wholeReads(), []);
    });
  });
