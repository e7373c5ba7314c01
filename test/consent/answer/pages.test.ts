// The pages as attackers, the impatient and the lost meet them.
import { stateOf } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Browser, heading, loggedIn, unescapeHtml } from '../../support/pages/browser.ts';
import {
  approve,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  read,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

describe('the approval page', () => {
  let person: TestParty;
  let to: TestParty;
  before(async () => {
    [person, to] = [await newPerson('Side Person'), await newOrganization('Spør & <b>Fin</b> AS')];
  });
  const open = async (changes: object = {}, who: TestParty = person) =>
    loggedIn(who, `/consent/request?id=${await ask(person, to, changes)}`);

  it('has a strict policy, no script, no inline style, nothing pre-ticked and no caching', async () => {
    const { html, headers } = (await open()).page;
    const policy = headers.get('content-security-policy')!;
    for (const rule of [
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
    ])
      assert.ok(policy.includes(rule));
    assert.ok(!/unsafe|data:|https?:/.test(policy));
    assert.ok(!/<script|style=|\schecked|\son\w+=/i.test(html));
    assert.deepEqual(
      [
        headers.get('cache-control'),
        headers.get('x-content-type-options'),
        headers.get('referrer-policy'),
      ],
      ['no-store', 'nosniff', 'same-origin'],
    );
  });

  it('gives yes and no the same form, class and place', async () => {
    const { html } = (await open()).page;
    const [yes, no] = [...html.matchAll(/<button ([^>]*)>/g)].map(([, attributes]) =>
      attributes!.replace(/value="\w+"/, ''),
    );
    assert.equal(yes, no);
  });

  it('escapes what others wrote', async () => {
    const { html } = (
      await open({ requestMessage: { nb: '<img src=x onerror=alert(1)> {{constructor}} **fet**' } })
    ).page;
    assert.ok(html.includes('&lt;img src') && !html.includes('<img') && !html.includes('<b>Fin'));
    assert.ok(html.includes('**fet**') && html.includes('{{constructor}}'));
  });

  it('never turns a metadata value into markup', async () => {
    const rule = { action: 'consent', subjects: ['privatperson'] };
    const identifier = `meta-${Date.now()}`;
    await importThis({
      resources: [
        {
          identifier,
          owner: (await newOrganization()).number,
          resourceType: 'Consent',
          consentTemplate: 'default',
          title: { nb: 'M', nn: 'M' },
          consentText: { nb: 'Verdi: **{v}**', nn: 'Verdi: **{v}**' },
          consentMetadata: { v: {} },
          rules: [rule, { action: 'requestconsent', subjects: ['organization'] }],
        },
      ],
    });
    const value = 'Banken** [klikk](https://evil.example) <i>{v}</i>';
    const { html } = (
      await open({
        consentRights: [
          {
            action: ['consent'],
            resource: [{ type: 'urn:altinn:resource', value: identifier }],
            metadata: { V: value },
          },
        ],
      })
    ).page;
    assert.ok(!html.includes('href="https://evil.example') && !html.includes('<i>'));
    assert.ok(
      html.includes('<strong>Banken** [klikk](https://evil.example)'),
      html.slice(html.indexOf('Verdi'), html.indexOf('Verdi') + 200),
    );
  });

  it('fills the placeholders of an outside template, and leaves an unknown one visible', async () => {
    const [template] = read('deploy/base/2-templates.json').templates;
    const [id, identifier] = [`outside-${Date.now()}`, `outside-resource-${Date.now()}`];
    const expiration = {
      nb: 'Samtykket fra {OfferedBy} til {CoveredBy} går ut {Expiration} {Ukjent}.',
      nn: 'x',
    };
    await importThis({
      templates: [{ ...template, id, texts: { ...template.texts, expiration } }],
    });
    await importThis({
      resources: [
        {
          identifier,
          owner: (await newOrganization()).number,
          resourceType: 'Consent',
          consentTemplate: id,
          title: { nb: 'M', nn: 'M' },
          consentText: { nb: 'x', nn: 'x' },
          rules: [
            { action: 'consent', subjects: ['privatperson'] },
            { action: 'requestconsent', subjects: ['organization'] },
          ],
        },
      ],
    });
    const consentRights = [
      { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: identifier }] },
    ];
    const { html } = (await open({ consentRights, validTo: '2027-06-30T22:00:00Z' })).page;
    assert.ok(
      html.includes(
        'Samtykket fra Side Person til Spør &amp; &lt;b&gt;Fin&lt;/b&gt; AS går ut 30.\u00a0juni\u00a02027 {Ukjent}.',
      ),
      /Samtykket fra[^<]*/.exec(html)?.[0] ?? html,
    );
    assert.ok(
      (await open({ consentRights, validTo: '2027-06-30T10:05:00Z' })).page.html.includes(
        'går ut 30. juni 2027 kl. 12:05',
      ),
    );
  });

  it('speaks nb, nn and en, with what is missing said to be missing', async () => {
    const browser = await open();
    const { pathname, search } = browser.page.url;
    assert.match(
      (await browser.open(`${pathname}${search}&lang=nn`)).html,
      /<html lang="nn"[\s\S]*opplysningar om deg frå/,
    );
    assert.match(
      (await browser.open(`${pathname}${search}&lang=en`)).html,
      /<html lang="en"[\s\S]*get information about you/,
    );
    assert.match((await browser.open(`${pathname}${search}`)).html, /<html lang="en"/);
  });

  it('takes `no` for bokmål, and survives any Accept-Language', async () => {
    for (const [header, lang] of [
      ['no,en;q=0.5', 'nb'],
      ['*', 'nb'],
      ['x-y-z-!!,,;q', 'nb'],
      ['nn-NO', 'nn'],
      ['en-US', 'en'],
      ['de', 'nb'],
    ] as const) {
      const browser = new Browser();
      browser.language = header;
      await browser.open('/logged-out');
      assert.match(browser.page.html, new RegExp(`<html lang="${lang}"`), header);
    }
  });

  it('refuses an address that names two requests', async () => {
    const browser = await open();
    const page = await browser.open(`${browser.page.url.href}&id=${randomUUID()}`);
    assert.equal(page.status, 400);
    assert.match(page.html, /TIL-00004/);
  });

  it('refuses a form without the token, from elsewhere, or from another session, and stores nothing', async () => {
    for (const [fields, headers] of [
      [{ csrf: '' }, {}],
      [{ csrf: 'x'.repeat(43) }, {}],
      [{}, { origin: 'https://evil.example' }],
      [{}, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      const browser = await open();
      const id = browser.page.url.searchParams.get('id');
      const page = await browser.submit({ answer: 'yes', ...fields }, undefined, {
        headers: headers as Record<string, string>,
      });
      assert.equal(page.status, 403);
      assert.match(page.html, /Svaret ble ikke lagret[\s\S]*TIL-00013/);
      assert.equal(await stateOf(id!), 'requested');
    }
  });

  it('shows the page again when the text changed while it was open', async () => {
    const browser = await open();
    const page = await browser.submit({ answer: 'yes', shown: 'another' });
    assert.match(page.html, /Teksten er endret/);
    assert.equal(page.url.pathname, '/consent/request');
  });

  it('stores exactly the text that was shown, with its hash', async () => {
    const browser = await open();
    const id = browser.page.url.searchParams.get('id')!;
    const [, hash] = /name="shown" value="([^"]+)"/.exec(browser.page.html)!;
    await browser.submit({ answer: 'yes' });
    const {
      rows: [shown],
    } = await world.database.db.raw('select * from consent_shown where consent_id = ?', [id]);
    assert.deepEqual([shown.hash, shown.shown_by, shown.language], [hash, 'page', 'nb']);
  });

  it('leads a second click and the Back button to the receipt, and makes no second answer', async () => {
    const browser = await open();
    const form = browser.page;
    await browser.submit({ answer: 'yes' });
    browser.page = form;
    await browser.submit({ answer: 'yes' });
    assert.equal(heading(browser.page), 'Du har gitt samtykke');
    browser.page = form;
    await browser.submit({ answer: 'no' });
    assert.equal(heading(browser.page), 'Du har gitt samtykke');
    await browser.open(form.url.href);
    assert.equal(heading(browser.page), 'Du har gitt samtykke');
  });

  it('says on a no that nothing was given, and sends back Status=Failed', async () => {
    const browser = await open();
    await browser.submit({ answer: 'no' });
    assert.equal(heading(browser.page), 'Du har svart nei');
    await browser.open(
      `/consent/continue?id=${browser.page.url.searchParams.get('id')}`,
      (url) => url.host === 'bank.example',
    );
    assert.equal(browser.page.url.searchParams.get('ErrorMessage'), 'User did not give consent');
    assert.equal(
      browser.page.url.search.startsWith(
        '?x=1&Status=Failed&ErrorMessage=User+did+not+give+consent',
      ),
      true,
    );
  });

  it('says that the time is out, and to ask for a new request', async () => {
    const id = await ask(person, to, { validTo: inDays(1) });
    const browser = await loggedIn(person, '/consents');
    const { rows } = await world.database.db.raw(
      "update login_session set expires_at = now() + interval '3 days' where party = ? returning 1",
      [person.id],
    );
    assert.ok(rows.length);
    await at(2 * 86_400_000, async () => {
      await browser.open(`/consent/request?id=${id}`);
      if (browser.page.url.href.startsWith(world.env.eid.issuer)) await browser.logIn(person);
    });
    assert.match(browser.page.html, /Fristen for å svare er ute|Logg inn/);
  });

  it('answers 404 for an id that is not there, and for none', async () => {
    const browser = await loggedIn(person, '/consents');
    for (const query of [
      '',
      '?id=',
      '?id=1',
      '?id=00000000-0000-4000-8000-000000000000',
      '?id=x&id=y',
    ]) {
      const page = await browser.open(`/consent/request${query}`);
      assert.ok(page.status === 404 || page.status === 400, query);
      assert.match(page.html, /<h1/);
    }
  });

  it('tells a stranger who could answer, by role and without names', async () => {
    const page = (await open({}, await newPerson('Nysgjerrig'))).page;
    assert.equal(page.status, 403);
    assert.ok(!page.html.includes('Side Person'));
    assert.match(page.html, /forelder med foreldreansvar/);
    assert.match(page.html, /Logg ut/);
  });

  it('tells, when one person is named, that another is to answer', async () => {
    const [company, director, chair] = [
      await newOrganization(),
      await newPerson(),
      await newPerson('Leder Navnløs'),
    ];
    await importThis({
      roleHolders: [
        { role: 'dagl', from: company.number, to: director.number },
        { role: 'lede', from: company.number, to: chair.number },
      ],
    });
    const id = await ask(company, to, {
      requiredDelegator: chair.urn,
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: 'regnskap' }],
          metadata: { aar: '2025' },
        },
      ],
    });
    const { page } = await loggedIn(director, `/consent/request?id=${id}`);
    assert.deepEqual([page.status, page.html.includes('Navnløs')], [403, false]);
    assert.match(page.html, /til en annen person/);
  });

  it('asks for the level of the request at the first login, and not twice', async () => {
    const other = await newPerson();
    const id = await ask(other, to, {
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: 'ytelser' }],
          metadata: { fra: '2026-01' },
        },
      ],
    });
    const browser = await loggedIn(other, `/consent/request?id=${id}`);
    assert.match(heading(browser.page), /opplysninger om deg/);
  });

  it('steps up where the resource needs a higher level', async () => {
    const id = await ask(person, to, {
      consentRights: [
        {
          action: ['consent'],
          resource: [{ type: 'urn:altinn:resource', value: 'ytelser' }],
          metadata: { fra: '2026-01' },
        },
      ],
    });
    const browser = await loggedIn(person, '/consents');
    const why = await browser.open(`/consent/request?id=${id}`);
    assert.equal(why.status, 403);
    const [, way = ''] = /href="(\/step-up[^"]*)"/.exec(why.html) ?? [];
    const page = await browser.open(unescapeHtml(way));
    assert.match(page.html, /Sikkerhetsnivå 4/);
    await browser.logIn(person);
    assert.match(heading(browser.page), /opplysninger om deg/);
    const {
      rows: [row],
    } = await world.database.db.raw(
      'select max(level) as level from login_session where party = ?',
      [person.id],
    );
    assert.equal(row.level, 4);
  });
});

