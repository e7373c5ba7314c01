// Whoever a consent is about reads it, whatever their age or capacity: what was given, to whom, and
// its uses; what they cannot do about it, and who can. Only a law that the owner names hides it.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  withdraw,
  type TestParty,
} from '../../support/world.ts';

const TASK = 'verge:skatteetaten-skatt';
const TITLE = 'Inntekten som noen ga';
const title = { nb: TITLE, nn: TITLE, en: TITLE };

describe('what was given of oneself', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization('Boligbanken AS');
  });

  const ofAge = async (years: number) => {
    const child = await newPerson('Ung Unge');
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - years - 1}-12-30` });
    return child;
  };
  /** Given by another, and used once. */
  const given = async (
    from: TestParty,
    by: TestParty,
    subject: string | string[],
    changes: object = {},
  ) => {
    const resource = await newConsentResource([subject].flat(), { title, ...changes });
    const id = await ask(from, to, rightTo(resource));
    const answer = await approve(id, by);
    assert.equal(answer.status, 200, answer.text);
    const used = await exchange(await newClient(to), consentDetail(id, from));
    assert.equal(used.status, 200, used.text);
    return id;
  };

  for (const years of [12, 17])
    it(`is read by a child of ${years}, who hears who can withdraw it, and cannot`, async () => {
      const [child, mother] = [await ofAge(years), await newPerson('Mor Hansen')];
      await newRole('foreldreansvar', child, mother);
      const id = await given(child, mother, 'foreldreansvar');
      const browser = await loggedIn(child, '/consents');
      assert.match(browser.page.html, new RegExp(`${TITLE}[\\s\\S]*/consents/${id}`));
      assert.doesNotMatch(browser.page.html, /Ingen samtykker er gitt nå/);
      const { html, status } = await browser.open(`/consents/${id}`);
      assert.equal(status, 200);
      assert.match(html, /Boligbanken AS[\s\S]*Inntekten som noen ga/);
      assert.match(html, /Brukt/, 'its uses');
      assert.match(
        html,
        /Du kan ikke trekke dette selv før du er 18\. Mor Hansen kan trekke det\. Er du uenig, kan du si fra til Boligbanken AS eller til Datatilsynet\./,
      );
      assert.ok(!html.includes(`/consents/${id}/withdraw`));
      assert.match((await browser.open('/start')).html, /Ett samtykke er gitt/);
      const token = await personToken(child);
      assert.equal((await call('GET', `${API}/consent/${id}`, token)).status, 200);
      const refused = await withdraw(id, child);
      assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
      assert.equal((await withdraw(id, mother)).status, 200);
    });

  it('names no parent whose address is protected', async () => {
    const [child, mother] = [await ofAge(10), await newPerson('Skjermet Mor')];
    await newRole('foreldreansvar', child, mother);
    await putParty(mother, { protectedAddress: true });
    const id = await given(child, mother, 'foreldreansvar');
    const { page } = await loggedIn(child, `/consents/${id}`);
    assert.match(page.html, /De som har foreldreansvar for deg, kan trekke det/);
    assert.doesNotMatch(page.html.split('id="history"')[0]!, /Skjermet Mor/);
  });

  it('is withdrawn by a ward whose capacity no court has taken', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson()];
    await newRole(TASK, ward, guardian);
    const id = await given(ward, guardian, TASK);
    const browser = await loggedIn(ward, `/consents/${id}`);
    assert.ok(browser.page.html.includes(`/consents/${id}/withdraw`));
    assert.doesNotMatch(browser.page.html, /domstol/);
    assert.equal((await withdraw(id, ward)).status, 200);
  });

  it('is read by a ward whose capacity a court has taken, and withdrawn by the guardian', async () => {
    const [ward, guardian] = [await newPerson(), await newPerson('Verge Vik')];
    await newRole(TASK, ward, guardian);
    const id = await given(ward, guardian, TASK);
    await importThis({ incapacities: [{ party: ward.number }] });
    const { page } = await loggedIn(ward, `/consents/${id}`);
    assert.match(page.html, /En domstol har bestemt at du ikke kan trekke dette selv\. Verge Vik/);
    assert.match(page.html, /Boligbanken AS/);
    const refused = await withdraw(id, ward);
    assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
  });

  it('is not withdrawn by such a ward where the service lets the person answer, either', async () => {
    const law = { nb: 'lov om noe', nn: 'lov om noko', en: 'an act' };
    const [ward, guardian] = [await newPerson(), await newPerson('Verge Vik')];
    await newRole(TASK, ward, guardian);
    const both = ['privatperson', TASK];
    const id = await given(ward, guardian, both);
    const hidden = await given(ward, guardian, both, { notShownTo: { who: ['ward'], law } });
    assert.match((await loggedIn(ward, `/consents/${hidden}`)).page.html, /Boligbanken/);
    await importThis({ incapacities: [{ party: ward.number }] });
    const refused = await withdraw(id, ward);
    assert.deepEqual([refused.status, refused.body.code], [403, 'AM-00000']);
    const { page } = await loggedIn(ward, `/consents/${hidden}`);
    assert.doesNotMatch(page.html, /Boligbanken/);
    assert.match(page.html, /etter lov om noe/);
  });

  it('is shown to an adult with capacity while it is asked, though a law hides it from wards', async () => {
    const [adult, guardian] = [await newPerson(), await newPerson()];
    await newRole(TASK, adult, guardian);
    const law = { nb: 'lov om noe', nn: 'lov om noko', en: 'an act' };
    const hiding = { title, notShownTo: { who: ['ward'], law } };
    const id = await ask(adult, to, rightTo(await newConsentResource([TASK], hiding)));
    assert.match((await loggedIn(adult, `/consents/${id}`)).page.html, /Boligbanken AS/);
    await importThis({ incapacities: [{ party: adult.number }] });
    const { page } = await loggedIn(adult, `/consents/${id}`);
    assert.doesNotMatch(page.html, /Boligbanken AS/);
  });

  it('is suspended by a child, and resumed by who may do more than read', async () => {
    const [child, mother] = [await ofAge(12), await newPerson()];
    await newRole('foreldreansvar', child, mother);
    const id = await given(child, mother, 'foreldreansvar');
    const act = async (who: TestParty, name: string) =>
      (await call('POST', `/access/v1/consents/${id}/${name}`, await personToken(who))).status;
    assert.equal(await act(child, 'suspend'), 200);
    assert.equal(await act(child, 'resume'), 403);
    assert.ok(!(await loggedIn(child, `/consents/${id}`)).page.html.includes('/resume'));
    assert.equal(await act(mother, 'resume'), 200);
  });

  it('is hidden by a law that the owner of the service names, and no more than that', async () => {
    const law = { nb: 'pasientloven § 3', nn: 'pasientlova § 3', en: 'the Patient Act § 3' };
    const [child, mother, other] = [await ofAge(13), await newPerson(), await ofAge(13)];
    for (const one of [child, other]) await newRole('foreldreansvar', one, mother);
    const changes = { notShownTo: { who: ['child'], law } };
    const id = await given(child, mother, 'foreldreansvar', changes);
    const browser = await loggedIn(child, `/consents/${id}`);
    const list = (await browser.open('/consents')).html;
    for (const html of [browser.page.html, list, (await browser.open('/inbox')).html])
      assert.ok(!html.includes(TITLE) && !html.includes('Boligbanken'), html);
    await browser.open(`/consents/${id}`);
    assert.match(browser.page.html, /Noe er ikke vist her, etter pasientloven § 3\. Spør /);
    assert.match(list, /etter pasientloven § 3/);
    const token = await personToken(child);
    for (const [method, path] of [
      ['GET', `${API}/consent/${id}`],
      ['POST', `/access/v1/consents/${id}/suspend`],
    ] as const) {
      const answer = await call(method, path, token);
      assert.equal(answer.status, 200);
      assert.ok(!answer.text.includes(to.number) && !answer.text.includes(TITLE), answer.text);
    }
    const asked = await call('POST', `/access/v1/consents/${id}/ask-deletion`, token);
    assert.equal(asked.status, 403);
    assert.ok(!asked.text.includes(to.number) && !asked.text.includes(TITLE), asked.text);
    for (const word of ['Boligbanken', TITLE])
      assert.ok(!(await browser.open(`/consents?q=${encodeURIComponent(word)}`)).html.includes(id));
    // A ward is not a child, and another child's is nobody's here.
    assert.equal((await (await loggedIn(other, '/start')).open(`/consents/${id}`)).status, 404);
    const wards = await given(child, mother, 'foreldreansvar', {
      notShownTo: { who: ['ward'], law },
    });
    assert.match((await browser.open(`/consents/${wards}`)).html, /Boligbanken AS/);
  });
});
