// Who can use a service for a party: the set that the decision point permits, with why, to those
// who may know; others see themselves.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import { grouped } from '../support/rights/groups.ts';
import { can, decide, given, newFirm, newMandate, newResource } from '../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
} from '../support/world.ts';

const VAT = 'merverdiavgift';
const title = { title: { nb: 'Mva-melding', nn: 'Mva-melding', en: 'VAT return' } };
const pathOf = (party: { id: string }, resource: string) =>
  `/who-can?${new URLSearchParams({ party: party.id, resource })}`;
const namesIn = (html: string) =>
  [...html.matchAll(/<h2 class="ds-heading" data-size="xs">(?:<a[^>]*>)?([^<]*)</g)].map(
    ([, name]) => unescapeHtml(name!).replace(/ \(født \d{4}\)$/, ''),
  );
const lines = (csv: string) =>
  csv
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(';')[0]!);

/** Somebody, with what might let them use the service for the firm. */
type Maker = (
  firm: TestParty,
  boss: TestParty,
  who: TestParty,
  service: string,
) => Promise<unknown>;
const pause = async (boss: { id: string }, id: string) =>
  call('POST', `/access/v1/mandates/${id}/suspend`, await personToken(boss));
const MAKERS: Record<string, Maker> = {
  package: (firm, boss, who) => given(boss, firm, who, { package: VAT }),
  'another package': (firm, boss, who) => given(boss, firm, who, { package: 'toll' }),
  right: (firm, boss, who, resource) => given(boss, firm, who, { resource, actions: ['read'] }),
  case: (firm, boss, who, resource) =>
    given(boss, firm, who, { resource, actions: ['read'], instance: 'sak/1' }),
  paused: async (firm, boss, who) => pause(boss, await given(boss, firm, who, { package: VAT })),
  'yet to begin': (firm, _boss, who) =>
    newMandate(firm, who, { package: VAT, validFrom: '2090-01-01T00:00:00Z' }),
  role: (firm, _boss, who) => newRole('dagl', firm, who),
  'another role': (firm, _boss, who) => newRole('medl', firm, who),
  'leads who has it': async (firm, boss, who) => {
    const helper = await newOrganization();
    await newRole('dagl', helper, who);
    await given(boss, firm, helper, { package: VAT });
  },
  'of a group': async (firm, boss, who) => {
    const { put, open } = await grouped(firm, boss, `Gruppe ${crypto.randomUUID()}`);
    await open(VAT);
    await put(who);
  },
  'out of a group': async (firm, boss, who) => {
    const { put, open, browser, at } = await grouped(firm, boss, `Gruppe ${crypto.randomUUID()}`);
    await open(VAT);
    await put(who);
    await browser.open(at());
    await press(browser, /out/, { member: who.id });
  },
  young: async (firm, _boss, who) => {
    await newMandate(firm, who, { package: VAT });
    await putParty(who, { bornOn: `${new Date().getUTCFullYear() - 10}-01-02` });
  },
  'young director': async (firm, _boss, who) => {
    await newRole('dagl', firm, who);
    await putParty(who, { bornOn: `${new Date().getUTCFullYear() - 10}-01-02` });
  },
  'without capacity': async (firm, _boss, who) => {
    await newMandate(firm, who, { package: VAT });
    await importThis({ incapacities: [{ party: who.number }] });
  },
  dead: async (firm, boss, who) => {
    await given(boss, firm, who, { package: VAT });
    await putParty(who, { endedAt: '2026-01-01T00:00:00Z' });
  },
  nothing: async () => undefined,
};

/** The holder has a role of the firm's by a register that only the two know of; its code. */
async function newSecretRole(firm: TestParty, holder: TestParty): Promise<string> {
  const name = { nb: 'Hemmelig rolle', nn: 'Hemmeleg rolle' };
  const [source, code] = ['kilde', 'hemmelig'].map((one) => `${one}-${crypto.randomUUID()}`);
  await importThis({
    sources: [{ code: source, name, legalBasis: name, purpose: name, visibility: 'secret' }],
    roles: [{ code, name, source }],
  });
  await newRole(code!, firm, holder);
  return code!;
}

