// People who have left a company and still hold something of it, or of its customers: one page, and
// one act that ends it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { assign, office, VAT } from '../support/rights/office.ts';
import { decide, given, newFirm, newTeam } from '../support/rights/rights.ts';
import {
  call,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

/** The register says that somebody works there, until a day. */
const works = (firm: TestParty, who: { id: string }, endedOn: string | null) =>
  world.database.db.raw(
    `insert into employment (employer, employee, ended_on) values (?, ?, ?)
      on conflict (employer, employee) do update set ended_on = excluded.ended_on`,
    [firm.id, who.id, endedOn],
  );
const boxes = (html: string): string[] =>
  [...html.matchAll(/name="mandate" id="[^"]*" value="([^"]*)"/g)].map(([, id]) => id!);

describe('the page of those who have left', () => {
  it('has all that they hold still, and ends what is ticked in one act', async () => {
    const { firm, boss, clerk } = await newTeam('Lars Leaver');
    const stays = await newPerson('Stina Stays');
    const [vat, toll] = [
      await given(boss, firm, clerk, { package: VAT }),
      await given(boss, firm, clerk, { package: 'toll' }),
    ];
    const kept = await given(boss, firm, stays, { package: VAT });
    await works(firm, clerk, '2026-10-31');
    await works(firm, stays, null);
    const browser = await loggedIn(boss, `/overview/people?party=${firm.id}`);
    assert.match(browser.page.html, /href="\/leavers\?party/);
    const page = await browser.open(`/leavers?party=${firm.id}`);
    assert.equal(heading(page), `De som har sluttet hos ${firm.name}`);
    assert.match(mainText(page.html), /Lars Leaver, sluttet 31\. oktober 2026/);
    assert.doesNotMatch(page.html, /Stina/);
    assert.deepEqual(boxes(page.html).sort(), [vat, toll].sort());
    const done = await press(browser, /\/leavers/, { mandate: vat });
    assert.match(mainText(done.html), /Avsluttet\..*Toll/);
    assert.deepEqual(boxes(done.html), [toll]);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.equal(await decide(stays, 'read', 'mva-melding', firm), 'Permit');
    const one = await call('GET', `/access/v1/mandates/${kept}`, await personToken(boss));
    assert.equal(one.body.endedAt, null);
    const last = await press(browser, /\/leavers/, { mandate: toll });
    assert.match(mainText(last.html), /Ingen som har sluttet, har fullmakter/);
  });

  it('ends what stands after a thousand others, and all of it is in the API', async () => {
    const { firm, boss, clerk } = await newTeam();
    const long = await newPerson();
    await works(firm, clerk, '2026-10-31');
    await works(firm, long, '2026-09-30');
    await world.database.db.raw(
      `insert into mandate (id, from_party, to_party, to_kind, basis, resource_id, actions, instance, valid_from, given_by, given_at)
        select gen_random_uuid(), ?::uuid, ?::uuid, 'person', 'delegation', 'mva-melding', '{read}', 'urn:sak:' || n, now(), ?::uuid, now() from generate_series(1, 1000) as n`,
      [firm.id, clerk.id, boss.id],
    );
    const last = await given(boss, firm, long, { package: VAT });
    const listed = async () =>
      (
        await call('GET', `/access/v1/leavers?party=${firm.id}`, await personToken(boss))
      ).body.data.map(({ mandate }: { mandate: string }) => mandate);
    assert.deepEqual([(await listed()).length, (await listed()).at(-1)], [1_001, last]);
    const browser = await loggedIn(boss, `/leavers?party=${firm.id}&offset=1000`);
    assert.deepEqual(boxes(browser.page.html), [last]);
    await press(browser, /\/leavers/, { mandate: last });
    assert.ok(!(await listed()).includes(last));
  });

  it('ends nothing of those who work there, nor of another company’s, whatever is sent', async () => {
    const { firm, boss, clerk } = await newTeam();
    const kept = await given(boss, firm, clerk, { package: VAT });
    const other = await newTeam();
    const theirs = await given(other.boss, other.firm, other.clerk, { package: VAT });
    await works(other.firm, other.clerk, '2026-10-31');
    const gone = await newPerson();
    const own = await given(boss, firm, gone, { package: VAT });
    await works(firm, gone, '2026-10-31');
    const browser = await loggedIn(boss, `/leavers?party=${firm.id}`);
    await press(browser, /\/leavers/, { mandate: `${kept} ${theirs}` });
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    assert.equal(await decide(other.clerk, 'read', 'mva-melding', other.firm), 'Permit');
    assert.deepEqual(boxes((await browser.open(`/leavers?party=${firm.id}`)).html), [own]);
    const none = await press(browser, /\/leavers/);
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg minst én fullmakt/);
  });

  it('ends what they have of customers, of whom the customer hears, by who administers those', async () => {
    const { firm, boss, agent, customers } = await office(1);
    const { html } = await assign(
      await loggedIn(boss, `/customers/assign?party=${firm.id}&client=${customers[0]!.id}`),
      { agent: agent.id, package: VAT },
    );
    assert.ok(html);
    await works(firm, agent, '2026-10-31');
    const helper = await newPerson();
    await given(boss, firm, helper, { package: 'tilgangsstyrer', validTo: inDays(20) });
    const seen = await loggedIn(helper, `/leavers?party=${firm.id}`);
    assert.match(
      mainText(seen.page.html),
      /for kunden .*avsluttes av en som administrerer kundene/,
    );
    assert.deepEqual(boxes(seen.page.html), []);
    const browser = await loggedIn(boss, `/leavers?party=${firm.id}`);
    const [id] = boxes(browser.page.html);
    // A form of the helper's own session, as if its page had one.
    const { html: profile } = await seen.open('/profile');
    const [, csrf] = /name="csrf" value="([^"]*)"/.exec(profile)!;
    seen.page.html = `<form method="post" action="/leavers?party=${firm.id}"><input type="hidden" name="csrf" value="${csrf}"></form>`;
    const refused = await press(seen, /\/leavers/, { mandate: id! });
    assert.equal(refused.status, 403);
    assert.match(refused.html, /TIL-00008/);
    await press(browser, /\/leavers/, { mandate: id! });
    const { rows } = await world.database.db.raw(
      `select count(*)::int as n from notice where party = ? and type = 'mandate_ended' and mandate_id = ?`,
      [customers[0]!.id, id!],
    );
    assert.equal(rows[0].n, 1);
    assert.match(mainText(browser.page.html), /Ingen som har sluttet/);
  });

  it('has those who worked for a sub-unit or the main unit, and work for neither now', async () => {
    const { firm, boss, clerk } = await newTeam('Lars Leaver');
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number, mayAsk: false });
    const other = await newOrganization('Avdeling Sør', { parent: firm.number, mayAsk: false });
    const main = await given(boss, firm, clerk, { package: VAT });
    const below = await given(boss, unit, clerk, { package: 'toll' });
    const browser = await loggedIn(boss, `/leavers?party=${firm.id}`);
    const listed = async ({ id }: { id: string }) =>
      boxes((await browser.open(`/leavers?party=${id}`)).html);
    // A register has people where they work.
    await works(unit, clerk, '2026-10-31');
    assert.deepEqual([await listed(firm), await listed(unit)], [[main], [below]]);
    await works(other, clerk, null);
    assert.deepEqual([await listed(firm), await listed(unit)], [[], [below]]);
    await works(other, clerk, '2026-11-15');
    await works(firm, clerk, null);
    assert.deepEqual([await listed(firm), await listed(unit)], [[], []]);
    await works(firm, clerk, '2026-11-20');
    assert.match(mainText((await browser.open(`/leavers?party=${unit.id}`)).html), /20\. november/);
    await press(browser, /\/leavers/, { mandate: below });
    assert.deepEqual([await listed(firm), await listed(unit)], [[main], []]);
  });

  it('is where the notice of one who has left leads', async () => {
    const { firm, boss, clerk } = await newTeam('Lars Leaver');
    const id = await given(boss, firm, clerk, { package: VAT });
    const notice = randomUUID();
    await world.database.db.raw(
      `insert into notice (id, party, type, mandate_id, at) values (?, ?, 'leaver', ?, now())`,
      [notice, firm.id, id],
    );
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    const [, way] = new RegExp(`href="(/inbox/${notice}[^"]*)"`).exec(browser.page.html)!;
    const { url } = await browser.open(unescapeHtml(way!));
    assert.equal(url.pathname, '/leavers');
  });

  it('is of organisations, and of those who administer them', async () => {
    const person = await newPerson();
    const own = await loggedIn(person, `/leavers?party=${person.id}`);
    assert.equal(own.page.url.pathname, '/overview');
    const { firm } = await newFirm();
    assert.equal((await loggedIn(person, `/leavers?party=${firm.id}`)).page.status, 403);
  });
});
