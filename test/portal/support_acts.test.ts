// What support staff do for a person who asks: they suspend, and another of them resumes.
import assert from 'node:assert/strict';
import { type Browser, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { born } from '../support/oauth/given.ts';
import {
  can,
  decide,
  given,
  newConsentResource,
  newFirm,
  newMandate,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import {
  atSupport,
  heldIn,
  logOf,
  lookedUp,
  newCaseNo,
  newGiver,
  PENSION,
  posted,
  supportEvents,
  supportStaff,
} from '../support/rights/staff.ts';
import { newSystemUser } from '../support/rights/systems.ts';
import {
  approve,
  ask,
  at,
  call,
  newOrganization,
  newRole,
  newPerson,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const MINUTE = 60_000;
let resource: string;
const permits = async (subject: TestParty, from: TestParty) =>
  (await decide(subject, 'read', resource, from)) === 'Permit';
before(async () => {
  resource = await newResource([can('read', 'package:innbygger-pensjon')]);
});

describe('support staff', () => {
  /** Suspends all that a giver's case shows. */
  async function paused(browser: Browser, giver: TestParty, caseNo = newCaseNo()) {
    const page = await lookedUp(browser, giver.number, { case: caseNo });
    const held = heldIn(page.html);
    return press(browser, /suspend$/, { held: held.join(' '), recognised: 'called_back' });
  }

  it('suspend what a person asks for, who reads so, and resumes it after logging in', async () => {
    const { giver, helper, mandate } = await newGiver();
    assert.equal(await permits(helper, giver), true);
    const caseNo = newCaseNo();
    const page = await paused(await atSupport(), giver, caseNo);
    assert.match(mainText(page.html), /Satt på pause\. Den som kan gi det på nytt/);
    assert.deepEqual(heldIn(page.html), []);
    assert.equal(await permits(helper, giver), false);
    const log = await logOf(giver);
    assert.match(log, new RegExp(`Brukerstøtte, sak ${caseNo}, satte 2 av det .*Ringt tilbake`));
    assert.match(log, /Brukerstøtte satte det Hans Hjelper har, på pause/);
    const browser = await loggedIn(giver, `/overview/${mandate}`);
    assert.match(mainText(browser.page.html), /pause av brukerstøtte\./);
    assert.match(mainText((await browser.open('/inbox')).html), /Brukerstøtte gjorde det/);
    await browser.open(`/overview/${mandate}`);
    await press(browser, /resume/);
    assert.equal(await permits(helper, giver), true);
  });

  it('see which system has something of a firm, and who supplies it', async () => {
    const { firm, boss } = await newFirm();
    const system = await newSystemUser(boss, firm);
    await given(boss, firm, system, { package: 'merverdiavgift' });
    const page = await lookedUp(await atSupport(), firm.number);
    assert.match(mainText(page.html), /avsluttet\. System: Lønnsprogram, levert av /);
  });

  it('tell the receiver nothing of the case', async () => {
    const { giver, helper, mandate } = await newGiver();
    const caseNo = newCaseNo();
    await paused(await atSupport(), giver, caseNo);
    const browser = await loggedIn(helper, `/overview/${mandate}`);
    for (const path of [`/overview/${mandate}`, '/inbox', '/log', '/log.json'])
      assert.ok(!(await browser.open(path)).html.includes(caseNo), path);
    const log = await call('GET', '/access/v1/log/events', await personToken(helper));
    assert.equal(log.status, 200);
    assert.ok(!log.text.includes(caseNo));
  });

  it('suspend a consent too, which its giver resumes', async () => {
    const { giver, consent } = await newGiver();
    await paused(await atSupport(), giver);
    const browser = await loggedIn(giver, `/consents/${consent}`);
    assert.match(mainText(browser.page.html), /satt på pause/i);
    await press(browser, /resume/);
    assert.doesNotMatch(mainText(browser.page.html), /er satt på pause\. Ingen/);
  });

  it('suspend nothing without saying how they know the person, nor what is another’s', async () => {
    const { giver, helper, mandate } = await newGiver();
    const stranger = await newGiver();
    const browser = await atSupport();
    await lookedUp(browser, giver.number);
    for (const fields of [
      { held: mandate },
      { held: mandate, recognised: 'guessed' },
      { recognised: 'met' },
    ] as Record<string, string>[])
      assert.equal((await press(browser, /suspend$/, fields)).status, 400);
    await press(browser, /suspend$/, { held: stranger.mandate, recognised: 'met' });
    assert.equal(await permits(helper, giver), true);
    assert.equal(await permits(stranger.helper, stranger.giver), true);
    assert.equal((await supportEvents(giver.id)).length, 1);
  });

  it('suspend nothing once the case is over', async () => {
    const { giver, helper, mandate } = await newGiver();
    const { pathname } = (await lookedUp(await atSupport(), giver.number)).url;
    await at(31 * MINUTE, async () => {
      const browser = await atSupport();
      const fields = { held: mandate, recognised: 'met' };
      const answer = await posted(browser, `${pathname}/suspend`, fields);
      assert.equal(answer.status, 404);
    });
    assert.equal(await permits(helper, giver), true);
  });

  it('resume what another of them suspended, never what they suspended themselves', async () => {
    const { giver, helper } = await newGiver();
    const [first, second] = [await atSupport(), await atSupport(1)];
    await paused(first, giver);
    assert.deepEqual(first.forms(/resume/), []);
    await lookedUp(second, giver.number);
    const held = heldIn(second.page.html);
    assert.equal(held.length, 2);
    const { pathname } = (await lookedUp(first, giver.number)).url;
    await posted(first, `${pathname}/resume`, { held: held.join(' '), recognised: 'met' });
    assert.equal(await permits(helper, giver), false);
    const page = await press(second, /resume$/, { held: held.join(' '), recognised: 'questions' });
    assert.match(mainText(page.html), /Gjelder igjen\./);
    assert.equal(await permits(helper, giver), true);
    assert.match(await logOf(giver), /lot 2 av det .*gjelde igjen/);
  });

  it('do not resume what the person paused', async () => {
    const { giver, helper, mandate } = await newGiver();
    const path = `/access/v1/mandates/${mandate}/suspend`;
    assert.equal((await call('POST', path, await personToken(giver))).status, 200);
    const browser = await atSupport();
    await lookedUp(browser, giver.number);
    assert.deepEqual(browser.forms(/resume/), []);
    assert.equal(await permits(helper, giver), false);
  });

  it('do not resume what the person paused after them', async () => {
    const { giver, helper, mandate } = await newGiver();
    const [first, second] = [await atSupport(), await atSupport(1)];
    await paused(first, giver);
    const path = `/access/v1/mandates/${mandate}/suspend`;
    assert.equal((await call('POST', path, await personToken(giver))).status, 200);
    const { pathname } = (await lookedUp(second, giver.number)).url;
    assert.deepEqual(
      heldIn(second.page.html).filter((id) => id === mandate),
      [],
    );
    await posted(second, `${pathname}/resume`, { held: mandate, recognised: 'met' });
    assert.equal(await permits(helper, giver), false);
  });

  it('suspend so that the giver lets it go on who could not give it anew', async () => {
    const [giver, helper] = [await newPerson('Ung Giver'), await newPerson()];
    await putParty(giver, { bornOn: born(17) });
    const service = await newResource([can('read', 'privatperson')], { decidesFrom: 15 });
    const what = { resource: service, actions: ['read'] };
    const mandate = await given(giver, giver, helper, what);
    await world.database.db.raw(
      `update resource_version set content = jsonb_set(content, '{decidesFrom}', '18') where resource_id = ?`,
      [service],
    );
    await paused(await atSupport(), giver);
    const path = `/access/v1/mandates/${mandate}/resume`;
    assert.equal((await call('POST', path, await personToken(giver))).status, 200);
  });

  it('resume nothing that they have themselves', async () => {
    const { giver, helper, mandate } = await newGiver();
    const [, other] = await supportStaff();
    const second = await atSupport(1);
    await paused(await atSupport(), giver);
    const { pathname } = (await lookedUp(second, giver.number)).url;
    await newMandate(giver, other, { ...PENSION, validFrom: '2026-01-01T00:00:00Z' });
    const answer = await posted(second, `${pathname}/resume`, { held: mandate, recognised: 'met' });
    assert.equal(answer.status, 404);
    assert.equal(await permits(helper, giver), false);
  });

  it('suspend nothing of one who is dead', async () => {
    const { giver, mandate } = await newGiver();
    const browser = await atSupport();
    const { pathname } = (await lookedUp(browser, giver.number)).url;
    await world.database.db.raw('update party set ended_at = now() where id = ?', [giver.id]);
    const fields = { held: mandate, recognised: 'letter' };
    assert.equal((await posted(browser, `${pathname}/suspend`, fields)).status, 404);
    assert.deepEqual((await browser.open(pathname)) && browser.forms(/suspend/), []);
  });

  it('suspend nothing that a law hides from the person', async () => {
    const [child, parent] = [await newPerson('Ung Unge'), await newPerson()];
    await putParty(child, { bornOn: born(12) });
    await newRole('foreldreansvar', child, parent);
    const law = { nb: 'loven § 1', nn: 'lova § 1', en: 'the Act § 1' };
    const service = await newConsentResource(['foreldreansvar'], {
      notShownTo: { who: ['child'], law },
    });
    const id = await ask(child, await newOrganization(), rightTo(service));
    assert.equal((await approve(id, parent)).status, 200);
    const browser = await atSupport();
    const page = await lookedUp(browser, child.number);
    assert.deepEqual(heldIn(page.html), []);
    const fields = { held: id, recognised: 'met' };
    await posted(browser, `${page.url.pathname}/suspend`, fields);
    assert.equal((await supportEvents(child.id)).length, 1);
  });
});
