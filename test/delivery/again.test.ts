// Notices that do not get through: tried again, once each, or given up; and where nothing of them
// stays.
import assert from 'node:assert/strict';
import { can, newResource, sent } from '../support/rights/rights.ts';
import { insertNotice, morning, outbox, until } from '../support/outbox.ts';
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

  it('keeps nobody else’s from being sent, where the register cannot take one of them', async () => {
    const [odd, refused, well] = [
      await person('Rar Person', { kontaktinformasjon: null }),
      await person('Avvist Nummer'),
      await person('Vel Person'),
    ];
    box.isRefused = (number) => number === refused.number;
    for (const one of [odd, refused, well]) await sentBy(one);
    await box.send();
    box.isRefused = () => false;
    assert.equal(emailsTo(well).length, 1);
    for (const one of [odd, refused])
      assert.ok((await statesOf(one)).includes('done email dropped no_address'));
  });

  it('is tried again where the mail server refuses us, and not the message', async () => {
    const giver = await person('Vår Feil');
    box.refuses = () => '550 5.7.1 relaying denied';
    await sentBy(giver);
    await box.send();
    assert.ok((await statesOf(giver)).includes('done email waiting 550'));
  });

  it('that can wait a day is tried for a day from when it was due, and wakes nobody', async () => {
    const info = { mobiltelefonnummer: '99999998', mobiltelefonnummer_oppdatert: new Date() };
    const giver = await person('Daglig Person', { kontaktinformasjon: info });
    await insertNotice(giver, 'consent_ends');
    await box.spread();
    const nine = morning();
    const got = () => box.sms.filter(({ to }) => to === '+4799999998').length;
    box.smsStatus = 503;
    await at(nine, box.send);
    await at(nine + 10 * HOUR, box.send);
    assert.deepEqual(await statesOf(giver), ['daily either waiting 503']);
    box.smsStatus = 202;
    await at(nine + 13 * HOUR, box.send);
    assert.equal(got(), 0, 'by night');
    await at(nine + 23.2 * HOUR, box.send);
    assert.equal(got(), 1);
  });

  it('is joined by what comes, unless it is being sent at that moment', async () => {
    const giver = await person('Samtidig Person');
    const rows = () => world.database.db('notice_delivery').where({ person: giver.id });
    await sentBy(giver);
    await box.spread();
    await rows().update({ taken_until: new Date(Date.now() + MINUTE) });
    await sentBy(giver);
    await box.spread();
    await rows().update({ taken_until: null });
    await sentBy(giver);
    await box.spread();
    const emails = await rows().where({ channel: 'email' }).orderBy('id');
    assert.deepEqual(
      emails.map(({ notices }: { notices: string[] }) => notices.length),
      [2, 1],
    );
  });

  it('is no news any more where no node has tried it for a day', async () => {
    const giver = await person('Gammel Person');
    await sentBy(giver);
    await box.spread();
    await at(25 * HOUR, box.send);
    const dropped = ['email', 'sms'].map((channel) => `done ${channel} dropped late`);
    assert.deepEqual((await statesOf(giver)).slice(0, 2), dropped);
    assert.equal(emailsTo(giver).length, 0);
  });

  it('has the id of its row each time, and says that no person wrote it', async () => {
    const giver = await person('Lik Person');
    await sentBy(giver);
    await box.send();
    const [row] = await world.database
      .db('notice_delivery')
      .where({ person: giver.id, channel: 'email' });
    const [got] = emailsTo(giver);
    assert.deepEqual([got!.id, got!.isAutomatic], [`<${row.id}@tillit.example>`, true]);
  });

  it('leaves no address in a log', () => {
    for (const line of world.logs)
      for (const known of ['@example.org', '+4791234567', '91234567'])
        assert.ok(!line.includes(known), line);
  });
});
