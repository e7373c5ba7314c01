// Bankruptcy: from the register's mark nothing acts for the company in the estate's matters but the
// trustee and whom the trustee lets; what is not the estate's is as it was; set aside, all returns.
import { stateOf } from '../support/rows.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { createRegisters } from '../../server/register/commands.ts';
import { openSources } from '../../server/register/source/sources.ts';
import { loggedIn } from '../support/pages/browser.ts';
import {
  can,
  decide,
  decideEverywhere,
  evaluate,
  give,
  given,
  MANDATES,
  newConsentResource,
  newFirm,
  newResource,
  ownActs,
  question,
  rightTo,
} from '../support/rights/rights.ts';
import { newSupplier } from '../support/rights/suppliers.ts';
import {
  approve,
  ask,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const poll = () => world.app.registers.poll();
const VAT = { package: 'merverdiavgift' };
const T = { nb: 'T', nn: 'T', en: 'T' };

/** The register marks it, or with null no longer does. */
const mark = async (firm: TestParty, bankrupt: string | null = '2026-03-02') => {
  world.registers.units.change({ unit: { number: firm.number, name: firm.name, bankrupt } });
  await poll();
};
const mandate = async (actor: { id: string }, id: string) =>
  (await call('GET', `${MANDATES}/${id}`, await personToken(actor))).body;
/** A package that is not the estate's matter, as a rule names it. */
async function outsideEstate(): Promise<string> {
  const code = `anke-${randomUUID()}`;
  const area = 'forhold_ved_virksomheten';
  const named = { code, area, forKind: 'organization', name: T, description: T };
  await importThis({ packages: [{ ...named, ofEstate: false }] });
  return `package:${code}`;
}
const act = async (actor: { id: string }, id: string, what: string) =>
  call('POST', `${MANDATES}/${id}/${what}`, await personToken(actor));

describe('a bankrupt company', () => {
  let resource: string;
  let roles: string;
  const permits = async (who: TestParty, from: TestParty, what = resource) =>
    (await decideEverywhere(who, 'read', what, from)) === 'Permit';
  const company = async () => {
    const { firm, boss } = await newFirm();
    const [clerk, trustee] = [await newPerson(), await newPerson('Tora Bostyrer')];
    const id = await given(boss, firm, clerk, VAT);
    return { firm, boss, clerk, trustee, id };
  };
  before(async () => {
    await poll();
    resource = await newResource([can('read', 'package:merverdiavgift')]);
    roles = await newResource([can('read', 'dagl', 'innh', 'regn', 'keyrole')]);
  });

  it('is acted for by nobody from the mark on, and then by its trustee alone', async () => {
    const { firm, boss, clerk, trustee } = await company();
    const accountant = await newFirm();
    await newRole('regn', firm, accountant.firm);
    assert.deepEqual(
      [await permits(boss, firm, roles), await permits(accountant.boss, firm, roles)],
      [true, true],
    );
    await mark(firm);
    for (const who of [boss, clerk, accountant.boss])
      for (const what of [resource, roles]) assert.equal(await permits(who, firm, what), false);
    assert.equal((await give(boss, firm, await newPerson(), VAT)).status, 403);
    await newRole('bobe', firm, trustee);
    assert.deepEqual(
      [await permits(trustee, firm), await permits(trustee, firm, roles)],
      [true, true],
    );
    assert.equal(await permits(boss, firm, roles), false);
    const helper = await newPerson();
    await given(trustee, firm, helper, VAT);
    assert.deepEqual([await permits(helper, firm), await permits(clerk, firm)], [true, false]);
  });

  it('is acted for by the trustee of its estate’s unit too', async () => {
    const { firm, trustee } = await company();
    const unit = await newOrganization('Foretaket AS konkursbo', { unitType: 'KBO' });
    await newRole('kdeb', unit, firm);
    await newRole('bobe', unit, trustee);
    assert.equal(await permits(trustee, firm), false, 'not before the mark');
    await mark(firm);
    assert.equal(await permits(trustee, firm), true);
    const helper = await newPerson();
    await given(trustee, firm, helper, VAT);
    assert.equal(await permits(helper, firm), true);
    await newRole('kdeb', unit, firm, { endedAt: '2026-01-01T00:00:00Z' });
    assert.equal(await decide(trustee, 'read', resource, firm), 'NotApplicable');
  });

  it('has powers of attorney from before as suspended, which the trustee sees, ends or resumes', async () => {
    const { firm, boss, clerk, trustee, id } = await company();
    const other = await given(boss, firm, await newPerson(), VAT);
    await mark(firm);
    await newRole('bobe', firm, trustee);
    const seen = await mandate(trustee, id);
    assert.deepEqual([seen.status, seen.inactiveBecause], ['suspended', 'estate']);
    assert.notEqual((await act(boss, id, 'resume')).status, 200);
    assert.notEqual((await act(clerk, id, 'resume')).status, 200);
    assert.equal(await permits(clerk, firm), false);
    const resumed = await act(trustee, id, 'resume');
    assert.deepEqual([resumed.status, resumed.body.status], [200, 'active'], resumed.text);
    assert.equal(await permits(clerk, firm), true);
    // The register says the same again: what the trustee lets go on does.
    await mark(firm, '2026-03-02');
    assert.equal(await permits(clerk, firm), true);
    const ended = await call('DELETE', `${MANDATES}/${other}`, await personToken(trustee));
    assert.equal(ended.status, 204);
  });

  it('keeps its consents, which the trustee sees and withdraws', async () => {
    const { firm, boss, trustee } = await company();
    const to = await newOrganization();
    const right = rightTo(await newConsentResource(['dagl', 'bobe']));
    const id = await ask(firm, to, right);
    assert.equal((await approve(id, boss)).status, 200);
    await mark(firm);
    await world.work.tend();
    assert.equal(await stateOf(id), 'approved');
    assert.notEqual((await withdraw(id, boss)).status, 200);
    await newRole('bobe', firm, trustee);
    const browser = await loggedIn(trustee, `/consents?party=${firm.id}`);
    assert.ok(browser.page.html.includes(id));
    assert.equal((await withdraw(id, trustee)).status, 200);
    assert.equal(await stateOf(id), 'withdrawn');
  });

  it('takes its sub-units along, and returns with all of it when it is set aside', async () => {
    const { firm, boss, clerk, id } = await company();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    const own = await newPerson();
    await given(boss, unit, own, VAT);
    const told = async () => [
      await permits(clerk, firm),
      await permits(clerk, unit),
      await permits(own, unit),
      await permits(boss, unit, roles),
    ];
    assert.deepEqual(await told(), [true, true, true, true]);
    await mark(firm);
    assert.deepEqual(await told(), [false, false, false, false]);
    await mark(firm, null);
    assert.deepEqual(await told(), [true, true, true, true]);
    assert.equal((await mandate(boss, id)).status, 'active');
  });

  it('keeps what the catalogue says is not the estate’s, and what is the owner’s own', async () => {
    const appeal = await newResource([can('read', 'dagl', await outsideEstate())]);
    const { firm, boss, clerk } = await company();
    const single = await newPerson();
    await given(boss, firm, single, { resource: appeal, actions: ['read'] });
    await mark(firm);
    assert.deepEqual(
      [await permits(boss, firm, appeal), await permits(single, firm, appeal)],
      [true, true],
    );
    assert.equal(await permits(clerk, firm, appeal), false, 'who never had it has it not');
    assert.equal(await permits(boss, firm, roles), false);
    const { body } = await evaluate(question(boss, 'read', appeal, firm));
    assert.equal(body.decision, true);
    // A sole proprietor is a person all the same.
    const owner = await newPerson();
    const firmOfOwn = await newOrganization('Enk', { unitType: 'ENK' });
    await newRole('innh', firmOfOwn, owner);
    const self = await newResource([can('read', 'privatperson')]);
    await mark(firmOfOwn);
    assert.equal(await permits(owner, owner, self), true);
    assert.equal(await permits(owner, firmOfOwn, roles), false);
  });

  it('answers and withdraws consents that are not the estate’s matter', async () => {
    const appeal = await newConsentResource(['dagl', await outsideEstate()]);
    const [{ firm, boss }, lawyer] = [await company(), await newOrganization()];
    const [yes, no] = [
      await ask(firm, lawyer, rightTo(appeal)),
      await ask(firm, lawyer, rightTo(appeal)),
    ];
    await mark(firm);
    for (const answer of [
      await approve(yes, boss),
      await withdraw(yes, boss),
      await reject(no, boss),
    ])
      assert.ok(answer.status < 300, answer.text);
  });

  it('is so from an import too, also what the file brings of before', async () => {
    const { firm, boss, clerk } = await company();
    const late = await newPerson();
    const number = firm.number;
    await importThis({
      parties: [
        {
          ...{ kind: 'organization', number, name: firm.name },
          estate: { on: '2026-02-01', court: 'Oslo tingrett' },
        },
      ],
      mandates: [{ from: number, to: late.number, ...VAT }],
      roleHolders: [{ from: number, to: late.number, role: 'lede' }],
    });
    for (const who of [boss, clerk, late])
      for (const what of [resource, roles]) assert.equal(await permits(who, firm, what), false);
    await importThis({
      parties: [{ kind: 'organization', number, name: firm.name, estate: null }],
    });
    assert.deepEqual([await permits(late, firm), await permits(boss, firm, roles)], [true, true]);
    await assert.rejects(
      importThis({
        parties: [{ kind: 'person', number: boss.number, name: boss.name, estate: null }],
      }),
      /an estate in bankruptcy is of an organization/,
    );
  });

  it('is read by those who had roles as it was at the opening, and by nobody else', async () => {
    const { firm, boss, clerk, trustee, id } = await company();
    const page = `/overview?party=${firm.id}`;
    const gone = await newPerson('Bort Gangen');
    await given(boss, firm, gone, VAT);
    await mark(firm);
    await newRole('bobe', firm, trustee);
    const late = await newPerson('Sein Hjelper');
    const afterwards = await given(trustee, firm, late, VAT);
    await call('DELETE', `${MANDATES}/${id}`, await personToken(trustee));
    const browser = await loggedIn(boss, page);
    assert.equal(browser.page.status, 200);
    for (const text of [/er konkurs fra 2\.\smars\s2026/, /Bostyreren, Tora Bostyrer/])
      assert.match(browser.page.html, text);
    for (const one of [clerk, gone]) assert.ok(browser.page.html.includes(one.name), one.name);
    assert.ok(!browser.page.html.includes(late.name));
    assert.doesNotMatch(browser.page.html, /href="\/give\?party|Avsluttet \d|på vegne av/);
    const file = await browser.open(`/overview.csv?party=${firm.id}`);
    assert.ok(!file.html.includes(late.name));
    assert.equal((await browser.open(`/give?party=${firm.id}`)).status, 403);
    const people = await browser.open(`/overview/people?party=${firm.id}`);
    assert.equal(people.status, 403);
    assert.match(people.html, /er konkurs\. Bostyreren, Tora Bostyrer, bestemmer hvem som kan/);
    // One of them, with nothing that came after and nothing to press.
    const one = await browser.open(`/overview/${id}?party=${firm.id}`);
    assert.equal(one.status, 200);
    assert.match(one.html, /er konkurs fra 2\.\smars\s2026/);
    assert.ok(one.html.includes(clerk.name));
    assert.doesNotMatch(one.html, /Avsluttet|<form[^>]*overview|\/change|\/end|\/give/);
    assert.equal((await browser.open(`/overview/${id}/end?party=${firm.id}`)).status, 404);
    assert.equal((await browser.open(`/overview/${afterwards}?party=${firm.id}`)).status, 404);
    const stranger = await loggedIn(clerk, page);
    assert.equal(stranger.page.status, 403);
    const own = await loggedIn(trustee, page);
    assert.ok(own.page.html.includes(late.name));
    assert.match(own.page.html, /Satt på pause/);
    assert.match(
      own.page.html,
      /konkurs har stanset fullmakten i det som er boets\. Der gjelder den ikke før du/,
    );
    assert.doesNotMatch(own.page.html, /bostyreren bestemmer/, 'of the reader');
  });

  it('is spoken of to whoever led it, and what it stopped to each in their own place', async () => {
    const { firm, boss, clerk, trustee, id } = await company();
    const accountant = await newFirm();
    await newRole('regn', firm, accountant.firm);
    const received = `/overview?party=${accountant.firm.id}&show=statutory`;
    await mark(firm);
    await newRole('bobe', firm, trustee);
    const seen = async (who: TestParty, path: string) => (await loggedIn(who, path)).page.html;
    const lost = /er konkurs fra 2\.\smars\s2026\. Bostyreren bestemmer nå/;
    assert.match(await seen(boss, '/start'), lost);
    for (const one of [clerk, trustee, accountant.boss])
      assert.doesNotMatch(await seen(one, '/start'), /er konkurs/);
    assert.match(await seen(clerk, `/overview/${id}`), /er konkurs, og bostyreren bestemmer/);
    const list = await seen(accountant.boss, received);
    assert.match(list, /Etter konkursen gjelder rollen ikke i det som er boets/);
    const [path] = /\/overview\/[0-9a-f-]{36}/.exec(list)!;
    const role = `${path}?party=${accountant.firm.id}`;
    assert.match(
      await seen(accountant.boss, role),
      /Etter konkursen gjelder rollen ikke i det som er boets/,
    );
    await mark(firm, null);
    assert.doesNotMatch(await seen(boss, '/start'), /er konkurs/);
    assert.match(await seen(accountant.boss, role), /Det betyr<\/dt>\s*<dd[^>]*>Regnskapsfører/);
  });

  it('has its consents read by those who could answer then, as they were, and acted on by none of them', async () => {
    const { firm, boss, clerk, trustee } = await company();
    const second = await newPerson('Berit Styreleder');
    await newRole('lede', firm, second);
    const to = await newOrganization('Spørrende AS');
    const late = await newOrganization('Sent Ute AS');
    const right = rightTo(await newConsentResource(['dagl', 'bobe']));
    const [mine, open] = [await ask(firm, to, right), await ask(firm, to, right)];
    assert.equal((await approve(mine, boss)).status, 200);
    const [other, theirs] = [await newPerson(), await ask(firm, to, right)];
    await newRole('dagl', firm, other);
    assert.equal((await approve(theirs, other)).status, 200);
    await mark(firm);
    await newRole('dagl', firm, boss, { endedAt: new Date().toISOString() });
    await newRole('bobe', firm, trustee);
    const after = await ask(firm, late, right);
    assert.equal((await approve(after, trustee)).status, 200);
    assert.equal((await withdraw(mine, trustee)).status, 200);
    const browser = await loggedIn(boss, `/consents?party=${firm.id}`);
    assert.equal(browser.page.status, 200);
    assert.match(browser.page.html, /er konkurs fra 2\.\smars\s2026/);
    for (const id of [mine, theirs])
      assert.ok(browser.page.html.includes(`/consents/${id}`), 'whoever answered it');
    for (const id of [after, open]) assert.ok(!browser.page.html.includes(id));
    assert.doesNotMatch(browser.page.html, /show=waiting|\/withdraw/);
    const ended = await browser.open(`/consents?party=${firm.id}&show=ended`);
    assert.ok(!ended.html.includes(mine), 'it was in force then');
    const events = await browser.open(`/consents?party=${firm.id}&show=events`);
    assert.ok(events.html.includes(`/consents/${mine}`) && !events.html.includes(after));
    assert.doesNotMatch(events.html, /trakk|trekt/);
    const file = await browser.open(`/consents.csv?party=${firm.id}`);
    assert.ok(file.html.includes(to.name) && !file.html.includes(late.name));
    const one = await browser.open(`/consents/${mine}`);
    assert.equal(one.status, 200);
    assert.match(one.html, /er konkurs fra 2\.\smars\s2026/);
    assert.doesNotMatch(one.html, /\/withdraw|\/suspend|\/resume|Trukket/);
    assert.equal((await browser.open(`/consents/${after}`)).status, 404);
    // Whoever could not read it then does not now, and a stranger reads nothing.
    const chair = await loggedIn(second, `/consents?party=${firm.id}`);
    assert.equal(chair.page.status, 200);
    assert.ok(!chair.page.html.includes(mine));
    assert.equal((await chair.open(`/consents/${mine}`)).status, 404);
    assert.equal((await loggedIn(clerk, `/consents?party=${firm.id}`)).page.status, 403);
  });

  it('has nothing in force that was given in the moment of the mark', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { firm, boss } = await newFirm();
      const late = await newPerson();
      const { number, name } = firm;
      const [answer] = await Promise.all([
        give(boss, firm, late, VAT),
        importThis({
          parties: [{ kind: 'organization', number, name, estate: { on: '2026-02-01' } }],
        }),
      ]);
      assert.ok([201, 403].includes(answer.status), answer.text);
      assert.equal(await decide(late, 'read', resource, firm), 'NotApplicable');
    }
  });

  it('keeps what is stopped so, whatever a file or a register says again, and wherever a unit goes', async () => {
    const { firm, boss } = await newFirm();
    await newRole('dagl', firm, boss, { endedAt: '2026-01-01T00:00:00Z' });
    const { number, name } = firm;
    const estate = { on: '2026-02-01' };
    await importThis({ parties: [{ kind: 'organization', number, name, estate }] });
    await newRole('dagl', firm, boss);
    assert.equal(await permits(boss, firm, roles), false, 'a role that ended before');
    const { firm: other, boss: leader } = await newFirm();
    const unit = await newOrganization('Flytter', { parent: other.number });
    const clerk = await newPerson();
    await given(leader, unit, clerk, VAT);
    const moved = { kind: 'subunit', number: unit.number, name: unit.name };
    await importThis({ parties: [{ ...moved, parent: number }] });
    assert.equal(await permits(clerk, unit), false, 'moved to the bankrupt');
    await importThis({ parties: [{ ...moved, parent: other.number }] });
    assert.equal(await permits(clerk, unit), true, 'and back');
  });

  it('is marked by a yes alone, though its day cannot be read, and set aside by a no alone', async () => {
    const { firm, boss } = await company();
    for (const day of ['ukjent', '2026-02-30', '02.03.2026', { toString: 1 }]) {
      await mark(firm, day as never);
      assert.equal(await permits(boss, firm, roles), false, JSON.stringify(day));
      await mark(firm, null);
      assert.equal(await permits(boss, firm, roles), true);
    }
    await mark(firm);
    const { get } = world.registers.units;
    world.registers.units.get = (path, query, mayNumbers) => {
      const answer = get.call(world.registers.units, path, query, mayNumbers);
      return path.endsWith(firm.number)
        ? { body: { ...(answer.body as object), konkurs: null } }
        : answer;
    };
    world.registers.units.change({ unit: { number: firm.number, name: 'Nytt navn AS' } });
    await poll();
    world.registers.units.get = get;
    assert.equal(await permits(boss, firm, roles), false);
  });

  it('is found by the reconciliation where its mark was never read', async () => {
    const { firm, boss } = await company();
    world.registers.units.change({ unit: { number: firm.number, name: firm.name } });
    await poll();
    world.registers.units.units.get(firm.number)!.bankrupt = '2026-03-02';
    const setting = world.env.registers.find(({ source }) => source === 'enhetsregisteret')!;
    const [source] = openSources([{ ...setting, repairAtMost: 1 }]);
    const own = createRegisters(ownActs(), [source!], pino({ level: 'silent' }));
    await own.reconcile('enhetsregisteret');
    assert.equal(await permits(boss, firm, roles), false);
  });

  it('keeps acts on a service apart: one that is not the estate’s opens no other', async () => {
    const mixed = await newResource([
      can('read', 'dagl', await outsideEstate()),
      can('write', 'dagl'),
      can('sign', 'package:merverdiavgift'),
    ]);
    const { firm, boss, clerk } = await company();
    await mark(firm);
    assert.equal(await decide(boss, 'read', mixed, firm), 'Permit');
    assert.equal(await decide(boss, 'write', mixed, firm), 'NotApplicable');
    assert.equal(await decide(clerk, 'sign', mixed, firm), 'NotApplicable');
  });

  it('is given nothing anew of what is stopped, and nothing is added to it', async () => {
    const { firm, boss, trustee } = await company();
    const clerk = await newPerson();
    const service = await newResource([can('read', 'dagl', 'bobe'), can('write', 'dagl', 'bobe')]);
    const id = await given(boss, firm, clerk, { resource: service, actions: ['read'] });
    await mark(firm);
    await newRole('bobe', firm, trustee);
    const again = await give(trustee, firm, clerk, { resource: service, actions: ['write'] });
    assert.deepEqual([again.body.code, again.body.mandate], ['TIL-00026', id], again.text);
    await mark(firm, null);
    assert.equal(await decide(clerk, 'write', service, firm), 'NotApplicable');
  });

  it('lets nothing be done for others by those who led it, and what its trustee leads be done', async () => {
    const { firm, boss, trustee } = await company();
    const client = await newFirm();
    await given(client.boss, client.firm, firm, VAT);
    assert.equal(await permits(boss, client.firm), true);
    await mark(firm);
    await newRole('bobe', firm, trustee);
    assert.deepEqual(
      [await permits(boss, client.firm), await permits(trustee, client.firm)],
      [false, true],
    );
  });

  it('acts for customers through nobody to whom it had passed on, until it is set aside', async () => {
    const { client, supplier: firm, employee, pass } = await newSupplier();
    const passed = await pass();
    assert.equal(passed.status, 200, passed.text);
    const may = () => decide(employee, 'write', 'a-melding', client);
    assert.equal(await may(), 'Permit');
    await mark(firm);
    assert.equal(await may(), 'NotApplicable');
    // Either's estate stops it, whichever is set aside first.
    await mark(client);
    await mark(client, null);
    assert.equal(await may(), 'NotApplicable');
    await mark(client);
    await mark(firm, null);
    assert.equal(await may(), 'NotApplicable');
    await mark(client, null);
    assert.equal(await may(), 'Permit');
  });
});
