// Decisions after a change: a new policy, a changed catalogue, and what is written down of each.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importThis, newOrganization, newPerson, newRole, world } from '../../support/world.ts';
import {
  can,
  decide,
  decideEverywhere,
  newMandate,
  newResource,
  OWNER,
  taxService,
} from '../../support/rights/rights.ts';

const TAX = { package: 'merverdiavgift' };

describe('the next decision', () => {
  const tax = taxService();
  const { permits } = tax;

  it('takes a new policy at publish, for every mandate that is there', async () => {
    const [firm, human, clerk] = [await newOrganization(), await newPerson(), await newPerson()];
    await newMandate(firm, human, { package: 'a-ordning' });
    const moved = await newResource([can('read', 'package:merverdiavgift')]);
    await newMandate(firm, clerk, { resource: moved, actions: ['read'] });
    assert.deepEqual(
      [
        await decideEverywhere(human, 'read', moved, firm),
        await decideEverywhere(clerk, 'read', moved, firm),
      ],
      ['NotApplicable', 'Permit'],
    );
    const publish = (rules: object[]) =>
      importThis({
        resources: [
          {
            identifier: moved,
            owner: OWNER,
            resourceType: 'GenericAccessResource',
            title: { nb: 'Prøve', nn: 'Prøve' },
            rules,
          },
        ],
      });
    await publish([can('read', 'package:a-ordning')]);
    assert.deepEqual(
      [
        await decideEverywhere(human, 'read', moved, firm),
        await decideEverywhere(clerk, 'read', moved, firm),
      ],
      ['Permit', 'Permit'],
    );
    await publish([can('write', 'package:a-ordning')]);
    assert.deepEqual(
      [
        await decideEverywhere(human, 'read', moved, firm),
        await decideEverywhere(clerk, 'read', moved, firm),
      ],
      ['NotApplicable', 'NotApplicable'],
    );
  });

  it('takes a changed catalogue in the next decision', async () => {
    const [firm, human] = [await newOrganization(), await newPerson()];
    const code = `rolle-${randomUUID().slice(0, 8)}`;
    await importThis({ roles: [{ code, name: { nb: 'prøverolle', nn: 'prøverolle' } }] });
    await newRole(code, firm, human);
    assert.equal(await permits(human, firm), false);
    await importThis({ rolePackages: [{ role: code, packages: ['merverdiavgift'] }] });
    assert.equal(await permits(human, firm), true);
  });

  it('writes every decision down, permitted, denied and multi, and when a mandate was last used', async () => {
    const [firm, human] = [await newOrganization(), await newPerson()];
    await newMandate(firm, human, TAX);
    await decide(human, 'read', tax.id(), firm);
    await decide(human, 'sign', tax.id(), firm);
    await world.app.settle();
    const { rows } = await world.database.db.raw(
      'select action, outcome, reason, caller, cardinality(mandates) as carried from decision_log where from_party = ? order by id',
      [firm.id],
    );
    assert.deepEqual(rows, [
      { action: 'read', outcome: 'permit', reason: 'package', caller: OWNER, carried: 1 },
      { action: 'sign', outcome: 'not_applicable', reason: 'not_named', caller: OWNER, carried: 0 },
    ]);
    const used = await world.database.db.raw(
      'select last_used_at from mandate where from_party = ?',
      [firm.id],
    );
    assert.ok(used.rows[0].last_used_at);
  });

  it("tells the demo world's stories", async () => {
    const id = async (number: string) => ({
      id: (
        await world.database.db.raw(
          'select id from party where person_no = ? or organization_no = ?',
          [number, number],
        )
      ).rows[0].id,
    });
    const [kari, emil, thea, odd, per, plumber, julie, lise, daniel] = await Promise.all(
      [
        '14838412026',
        '21861460247',
        '30839215750',
        '17814015890',
        '11867013476',
        '310200018',
        '29848914906',
        '13887413740',
        '17877912736',
      ].map(id),
    );
    assert.equal(await decideEverywhere(kari!, 'write', 'barnehagesoknad', emil), 'Permit');
    assert.equal(await decideEverywhere(thea!, 'sign', 'skattemelding-person', odd), 'Permit');
    assert.equal(await decideEverywhere(thea!, 'read', 'helsehjelp', odd), 'Permit');
    assert.equal(await decideEverywhere(per!, 'write', 'a-melding', plumber), 'Permit');
    assert.equal(await decideEverywhere(julie!, 'write', 'a-melding', plumber), 'Permit');
    assert.equal(await decideEverywhere(lise!, 'read', 'straffesak-innsyn', daniel), 'Permit');
    assert.equal(
      await decideEverywhere(
        { id: '5a7e0000-0000-4000-8000-000000000002' },
        'write',
        'mva-melding',
        plumber,
      ),
      'Permit',
    );
  });
});
