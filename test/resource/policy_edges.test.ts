// A policy as it is asked for and sent in other ways: in JSON, by a form, of nobody in particular,
// and where there is none.
import assert from 'node:assert/strict';
import { can, decide, newResource, pdpToken } from '../support/rights/rights.ts';
import { call, newPerson, outsideToken, world } from '../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const get = (path: string, accept?: string) =>
  call('GET', `${REGISTRY}/${path}`, undefined, undefined, accept ? { accept } : {});

describe('a policy', () => {
  it('is JSON for one who asks for that, and XACML for anyone else', async () => {
    const id = await newResource([can('read', 'privatperson')]);
    const json = await get(`${id}/policy`, 'application/json');
    assert.deepEqual(json.body.rules[0].actions, ['read']);
    for (const accept of [undefined, '*/*', 'application/xml'])
      assert.match((await get(`${id}/policy`, accept)).text, /<xacml:Policy|<Policy/);
  });

  it('for everybody and every action is one line, of no subject', async () => {
    const id = await newResource([{ actions: [], subjects: [] }]);
    const { body } = await get(`${id}/policy/rules`);
    assert.equal(body.length, 1);
    assert.deepEqual([body[0].subject, body[0].action.value], [[], '*']);
  });

  it('that a resource does not have is RR-00002, for each way to read it', async () => {
    const id = await newResource([can('read', 'anyone')]);
    await world.database.db.raw('update resource set policy_version = null where id = ?', [id]);
    for (const path of ['policy', 'policy/subjects', 'policy/rules', 'policy/rights'])
      assert.equal((await get(`${id}/${path}`)).body.code, 'RR-00002', path);
    const person = await newPerson();
    assert.equal(await decide(person, 'read', id, person), 'Indeterminate');
  });

  it('comes as the file of a form too; a form without one is refused', async () => {
    const id = await newResource([can('read', 'privatperson')]);
    const token = await outsideToken({
      scope: 'altinn:resourceregistry/resource.write',
      consumer: { authority: 'iso6523-actorid-upis', ID: '0192:211104015' },
    });
    const xml = (await get(`${id}/policy`)).text;
    const send = async (content: string) => {
      const form = new FormData();
      form.set('policyFile', new Blob([content], { type: 'text/xml' }), 'policy.xml');
      return fetch(`${world.url}${REGISTRY}/${id}/policy`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: form,
      });
    };
    const taken = await send(xml);
    assert.equal(taken.status, 200, await taken.clone().text());
    const empty = await send('');
    assert.equal(empty.status, 400, await empty.clone().text());
    assert.ok(await pdpToken());
  });
});
