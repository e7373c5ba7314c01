// A person with a protected address: who acts for the person sees that something is given, and
// until when; not to whom, of what source, or when it was asked for, given or used. A request is
// for the person and a named approver. The person sees all.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { heading, loggedIn } from '../../support/pages/browser.ts';
import { exchange, newClient } from '../../support/oauth/clients.ts';
import { endRole } from '../../support/oauth/given.ts';
import {
  endResource,
  newConsentResource,
  newMandate,
  rightTo,
} from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const born = `${new Date().getUTCFullYear() - 15}-01-02`;

describe('what a child with a protected address gave', () => {
  let child: TestParty;
  let mother: TestParty;
  let father: TestParty;
  let to: TestParty;
  let id: string;
  let resource: string;

  before(async () => {
    [child, mother, father] = [
      await newPerson('Skjermet Barn'),
      await newPerson('Mor Barn'),
      await newPerson('Far Barn'),
    ];
    to = await newOrganization('Legesenteret i Bortgjemt AS');
    await putParty(child, { bornOn: born, protectedAddress: true });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    resource = await newConsentResource(['privatperson', 'foreldreansvar'], {
      title: { nb: 'Journalen fra Bortgjemt', nn: 'Journalen', en: 'Record' },
      decidesFrom: 13,
      parentUntil: 18,
    });
    const client = await newClient(to);
    id = await ask(child, to, { ...rightTo(resource), requiredDelegator: mother.urn });
    assert.equal((await approve(id, mother)).status, 200);
    const detail = { type: 'urn:altinn:consent', id, from: child.urn };
    const used = await exchange(client, { authorization_details: [detail] });
    assert.equal(used.status, 200, used.text);
  });

  const seenBy = async (person: TestParty) =>
    (await call('GET', `${API}/consent/${id}`, await personToken(person))).body;
  const listedFor = async (person: TestParty) =>
    (await call('GET', `${API}/consent/log/${child.id}`, await personToken(person))).body.find(
      (one: { id: string }) => one.id === id,
    );

  it('is told another who has the responsibility without receiver, content or use', async () => {
    for (const told of [await seenBy(father), await listedFor(father)]) {
      assert.deepEqual(
        [told.veiled, told.status, told.consentRights, told.requestmessage, told.redirectUrl],
        [true, 'Accepted', [], null, null],
      );
      assert.deepEqual([told.consented, told.consentRequestEvents], [null, []]);
      const text = JSON.stringify(told);
      for (const secret of [to.id, to.number, resource, 'Bortgjemt', 'Created'])
        assert.ok(!text.includes(secret), text);
    }
    const page = await loggedIn(father, `/consents/${id}`);
    assert.match(heading(page.page), /Skjult mottaker/);
    assert.match(page.page.html, /er beskyttet/);
    await page.open(`/consents?party=${child.id}`);
    assert.match(page.page.html, /Skjult mottaker/);
    for (const show of ['active', 'events']) {
      await page.open(`/consents?party=${child.id}&show=${show}`);
      assert.ok(
        !/Bortgjemt|brukte|Brukt (én|\d)|Ikke brukt ennå|aldri brukt/i.test(page.page.html),
        show,
      );
    }
    // Nor is it found by what is not told.
    for (const [sought, isThere] of [
      ['q=bortgjemt', false],
      ['only=unused', false],
      ['', true],
    ] as const) {
      await page.open(`/consents?party=${child.id}&${sought}`);
      assert.equal(page.page.html.includes(`/consents/${id}`), isThere, sought);
      const file = await page.open(`/consents.csv?party=${child.id}&${sought}`);
      assert.equal(file.html.includes('Skjult mottaker'), isThere, sought);
      assert.ok(!file.html.includes('Bortgjemt'));
    }
    await page.open(`/consents/${id}/withdraw`);
    assert.ok(!page.page.html.includes('Bortgjemt'));
  });

  it('is told the one who answered with its receiver, and not when it is used', async () => {
    const told = await seenBy(mother);
    assert.deepEqual([told.veiled, told.to], [undefined, `urn:altinn:party:uuid:${to.id}`]);
    const page = await loggedIn(mother, `/consents/${id}`);
    assert.match(page.page.html, /Bortgjemt/);
    assert.ok(!/brukte tilgangen/.test(page.page.html));
    await page.open(`/consents?party=${child.id}&show=active`);
    assert.ok(!/Brukt (én|\d)|Ikke brukt ennå|aldri brukt/.test(page.page.html));
  });

  it('leads nobody else to where it was asked from, nor says that it is used up', async () => {
    const page = await loggedIn(father, `/consent/continue?id=${id}`);
    assert.equal(page.page.url.pathname, `/consents/${id}`);
    const once = await newConsentResource(['privatperson', 'foreldreansvar'], {
      isOneTimeConsent: true,
      decidesFrom: 13,
      parentUntil: 18,
    });
    const single = await ask(child, to, { ...rightTo(once), requiredDelegator: mother.urn });
    await approve(single, mother);
    const client = await newClient(to);
    const used = {
      authorization_details: [{ type: 'urn:altinn:consent', id: single, from: child.urn }],
    };
    assert.equal((await exchange(client, used)).status, 200);
    const status = async (person: TestParty) =>
      (await call('GET', `${API}/consent/${single}`, await personToken(person))).body
        .effectiveStatus;
    assert.deepEqual([await status(father), await status(child)], ['Accepted', 'UsedUp']);
    const isActive = async (person: TestParty) =>
      (await call('GET', `${API}/consent/active/${child.id}`, await personToken(person))).body.some(
        (one: { id: string }) => one.id === single,
      );
    assert.deepEqual([await isActive(father), await isActive(child)], [true, false]);
  });

  const named = (changes: object = {}) => ({
    ...rightTo(resource),
    requiredDelegator: father.urn,
    ...changes,
  });

  it('was asked by one who is hidden from a named approver once nobody can answer', async () => {
    const late = await ask(child, to, named({ validTo: inDays(1) }));
    const told = await at(2 * 86_400_000, async () =>
      call('GET', `${API}/consent/${late}`, await personToken(father)),
    );
    assert.deepEqual([told.body.veiled, told.body.consentRights], [true, []], told.text);
  });

  it('was asked by one who is hidden from a named approver once it has fallen', async () => {
    const gone = await newOrganization('Oppløst AS');
    const asked = await ask(child, gone, named());
    await putParty(gone, { endedAt: '2026-01-01T00:00:00Z' });
    const { body } = await call('GET', `${API}/consent/${asked}`, await personToken(father));
    assert.deepEqual([body.veiled, body.consentRights], [true, []], JSON.stringify(body));
  });

  it('is told the person whole', async () => {
    const told = await seenBy(child);
    assert.deepEqual([told.veiled, told.consentRights.length], [undefined, 1]);
    const page = await loggedIn(child, `/consents/${id}`);
    assert.match(page.page.html, /Bortgjemt/);
    assert.match(page.page.html, /brukte tilgangen/);
  });

  it('is asked of the child and of a named approver, who must know what is asked, and of nobody else', async () => {
    const waiting = await ask(child, to, named({ portalViewMode: 'Show' }));
    const read = async (path: string, person: TestParty) =>
      call('GET', `${API}/consent/${path}`, await personToken(person));
    const known = await read(`request/${waiting}`, father);
    assert.equal(known.body.to, `urn:altinn:party:uuid:${to.id}`);
    const waits = async (person: TestParty) =>
      (await read(`count/${child.id}`, person)).body as number;
    assert.ok((await waits(father)) > 0);
    assert.equal(await waits(mother), 0, 'a named approver alone sees that something waits');
    for (const path of [`request/${waiting}`, waiting])
      assert.equal((await read(path, mother)).status, 403);
    for (const answer of [await approve(waiting, mother), await reject(waiting, mother)])
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000'], answer.text);
    assert.equal((await approve(waiting, father)).status, 200);
    const open = await ask(child, to, rightTo(resource));
    for (const parent of [mother, father]) {
      assert.equal((await approve(open, parent)).status, 403);
      const list = await read(`log/${child.id}`, parent);
      assert.ok(!list.text.includes(open));
      const { page } = await loggedIn(parent, `/consent/request?id=${open}`);
      assert.equal(page.status, 403);
      assert.ok(!page.html.includes('Bortgjemt'));
    }
    assert.equal((await approve(open, child)).status, 200);
  });

  it('can be frozen and withdrawn by whoever may, who then learns no more', async () => {
    const token = await personToken(father);
    const frozen = await call('POST', `/access/v1/consents/${id}/suspend`, token);
    // To let it go on is for whoever could give it.
    const resume = async (who: string) => call('POST', `/access/v1/consents/${id}/resume`, who);
    assert.equal((await resume(token)).status, 403);
    assert.equal((await resume(await personToken(mother))).status, 200);
    for (const answer of [frozen, await withdraw(id, father)]) {
      assert.equal(answer.status, 200, answer.text);
      assert.ok(!answer.text.includes(to.id), answer.text);
    }
    assert.equal((await seenBy(child)).status, 'Revoked');
  });

  it('is told as ever where no address is protected', async () => {
    const other = await newPerson('Vanlig Barn');
    await putParty(other, { bornOn: born });
    for (const parent of [mother, father]) await newRole('foreldreansvar', other, parent);
    const given = await ask(other, to, rightTo(resource));
    await approve(given, mother);
    const told = await call('GET', `${API}/consent/${given}`, await personToken(father));
    assert.deepEqual(
      [told.body.veiled, told.body.to],
      [undefined, `urn:altinn:party:uuid:${to.id}`],
    );
  });
});

