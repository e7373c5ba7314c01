// Between the decision and the writing of an act, another node takes away what it rests on: the act
// is refused as if that had been so from the start, and nothing is written.
import assert from 'node:assert/strict';
import { secondNode, type Node } from '../support/run/node.ts';
import {
  can,
  decide,
  give,
  given,
  MANDATES,
  newConsentResource,
  newFirm,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import { justBefore } from '../support/run/statements.ts';
import { newSupplier } from '../support/rights/suppliers.ts';
import { markEstate } from '../../server/mandate/estate_store.ts';
import { actAlone } from '../../server/platform/act.ts';
import type { Db } from '../../server/platform/db/db.ts';
import {
  approve,
  ask,
  call,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  world,
} from '../support/world.ts';

const VAT = { package: 'merverdiavgift' };
/** Sent when giving has been decided, before anything is written. */
const DECIDED = 'minorities';

// The embedded database serves one at a time: there is nobody in between.
if (process.env.TEST_DATABASE_URL)
  describe('what an act rests on, taken away before it is written', () => {
    let other: string;
    let node: Node;
    before(async () => {
      node = await secondNode();
      other = node.url;
    });
    after(() => node.stop());

    const suspend = async (actor: { id: string }, id: string) => {
      const path = `${other}${MANDATES}/${id}/suspend`;
      const { status } = await call('POST', path, await personToken(actor));
      assert.equal(status, 200);
    };

    it('stops a director who is dismissed', async () => {
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      const dismiss = () => newRole('dagl', firm, boss, { endedAt: inDays(-1) });
      const answer = await justBefore(DECIDED, dismiss, () => give(boss, firm, helper, VAT));
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00028']);
      assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'NotApplicable');
      const { rows } = await world.database.db.raw(
        'select from event where from_party = ? and to_party = ?',
        [firm.id, helper.id],
      );
      assert.equal(rows.length, 0, 'and nobody is told');
    });

    it('stops one whose power of attorney to administer is frozen', async () => {
      const { firm, boss } = await newFirm();
      const [admin, helper] = [await newPerson(), await newPerson()];
      const id = await given(boss, firm, admin, { package: 'hovedadministrator' });
      const answer = await justBefore(
        DECIDED,
        () => suspend(boss, id),
        () => give(admin, firm, helper, VAT),
      );
      assert.equal(answer.status, 403);
      assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('stops passing on what is frozen, and giving a right that is', async () => {
      const [giver, holder, next] = [await newPerson(), await newPerson(), await newPerson()];
      const resource = await newResource([can('read', 'privatperson')]);
      const what = { resource, actions: ['read'] };
      const id = await given(giver, giver, holder, { ...what, mayPassOn: true });
      const answer = await justBefore(
        DECIDED,
        () => suspend(giver, id),
        () => give(holder, giver, next, what),
      );
      assert.equal(answer.status, 403);
      assert.equal(await decide(next, 'read', resource, giver), 'NotApplicable');
    });

    it('stops one who has it through a firm that is left meanwhile', async () => {
      const [{ firm, boss }, { firm: office, boss: accountant }] = [
        await newFirm(),
        await newFirm(),
      ];
      const to = await newOrganization();
      await given(boss, firm, office, { package: 'tilgangsstyrer' });
      const resource = await newConsentResource(['package:tilgangsstyrer']);
      const id = await ask(firm, to, rightTo(resource));
      const leave = () => newRole('dagl', office, accountant, { endedAt: inDays(-1) });
      const answer = await justBefore('approve_consents', leave, () => approve(id, accountant));
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000']);
      assert.notEqual((await lookUp(id, firm, to)).status, 200);
    });

    it('stops an answer of a director who is dismissed, and lets the next one answer', async () => {
      const { firm, boss } = await newFirm();
      const [to, next] = [await newOrganization(), await newPerson()];
      const id = await ask(firm, to, rightTo(await newConsentResource(['dagl'])));
      const dismiss = () => newRole('dagl', firm, boss, { endedAt: inDays(-1) });
      const answer = await justBefore('approve_consents', dismiss, () => approve(id, boss));
      assert.deepEqual([answer.status, answer.body.code], [403, 'AM-00000']);
      await newRole('dagl', firm, next);
      assert.equal((await approve(id, next)).status, 200);
    });

    it('goes on where it rests on something else as well', async () => {
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      await newRole('lede', firm, boss);
      const dismiss = () => newRole('dagl', firm, boss, { endedAt: inDays(-1) });
      const answer = await justBefore(DECIDED, dismiss, () => give(boss, firm, helper, VAT));
      assert.equal(answer.status, 201, answer.text);
      assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'Permit');
    });

    const mark = (db: Db, company: string) =>
      markEstate(actAlone(db), company, { on: '2026-02-01', court: null });

    it('stops what a supplier passes on that is just being marked as bankrupt', async () => {
      const { client, supplier, employee, pass } = await newSupplier();
      const marking = await world.database.db.transaction();
      await mark(marking, supplier.id);
      const passing = pass();
      await new Promise((done) => setTimeout(done, 300));
      await marking.commit();
      await passing;
      assert.notEqual(await decide(employee, 'write', 'a-melding', client), 'Permit');
    });

    for (const last of ['hold_relation', 'lock_chain', 'begin_delegation'])
      it(`stops what a supplier passes on that was marked as bankrupt before ${last}`, async () => {
        const { client, supplier, employee, pass } = await newSupplier();
        const marking = () => world.database.db.transaction((trx) => mark(trx, supplier.id));
        const { status } = await justBefore(last, marking, pass);
        assert.equal(status, 403);
        assert.notEqual(await decide(employee, 'write', 'a-melding', client), 'Permit');
      });
  });
