// Every kind of subject that a rule can name lets in somebody who is one, and nobody who is not.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SUBJECT_KINDS, type SubjectKind } from '../../../server/resource/policy/model.ts';
import {
  importThis,
  newOrganization,
  newPerson,
  type TestParty,
  world,
} from '../../support/world.ts';
import {
  can,
  decide,
  evaluate,
  newFirm,
  newMandate,
  newResource,
  OWNER,
  question,
} from '../../support/rights/rights.ts';

/** Somebody who is one, and for whom; by a way of writing the subject. */
interface Kind {
  written: string;
  who: TestParty;
  from?: TestParty | undefined;
  told?: object;
}

describe('a kind of subject', () => {
  let makes: Record<Exclude<SubjectKind, 'passed_on'>, () => Promise<Kind>>;
  let stranger: TestParty;
  before(async () => {
    stranger = await newPerson();
    const { firm, boss } = await newFirm();
    const person = await newPerson();
    makes = {
      any: async () => ({ written: 'anyone', who: person }),
      self: async () => ({ written: 'privatperson', who: person, from: person }),
      role: async () => ({ written: 'dagl', who: boss, from: firm }),
      key_role: async () => ({ written: 'keyrole', who: boss, from: firm }),
      package: async () => {
        const worker = await newPerson();
        await newMandate(firm, worker, { package: 'merverdiavgift' });
        return { written: 'package:merverdiavgift', who: worker, from: firm };
      },
      organization: async () => ({ written: `organization:${firm.number}`, who: firm }),
      party: async () => ({ written: `urn:altinn:party:uuid:${person.id}`, who: person }),
      username: async () => {
        const username = `kind${randomUUID().slice(0, 8)}`;
        const id = randomUUID();
        await importThis({ parties: [{ kind: 'self_identified', id, username, name: 'U' }] });
        return { written: `username:${username}`, who: { ...person, id } };
      },
      access_list: async () => {
        const [member, list] = [await newOrganization(), `l${randomUUID().slice(0, 8)}`];
        await importThis({
          accessLists: [{ owner: OWNER, id: list, name: list, members: [member.number] }],
        });
        return { written: `accesslist:${list}`, who: member };
      },
      party_type: async () => ({ written: 'partytype:organization', who: firm }),
      attribute: async () => ({
        written: 'attribute:urn:x:badge=blue',
        who: person,
        told: { 'urn:x:badge': 'blue' },
      }),
      register: async () => {
        const [to, from] = [await newPerson(), await newPerson()];
        const mandate = { from: from.number, to: to.number, code: 'legemiddel', text: 'Hente' };
        world.registers.health.change({ mandates: [mandate] });
        return { written: 'register:helse/legemiddel', who: to, from };
      },
    };
  });

  for (const kind of SUBJECT_KINDS) {
    // Nobody is one: a right that was given carries itself.
    if (kind === 'passed_on') continue;
    it(`${kind} is met by somebody who is one${kind === 'any' ? '' : ', and not by a stranger'}`, async () => {
      const { written, who, from, told } = await makes[kind]();
      const resource = await newResource([can('read', written)], {
        selfIdentifiedUserEnabled: true,
      });
      const asked = question(who, 'read', resource, from);
      const own = { ...asked, subject: { ...asked.subject, properties: told ?? {} } };
      const { body, text } = await evaluate(own);
      assert.equal(body.decision, true, text);
      const other = await decide(stranger, 'read', resource, from);
      assert.equal(other, kind === 'any' ? 'Permit' : 'NotApplicable');
    });
  }
});
