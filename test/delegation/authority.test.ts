// Who may administer, and see what a party has received; and what is passed on together.
import assert from 'node:assert/strict';
import { can, give, MANDATES, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import { call, newPerson, personToken, type TestParty } from '../support/world.ts';

describe('administering', () => {
  const received = async (who: TestParty, of: TestParty, claims: object = {}) =>
    call('GET', `${MANDATES}?to=${of.id}`, await personToken(who, claims));

  it('shows what a firm received to its administrator, and to nobody else', async () => {
    const [{ firm, boss }, giver, stranger] = [await newFirm(), await newFirm(), await newPerson()];
    await newMandate(giver.firm, firm, { package: 'merverdiavgift' });
    const told = await received(boss, firm);
    assert.deepEqual([told.status, told.body.data.length], [200, 1]);
    const refused = await received(stranger, firm);
    assert.equal(refused.status, 403, refused.text);
  });

  it('shows what a person received to that person alone', async () => {
    const [one, other] = [await newPerson(), await newPerson()];
    const { firm } = await newFirm();
    await newMandate(firm, one, { package: 'merverdiavgift' });
    assert.equal((await received(one, one)).body.data.length, 1);
    assert.equal((await received(other, one)).status, 403);
  });

  it('takes the level that the resource of administration asks for, and says which', async () => {
    const { firm, boss } = await newFirm();
    const low = await received(boss, firm, { 'urn:altinn:authlevel': 1 });
    assert.deepEqual([low.status, low.body.code], [401, 'TIL-00007']);
    assert.match(low.headers.get('www-authenticate')!, /insufficient_user_authentication/);
  });
});

describe('passing on', () => {
  it('is of what rests on one mandate, not on several together', async () => {
    const [{ firm }, holder, next] = [await newFirm(), await newPerson(), await newPerson()];
    const resource = await newResource([
      can('read', 'dagl'),
      can('write', 'package:merverdiavgift'),
    ]);
    await newMandate(firm, holder, { resource, actions: ['read'], mayPassOn: true });
    await newMandate(firm, holder, { package: 'merverdiavgift', mayPassOn: true });
    const both = await give(holder, firm, next, { resource, actions: ['read', 'write'] });
    assert.equal(both.body.code, 'TIL-00022', both.text);
    for (const action of ['read', 'write']) {
      const one = await give(holder, firm, await newPerson(), { resource, actions: [action] });
      assert.equal(one.status, 201, one.text);
    }
  });
});
