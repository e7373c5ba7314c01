// What is left out of a consent, or taken out of it, and who must not learn of it: parents, the
// one it is about, colleagues with less authority, those who acted for a giver with a protected
// address, owners and introspecting clients.
import assert from 'node:assert/strict';
import {
  clientAuth,
  CONSENT,
  consentDetail,
  exchange,
  newClient,
  post,
  WEB,
} from '../../support/oauth/clients.ts';
import { born } from '../../support/oauth/given.ts';
import { atClient, authorization, redeem } from '../../support/oauth/relying_party.ts';
import { Browser, loggedIn, mainText } from '../../support/pages/browser.ts';
import { answerYes, asked, named, narrow } from '../../support/parts.ts';
import { newConsentResource, newFirm } from '../../support/rights/rights.ts';
import {
  API,
  ask,
  call,
  importThis,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const GUARDIAN = 'verge:skatteetaten-skatt';
const called = (title: string) => ({ title: { nb: title, nn: title, en: title } });
const yes = (id: string, by: TestParty, optionalRights: number[]) =>
  answerYes(id, by, { optionalRights });
const get = async (id: string, by: TestParty) =>
  call('GET', `${API}/consent/${id}`, await personToken(by));
const pageOf = async (id: string, by: TestParty, more = '') =>
  mainText((await loggedIn(by, `/consents/${id}${more}`)).page.html);

describe('what is no part of a consent', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization('Skjultbanken AS');
  });
  const request = (from: TestParty, ...[first, ...others]: string[]) =>
    ask(from, to, {
      consentRights: [asked(first!), ...others.map((one) => asked(one, true))],
      validTo: inDays(60),
    });
  /** Given, by somebody, with these of what is optional. */
  async function given(from: TestParty, by: TestParty, resources: string[], places: number[]) {
    const id = await request(from, ...resources);
    const { status, text } = await yes(id, by, places);
    assert.equal(status, 200, text);
    return id;
  }
  async function family(age: number) {
    const [child, mother, father] = [
      await newPerson('Barn P'),
      await newPerson('Mor P'),
      await newPerson('Far P'),
    ];
    await putParty(child, { bornOn: born(age, -1) });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    return { child, mother, father };
  }
  const hide = (child: TestParty, age: number) =>
    putParty(child, { bornOn: born(age, -1), protectedAddress: true });

  it('stays hidden from parents to whom its owner does not show it', async () => {
    const { child, mother } = await family(16);
    const rule = ['privatperson', 'foreldreansvar'];
    const shown = await newConsentResource(rule, { decidesFrom: 15, parentsSee: true });
    const hidden = await newConsentResource(rule, { decidesFrom: 15, ...called('KLINIKK') });
    const left = await given(child, child, [shown, hidden], []);
    assert.equal((await get(left, mother)).status, 200);
    assert.ok(!(await get(left, mother)).text.includes(hidden));
    assert.ok(!(await pageOf(left, mother)).includes('KLINIKK'));
    const dropped = await given(child, child, [shown, hidden], [1]);
    assert.equal((await get(dropped, mother)).status, 403);
    await narrow(dropped, { without: [1] }, child);
    assert.equal((await get(dropped, mother)).status, 403);
  });

  it('stays hidden from the one it is about, where a law hides it', async () => {
    const { child, mother } = await family(14);
    const law = { nb: 'loven', nn: 'loven', en: 'law' };
    const open = await newConsentResource(['foreldreansvar']);
    const secret = await newConsentResource(['foreldreansvar'], {
      ...called('HEMMELIG'),
      notShownTo: { who: ['child'], law },
    });
    const left = await given(child, mother, [open, secret], []);
    const dropped = await given(child, mother, [open, secret], [1]);
    await narrow(dropped, { without: [1] }, mother);
    for (const id of [left, dropped]) {
      const { status, text } = await get(id, child);
      assert.equal(status, 200);
      assert.ok(text.includes(open) && !text.includes(secret));
      assert.ok(!(await pageOf(id, child)).includes('HEMMELIG'));
    }
  });

  it('is not named to a colleague who could not have answered for it', async () => {
    const [firm, boss, clerk] = [
      await newOrganization('Firma AS'),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('dagl', firm, boss);
    await newRole('regn', firm, clerk);
    const both = await newConsentResource(['dagl', 'regn']);
    const own = await newConsentResource(['dagl'], called('SJEFENS'));
    const id = await given(firm, boss, [both, own], []);
    const { status, text } = await get(id, clerk);
    assert.equal(status, 200);
    assert.ok(text.includes(both) && !text.includes(own));
    assert.ok(!(await pageOf(id, clerk)).includes('SJEFENS'));
    assert.ok((await get(id, boss)).text.includes(own));
  });

  describe('of a giver with a protected address', () => {
    const services = async () => {
      const words = {
        consentTextAbout: { nb: 'a', nn: 'a', en: 'a' },
        decidesFrom: 15,
        parentUntil: 18,
      };
      const one = () => newConsentResource(['privatperson', 'foreldreansvar'], words);
      return [await one(), await one(), await one()];
    };
    const hidden = async () => {
      const people = await family(16);
      const id = await given(people.child, people.mother, await services(), [1, 2]);
      await hide(people.child, 16);
      return { ...people, id };
    };

    it('shows neither that it was narrowed, nor when, to those who act for the giver', async () => {
      const { child, mother, father, id } = await hidden();
      assert.equal((await narrow(id, { without: [1] }, child)).status, 200);
      for (const who of [mother, father])
        assert.doesNotMatch(await pageOf(id, who, '?narrowed'), /er endret|kan virke/);
      assert.match(await pageOf(id, child, '?narrowed'), /er endret/);
    });

    it('tells nobody by a refusal how many rights there are, or which can be left out', async () => {
      const { father, id } = await hidden();
      const { body } = await narrow(id, { without: [0, 1, 2, 3, 99] }, father);
      assert.deepEqual(
        body.validationErrors.map(({ paths }: { paths: string[] }) => paths[0]),
        [0, 1, 2, 3, 4].map((at) => `/without/${at}`),
      );
      assert.equal((await narrow(id, { without: [2] }, father)).status, 400);
    });

    it('answers a repeated yes as before', async () => {
      const { child, mother, id } = await hidden();
      assert.equal((await yes(id, mother, [1, 2])).status, 200);
      await narrow(id, { without: [1] }, child);
      assert.equal((await yes(id, mother, [1, 2])).status, 200);
      assert.equal((await yes(id, mother, [2])).status, 400);
    });

    it('has one end in every place', async () => {
      const { child, mother, father, id } = await hidden();
      await narrow(id, { validTo: inDays(20) }, child);
      for (const who of [mother, father]) {
        const { validTo, approvedValidTo } = (await get(id, who)).body;
        assert.equal(approvedValidTo ?? validTo, validTo);
        assert.ok(Date.parse(validTo) < Date.parse(inDays(21)));
      }
    });

    it('keeps what the answerer took out apart from what the giver did', async () => {
      const { child, mother, id } = await hidden();
      await narrow(id, { without: [1] }, mother);
      const before = (await get(id, mother)).body;
      assert.equal(before.approvedRights.length, 2);
      await narrow(id, { without: [2] }, child);
      assert.deepEqual((await get(id, mother)).body, before);
    });

    it('does not show by a refusal whether it was used', async () => {
      const { child, mother, father } = await family(13);
      const once = await newConsentResource(['foreldreansvar'], { isOneTimeConsent: true });
      const id = await given(child, mother, [once], []);
      await hide(child, 13);
      const probe = async () => {
        const { status, body } = await narrow(id, { without: [99] }, father);
        return [status, body.code];
      };
      const unused = await probe();
      assert.equal((await exchange(await newClient(to), consentDetail(id, child))).status, 200);
      assert.deepEqual(await probe(), unused);
    });
  });

  it('is in the receipt of one who answered and answers no more, as it was then', async () => {
    const [firm, one, two] = [
      await newOrganization('Firma AS'),
      await newPerson(),
      await newPerson(),
    ];
    await newRole('dagl', firm, one);
    const resources = [await newConsentResource(['dagl']), await newConsentResource(['dagl'])];
    const id = await given(firm, one, resources, [1]);
    await newRole('dagl', firm, one, { endedAt: inDays(-0.001) });
    await newRole('dagl', firm, two);
    const before = (await get(id, one)).body;
    assert.equal((await narrow(id, { without: [1], validTo: inDays(20) }, two)).status, 200);
    assert.deepEqual((await get(id, one)).body, before);
    const { page } = await loggedIn(one, `/consent/receipt?id=${id}`);
    assert.doesNotMatch(page.html, /Ikke tatt med/);
  });

  it('is read by the one it is about, who may not narrow it', async () => {
    const { child, mother } = await family(12);
    const one = () => newConsentResource(['foreldreansvar']);
    const id = await given(child, mother, [await one(), await one()], [1]);
    assert.equal((await get(id, child)).status, 200);
    const { status, body } = await narrow(id, { without: [1] }, child);
    assert.deepEqual([status, body.code], [403, 'AM-00000']);
  });

  it('stops nothing when a court takes the capacity for it', async () => {
    const who = await newPerson();
    const { rows } = await world.database.db.raw(
      "select id from consent_template where (content ->> 'isPoa')::boolean limit 1",
    );
    const template = { consentTemplate: rows[0].id };
    const free = await newConsentResource(['privatperson'], template);
    const taken = await newConsentResource(['privatperson', GUARDIAN], template);
    const [part, less, whole] = [
      await given(who, who, [free, taken], []),
      await given(who, who, [free, taken], [1]),
      await given(who, who, [free, taken], [1]),
    ];
    await narrow(less, { without: [1] }, who);
    await importThis({ incapacities: [{ party: who.number, role: GUARDIAN }] });
    const statuses = [];
    for (const id of [part, less, whole]) statuses.push((await lookUp(id, who, to)).status);
    assert.deepEqual(statuses, [200, 200, 400]);
  });

  it('ends a parent’s answer by its own age no longer', async () => {
    const { child, mother } = await family(13);
    const [long, short] = [
      await newConsentResource(['foreldreansvar'], { parentUntil: 18, decidesFrom: 15 }),
      await newConsentResource(['foreldreansvar'], { parentUntil: 15, decidesFrom: 15 }),
    ];
    const [less, whole] = [
      await given(child, mother, [long, short], [1]),
      await given(child, mother, [long, short], [1]),
    ];
    await narrow(less, { without: [1] }, mother);
    await putParty(child, { bornOn: born(16, -1) });
    const status = async (id: string) => (await get(id, child)).body.effectiveStatus;
    assert.deepEqual([await status(less), await status(whole)], ['Accepted', 'Revoked']);
  });

  it('is told to its owner once, with nothing that it lets, and may be reported as given out before', async () => {
    const [who, owner] = [await newPerson(), await newOrganization('Eier AS')];
    const [needed, extra] = [
      await newConsentResource(['privatperson']),
      await newConsentResource(['privatperson'], { owner: owner.number }),
    ];
    const id = await given(who, who, [needed, extra], [1]);
    const at = new Date().toISOString();
    await narrow(id, { without: [1] }, who);
    const token = await organizationToken(owner, 'altinn:authorization/authorize');
    assert.equal((await call('POST', '/access/v1/uses', token, { consent: id, at })).status, 204);
    await withdraw(id, who);
    const { body } = await call('GET', '/access/v1/owner/events?limit=1000', token);
    assert.deepEqual(
      body.data
        .filter(({ cause }: any) => cause === 'consent')
        .map((line: any) => [line.type, line.resources.map((one: any) => [one.id, one.actions])]),
      [
        ['given', [[extra, ['consent']]]],
        ['changed', [[extra, []]]],
      ],
    );
  });

  it('is no more in a token that was drawn with a part, nor is anything else', async () => {
    const person = await newPerson();
    const client = await newClient(to, WEB);
    const one = () => newConsentResource(['privatperson']);
    const consentRights = [asked(await one()), asked(await one(), true), asked(await one(), true)];
    const details = [{ type: CONSENT, validTo: inDays(30), consentRights }];
    const { verifier, query } = authorization(client, {
      authorization_details: JSON.stringify(details),
    });
    const browser = new Browser();
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    await browser.logIn(person);
    await browser.submit({ answer: 'yes', optional: '1' });
    const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
    await browser.open(back!, atClient);
    const came = { url: browser.page.url, verifier, wasAsked: true };
    const { body } = await redeem(client, came, await clientAuth(client));
    const [detail] = body.authorization_details;
    assert.equal(detail.consentRights.length, 2);
    const part = async (right: object) =>
      (
        await post('/token', {
          ...(await clientAuth(client)),
          grant_type: 'refresh_token',
          refresh_token: body.refresh_token,
          authorization_details: JSON.stringify([
            { type: CONSENT, id: detail.id, consentRights: [right] },
          ]),
        })
      ).body.access_token;
    const [kept, gone] = [await part(detail.consentRights[0]), await part(detail.consentRights[1])];
    await narrow(detail.id, { without: [1] }, person);
    const told = async (token: string) =>
      (await post('/introspect', { ...(await clientAuth(client)), token })).body;
    assert.deepEqual((await told(kept)).authorization_details[0].consentRights, [
      detail.consentRights[0],
    ]);
    assert.deepEqual(await told(gone), { active: false });
    const whole = await told(body.access_token);
    assert.deepEqual(whole.authorization_details[0].consentRights, [detail.consentRights[0]]);
  });

  it('is shown to a former leader as it was when the estate was opened', async () => {
    await world.app.registers.poll();
    const { firm, boss } = await newFirm();
    const one = () => newConsentResource(['dagl', 'bobe']);
    const id = await given(firm, boss, [await one(), await one()], [1]);
    assert.equal((await narrow(id, { validTo: inDays(40) }, boss)).status, 200);
    const unit = { number: firm.number, name: firm.name, bankrupt: '2026-03-02' };
    world.registers.units.change({ unit } as never);
    await world.app.registers.poll();
    const trustee = await newPerson();
    await newRole('bobe', firm, trustee);
    const days = async () => (await pageOf(id, boss)).match(/\d+\. \w+ 20\d\d/g);
    const before = await days();
    assert.equal((await narrow(id, { without: [1] }, trustee)).status, 200);
    assert.deepEqual(await days(), before);
  });

  it('is taken out by each of several who narrow at once', async () => {
    const who = await newPerson();
    const one = () => newConsentResource(['privatperson']);
    const resources = [await one(), await one(), await one()];
    const id = await given(who, who, resources, [1, 2]);
    const wishes = [
      { without: [1] },
      { without: [2] },
      { validTo: inDays(10) },
      { without: [1, 2] },
    ];
    const answers = await Promise.all(wishes.map((wish) => narrow(id, wish, who)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    const { approvedRights, approvedValidTo } = (await get(id, who)).body;
    assert.deepEqual(named(approvedRights), [resources[0]]);
    assert.ok(Date.parse(approvedValidTo) < Date.parse(inDays(11)));
  });
});
