// What a receiver must accept before it holds: what a package demands, and what persons who are
// strangers give each other. It waits for thirty days.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import {
  accept,
  can,
  change,
  decide,
  end,
  give,
  MANDATES,
  newFirm,
  newResource,
} from '../support/rights/rights.ts';
import { send } from '../support/rights/enduser.ts';
import { newSupplier } from '../support/rights/suppliers.ts';
import {
  at,
  call,
  importThis,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

const LEISURE = 'innbygger-fritidsaktiviteter-friluftsliv';
const REQUEST = '/accessmanagement/api/v1/enduser/request';
const PLAIN = {
  forKind: 'organization',
  name: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
  description: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
};
const DAY = 86_400_000;

/** A service that the package opens, and two persons who have nothing to do with each other. */
async function strangers() {
  const resource = await newResource([
    { action: 'read', subjects: [`urn:altinn:accesspackage:${LEISURE}`] },
  ]);
  const [giver, receiver] = [await newPerson('Sigrid Sender'), await newPerson('Mats Mottaker')];
  const sent = await give(giver, giver, receiver, { package: LEISURE });
  assert.equal(sent.status, 201, sent.text);
  return { giver, receiver, resource, id: sent.body.id as string, sent: sent.body };
}
/** The giver adds the receiver to its connections, of which the receiver says nothing. */
async function named(giver: TestParty, receiver: TestParty): Promise<void> {
  const query = new URLSearchParams({ party: giver.id, from: giver.id });
  const path = `/accessmanagement/api/v1/enduser/connections?${query}`;
  const person = { personIdentifier: receiver.number, lastName: lastName(receiver) };
  const { status, text } = await call('POST', path, await personToken(giver), person);
  assert.ok(status < 300, text);
}
const read = async (who: TestParty, id: string) =>
  (await call('GET', `${MANDATES}/${id}`, await personToken(who))).body;
const noticesOf = async ({ id }: TestParty): Promise<string[]> =>
  (
    await world.database.db.raw('select type from notice where party = ? order by id', [id])
  ).rows.map(({ type }: { type: string }) => type);

describe('what a stranger is given', () => {
  it('waits for the receiver, and holds from the moment that it is accepted', async () => {
    const { giver, receiver, resource, id, sent } = await strangers();
    assert.equal(sent.status, 'sent');
    assert.ok(new Date(sent.acceptBy).getTime() > Date.now() + 29 * DAY);
    assert.equal(await decide(receiver, 'read', resource, giver), 'NotApplicable');
    const taken = await accept(receiver, id);
    assert.equal(taken.status, 200, taken.text);
    assert.equal(taken.body.status, 'active');
    assert.equal(taken.body.acceptBy, undefined);
    assert.equal(await decide(receiver, 'read', resource, giver), 'Permit');
    assert.equal((await accept(receiver, id)).status, 200);
    assert.deepEqual(await noticesOf(receiver), ['mandate_sent']);
    const heard = (await noticesOf(giver)).slice(0, 2);
    assert.deepEqual(heard, ['mandate_sent', 'mandate_accepted']);
  });

  it('is accepted by its receiver alone', async () => {
    const { giver, receiver, id, resource } = await strangers();
    const own = await accept(giver, id);
    assert.deepEqual([own.status, own.body.code], [403, 'TIL-00062']);
    const other = await accept(await newPerson(), id);
    assert.deepEqual([other.status, other.body.code], [404, 'TIL-00020']);
    assert.equal(await decide(receiver, 'read', resource, giver), 'NotApplicable');
  });

  it('falls after thirty days, of which the giver gets a notice, and can be given anew', async () => {
    const { giver, receiver, id } = await strangers();
    await at(29 * DAY, () => world.work.run('mandate.fall'));
    assert.equal((await read(giver, id)).status, 'sent');
    await at(31 * DAY, async () => {
      assert.equal((await read(giver, id)).status, 'expired');
      const late = await accept(receiver, id);
      assert.deepEqual([late.status, late.body.code], [409, 'TIL-00021']);
      const own = await loggedIn(giver, `/overview?party=${giver.id}&show=given`);
      assert.doesNotMatch(mainText(own.page.html), /må besvares innen/);
      // Before anybody has ended it.
      const anew = await give(giver, giver, receiver, { package: LEISURE });
      assert.equal(anew.status, 201, anew.text);
      assert.equal((await read(giver, id)).status, 'ended');
      const { rows } = await world.database.db.raw(
        `select detail from event where mandate_id = ? and type = 'ended'`,
        [id],
      );
      assert.deepEqual(rows, [{ detail: { unanswered: true } }]);
    });
    const other = await strangers();
    await at(31 * DAY, async () => {
      await world.work.run('mandate.fall');
      assert.equal((await read(other.giver, other.id)).status, 'ended');
    });
    assert.deepEqual(await noticesOf(other.giver), ['mandate_sent', 'mandate_unanswered']);
    assert.deepEqual(await noticesOf(other.receiver), ['mandate_sent']);
  });

  it('is not accepted once either side has ended it', async () => {
    for (const side of ['giver', 'receiver'] as const) {
      const sent = await strangers();
      assert.equal((await end(sent[side], sent.id)).status, 204);
      const late = await accept(sent.receiver, sent.id);
      assert.deepEqual([late.status, late.body.code], [409, 'TIL-00021'], side);
    }
  });

  it('waits, though something else waits already, or the giver has named the receiver', async () => {
    const { giver, receiver } = await strangers();
    await named(giver, receiver);
    const second = await give(giver, giver, receiver, { package: 'innbygger-pensjon' });
    assert.equal(second.body.status, 'sent');
    const back = await give(receiver, receiver, giver, { package: LEISURE });
    assert.equal(back.body.status, 'sent');
  });

  it('waits where the package demands it, whoever gives', async () => {
    const code = `test-${randomUUID()}`;
    const entry = { code, area: 'skatt_avgift_regnskap_og_toll', ...PLAIN, mustAccept: true };
    const carried = { role: 'dagl', packages: [code], give: true };
    await importThis({ packages: [entry], rolePackages: [carried] });
    const [{ firm, boss }, other] = [await newFirm(), await newFirm()];
    const { body } = await give(boss, firm, other.firm, { package: code });
    assert.equal(body.status, 'sent');
    assert.equal((await accept(await newPerson(), body.id)).status, 404);
    assert.equal((await accept(other.boss, body.id)).body.status, 'active');
    const { rows } = await world.database.db.raw(
      `select by_party, detail ->> 'acceptedBy' as accepted from event where mandate_id = ? and type = 'given'`,
      [body.id],
    );
    assert.deepEqual(rows, [{ by_party: boss.id, accepted: other.boss.id }]);
  });

  it('waits for an agent of a supplier too, where the package demands it', async () => {
    const code = `test-${randomUUID()}`;
    const entry = { code, area: 'skatt_avgift_regnskap_og_toll', ...PLAIN, mustAccept: true };
    const carried = { role: 'dagl', packages: [code], give: true };
    await importThis({ packages: [entry], rolePackages: [carried] });
    const resource = await newResource([can('read', `package:${code}`)]);
    const { client, supplier, boss, employee, pass } = await newSupplier();
    const chief = await newPerson();
    await newRole('dagl', client, chief);
    const { body } = await give(chief, client, supplier, { package: code });
    assert.equal((await accept(boss, body.id)).body.status, 'active');
    const passed = await pass([{ role: 'rettighetshaver', packages: [code] }]);
    assert.ok(passed.status < 300, passed.text);
    assert.equal(await decide(employee, 'read', resource, client), 'NotApplicable');
    const [mandate] = (
      await world.database.db.raw('select id from mandate where to_party = ?', [employee.id])
    ).rows;
    assert.equal((await accept(employee, mandate.id)).body.status, 'active');
    assert.equal(await decide(employee, 'read', resource, client), 'Permit');
  });

  it('waits, though the receiver is an agent of a supplier of the giver', async () => {
    const { supplier, boss, employee } = await newSupplier();
    const giver = await newPerson();
    const given = await give(giver, giver, supplier, { package: LEISURE });
    assert.equal(given.body.status, 'active');
    const where = { party: supplier.id, client: giver.id, agent: employee.id };
    const values = [{ role: 'rettighetshaver', packages: [LEISURE] }];
    const passed = await send(boss, 'POST', '/clientdelegations/agents/accesspackages', where, {
      values,
    });
    assert.ok(passed.status < 300, passed.text);
    await named(giver, employee);
    const own = await give(giver, giver, employee, { package: 'innbygger-pensjon' });
    assert.equal(own.body.status, 'sent', own.text);
  });

  it('is not widened before it is accepted, and is narrowed as any other', async () => {
    const { giver, receiver, id } = await strangers();
    const till = (days: number) => new Date(Date.now() + days * DAY).toISOString();
    assert.equal((await change(giver, id, { validTo: till(10) })).status, 200);
    for (const more of [{ validTo: till(20) }, { mayPassOn: true }]) {
      const wider = await change(giver, id, more);
      assert.deepEqual([wider.status, wider.body.code], [409, 'TIL-00068']);
    }
    await accept(receiver, id);
    assert.equal((await change(giver, id, { validTo: till(20) })).status, 200);
  });

  it('gets no more actions before it is accepted', async () => {
    const [giver, receiver] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('write', 'privatperson')]);
    const { body } = await give(giver, giver, receiver, { resource, actions: ['read'] });
    assert.equal(body.status, 'sent');
    const more = await give(giver, giver, receiver, { resource, actions: ['write'] });
    assert.deepEqual([more.status, more.body.code], [409, 'TIL-00068']);
    assert.deepEqual((await read(giver, body.id)).actions, ['read']);
  });

  it('holds at once between those who have something of each other', async () => {
    const { giver, receiver, id } = await strangers();
    await accept(receiver, id);
    const more = await give(giver, giver, receiver, { package: 'innbygger-pensjon' });
    assert.equal(more.body.status, 'active');
    const back = await give(receiver, receiver, giver, { package: LEISURE });
    assert.equal(back.body.status, 'active');
    await end(giver, id);
    await end(giver, more.body.id);
    await end(receiver, back.body.id);
    const anew = await give(giver, giver, receiver, { package: LEISURE });
    assert.equal(anew.body.status, 'sent');
  });

  it('holds at once where it is to or from a company', async () => {
    const [{ firm, boss }, other] = [await newFirm(), await newPerson()];
    const toPerson = await give(boss, firm, other, { package: 'merverdiavgift' });
    assert.equal(toPerson.body.status, 'active');
    const toFirm = await give(other, other, await newOrganization(), { package: LEISURE });
    assert.equal(toFirm.body.status, 'active');
  });

  it('cannot be passed on, or rested on, before it is accepted', async () => {
    const [giver, receiver] = [await newPerson(), await newPerson()];
    const what = { package: LEISURE, mayPassOn: true };
    const { body } = await give(giver, giver, receiver, what);
    assert.equal(body.status, 'sent');
    const on = await give(receiver, giver, await newPerson(), { package: LEISURE });
    assert.equal(on.status, 403, on.text);
  });

  it('is not shown as a relation or a right of the receiver before it is accepted', async () => {
    const { giver, receiver, id } = await strangers();
    const path = `/accessmanagement/api/v1/enduser/connections?party=${giver.id}&from=${giver.id}&to=${receiver.id}`;
    const shown = async () => (await call('GET', path, await personToken(giver))).body.data.length;
    assert.equal(await shown(), 0);
    await accept(receiver, id);
    assert.equal(await shown(), 1);
  });

  it('is accepted by a yes to what the receiver asked for, also where it waits', async () => {
    const { giver, receiver, id } = await strangers();
    await named(giver, receiver);
    const query = new URLSearchParams({ party: receiver.id, to: giver.id, package: LEISURE });
    const ask = `${REQUEST}/package?${query}`;
    const asked = await call('POST', ask, await personToken(receiver));
    assert.equal(asked.status, 201, asked.text);
    const yes = `${REQUEST}/received/approve?party=${giver.id}&id=${asked.body.id}`;
    const said = await call('PUT', yes, await personToken(giver));
    assert.ok(said.status < 300, said.text);
    assert.equal((await read(giver, id)).status, 'active');
  });
});

