// Decisions that rest on a group of a company: who learns of the group, and by what.
import assert from 'node:assert/strict';
import { loggedIn, mainText } from '../../support/pages/browser.ts';
import { grouped } from '../../support/rights/groups.ts';
import { VAT } from '../../support/rights/office.ts';
import {
  can,
  decide,
  evaluate,
  given,
  newResource,
  newTeam,
  pdpToken,
  question,
} from '../../support/rights/rights.ts';
import { call, newOrganization, newPerson, personToken, world } from '../../support/world.ts';

describe('a group', () => {
  it('is named by decisions that rest on it: by id to a service, by name to the company', async () => {
    const { firm, boss, clerk } = await newTeam();
    const service = await newResource([can('read', 'dagl', `package:${VAT}`)]);
    const { id, put, open } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    const { body: carried } = await evaluate(question(clerk, 'read', service, firm));
    const { mandates, groups } = carried.context;
    assert.deepEqual([mandates.length, groups], [1, [id]]);
    const { body: own } = await evaluate(question(boss, 'read', service, firm));
    assert.deepEqual([own.decision, own.context.groups], [true, undefined]);
    const { body: why } = await call(
      'POST',
      '/access/v1/explanation',
      await pdpToken(),
      question(clerk, 'read', service, firm),
    );
    assert.deepEqual([why.mandates, why.groups], [mandates, [id]]);
    await world.app.settle();
    const owners = await call(
      'GET',
      `/access/v1/log/decisions?resource=${service}`,
      await pdpToken('altinn:authorization/authorize'),
    );
    assert.equal(owners.status, 200, owners.text);
    assert.ok(owners.body.data.length >= 2, 'both are about its service');
    assert.ok(owners.body.data.every((row: object) => !('groups' in row)));
    const path = `/access/v1/log/decisions?party=${firm.id}`;
    const { body: log } = await call('GET', path, await personToken(boss));
    assert.deepEqual(
      log.data.map((row: { groups?: unknown }) => row.groups),
      [[{ id, name: 'Lønn' }], undefined, [{ id, name: 'Lønn' }]],
    );
  });

  it('of a main unit is named to nobody who administers for a sub-unit alone', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const [unit, head] = [
      await newOrganization('Avdeling Nord', { parent: firm.number }),
      await newPerson(),
    ];
    await given(boss, unit, head, { package: 'tilgangsstyrer' });
    const { put, open } = await grouped(firm, boss, 'Nedbemanning');
    await open(VAT);
    await put(clerk);
    assert.equal(await decide(clerk, 'read', 'mva-melding', unit), 'Permit');
    await world.app.settle();
    const path = `/access/v1/log/decisions?party=${unit.id}`;
    const { body, text } = await call('GET', path, await personToken(head));
    assert.deepEqual([body.data.length, text.includes('Nedbemanning')], [1, false]);
    const page = mainText((await loggedIn(head, `/log?party=${unit.id}&show=uses`)).page.html);
    assert.match(page, /Grete Gruppdal fikk ja/);
    assert.doesNotMatch(page, /Nedbemanning/);
  });
});
