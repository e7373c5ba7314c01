// What an import refuses of the rights store's records, each with its line and what is wrong: a
// file with one of them changes nothing.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { importThis, inDays, newOrganization, newPerson, world } from '../support/world.ts';

const code = () => `t-${randomUUID()}`;
const T = { nb: 'T', nn: 'T', en: 'T' };
const OWNER = '211104015';
const role = (changes: object = {}) => ({ code: code(), name: T, source: 'tillit', ...changes });
const area = (changes: object = {}) => ({
  code: code(),
  name: T,
  description: T,
  forKind: 'organization',
  ...changes,
});
const aPackage = (changes: object = {}) => ({
  code: code(),
  name: T,
  description: T,
  area: 'nope',
  forKind: 'organization',
  ...changes,
});
const resource = (changes: object = {}) => ({
  identifier: code(),
  owner: OWNER,
  resourceType: 'GenericAccessResource',
  title: T,
  rules: [],
  ...changes,
});
const mandate = (changes: object = {}) => ({
  from: '310200018',
  to: '14838412026',
  package: 'merverdiavgift',
  ...changes,
});
const list = (changes: object = {}) => ({
  id: code(),
  owner: OWNER,
  name: 'L',
  members: [],
  ...changes,
});
const person = (changes: object = {}) => ({
  kind: 'person',
  number: personNumber(),
  name: 'Ny Person',
  ...changes,
});
const known = 'merverdiavgift';

const consent = (changes: object = {}) => ({
  id: randomUUID(),
  state: 'approved',
  from: '14838412026',
  to: '310100013',
  validTo: inDays(10),
  rights: [{ resource: 'eiendom' }],
  ...changes,
});
const aScope = { name: `t:${randomUUID()}`, owner: OWNER };

const BY_TASK = /the role verge is not taken: a guardian acts by tasks/;

