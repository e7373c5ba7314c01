// The people of the demo world and what each of them is there to show.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import {
  assertion,
  JWT_BEARER,
  payloadOf,
  post,
  type TestClient,
} from '../support/oauth/clients.ts';
import { can, decide, evaluate, newResource, question } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  numberOf,
  personToken,
  read,
  type TestParty,
  world,
} from '../support/world.ts';

const parties: any[] = read('clients/world/1-people.json').parties;
const named = (name: string): TestParty => {
  const party = parties.find((one) => one.name === name);
  const kind = party.kind === 'person' ? 'person' : 'organization';
  return { ...party, urn: `urn:altinn:${kind}:identifier-no:${party.number}` };
};
const rightTo = (resource: string) => ({
  requestMessage: undefined,
  consentRights: [
    { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: resource }] },
  ],
});

describe('the demo world', () => {
  it('has an heir, who sees the estate of one who died', async () => {
    const [heir, dead] = [named('Aud Arvtestad'), named('Arne Arvtestad')];
    assert.equal(await decide(heir, 'read', 'dodsbo-oversikt', dead), 'Permit');
    assert.equal(
      await decide(named('Kari Testdal'), 'read', 'dodsbo-oversikt', dead),
      'NotApplicable',
    );
  });

  it('has a lawyer with a client', async () => {
    const [lawyer, client] = [named('Lise Advokatrud'), named('Daniel Eksempelsen')];
    assert.equal(await decide(lawyer, 'read', 'straffesak-innsyn', client), 'Permit');
  });

  it('has a ward whose guardian decides about taxes alone', async () => {
    const [ward, guardian, to] = [
      named('Odd Fjelltest'),
      named('Thea Fjelltest'),
      await newOrganization(),
    ];
    const [right] = rightTo('skattemelding-fullmakt').consentRights;
    const changes = {
      ...rightTo('skattemelding-fullmakt'),
      consentRights: [{ ...right, metadata: { inntektsaar: '2025' } }],
    };
    const own = await approve(await ask(ward, to, changes), ward);
    assert.equal(own.body.consent_reason, 'no_capacity', own.text);
    assert.equal((await approve(await ask(ward, to, changes), guardian)).status, 200);
    assert.equal((await approve(await ask(ward, to, rightTo('studielan')), ward)).status, 200);
  });

  it('has children at twelve, fifteen and seventeen, and services that ask at 13, 15, 16 and 18', async () => {
    const to = await newOrganization();
    const ages = (child: TestParty & { bornOn?: string }) =>
      Math.floor((Date.now() - Date.parse(child.bornOn!)) / (365.2425 * 86_400_000));
    const from: Record<string, number> = {
      profilbilde: 13,
      medlemskap: 15,
      vaksiner: 16,
      studielan: 18,
    };
    for (const name of ['Tuva Aldersdal', 'Femund Aldersdal', 'Syver Aldersdal']) {
      const child = named(name);
      for (const [resource, age] of Object.entries(from)) {
        const { status } = await approve(await ask(child, to, rightTo(resource)), child);
        assert.equal(status, ages(child) >= age ? 200 : 403, `${name} and ${resource}`);
      }
    }
  });

  it('has separated parents, of whom neither moves a child alone', async () => {
    const to = await newOrganization();
    const id = await ask(named('Mina Skiltestad'), to, rightTo('flytting'));
    const answer = async (parent: string) => (await approve(id, named(parent))).body;
    assert.equal((await answer('Sunniva Skiltestad')).effectiveStatus, 'Awaiting');
    assert.equal((await answer('Sunniva Skiltestad')).effectiveStatus, 'Awaiting');
    assert.equal((await answer('Frode Hverforseg')).effectiveStatus, 'Accepted');
  });

  it('has a child with a protected address, of whom a parent sees what is given, not to whom', async () => {
    const [child, mother, father, to] = [
      named('Liv Skjermtestad'),
      named('Vera Skjermtestad'),
      named('Stian Skjermtestad'),
      await newOrganization(),
    ];
    const ofMother = { ...rightTo('vaksiner'), requiredDelegator: mother.urn };
    const id = await ask(child, to, ofMother).catch(() => ask(child, to, ofMother));
    assert.equal((await approve(id, mother)).status, 200);
    const path = `/accessmanagement/api/v1/consent/${id}`;
    assert.equal((await call('GET', path, await personToken(father))).body.veiled, true);
  });

  it('has a bankrupt company, whose estate is administered', async () => {
    const resource = await newResource([can('read', 'bobe')]);
    const company = named('Konkurstest AS');
    assert.equal(await decide(named('Lise Advokatrud'), 'read', resource, company), 'Permit');
    assert.equal(
      await decide(named('Bente Konkursrud'), 'read', resource, company),
      'NotApplicable',
    );
  });

  it('has a rule that asks another register live', async () => {
    const [from, to] = [named('Hanne Butikkli'), named('Nils Butikkli')];
    const asked = () => evaluate(question(to, 'read', 'resepter', from));
    world.registers.health.change({ mandates: [] });
    assert.equal((await asked()).body.decision, false);
    world.registers.health.change({
      mandates: [
        { from: from.number, to: to.number, code: 'legemiddel', text: 'Hente legemidler' },
      ],
    });
    assert.equal((await asked()).body.decision, true);
    world.registers.health.change({ mandates: [] });
  });

  it('has an employment that ends, and then one who has left', async () => {
    const [firm, clerk, boss] = [
      named('Testdal Rørlegger AS'),
      named('Arild Sluttestad'),
      named('Daniel Eksempelsen'),
    ];
    await world.app.registers.poll();
    world.registers.feeds['aa-registeret']!.append({
      op: 'end',
      from: firm.number,
      to: clerk.number,
      code: 'arbeidsforhold',
      validTo: '2026-10-31',
    });
    await world.app.registers.poll();
    const path = `/access/v1/leavers?party=${firm.id}`;
    const { body } = await call('GET', path, await personToken(boss));
    assert.ok(
      body.data.some((one: { person: { id: string } }) => one.person.id === clerk.id),
      JSON.stringify(body),
    );
  });

  /** A token of one of the demo's machines, in Maskinporten's way. */
  async function drawn(id: string, folder: string, scope: string, claims: object = {}) {
    const key = read(`clients/${folder}/key.json`);
    const signed = await assertion(
      { id, scope } as TestClient,
      { ...claims },
      { kid: key.kid },
      createPrivateKey({ key, format: 'jwk' }),
    );
    const { status, body, text } = await post('/token', {
      grant_type: JWT_BEARER,
      assertion: signed,
    });
    assert.equal(status, 200, text);
    return payloadOf(body.access_token);
  }
  const iso6523 = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` });

  it('has service owners and a hub, each with a client of its own', async () => {
    for (const [id, folder, owner, scope] of [
      ['testkart-api', 'map-api', 'Testkartverket', 'altinn:authorization/authorize'],
      ['testtrygd-api', 'benefits-api', 'Testtrygdeetaten', 'testtrygd:ytelser'],
      ['testvik-datahub', 'hub', 'Testvik Datahub', 'altinn:consentrequests.org'],
    ] as const) {
      const { consumer } = await drawn(id, folder, scope);
      assert.deepEqual(consumer, iso6523(numberOf(owner)));
    }
  });

  it('has a vendor, whose system acts for a company, and who supplies a bank', async () => {
    const [vendor, bank] = [numberOf('Datahjelp AS'), numberOf('Prøvebanken ASA')];
    const supplied = await drawn('datahjelp', 'vendor', 'testskatt:inntekt', {
      consumer_org: bank,
    });
    assert.deepEqual([supplied.consumer, supplied.supplier], [iso6523(bank), iso6523(vendor)]);
    const systemuser_org = iso6523(numberOf('Testdal Rørlegger AS'));
    const system = await drawn('datahjelp', 'vendor', 'altinn:consentrequests.read', {
      consumer_org: bank,
      authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org }],
    });
    assert.equal(system.authorization_details[0].system_id, '310102016_datahjelp-mva');
  });
});
