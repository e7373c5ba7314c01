// Giving to one at the same table: the receiver shows a code for a while, the giver enters it,
// chooses packages that allow it, and gives once.
import assert from 'node:assert/strict';
import { rejects } from '../support/imports.ts';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { codeIn, showingCode } from '../support/pages/giving.ts';
import { change, MANDATES, newFirm } from '../support/rights/rights.ts';
import {
  at,
  call,
  importThis,
  inDays,
  lastName,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const LEISURE = 'innbygger-fritidsaktiviteter-friluftsliv';
const PENSION = 'innbygger-pensjon';
const SCHOOL = 'innbygger-barnehage-sfo-skole';
const WARNING = /Har noen ringt deg, eller ber noen deg om å skynde deg\? Da skal du svare nei/;

/** A person who shows a code, the browser in which it is shown, and the code. */
async function shown(name = 'Mona Mottaker') {
  const receiver = await newPerson(name);
  await putParty(receiver, { bornOn: '1971-05-17' });
  return { receiver, ...(await showingCode(receiver)) };
}
const entering = (giver: TestParty, party = giver) =>
  loggedIn(giver, `/give/code?party=${party.id}`);
const choose = (packages: string[], long = 'half') =>
  new URLSearchParams([['long', long], ...packages.map((one) => ['package', one])]);
/** Enters the code and chooses; stops where it is looked over. */
async function lookedOver(giver: TestParty, code: string, packages = [LEISURE]) {
  const browser = await entering(giver);
  await press(browser, /give\/code/, { code });
  await browser.submit(choose(packages), undefined, { to: /code\/what/ });
  return browser;
}
const heldBy = async (giver: TestParty, to: TestParty): Promise<Record<string, any>[]> => {
  const path = `${MANDATES}?from=${giver.id}&to=${to.id}`;
  return (await call('GET', path, await personToken(giver))).body.data;
};

describe('giving by code', () => {
  it('gives packages to the one who shows it, whom the giver sees before, and once', async () => {
    const giver = await newPerson('Gunn Giver');
    const { receiver, browser, code } = await shown();
    const own = await entering(giver);
    assert.match(mainText(own.page.html), WARNING);
    await press(own, /give\/code/, { code: code.toLowerCase() });
    assert.match(heading(own.page), /Hva skal fullmakten gjelde/);
    assert.doesNotMatch(own.page.html, /Mottaker/);
    assert.doesNotMatch(own.page.html, /name="long"[^>]*checked/);
    await browser.open('/code');
    assert.match(mainText(browser.page.html), /Koden er skrevet inn/);
    assert.doesNotMatch(browser.page.html, /Gunn Giver/);
    await own.submit(choose([LEISURE, SCHOOL]), undefined, { to: /code\/what/ });
    assert.match(mainText(own.page.html), /Mona Mottaker \(født 1971\)/);
    assert.match(mainText(own.page.html), WARNING);
    assert.deepEqual(await heldBy(giver, receiver), []);
    await press(own, /give\/check/);
    assert.match(heading(own.page), /2 fullmakter er gitt/);
    const held = await heldBy(giver, receiver);
    assert.deepEqual(
      held.map(({ mayPassOn }) => mayPassOn),
      [false, false],
    );
    await browser.open('/code');
    assert.match(mainText(browser.page.html), /Fritidsaktiviteter og friluftsliv, fra Gunn Giver/);
    const again = await entering(await newPerson());
    await press(again, /give\/code/, { code });
    assert.match(mainText(again.page.html), /gjelder ikke lenger/);
  });

  it('shows a QR code of the code alone, in a page without script', async () => {
    const { browser } = await shown();
    assert.match(browser.page.html, /<svg viewBox="0 0 \d+ \d+" role="img"/);
    assert.doesNotMatch(browser.page.html, /<script|refresh/);
  });

  it('takes no code that has run out, was replaced, or whose receiver logged out', async () => {
    const giver = await newPerson();
    const own = await entering(giver);
    const refused = async (code: string) => {
      await own.open(`/give/code?party=${giver.id}`);
      await press(own, /give\/code/, { code });
      assert.match(mainText(own.page.html), /Koden finnes ikke, eller den gjelder ikke lenger/);
    };
    const old = await shown();
    await at(11 * 60_000, () => refused(old.code));
    await press(old.browser, /code/);
    await refused(old.code);
    const gone = await shown();
    await world.database.db.raw('delete from login_session where party = ?', [gone.receiver.id]);
    await refused(gone.code);
    const idle = await shown();
    await world.database.db.raw(
      `update login_session set expires_at = now() - interval '1 minute' where party = ?`,
      [idle.receiver.id],
    );
    await refused(idle.code);
  });

  it('is gone for the gift too when the receiver has logged out meanwhile', async () => {
    const giver = await newPerson();
    const { receiver, code } = await shown();
    const own = await lookedOver(giver, code);
    await world.database.db.raw('delete from login_session where party = ?', [receiver.id]);
    const page = await press(own, /give\/check/);
    assert.equal(page.status, 409);
    assert.match(page.html, /TIL-00057/);
    assert.deepEqual(await heldBy(giver, receiver), []);
  });

  it('is used for one gift, though two are looked over, and by the one who entered it', async () => {
    const giver = await newPerson();
    const { receiver, code } = await shown();
    const first = await lookedOver(giver, code, [LEISURE]);
    const second = await lookedOver(giver, code, [SCHOOL]);
    const other = await entering(await newPerson());
    await press(other, /give\/code/, { code });
    assert.match(mainText(other.page.html), /gjelder ikke lenger/);
    const pages = await Promise.all([press(first, /give\/check/), press(second, /give\/check/)]);
    assert.deepEqual(pages.map(({ status }) => status).sort(), [200, 409]);
    assert.equal((await heldBy(giver, receiver)).length, 1);
  });

  it('shuts a person out after five wrong ones, and counts no right one', async () => {
    const giver = await newPerson();
    const own = await entering(giver);
    const enter = async (code: string) => {
      await own.open(`/give/code?party=${giver.id}`);
      return press(own, /give\/code/, { code });
    };
    for (let n = 0; n < 3; n++) await enter((await shown()).code);
    for (let n = 0; n < 5; n++) assert.match((await enter('22222222')).html, /finnes ikke/);
    assert.equal((await enter((await shown()).code)).status, 429);
    assert.match(mainText(own.page.html), /feil kode for mange ganger/);
    assert.equal((await enter('ABC')).status, 400);
  });

  it('counts wrong ones that come at once as many', async () => {
    const giver = await newPerson();
    const browsers = await Promise.all(Array.from({ length: 8 }, () => entering(giver)));
    const pages = await Promise.all(
      browsers.map((own) => press(own, /give\/code/, { code: '33333333' })),
    );
    assert.equal(pages.filter(({ status }) => status === 429).length, 3);
  });

  it('is given at level 4 alone', async () => {
    const giver = await newPerson();
    const browser = await loggedIn(giver, '/start');
    await world.database.db.raw('update login_session set level = 3 where party = ?', [giver.id]);
    const page = await browser.open(`/give/code?party=${giver.id}`);
    assert.equal(page.status, 403);
    assert.match(page.html, /step-up/);
    const { receiver, code } = await shown();
    const own = await lookedOver(giver, code);
    await world.database.db.raw('update login_session set level = 3 where party = ?', [giver.id]);
    assert.equal((await press(own, /give\/check/)).status, 403);
    assert.deepEqual(await heldBy(giver, receiver), []);
  });

  it('offers no package that does not allow it, and gives none that ceased to', async () => {
    const giver = await newPerson();
    const { receiver, code } = await shown();
    const own = await entering(giver);
    await press(own, /give\/code/, { code });
    assert.doesNotMatch(own.page.html, /innbygger-pensjon/);
    await own.submit(choose(['innbygger-pensjon']), undefined, { to: /code\/what/ });
    assert.match(mainText(own.page.html), /Velg minst én ting/);
    await own.submit(choose([LEISURE]), undefined, { to: /code\/what/ });
    const set = (is: boolean) => importThis({ packages: [{ ...LEISURE_ENTRY, byCode: is }] });
    await set(false);
    try {
      const page = await press(own, /give\/check/);
      assert.match(page.html, /TIL-00058/);
    } finally {
      await set(true);
    }
    assert.deepEqual(await heldBy(giver, receiver), []);
  });

  it('is allowed of no package of a guarded area, nor of one by which one administers', async () => {
    const entry = { ...LEISURE_ENTRY, code: 'kodetest-helse', area: 'helse_og_omsorg' };
    await rejects({ tillit: 1, packages: [{ ...entry, byCode: true }] }, /given by code/);
    const { firm, boss } = await newFirm();
    const { code } = await shown();
    const own = await entering(boss, firm);
    await press(own, /give\/code/, { code });
    assert.match(own.page.html, /ordinaer-post-til-virksomheten/);
    const set = async (is: boolean) => {
      const { db } = world.database;
      // One of a guarded area, and one by which one administers, of an area that is none.
      const codes = ['byggesoknad', 'tilgangsstyrer'];
      await db.raw('update access_package set by_code = ? where code = any(?)', [is, codes]);
      await db.raw('update access_area set guarded = ? where code = ?', [
        ...[!is, 'administrere_tilganger'],
      ]);
      await db.raw('update catalogue set version = version + 1');
    };
    await set(true);
    try {
      await own.open(own.page.url.pathname + own.page.url.search);
      assert.match(own.page.html, /ordinaer-post-til-virksomheten/);
      assert.doesNotMatch(own.page.html, /value="tilgangsstyrer"|value="byggesoknad"/);
    } finally {
      await set(false);
    }
  });

  it('gives nothing that may be passed on within a day', async () => {
    const giver = await newPerson();
    const { receiver, code } = await shown();
    await press(await lookedOver(giver, code), /give\/check/);
    const [{ id }] = (await heldBy(giver, receiver)) as [{ id: string }];
    const early = await change(giver, id, { mayPassOn: true });
    assert.deepEqual([early.status, early.body.code], [409, 'TIL-00056']);
    await at(25 * 3_600_000, async () => {
      assert.equal((await change(giver, id, { mayPassOn: true })).status, 200);
    });
  });

  it('names no party to one who has nothing of it to give', async () => {
    const stranger = await newPerson();
    const [hidden, { firm, boss }] = [await newPerson('Hemmelig Hansen'), await newFirm()];
    await putParty(hidden, { protectedAddress: true });
    for (const party of [hidden, firm]) {
      const { page } = await entering(stranger, party);
      assert.equal(page.status, 403);
      assert.doesNotMatch(page.html, new RegExp(party.name));
    }
    const { code } = await shown();
    const own = await entering(boss, firm);
    await press(own, /give\/code/, { code });
    await newRole('dagl', firm, boss, { endedAt: inDays(-1) });
    const after = await own.open(own.page.url);
    assert.equal(after.status, 403);
    assert.doesNotMatch(after.html, new RegExp(firm.name));
  });

  it('names the receiver to nobody when the code holds no more, nor at a lower level', async () => {
    const giver = await newPerson();
    const { browser, receiver, code } = await shown();
    const own = await lookedOver(giver, code);
    const check = own.page.url;
    assert.match(own.page.html, /Mona Mottaker/);
    await world.database.db.raw('update login_session set level = 3 where party = ?', [giver.id]);
    const weak = await own.open(check);
    assert.equal(weak.status, 403);
    assert.doesNotMatch(weak.html, /Mottaker/);
    await world.database.db.raw('update login_session set level = 4 where party = ?', [giver.id]);
    await browser.open('/code');
    await press(browser, /code/);
    const gone = await own.open(check);
    assert.equal(gone.url.pathname, '/give/code');
    assert.match(mainText(gone.html), /Koden finnes ikke, eller den gjelder ikke lenger/);
    assert.doesNotMatch(gone.html, /Mottaker/);
    assert.deepEqual(await heldBy(giver, receiver), []);
  });

  it('is given within twenty minutes after its time, or not', async () => {
    const giver = await newPerson();
    const [first, late] = [await shown(), await shown()];
    const [own, other] = [
      await lookedOver(giver, first.code),
      await lookedOver(giver, late.code, [SCHOOL]),
    ];
    await at(28 * 60_000, () => press(own, /give\/check/));
    assert.equal((await heldBy(giver, first.receiver)).length, 1);
    await at(29.9 * 60_000, async () => {
      await world.database.db.raw(
        `update giving_code set expires_at = expires_at - interval '1 minute' where code = ?`,
        [late.code.replace(' ', '')],
      );
      assert.equal((await press(other, /give\/check/)).status, 409);
    });
    assert.deepEqual(await heldBy(giver, late.receiver), []);
  });

  it('makes its receiver no known one: for a day more is given by number and name', async () => {
    const giver = await newPerson();
    const { receiver, code } = await shown();
    await press(await lookedOver(giver, code), /give\/check/);
    const token = await personToken(giver);
    const wanted = { from: giver.id, package: `urn:altinn:accesspackage:${PENSION}` };
    const byId = { ...wanted, to: receiver.id };
    const refused = await call('POST', MANDATES, token, byId);
    assert.deepEqual([refused.status, refused.body.code], [400, 'AM-00024']);
    const form = await loggedIn(giver, `/give/terms?party=${giver.id}&package=${PENSION}`);
    assert.doesNotMatch(form.page.html, /Mona Mottaker/);
    const named = { ...wanted, to: receiver.number, lastName: lastName(receiver) };
    assert.equal((await call('POST', MANDATES, token, named)).status, 201);
    await at(25 * 3_600_000, async () => {
      const later = await loggedIn(giver, `/give/terms?party=${giver.id}&package=${PENSION}`);
      assert.match(later.page.html, /Mona Mottaker/);
    });
  });

  it('keeps what was chosen for one who wants it otherwise', async () => {
    const giver = await newPerson();
    const { code } = await shown();
    const own = await lookedOver(giver, code);
    const [, way] = /href="([^"]*)">Endre/.exec(own.page.html)!;
    await own.open(unescapeHtml(way!));
    assert.match(own.page.html, new RegExp(`value="${LEISURE}"[^>]*checked`));
    assert.match(own.page.html, /id="long-half"[^>]*checked/);
  });

  it('says what is wrong with the form, and refuses one’s own code', async () => {
    const giver = await newPerson('Egil Egen');
    const browser = await entering(giver);
    await browser.open('/code');
    await press(browser, /code/);
    const code = codeIn(browser);
    await browser.open(`/give/code?party=${giver.id}`);
    await press(browser, /give\/code/, { code });
    assert.match(mainText(browser.page.html), /Dette er din egen kode/);
    await browser.open('/code');
    assert.equal(codeIn(browser), code);
    const elsewhere = await entering(giver);
    await press(elsewhere, /give\/code/, { code });
    assert.match(mainText(elsewhere.page.html), /Koden finnes ikke/);
    const other = await shown();
    const own = await entering(giver);
    await press(own, /give\/code/, { code: other.code });
    await own.submit(choose([LEISURE], 'none'), undefined, { to: /code\/what/ });
    assert.match(mainText(own.page.html), /Velg hvor lenge/);
    assert.match(unescapeHtml(own.page.html), new RegExp(`value="${LEISURE}"[^>]*checked`));
  });

  it('opens nothing with the sealed address of another person or giver', async () => {
    const giver = await newPerson();
    const { code } = await shown();
    const own = await entering(giver);
    await press(own, /give\/code/, { code });
    const { pathname, search } = own.page.url;
    const stranger = await loggedIn(await newPerson(), pathname + search);
    assert.equal(stranger.page.status, 403);
    const { firm } = await newFirm();
    await newRole('dagl', firm, giver);
    const elsewhere = new URLSearchParams(search);
    elsewhere.set('party', firm.id);
    assert.equal((await own.open(`${pathname}?${elsewhere}`)).status, 403);
  });
});

const LEISURE_ENTRY = {
  code: LEISURE,
  area: 'familie_og_fritid',
  forKind: 'person',
  usableBy: [],
  name: {
    nb: 'Fritidsaktiviteter og friluftsliv',
    nn: 'Fritidsaktivitetar og friluftsliv',
    en: 'Leisure activities and outdoor life',
  },
  description: {
    nb: 'Melde på aktiviteter, og ordne jegeravgift, fiskekort og båt.',
    nn: 'Melde på aktivitetar, og ordne jegeravgift, fiskekort og båt.',
    en: 'Sign up for activities, and see to hunting fees, fishing licences and boats.',
  },
};
