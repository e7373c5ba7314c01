// The law of words: an empty word stands where the whole list is empty and nowhere else, and
// somebody of whom a page says that they can, can. Worlds of persons and companies, with things of
// each kind and without, and of children, whose pages name others.
import assert from 'node:assert/strict';
import { t } from '../../server/platform/locale.ts';
import { heading, loggedIn, type Browser } from '../support/pages/browser.ts';
import {
  given,
  newConsentResource,
  newFirm,
  newMandate,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';
import { inWorlds, inWorldsUntil, LONGEST, type Chance } from './worlds.ts';

const KINDS = ['waiting', 'active', 'ended', 'given', 'received', 'stopped'] as const;

/** How many there are of each thing, of one party. */
type Plan = Record<(typeof KINDS)[number], number> & { isFirm: boolean };

const planOf = ({ next }: Chance): Plan => {
  const count = () => Math.max(0, Math.floor(next() * 4) - 1);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, count()]));
  return { ...(counts as Record<(typeof KINDS)[number], number>), isFirm: next() < 0.5 };
};

async function makeWorld(plan: Plan) {
  const { firm, boss } = await newFirm();
  const whose = plan.isFirm ? firm : await newPerson();
  const reader = plan.isFirm ? boss : whose;
  const asker = await newOrganization();
  const resource = await newConsentResource(['privatperson', 'dagl']);
  const asked = async (portalViewMode = 'Show') =>
    ask(whose, asker, { ...rightTo(resource), portalViewMode });
  for (let n = 0; n < plan.waiting; n += 1) await asked();
  for (let n = 0; n < plan.active; n += 1) await approve(await asked('Hide'), reader);
  for (let n = 0; n < plan.ended; n += 1) {
    const id = await asked('Hide');
    if (n % 2) await reject(id, reader);
    else {
      await approve(id, reader);
      await withdraw(id, reader);
    }
  }
  const package_ = plan.isFirm ? 'toll' : 'innbygger-pensjon';
  for (let n = 0; n < plan.given; n += 1)
    await given(reader, whose, await newPerson(), { package: package_ });
  for (let n = 0; n < plan.stopped; n += 1)
    await newMandate(whose, await newPerson(), {
      package: package_,
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2026-02-01T00:00:00Z',
    });
  for (let n = 0; n < plan.received; n += 1)
    await newMandate(await newPerson(), whose, { package: 'innbygger-pensjon' });
  return { whose, reader };
}

/** Every empty word of the pages of a party, with whether it is true. */
const emptyWords = (plan: Plan): [path: string, key: string, isTrue: boolean][] => {
  const other = plan.isFirm ? '_other' : '';
  const happened = plan.active + plan.ended + plan.waiting;
  return [
    ['/consents?show=active', `portal.empty.active${other}`, plan.active === 0],
    ['/consents?show=waiting', `portal.empty.waiting${other}`, plan.waiting === 0],
    ['/consents?show=ended', `portal.empty.ended${other}`, plan.ended === 0],
    ['/consents?show=events', `portal.empty.events${other}`, happened === 0],
    ['/overview?show=given', 'mandate.empty.given', plan.given === 0],
    ['/overview?show=received', 'mandate.empty.received', plan.received === 0],
    ['/overview?show=ended', 'mandate.empty.ended', plan.stopped === 0],
  ];
};

describe('a word that nothing is there', function suite() {
  this.timeout(LONGEST);

  it('is true, and stands wherever it is true; a search that finds nothing says only that', async () => {
    await inWorlds(async (chance) => {
      const plan = planOf(chance);
      const { whose, reader } = await makeWorld(plan);
      const browser = await loggedIn(reader, '/start');
      for (const [path, key, isTrue] of emptyWords(plan)) {
        const { html } = await browser.open(`${path}&party=${whose.id}`);
        const word = t('nb', key);
        assert.equal(
          html.includes(word),
          isTrue,
          `${JSON.stringify(plan)}: ${path} says «${word}»`,
        );
        if (path.includes('events')) continue;
        const sought = await browser.open(`${path}&party=${whose.id}&q=finnesikke`);
        if (!isTrue) assert.ok(!sought.html.includes(word), `${path}, searched: «${word}»`);
      }
      const start = (await browser.open('/start')).html;
      const isQuiet = start.includes(t('nb', 'start.quiet'));
      if (plan.waiting > 0) assert.ok(!isQuiet, `${JSON.stringify(plan)}: something waits`);
      if (KINDS.every((kind) => plan[kind] === 0)) assert.ok(isQuiet, 'nothing is there');
    });
  });
});

