// Publishing as an act: rules and index together whoever publishes at once, on what one has seen;
// the policies there were, compared and taken up again; and what can never work is refused by name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { indexOf, type Policy } from '../../server/resource/policy/model.ts';
import { can, decide, newFirm, newResource, OWNER } from '../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  organizationToken,
  world,
  type Answer,
} from '../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const owner = { number: OWNER } as never;
const token = () => organizationToken(owner, 'altinn:resourceregistry/resource.write');
const publish = async (id: string, rules: object[], headers: Record<string, string> = {}) =>
  call('PUT', `${REGISTRY}/${id}/policy`, await token(), { rules }, headers);
const versions = async (id: string, path = '') =>
  call('GET', `/access/v1/resources/${id}/policies${path}`, await token());
const rulesOf = (...subjects: string[]) => [{ actions: ['read'], subjects }];

/** What is indexed of a policy, and what it says. */
async function indexed(id: string): Promise<[string[], string[]]> {
  const { rows } = await world.database.db.raw(
    'select action, subject_kind as kind, subject from policy_rule where resource_id = ?',
    [id],
  );
  const policy = (
    await call('GET', `${REGISTRY}/${id}/policy`, undefined, undefined, {
      accept: 'application/json',
    })
  ).body as Policy;
  const sorted = (list: object[]) =>
    list.map((one) => JSON.stringify(Object.entries(one).sort())).sort();
  return [sorted(rows), sorted(indexOf(policy))];
}