describe('what a person with a protected address gave and holds no more', () => {
  let child: TestParty;
  let mother: TestParty;
  let father: TestParty;
  const about = { decidesFrom: 13, parentUntil: 18 };

  beforeEach(async () => {
    [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: born, protectedAddress: true });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
  });
  const given = async (to: TestParty, resource: string) => {
    const id = await ask(child, to, { ...rightTo(resource), requiredDelegator: mother.urn });
    assert.equal((await approve(id, mother)).status, 200);
    return id;
  };
  /** Two that may be used once, of which the first has been. */
  const usedAndUnused = async () => {
    const once = await newConsentResource(['foreldreansvar'], { ...about, isOneTimeConsent: true });
    const to = await newOrganization();
    const ids = [await given(to, once), await given(to, once)];
    const detail = { type: 'urn:altinn:consent', id: ids[0], from: child.urn };
    const used = await exchange(await newClient(to), { authorization_details: [detail] });
    assert.equal(used.status, 200, used.text);
    return { to, ids };
  };
  const read = async (path: string, person: TestParty) =>
    call('GET', path, await personToken(person));

  it('is gone for others whether its receiver or its service ended', async () => {
    const resources = [
      await newConsentResource(['foreldreansvar'], about),
      await newConsentResource(['foreldreansvar'], about),
    ];
    const [gone, stays] = [await newOrganization(), await newOrganization()];
    const ids = [await given(gone, resources[0]!), await given(stays, resources[1]!)];
    await putParty(gone, { endedAt: inDays(-1) });
    await endResource(resources[1]!);
    for (const stored of [false, true]) {
      if (stored) await world.work.tend();
      for (const id of ids) {
        const answer = await read(`${API}/consent/${id}`, father);
        assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000'], answer.text);
        const withdrawn = await withdraw(id, father);
        assert.equal(withdrawn.status, 403, withdrawn.text);
        const again = await approve(id, father);
        assert.deepEqual([again.status, again.body.consent_reason], [403, 'named'], again.text);
      }
      for (const list of ['log', 'active'])
        assert.deepEqual((await read(`${API}/consent/${list}/${child.id}`, father)).body, []);
    }
    const browser = await loggedIn(father, `/consents?party=${child.id}&show=ended`);
    for (const id of ids) assert.ok(!browser.page.html.includes(id));
    assert.equal((await read(`${API}/consent/log/${child.id}`, child)).body.length, 2);
  });

  it('is no row that others can count by the way on to the next page', async () => {
    const to = await newOrganization();
    const resource = await newConsentResource(['foreldreansvar'], about);
    for (let count = 0; count < 3; count += 1) await given(to, resource);
    await newMandate(child, father, { package: 'innbygger-tilgangsstyring-privatperson' });
    await endResource(resource);
    await world.work.tend();
    const path = `/access/v1/fallen?party=${child.id}&limit=1`;
    const { body } = await read(path, father);
    assert.deepEqual([body.data, body.links], [[], { next: null }]);
  });

  it('falls for the one who answered alike, used once or not', async () => {
    const { to, ids } = await usedAndUnused();
    const linksOf = async () => {
      const { data } = (await read('/access/v1/notices', mother)).body;
      return ids.map(
        (id) => data.find(({ consent }: { consent?: string }) => consent === id)?.links?.suspend,
      );
    };
    assert.deepEqual(
      await linksOf(),
      ids.map((id) => `/access/v1/consents/${id}/suspend`),
    );
    await newMandate(child, mother, { package: 'innbygger-tilgangsstyring-privatperson' });
    await putParty(to, { endedAt: inDays(-1) });
    await world.work.tend();
    const alike = async () => {
      const seen = await Promise.all(
        ids.map(async (id) => {
          const { body } = await read(`${API}/consent/${id}`, mother);
          const { status, effectiveStatus, consentReason, consentRequestEvents } = body;
          const types = consentRequestEvents.map((one: { eventType: string }) => one.eventType);
          return { status, effectiveStatus, consentReason, types };
        }),
      );
      assert.deepEqual(seen[0], seen[1]);
      return seen[0]!.effectiveStatus;
    };
    assert.equal(await alike(), 'Revoked');
    for (const id of ids) assert.equal((await withdraw(id, mother)).status, 200);
    assert.equal(await alike(), 'Revoked');
    const fallen = await read(`/access/v1/fallen?party=${child.id}`, mother);
    assert.ok(!ids.some((id) => fallen.text.includes(id)), fallen.text);
    assert.deepEqual(await linksOf(), [undefined, undefined]);
    const all = { from: child.id, to: to.id };
    const paused = await call('POST', '/access/v1/suspensions', await personToken(mother), all);
    assert.deepEqual(paused.body, { mandates: 0, consents: 0 });
    const ways = ids.map(async (id) => {
      const browser = await loggedIn(mother, '/start');
      const { url } = await browser.open(`/consent/continue?id=${id}`, ({ host }) =>
        host.endsWith('.example'),
      );
      const { status } = decodeJwt(url.searchParams.get('consent_response')!);
      return [url.searchParams.get('Status'), status];
    });
    const [one, other] = await Promise.all(ways);
    assert.deepEqual(one, other);
    await at(90 * 86_400_000, async () => {
      assert.equal(await alike(), 'Expired');
      for (const id of ids) {
        const path = `/access/v1/consents/${id}/suspend`;
        const suspended = await call('POST', path, await personToken(mother));
        assert.equal(suspended.body.code, 'AM-00011', suspended.text);
        assert.equal((await withdraw(id, mother)).status, 200);
      }
      assert.equal(await alike(), 'Expired');
      const again = await Promise.all(ids.map(async (id) => approve(id, mother)));
      const [first, second] = again.map(({ status, body }) => [
        status,
        body.code,
        body.consent_reason,
      ]);
      assert.deepEqual(first, second);
    });
  });

  it('stays gone when what it rested on is there again, used once or not', async () => {
    const { ids } = await usedAndUnused();
    const listed = async () =>
      (await read(`${API}/consent/active/${child.id}`, father)).body.length as number;
    assert.equal(await listed(), 2);
    await endRole('foreldreansvar', child, mother);
    await endRole('foreldreansvar', child, father);
    await world.work.tend();
    await newRole('foreldreansvar', child, father);
    assert.equal(await listed(), 0);
    for (const id of ids)
      assert.equal((await read(`${API}/consent/${id}`, father)).status, 403, id);
    const own = (await read(`${API}/consent/${ids[0]}`, child)).body;
    assert.deepEqual([own.status, own.effectiveStatus], ['Accepted', 'UsedUp']);
  });

  it('changes hands without a notice to those who hold the office then', async () => {
    const to = await newOrganization();
    const id = await given(to, await newConsentResource(['foreldreansvar'], about));
    await endRole('foreldreansvar', child, mother);
    await world.work.tend();
    const told = async (person: TestParty) =>
      (await read('/access/v1/notices', person)).text.includes(id);
    assert.deepEqual([await told(father), await told(child)], [false, true]);
  });
});