/** Years of a child, of the ages that a service names, and who is there. */
interface Family {
  years: number;
  decidesFrom: number | undefined;
  parentUntil: number | undefined;
  parentsSee: boolean;
  parents: ('able' | 'protected')[];
  subjects: string[];
}

const familyOf = ({ next, pick }: Chance): Family => ({
  years: pick([8, 12, 14, 16, 17]),
  ...pick([
    { decidesFrom: undefined, parentUntil: undefined },
    { decidesFrom: 13, parentUntil: undefined },
    { decidesFrom: 13, parentUntil: 16 },
    { decidesFrom: 15, parentUntil: 18 },
    { decidesFrom: 16, parentUntil: 16 },
  ]),
  parentsSee: next() < 0.5,
  parents: Array.from({ length: Math.floor(next() * 3) }, () =>
    next() < 0.2 ? 'protected' : 'able',
  ),
  subjects: pick([
    ['privatperson', 'foreldreansvar'],
    ['privatperson', 'foreldreansvar'],
    ['foreldreansvar'],
    ['privatperson'],
  ]),
});

/** The fact of the text that says how to end it. */
const STOP = t('nb', 'consent.fact.stop');
const yes = /name="answer" value="yes"/;
const withdrawing = (id: string) => new RegExp(`href="/consents/${id}/withdraw"`);

/** Whether somebody's page of a request lets them answer. */
const mayAnswer = async (browser: Browser, id: string) =>
  yes.test((await browser.open(`/consent/request?id=${id}`)).html);

describe('a word that somebody can', function suite() {
  this.timeout(LONGEST);

  it('leads to a page where they can, and that nobody can, to none', async () => {
    const met = new Set<string>();
    const isMet = () => met.size > 2;
    await inWorldsUntil(isMet, async (chance, index) => {
      const family = familyOf(chance);
      const child = await newPerson('Barn Barnesen');
      await putParty(child, { bornOn: `${new Date().getUTCFullYear() - family.years}-01-02` });
      const parents: TestParty[] = [];
      for (const [at, kind] of family.parents.entries()) {
        const parent = await newPerson(`Forelder ${'ABC'[at]} ${'ABCDEFGH'[index % 8]}`);
        await putParty(parent, { protectedAddress: kind === 'protected' });
        await newRole('foreldreansvar', child, parent);
        parents.push(parent);
      }
      const ages = { decidesFrom: family.decidesFrom, parentUntil: family.parentUntil };
      const set = Object.fromEntries(Object.entries(ages).filter(([, age]) => age !== undefined));
      const resource = await newConsentResource(family.subjects, {
        ...set,
        ...(family.parentsSee ? { parentsSee: true } : {}),
        consentTextAbout: { nb: 'Om', nn: 'Om', en: 'About' },
      });
      const to = await newOrganization();
      const id = await ask(child, to, rightTo(resource)).catch(() => undefined);
      // A request that nobody can answer is refused.
      if (!id) return;
      const browsers = new Map<string, Browser>();
      for (const one of [child, ...parents]) browsers.set(one.id, await loggedIn(one, '/start'));
      const own = browsers.get(child.id)!;
      const able: TestParty[] = [];
      for (const parent of parents)
        if (await mayAnswer(browsers.get(parent.id)!, id)) able.push(parent);
      const isOwn = await mayAnswer(own, id);
      const { html } = own.page;
      const says = (key: string, values: Record<string, string | number>) =>
        html.includes(t('nb', key, values));
      const told = `${JSON.stringify(family)}: «${heading(own.page)}»`;
      if (!isOwn && heading(own.page) === t('nb', 'consent.under_age.title')) {
        const age = family.decidesFrom ?? 18;
        for (const [parent, holds] of [
          ['yes', able.length > 0],
          ['no', able.length === 0],
        ] as const)
          if (says('consent.under_age.body', { age, parent })) {
            met.add(`under age, ${parent}`);
            assert.ok(holds, told);
          }
      }
      if (isOwn && html.includes(t('nb', 'consent.parents_not_told'))) met.add('not told');
      const answerer = isOwn && (able.length === 0 || chance.next() < 0.5) ? child : able[0];
      if (!answerer) return;
      const isTold =
        isOwn && answerer === child && !html.includes(t('nb', 'consent.parents_not_told'));
      assert.equal((await approve(id, answerer)).status, 200);
      for (const parent of parents) {
        const page = await browsers.get(parent.id)!.open(`/consents/${id}`);
        if (answerer === child && family.years < 18 && !isTold && isOwn)
          assert.equal(page.status, 404, `${told}: a parent reads what nobody is told`);
        if (isTold && html.includes(parent.name)) {
          met.add('parents see');
          assert.equal(page.status, 200, `${told}: ${parent.name} can see it`);
        }
      }
      const { html: list } = await own.open('/consents');
      const page = await own.open(`/consents/${id}`);
      assert.equal(page.status, 200, told);
      const ends = [/Se eller trekk/.test(list), page.html.includes(STOP)];
      assert.deepEqual(
        ends,
        ends.map(() => withdrawing(id).test(page.html)),
        told,
      );
      const named = parents.filter(({ name }) => page.html.includes(name));
      if (/Du kan ikke trekke dette selv/.test(page.html)) {
        met.add('cannot withdraw');
        assert.doesNotMatch(page.html, withdrawing(id), told);
        for (const one of named) {
          const theirs = await browsers.get(one.id)!.open(`/consents/${id}`);
          assert.match(theirs.html, withdrawing(id), `${told}: ${one.name} can withdraw it`);
        }
      } else {
        met.add('can withdraw');
        assert.match(page.html, withdrawing(id), told);
        assert.equal((await withdraw(id, child)).status, 200, told);
      }
    });
    assert.ok(isMet(), [...met].join());
  });
});