describe('publishing a policy', () => {
  it('at once with others leaves one policy and its index, and nobody falls over', async () => {
    const SUBJECTS = ['dagl', 'regn', 'lede', 'revi', 'package:merverdiavgift'];
    const id = await newResource(rulesOf('medl'));
    for (let round = 0; round < 12; round += 1) {
      const answers = await Promise.all(
        SUBJECTS.map((subject, index) =>
          index === 4 && round % 3 === 0
            ? importThis({
                resources: [
                  {
                    identifier: id,
                    owner: OWNER,
                    resourceType: 'GenericAccessResource',
                    title: { nb: 'Prøve', nn: 'Prøve' },
                    rules: rulesOf(subject),
                  },
                ],
              })
            : publish(id, rulesOf(subject, SUBJECTS[(index + round) % 5]!)),
        ),
      );
      for (const answer of answers) if (answer) assert.equal((answer as Answer).status, 200);
      const [has, says] = await indexed(id);
      assert.deepEqual(has, says);
    }
  });

  it('leaves the policy as it is when the resource is described anew meanwhile', async () => {
    const id = await newResource(rulesOf('dagl'));
    const describe = async () =>
      call('PUT', `${REGISTRY}/${id}`, await token(), {
        identifier: id,
        resourceType: 'GenericAccessResource',
        title: { nb: `Prøve ${randomUUID()}`, nn: 'Prøve', en: 'Trial' },
        rightDescription: { nb: 'x', nn: 'x', en: 'x' },
        hasCompetentAuthority: { organization: OWNER },
      });
    for (let round = 0; round < 8; round += 1) {
      const subject = round % 2 ? 'regn' : 'revi';
      const [published, described] = await Promise.all([publish(id, rulesOf(subject)), describe()]);
      assert.deepEqual([published.status, described.status], [200, 200], described.text);
      const [has, says] = await indexed(id);
      assert.deepEqual(has, says);
      assert.ok(has.join().includes(subject), 'the policy that was published is gone');
    }
  });

  it('takes what it answers, of every policy there is, and answers the same', async () => {
    await newResource([
      can('read', 'partytype:person', ['dagl', 'accesslist:finnes-ikke']),
      { ...can('write', 'attribute:org=ttd'), effect: 'deny', id: 'et navn' },
      {
        ...can('sign', 'privatperson'),
        when: [
          { category: 'resource', name: 'n', values: [7], type: 'integer', mustBePresent: true },
        ],
      },
    ]);
    await newResource([]);
    const { rows } = await world.database.db.raw(
      // The demo world's, which were first, and the newest.
      `with every as (select resource.id, owner.organization_no as number, resource.policy_version as version from resource
         join party owner on owner.id = resource.owner where resource.policy_version is not null and resource.ended_at is null and resource.id !~ '^(altinn|tillit)_')
       (select * from every order by version limit 30) union (select * from every order by version desc limit 30)`,
    );
    assert.ok(rows.length > 10);
    for (const { id, number } of rows as { id: string; number: string }[]) {
      const own = await organizationToken(
        { number } as never,
        'altinn:resourceregistry/resource.write',
      );
      const read = async () =>
        (
          await call('GET', `${REGISTRY}/${id}/policy`, own, undefined, {
            accept: 'application/json',
          })
        ).body;
      const before = await read();
      assert.ok(before.rules, JSON.stringify(before));
      const answer = await call('PUT', `${REGISTRY}/${id}/policy`, own, before);
      // What the operator brought in for an owner who may not name it, or not know of it.
      const faults = (answer.body.faults ?? []) as string[];
      const isKept = (why: string) =>
        /not for this owner to name|^the role hemmelig-\S+ is not known/.test(why);
      if (faults.length && faults.every(isKept)) continue;
      assert.equal(answer.status, 200, `${id}: ${answer.text}`);
      assert.deepEqual(await read(), before, id);
    }
  });

  it('that lets nobody in is refused, unless that is said outright', async () => {
    const id = await newResource(rulesOf('dagl'));
    const list = 'accesslist:finnes-ikke';
    for (const rules of [[], rulesOf(list), [...rulesOf('dagl'), ...rulesOf(list)]]) {
      const refused = await publish(id, rules);
      assert.equal(refused.body.code, 'TIL-00031', refused.text);
      assert.match(refused.body.faults.join(), /closed: true/);
      const path = `${REGISTRY}/${id}/policy`;
      const said = await call('PUT', path, await token(), { rules, closed: true });
      assert.equal(said.status, 200, said.text);
      assert.equal((await publish(id, rules)).status, 200, 'it is so already');
      await publish(id, rulesOf('dagl'));
    }
    const resource = {
      identifier: `ny-${randomUUID()}`,
      resourceType: 'GenericAccessResource',
      title: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      rightDescription: { nb: 'x', nn: 'x', en: 'x' },
      hasCompetentAuthority: { organization: OWNER },
    };
    const post = async (more: object) =>
      call('POST', REGISTRY, await token(), { ...resource, ...more });
    assert.equal((await post({ rules: [] })).body.code, 'TIL-00030');
    assert.equal((await post({ rules: rulesOf(list) })).body.code, 'TIL-00030');
    assert.equal((await post({ rules: [], closed: true })).status, 201);
  });

  it('reads a subject that is an object as its text, and refuses what says nothing', async () => {
    const { firm, boss } = await newFirm();
    const id = await newResource(rulesOf('dagl'));
    const deny = (subject: object) => [
      { actions: ['read'], subjects: ['dagl'] },
      { effect: 'deny', actions: ['read'], subjects: [subject] },
    ];
    const upper = { kind: 'party', value: boss.id.toUpperCase() };
    assert.equal((await publish(id, deny(upper))).status, 200);
    assert.equal(await decide(boss, 'read', id, firm), 'Deny');
    for (const senseless of [
      { kind: 'any', value: 'anyone' },
      { kind: 'self', value: 'privatperson' },
      { kind: 'key_role', value: 'true' },
      { kind: 'party', value: boss.id, mustBePresent: true },
      { kind: 'role', value: 'dagl', type: 'integer' },
    ])
      assert.equal(
        (await publish(id, deny(senseless))).body.code,
        'TIL-00031',
        JSON.stringify(senseless),
      );
  });

  it('refuses one that comes to more than can be indexed, without making its index', async () => {
    const id = await newResource(rulesOf('dagl'));
    const many = (most: number, of: (n: number) => string) =>
      Array.from({ length: most }, (_, n) => of(n));
    const rules = [
      { actions: many(5_000, (n) => `a${n}`), subjects: many(2_500, (n) => `username:u${n}`) },
    ];
    const answer = await publish(id, rules);
    assert.equal(answer.body.code, 'TIL-00031');
    assert.match(answer.body.faults.join(), /at most 20000 are taken/);
  });

  it('leaves a line each time: when, by whom and why, a rollback too', async () => {
    const id = await newResource(rulesOf('dagl'));
    const first = (await versions(id)).body.data[0].version;
    const path = `${REGISTRY}/${id}/policy?comment=${encodeURIComponent('Regnskap også')}`;
    const second = await call('PUT', path, await token(), { rules: rulesOf('regn') });
    await publish(id, rulesOf('regn'));
    const back = `/access/v1/resources/${id}/policies/${first}/restore?comment=Feil`;
    assert.equal((await call('POST', back, await token())).status, 200);
    const { body } = await versions(id, '/publications');
    assert.deepEqual(
      body.data.map(
        (one: { version: number; publishedBy?: { organizationNo: string }; comment?: string }) => [
          one.version,
          one.publishedBy?.organizationNo,
          one.comment,
        ],
      ),
      [
        [first, OWNER, 'Feil'],
        [second.body.version, OWNER, 'Regnskap også'],
        [first, undefined, null],
      ],
    );
    assert.ok(
      body.data.every((one: { publishedAt: string }) => Date.parse(one.publishedAt) <= Date.now()),
    );
    const stranger = await organizationToken(
      await newOrganization(),
      'altinn:resourceregistry/resource.write',
    );
    const list = `/access/v1/resources/${id}/policies/publications`;
    assert.equal((await call('GET', list, stranger)).body.code, 'TIL-00008');
    const long = `${REGISTRY}/${id}/policy?comment=${'x'.repeat(501)}`;
    assert.equal((await call('PUT', long, await token(), { rules: rulesOf('revi') })).status, 400);
  });

  it('is on what the publisher has seen, where that is said', async () => {
    const id = await newResource(rulesOf('dagl'));
    const seen = await call('GET', `${REGISTRY}/${id}/policy`, undefined, undefined, {
      accept: 'application/json',
    });
    const etag = seen.headers.get('etag')!;
    const first = await publish(id, rulesOf('regn'), { 'if-match': etag });
    assert.deepEqual([first.status, first.headers.get('etag')], [200, `"${first.body.version}"`]);
    const late = await publish(id, rulesOf('revi'), { 'if-match': etag });
    assert.deepEqual([late.status, late.body.code], [412, 'TIL-00039']);
    assert.equal((await publish(id, rulesOf('revi'), { 'if-match': '*' })).status, 200);
    assert.equal((await publish(id, rulesOf('lede'))).status, 200);
  });

  it('keeps what was there: listed, read, compared, and taken up again', async () => {
    const { firm, boss } = await newFirm();
    const id = await newResource(rulesOf('dagl'));
    const second = (await publish(id, rulesOf('regn'))).body.version;
    const { body } = await versions(id);
    assert.deepEqual(
      body.data.map((one: { current: boolean }) => one.current),
      [true, false],
    );
    const first = body.data[1].version;
    assert.deepEqual((await versions(id, `/${first}`)).body.rules[0].subjects, [
      [{ kind: 'role', value: 'dagl' }],
    ]);
    const byQuery = await call(
      'GET',
      `${REGISTRY}/${id}/policy?version=${first}`,
      undefined,
      undefined,
      { accept: 'application/json' },
    );
    assert.deepEqual(byQuery.body, (await versions(id, `/${first}`)).body);
    const compared = (await versions(id, `/compare?from=${first}&to=${second}`)).body;
    assert.deepEqual(
      [compared.added[0].subjects, compared.removed[0].subjects, compared.combining],
      [[[{ kind: 'role', value: 'regn' }]], [[{ kind: 'role', value: 'dagl' }]], []],
    );
    assert.equal(await decide(boss, 'read', id, firm), 'NotApplicable');
    const restored = await call(
      'POST',
      `/access/v1/resources/${id}/policies/${first}/restore`,
      await token(),
    );
    assert.deepEqual([restored.status, restored.body.version], [200, first]);
    assert.equal(await decide(boss, 'read', id, firm), 'Permit');
    const [has, says] = await indexed(id);
    assert.deepEqual(has, says);
  });

  it('is the owner’s, of its own resource and no other', async () => {
    const [id, other] = [await newResource(rulesOf('dagl')), await newResource(rulesOf('regn'))];
    const foreign = (await versions(other)).body.data[0].version;
    for (const path of [`/${foreign}`, '/999999999', `/compare?from=${foreign}&to=${foreign}`])
      assert.equal((await versions(id, path)).body.code, 'RR-00002', path);
    assert.equal((await call('GET', `${REGISTRY}/${id}/policy?version=${foreign}`)).status, 404);
    const stranger = await organizationToken(
      await newOrganization(),
      'altinn:resourceregistry/resource.write',
    );
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/1'],
      ['POST', '/1/restore'],
    ] as const) {
      const answer = await call(method, `/access/v1/resources/${id}/policies${path}`, stranger);
      assert.equal(answer.status, 403, path);
    }
  });

  it('is mended where the index is not what the policy says', async () => {
    const id = await newResource(rulesOf('dagl'));
    const fine = await newResource(rulesOf('regn'));
    await world.database.db.raw('delete from policy_rule where resource_id = ?', [id]);
    const mended = async () => {
      const before = world.logs.length;
      await world.work.run('policy_index.mend');
      return world.logs.slice(before).join('');
    };
    const logged = await mended();
    assert.ok(logged.includes(id) && !logged.includes(fine), logged);
    const [has, says] = await indexed(id);
    assert.deepEqual(has, says);
    assert.equal(await mended(), '');
  });
});

