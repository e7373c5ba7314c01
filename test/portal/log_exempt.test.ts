// What a law exempts from being shown to those it is about: searches and decisions of owners that
// the operator lists, with the provision.
import assert from 'node:assert/strict';
import { type Browser, loggedIn, mainText } from '../support/pages/browser.ts';
import { usedVat, VAT } from '../support/rights/office.ts';
import {
  evaluate,
  given,
  MANDATES,
  newTeam,
  pdpToken,
  question,
} from '../support/rights/rights.ts';
import { call, exemptNumber, personToken, world } from '../support/world.ts';

const text = ({ page }: Browser) => mainText(page.html);
const written = () => world.app.settle();

const SUBJECTS = '/access/v1/search/subject';

describe('a decision that a law exempts', () => {
  it('is shown to nobody it was about, by the log, the API and the power of attorney', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const id = await given(boss, firm, clerk, { package: VAT });
    const scope = 'altinn:authorization/authorize.admin';
    const token = await pdpToken(scope, exemptNumber);
    const asked = await evaluate(question(clerk, 'read', 'mva-melding', firm), token);
    assert.equal(asked.body.decision, true, asked.text);
    await written();
    for (const [reader, party] of [
      [boss, firm],
      [clerk, clerk],
    ] as const) {
      const browser = await loggedIn(reader, `/log?party=${party.id}&show=uses`);
      assert.match(text(browser), /Noen oppslag kan være unntatt etter loven/);
      assert.doesNotMatch(text(browser), /fikk ja/);
      const path = `/access/v1/log/decisions?party=${party.id}`;
      assert.deepEqual((await call('GET', path, await personToken(reader))).body.data, []);
    }
    const page = await (await loggedIn(boss, '/start')).open(`/overview/${id}?party=${firm.id}`);
    assert.doesNotMatch(page.html, /id="uses"[\s\S]*<li/);
    const { body } = await call('GET', `${MANDATES}/${id}`, await personToken(boss));
    assert.equal(body.lastUsedAt, null);
  });

  it('leaves the last use as it was, and notifies nobody of a first one', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const id = await given(boss, firm, clerk, { package: VAT });
    const token = await pdpToken('altinn:authorization/authorize.admin', exemptNumber);
    const asked = question(clerk, 'read', 'mva-melding', firm);
    const noticed = async () => {
      await written();
      const { rows } = await world.database.db.raw(
        "select count(*)::int as n from notice where mandate_id = ? and type = 'mandate_used'",
        [id],
      );
      return rows[0].n;
    };
    await evaluate(asked, token);
    assert.equal(await noticed(), 0);
    await evaluate(asked);
    assert.equal(await noticed(), 1);
  });
});

describe('a search that a law exempts', () => {
  it('is shown to nobody it was about, by page, file and API, and the page says that some can be', async () => {
    const { firm, boss, clerk } = await usedVat();
    const who = {
      subject: { type: 'person' },
      action: { name: 'read' },
      resource: { type: 'resource', id: 'mva-melding', properties: { party: firm.id } },
    };
    const scope = 'altinn:authorization/authorize.admin';
    const asked = await call('POST', SUBJECTS, await pdpToken(scope, exemptNumber), who);
    assert.equal(asked.status, 200, asked.text);
    await written();
    const { rows } = await world.database.db.raw(
      'select count(*)::int as n from search_log where caller = ?',
      [exemptNumber],
    );
    assert.ok(rows[0].n >= 1, 'it is logged for those who may audit it');
    for (const [reader, party] of [
      [boss, firm],
      [clerk, clerk],
    ] as const) {
      const browser = await loggedIn(reader, `/log?party=${party.id}&show=seen`);
      assert.match(text(browser), /Noen oppslag kan være unntatt etter loven/);
      assert.doesNotMatch(text(browser), /søkte etter|i svaret på et søk/);
      const path = `/access/v1/log/searches?party=${party.id}`;
      assert.deepEqual((await call('GET', path, await personToken(reader))).body.data, []);
    }
  });
});