describe('the pages of what is sent', () => {
  it('says before that the receiver must say yes, and after that it waits', async () => {
    const { giver, receiver, id } = await strangers();
    const own = await loggedIn(giver, `/overview/${id}?party=${giver.id}`);
    assert.match(mainText(own.page.html), /Sendt .*Mats Mottaker må si ja før fullmakten gjelder/);
    assert.doesNotMatch(own.page.html, /overview\/[^"]*\/(accept|suspend)/);
    const page = await own.open(`/overview?party=${giver.id}&show=given`);
    assert.match(mainText(page.html), /må besvares innen/);
    const theirs = await loggedIn(receiver, '/inbox');
    assert.match(mainText(theirs.page.html), /Venter på svar Noen vil gi deg en fullmakt/);
    await theirs.open(`/overview/${id}?party=${receiver.id}`);
    assert.match(mainText(theirs.page.html), /Sigrid Sender vil gi deg denne fullmakten/);
    await press(theirs, /accept/);
    assert.match(mainText(theirs.page.html), /Du har sagt ja. Fullmakten gjelder nå/);
    assert.match(mainText(theirs.page.html), /Mottakeren sa ja til det Sigrid Sender sendte/);
    await theirs.open('/inbox');
    assert.doesNotMatch(mainText(theirs.page.html), /Venter på svar/);
    await own.open('/inbox');
    assert.match(mainText(own.page.html), /Mottakeren har sagt ja til en fullmakt/);
  });

  it('lets the receiver say no with one press from the inbox', async () => {
    const { giver, receiver, id } = await strangers();
    const theirs = await loggedIn(receiver, '/inbox');
    await press(theirs, /\/end/);
    assert.match(heading(theirs.page), /.+/);
    assert.equal((await read(giver, id)).status, 'ended');
    await theirs.open('/inbox');
    assert.doesNotMatch(mainText(theirs.page.html), /Venter på svar/);
  });

  it('is no task for one who has silenced the giver', async () => {
    const { giver, receiver } = await strangers();
    await world.database.db.raw(
      'insert into silence (party, sender, at, by_party) values (?, ?, now(), ?)',
      [receiver.id, giver.id, receiver.id],
    );
    const theirs = await loggedIn(receiver, '/inbox');
    assert.doesNotMatch(mainText(theirs.page.html), /Venter på svar/);
  });
});
