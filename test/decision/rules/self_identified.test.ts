// Users whom no register knows: let in, acted for and given rights only where the service says that
// it is for them, or by a rule that names that very user.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  can,
  decide,
  decideEverywhere,
  newMandate,
  newResource,
  OWNER,
  pdpToken,
} from '../../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  personToken,
  world,
} from '../../support/world.ts';

const ENABLED = { selfIdentifiedUserEnabled: true };
const PACKAGE = 'innbygger-pensjon';

interface User {
  id: string;
  username: string;
  number: string;
  name: string;
  urn: string;
}

async function newUser(): Promise<User> {
  const [id, username] = [randomUUID(), `ola-${randomUUID()}`];
  await importThis({ parties: [{ kind: 'self_identified', id, username, name: 'Ola Prøve' }] });
  return { id, username, number: username, name: 'Ola Prøve', urn: '' };
}

describe('a user whom no register knows', () => {
  let user: User;
  before(async () => {
    user = await newUser();
  });

  const rows: [string, (own: User) => string | string[], string | null][] = [
    ['everybody', () => 'anyone', null],
    ['a kind of user', () => 'partytype:self_identified', null],
    ['the role of such users', () => 'selvregistrert', 'self'],
    ['an access package', () => `package:${PACKAGE}`, 'package'],
    ['a user by name', (own) => `username:${own.username}`, 'always'],
    ['a user by name with more', (own) => [`username:${own.username}`, 'anyone'], 'always'],
  ];
  for (const [what, subjectOf, how] of rows) {
    it(`is let in by a rule that names ${what} ${how === 'always' ? 'everywhere' : 'only where the service is for such users'}`, async () => {
      const from = how === 'package' ? await newPerson() : user;
      if (how === 'package') await newMandate(from, user, { package: PACKAGE });
      const rules = [can('read', subjectOf(user))];
      const [closed, open] = [await newResource(rules), await newResource(rules, ENABLED)];
      const expected = how === 'always' ? 'Permit' : 'NotApplicable';
      // What names everybody of a kind is in no list of parties.
      const door = how === 'package' || how === 'self' ? decideEverywhere : decide;
      const ask = (resource: string) => door(user, 'read', resource, from);
      assert.deepEqual([await ask(closed), await ask(open)], [expected, 'Permit']);
    });
  }

  it('is let in by an access list with that very user on it', async () => {
    const listed = await newUser();
    const id = randomUUID();
    await importThis({ accessLists: [{ id, owner: OWNER, name: 'Brukere', members: [] }] });
    // Owners list organisations; the operator may list others.
    await world.database.db.raw('insert into access_list_member (list_id, party) values (?, ?)', [
      `${OWNER}:${id}`,
      listed.id,
    ]);
    const resource = await newResource([can('read', `accesslist:${id}`)]);
    const ask = (who: User) => decide(who, 'read', resource, who);
    assert.deepEqual([await ask(listed), await ask(user)], ['Permit', 'NotApplicable']);
  });

  it('is kept out by a Deny that is about anybody', async () => {
    const denied = { effect: 'deny', action: 'read', subjects: ['anyone'] };
    const resource = await newResource([can('read', `username:${user.username}`), denied]);
    assert.equal(await decideEverywhere(user, 'read', resource, user), 'Deny');
  });

  it('uses a single right, and is acted for, only where the service is for such users', async () => {
    const [firm, person] = [await newOrganization(), await newPerson()];
    const rules = [can('read', 'dagl', `package:${PACKAGE}`)];
    const [closed, open] = [await newResource(rules), await newResource(rules, ENABLED)];
    for (const resource of [closed, open])
      await newMandate(firm, user, { resource, actions: ['read'] });
    await importThis({ mandates: [{ from: user.id, to: person.number, package: PACKAGE }] });
    const expected = ['NotApplicable', 'Permit'];
    const told = async (subject: { id: string }, from: { id: string }) => [
      await decideEverywhere(subject, 'read', closed, from),
      await decideEverywhere(subject, 'read', open, from),
    ];
    assert.deepEqual(await told(user, firm), expected);
    assert.deepEqual(await told(person, user), expected);
  });

  it('is listed with what is for such users, instances too', async () => {
    const own = await newUser();
    const firm = await newOrganization();
    const rules = [can('read', 'dagl')];
    const [closed, open] = [await newResource(rules), await newResource(rules, ENABLED)];
    for (const resource of [closed, open])
      for (const instance of [undefined, 'sak-1'])
        await newMandate(firm, own, {
          resource,
          actions: ['read'],
          ...(instance ? { instance } : {}),
        });
    const listed = async (flags: string) => {
      const { body } = await call(
        'POST',
        `/accessmanagement/api/v1/serviceowner/authorizedparties?${flags}`,
        await pdpToken('altinn:accessmanagement/authorizedparties.admin'),
        { type: 'urn:altinn:party:uuid', value: own.id },
      );
      return body.find((one: { partyUuid: string }) => one.partyUuid === firm.id);
    };
    const both = await listed('includeResources=true&includeInstances=true');
    assert.deepEqual(both.authorizedResources, [open]);
    const instances = (found: { authorizedInstances: { resourceId: string }[] }) =>
      found.authorizedInstances.map((one) => one.resourceId);
    assert.deepEqual(instances(both), [open]);
    assert.deepEqual(instances(await listed('includeInstances=true')), [open]);
  });

  it('is given rights to, and asks for, what is for such users only', async () => {
    const boss = await newPerson();
    const rules = [can('read', 'privatperson')];
    const [closed, open] = [await newResource(rules), await newResource(rules, ENABLED)];
    const give = async (resource: string) =>
      call('POST', '/access/v1/mandates', await personToken(boss), {
        from: boss.number,
        to: `urn:altinn:username:${user.username}`,
        lastName: 'Prøve',
        resource,
        actions: ['read'],
      });
    const refused = await give(closed);
    assert.deepEqual([refused.status, refused.body.code], [400, 'TIL-00038'], refused.text);
    const given = await give(open);
    assert.equal(given.status, 201, given.text);
    // Such a user has no token; a service owner may write a request for one.
    const owner = await pdpToken('altinn:serviceowner/delegationrequests.write');
    const ask = async (resource: string) =>
      call('POST', '/accessmanagement/api/v1/serviceowner/delegationrequests/resource', owner, {
        from: user.id,
        to: boss.id,
        resource,
      });
    const asked = await ask(closed);
    assert.deepEqual([asked.status, asked.body.code], [400, 'TIL-00038'], asked.text);
    assert.equal((await ask(await newResource(rules, ENABLED))).status, 202);
  });
});