describe('a policy that can never work', () => {
  const faultsOf = async (id: string, rules: object[]) => {
    const { status, body } = await publish(id, rules);
    return status === 400 ? (body.faults as string[]) : [String(status)];
  };
  const rows: [string, object[], RegExp][] = [
    [
      'a type of party that there is not',
      rulesOf('partytype:alien'),
      /no party is of the type alien/,
    ],
    [
      'an organisation that is no number',
      rulesOf('organization:12'),
      /12 is no organization number/,
    ],
    ['a party that is no UUID', rulesOf('urn:altinn:party:uuid:x'), /x is no party's UUID/],
    [
      'a citizen who is a managing director for the same party',
      [{ actions: ['read'], subjects: [['privatperson', 'dagl']] }],
      /nobody is privatperson and dagl/,
    ],
    [
      'a package of persons with a role of organisations',
      [{ actions: ['read'], subjects: [['package:innbygger-pensjon', 'keyrole']] }],
      /nobody is/,
    ],
    ['person', rulesOf('person'), /the role person is not known; say privatperson/],
    ['everybody', rulesOf('everybody'), /say anyone/],
    ['a role by its name', rulesOf('revisor'), /say revi/],
    ['a role that nobody knows', rulesOf('sjefen'), /the role sjefen is not known$/],
  ];
  for (const [what, rules, why] of rows)
    it(`is refused by name: ${what}`, async () => {
      const id = await newResource(rulesOf('dagl'));
      const faults = await faultsOf(id, rules);
      assert.ok(
        faults.some((fault) => why.test(fault)),
        faults.join('\n'),
      );
    });

  it('is refused for consent without one who may ask, or one who may answer', async () => {
    const consent = {
      resourceType: 'Consent',
      consentTemplate: 'default',
      consentText: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      title: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
    };
    const id = await newResource([], consent);
    const [asking] = await faultsOf(id, [can('consent', 'privatperson')]);
    assert.match(asking!, /the action requestconsent: who may ask for consent/);
    const [giving] = await faultsOf(id, [can('requestconsent', 'anyone')]);
    assert.match(giving!, /the action consent: who may give consent/);
    const every = [{ actions: [], subjects: ['privatperson'] }];
    assert.deepEqual(await faultsOf(id, every), ['200']);
    await assert.rejects(newResource([can('consent', 'privatperson')], consent), /requestconsent/);
    const both = [
      can('requestconsent', 'anyone'),
      can('consent', 'privatperson', 'foreldreansvar'),
      can('consent', 'package:innbygger-pensjon'),
    ];
    const words = /consentTextAbout is missing/;
    const lacks = async (of: string, ...rules: object[]) =>
      (await faultsOf(of, rules)).some((fault) => words.test(fault));
    assert.ok(await lacks(id, both[0]!, both[1]!));
    assert.ok(await lacks(id, ...both.slice(0, 1), can('consent', 'privatperson'), both[2]!));
    assert.ok(!(await lacks(id, both[0]!, can('consent', 'privatperson', 'dagl'))));
    assert.ok(!(await lacks(id, both[0]!, can('consent', 'foreldreansvar'))));
    const worded = { ...consent, consentTextAbout: { nb: 'Om', nn: 'Om', en: 'About' } };
    assert.ok(!(await lacks(await newResource([], worded), both[0]!, both[1]!)));
    // One that is so already is taken back as it was answered.
    const before = await newResource([both[0]!, both[1]!], consent);
    assert.ok(!(await lacks(before, both[0]!, both[1]!)));
    await assert.rejects(
      newResource([], { ...consent, consentTemplate: 'ingen' }),
      /the template ingen is not known; there are .*default/,
    );
  });
});