describe('who can use a service', () => {
  it('is the set that the decision point permits, in any world', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(Object.keys(MAKERS), { minLength: 1 }),
        fc.boolean(),
        fc.boolean(),
        async (kinds, isOfUnit, isBankrupt) => {
          const { firm, boss } = await newFirm();
          const unit = isOfUnit
            ? await newOrganization('Avdeling Sør', { parent: firm.number })
            : firm;
          const rules = [can('read', 'dagl', 'bobe', `package:${VAT}`)];
          const service = await newResource(rules, { ...title, receiverFrom: 15 });
          const people: TestParty[] = [boss];
          for (const [at, kind] of kinds.entries()) {
            const who = await newPerson(`Nummer${at} Navnesen`);
            await MAKERS[kind]!(firm, boss, who, service);
            people.push(who);
          }
          const trustee = await newPerson('Tora Bostyrer');
          if (isBankrupt) {
            await newRole('bobe', firm, trustee);
            const { number, name } = firm;
            const estate = { on: '2026-02-01' };
            await importThis({ parties: [{ kind: 'organization', number, name, estate }] });
            people.push(trustee);
          }
          const reader = isBankrupt ? trustee : boss;
          const browser = await loggedIn(reader, pathOf(unit, service));
          const listed = namesIn(browser.page.html);
          for (const [at, who] of people.entries()) {
            const isPermitted = (await decide(who, 'read', service, unit)) === 'Permit';
            const told = `${kinds[at - 1] ?? who.name} of ${isOfUnit ? 'a unit' : 'the firm'}`;
            assert.equal(listed.includes(who.name), isPermitted, told);
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  it('is that set of a person too, of a child and of one a court decided about', async () => {
    const code = 'innbygger-pensjon';
    const child = `${new Date().getUTCFullYear() - 12}-01-02`;
    const worlds: Record<string, (giver: TestParty) => Promise<unknown>> = {
      grown: async () => undefined,
      child: (giver) => putParty(giver, { bornOn: child }),
      'without capacity': (giver) => importThis({ incapacities: [{ party: giver.number }] }),
    };
    for (const [name, happens] of Object.entries(worlds)) {
      const giver = await newPerson('Gina Giver');
      const people = [giver];
      const service = await newResource(
        [can('read', 'privatperson', 'foreldreansvar', `package:${code}`)],
        { ...title, decidesFrom: 15, parentUntil: 18, receiverFrom: 15 },
      );
      for (const what of ['parent', 'friend', 'young', 'later', 'nobody']) {
        const who = await newPerson(`${what} Navnesen`);
        if (what === 'parent') await newRole('foreldreansvar', giver, who);
        else if (what !== 'nobody')
          await newMandate(giver, who, {
            package: code,
            ...(what === 'later' ? { validFrom: '2090-01-01T00:00:00Z' } : {}),
          });
        if (what === 'young') await putParty(who, { bornOn: child });
        people.push(who);
      }
      await happens(giver);
      const token = await personToken(giver);
      const way = new URLSearchParams({ party: giver.id, resource: service });
      const counted = await call('GET', `/access/v1/who-can?${way}`, token);
      const permitted = [];
      for (const who of people)
        if ((await decide(who, 'read', service, giver)) === 'Permit') permitted.push(who.name);
      assert.equal(counted.body.count, permitted.length, `${name}: ${permitted}`);
      const browser = await loggedIn(giver, pathOf(giver, service));
      assert.deepEqual(new Set(namesIn(browser.page.html)), new Set(permitted), name);
    }
  });

  it('says why, through whom, since when and when it was used', async () => {
    const { firm, boss } = await newFirm();
    const [helper, leader] = [await newPerson('Hjelper Hauge'), await newPerson('Leder Lien')];
    const service = await newResource(
      [can('read', 'dagl', `package:${VAT}`), can('sign', 'dagl')],
      title,
    );
    await given(boss, firm, helper, { package: VAT });
    const office = await newOrganization('Talltest Kontor AS');
    await newRole('dagl', office, leader);
    await given(boss, firm, office, { package: VAT });
    const browser = await loggedIn(boss, pathOf(firm, service));
    const text = mainText(browser.page.html);
    assert.match(heading(browser.page), /Hvem kan bruke «Mva-melding» for/);
    assert.match(text, /Hjelper Hauge Lese Merverdiavgift · fra .* · Ikke brukt ennå/);
    assert.match(text, /Leder Lien Lese Merverdiavgift · gjennom Talltest Kontor AS/);
    const [, way] = /href="([^"]+)">Leder Lien/.exec(browser.page.html)!;
    const behind = await browser.open(unescapeHtml(way!));
    assert.match(heading(behind), /Talltest Kontor AS/, 'where what it rests on stands');
    await browser.open(pathOf(firm, service));
    assert.match(text, /Lese og signere Daglig leder/);
    const csv = await browser.open(`/who-can.csv?party=${firm.id}&resource=${service}`);
    assert.deepEqual(
      new Set(lines(csv.html)),
      new Set(namesIn((await browser.open(pathOf(firm, service))).html)),
    );
  });

  it('leads to giving the service, or the package that opens one that is not given alone', async () => {
    const { firm, boss } = await newFirm();
    const rules = [can('read', 'dagl', `package:${VAT}`)];
    for (const [delegable, by] of [
      [true, { resource: '' }],
      [false, { package: VAT }],
    ] as const) {
      const resource = await newResource(rules, { ...title, delegable });
      const browser = await loggedIn(boss, pathOf(firm, resource));
      const [, href] = /href="(\/give\/terms[^"]+)"/.exec(browser.page.html) ?? [];
      const { searchParams } = new URL(unescapeHtml(href!), 'http://here');
      const wanted = { party: firm.id, ...('resource' in by ? { resource } : by) };
      assert.deepEqual(Object.fromEntries(searchParams), wanted);
      assert.equal((await browser.open(unescapeHtml(href!))).status, 200);
    }
    const closed = await newResource([can('read', 'dagl')], { ...title, delegable: false });
    const { page } = await loggedIn(boss, pathOf(firm, closed));
    assert.ok(!page.html.includes('/give/terms'), 'nothing that opens it can be given');
  });

  it('is found by a word, and from the page of a power of attorney for the service', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const word = `Ordet${crypto.randomUUID().slice(0, 6)}`;
    const service = await newResource([can('read', 'dagl')], {
      title: { nb: word, nn: word, en: word },
    });
    const id = await given(boss, firm, helper, { resource: service, actions: ['read'] });
    const browser = await loggedIn(boss, `/who-can?party=${firm.id}&q=${word}`);
    const [, link] = /href="(\/who-can[^"]*resource[^"]*)"/.exec(browser.page.html)!;
    assert.equal((await browser.open(unescapeHtml(link!))).status, 200);
    const mandate = await browser.open(`/overview/${id}?party=${firm.id}`);
    assert.match(mandate.html, /href="\/who-can[^"]*">Se hvem som kan bruke tjenesten/);
    assert.match(
      mainText((await browser.open(`/who-can?party=${firm.id}&q=zzz`)).html),
      /fant ingen/,
    );
  });

  it('is seen by those who administer or have a key role; others see themselves or nothing', async () => {
    const { firm, boss } = await newFirm();
    const [helper, stranger, chair] = [await newPerson(), await newPerson(), await newPerson()];
    const service = await newResource([can('read', 'dagl', `package:${VAT}`)], title);
    await given(boss, firm, helper, { package: VAT });
    await newRole('lede', firm, chair);
    const own = await loggedIn(helper, pathOf(firm, service));
    assert.deepEqual(namesIn(own.page.html), [helper.name]);
    assert.match(mainText(own.page.html), /Her ser du bare deg selv/);
    for (const path of [
      `/who-can.csv?party=${firm.id}&resource=${service}`,
      `/who-can?party=${firm.id}`,
    ])
      assert.equal((await own.open(path)).status, 403, path);
    const theirs = await loggedIn(chair, pathOf(firm, service));
    assert.ok(namesIn(theirs.page.html).includes(boss.name));
    const nothing = await loggedIn(stranger, pathOf(firm, service));
    assert.equal(nothing.page.status, 403);
    assert.equal((await nothing.open(pathOf({ id: crypto.randomUUID() }, service))).status, 403);
    assert.equal((await theirs.open(pathOf(firm, 'no-such-service'))).status, 404);
  });

  it('tells a stranger of no party by a service that is open to everybody', async () => {
    const [{ firm }, stranger] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'anyone'), can('sign', 'dagl')], title);
    for (const id of [firm.id, crypto.randomUUID()]) {
      const browser = await loggedIn(stranger, pathOf({ id }, resource));
      assert.equal(browser.page.status, 403);
      const path = `/access/v1/who-can?${new URLSearchParams({ party: id, resource })}`;
      const { body } = await call('GET', path, await personToken(stranger));
      assert.deepEqual(body, { own: [], count: null, isMore: false, isOpen: false });
    }
  });

  it('lists one who can by a secret register and otherwise by what is not secret', async () => {
    const [{ firm, boss }, holder] = [await newFirm(), await newPerson('Begge Deler')];
    const code = await newSecretRole(firm, holder);
    await given(boss, firm, holder, { package: VAT });
    const service = await newResource([can('read', code, 'dagl', `package:${VAT}`)], title);
    const { html } = (await loggedIn(boss, pathOf(firm, service))).page;
    assert.match(mainText(html), /Begge Deler Lese Merverdiavgift/);
    assert.doesNotMatch(html, /Hemmelig/);
  });

  it('says nothing of one who can by a secret register but to the two of it', async () => {
    const [{ firm, boss }, holder] = [await newFirm(), await newPerson('Gerd Gjemt')];
    const code = await newSecretRole(firm, holder);
    const service = await newResource([can('read', 'dagl', code)], title);
    const theirs = (await loggedIn(boss, pathOf(firm, service))).page.html;
    assert.ok(namesIn(theirs).includes(boss.name));
    assert.doesNotMatch(theirs, /Gerd Gjemt|Hemmelig/);
    assert.deepEqual(namesIn((await loggedIn(holder, pathOf(firm, service))).page.html), [
      'Gerd Gjemt',
    ]);
  });

  it('is counted for a service that asks with its user’s token, for one who may know', async () => {
    const { firm, boss } = await newFirm();
    const [helper, stranger] = [await newPerson(), await newPerson()];
    const resource = await newResource(
      [can('read', 'dagl', `package:${VAT}`), can('sign', 'dagl')],
      title,
    );
    await given(boss, firm, helper, { package: VAT });
    const ask = async (who: { id: string }, party: string) => {
      const path = `/access/v1/who-can?${new URLSearchParams({ party, resource })}`;
      return (await call('GET', path, await personToken(who))).body;
    };
    const nothing = { own: [], count: null, isMore: false, isOpen: false };
    assert.deepEqual(await ask(boss, firm.id), {
      ...nothing,
      own: ['read', 'sign'],
      count: 2,
    });
    assert.deepEqual(await ask(helper, firm.number), { ...nothing, own: ['read'] });
    assert.deepEqual(await ask(stranger, firm.id), nothing);
    assert.deepEqual(await ask(stranger, crypto.randomUUID()), nothing);
    const own = `/access/v1/who-can?party=${stranger.number}&resource=${resource}`;
    assert.equal((await call('GET', own, await personToken(helper))).status, 400);
  });
});
