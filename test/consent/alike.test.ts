// What a party has of consents, listed and counted: many that are alike are judged by one, and each
// stands where its own state puts it, from the instant at which it changes.
import assert from 'node:assert/strict';
import { loggedIn } from '../support/browser.ts';
import { consentDetail, exchange, newClient } from '../support/clients.ts';
import { newConsentResource, rightTo } from '../support/rights.ts';
import {
  approve,
  ask,
  at,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const HOUR = 3_600_000;
const TASK = 'verge:skatteetaten-skatt';

describe("a party's consents", () => {
  let ward: TestParty;
  let guardian: TestParty;
  let [bank, lender]: TestParty[] = [];
  let [tax, pension, single]: string[] = [];

  before(async () => {
    [ward, guardian] = [await newPerson('Ola Verge'), await newPerson('Kari Verge')];
    [bank, lender] = [await newOrganization(), await newOrganization()];
    tax = await newConsentResource(['privatperson', TASK]);
    pension = await newConsentResource(['privatperson', TASK]);
    single = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
    await newRole(TASK, ward, guardian);
  });

  /** The consents on a page, and what its tab says that there are. */
  async function shown(tab: string): Promise<{ ids: string[]; n: number | undefined }> {
    const browser = await loggedIn(ward, `/consents?show=${tab}`);
    const { html } = browser.page;
    const main = html.slice(html.indexOf('<main'));
    const [, n] = /aria-current="page">[^<]*\((\d+)\)/.exec(main) ?? [];
    return {
      ids: [
        ...new Set(
          [...main.matchAll(/\/consents?\/(?:request\?id=)?([0-9a-f-]{36})/g)].map(([, id]) => id!),
        ),
      ],
      n: n === undefined ? undefined : Number(n),
    };
  }

  async function are(active: string[], waiting: string[], ended: string[]): Promise<void> {
    const each = { active, waiting, ended };
    for (const [tab, ids] of Object.entries(each)) {
      const page = await shown(tab);
      assert.deepEqual(page.ids.sort(), [...ids].sort(), tab);
      if (tab !== 'ended') assert.equal(page.n, ids.length, tab);
    }
  }

  it('are listed and counted where each stands, and leave together when what they rest on goes', async () => {
    const asked = (to: TestParty, resource: string, changes: object = {}) =>
      ask(ward, to, { ...rightTo(resource), ...changes });
    const given = async (to: TestParty, resource: string, by = ward, changes: object = {}) => {
      const id = await asked(to, resource, changes);
      assert.equal((await approve(id, by)).status, 200);
      return id;
    };
    const own = [await given(bank!, tax!), await given(bank!, tax!)];
    const another = await given(bank!, pension!);
    const byGuardian = [await given(bank!, tax!, guardian), await given(bank!, tax!, guardian)];
    const toLender = [await given(lender!, tax!), await given(lender!, pension!)];
    const soon = await given(bank!, tax!, ward, { validTo: inDays(1) });
    const [once, unused] = [await given(bank!, single!), await given(bank!, single!)];
    const client = await newClient(bank!);
    assert.equal((await exchange(client, consentDetail(once, ward))).status, 200);
    const [no, back] = [await asked(bank!, tax!), await given(bank!, tax!)];
    await reject(no, ward);
    await withdraw(back, ward);
    const waits = await asked(bank!, tax!, { portalViewMode: 'Show' });
    await asked(bank!, tax!);

    const standing = [...own, another, ...byGuardian, ...toLender, soon, unused];
    const over = [once, no, back];
    await are(standing, [waits], over);

    // Nobody holds the office any more: what was given in it goes, what is otherwise alike stays.
    await importThis({
      roleHolders: [
        { role: TASK, from: ward.number, to: guardian.number, endedAt: inDays(-0.001) },
      ],
    });
    const left = standing.filter((id) => !byGuardian.includes(id));
    await are(left, [waits], [...over, ...byGuardian]);

    await putParty(lender!, { endedAt: inDays(-0.001) });
    const kept = left.filter((id) => !toLender.includes(id));
    await are(kept, [waits], [...over, ...byGuardian, ...toLender]);

    // A service that ends takes what is about it.
    await world.database.db.raw(
      "update resource set ended_at = now() - interval '1 s' where id = ?",
      [pension!],
    );
    const last = kept.filter((id) => id !== another);
    const gone = [...over, ...byGuardian, ...toLender, another];
    await are(last, [waits], gone);

    // What has been stored since is where it was.
    await world.app.tend();
    await are(last, [waits], gone);
    await at(25 * HOUR, async () =>
      are(
        last.filter((id) => id !== soon),
        [waits],
        [...gone, soon],
      ),
    );
    await are(last, [waits], gone);
  });
});
