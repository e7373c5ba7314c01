// Targets as the OASIS conformance tests of XACML match them (any, one or several subjects,
// resources and actions, by id and by attributes): each policy of that kind is taken in, and every
// question about it is decided as its target says.
import assert from 'node:assert/strict';
import { call, newOrganization, newPerson, organizationToken } from '../../support/world.ts';
import { can, newResource, pdpToken } from '../../support/rights/rights.ts';

const XACML = 'urn:oasis:names:tc:xacml:1.0';
const SUBJECT = `${XACML}:subject:subject-id`;
const TIME = `${XACML}:subject:request-time`;
const RESOURCE = `${XACML}:resource:resource-id`;
const MOMENT = '2002-02-08T08:23:47-05:00';
const CATEGORIES = {
  subject: `${XACML}:subject-category:access-subject`,
  resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
  action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
};

const match = (
  category: keyof typeof CATEGORIES,
  type: 'string' | 'anyURI' | 'dateTime',
  name: string,
  value: string,
) => {
  const dataType = `http://www.w3.org/2001/XMLSchema#${type}`;
  return (
    `<Match MatchId="${XACML}:function:${type}-equal"><AttributeValue DataType="${dataType}">${value}</AttributeValue>` +
    `<AttributeDesignator AttributeId="${name}" Category="${CATEGORIES[category]}" DataType="${dataType}" MustBePresent="false"/></Match>`
  );
};
const anyOf = (...all: string[]) =>
  `<AnyOf>${all.map((one) => `<AllOf>${one}</AllOf>`).join('')}</AnyOf>`;
const record = (name: string) => `http://records.example/patient/${name}`;
const subjectIs = (name: string) => match('subject', 'string', SUBJECT, name);
const resourceIs = (name: string) => match('resource', 'anyURI', RESOURCE, record(name));
const actionIs = (name: string) => match('action', 'string', `${XACML}:action:action-id`, name);

interface Asked {
  name: string | undefined;
  time: string | undefined;
  about: string | undefined;
  action: string;
}
type Part = [xml: string, holds: (asked: Asked) => boolean];

const SUBJECTS: Part[] = [
  ['', () => true],
  [anyOf(subjectIs('Doctor')), ({ name }) => name === 'Doctor'],
  [
    anyOf(subjectIs('Doctor'), subjectIs('Nurse')),
    ({ name }) => name === 'Doctor' || name === 'Nurse',
  ],
  [
    anyOf(subjectIs('Doctor') + match('subject', 'dateTime', TIME, MOMENT)),
    ({ name, time }) => name === 'Doctor' && time === MOMENT,
  ],
];
const RESOURCES: Part[] = [
  ['', () => true],
  [anyOf(resourceIs('one')), ({ about }) => about === 'one'],
  [anyOf(resourceIs('one'), resourceIs('two')), ({ about }) => about === 'one' || about === 'two'],
];
const ACTIONS: Part[] = [
  ['', () => true],
  [anyOf(actionIs('read')), ({ action }) => action === 'read'],
  [anyOf(actionIs('read'), actionIs('write')), ({ action }) => action !== 'delete'],
];
const QUESTIONS: Asked[] = ['Doctor', 'Nurse', 'Other', undefined].flatMap((name) =>
  [MOMENT, '2003-01-01T00:00:00Z', undefined].flatMap((time) =>
    ['one', 'two', 'three', undefined].flatMap((about) =>
      ['read', 'write', 'delete'].map((action) => ({ name, time, about, action })),
    ),
  ),
);

describe('a target of XACML', () => {
  it('is taken in, and decides each question as it says', async () => {
    const owner = await newOrganization();
    const write = await organizationToken(owner, 'altinn:resourceregistry/resource.write');
    const person = await newPerson();
    const counts = { asked: 0, permitted: 0 };
    for (const subject of SUBJECTS)
      for (const resource of RESOURCES)
        for (const action of ACTIONS) {
          const parts = [subject, resource, action];
          const id = await newResource([can('read', 'dagl')], { owner: owner.number });
          const published = await call(
            'PUT',
            `/resourceregistry/api/v1/resource/${id}/policy`,
            write,
            policy(parts.map(([xml]) => xml).join('')),
            { 'content-type': 'application/xml' },
          );
          assert.equal(published.status, 200, published.text);
          const decided = await decideAll(person.id, id);
          QUESTIONS.forEach((asked, index) => {
            const holds = parts.every(([, says]) => says(asked));
            counts.asked += 1;
            counts.permitted += Number(holds);
            assert.equal(decided[index], holds, `${JSON.stringify(asked)} of ${published.text}`);
          });
        }
    const share = counts.permitted / counts.asked;
    assert.ok(share > 0.1 && share < 0.8, JSON.stringify(counts));
  });
});

const policy = (target: string) =>
  `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" ` +
  `RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>` +
  `<Rule RuleId="r" Effect="Permit">${target ? `<Target>${target}</Target>` : ''}</Rule></Policy>`;

async function decideAll(person: string, id: string): Promise<boolean[]> {
  const told = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  const { body } = await call('POST', '/access/v1/evaluations', await pdpToken(), {
    evaluations: QUESTIONS.map(({ name, time, about, action }) => ({
      subject: {
        type: 'party',
        id: person,
        properties: { ...told(SUBJECT, name), ...told(TIME, time) },
      },
      action: { name: action },
      resource: {
        type: 'resource',
        id,
        properties: { party: person, ...told(RESOURCE, about && record(about)) },
      },
    })),
  });
  return body.evaluations.map((one: { decision: boolean }) => one.decision);
}
