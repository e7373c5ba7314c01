// The import: bulk, idempotent, all or nothing, and every fault with its line.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import { importFile } from '../../server/import/commands.ts';
import { importParties } from '../../server/party/import_store.ts';
import { actAlone, inTransaction } from '../../server/platform/act.ts';
import { file, load, rejects } from '../support/imports.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import {
  approve,
  ask,
  call,
  importThis,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  organizationToken,
  read,
  READ,
  REQUESTS,
  world,
} from '../support/world.ts';

describe('the import', () => {
  it('is held to schemas that are themselves right (JSON Schema 2020-12)', () => {
    const ajv = new Ajv2020.default();
    for (const path of ['import/import', 'resource/resource'])
      assert.equal(ajv.validateSchema(read(`server/${path}.schema.json`)), true, path);
  });

  it('takes JSON Lines in bulk, gives the same when repeated, and counts', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ record: 'party', ...party(index) }),
    );
    const path = file('bulk.jsonl', lines.join('\n'));
    assert.equal(await load(path), 3000);
    const count = async () =>
      Number((await world.database.db.raw('select count(*) from party')).rows[0].count);
    const before = await count();
    await load(path);
    assert.equal(await count(), before);
  });

  // One session has the embedded database to itself.
  if (process.env.TEST_DATABASE_URL)
    it('holds up nobody who does something with a party that it takes in again', async () => {
      const [from, to] = [await newPerson(), await newOrganization()];
      const act = actAlone(world.database.db);
      await inTransaction(act, async (inner) => {
        const rows = [from, to].map(({ id, number, name }, line) => ({
          id,
          line,
          name,
          ...(number.length === 11
            ? { kind: 'person' as const, personNo: number }
            : { kind: 'organization' as const, organizationNo: number }),
        }));
        await importParties(inner, rows);
        // Asked on another connection, while this transaction is open.
        await ask(from, to);
      });
    });

  const party = (index: number) => ({
    kind: index % 2 ? 'organization' : 'person',
    number: index % 2 ? organizationNumber() : personNumber(),
    name: `Nr ${index}`,
  });

  it('names the file when it is the database that refuses', async () => {
    const { db } = world.database;
    await db.raw(`create function refuse() returns trigger language plpgsql as 'begin raise exception $$not today$$; end';
      create trigger refused before insert on party for each row when (new.name = 'Databasen nekter') execute function refuse()`);
    const parties = [{ ...party(0), name: 'Databasen nekter' }];
    await rejects({ parties }, /^\/.*database\.json: .*not today$/s, 'database.json');
    await db.raw('drop trigger refused on party; drop function refuse');
  });

  it('gives the parties of imports at the same time ids of their own', async () => {
    const files = Array.from({ length: 8 }, (_, index) =>
      file(
        `at-once-${index}.jsonl`,
        Array.from({ length: 20 }, (_line, n) =>
          JSON.stringify({ record: 'party', ...party(n) }),
        ).join('\n'),
      ),
    );
    assert.deepEqual(
      await Promise.all(files.map(load)),
      files.map(() => 20),
    );
  });

  it('gives a party an id that its number does not tell, and one party for a number however many bring it', async () => {
    const number = personNumber();
    const path = file(
      'same.json',
      JSON.stringify({ tillit: 1, parties: [{ kind: 'person', number, name: 'Samme Person' }] }),
    );
    await Promise.all([load(path), load(path), load(path)]);
    const { rows } = await world.database.db.raw('select id from party where person_no = ?', [
      number,
    ]);
    assert.equal(rows.length, 1);
    assert.match(rows[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it('refuses a client without authentication that would use a grant for authenticated ones, by name', async () => {
    const client = (grants: string[]) => ({
      clients: [
        {
          client_id: `open-${randomUUID()}`,
          token_endpoint_auth_method: 'none',
          grant_types: grants,
          redirect_uris: ['https://a.example/'],
        },
      ],
    });
    for (const grant of ['client_credentials', 'urn:openid:params:grant-type:ciba']) {
      await rejects(
        client(['authorization_code', grant]),
        new RegExp(`token_endpoint_auth_method none does not go with ${grant}`),
      );
    }
    await importThis(
      client([
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ]),
    );
  });

  it('tells where a file is broken and quotes nothing of it', async () => {
    await rejects(
      '{"tillit":1,"parties":[{"number":"01810112345",}]}',
      /^(?!.*0181)[^\n]*:1: not JSON at position 47$/,
    );
  });

  it('is all or nothing: one wrong line, and nothing of the file is there', async () => {
    const good = { kind: 'person', number: personNumber(), name: 'God' };
    const line = JSON.stringify({ record: 'party', ...good });
    await rejects(
      [line, '{"record":"party","kind":"person","number":"1","name":"x"}'].join('\n'),
      /bad\.jsonl:2: party\/number/,
      'bad.jsonl',
    );
    await rejects(
      [line, '', '{"record":"party"'].join('\n'),
      /bad\.jsonl:3: not JSON/,
      'bad.jsonl',
    );
    await rejects(
      [line, '{"record":"thing"}'].join('\n'),
      /bad\.jsonl:2: the member "record"/,
      'bad.jsonl',
    );
    const { rows } = await world.database.db.raw('select from party where person_no = ?', [
      good.number,
    ]);
    assert.equal(rows.length, 0);
  });

  it('names line and fault', async () => {
    const resource = (changes: object) => ({
      resources: [
        {
          identifier: `r-${randomUUID()}`,
          owner: '211100028',
          resourceType: 'Consent',
          consentTemplate: 'default',
          title: { nb: 'T', nn: 'T' },
          consentText: { nb: 'x', nn: 'x' },
          rules: [],
          ...changes,
        },
      ],
    });
    await rejects(
      { parties: [{ kind: 'person', number: '14838412027', name: 'Feil' }] },
      /bad\.json:4: party: the control digits/,
    );
    await rejects(
      { parties: [{ kind: 'organization', number: '310100014', name: 'Feil' }] },
      /control digits of 310100014/,
    );
    await rejects(
      { parties: [{ kind: 'person', number: personNumber(), name: 'X', age: 7 }] },
      /parties\[0\].*additional properties \(age\)/,
    );
    await rejects(
      { parties: [{ kind: 'person', number: personNumber(), name: 'X', partyId: 1_000_000_000 }] },
      /parties\[0\].*partyId must be < 1000000000/,
    );
    await rejects(
      { roleHolders: [{ role: 'dagl', from: '399999999', to: '14838412026' }] },
      /the party 399999999 is not known/,
    );
    await rejects(
      { roleHolders: [{ role: 'konge', from: '310100013', to: '14838412026' }] },
      /the role konge is not known/,
    );
    await rejects(resource({ consentTemplate: 'nope' }), /the template nope is not known/);
    await rejects(resource({ consentText: { nb: 'x' } }), /required property 'nn'/);
    await rejects(resource({ consentText: undefined }), /needs consentText/);
    await rejects(
      resource({ consentTemplate: 'sblanesoknad', owner: world.bank.settings.organizationNo }),
      /not for this owner/,
    );
    await rejects(
      {
        clients: [
          { client_id: 'x', 'x-org': '310100013', jwks: { keys: [{ kty: 'RSA', d: 'secret' }] } },
        ],
      },
      /private key/,
    );
    await rejects({ clients: [{ client_id: 'x', client_secret: 'short' }] }, /fewer than 16/);
    await rejects({ unknown: [] }, /unknown list unknown/);
    await rejects('{"tillit": 2}', /must be 1/);
    await rejects('{\n"tillit": 1,\n nope}', /:3: not JSON/);
  });

  for (const [attack, why] of [
    ['[x](javascript:alert(1))', /not https|link/],
    ['<script>alert(1)</script>', /HTML/],
    ['![x](https://evil.example/p.png)', /images/],
    ['[x](https://evil.example)', /no link host/],
    ['[x](https://bank.example@evil.example)', /user name|link host/],
    ['# JA, TRYKK HER', /headings/],
    ['```\ncode\n```', /code/],
    ['[x](//evil.example)', /https/],
    ['[x](/logout)', /https/],
    ['{ukjent}', /no metadata key/],
    ['a\u202eb', /bidirectional/],
    ['[x](https://skatt.example/{aar})', /placeholder|link host/],
    ['&lt;b&gt;', /entities/],
    ['x'.repeat(2001), /2000|more than/],
    ['[a]: https://evil.example', /reference/],
  ] as const) {
    it(`refuses the consent text ${JSON.stringify(attack.slice(0, 40))}`, async () => {
      await rejects(
        {
          resources: [
            {
              identifier: `r-${randomUUID()}`,
              owner: '211100028',
              resourceType: 'Consent',
              consentTemplate: 'default',
              title: { nb: 'T', nn: 'T' },
              consentText: { nb: attack, nn: 'x' },
              linkHosts: ['skatt.example'],
              rules: [],
            },
          ],
        },
        why,
      );
    });
  }

  it('takes consent requests in any state, which then behave as if they had been made here', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const ids = {
      requested: randomUUID(),
      approved: randomUUID(),
      rejected: randomUUID(),
      withdrawn: randomUUID(),
    };
    const consentRequests = Object.entries(ids).map(([state, id]) => ({
      id,
      state,
      from: from.number,
      to: to.number,
      validTo: inDays(30),
      rights: [{ resource: 'inntekt', metadata: { inntektsaar: '2025' } }],
    }));
    await importThis({ consentRequests });
    await importThis({ consentRequests });
    assert.equal((await lookUp(ids.approved, from, to)).status, 200);
    assert.equal((await lookUp(ids.withdrawn, from, to)).body.code, 'AM-00011');
    assert.equal((await lookUp(ids.rejected, from, to)).body.code, 'AM-00014');
    assert.equal((await approve(ids.requested, from)).status, 200);
    const { body } = await call(
      'GET',
      `${REQUESTS}/${ids.withdrawn}`,
      await organizationToken(to, READ),
    );
    assert.deepEqual(
      [
        body.status,
        body.consentRequestEvents.map((event: { eventType: string }) => event.eventType),
      ],
      ['Revoked', ['Created', 'Accepted', 'Revoked']],
    );
  });

  it('adds to a scope and to a list what a file brings, and ends what it says, and nobody else', async () => {
    const [owner, one, other, consumer] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
    ];
    const [scope, id] = [`test:${randomUUID()}`, `liste-${randomUUID()}`];
    const scopes = (more: object) => ({ scopes: [{ name: scope, owner: owner.number, ...more }] });
    const lists = (more: object) => ({
      accessLists: [{ id, owner: owner.number, name: 'L', members: [], ...more }],
    });
    const delegations = [{ supplier: one.number, consumer: consumer.number }];
    await importThis({
      ...scopes({ holders: [one.number], delegations }),
      ...lists({ members: [one.number] }),
    });
    for (let times = 0; times < 2; times += 1)
      await importThis({
        ...scopes({ holders: [other.number] }),
        ...lists({ members: [other.number] }),
      });
    const held = async () => {
      const { rows } = await world.database.db.raw(
        'select party, consumer from api_scope_holder where scope = ? and ended_at is null',
        [scope],
      );
      return rows
        .map((row: { party: string; consumer: string }) => [row.party, row.consumer].join())
        .sort();
    };
    const listed = async () => {
      const { rows } = await world.database.db.raw(
        'select party from access_list_member where list_id = ? and ended_at is null',
        [`${owner.number}:${id}`],
      );
      return rows.map((row: { party: string }) => row.party).sort();
    };
    assert.deepEqual(
      await held(),
      [`${one.id},`, `${other.id},`, `${one.id},${consumer.id}`].sort(),
    );
    assert.deepEqual(await listed(), [one.id, other.id].sort());
    await importThis({
      ...scopes({ endedHolders: [one.number] }),
      ...lists({ endedMembers: [one.number] }),
    });
    assert.deepEqual(await held(), [`${other.id},`, `${one.id},${consumer.id}`].sort());
    assert.deepEqual(await listed(), [other.id]);
    await importThis(scopes({ endedDelegations: delegations }));
    assert.deepEqual(await held(), [`${other.id},`]);
  });

  it("keeps a changed resource's old version for those who were shown it", async () => {
    const identifier = `r-${randomUUID()}`;
    const resource = (nb: string) => ({
      resources: [
        {
          identifier,
          owner: '211100028',
          resourceType: 'Consent',
          consentTemplate: 'default',
          title: { nb, nn: nb },
          consentText: { nb, nn: nb },
          rules: [
            { action: 'consent', subjects: ['privatperson'] },
            { action: 'requestconsent', subjects: ['organization'] },
          ],
        },
      ],
    });
    const versions = async () =>
      Number(
        (
          await world.database.db.raw(
            'select count(*) from resource_version where resource_id = ?',
            [identifier],
          )
        ).rows[0].count,
      );
    await importThis(resource('Før'));
    await importThis(resource('Før'));
    assert.equal(await versions(), 1);
    await importThis(resource('Etter'));
    assert.equal(await versions(), 2);
  });

  it('warns of a policy that its owner would be refused over HTTP, and takes it', async () => {
    const told: string[] = [];
    const owner = (await newOrganization()).number;
    const resource = (identifier: string, ...subjects: string[]) => ({
      identifier,
      owner,
      resourceType: 'GenericAccessResource',
      title: { nb: 'Prøve', nn: 'Prøve' },
      rules: subjects.map((subject) => ({ actions: ['read'], subjects: [subject] })),
    });
    const path = file(
      'closed.json',
      JSON.stringify({
        tillit: 1,
        resources: [
          resource('lukket-en'),
          resource('lukket-to', 'dagl', 'accesslist:finnes-ikke'),
          resource('lukket-tre', 'foreldreansvar'),
          resource('open-fire', 'dagl'),
          {
            ...resource('samtykke-fem'),
            resourceType: 'Consent',
            consentTemplate: 'default',
            consentText: { nb: 'Det du har.', nn: 'Det du har.' },
            rules: [
              { actions: ['consent'], subjects: ['privatperson', 'package:innbygger-pensjon'] },
              { actions: ['requestconsent'], subjects: ['anyone'] },
            ],
          },
        ],
      }),
    );
    await importFile(world.database.db, path, world.env, { warn: (what) => told.push(what) });
    assert.deepEqual(
      told.map((line) => line.replace(/^.*closed.json: /, '')),
      [
        'resource lukket-en: the policy has no rule and lets nobody in',
        `resource lukket-to: there is no access list ${owner}:finnes-ikke`,
        'resource lukket-tre: rule rule-1: the role foreldreansvar is not for this owner to name; the operator says who may',
        'resource samtykke-fem: rule rule-1: the package innbygger-pensjon is not for this owner to name; the operator says who may',
        'resource samtykke-fem: consentTextAbout is missing: a person may answer, and another for them, to whom «du» is said of the person',
      ],
    );
  });
});
