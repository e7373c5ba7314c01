// How far a gift reaches: a main unit's to its sub-units or not, and never to a system what people
// alone may have.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn } from '../support/pages/browser.ts';
import {
  can,
  change,
  decideEverywhere,
  give,
  given,
  MANDATES,
  newFirm,
  newResource,
  pdpToken,
} from '../support/rights/rights.ts';
import {
  call,
  importThis,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  world,
  type TestParty,
} from '../support/world.ts';

const VAT = { package: 'merverdiavgift' };

describe('what a main unit gives', () => {
  let resource: string;
  const permits = async (who: TestParty, from: TestParty) =>
    (await decideEverywhere(who, 'read', resource, from)) === 'Permit';
  before(async () => {
    resource = await newResource([can('read', 'package:merverdiavgift')]);
  });
  const family = async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    return { firm, boss, unit };
  };

  it('is its sub-units’ too, or without them for the main unit alone, by every door', async () => {
    const { firm, boss, unit } = await family();
    const [both, one] = [await newPerson('Bodil Begge'), await newPerson('Ine Hovedenhet')];
    await given(boss, firm, both, { ...VAT, subunits: true });
    const told = await give(boss, firm, one, { ...VAT, subunits: false });
    assert.deepEqual([told.status, told.body.subunits], [201, false]);
    assert.deepEqual([await permits(both, firm), await permits(both, unit)], [true, true]);
    assert.deepEqual([await permits(one, firm), await permits(one, unit)], [true, false]);
    const people = await loggedIn(boss, `/overview/people?party=${unit.id}`);
    assert.equal(people.page.html.includes(one.name), false);
    assert.equal(people.page.html.includes(both.name), true);
    const connections = await call(
      'GET',
      `/accessmanagement/api/v1/enduser/connections?party=${one.id}&to=${one.id}`,
      await personToken(one),
    );
    assert.equal(connections.status, 200, connections.text);
    assert.ok(connections.text.includes(firm.id));
    assert.ok(!connections.text.includes(unit.id));
    const { body } = await call(
      'POST',
      '/accessmanagement/api/v1/serviceowner/authorizedparties?includeAccessPackages=true',
      await pdpToken('altinn:accessmanagement/authorizedparties.admin'),
      { type: 'urn:altinn:party:uuid', value: one.id },
    );
    const main = body.find(({ partyUuid }: { partyUuid: string }) => partyUuid === firm.id);
    assert.deepEqual(main.authorizedAccessPackages, ['merverdiavgift']);
    assert.deepEqual(main.subunits, []);
  });

  it('reaches no further when it is passed on, through a key role, or as a single right', async () => {
    const { firm, boss, unit } = await family();
    const { firm: supplier, boss: leader } = await newFirm();
    const clerk = await newPerson();
    await given(boss, firm, supplier, { ...VAT, subunits: false, mayPassOn: true });
    assert.deepEqual([await permits(leader, firm), await permits(leader, unit)], [true, false]);
    const helper = await newPerson();
    await given(boss, firm, helper, { ...VAT, subunits: false, mayPassOn: true });
    await given(helper, firm, clerk, { ...VAT, subunits: true });
    assert.deepEqual([await permits(clerk, firm), await permits(clerk, unit)], [true, false]);
    const single = await newPerson();
    await given(boss, firm, single, { resource, actions: ['read'], subunits: false });
    assert.deepEqual([await permits(single, firm), await permits(single, unit)], [true, false]);
  });

  it('is nothing that a person or a sub-unit has to leave out', async () => {
    const { boss, unit } = await family();
    const clerk = await newPerson();
    const own = await give(boss, unit, clerk, { ...VAT, subunits: false });
    assert.deepEqual([own.status, own.body.subunits], [201, undefined]);
  });

  it('is not given on other terms by giving it again, and imports the same', async () => {
    const { firm, boss, unit } = await family();
    const clerk = await newPerson();
    const id = await given(boss, firm, clerk, { ...VAT, subunits: false });
    const again = await give(boss, firm, clerk, { ...VAT, subunits: true });
    assert.deepEqual([again.body.code, again.body.mandate], ['TIL-00026', id]);
    assert.equal((await give(boss, firm, clerk, VAT)).status, 200);
    const other = await newPerson();
    const mandate = { from: firm.number, to: other.number, package: 'merverdiavgift' };
    await importThis({ mandates: [{ ...mandate, subunits: false }] });
    assert.deepEqual([await permits(other, firm), await permits(other, unit)], [true, false]);
  });

  it('is narrowed and widened where it stands, with what was passed on through it', async () => {
    const { firm, boss, unit } = await family();
    const [helper, clerk] = [await newPerson(), await newPerson()];
    const id = await given(boss, firm, helper, { ...VAT, mayPassOn: true });
    const passedOn = await given(helper, firm, clerk, VAT);
    const told = async () => [await permits(helper, unit), await permits(clerk, unit)];
    assert.deepEqual(await told(), [true, true]);
    const narrowed = await change(boss, id, { subunits: false });
    assert.deepEqual([narrowed.status, narrowed.body.subunits], [200, false], narrowed.text);
    assert.deepEqual(await told(), [false, false]);
    assert.deepEqual([await permits(helper, firm), await permits(clerk, firm)], [true, true]);
    const wider = await change(helper, passedOn, { subunits: true });
    assert.notEqual(wider.status, 200, 'no wider than what it rests on');
    // Whoever may not give it anew does not widen it.
    assert.notEqual((await change(helper, id, { subunits: true })).status, 200);
    assert.deepEqual(await told(), [false, false]);
    const widened = await change(boss, id, { subunits: true });
    assert.deepEqual([widened.status, widened.body.subunits], [200, undefined], widened.text);
    assert.deepEqual(await told(), [true, false]);
    const kept = await change(boss, id, { mayPassOn: true });
    assert.deepEqual([kept.status, kept.body.subunits], [200, undefined]);
    const person = await newPerson();
    const tax = { package: 'innbygger-skatteforhold-privatpersoner' };
    const own = await given(person, person, clerk, tax);
    const same = await change(person, own, { subunits: false });
    assert.deepEqual([same.status, same.body.subunits], [200, undefined], same.text);
  });

  it('is changed on its page, which says what was, and its card and its file say so', async () => {
    const { firm, boss, unit } = await family();
    const clerk = await newPerson('Kari Endret');
    const id = await given(boss, firm, clerk, VAT);
    const browser = await loggedIn(boss, `/overview/${id}/change?party=${firm.id}`);
    assert.match(browser.page.html, /name="mainOnly"[^>]*value="yes">/);
    await browser.submit({ mainOnly: 'yes' });
    assert.match(browser.page.html, /Bare hovedenheten/);
    assert.match(browser.page.html, /Gjelder for[^<]*Bare hovedenheten[^<]*Hovedenheten og under/);
    assert.equal(await permits(clerk, unit), false);
    const overview = await browser.open(`/overview?party=${firm.id}&q=${clerk.name}`);
    assert.match(overview.html, /Kari Endret[\s\S]*Bare hovedenheten/);
    const file = await browser.open(`/overview.csv?party=${firm.id}`);
    assert.match(file.html, /Kari Endret.*Bare hovedenheten/);
    await browser.open(`/overview/${id}/change?party=${firm.id}`);
    assert.match(browser.page.html, /name="mainOnly"[^>]*checked/);
    await browser.submit({});
    assert.equal(await permits(clerk, unit), true);
  });

  it('is narrowed on the page, which shows it, and not of what a person gives', async () => {
    const { firm, boss, unit } = await family();
    const clerk = await newPerson();
    const browser = await loggedIn(boss, `/give/terms?party=${firm.id}&package=merverdiavgift`);
    assert.match(browser.page.html, /Bare for hovedenheten/);
    const named = { number: clerk.number, lastName: lastName(clerk), long: 'month' };
    await browser.submit({ ...named, mainOnly: 'yes' });
    assert.match(browser.page.html, /Bare hovedenheten/);
    await browser.submit({});
    assert.match(browser.page.html, /Fullmakten er gitt/);
    assert.match(browser.page.html, /Bare hovedenheten/);
    assert.deepEqual([await permits(clerk, firm), await permits(clerk, unit)], [true, false]);
    const own = await loggedIn(boss, '/give/terms?package=innbygger-skatteforhold-privatpersoner');
    assert.match(own.page.html, /Hvem skal/);
    assert.doesNotMatch(own.page.html, /Bare for hovedenheten/);
  });
});

