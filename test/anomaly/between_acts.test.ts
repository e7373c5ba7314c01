// Every act of one who leads a company, who is dismissed when the act has read all that it read
// before its transaction, or before its one statement: what it read then guards nothing.
import assert from 'node:assert/strict';
import { ACTS } from '../support/rights/acts.ts';
import { can, decide, give, newFirm, newResource } from '../support/rights/rights.ts';
import { beforeWriting } from '../support/run/statements.ts';
import { importThis, inDays, newPerson, newRole } from '../support/world.ts';

// The embedded database serves one at a time: there is nobody in between.
if (process.env.TEST_DATABASE_URL)
  describe('what an act read before its transaction', () => {
    for (const [name, prepare] of Object.entries(ACTS))
      it(`guards nothing that it writes: ${name}`, async () => {
        const act = await prepare(await newFirm());
        const undisturbed = await act();
        assert.ok(undisturbed.status < 300, JSON.stringify(undisturbed.body));

        const led = await newFirm();
        const late = await prepare(led);
        const dismiss = () => newRole('dagl', led.firm, led.boss, { endedAt: inDays(-1) });
        const { status, body } = await beforeWriting(dismiss, late);
        assert.ok([401, 403, 404, 409].includes(status), `${status} ${JSON.stringify(body)}`);
      });

    it('gives nothing of a company that goes bankrupt in between', async () => {
      const resource = await newResource([can('read', 'package:merverdiavgift')]);
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      const { number, name } = firm;
      const estate = { on: '2026-02-01' };
      const open = () => importThis({ parties: [{ kind: 'organization', number, name, estate }] });
      await beforeWriting(open, () => give(boss, firm, helper, { package: 'merverdiavgift' }));
      assert.equal(await decide(helper, 'read', resource, firm), 'NotApplicable');
    });
  });
