// The law of words, of refusals and times: a refusal that leads to asking leads one whose request
// is taken, and nobody else; a time that a page names is when it happens. Worlds of ties between a
// person and a company, and of ends and tokens.
import assert from 'node:assert/strict';
import { consentDetail, exchange, newClient } from '../support/oauth/clients.ts';
import { loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { sendAsk } from '../support/pages/giving.ts';
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
import { employ } from '../support/rows.ts';
import {
  approve,
  ask,
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
} from '../support/world.ts';
import { inWorlds, inWorldsUntil, LONGEST, type Chance } from './worlds.ts';

const YEAR_AGO = '2025-01-01T00:00:00Z';
const MINUTE = 60_000;
const PACKAGE = 'innbygger-pensjon';

interface Tied {
  firm: TestParty;
  boss: TestParty;
  person: TestParty;
}

/** A resource whose owner has one API, which sees or does not see that a consent has ended. */
async function servedBy(checksStatus: boolean): Promise<string> {
  const owner = await newOrganization();
  const api = { identifier: `https://${owner.number}.example`, owner: owner.number, scopes: [] };
  await importThis({ resourceServers: [{ ...api, checksStatus }] });
  return newConsentResource(['privatperson'], { owner: owner.number });
}

/** What a person may have at a company, and have had. */
const TIES: Record<string, (tied: Tied) => Promise<unknown>> = {
  nothing: async () => undefined,
  'works there': ({ firm, person }) => employ(firm, person),
  'worked there': ({ firm, person }) => employ(firm, person, '2025-01-31'),
  'a role': ({ firm, person }) => newRole('medl', firm, person),
  'a package': ({ firm, boss, person }) => given(boss, firm, person, { package: 'toll' }),
  'had a package': ({ firm, person }) =>
    newMandate(firm, person, {
      package: 'toll',
      validFrom: YEAR_AGO,
      validTo: '2026-01-01T00:00:00Z',
    }),
  'leads one who has a package': async ({ firm, boss, person }) => {
    const other = await newOrganization('Mellomleddet AS', { mayAsk: false });
    await newRole('dagl', other, person);
    return given(boss, firm, other, { package: 'toll' });
  },
  'something of another': async ({ person }) => {
    const { firm, boss } = await newFirm();
    return given(boss, firm, person, { package: 'toll' });
  },
};
const PAGES = ['/overview', '/overview?show=ended', '/inbox', '/give', '/overview/people'];

describe('a refusal', function suite() {
  this.timeout(LONGEST);

  it('of a company leads to asking whoever may ask, and names it to nobody else', async () => {
    const met = new Set<string>();
    await inWorlds(async ({ pick, some }) => {
      const [{ firm, boss }, person] = [await newFirm(), await newPerson()];
      const isUnit = pick([true, false]);
      const asked = isUnit
        ? await newOrganization('Avdelingen', { mayAsk: false, parent: firm.number })
        : firm;
      const ties = some(Object.keys(TIES), 2);
      for (const tie of ties) await TIES[tie]!({ firm, boss, person });
      const path = pick(PAGES);
      const query = path.includes('?') ? '&' : '?';
      const browser = await loggedIn(person, `${path}${query}party=${asked.id}`);
      const told = `${ties.join(' and ')}${isUnit ? ', of a unit' : ''}, ${path}`;
      if (browser.page.status === 200) return void met.add('let in');
      assert.equal(browser.page.status, 403, told);
      const { html } = browser.page;
      const [, way] = /href="(\/ask\/terms[^"]+)"/.exec(html) ?? [];
      assert.equal(html.includes(asked.name), way !== undefined, told);
      if (way) {
        met.add('led on');
        const form = await browser.open(unescapeHtml(way));
        assert.match(form.html, new RegExp(`id="whom"><strong>${asked.name}`), told);
        const sent = await sendAsk(browser, { long: 'half' });
        assert.match(sent.url.pathname, /^\/requests\//, `${told}: ${mainText(sent.html)}`);
        return;
      }
      met.add('told nothing');
      const address = `/accessmanagement/api/v1/enduser/request/package?party=${person.id}&to=${asked.id}&package=toll`;
      const { body, text } = await call('POST', address, await personToken(person));
      assert.equal(body.validationErrors?.[0]?.code, 'AM.VLD-00041', `${told}: ${text}`);
    });
    assert.ok(met.has('led on') && met.has('told nothing'), [...met].join());
  });
});

const MONTHS =
  'januar februar mars april mai juni juli august september oktober november desember'.split(' ');
/** The instant at which clocks in Oslo show this. */
function inOslo(year: number, month: number, day: number, hour = 0, minute = 0): number {
  const utc = Date.UTC(year, month, day, hour, minute);
  const ahead = (at: number) => {
    const shown = new Date(at).toLocaleString('sv-SE', { timeZone: 'Europe/Oslo' });
    return Date.parse(`${shown.replace(' ', 'T')}Z`) - at;
  };
  return utc - ahead(utc - ahead(utc));
}

