// Where one of several might be enough after all: elsewhere, by another's right, by words that were
// not read, by an office that nobody holds, and where nothing may show.
import assert from 'node:assert/strict';
import { codes } from '../../support/asking.ts';
import { born, endRole } from '../../support/oauth/given.ts';
import { heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { answerYes, asked, named, narrow } from '../../support/parts.ts';
import { seenByAsker } from '../../support/replaced.ts';
import {
  decideEverywhere,
  give,
  newConsentResource,
  newMandate,
  rightTo,
} from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether, type Board } from '../../support/together.ts';
import {
  API,
  approve,
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
  requestBody,
  REQUESTS,
  withdraw,
  world,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

const PACKAGE = 'package:merverdiavgift';
const TASK = 'verge:kommune-helse-omsorg';

describe('one of several who must answer together', () => {
  let to: TestParty;
  before(async () => {
    to = await newOrganization('Banken AS');
  });
  const status = async (id: string) => (await seenByAsker(id, to)).effectiveStatus;
  const yes = async (id: string, ...people: TestParty[]) => {
    let last = '';
    for (const person of people) last = (await approve(id, person)).body.effectiveStatus;
    return last;
  };
  const holds = async (id: string, from: TestParty) => (await lookUp(id, from, to)).status === 200;

  it('is let in nowhere else, and gives nobody a right to it', async () => {
    const mixed = await newTogether(CHAIR_AND_MEMBER, ['dagl']);
    const board = await newBoard();
    assert.equal(
      await decideEverywhere(board.chair, 'consent', mixed, board.firm),
      'NotApplicable',
    );
    const what = { resource: mixed, actions: ['consent'] };
    const friend = await newPerson('Fritz Venn');
    assert.equal((await give(board.chair, board.firm, friend, what)).status, 403);
  });

  it('passes on no right of a package that several must hold', async () => {
    const mixed = await newTogether([{ subjects: [PACKAGE], count: 2 }], ['dagl']);
    const board = await newBoard();
    const [holder, friend] = [await newPerson('Arne Har'), await newPerson('Fritz Venn')];
    const whole = { package: 'merverdiavgift', mayPassOn: true };
    assert.equal((await give(board.chair, board.firm, holder, whole)).status, 201);
    const what = { resource: mixed, actions: ['consent'] };
    assert.equal((await give(holder, board.firm, friend, what)).status, 403);
    // One that was passed on before the service asked for several.
    const [{ id: through }] = (
      await world.database.db.raw('select id from mandate where to_party = ?', [holder.id])
    ).rows;
    await newMandate(board.firm, friend, what);
    await world.database.db.raw(
      'update mandate set through = ?, chain = array[?::uuid] where to_party = ?',
      [through, through, friend.id],
    );
    assert.equal((await approve(await ask(board.firm, to, rightTo(mixed)), friend)).status, 403);
  });

  it('is given no more uses than the page said, when the first yes is gone', async () => {
    const service = await newTogether(CHAIR_AND_MEMBER, ['dagl'], { uses: { total: 10 } });
    const board = await newBoard();
    const boss = await newPerson('Sjef Sjefsen');
    await newRole('dagl', board.firm, boss);
    const id = await ask(board.firm, to, rightTo(service));
    await answerYes(id, board.chair, { uses: { total: 1 } });
    await endRole('lede', board.firm, board.chair);
    const browser = await loggedIn(boss, `/consent/request?id=${id}`);
    assert.match(mainText(browser.page.html), /én gang i alt/);
    const again = await browser.submit({ answer: 'yes' });
    assert.match(mainText(again.html), /inntil 10 ganger i alt/);
    assert.equal(await status(id), 'Created');
    assert.match(heading(await browser.submit({ answer: 'yes' })), /samtykke/);
    assert.deepEqual((await seenByAsker(id, to)).approvedUses, { total: 10 });
  });

  it('reads the boxes anew, when the first yes is gone', async () => {
    const [one, other] = [
      await newTogether(CHAIR_AND_MEMBER, ['dagl']),
      await newTogether(CHAIR_AND_MEMBER, ['dagl']),
    ];
    const board = await newBoard();
    const boss = await newPerson('Sjef Sjefsen');
    await newRole('dagl', board.firm, boss);
    const id = await ask(board.firm, to, {
      consentRights: [asked(one, true), asked(other, true)],
    });
    await answerYes(id, board.chair, { optionalRights: [0] });
    await endRole('lede', board.firm, board.chair);
    const browser = await loggedIn(boss, `/consent/request?id=${id}`);
    assert.ok(!browser.page.html.includes('type="checkbox"'));
    assert.ok((await browser.submit({ answer: 'yes' })).html.includes('type="checkbox"'));
  });

  describe('of a child whose parents must all answer, beside a rule of its own', () => {
    const family = async () => {
      const people = [await newPerson(), await newPerson(), await newPerson(), await newPerson()];
      const [child, one, other, guardian] = people as [TestParty, TestParty, TestParty, TestParty];
      await putParty(child, { bornOn: born(8) });
      for (const parent of [one, other]) await newRole('foreldreansvar', child, parent);
      await newRole(TASK, child, guardian);
      return { child, one, other, guardian };
    };
    const withGuardian = (count: number) => [
      { subjects: ['foreldreansvar'], count },
      { subjects: [TASK], count: 1 },
    ];

    it('is not enough with the other parent where a guardian must answer too', async () => {
      const service = await newTogether(withGuardian(2), [], { parents: 'all' });
      const { child, one, other, guardian } = await family();
      const id = await ask(child, to, rightTo(service));
      assert.equal(await yes(id, one, other), 'Awaiting');
      assert.equal(await yes(id, guardian), 'Accepted');
    });

    it('is not enough because another service asks for parents alone', async () => {
      const ofParents = await newConsentResource(['foreldreansvar'], { parents: 'all' });
      const service = await newTogether(withGuardian(1));
      const { child, one, other } = await family();
      const id = await ask(child, to, { consentRights: [asked(ofParents), asked(service)] });
      assert.equal(await yes(id, one, other), 'Awaiting');
    });
  });

  it('says yes to what the first chose, and is refused with more or less', async () => {
    const [service, extra] = [
      await newTogether(CHAIR_AND_MEMBER),
      await newTogether(CHAIR_AND_MEMBER),
    ];
    const board = await newBoard();
    const id = await ask(board.firm, to, { consentRights: [asked(service), asked(extra, true)] });
    await answerYes(id, board.chair, { optionalRights: [1] });
    const less = await answerYes(id, board.member, { optionalRights: [] });
    assert.deepEqual([less.status, codes(less)], [400, ['TIL.VLD-00001']]);
    for (const same of [{ optionalRights: [1] }, { optionalRights: [1] }, {}])
      assert.equal((await answerYes(id, board.member, same)).body.effectiveStatus, 'Accepted');
    assert.deepEqual(named((await seenByAsker(id, to)).approvedRights), [service, extra]);
  });

  it('may say the same again, where the first limited the uses', async () => {
    const service = await newTogether(CHAIR_AND_MEMBER, [], { uses: { total: 10 } });
    const board = await newBoard();
    const id = await ask(board.firm, to, rightTo(service));
    await answerYes(id, board.chair, { uses: { total: 1 } });
    for (const person of [board.member, board.member, board.chair])
      assert.equal((await answerYes(id, person)).body.effectiveStatus, 'Accepted');
  });

  it('is not two of all, though the person holds both offices', async () => {
    const all = await newTogether([
      { subjects: ['lede'], count: 'all' },
      { subjects: ['medl'], count: 'all' },
    ]);
    const firm = await newOrganization('Ene AS', { mayAsk: false });
    const person = await newPerson();
    for (const role of ['lede', 'medl']) await newRole(role, firm, person);
    assert.equal(await yes(await ask(firm, to, rightTo(all)), person), 'Awaiting');
  });

  describe('when it is in force', () => {
    it('was all of an office, and leaves it', async () => {
      const all = await newTogether([{ subjects: ['medl'], count: 'all' }]);
      const board = await newBoard();
      await endRole('medl', board.firm, board.other);
      const id = await ask(board.firm, to, rightTo(all));
      assert.equal(await yes(id, board.member), 'Accepted');
      await endRole('medl', board.firm, board.member);
      assert.equal(await holds(id, board.firm), false);
    });

    it('was an attorney, and dies; or is left for the office too', async () => {
      const two = await newTogether([
        { subjects: [PACKAGE], count: 1 },
        { subjects: ['medl'], count: 1 },
      ]);
      const [board, attorney] = [await newBoard(), await newPerson('Advo Kat')];
      await newMandate(board.firm, attorney, { package: 'merverdiavgift' });
      const id = await ask(board.firm, to, rightTo(two));
      assert.equal(await yes(id, attorney, board.member), 'Accepted');
      await putParty(attorney, { endedAt: inDays(-0.001) });
      assert.equal(await holds(id, board.firm), false);
      const other = await newBoard();
      await newMandate(other.firm, other.other, { package: 'merverdiavgift' });
      const second = await ask(other.firm, to, rightTo(two));
      assert.equal(await yes(second, other.other, other.member), 'Accepted');
      await endRole('medl', other.firm, other.member);
      assert.equal(await holds(second, other.firm), false);
    });

    it('acts through a firm that holds two of the offices', async () => {
      const both = await newTogether([
        { subjects: ['regn'], count: 1 },
        { subjects: ['revi'], count: 1 },
      ]);
      const board = await newBoard();
      const bureau = await newOrganization('Byrå AS', { mayAsk: false });
      const [one, other] = [await newPerson(), await newPerson()];
      for (const role of ['regn', 'revi']) await newRole(role, board.firm, bureau);
      await newRole('dagl', bureau, one);
      await newRole('lede', bureau, other);
      const id = await ask(board.firm, to, rightTo(both));
      assert.equal(await yes(id, one, other), 'Accepted');
      await endRole('revi', board.firm, bureau);
      assert.equal(await holds(id, board.firm), false);
    });

    it('answered beside an attorney, and a court takes the giver’s capacity', async () => {
      const bank = 'package:innbygger-bank-finans';
      const service = await newTogether(
        [
          { subjects: [bank], count: 1 },
          { subjects: [TASK], count: 1 },
        ],
        [],
        { consentTemplate: 'poa', consentTextAbout: { nb: 'P', nn: 'P', en: 'T' } },
      );
      const [giver, attorney, guardian] = [await newPerson(), await newPerson(), await newPerson()];
      await putParty(giver, { bornOn: born(70) });
      await newMandate(giver, attorney, { package: 'innbygger-bank-finans' });
      await newRole(TASK, giver, guardian);
      const id = await ask(giver, to, rightTo(service));
      assert.equal(await yes(id, attorney, guardian), 'Accepted');
      await importThis({ incapacities: [{ party: giver.number, role: TASK }] });
      assert.equal((await lookUp(id, giver, to)).body.code, 'AM-00014');
    });

    it('narrowed it, and is counted by itself', async () => {
      const mixed = await newTogether(CHAIR_AND_MEMBER, ['dagl']);
      const [board, boss] = [await newBoard(), await newPerson()];
      await newRole('dagl', board.firm, boss);
      const [ofTwo, ofOne] = [
        await ask(board.firm, to, rightTo(mixed)),
        await ask(board.firm, to, rightTo(mixed)),
      ];
      await yes(ofTwo, board.chair, board.member);
      await yes(ofOne, boss);
      assert.equal((await narrow(ofTwo, { validTo: inDays(3) }, board.chair)).status, 200);
      for (const member of [board.member, board.other]) await endRole('medl', board.firm, member);
      const path = `${API}/consent/count/${board.firm.id}?status=accepted`;
      assert.equal((await call('GET', path, await personToken(boss))).body, 1);
    });

    it('resumes the own pause, and nobody else’s', async () => {
      const board = await newBoard();
      const id = await ask(board.firm, to, rightTo(await newTogether(CHAIR_AND_MEMBER)));
      await yes(id, board.chair, board.member);
      const path = `/access/v1/consents/${id}`;
      const act = async (what: string, { id: person }: TestParty) =>
        (await call('POST', `${path}/${what}`, await personToken({ id: person }))).status;
      assert.equal(await act('suspend', board.chair), 200);
      assert.equal(await act('resume', board.other), 403);
      assert.equal(await act('resume', board.chair), 200);
    });
  });

  it('takes a yes back, and one that was dropped meanwhile does not rise again', async () => {
    const three = await newTogether([{ subjects: ['medl'], count: 3 }]);
    const board: Board = await newBoard();
    const third = await newPerson('Tore Tredje');
    await newRole('medl', board.firm, third);
    const id = await ask(board.firm, to, rightTo(three));
    await yes(id, board.member, board.other);
    await endRole('medl', board.firm, board.member);
    assert.equal((await withdraw(id, board.other)).body.effectiveStatus, 'Created');
    await newRole('medl', board.firm, board.member);
    assert.equal(await yes(id, third, board.other), 'Awaiting');
    assert.equal(await yes(id, board.member), 'Accepted');
  });

  describe('where the giver’s address is protected', () => {
    const two = (owner?: string) =>
      newTogether(
        [{ subjects: ['package:innbygger-bank-finans'], count: 2 }],
        [],
        owner ? { owner } : {},
      );

    it('may be the giver, who says it again and takes it back', async () => {
      const giver = await newPerson();
      const id = await ask(giver, to, rightTo(await two()));
      assert.equal(await yes(id, giver), 'Awaiting');
      assert.deepEqual((await seenByAsker(id, to)).approvals, { have: 1, need: 2 });
      await putParty(giver, { protectedAddress: true });
      assert.equal((await approve(id, giver)).status, 200);
      assert.equal(await status(id), 'Created');
      assert.equal((await withdraw(id, giver)).status, 200);
    });

    it('shows in no owner’s feed', async () => {
      const owner = await newOrganization('Eier av Tjenesten');
      const giver = await newPerson();
      const { body } = await call(
        'POST',
        REQUESTS,
        await organizationToken(owner, WRITE),
        requestBody(giver, owner, rightTo(await two(owner.number))),
      );
      await approve(body.id, giver);
      const lines = async () => {
        const feed = await call(
          'GET',
          '/access/v1/owner/events?limit=1000',
          await organizationToken(owner, 'altinn:authorization/authorize'),
        );
        return feed.body.data.filter(({ consent }: any) => consent === body.id).length;
      };
      assert.equal(await lines(), 1);
      await putParty(giver, { protectedAddress: true });
      assert.equal(await lines(), 0);
    });
  });

  it('is named by nobody, however many parents there are, and not later either', async () => {
    const both = await newConsentResource(['foreldreansvar'], { parents: 'all' });
    const send = async (from: TestParty, service: string, approver: TestParty) =>
      call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE),
        requestBody(from, to, { ...rightTo(service), requiredDelegator: approver.urn }),
      );
    const [child, parent] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: born(8) });
    await newRole('foreldreansvar', child, parent);
    assert.deepEqual(codes(await send(child, both, parent)), ['TIL.VLD-00017']);
    // One of age is no parent, and answers alone.
    const older = await newConsentResource(['privatperson', 'foreldreansvar'], {
      ...{ parents: 'all', decidesFrom: 15, parentUntil: 18 },
    });
    const youth = await newPerson();
    await putParty(youth, { bornOn: born(16) });
    await newRole('foreldreansvar', youth, parent);
    assert.equal((await send(youth, older, youth)).status, 201);
    const mixed = await newTogether(CHAIR_AND_MEMBER, ['dagl']);
    const board = await newBoard();
    await newRole('dagl', board.firm, board.member);
    const { status: isAsked, body } = await send(board.firm, mixed, board.member);
    assert.equal(isAsked, 201);
    await endRole('dagl', board.firm, board.member);
    const refused = await approve(body.id, board.member);
    assert.deepEqual([refused.status, refused.body.consent_reason], [403, 'several']);
  });

  it('has an adult answer as long as anybody', async () => {
    const both = await newConsentResource(['privatperson', 'foreldreansvar'], {
      parents: 'all',
      consentTextAbout: { nb: 'P', nn: 'P', en: 'T' },
    });
    const adult = await newPerson();
    await putParty(adult, { bornOn: born(40) });
    const id = await ask(adult, to, { ...rightTo(both), validTo: inDays(300) });
    assert.equal('answerBy' in (await seenByAsker(id, to)), false);
  });
});