describe('the way back', () => {
  const redirects: [string, RegExp][] = [
    [
      'https://bank.example/x#frag',
      /^https:\/\/bank\.example\/x\?Status=OK&consent_response=[^#]+#frag$/,
    ],
    ['https://bank.example/#/route', /^https:\/\/bank\.example\/#\/route\?Status=OK&/],
    [
      'https://bank.example/?a=1#/route?b=2',
      /^https:\/\/bank\.example\/\?a=1#\/route\?b=2&Status=OK&/,
    ],
    ['myapp://done/path', /^myapp:\/\/done\/path\?Status=OK&/],
  ];
  for (const [redirectUrl, expected] of redirects) {
    it(`adds the outcome to ${redirectUrl}`, async () => {
      const person = await newPerson();
      const id = await ask(person, await newOrganization(), { redirectUrl });
      const browser = await loggedIn(person, `/consent/request?id=${id}`);
      await browser.submit({ answer: 'yes' });
      let location = '';
      await browser.open(`/consent/continue?id=${id}`, (url) => {
        if (url.pathname === '/consent/continue') return false;
        location = url.href;
        return true;
      });
      assert.match(location, expected);
    });
  }

  it('is closed to strangers', async () => {
    const id = await ask(await newPerson(), await newOrganization());
    const browser = await loggedIn(await newPerson(), `/consent/continue?id=${id}`);
    assert.equal(browser.page.status, 404);
  });
});

describe("one's own consents", () => {
  it('list what is active, waiting and ended, with purpose and history', async () => {
    const [person, to] = [
      await newPerson('Oversikt Person'),
      await newOrganization('Oversiktsbanken'),
    ];
    const [active, ended, rejected] = [
      await ask(person, to),
      await ask(person, to),
      await ask(person, to),
    ];
    await ask(person, to, { portalViewMode: 'Show' });
    await approve(active, person);
    await approve(ended, person);
    await withdraw(ended, person);
    await reject(rejected, person);
    const browser = await loggedIn(person, '/consents');
    assert.match(browser.page.html, /Ett samtykke er gitt\. Én forespørsel venter på svar\./);
    assert.match(browser.page.html, /Til lånesøknad/);
    assert.match((await browser.open('/consents?show=waiting')).html, /Les og svar/);
    const { html } = await browser.open('/consents?show=ended');
    assert.ok(html.includes('Trukket') && html.includes('Svart nei'));
    assert.match(
      (await browser.open('/consents?show=events')).html,
      /svarte nei til Oversiktsbanken/,
    );
    assert.match((await browser.open(`/consents/${active}`)).html, /Oversikt Person ga samtykke/);
  });

  it('are closed to others: 404 for a consent, 403 for a party', async () => {
    const [person, stranger] = [await newPerson(), await newPerson()];
    const id = await ask(person, await newOrganization());
    const browser = await loggedIn(stranger, `/consents/${id}`);
    assert.equal(browser.page.status, 404);
    assert.equal((await browser.open(`/consents?party=${person.id}`)).status, 403);
    assert.equal((await browser.open('/consents?party=x')).status, 403);
    assert.equal((await browser.open(`/consents/${id}/withdraw`)).status, 404);
  });

  it('refuse to withdraw without the token', async () => {
    const person = await newPerson();
    const id = await ask(person, await newOrganization());
    await approve(id, person);
    const browser = await loggedIn(person, `/consents/${id}/withdraw`);
    assert.equal((await browser.submit({ csrf: 'x' })).status, 403);
    await browser.open(`/consents/${id}/withdraw`);
    assert.match((await browser.submit({})).html, /Samtykket er trukket/);
  });
});

describe('login', () => {
  it('binds the answer of the eID to the browser that asked, and takes it once', async () => {
    const person = await newPerson();
    const [victim, thief] = [new Browser(), new Browser()];
    await thief.open('/consents');
    await thief.logIn(person, (url) => url.pathname === '/login/callback');
    const callback = thief.page.url.href;
    assert.equal((await victim.open(callback)).status, 400);
    await thief.open(callback);
    assert.match(heading(thief.page), /Samtykker for/);
    const again = await thief.open(callback);
    assert.equal(again.status, 400);
  });

  it('tells a person who is not in the register, and one who cancels, what to do', async () => {
    const browser = new Browser();
    await browser.open('/consents');
    await browser.logIn({ number: '14838412026'.replace(/6$/, '7') });
    assert.equal(browser.page.status, 403);
    assert.match(browser.page.html, /Vi finner deg ikke/);
    const other = new Browser();
    await other.open('/consents');
    await other.submit({ cancel: '1' });
    assert.match(other.page.html, /Prøv igjen/);
  });

  it('keeps sessions as digests, and ends them', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, '/consents');
    const { rows } = await world.database.db.raw(
      'select id_hash from login_session where party = ?',
      [person.id],
    );
    assert.equal(rows.length, 1);
    assert.match(rows[0].id_hash, /^[\w-]{43}$/);
    await browser.open('/logout');
    await browser.submit({}, (url) => url.href.startsWith(world.env.eid.issuer));
    assert.equal(
      (await world.database.db.raw('select from login_session where party = ?', [person.id])).rows
        .length,
      0,
    );
    assert.equal((await call('GET', '/consents')).status, 303);
  });
});