/** The instant that «til og med 4. mars 2027» or «til 4. mars 2027 kl. 13:05» names. */
function instantIn(text: string): number {
  const [, whole, day, month, year, hour = '0', minute = '0'] =
    /til (og med )?(\d+)\.\s(\p{L}+)\s(\d{4})(?:\skl\.\s(\d\d)[.:](\d\d))?/u.exec(text) ?? [];
  assert.ok(day, text);
  const at = [Number(year), MONTHS.indexOf(month!), Number(day) + (whole ? 1 : 0)] as const;
  return inOslo(...at, Number(hour), Number(minute));
}

/** An end that a form makes, or any instant, as owners and imports say it. */
const endOf = ({ next, pick }: Chance): Date => {
  const at = new Date(Date.now() + (2 + next() * 200) * 86_400_000);
  return pick([true, false])
    ? new Date(inOslo(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
    : new Date(Math.floor(+at / MINUTE) * MINUTE);
};

const clockIn = (at: number) =>
  new Intl.DateTimeFormat('nb-NO', { timeStyle: 'short', timeZone: 'Europe/Oslo' }).format(at);

describe('a time that a page names', function suite() {
  this.timeout(LONGEST);

  it('is when a power of attorney ends: it holds until then, and not from then', async () => {
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    await inWorlds(async (chance) => {
      const [giver, helper] = [await newPerson(), await newPerson()];
      const end = endOf(chance);
      const what = { package: PACKAGE, validFrom: YEAR_AGO, validTo: end.toISOString() };
      await newMandate(giver, helper, what);
      const [reader, show] = chance.pick([
        [giver, 'given'],
        [helper, 'received'],
      ] as const);
      const { html } = (await loggedIn(reader, `/overview?show=${show}`)).page;
      assert.equal(instantIn(mainText(html)), +end, end.toISOString());
      for (const [offset, outcome] of [
        [-MINUTE, 'Permit'],
        [MINUTE, 'NotApplicable'],
      ] as const)
        await at(+end - Date.now() + offset, async () =>
          assert.equal(await decide(helper, 'read', resource, giver), outcome, `${end}`),
        );
    });
  });

  it('is not before the last access that is out stops working, and not later than was said', async () => {
    const met = new Set<string>();
    // The first owner says that its APIs read the status list, or ask; the second says nothing.
    const [checked, alone] = [await servedBy(true), await servedBy(false)];
    const isMet = () => met.size === 4;
    await inWorldsUntil(isMet, async ({ next, pick }) => {
      const [from, to] = [await newPerson(), await newOrganization()];
      const resource = pick([checked, alone]);
      const id = await ask(from, to, rightTo(resource));
      await approve(id, from);
      const client = await newClient(to);
      const tokenLifetimeSeconds = pick([null, 600, 3_600]);
      if (tokenLifetimeSeconds)
        await importThis({
          scopes: [{ name: client.scope, owner: to.number, tokenLifetimeSeconds }],
        });
      let [drawn, ends] = [0, 0];
      for (let left = pick([0, 1, 2]); left > 0; left -= 1) {
        const { status, body } = await exchange(client, consentDetail(id, from));
        assert.equal(status, 200);
        drawn = Date.now();
        ends = drawn + body.expires_in * 1000;
      }
      const offset = Math.floor(next() * pick([2, 10, 90]) * MINUTE);
      await at(offset, async () => {
        const browser = await loggedIn(from, `/consents/${id}/withdraw`);
        const [, said] = /slutter å virke senest (ett|\d+) minutt/.exec(browser.page.html) ?? [];
        const minutes = said === 'ett' ? 1 : said && Number(said);
        assert.equal(minutes !== undefined, drawn > 0, 'access that is out, or none');
        const before = Date.now() + offset;
        const { html } = await press(browser, /withdraw/);
        const [, time] = /slutter å virke senest kl\.\s(\d\d[.:]\d\d)/.exec(html) ?? [];
        met.add(`${resource === checked} ${time !== undefined}`);
        if (!time)
          assert.ok(ends < Date.now() + offset + 1_000, 'access is out, and no time is named');
        else {
          // The minute is named whole.
          if (resource === checked) {
            assert.equal(minutes, 1);
            const known = Date.now() + offset + MINUTE;
            const first = Math.min(ends, before + MINUTE);
            const all = [first, first + MINUTE, known, known + MINUTE].map((one) => clockIn(one));
            assert.ok(all.includes(time), `${time}, not ${all}`);
            return;
          }
          const latest = drawn + Number(minutes) * MINUTE;
          const named = [ends, latest, latest + MINUTE].map((one) => clockIn(one));
          assert.ok(latest > before, 'no access can be out');
          assert.ok(named[0]! <= time || named[0]! > named[2]!, `${time}, not before ${named[0]}`);
          assert.ok(named.slice(1).includes(time), `${time}, not ${named[1]}`);
        }
      });
    });
    assert.equal(met.size, 4, [...met].join());
  });
});
