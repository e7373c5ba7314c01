// The resource registry: a stranger registers a resource and its rule, gives a right and sees the
// decision flip; XACML comes in and goes out, or is refused by name; access lists; feeds of
// changes.
import assert from 'node:assert/strict';
import { organizationNumber } from '../support/numbers.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  outsideToken,
  type TestParty,
} from '../support/world.ts';
import { decide, end, evaluate, given, newFirm, question } from '../support/rights/rights.ts';
import {
  REGISTRY,
  WRITE,
  T,
  body,
  rules,
  newId,
  register,
  publish,
} from '../support/rights/registry.ts';

describe('the resource registry', () => {
  it('tells the whole story: a resource, a rule, a right, permit, why, the end, and deny again', async () => {
    const [owner, { firm, boss }, clerk] = [
      await newOrganization(),
      await newFirm(),
      await newPerson(),
    ];
    const id = newId();
    const created = await register(owner, id);
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(
      [created.body.identifier, created.body.hasCompetentAuthority.organization],
      [id, owner.number],
    );
    const own = await organizationToken(owner, 'altinn:authorization/authorize');
    const ask = async () => (await evaluate(question(clerk, 'read', id, firm), own)).body;
    assert.deepEqual([(await ask()).decision, (await ask()).context.reason], [false, 'no_rule']);
    assert.equal(
      (await publish(owner, id, rules({ action: 'read', subjects: ['dagl'] }))).status,
      201,
    );
    assert.equal((await ask()).context.reason, 'not_named');
    const mandate = await given(boss, firm, clerk, { resource: id, actions: ['read'] });
    const permitted = await ask();
    assert.deepEqual(
      [permitted.decision, permitted.context.reason, permitted.context.mandates],
      [true, 'right', [mandate]],
    );
    await end(boss, mandate);
    assert.equal((await ask()).decision, false);
  });

  it("refuses what is not complete, another's resource, a name that is taken, and a scope that is not the caller's", async () => {
    const [owner, other] = [await newOrganization(), await newOrganization()];
    const id = newId();
    const faults = async (changes: object, pattern: RegExp) => {
      const answer = await register(owner, id, changes);
      assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00030'], answer.text);
      assert.match(answer.body.faults.join('; '), pattern);
    };
    await faults({ rightDescription: undefined }, /rightDescription is required/);
    const untitled = (await register(owner, id, { title: undefined })).body;
    assert.deepEqual(untitled.validationErrors[0].paths, ['/title']);
    await faults({ identifier: 'Ny.Tjeneste' }, /identifier/);
    const misspelt = (await register(owner, id, rules({ action: 'read', subject: 'dagl' }))).body;
    assert.deepEqual(
      [misspelt.validationErrors[0].code, misspelt.validationErrors[0].paths],
      ['TIL.VLD-00007', ['/rules/0/subject']],
    );
    await faults(rules({ action: 'read', subjects: ['konge'] }), /role konge is not known/);
    await faults(
      rules({ action: 'read', subjects: ['package:ingen'] }),
      /access package ingen is not known/,
    );
    await faults(rules({ subjects: ['dagl'] }), /names no action/);
    await faults(rules({ action: 'read' }), /names no subject/);
    await faults(
      rules({
        action: 'read',
        subjects: ['dagl'],
        when: [{ category: 'resource', name: 'a', values: ['(?=a)'], match: 'regexp' }],
      }),
      /not a regular expression of RE2's syntax/,
    );
    assert.equal((await register(owner, id)).status, 201);
    assert.equal((await register(owner, id)).body.code, 'TIL-00032');
    assert.equal(
      (
        await call(
          'PUT',
          `${REGISTRY}/resource/${id}`,
          await organizationToken(other, WRITE),
          body(owner, id),
        )
      ).status,
      403,
    );
    assert.equal(
      (await call('DELETE', `${REGISTRY}/resource/${id}`, await organizationToken(other, WRITE)))
        .status,
      403,
    );
    assert.equal(
      (await publish(other, id, rules({ action: 'read', subjects: ['dagl'] }))).status,
      403,
    );
    assert.equal(
      (await register(other, newId(), { hasCompetentAuthority: { organization: owner.number } }))
        .status,
      403,
    );
    assert.equal(
      (await register(owner, newId(), {}, 'altinn:resourceregistry/resource.read')).status,
      403,
    );
    assert.equal((await call('GET', `${REGISTRY}/resource/${newId()}`)).body.code, 'RR-00002');
    const schema = {
      resourceType: 'MaskinportenSchema',
      resourceReferences: [
        {
          referenceSource: 'ExternalPlatform',
          referenceType: 'MaskinportenScope',
          reference: 'other:scope',
        },
      ],
    };
    assert.deepEqual((await register(owner, newId(), schema)).body.forbiddenScopes, [
      'other:scope',
    ]);
    const prefixed = await outsideToken({
      scope: WRITE,
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${owner.number}` },
      consumer_prefix: ['other'],
    });
    assert.equal(
      (await call('POST', `${REGISTRY}/resource`, prefixed, body(owner, newId(), schema))).status,
      201,
    );
  });

  it('keeps the policy when a resource changes, replaces it when told to, and closes what is ended', async () => {
    const [owner, { firm, boss }] = [await newOrganization(), await newFirm()];
    const id = newId();
    await register(owner, id, rules({ action: 'read', subjects: ['dagl'] }));
    const token = await organizationToken(owner, WRITE);
    const put = async (changes: object) =>
      call('PUT', `${REGISTRY}/resource/${id}`, token, body(owner, id, changes));
    assert.equal((await put({ title: T('Nytt navn') })).body.title.nb, 'Nytt navn');
    assert.equal(await decide(boss, 'read', id, firm), 'Permit');
    await put(rules({ action: 'read', subjects: ['lede'] }));
    assert.equal(await decide(boss, 'read', id, firm), 'NotApplicable');
    await put(rules({ action: 'read', subjects: ['dagl'] }));
    assert.equal((await call('DELETE', `${REGISTRY}/resource/${id}`, token)).status, 204);
    assert.equal(await decide(boss, 'read', id, firm), 'Indeterminate');
  });

  it('tells a policy as subjects, rules and rights, and what a subject opens', async () => {
    const owner = await newOrganization();
    const id = newId();
    await register(
      owner,
      id,
      rules({ actions: ['read', 'write'], subjects: ['dagl', 'package:merverdiavgift'] }),
    );
    const get = async (path: string) =>
      (
        await call(
          'GET',
          `${path.startsWith('/') ? path : `${REGISTRY}/resource/${id}/policy/${path}`}`,
        )
      ).body;
    assert.deepEqual(
      (await get('subjects')).data.map((one: { urn: string }) => one.urn),
      ['urn:altinn:rolecode:dagl', 'urn:altinn:accesspackage:merverdiavgift'],
    );
    assert.equal((await get('rules')).length, 4);
    const rights = await get('rights');
    assert.deepEqual(
      rights.map((right: { action: { value: string } }) => right.action.value),
      ['read', 'write'],
    );
    assert.match(rights[0].rightKey, /^01[0-9a-f]{64}$/);
    assert.equal(
      (await get(`/resourceregistry/api/v2/resource/${id}/policy/rights`))[0].key,
      rights[0].rightKey,
    );
    const opened = await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, [
      'urn:altinn:rolecode:DAGL',
      'urn:altinn:accesspackage:none',
    ]);
    assert.ok(opened.body.data[0].resources.some((one: { value: string }) => one.value === id));
    assert.deepEqual(opened.body.data[1].resources, []);
    const often = await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, [
      ...Array.from({ length: 998 }, () => 'urn:altinn:rolecode:dagl'),
      'urn:altinn:rolecode:DAGL',
      'urn:altinn:accesspackage:none',
    ]);
    assert.deepEqual(
      often.body.data.map(({ subject }: { subject: string }) => subject),
      ['urn:altinn:rolecode:dagl', 'urn:altinn:accesspackage:none'],
      'each once',
    );
    assert.equal(
      (await call('POST', `${REGISTRY}/resource/bysubjects`, undefined, { a: 1 })).status,
      400,
    );
  });

  it('feeds what changed, each resource once, without loss over pages', async () => {
    const owner = await newOrganization();
    const since = new Date().toISOString();
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await register(owner, id, rules({ action: 'read', subjects: ['dagl'] }));
    await publish(owner, ids[0]!, rules({ action: 'read', subjects: ['lede'] }));
    const seen: string[] = [];
    let next: string | null = `${REGISTRY}/resource/changes?limit=2`;
    while (next) {
      const page = await call('GET', next);
      seen.push(...page.body.data.map((one: { resourceId: string }) => one.resourceId));
      next = page.body.links.next;
    }
    assert.deepEqual(
      seen.filter((id) => ids.includes(id)),
      [ids[1], ids[2], ids[0]],
    );
    const updated: string[] = [];
    next = `${REGISTRY}/resource/updated?limit=1&since=${encodeURIComponent(since)}`;
    while (next) {
      const page = await call('GET', next);
      updated.push(
        ...page.body.data.map(
          (one: { subjectUrn: string; resourceUrn: string }) =>
            `${one.subjectUrn} ${one.resourceUrn}`,
        ),
      );
      next = page.body.links.next;
    }
    for (const id of ids) assert.equal(updated.filter((line) => line.endsWith(id)).length, 1);
    assert.equal(
      (await call('GET', `${REGISTRY}/resource/updated?limit=0`)).body.validationErrors[0].code,
      'RR.VLD-00008',
    );
    assert.equal(
      (await call('GET', `${REGISTRY}/resource/changes?token=x`)).body.validationErrors[0].code,
      'RR.VLD-00009',
    );
  });

  it("keeps access lists: members, resources, versions, and their owner's alone", async () => {
    const [owner, other, member, { firm, boss }] = [
      await newOrganization(),
      await newOrganization(),
      await newOrganization(),
      await newFirm(),
    ];
    const id = newId();
    await register(owner, id, {
      accessListMode: 'Enabled',
      ...rules({ actions: ['read', 'write'], subjects: ['dagl'] }),
    });
    const list = `${REGISTRY}/access-lists/${owner.number}/prove-${owner.number}`;
    const token = await organizationToken(owner, 'altinn:resourceregistry/accesslist.write');
    const send = (
      method: string,
      path: string,
      content?: unknown,
      headers?: Record<string, string>,
    ) => call(method, list + path, token, content, headers);
    assert.equal(await decide(boss, 'read', id, firm), 'Deny');
    assert.equal((await send('GET', '')).body.code, 'TIL-00033');
    const made = await send('PUT', '', { name: 'Prøveliste' });
    assert.equal(made.status, 201, made.text);
    const connect = async (content?: object) =>
      (await send('PUT', `/resource-connections/${id}`, content)).status;
    assert.deepEqual([await connect({ actionFilters: null }), await connect()], [400, 415]);
    assert.equal(await connect({ actionFilters: ['read'] }), 200);
    assert.equal(
      (
        await send('POST', '/members', {
          data: [`urn:altinn:organization:identifier-no:${firm.number}`, member.urn],
        })
      ).body.data.length,
      2,
    );
    assert.deepEqual(
      [await decide(boss, 'read', id, firm), await decide(boss, 'write', id, firm)],
      ['Permit', 'Deny'],
    );
    assert.equal(
      (await send('PUT', '', { name: 'Nytt' }, { 'if-match': made.headers.get('etag')! })).body
        .code,
      'TIL-00034',
    );
    assert.equal(
      (
        await send(
          'PUT',
          '',
          { name: 'Nytt' },
          { 'if-match': (await send('GET', '')).headers.get('etag')! },
        )
      ).status,
      200,
    );
    const memberships = await call(
      'GET',
      `${REGISTRY}/access-lists/memberships?party=${firm.urn}&resource=urn:altinn:resource:${id}`,
      token,
    );
    assert.deepEqual(memberships.body.data[0].actionFilters, ['read']);
    assert.equal(
      (await call('GET', `${REGISTRY}/access-lists/get-by-member?party=${firm.urn}`, token)).body
        .data.length,
      1,
    );
    await send('DELETE', '/members', { data: [firm.urn] });
    assert.equal(await decide(boss, 'read', id, firm), 'Deny');
    assert.equal(
      (await send('POST', '/members', { data: [(await newPerson()).urn] })).body.validationErrors[0]
        .code,
      'RR.VLD-00004',
    );
    assert.equal(
      (await send('POST', '/members', { data: [] })).body.validationErrors[0].code,
      'RR.VLD-00003',
    );
    assert.equal(
      (await send('POST', '/members', { data: Array.from({ length: 101 }, () => member.urn) })).body
        .validationErrors[0].code,
      'RR.VLD-00000',
    );
    assert.equal((await send('PUT', '/resource-connections/inntekt', {})).body.code, 'RR-00004');
    assert.equal(
      (
        await call(
          'PUT',
          list,
          await organizationToken(other, 'altinn:resourceregistry/accesslist.write'),
          { name: 'Mitt' },
        )
      ).status,
      403,
    );
    assert.equal(
      (
        await call(
          'PUT',
          list
            .replace(owner.number, other.number)
            .replace(`prove-${other.number}`, `prove-${owner.number}`),
          await organizationToken(other, 'altinn:resourceregistry/accesslist.write'),
          { name: 'Mitt' },
        )
      ).status,
      201,
      "another owner's list of the same name is another list",
    );
    assert.equal((await send('GET', '')).body.name, 'Nytt');
    const nobody = await call(
      'PUT',
      `${REGISTRY}/access-lists/${organizationNumber()}/x1`,
      await organizationToken(owner, 'altinn:resourceregistry/resource.admin'),
      { name: 'Ingens' },
    );
    assert.equal(nobody.body.validationErrors[0].code, 'RR.VLD-00004', "nobody's list");
    assert.equal((await send('DELETE', '')).status, 204);
    assert.equal((await send('GET', '')).status, 404);
  });

  it('changes an access list by one of six that saw the same version, whatever they change', async () => {
    const [owner, ...members] = await Promise.all(
      Array.from({ length: 7 }, () => newOrganization()),
    );
    const list = `${REGISTRY}/access-lists/${owner!.number}/samtidig`;
    const token = await organizationToken(owner!, 'altinn:resourceregistry/accesslist.write');
    const id = newId();
    await register(owner!, id, { accessListMode: 'Enabled' });
    const made = await call('PUT', list, token, { name: 'Samtidig' });
    assert.equal(made.status, 201, made.text);
    const changes: [string, string, (member: TestParty) => unknown][] = [
      ['PUT', '/members', ({ urn }) => ({ data: [urn] })],
      ['POST', '/members', ({ urn }) => ({ data: [urn] })],
      ['PUT', '', ({ name }) => ({ name })],
      ['PUT', `/resource-connections/${id}`, () => ({ actionFilters: ['read'] })],
      ['DELETE', '', () => undefined],
    ];
    for (const [method, path, body] of changes) {
      // What changes nothing leaves the version as it was.
      await call('PUT', `${list}/members`, token, { data: [] });
      const seen = { 'if-match': (await call('GET', list, token)).headers.get('etag')! };
      const answers = await Promise.all(
        members.map((member) => call(method, list + path, token, body(member), seen)),
      );
      const good = answers.filter(({ status }) => status < 300);
      assert.equal(good.length, 1, `${method} ${path} ${answers.map(({ text }) => text).join()}`);
      for (const answer of answers)
        if (!good.includes(answer))
          assert.ok(['TIL-00034', 'TIL-00033'].includes(answer.body.code), answer.text);
    }
    const none = await call('PUT', list, token, { name: 'Ny' }, { 'if-match': '*' });
    assert.equal(none.body.code, 'TIL-00034', none.text);
  });
});
