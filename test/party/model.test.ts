// Who there is: numbers with their check digits, and the many names of one party.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  anyPartyName,
  isOrganizationNumber,
  isPersonNumber,
  iso6523,
  parseIso6523,
  parsePartyUrn,
  partyName,
} from '../../server/party/model.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';

const replaced = (number: string, index: number, by: number) =>
  number.slice(0, index) + ((Number(number[index]) + by) % 10) + number.slice(index + 1);

describe('a number', () => {
  it('is of an organisation or a person by its check digits, and of none with one digit wrong', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(8), fc.integer({ min: 1, max: 9 }), (_seed, index, by) => {
        const [organization, person] = [organizationNumber(), personNumber()];
        assert.ok(isOrganizationNumber(organization) && isPersonNumber(person));
        assert.ok(!isOrganizationNumber(replaced(organization, index, by)));
        assert.ok(!isPersonNumber(replaced(person, index, by)));
      }),
      { numRuns: 50 },
    );
  });

  it('is nothing else', () => {
    for (const text of ['', '12345678', '1234567890', 'abcdefghi', '٣١٠١٠٠٠١٣', '310100013 ']) {
      assert.ok(!isOrganizationNumber(text) && !isPersonNumber(text), text);
    }
  });
});

describe('a name of a party', () => {
  const id = '7a0c3f52-9a4e-4c0e-8a55-0c6f2f0f3b11';

  it('is read from a number, a UUID in any case, or a URN', () => {
    assert.deepEqual(anyPartyName('310100013'), { by: 'organization', value: '310100013' });
    assert.deepEqual(anyPartyName(id.toUpperCase()), { by: 'uuid', value: id });
    assert.deepEqual(anyPartyName(`urn:altinn:party:uuid:${id}`), { by: 'uuid', value: id });
    assert.deepEqual(partyName('urn:altinn:PartyId', '51'), { by: 'partyId', value: '51' });
  });

  it('is none for anything else, whatever it is', () => {
    for (const text of ['0', 'urn:altinn:partyid:0', 'urn:altinn:partyid:-1', `${id}x`, '::', '']) {
      assert.equal(anyPartyName(text), undefined, text);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = anyPartyName(text);
        assert.ok(name === undefined || name.value.length > 0);
        assert.ok(parsePartyUrn(text) === undefined || /^urn:altinn:/i.test(text));
      }),
    );
  });

  it('in a token is an organisation only with its authority', () => {
    assert.equal(parseIso6523(iso6523('310100013')), '310100013');
    for (const claim of [undefined, {}, { authority: 'other', ID: '0192:310100013' }, 'x']) {
      assert.equal(parseIso6523(claim), undefined);
    }
    assert.equal(
      parseIso6523({ authority: 'iso6523-actorid-upis', ID: '0192:31010001' }),
      undefined,
    );
  });
});
