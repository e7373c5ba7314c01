// Messages to those who act in another's stead: a parent or a guardian hears of what that login was
// used for, and of a person with a protected address nobody hears but the person.
import assert from 'node:assert/strict';
import { can, newConsentResource, newResource, rightTo, sent } from '../support/rights/rights.ts';
import { insertNotice, outbox } from '../support/outbox.ts';
import {
  approve,
  ask,
  newOrganization,
  newRole,
  putParty,
  type TestParty,
} from '../support/world.ts';

const TASK = 'verge:skatteetaten-skatt';
const PARENT = 'foreldreansvar';
const box = outbox();
const { person, emailsTo, statesOf, words } = box;
const year = new Date().getUTCFullYear();
const linesTo = (one: TestParty) => emailsTo(one).map(({ text }) => text.split('\n')[0]);

describe('what is done in another’s stead', () => {
  let resource: string;
  before(async () => {
    resource = await newConsentResource(['privatperson', TASK, PARENT], { decidesFrom: 16 });
  });
  async function given(giver: TestParty, by: TestParty): Promise<void> {
    const answer = await approve(await ask(giver, await newOrganization(), rightTo(resource)), by);
    assert.equal(answer.status, 200, answer.text);
    await box.send();
  }

  it('is said to the guardian who did it, and to the ward', async () => {
    const [ward, guardian, other] = [
      await person('Vern Vernesen'),
      await person('Verge Vergesen'),
      await person('Annen Verge'),
    ];
    for (const one of [guardian, other]) await newRole(TASK, ward, one);
    await given(ward, guardian);
    assert.deepEqual(linesTo(ward), [words('done')]);
    assert.deepEqual(linesTo(guardian), [words('for_other')]);
    assert.deepEqual(linesTo(other), []);
  });

  it('is said to the parent of a child who hears nothing itself', async () => {
    const [child, parent] = [await person('Barn Barnesen'), await person('Forelder Barnesen')];
    await putParty(child, { bornOn: `${year - 9}-01-02` });
    await newRole(PARENT, child, parent);
    await given(child, parent);
    assert.deepEqual([linesTo(child), linesTo(parent)], [[], [words('for_other')]]);
  });

  it('is said to nobody else where the address of that one is protected', async () => {
    const [youth, parent, other] = [
      await person('Skjult Ungdom'),
      await person('Forelder Ungdomsen'),
      await person('Annen Forelder'),
    ];
    await putParty(youth, { bornOn: `${year - 17}-01-02` });
    for (const one of [parent, other]) await newRole(PARENT, youth, one);
    const id = await ask(youth, await newOrganization(), rightTo(resource));
    const about = { consent_id: id, by_party: parent.id };
    await insertNotice(youth, 'consent_resumed', about);
    await box.send();
    const urgent = ['email', 'sms'].map((channel) => `for_other ${channel} sent`);
    assert.deepEqual(await statesOf(parent), urgent);
    await putParty(youth, { protectedAddress: true });
    await insertNotice(youth, 'consent_given', about);
    await insertNotice(other, 'consent_given', about);
    await box.send();
    assert.ok(linesTo(youth).includes(words('done')));
    assert.deepEqual(await statesOf(parent), urgent, 'of the time before');
    assert.deepEqual(await statesOf(other), []);
  });

  it('with a protected address is said to no other whose inbox has it, but to its receiver', async () => {
    const [giver, helper, other] = [
      await person('Skjult Giver'),
      await person('Få Mottakersen'),
      await person('Annen Forelder'),
    ];
    await putParty(giver, { protectedAddress: true });
    const service = await newResource([can('read', 'privatperson')]);
    const id = await sent(giver, helper, { resource: service, actions: ['read'] });
    await insertNotice(other, 'mandate_given', { mandate_id: id });
    await box.spread();
    assert.deepEqual(await statesOf(other), []);
    assert.deepEqual(await statesOf(helper), ['asked email waiting', 'asked sms waiting']);
  });

  it('is said to no one who has neither office', async () => {
    const [giver, doer] = [await person('Gi Giversen'), await person('Gjør Gjørsen')];
    const id = await ask(giver, await newOrganization(), rightTo(resource));
    await insertNotice(giver, 'consent_given', { consent_id: id, by_party: doer.id });
    await box.spread();
    assert.deepEqual(await statesOf(doer), []);
  });
});