describe('a request to a person with a protected address', () => {
  it('says to a stranger with the link what one to anybody else says', async () => {
    const to = await newOrganization();
    const resource = await newConsentResource(['privatperson', 'foreldreansvar']);
    const shown = await Promise.all(
      [false, true].map(async (protectedAddress) => {
        const [child, stranger] = [await newPerson(), await newPerson()];
        await putParty(child, { bornOn: born, protectedAddress });
        await newRole('foreldreansvar', child, await newPerson());
        const id = await ask(child, to, rightTo(resource));
        const { page } = await loggedIn(stranger, `/consent/request?id=${id}`);
        const main = /<main[\s\S]*<\/main>/.exec(page.html)![0];
        const answer = await approve(id, stranger);
        return [page.status, main, answer.status, { ...answer.body, traceId: '' }];
      }),
    );
    const plain = (one: unknown) =>
      JSON.stringify(one).replaceAll(/[0-9a-f-]{36}|[2-9A-Z]{5}-[2-9A-Z]{5}/g, '');
    assert.equal(plain(shown[0]), plain(shown[1]));
  });

  it('is not found by its reference by others', async () => {
    const [child, father] = [await newPerson(), await newPerson()];
    const to = await newOrganization();
    await putParty(child, { bornOn: born, protectedAddress: true });
    await newRole('foreldreansvar', child, father);
    const resource = await newConsentResource(['privatperson', 'foreldreansvar']);
    const asked = await ask(child, to, rightTo(resource));
    const { rows } = await world.database.db.raw(
      'select reference from consent_request where id = ?',
      asked,
    );
    const find = `/consents?party=${child.id}&q=${rows[0].reference}`;
    const found = await loggedIn(father, find);
    assert.deepEqual([found.page.status, found.page.url.pathname], [200, '/consents']);
    assert.equal((await loggedIn(child, find)).page.url.pathname, `/consents/${asked}`);
  });

  it('that ran out tells no other who asked, nor why', async () => {
    const [child, father] = [await newPerson(), await newPerson()];
    const to = await newOrganization('Skolen i Bortgjemt');
    await putParty(child, { bornOn: born, protectedAddress: true });
    await newRole('foreldreansvar', child, father);
    const resource = await newConsentResource(['foreldreansvar']);
    const asked = await ask(child, to, { ...rightTo(resource), requiredDelegator: father.urn });
    const open = await loggedIn(father, `/consent/request?id=${asked}`);
    assert.match(open.page.html, /Bortgjemt/);
    await at(90 * 86_400_000, async () => {
      const { page } = await loggedIn(father, `/consent/request?id=${asked}`);
      assert.match(heading(page), /Fristen/);
      assert.doesNotMatch(page.html, /Bortgjemt|bank\.example/);
    });
  });

  it('has a receipt that hides what the overview hides', async () => {
    const [child, father, mother] = [await newPerson(), await newPerson(), await newPerson()];
    const to = await newOrganization('Skolen i Bortgjemt');
    await putParty(child, { bornOn: born, protectedAddress: true });
    for (const parent of [father, mother]) await newRole('foreldreansvar', child, parent);
    const resource = await newConsentResource(['foreldreansvar']);
    const asked = await ask(child, to, { ...rightTo(resource), requiredDelegator: mother.urn });
    await approve(asked, mother);
    const { page } = await loggedIn(father, `/consent/receipt?id=${asked}`);
    assert.match(page.html, /Skjult mottaker/);
    assert.doesNotMatch(page.html, /lånesøknad|Bortgjemt/);
  });
});