/** Whom a page of giving speaks to: by age, and by what a court has decided. */
const giverOf = ({ pick }: Chance) => ({
  years: pick([5, 13, 15, 16, 17, 18, 19, 70]),
  hasParent: pick([true, true, false]),
  hasGuardian: pick([true, false]),
  court: pick(['nothing', 'nothing', 'a matter', 'all'] as const),
});

describe('a word that one cannot give', function suite() {
  this.timeout(LONGEST);

  it('stands on the start page of one to whom the page of giving offers nothing, and of nobody else', async () => {
    const met = new Set<string>();
    const isMet = () => met.size > 1;
    await world.app.registers.poll();
    await inWorldsUntil(isMet, async (chance) => {
      const plan = giverOf(chance);
      const [person, parent, guardian] = [
        await newPerson(),
        await newPerson('Paul Parent'),
        await newPerson('Gro Guardian'),
      ];
      await putParty(person, { bornOn: `${new Date().getUTCFullYear() - plan.years}-01-02` });
      if (plan.hasParent) await newRole('foreldreansvar', person, parent);
      if (plan.hasGuardian) await newRole('verge:skatteetaten-skatt', person, guardian);
      if (plan.court !== 'nothing') {
        world.registers.feeds.vergemal!.append({
          op: 'upsert',
          from: person.number,
          code: 'rettslig-handleevne',
          ...(plan.court === 'all' ? {} : { matter: 'skatteetaten/skatt' }),
        });
        await world.app.registers.poll();
      }
      const browser = await loggedIn(person, '/start');
      const start = browser.page.html;
      const told = JSON.stringify(plan);
      const says = [/Du kan ikke gi fullmakt selv før/, /du ikke kan gi fullmakt alene/];
      const isSaid = says.map((one) => one.test(start));
      const { html } = await browser.open('/give');
      const offers = /name="package" id="package-/.test(html);
      const isKept = plan.years < 18 || plan.hasGuardian;
      if (isSaid.includes(true)) assert.ok(!offers, `${told}: says that nothing can be given`);
      else if (isKept) assert.ok(offers, `${told}: says nothing of what cannot be given`);
      met.add(String(isSaid));
      const { html: statutory } = await browser.open('/overview?show=statutory');
      for (const [{ name }, key] of [
        [parent, 'keepers_child'],
        [guardian, 'keepers_ward'],
      ] as const)
        if (start.includes(t('nb', `start.${key}`, { names: name })))
          assert.ok(statutory.includes(name), `${told}: ${name} is no holder`);
    });
    assert.ok(isMet(), [...met].join());
  });
});
