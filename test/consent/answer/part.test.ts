// A yes to part: what a giver may leave out, chooses, and what comes of what was not chosen.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { codes } from '../../support/asking.ts';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  post,
} from '../../support/oauth/clients.ts';
import { born } from '../../support/oauth/given.ts';
import { heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { answerYes, asked, named, titled } from '../../support/parts.ts';
import { endResource, newConsentResource, OWNER } from '../../support/rights/rights.ts';
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
  READ,
  requestBody,
  REQUESTS,
  WRITE,
  world,
  type TestParty,
} from '../../support/world.ts';

const RIGHT = fc.record({
  at: fc.nat({ max: 2 }),
  optional: fc.boolean(),
  isTaken: fc.boolean(),
});

describe('a consent of which a part may be left out', () => {
  let from: TestParty;
  let to: TestParty;
  let owner: TestParty;
  let [needed, extra, other]: string[] = [];
  before(async () => {
    [from, to] = [await newPerson('Del Person'), await newOrganization('Delbanken AS')];
    owner = await newOrganization('Eier av Mer');
    needed = await titled('Det nødvendige');
    extra = await titled('Det ekstra');
    other = await titled('Det andre', { owner: owner.number });
  });

  const validTo = inDays(30);
  const send = async (consentRights: object[], changes: object = {}) =>
    call(
      'POST',
      REQUESTS,
      await organizationToken(to, WRITE),
      requestBody(from, to, { consentRights, validTo, ...changes }),
    );
  const request = (...optional: string[]) =>
    ask(from, to, { consentRights: [asked(needed!), ...optional.map((one) => asked(one, true))] });
  const answer = (id: string, body: object, person = from) => answerYes(id, person, body);
  const seen = async (id: string) =>
    (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;

  it('is answered to a yes as it is read afterwards', async () => {
    for (const [changes, yes] of [
      [{}, {}],
      [{}, { optionalRights: [1] }],
      [{ uses: { total: 5 } }, { uses: { total: 2 } }],
    ]) {
      const id = await ask(from, to, {
        consentRights: [asked(needed!), asked(extra!, true)],
        ...changes,
      });
      const { body } = await answer(id, yes!);
      const read = await call('GET', `${API}/consent/${id}`, await personToken(from));
      assert.deepEqual(body, read.body);
    }
  });

  describe('asked for', () => {
    it('is answered as it was sent, but for an `optional` that is false', async () => {
      const { status, body } = await send([asked(needed!, false), asked(extra!, true)]);
      assert.equal(status, 201);
      assert.deepEqual(body.consentRights, [asked(needed!), asked(extra!, true)]);
      assert.equal('approvedRights' in body, false);
    });

    it('is the same request again without the member, and another with the other value', async () => {
      const id = randomUUID();
      const rights = [asked(needed!), asked(extra!, true)];
      assert.equal((await send(rights, { id })).status, 201);
      assert.equal((await send([asked(needed!, false), rights[1]!], { id })).status, 200);
      const changed = await send([asked(needed!), asked(extra!)], { id });
      assert.deepEqual([changed.status, changed.body.code], [400, 'AM-00016']);
    });

    it('is refused where `optional` is no truth value', async () => {
      for (const optional of ['true', 1, {}]) {
        const { status, body } = await send([{ ...asked(needed!), optional }]);
        assert.equal(status, 400);
        assert.deepEqual(
          body.validationErrors.map(({ paths }: { paths: string[] }) => paths),
          [['/consentRight/0/optional']],
        );
      }
    });

    it('keeps to what the owner lets it ask for as needed', async () => {
      const [always, alone, never] = [
        await titled('Alltid', { needed: 'always' }),
        await titled('Alene', { needed: 'alone' }),
        await titled('Aldri', { needed: 'never' }),
      ];
      for (const [rights, wrong] of [
        [[asked(always), asked(needed!)], []],
        [[asked(alone)], []],
        [[asked(alone), asked(alone)], []],
        [[asked(alone, true), asked(needed!)], []],
        [[asked(needed!), asked(alone)], [1]],
        [[asked(never, true)], []],
        [[asked(never)], [0]],
        [
          [asked(never), asked(alone)],
          [0, 1],
        ],
      ] as const) {
        const { status, body } = await send([...rights]);
        assert.equal(status, wrong.length ? 400 : 201, JSON.stringify(body));
        if (!wrong.length) continue;
        assert.deepEqual(
          body.validationErrors.map((one: { code: string; paths: string[] }) => [
            one.code,
            one.paths,
          ]),
          wrong.map((at) => ['TIL.VLD-00012', [`/consentRight/${at}/optional`]]),
        );
      }
    });
  });

  describe('answered by JSON', () => {
    it('holds what is needed and what was chosen', async () => {
      const id = await request(extra!, other!);
      const { status, body } = await answer(id, { optionalRights: [2] });
      assert.equal(status, 200);
      assert.deepEqual(named(body.consentRights), [needed, extra, other]);
      assert.deepEqual(named(body.approvedRights), [needed, other]);
      const { consentRights, approvedRights, validTo, approvedValidTo } = await seen(id);
      assert.deepEqual(consentRights, [asked(needed!), asked(extra!, true), asked(other!, true)]);
      assert.deepEqual(approvedRights, [asked(needed!), asked(other!)]);
      assert.equal(approvedValidTo, validTo);
      const again = await answer(id, { optionalRights: [2] });
      assert.equal(again.status, 200);
    });

    it('holds nothing that is optional where nothing is said', async () => {
      const id = await request(extra!);
      assert.deepEqual(named((await answer(id, {})).body.approvedRights), [needed]);
    });

    it('is refused for a place that is none, or is needed', async () => {
      const id = await request(extra!);
      for (const [optionalRights, at] of [
        [[0], 0],
        [[1, 2], 1],
        [[1, 0], 1],
      ] as const) {
        const { status, body } = await answer(id, { optionalRights });
        assert.equal(status, 400);
        assert.deepEqual(body.validationErrors[0].paths, [`/optionalRights/${at}`]);
      }
      for (const optionalRights of [['1'], [-1], [0.5], 1, Array(51).fill(1)])
        assert.equal((await answer(id, { optionalRights })).status, 400);
      assert.equal((await seen(id)).status, 'Created');
    });

    it('is refused where all is optional and nothing was chosen', async () => {
      const id = await ask(from, to, { consentRights: [asked(extra!, true), asked(other!, true)] });
      for (const body of [{}, { optionalRights: [] }]) {
        const refused = await answer(id, body);
        assert.deepEqual([refused.status, codes(refused)], [400, ['STD.VLD-00000']]);
        assert.deepEqual(refused.body.validationErrors[0].paths, ['/optionalRights']);
      }
      assert.equal((await answer(id, { optionalRights: [0] })).status, 200);
    });

    it('is not answered a second time otherwise', async () => {
      const id = await request(extra!, other!);
      assert.equal((await answer(id, { optionalRights: [1] })).status, 200);
      for (const body of [{}, { optionalRights: [2] }, { optionalRights: [1, 2] }]) {
        const late = await answer(id, body);
        assert.deepEqual([late.status, late.body.code], [400, 'AM-00002']);
      }
      assert.deepEqual(named((await seen(id)).approvedRights), [needed, extra]);
    });

    it('is given once, of two answers that differ at the same moment', async () => {
      const id = await request(extra!);
      const all = await Promise.all(
        [[1], [], [1], []].map((optionalRights) => answer(id, { optionalRights })),
      );
      const held = named((await seen(id)).approvedRights);
      for (const [index, { status }] of all.entries())
        assert.equal(status, (index % 2 === 0) === held.includes(extra!) ? 200 : 400);
    });
  });

  it('falls only with a service that is part of it', async () => {
    const gone = await titled('Snart borte');
    const [whole, part] = [await request(gone), await request(gone)];
    await answer(whole, { optionalRights: [1] });
    await answer(part, {});
    await endResource(gone);
    const statuses = [(await seen(whole)).effectiveStatus, (await seen(part)).effectiveStatus];
    assert.deepEqual(statuses, ['Revoked', 'Accepted']);
    const page = await loggedIn(from, '/consents');
    assert.ok(page.page.html.includes(part), 'the one that stands is listed as active');
    assert.equal(page.page.html.includes(whole), false);
  });

  it('falls by the age of what was chosen', async () => {
    const [early, late] = [
      await newConsentResource(['foreldreansvar'], {
        decidesFrom: 16,
        consentTextAbout: { nb: 'a', nn: 'a', en: 'a' },
      }),
      await newConsentResource(['foreldreansvar'], {
        decidesFrom: 17,
        consentTextAbout: { nb: 'a', nn: 'a', en: 'a' },
      }),
    ];
    const [child, parent] = [await newPerson('Barn Person'), await newPerson('Mor Person')];
    await putParty(child, { bornOn: born(10) });
    await newRole('foreldreansvar', child, parent);
    const until = async (optionalRights: number[]) => {
      const id = await ask(child, to, { consentRights: [asked(late), asked(early, true)] });
      const answered = await answer(id, { optionalRights }, parent);
      assert.equal(answered.status, 200, answered.text);
      const [row] = await world.database.db('consent_request').where({ id }).select('parent_until');
      return row.parent_until as number;
    };
    assert.deepEqual([await until([1]), await until([])], [16, 17]);
  });

  it('is imported with what was chosen, and refused with what could not be', async () => {
    const made = (changes: object) => ({
      consentRequests: [
        {
          id: randomUUID(),
          from: from.number,
          to: to.number,
          state: 'approved',
          validTo: inDays(30),
          rights: [
            { resource: needed },
            { resource: extra, optional: true },
            { resource: other, optional: true },
          ],
          ...changes,
        },
      ],
    });
    const document = made({ optionalRights: [2] });
    await importThis(document);
    const { consentRights, approvedRights } = await seen(document.consentRequests[0]!.id);
    assert.deepEqual(named(consentRights), [needed, extra, other]);
    assert.deepEqual(named(approvedRights), [needed, other]);
    for (const [changes, why] of [
      [{ optionalRights: [0] }, /names what was not optional/],
      [{ optionalRights: [3] }, /names what was not optional/],
      [{ state: 'requested', optionalRights: [1] }, /names what was not optional/],
      [{ rights: [{ resource: extra, optional: true }] }, /without any of its rights/],
    ] as const)
      await assert.rejects(importThis(made(changes)), why);
  });

  describe('asked on a page', () => {
    const open = async (...optional: string[]) => {
      const id = await request(...optional);
      return { id, browser: await loggedIn(from, `/consent/request?id=${id}`) };
    };
    const buttons = (html: string) =>
      [...html.matchAll(/<button ([^>]*)>\s*([^<]*?)\s*<\/button>/g)].filter(([, attributes]) =>
        attributes!.includes('name="answer"'),
      );

    it('has empty boxes, each with what happens without it, and three answers that stand equal', async () => {
      const { browser } = await open(extra!, other!);
      const { html } = browser.page;
      assert.equal([...html.matchAll(/type="checkbox"/g)].length, 2);
      assert.equal(/\schecked/.test(html), false);
      const text = mainText(html);
      assert.equal(text.split('Uten kryss får Delbanken AS ikke dette.').length, 3);
      assert.match(text, /Hentes fra Eier av Mer\./);
      assert.match(text, /Det nødvendige og det du velger/);
      assert.deepEqual(
        buttons(html).map(([, attributes, words]) => [
          attributes!.replace(/value="\w+"/, ''),
          words,
        ]),
        [
          'Ja, gi samtykke med det jeg har krysset av',
          'Ja, gi samtykke uten det valgfrie',
          'Nei, ikke gi samtykke',
        ].map((words) => [buttons(html)[0]![1]!.replace(/value="\w+"/, ''), words]),
      );
    });

    it('takes what was ticked, and says on the receipt what was not', async () => {
      const { id, browser } = await open(extra!, other!);
      const page = await browser.submit({ answer: 'yes', optional: '1' });
      assert.equal(heading(page), 'Du har gitt samtykke');
      assert.match(mainText(page.html), /Ikke tatt med Det andre/);
      assert.deepEqual(named((await seen(id)).approvedRights), [needed, extra]);
      const [kept] = await world.database.db('consent_shown').where({ consent_id: id });
      assert.deepEqual(
        kept.text.rights.map((right: { title: string }) => right.title),
        ['Det nødvendige', 'Det ekstra'],
      );
      assert.deepEqual(
        kept.text.facts.filter(({ key }: { key: string }) => key === 'left_out'),
        [{ key: 'left_out', label: 'Ikke tatt med', text: 'Det andre' }],
      );
    });

    it('takes nothing that is optional by the button that says so, whatever was ticked', async () => {
      const { id, browser } = await open(extra!);
      await browser.submit({ answer: 'yes_needed', optional: '1' });
      assert.deepEqual(named((await seen(id)).approvedRights), [needed]);
    });

    it('asks again where all is optional and nothing was ticked, without a third answer', async () => {
      const id = await ask(from, to, { consentRights: [asked(extra!, true), asked(other!, true)] });
      const browser = await loggedIn(from, `/consent/request?id=${id}`);
      assert.equal(buttons(browser.page.html).length, 2);
      const page = await browser.submit({ answer: 'yes' });
      assert.equal(page.status, 422);
      assert.match(mainText(page.html), /Velg minst én opplysning du vil dele, eller svar nei\./);
      const [, place] = /href="#(choice-\d+)"/.exec(page.html)!;
      assert.ok(page.html.includes(`id="${place}"`));
      assert.equal((await seen(id)).status, 'Created');
      await browser.submit({ answer: 'yes', optional: '0' });
      assert.deepEqual(named((await seen(id)).approvedRights), [extra]);
    });

    it('takes no box that the page does not have', async () => {
      const { id, browser } = await open(extra!);
      for (const optional of ['0', '7', 'x', '-1', '']) {
        const page = await browser.submit({ answer: 'yes', optional });
        assert.equal(page.status, 422, optional);
      }
      assert.equal((await seen(id)).status, 'Created');
    });

    it('leads a second, other answer to the receipt of the first', async () => {
      const { id, browser } = await open(extra!);
      await answer(id, {});
      const page = await browser.submit({ answer: 'yes', optional: '1' });
      assert.match(mainText(page.html), /Ikke tatt med Det ekstra/);
      assert.match(page.html, /role="alert"/);
      assert.deepEqual(named((await seen(id)).approvedRights), [needed]);
    });

    it('says its own words for what happens without it, for oneself and for another', async () => {
      const template = randomUUID();
      const words = (nb: string) => ({ nb, nn: nb, en: nb });
      const { templates } = JSON.parse(
        (await import('node:fs')).readFileSync('deploy/base/2-templates.json', 'utf8'),
      ) as { templates: { id: string; texts: object }[] };
      const [model] = templates;
      await importThis({
        templates: [
          {
            ...model!,
            id: template,
            texts: {
              ...model!.texts,
              ifLeftOut: {
                person: words('Uten dette venter {CoveredBy} på deg.'),
                org: words('Uten dette venter {CoveredBy} på {OfferedBy}.'),
              },
            },
          },
        ],
      });
      const own = await titled('Egen mal', { consentTemplate: template });
      const firm = await newOrganization('Firma AS');
      await newRole('dagl', firm, from);
      const ours = await newConsentResource(['dagl'], { consentTemplate: template });
      const pageOf = async (giver: TestParty, resource: string) => {
        const id = await ask(giver, to, { consentRights: [asked(resource, true)] });
        const { page } = await loggedIn(from, `/consent/request?id=${id}`);
        return mainText(page.html);
      };
      assert.match(await pageOf(from, own), /Uten dette venter Delbanken AS på deg\./);
      assert.match(await pageOf(firm, ours), /Uten dette venter Delbanken AS på Firma AS\./);
    });
  });

  it('is nowhere with what was not chosen, but in the request as it was asked', async () => {
    const resources = [needed!, extra!, other!];
    const client = await newClient(to);
    const feed = async () => {
      const token = await organizationToken(
        { number: OWNER } as TestParty,
        'altinn:authorization/authorize',
      );
      const data = [];
      for (let cursor = '0', count = 1000; count === 1000; ) {
        const path = `/access/v1/owner/events?limit=1000&cursor=${cursor}`;
        const { body } = await call('GET', path, token);
        data.push(...body.data);
        [cursor, count] = [body.cursor, body.data.length];
      }
      return { data };
    };
    await fc.assert(
      fc.asyncProperty(
        // Each service at most once, but now and then one that is asked for twice.
        fc.oneof(
          {
            weight: 5,
            arbitrary: fc.uniqueArray(RIGHT, { minLength: 2, selector: ({ at }) => at }),
          },
          { weight: 1, arbitrary: fc.array(RIGHT, { minLength: 1, maxLength: 5 }) },
        ),
        async (rights) => {
          const giver = await newPerson();
          const id = await ask(giver, to, {
            consentRights: rights.map(({ at, optional }) => asked(resources[at]!, optional)),
          });
          const optionalRights = rights.flatMap(({ optional, isTaken }, index) =>
            optional && isTaken ? [index] : [],
          );
          const held = rights.flatMap(({ at, optional, isTaken }) =>
            !optional || isTaken ? [resources[at]!] : [],
          );
          const answered = await answer(id, { optionalRights }, giver);
          assert.equal(answered.status, held.length ? 200 : 400);
          if (!held.length) return;
          const { body: token } = await exchange(client, consentDetail(id, giver));
          const claims = JSON.parse(
            Buffer.from(token.access_token.split('.')[1], 'base64url').toString(),
          );
          const introspected = await post('/introspect', {
            ...(await clientAuth(client)),
            token: token.access_token,
          });
          const listed = await call(
            'GET',
            `${API}/consent/active/${giver.id}`,
            await personToken(giver),
          );
          for (const shown of [
            claims.authorization_details[0].consentRights,
            introspected.body.authorization_details[0].consentRights,
            (await lookUp(id, giver, to)).body.consentRights,
            (await seen(id)).approvedRights,
            listed.body[0].approvedRights,
          ])
            assert.deepEqual(named(shown), held);
          const left = resources.filter((one) => !held.includes(one));
          const browser = await loggedIn(giver, '/consents.csv');
          const titles = ['Det nødvendige', 'Det ekstra', 'Det andre'];
          for (const one of left)
            assert.equal(browser.page.html.includes(titles[resources.indexOf(one)]!), false);
          const { data } = await feed();
          const lines = data.filter(
            (line: { cause: string; from: string }) =>
              line.cause === 'consent' && line.from.includes(giver.id),
          );
          const owned = held.filter((one) => one !== other);
          assert.deepEqual(
            [
              ...new Set(
                lines.flatMap((line: any) => line.resources.map(({ id: one }: any) => one)),
              ),
            ].sort(),
            [...new Set(owned)].sort(),
          );
        },
      ),
      { numRuns: 12 },
    );
  });
});