describe('the import refuses', () => {
  const same = resource();
  const twice = person();
  const cases: [string, object, RegExp][] = [
    [
      'a role of an unknown source',
      { roles: [role({ source: 'nope' })] },
      /source nope is not known/,
    ],
    ['a guardian without a task, as a role', { roles: [role({ code: 'verge' })] }, BY_TASK],
    [
      'a guardian without a task, as a holder',
      { roleHolders: [{ role: 'verge', from: '14838412026', to: '30839215750' }] },
      BY_TASK,
    ],
    [
      'a guardian without a task, in a rule',
      {
        resources: [resource({ rules: [{ action: 'read', subjects: ['urn:tillit:role:verge'] }] })],
      },
      BY_TASK,
    ],
    ['a package of an unknown area', { packages: [aPackage()] }, /area nope is not known/],
    [
      'a package for another kind of party than its area',
      ((one) => ({ areas: [one], packages: [aPackage({ area: one.code, forKind: 'person' })] }))(
        area(),
      ),
      /is for another kind of party/,
    ],
    [
      'packages of an unknown role',
      { rolePackages: [{ role: 'nope', packages: [known], access: true, give: true }] },
      /rolePackage: the role nope is not known/,
    ],
    [
      'an unknown package of a role',
      { rolePackages: [{ role: 'dagl', packages: ['nope'], access: true, give: true }] },
      /rolePackage: the access package nope is not known/,
    ],
    ['a resource twice', { resources: [same, same] }, /is in the file twice/],
    [
      "a resource that is another owner's",
      { resources: [resource({ identifier: 'inntekt', owner: OWNER })] },
      /it has another owner/,
    ],
    [
      'a registrar of an unknown package',
      { registrars: [{ owner: OWNER, packages: ['nope'] }] },
      /registrar: the access package nope is not known/,
    ],
    [
      'a list that opens an unknown resource',
      { accessLists: [list({ resources: [{ resource: 'nope' }] })] },
      /the resource nope is not known/,
    ],
    [
      "a list that opens another's resource",
      { accessLists: [list({ resources: [{ resource: 'inntekt' }] })] },
      /the resource inntekt has another owner/,
    ],
    [
      'a mandate of nothing',
      { mandates: [mandate({ package: undefined })] },
      /either package or resource/,
    ],
    [
      'a mandate of a package and a resource',
      { mandates: [mandate({ resource: 'inntekt', actions: ['read'] })] },
      /either package or resource/,
    ],
    [
      'a mandate of an unknown package',
      { mandates: [mandate({ package: 'nope' })] },
      /package nope is not/,
    ],
    [
      'a mandate on an unknown resource',
      { mandates: [mandate({ package: undefined, resource: 'nope', actions: ['read'] })] },
      /resource nope is not known/,
    ],
    [
      'actions without a resource',
      { mandates: [mandate({ actions: ['read'] })] },
      /actions go with a resource/,
    ],
    [
      'a mandate that ends before it begins',
      { mandates: [mandate({ validFrom: inDays(2), validTo: inDays(1) })] },
      /validTo must be after validFrom/,
    ],
    [
      'a mandate to oneself',
      { mandates: [mandate({ to: '310200018' })] },
      /from and to are the same/,
    ],
    [
      'a mandate through what is not held',
      { mandates: [mandate({ through: { to: '310301019', role: 'regn' } })] },
      /through|not held|no such/,
    ],
    [
      'a qualification of nobody',
      { qualifications: [{ party: '99999999999', kind: 'advokat' }] },
      /not known/,
    ],
    ['a party twice', { parties: [twice, { ...twice, name: 'En Annen' }] }, /in the file twice/],
    [
      "a number that is another party's",
      { parties: [{ kind: 'person', number: '14838412026', id: randomUUID(), name: 'Kari' }] },
      /belongs to another party/,
    ],
    [
      'a system of an unknown owner',
      {
        parties: [
          {
            kind: 'system_user',
            id: randomUUID(),
            name: 'S',
            owner: organizationNumber(),
            systemId: 'x',
            systemKind: 'standard',
          },
        ],
      },
      /owner \d+ is not known/,
    ],
    [
      'a sub-unit of an unknown main unit',
      {
        parties: [
          {
            kind: 'subunit',
            number: organizationNumber(),
            name: 'U',
            parent: organizationNumber(),
          },
        ],
      },
      /not known/,
    ],
    [
      'a person without a number',
      { parties: [{ kind: 'person', name: 'X' }] },
      /number is required/,
    ],
    [
      'a self-identified user with a number',
      {
        parties: [{ kind: 'self_identified', username: code(), number: personNumber(), name: 'X' }],
      },
      /has no number/,
    ],
    [
      'a sub-unit without a main unit',
      { parties: [{ kind: 'subunit', number: organizationNumber(), name: 'X' }] },
      /needs its parent/,
    ],
    [
      'a user name of a person',
      { parties: [person({ username: 'kari' })] },
      /username is for a self-/,
    ],
    ['a system id of a person', { parties: [person({ systemId: 'x' })] }, /are for a system user/],
    [
      'half a system',
      { parties: [{ kind: 'system_user', id: randomUUID(), name: 'S', owner: OWNER }] },
      /needs all of them/,
    ],
    ['a list that is none', { parties: {} }, /parties must be an array/],
    [
      'a consent on what is no consent resource',
      { consentRequests: [consent({ rights: [{ resource: 'a-melding' }] })] },
      /a-melding is no consent resource/,
    ],
    [
      'a consent without its metadata',
      { consentRequests: [consent({ rights: [{ resource: 'inntekt' }] })] },
      /the metadata inntektsaar is missing/,
    ],
    [
      'a consent with metadata of another',
      { consentRequests: [consent({ rights: [{ resource: 'eiendom', metadata: { a: 'b' } }] })] },
      /a is no metadata of the resource/,
    ],
    ['a consent to oneself', { consentRequests: [consent({ to: '14838412026' })] }, /the same/],
    [
      'an answer before the question',
      { consentRequests: [consent({ requestedAt: inDays(-1), answeredAt: inDays(-2) })] },
      /answeredAt is before requestedAt/,
    ],
    [
      'a redirect that may not be',
      { consentRequests: [consent({ redirectUrl: 'javascript:alert(1)' })] },
      /redirectUrl is not allowed/,
    ],
    [
      'a message with unseen characters',
      { consentRequests: [consent({ requestMessage: { nb: 'a\u202eb' } })] },
      /invisible characters/,
    ],
    [
      'twenty-one at once, and says how many more there are',
      { parties: Array.from({ length: 25 }, () => ({ kind: 'person', name: 'X' })) },
      /and 5 more/,
    ],
    ['a scope twice', { scopes: [aScope, aScope] }, /is in the file twice/],
    [
      'a scope of an unknown owner',
      { scopes: [{ name: code(), owner: organizationNumber() }] },
      /not known/,
    ],
  ];
  for (const [what, document, why] of cases) {
    it(what, async () => {
      await assert.rejects(importThis(document), (error: Error) => {
        assert.match(error.message, why);
        return true;
      });
    });
  }

  it('not a consent of a hub, that one person must answer', async () => {
    const [hub, asker, named] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    const one = consent({
      state: 'withdrawn',
      to: asker.number,
      handledBy: hub.number,
      requiredDelegator: named.number,
      answeredBy: named.number,
      portalViewMode: 'show',
      withdrawnAt: inDays(-1),
      requestedAt: inDays(-3),
      answeredAt: inDays(-2),
      rights: [{ resource: 'studielan' }],
    });
    await importThis({ consentRequests: [one] });
    const { rows } = await world.database.db.raw(
      'select handled_by, required_delegator, one_time from consent_request where id = ?',
      [one.id],
    );
    assert.deepEqual(rows, [{ handled_by: hub.id, required_delegator: named.id, one_time: true }]);
  });

  it('nothing of a file that is right: catalogue, lists, registrars and mandates come in together', async () => {
    const [source, one, owner] = [code(), area(), await newOrganization()];
    const [clerk, own] = [await newPerson(), aPackage({ area: one.code })];
    const opened = resource({ owner: owner.number });
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T }],
      roles: [role({ source })],
      areas: [one],
      packages: [own],
      rolePackages: [{ role: 'dagl', packages: [own.code], access: true, give: true }],
      resources: [opened],
      accessLists: [
        list({
          owner: owner.number,
          members: [owner.number],
          resources: [{ resource: opened.identifier }],
        }),
      ],
      registrars: [{ owner: owner.id, packages: [own.code] }],
      mandates: [
        { from: owner.number, to: clerk.number, package: own.code, evidence: { kind: 'paper' } },
      ],
      qualifications: [{ party: clerk.number, kind: 'advokat' }],
    });
    const { rows } = await world.database.db.raw('select package from mandate where to_party = ?', [
      clerk.id,
    ]);
    assert.deepEqual(rows, [{ package: own.code }]);
  });
});
