// What a party has of consents, listed and counted: many that are alike are judged by one, and each
// stands where its own state puts it, from the instant at which it changes.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  API,
  approve,
  ask,
  at,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

const HOUR = 3_600_000;
/** Of the demo world. */
const IMPORTED = '3f0c1b52-0000-4000-8000-000000000001';
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
    await world.work.tend();
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

  it('are judged by the ages of the version that each asked about', async () => {
    const [parent, child] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 17}-01-01` });
    await newRole('foreldreansvar', child, parent);
    const [older, younger] = [{}, { decidesFrom: 15, parentUntil: 15 }];
    const theirs: string[] = [];
    for (const versions of [
      [older, younger],
      [younger, older],
    ]) {
      let identifier: string | undefined;
      for (const ages of versions) {
        const made = await newConsentResource(['privatperson', 'foreldreansvar'], {
          ...ages,
          ...(identifier ? { identifier } : {}),
        });
        identifier ??= made;
        const id = await ask(child, bank!, rightTo(identifier));
        assert.equal((await approve(id, ages === older ? parent : child)).status, 200);
        if (ages === older) theirs.push(id);
      }
    }
    for (const tab of ['active', 'ended', 'events']) {
      const { page } = await loggedIn(parent, `/consents?show=${tab}&party=${child.id}`);
      assert.match(page.html, /2 samtykker er gitt/, tab);
    }
    const path = `${API}/consent/active/${child.id}`;
    const { body } = await call('GET', path, await personToken(parent));
    assert.deepEqual(body.map(({ id }: { id: string }) => id).sort(), theirs.sort());
  });

  it('are about the same by whatever way they came in', async () => {
    const asked = await ask(ward, bank!, rightTo(tax!));
    const { rows } = await world.database.db.raw(
      `select request.id, request.about = substr(encode(sha256(convert_to((
          select jsonb_agg(jsonb_build_array(asked.resource_id, asked.resource_version, asked.actions) order by asked.ordinal)
          from consent_right asked where asked.consent_id = request.id)::text, 'UTF8')), 'hex'), 1, 32)::uuid as same
        from consent_request request where request.id = any(?)`,
      [[asked, IMPORTED]],
    );
    assert.deepEqual(
      rows.map(({ same }: { same: boolean }) => same),
      [true, true],
    );
  });
});
