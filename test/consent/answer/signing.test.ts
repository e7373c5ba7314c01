// A consent "as the company signs": who answers it is what the company register says of who binds
// the company; what the rule names counts only for a company of which the register has no rule.
import assert from 'node:assert/strict';
import { progressOf } from '../../../server/decision/rules/together_model.ts';
import { endRole } from '../../support/oauth/given.ts';
import { rejects } from '../../support/imports.ts';
import { personNumber } from '../../support/numbers.ts';
import { loggedIn, mainText } from '../../support/pages/browser.ts';
import { compared, poll, roles as say } from '../../support/registers.ts';
import { newResource, putPolicy, rightTo } from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard, type Board } from '../../support/together.ts';
import { until } from '../../support/until.ts';
import {
  approve,
  ask,
  call,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  putParty,
  requestBody,
  REQUESTS,
  world,
  WRITE,
  type TestParty,
} from '../../support/world.ts';

const RULE = { action: 'consent', asCompanySigns: true, together: CHAIR_AND_MEMBER };
const ASKING = { action: 'requestconsent', subjects: ['anyone'] };
/** The chair alone, or two members of the board. */
const CHAIR_OR_TWO = [[{ roles: ['lede'] }], [{ roles: ['medl'], count: 2 }]];

describe('a consent as the company signs', () => {
  let to: TestParty;
  let service: string;
  before(async () => {
    to = await newOrganization('Banken AS');
    service = await newResource([RULE, ASKING], {
      resourceType: 'Consent',
      consentTemplate: 'default',
      consentText: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      title: { nb: 'Regnskap', nn: 'Rekneskap', en: 'Accounts' },
    });
  });
  const request = (from: TestParty) => ask(from, to, rightTo(service));
  const signedBoard = async (signing: unknown): Promise<Board> => {
    const board = await newBoard();
    await putParty(board.firm, { signing });
    return board;
  };
  /** What comes of it when these say yes, one after the other. */
  const answered = async (id: string, ...people: TestParty[]) => {
    const states: unknown[] = [];
    for (const person of people) {
      const { status, body } = await approve(id, person);
      states.push(status === 200 ? body.effectiveStatus : status);
    }
    return states;
  };

  it('is given by each alternative of the register, and by no part of one', async () => {
    const board = await signedBoard(CHAIR_OR_TWO);
    assert.deepEqual(await answered(await request(board.firm), board.chair), ['Accepted']);
    const id = await request(board.firm);
    assert.deepEqual(await answered(id, board.member, board.other), ['Awaiting', 'Accepted']);
  });

  it('says that others must answer to a signer who needs others, and to no other', async () => {
    const board = await signedBoard(CHAIR_OR_TWO);
    const id = await request(board.firm);
    const page = async (person: TestParty) =>
      mainText((await loggedIn(person, `/consent/request?id=${id}`)).page.html);
    assert.match(await page(board.member), /Flere må svare ja/);
    assert.doesNotMatch(await page(board.chair), /Flere må svare ja/);
  });

  it('is given as its rule says where the register has none', async () => {
    const board = await newBoard();
    const id = await request(board.firm);
    assert.deepEqual(await answered(id, board.chair, board.member), ['Awaiting', 'Accepted']);
    await putParty(board.firm, { signing: CHAIR_OR_TWO });
    await putParty(board.firm, { signing: null });
    assert.deepEqual(await answered(await request(board.firm), board.chair), ['Awaiting']);
  });

  it('is answered by no one else in the same office, where the register names a person', async () => {
    const board = await newBoard();
    const named = [[{ roles: ['medl'], holder: board.member.number }]];
    await putParty(board.firm, { signing: named });
    const id = await request(board.firm);
    assert.deepEqual(await answered(id, board.other, board.chair, board.member), [
      403,
      403,
      'Accepted',
    ]);
  });

  it('is not answered by a person who is named and no longer holds the office', async () => {
    const board = await newBoard();
    const named = [[{ roles: ['medl'], holder: board.member.number }]];
    await putParty(board.firm, { signing: named });
    await endRole('medl', board.firm, board.member);
    assert.deepEqual(await answered(await request(board.firm), board.member), [403]);
  });

  it('has the main unit sign for a sub-unit, by whatever rules that has', async () => {
    const board = await signedBoard(CHAIR_OR_TWO);
    const unit = await newOrganization('Avdelingen', { parent: board.firm.number });
    assert.deepEqual(await answered(await request(unit), board.chair), ['Accepted']);
  });

  it('goes on when another takes the office over, and falls when fewer hold it', async () => {
    const board = await signedBoard(CHAIR_OR_TWO);
    const id = await request(board.firm);
    await answered(id, board.member, board.other);
    const third = await newPerson('Nora Ny');
    await newRole('medl', board.firm, third);
    await endRole('medl', board.firm, board.other);
    assert.equal((await lookUp(id, board.firm, to)).status, 200);
    await endRole('medl', board.firm, third);
    const { body } = await lookUp(id, board.firm, to);
    assert.deepEqual([body.code, body.consent_reason], ['AM-00011', 'rule_unmet']);
  });

  it('asks an earlier yes anew by the rules of the day of the last', async () => {
    const board = await signedBoard([[{ roles: ['medl'] }, { roles: ['lede'] }]]);
    const id = await request(board.firm);
    assert.deepEqual(await answered(id, board.member), ['Awaiting']);
    await putParty(board.firm, { signing: [[{ roles: ['medl'], count: 2 }]] });
    assert.deepEqual(await answered(id, board.chair, board.other), [403, 'Accepted']);
  });

  it('names nobody at asking who could do no more than sign with others', async () => {
    const board = await signedBoard(CHAIR_OR_TWO);
    const body = { ...requestBody(board.firm, to, rightTo(service)) };
    const token = await organizationToken(to, WRITE);
    const asked = await call('POST', REQUESTS, token, {
      ...body,
      requiredDelegator: board.member.urn,
    });
    assert.equal(asked.status, 400);
    assert.equal(asked.body.validationErrors[0].code, 'TIL.VLD-00017');
  });

  describe('of a company that the register’s feed is about', () => {
    before(poll);
    const sign = async (
      { firm }: Board,
      combinations: { role: string; to: string }[][] | null,
    ): Promise<void> => {
      world.registers.units.change({ signing: { number: firm.number, combinations } });
      await poll();
    };
    const registered = async (): Promise<Board> => {
      const board = await newBoard();
      const { firm, chair, member, other } = board;
      world.registers.units.change({ unit: { number: firm.number, name: firm.name } });
      say(
        firm.number,
        { role: 'lede', to: chair.number },
        { role: 'medl', to: member.number },
        { role: 'medl', to: other.number },
      );
      return board;
    };
    const as = (role: string, one: TestParty) => ({ role, to: one.number });
    afterEach(() => {
      world.registers.units.signingAway = false;
    });

    it('is given by its combinations, and as they change', async () => {
      const board = await registered();
      const { firm, chair, member, other } = board;
      await sign(board, [[as('lede', chair)], [as('medl', member), as('medl', other)]]);
      assert.deepEqual(await answered(await request(firm), chair), ['Accepted']);
      await sign(board, [[as('medl', member), as('medl', other)]]);
      const id = await request(firm);
      assert.deepEqual(await answered(id, chair, other, member), [403, 'Awaiting', 'Accepted']);
      await sign(board, null);
      assert.deepEqual(await answered(await request(firm), chair), ['Awaiting']);
    });

    it('counts one who signs in two offices as one person', async () => {
      const board = await registered();
      const { firm, chair, member } = board;
      await sign(board, [[as('lede', chair), as('dagl', chair), as('medl', member)]]);
      const id = await request(firm);
      assert.deepEqual(await answered(id, chair, member), ['Awaiting', 'Accepted']);
    });

    it('is nobody’s to answer where the register has a rule of which nothing can be read', async () => {
      const board = await registered();
      const { firm, chair, member } = board;
      await sign(board, [[as('lede', chair), { role: 'medl', to: personNumber() }]]);
      assert.deepEqual(await answered(await request(firm), chair, member), [403, 403]);
      await sign(board, [[as('ukjent', chair)]]);
      assert.deepEqual(await answered(await request(firm), chair, member), [403, 403]);
    });

    it('has no weaker rule because the register answers otherwise', async () => {
      const board = await registered();
      const { firm, chair, member } = board;
      for (const status of [
        undefined,
        { rutineStatus: { kode: 'FEIL' } },
        { rutineStatus: { kode: 'OK' }, kombinasjonStatus: { kode: 'XX' } },
      ]) {
        world.registers.units.signingStatus = { [firm.number]: status ?? null };
        await sign(board, [[as('lede', chair), as('medl', member)]]);
        assert.deepEqual(await answered(await request(firm), chair, member), [403, 403]);
      }
      world.registers.units.signingStatus = {};
    });

    it('binds by no combination of which somebody cannot be read', async () => {
      const board = await registered();
      const { firm, chair, member, other } = board;
      const stranger = { role: 'medl', to: '000000000' };
      await sign(board, [[as('lede', chair), stranger], [as('medl', member)]]);
      assert.deepEqual(await answered(await request(firm), chair, other), [403, 403]);
      assert.deepEqual(await answered(await request(firm), member), ['Accepted']);
    });

    it('is answered by nobody while the register does not say who signs', async () => {
      const board = await registered();
      const { firm, chair, member } = board;
      await sign(board, [[as('lede', chair)]]);
      world.registers.units.signingAway = true;
      await sign(board, [[as('medl', member)]]);
      const id = await request(firm);
      assert.deepEqual(await answered(id, chair, member), [403, 403]);
      world.registers.units.signingAway = false;
      await until('who signs is read again', async () => {
        await poll();
        const { rows } = await world.database.db.raw(
          "select 1 from party where organization_no = ? and signing <> '[]'",
          [firm.number],
        );
        return rows.length === 1;
      });
      assert.deepEqual(await answered(id, chair, member), [403, 'Accepted']);
    });

    it('is put right by the comparison, where the feed has said nothing', async () => {
      const board = await registered();
      const { firm, chair, member } = board;
      await sign(board, [[as('lede', chair)]]);
      world.registers.units.signing.set(firm.number, [[as('medl', member)]]);
      const { drift } = await compared(world.app.registers, 'enhetsregisteret');
      assert.ok(drift.some(({ party, what }) => party === firm.id && what === 'signing'));
      assert.deepEqual(await answered(await request(firm), chair, member), [403, 'Accepted']);
    });
  });

  it('counts no yes that was asked by another rule than the last', () => {
    const place = (count: number) => ({
      subjects: [{ kind: 'role' as const, value: 'medl' }],
      count,
    });
    const taker = (party: string, count: number) => ({
      party,
      parts: [[[{ ...place(count), by: [{ mandate: 'm', holder: party, office: 'medl' }] }]]],
    });
    const offices = { holders: () => [], roles: () => ['medl'] };
    const { isComplete } = progressOf([taker('one', 1), taker('two', 2)], offices);
    assert.equal(isComplete, false);
    assert.ok(progressOf([taker('one', 2), taker('two', 2)], offices).isComplete);
  });

  it('counts two of one firm that holds an office as one of its holders', () => {
    const subjects = [{ kind: 'role' as const, value: 'medl' }];
    const of = (holder: string) => ({ mandate: holder, holder, office: 'medl' });
    const taker = (party: string, ...holders: string[]) => ({
      party,
      parts: [[[{ subjects, count: 2, by: holders.map(of) }]]],
    });
    const offices = { holders: () => [], roles: () => ['medl'] };
    const met = (...takers: ReturnType<typeof taker>[]) => progressOf(takers, offices);
    const firm = [taker('boss', 'firm'), taker('chair', 'firm')];
    assert.deepEqual([met(...firm).isComplete, met(...firm).have], [false, 1]);
    assert.ok(met(...firm, taker('member', 'member')).isComplete);
    // Whoever has it in own name as well makes way for the other.
    assert.ok(met(taker('boss', 'firm', 'boss'), taker('chair', 'firm')).isComplete);
  });

  it('has a rule that names who answers where the register has none', async () => {
    const rules = [{ action: 'consent', asCompanySigns: true, subjects: ['lede'] }, ASKING];
    const { status, body } = await putPolicy(service, { rules });
    assert.equal(status, 400);
    assert.match(JSON.stringify(body.faults), /asCompanySigns needs together/);
  });

  it('keeps its rule in XACML and in JSON, as it is answered', async () => {
    const path = `/resourceregistry/api/v1/resource/${service}/policy`;
    const read = (accept: string) => call('GET', path, undefined, undefined, { accept });
    const json = await read('application/json');
    assert.equal(json.body.rules[0].asCompanySigns, true);
    assert.equal((await putPolicy(service, json.body)).status, 200);
    const xml = await read('application/xml');
    assert.match(xml.text, /as the company signs, or else/);
    assert.equal(
      (await putPolicy(service, xml.text, { 'content-type': 'application/xml' })).status,
      200,
    );
    assert.deepEqual((await read('application/json')).body.rules[0], json.body.rules[0]);
  });

  it('is imported for a company alone, with roles and persons that there are', async () => {
    const { firm, member } = await newBoard();
    const party = { kind: 'organization', id: firm.id, number: firm.number, name: firm.name };
    for (const [changes, why] of [
      [{ signing: [[{ roles: ['nobody'] }]] }, /the role nobody is not known/],
      [{ signing: [[{ roles: ['medl'], holder: '12345678901' }]] }, /12345678901 is not known/],
      [{ signing: [[]] }, /signing/],
      [{ signing: [[{ roles: [] }]] }, /signing/],
    ] as const)
      await rejects({ parties: [{ ...party, ...changes }] }, why);
    const person = { kind: 'person', id: member.id, number: member.number, name: member.name };
    await rejects({ parties: [{ ...person, signing: null }] }, /of an organization/);
  });
});