describe('a system user', () => {
  const ADMINISTERS = [
    ...['tilgangsstyrer', 'tilgangsstyring-enkeltinstanser', 'klientadministrator'],
    ...['maskinporten-administrator', 'ffor-tilgangsstyrer-nuf'],
  ];
  const newSystem = async (owner: TestParty) => {
    const system = { id: randomUUID(), name: 'System' };
    const more = { owner: owner.number, systemId: `v_${system.id}`, systemKind: 'standard' };
    await importThis({ parties: [{ kind: 'system_user', ...system, ...more }] });
    return system;
  };

  it('is given nothing that administers, asked or not, and nothing to give on', async () => {
    const { firm, boss } = await newFirm();
    await newRole('lede', firm, boss);
    const system = await newSystem(firm);
    for (const code of ADMINISTERS.slice(0, 4)) {
      const answer = await give(boss, firm, system, { package: code });
      assert.equal(answer.status, 400, `${code} ${answer.text}`);
      assert.match(answer.text, /AM\.VLD-00028/, code);
      assert.doesNotMatch(answer.text, /mayPassOn/, code);
    }
    const passing = await give(boss, firm, system, { ...VAT, mayPassOn: true });
    assert.match(passing.text, /AM\.VLD-00028.*mayPassOn/s);
    const id = await given(boss, firm, system, VAT);
    const widened = await change(boss, id, { mayPassOn: true });
    assert.match(widened.text, /AM\.VLD-00028/);
    const kept = await call('GET', `${MANDATES}/${id}`, await personToken(boss));
    assert.equal(kept.body.mayPassOn, false);
  });

  it('does not get back what it had before it was so', async () => {
    const { firm, boss } = await newFirm();
    const system = await newSystem(firm);
    const id = await given(boss, firm, system, VAT);
    await call('POST', `${MANDATES}/${id}/suspend`, await personToken(boss));
    await world.database.db.raw('update mandate set may_pass_on = true where id = ?', [id]);
    const resumed = await call('POST', `${MANDATES}/${id}/resume`, await personToken(boss));
    assert.equal(resumed.status, 400, resumed.text);
    assert.match(resumed.text, /AM\.VLD-00028/);
    const kept = await call('GET', `${MANDATES}/${id}`, await personToken(boss));
    assert.equal(kept.body.status, 'suspended');
  });

  it('brings none of it by an import, and no role of a register', async () => {
    const { firm } = await newFirm();
    const system = await newSystem(firm);
    const mandate = { from: firm.number, to: system.id };
    for (const code of ADMINISTERS)
      await assert.rejects(
        importThis({ mandates: [{ ...mandate, package: code }] }),
        /a system user gives nothing on and administers nothing/,
        code,
      );
    for (const what of [
      { ...VAT, mayPassOn: true },
      { resource: 'altinn_access_management', actions: ['write'] },
    ])
      await assert.rejects(importThis({ mandates: [{ ...mandate, ...what }] }), /gives nothing on/);
    await assert.rejects(
      importThis({ roleHolders: [{ ...mandate, role: 'dagl' }] }),
      /a system user holds no role of a register/,
    );
    await importThis({ mandates: [{ ...mandate, ...VAT }] });
  });
});
