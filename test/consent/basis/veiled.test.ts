// The parts of a consent that others than a giver with a protected address may see, case by case,
// from a consent as it is read.
import assert from 'node:assert/strict';
import {
  isKeptFrom,
  isShownEnded,
  shownAt,
  veiledFor,
} from '../../../server/consent/basis/veil_model.ts';
import type { Consent, ConsentEvent } from '../../../server/consent/model.ts';
import { findConsent } from '../../../server/consent/find.ts';
import { newConsentResource, ownActs, rightTo } from '../../support/rights/rights.ts';
import { approve, ask, lookUp, newOrganization, newPerson } from '../../support/world.ts';

describe('of a giver with a protected address', () => {
  const [mother, father] = ['a', 'b'].map((one) => one.repeat(8));
  const now = new Date();
  const [past, future] = [new Date(+now - 1_000), new Date(+now + 1_000)];
  let given: Consent;
  before(async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const id = await ask(from, to, rightTo(await newConsentResource(['privatperson'])));
    const asked = (await findConsent(ownActs()(), id))!;
    given = {
      ...asked,
      giverProtected: true,
      state: 'approved',
      approvedAt: past,
      validTo: future,
      answeredBy: { ...asked.to, id: mother! },
    };
  });
  const event = (type: ConsentEvent['type'], byParty: string | null): ConsentEvent => ({
    ...{ id: '1', type, at: now.toISOString() },
    ...{ byParty, byRole: null, reason: null },
  });
  const fallen = (changes: object = {}): Consent => ({
    ...given,
    fallen: 'responsibility_ended',
    withdrawnAt: past,
    events: [event('approved', mother!), event('withdrawn', null)],
    ...changes,
  });

  it('what has ended is shown to whoever ended it, and to nobody by another act', () => {
    const ended = { ...given, state: 'withdrawn' as const };
    assert.equal(
      isKeptFrom({ ...ended, events: [event('withdrawn', father!)] }, father!, now),
      false,
    );
    assert.equal(
      isKeptFrom({ ...ended, events: [event('withdrawn', mother!)] }, father!, now),
      true,
    );
    assert.equal(isKeptFrom({ ...ended, events: [event('changed', father!)] }, father!, now), true);
  });

  it('what was given is shown to a weak login as to a strong one', () => {
    const [right] = given.rights;
    const sensitive = {
      ...right!,
      level: 4,
      content: { ...right!.content, sensitive: {} as never },
    };
    const one = { ...given, giverProtected: false, rights: [sensitive] };
    assert.equal(shownAt(3, one).requiredLevel, undefined);
    assert.equal(shownAt(3, { ...one, state: 'requested', approvedAt: null }).requiredLevel, 4);
  });

  it('the answerer sees the changes that were the answerer’s own', () => {
    const events = [
      event('approved', mother!),
      event('changed', mother!),
      event('changed', father!),
    ];
    const seen = veiledFor({ ...given, events }, mother!, now);
    assert.deepEqual(
      seen.events.map(({ type, byParty }) => [type, byParty]),
      [
        ['approved', mother],
        ['changed', mother],
      ],
    );
  });

  it('a court’s decision about the matter is shown to the giver alone', () => {
    const events = [event('approved', mother!), event('withheld', null), event('released', null)];
    const typesFor = (person: string) =>
      veiledFor({ ...given, events }, person, now).events.map(({ type }) => type);
    assert.deepEqual(typesFor(mother!), ['approved']);
    assert.deepEqual(typesFor(given.from.id), ['approved', 'withheld', 'released']);
  });

  it('what can be used up falls alike for the answerer, used up or not', () => {
    const once = { oneTime: true };
    const seen = veiledFor(fallen(once), mother!, now);
    assert.deepEqual(
      [seen.state, seen.fallen, seen.withdrawnAt],
      ['withdrawn', 'responsibility_ended', null],
    );
    assert.deepEqual(
      seen.events.map(({ type }) => type),
      ['approved'],
    );
    const over = veiledFor(fallen({ ...once, validTo: past }), mother!, now);
    assert.deepEqual([over.state, over.fallen], ['approved', null]);
    assert.ok(isShownEnded(fallen(once), mother!, now));
  });

  it('what cannot be used up falls with its day and its event', () => {
    const seen = veiledFor(fallen(), mother!, now);
    assert.deepEqual([seen.state, seen.withdrawnAt], ['approved', past]);
    assert.equal(seen.events.length, 2);
  });

  it('another sees that it holds no more, and of a request that it was asked', () => {
    const seen = veiledFor(fallen(), father!, now);
    assert.deepEqual([seen.state, seen.withdrawnAt, seen.fallen], ['withdrawn', null, null]);
    assert.equal(veiledFor({ ...given, fallen: null }, father!, now).state, 'approved');
    const asked = fallen({ state: 'requested', approvedAt: null, withdrawnAt: null });
    assert.equal(veiledFor(asked, father!, now).state, 'requested');
  });
});

describe('a consent that was asked for by a UUID', () => {
  it('is another’s to whoever names a wrong number, once it is given', async () => {
    const [from, other, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const resource = await newConsentResource(['privatperson']);
    const urn = `urn:altinn:party:uuid:${from.id}`;
    const id = await ask({ ...from, urn }, to, rightTo(resource));
    assert.equal((await approve(id, from)).status, 200);
    assert.equal((await lookUp(id, other, to)).body.code, 'AM-00012');
  });
});
