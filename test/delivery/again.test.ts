// Notices that do not get through: tried again, once each, or given up; and where nothing of them
// stays.
import assert from 'node:assert/strict';
import { can, newResource, sent } from '../support/rights/rights.ts';
import { outbox, until } from '../support/outbox.ts';
import { at, newPerson, world, type TestParty } from '../support/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const box = outbox();
const { person, emailsTo, statesOf } = box;

describe('a notice that does not get through', () => {
  let resource: string;
  before(async () => {
    resource = await newResource([can('read', 'privatperson')]);
  });
  const sentBy = async (giver: TestParty) =>
    sent(giver, await newPerson(), { resource, actions: ['read'] });
  afterEach(() => {
    box.refuses = () => undefined;
    box.smsStatus = 202;
    box.isRegisterDown = false;
  });

  it('is sent later, once, where mail server, gateway and register were down for an hour', async () => {
    const giver = await person('Vente Person');
    const noon = until(12);
    box.refuses = () => 451;
    box.smsStatus = 503;
    await at(noon, async () => {
      await sentBy(giver);
      await box.send();
    });
    box.isRegisterDown = true;
    for (const minutes of [1, 2, 3, 10, 30]) await at(noon + minutes * MINUTE, box.send);
    box.isRegisterDown = false;
    await at(noon + 59 * MINUTE, box.send);
    assert.deepEqual([box.emails, box.sms], [[], []]);
    box.refuses = () => undefined;
    box.smsStatus = 202;
    for (const minutes of [61, 62, 63]) await at(noon + minutes * MINUTE, box.send);
    assert.deepEqual([emailsTo(giver).length, box.sms.length], [1, 1]);
    assert.deepEqual(await statesOf(giver), ['done email sent', 'done sms sent']);
  });

  it('is given up where it is refused for good, and after a day', async () => {
    const giver = await person('Avvist Person');
    const noon = until(12);
    box.refuses = () => 550;
    box.smsStatus = 503;
    await at(noon, async () => {
      await sentBy(giver);
      await box.send();
    });
    assert.deepEqual(await statesOf(giver), ['done email dead 550', 'done sms waiting 503']);
    await at(noon + 23 * HOUR, box.send);
    assert.equal((await statesOf(giver))[1], 'done sms waiting 503');
    await at(noon + 25 * HOUR, box.send);
    assert.equal((await statesOf(giver))[1], 'done sms dead 503');
  });

  it('is another node’s once the one that took it is gone', async () => {
    const giver = await person('Tatt Person');
    await sentBy(giver);
    await box.spread();
    const taken = { taken_until: new Date(Date.now() + MINUTE) };
    await world.database.db('notice_delivery').where({ person: giver.id }).update(taken);
    await box.send();
    assert.equal(emailsTo(giver).length, 0);
    await at(2 * MINUTE, box.send);
    assert.equal(emailsTo(giver).length, 1);
  });

  it('is of the inbox alone where nobody looked for a day', async () => {
    const giver = await person('Sen Person');
    await sentBy(giver);
    await at(25 * HOUR, box.send);
    assert.deepEqual(await statesOf(giver), []);
  });

  it('is refused by the gateway for good where it says so', async () => {
    const giver = await person('Feil Nummer');
    box.smsStatus = 422;
    await sentBy(giver);
    await box.send();
    assert.ok((await statesOf(giver)).includes('done sms dead 422'));
  });

  it('leaves no address in a log', () => {
    for (const line of world.logs)
      for (const known of ['@example.org', '+4791234567', '91234567'])
        assert.ok(!line.includes(known), line);
  });
});
