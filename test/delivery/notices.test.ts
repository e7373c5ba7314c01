// Notices outside the inbox: who hears, by what, in which words, and when.
import assert from 'node:assert/strict';
import { LANGUAGES, t } from '../../server/platform/locale.ts';
import {
  can,
  change,
  given,
  MANDATES,
  newPair,
  newResource,
  sent,
} from '../support/rights/rights.ts';
import { entryOf, insertNotice, morning, outbox, until } from '../support/outbox.ts';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const box = outbox();
const { person, emailsTo, statesOf, words } = box;
const firstLine = ({ text }: { text: string }) => text.split('\n')[0];

const KINDS = ['done', 'turned', 'for_other', 'received', 'changed', 'asked', 'daily'];

describe('a notice outside the inbox', () => {
  let resource: string;
  before(async () => {
    resource = await newResource([can('read', 'privatperson'), can('write', 'privatperson')]);
  });
  const right = () => ({ resource, actions: ['read', 'write'] });
  /** Two who know each other: what the first gives the second waits for no yes. */
  async function pair(): Promise<[TestParty, TestParty]> {
    const both = await newPair('Gi Giversen', 'Få Mottakersen');
    for (const { number } of both) box.register.set(number, entryOf(number));
    await box.spread();
    return both;
  }

  it('says to both that something was given, and nothing that a login would have to show', async () => {
    const [giver, helper] = await pair();
    await at(until(12), async () => {
      await given(giver, giver, helper, right());
      await box.send();
    });
    const [done, received] = [emailsTo(giver)[0]!, emailsTo(helper)[0]!];
    assert.deepEqual([done, received].map(firstLine), [words('done'), words('received')]);
    assert.deepEqual(
      box.sms.map(({ text }) => text).toSorted(),
      [words('done'), words('received')].toSorted(),
    );
    for (const { subject, text, html, id } of [done, received]) {
      assert.equal(subject, words('subject'));
      assert.match(html, /<html lang="nb">/);
      assert.match(id, /@tillit\.example>$/);
      for (const said of [subject, text, html])
        for (const known of [giver, helper].flatMap((one) => [one.name!, one.number, one.id]))
          assert.ok(!said.includes(known), said);
      assert.ok(!/https?:\/\/|href/.test(text + html), 'no link to press');
    }
    assert.deepEqual(await statesOf(giver), ['done email sent', 'done sms sent']);
  });

  it('goes where the contact register says at that moment, which is asked for no other', async () => {
    const [giver, helper] = await pair();
    await at(until(12), async () => {
      await given(giver, giver, helper, right());
      await box.spread();
      assert.deepEqual(box.askedFor, []);
      const moved = { epostadresse: 'ny@example.org', epostadresse_oppdatert: new Date() };
      box.register.set(giver.number, entryOf(giver.number, { kontaktinformasjon: moved }));
      await box.send();
    });
    assert.deepEqual(new Set(box.askedFor.flat()), new Set([giver.number, helper.number]));
    assert.equal(box.emails.filter(({ to }) => to === 'ny@example.org').length, 1);
    assert.deepEqual(emailsTo(giver), []);
    const { rows } = await world.database.db.raw(
      'select row_to_json(sent)::text as row from notice_delivery sent where person = any(?)',
      [[giver.id, helper.id]],
    );
    for (const { row } of rows)
      for (const known of ['@', '+47', giver.number, helper.number])
        assert.ok(!row.includes(known), row);
  });

  const old = new Date(Date.now() - 560 * DAY);
  const now = new Date();
  const silent: [string, object | null, string][] = [
    ['who is reserved', { reservasjon: 'JA' }, 'reserved'],
    ['of whom the register does not say that they are not', { reservasjon: undefined }, 'reserved'],
    ['whom the register does not know', null, 'no_address'],
    ['whose addresses may not be used', { varslingsstatus: 'KAN_IKKE_VARSLES' }, 'no_address'],
    ['whom the register has struck off', { status: 'SLETTET' }, 'no_address'],
    [
      'whose addresses nobody has confirmed for eighteen months',
      {
        kontaktinformasjon: {
          ...{ epostadresse: 'gammel@example.org', epostadresse_oppdatert: old },
          ...{ mobiltelefonnummer: '91234567', mobiltelefonnummer_sist_verifisert: old },
        },
      },
      'no_address',
    ],
    [
      'whose addresses are none',
      {
        kontaktinformasjon: {
          ...{ epostadresse: 'en@example.org,to@example.org', epostadresse_oppdatert: now },
          ...{ mobiltelefonnummer: '112', mobiltelefonnummer_oppdatert: now },
        },
      },
      'no_address',
    ],
  ];
  for (const [who, entry, why] of silent)
    it(`is sent to nobody ${who}`, async () => {
      const giver = await person('Stille Person', entry);
      await at(until(12), async () => {
        await sent(giver, await newPerson(), right());
        await box.send();
      });
      assert.deepEqual([box.emails, box.sms], [[], []]);
      const dropped = ['email', 'sms'].map((channel) => `done ${channel} dropped ${why}`);
      assert.deepEqual(await statesOf(giver), dropped);
    });

  it('is sent to no child under fifteen, to none of the dead, and to no organisation', async () => {
    const year = new Date().getUTCFullYear();
    const [child, youth, undated] = [
      await person('Barn Barnesen'),
      await person('Ung Ungsen'),
      await person('Barn Uten Dato'),
    ];
    await putParty(child, { bornOn: `${year - 14}-12-31` });
    await putParty(youth, { bornOn: `${year - 16}-01-01` });
    await newRole('foreldreansvar', undated, await newPerson());
    const [gone, firm] = [await person('Død Dødesen'), await newOrganization()];
    box.register.set(firm.number, entryOf(firm.number));
    await box.send();
    for (const one of [child, youth, undated, gone, firm]) await insertNotice(one, 'consent_ends');
    await box.spread();
    await putParty(gone, { endedAt: new Date().toISOString() });
    await at(morning(), box.send);
    assert.deepEqual(
      [child, youth, undated, gone].map((one) => emailsTo(one).length),
      [0, 1, 0, 0],
    );
    assert.deepEqual(await statesOf(gone), ['daily either dropped ended']);
    assert.deepEqual(
      [await statesOf(child), await statesOf(undated), await statesOf(firm)],
      [[], [], []],
    );
  });

  it('waits for the morning by SMS, but where one may have to stop it', async () => {
    const [giver, helper] = await pair();
    const night = until(23);
    await at(night, async () => {
      await given(giver, giver, helper, right());
      await box.send();
    });
    const said = () => box.sms.map(({ text }) => text);
    assert.deepEqual(said(), [words('done')]);
    assert.equal(emailsTo(helper).length, 1);
    await at(night + 8.5 * HOUR, box.send);
    assert.equal(box.sms.length, 1);
    await at(night + 9.5 * HOUR, box.send);
    assert.deepEqual(said(), [words('done'), words('received')]);
  });

  it('says once a day all that can wait, and by SMS to one without an e-mail address', async () => {
    const receiver = await person('Daglig Person');
    const info = { mobiltelefonnummer: '99999999', mobiltelefonnummer_oppdatert: new Date() };
    const telephone = await person('Bare Telefon', { kontaktinformasjon: info });
    for (const one of [receiver, telephone, receiver]) await insertNotice(one, 'mandate_ended');
    await box.spread();
    await insertNotice(receiver, 'consent_ends');
    await box.send();
    assert.deepEqual([emailsTo(receiver), box.sms], [[], []]);
    await at(morning(), box.send);
    assert.deepEqual(emailsTo(receiver).map(firstLine), [words('daily')]);
    assert.deepEqual(
      box.sms.map(({ to, text }) => [to, text]),
      [['+4799999999', words('daily')]],
    );
  });

  it('says once an hour that somebody asks', async () => {
    const [giver, bank] = [await person('Spurt Person'), await newOrganization()];
    const asks = (days: number) =>
      ask(giver, bank, { validTo: inDays(days), portalViewMode: 'Show' });
    const noon = until(12);
    await at(noon, async () => {
      await asks(9);
      await box.send();
    });
    assert.equal(emailsTo(giver).length, 1);
    await at(noon + 600_000, async () => {
      await asks(8);
      await asks(7);
      await box.send();
    });
    assert.equal(emailsTo(giver).length, 1, 'within the hour');
    await at(noon + HOUR + 600_000, box.send);
    assert.deepEqual(emailsTo(giver).map(firstLine), [words('asked'), words('asked')]);
  });

  it('is not sent where it has been read, but where one may have to stop it', async () => {
    const [giver, helper] = await pair();
    await at(until(12), async () => {
      await given(giver, giver, helper, right());
      await box.spread();
      const read = world.database.db('notice').whereIn('party', [giver.id, helper.id]);
      await read.update({ read_at: new Date() });
      await box.send();
    });
    assert.deepEqual([emailsTo(giver).length, emailsTo(helper).length], [1, 0]);
    const dropped = ['email', 'sms'].map((channel) => `received ${channel} dropped read`);
    assert.deepEqual(await statesOf(helper), dropped);
  });

  it('tells of what is changed in one’s name or for one, and not of what one has ended', async () => {
    const [giver, helper] = await pair();
    const id = await given(giver, giver, helper, right());
    await box.send();
    box.emails.length = 0;
    assert.equal((await change(giver, id, { validTo: inDays(400) })).status, 200);
    await box.send();
    assert.deepEqual(emailsTo(helper).map(firstLine), [words('changed')]);
    const before = await statesOf(giver);
    for (const [method, path] of [
      ['POST', '/suspend'],
      ['DELETE', ''],
    ] as const)
      await call(method, `${MANDATES}/${id}${path}`, await personToken(giver));
    await box.spread();
    assert.deepEqual(await statesOf(giver), before);
  });

  it('asks a stranger for a yes, and tells the giver at once what was sent in its name', async () => {
    const [giver, helper] = [await person('Gi Giversen'), await person('Fremmed Person')];
    await at(until(12), async () => {
      await sent(giver, helper, right());
      await box.send();
    });
    assert.deepEqual([emailsTo(giver), emailsTo(helper)].flat().map(firstLine), [
      words('done'),
      words('asked'),
    ]);
  });

  it('tells a giver of its own consent, in the language that the register says', async () => {
    const giver = await person('Nynorsk Person', { spraak: 'nn' });
    const id = await ask(giver, await newOrganization());
    await approve(id, giver);
    await box.send();
    assert.ok(emailsTo(giver).map(firstLine).includes(words('done', 'nn')));
    const before = await statesOf(giver);
    await withdraw(id, giver);
    await box.spread();
    assert.deepEqual(await statesOf(giver), before);
  });

  it('is sent of what one may have to stop though an intruder has read it at once', async () => {
    const [giver, helper] = await pair();
    await given(giver, giver, helper, right());
    await world.database.db('notice').where({ party: giver.id }).update({ read_at: new Date() });
    await box.send();
    assert.deepEqual(emailsTo(giver).map(firstLine), [words('done')]);
  });

  it('is sent once an hour, or ten minutes, of what somebody does again and again', async () => {
    const [giver, helper] = await pair();
    const noon = until(12);
    const turn = async (id: string, times: number) => {
      for (let time = 0; time < times; time += 1)
        for (const how of ['suspend', 'resume'])
          await call('POST', `${MANDATES}/${id}/${how}`, await personToken(giver));
      await box.send();
    };
    const isOfTurns = (one: { text: string }) =>
      [words('turned'), words('changed')].includes(firstLine(one)!);
    const counts = () => [giver, helper].map((one) => emailsTo(one).filter(isOfTurns).length);
    await at(noon, async () => {
      const id = await given(giver, giver, helper, right());
      await turn(id, 1);
      assert.deepEqual(counts(), [1, 1]);
      await turn(id, 3);
      assert.deepEqual(counts(), [1, 1]);
    });
    await at(noon + 11 * 60_000, box.send);
    assert.deepEqual(counts(), [2, 1]);
    await at(noon + HOUR + 60_000, box.send);
    assert.deepEqual(counts(), [2, 2]);
  });

  it('is sent to no receiver who has not accepted, or has silenced the giver, but the first', async () => {
    const [giver, stranger] = [await person('Gi Giversen'), await person('Fremmed Person')];
    const id = await sent(giver, stranger, right());
    await change(giver, id, { validTo: inDays(30) });
    await box.spread();
    const asked = ['email', 'sms'].map((channel) => `asked ${channel} waiting`);
    assert.deepEqual(await statesOf(stranger), asked);
    const [other, helper] = await pair();
    const known = await given(other, other, helper, right());
    await box.spread();
    const before = await statesOf(helper);
    const silence = { party: helper.id, sender: other.id, at: new Date(), by_party: helper.id };
    await world.database.db('silence').insert(silence);
    for (const how of ['suspend', 'resume'])
      await call('POST', `${MANDATES}/${known}/${how}`, await personToken(other));
    await box.spread();
    assert.deepEqual(await statesOf(helper), before);
  });

  it('asks for no answer where none is awaited any more, nor of another parent', async () => {
    const giver = await person('Spurt Person');
    const id = await ask(giver, await newOrganization(), { portalViewMode: 'Show' });
    await box.spread();
    await approve(id, giver);
    await box.send();
    const dropped = ['email', 'sms'].map((channel) => `asked ${channel} dropped answered`);
    assert.deepEqual(
      (await statesOf(giver)).filter((one) => one.startsWith('asked')),
      dropped,
    );
    const father = await person('Far Farsen');
    await insertNotice(father, 'mandate_sent');
    await box.spread();
    assert.deepEqual(await statesOf(father), ['daily either waiting']);
  });

  it('is one part of an SMS in each language, for a site of fourteen characters', () => {
    const gsm7 =
      /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;
    for (const language of LANGUAGES)
      for (const kind of KINDS) {
        const text = t(language, `delivery.${kind}`, { site: 'fullmakter.nok' });
        assert.match(text, gsm7);
        assert.ok(text.length <= 160, `${language} ${kind}: ${text.length}`);
      }
  });
});
