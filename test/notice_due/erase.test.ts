// What is erased of what has ended: thirty days after whoever has a receipt was notified, with what
// the log had of it kept, by an act that names the rule, and in the archive first.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { leafHash } from '../../clients/log/tree.ts';
import { letGo, tellErasing } from '../../server/notice_due/let_go.ts';
import { actAlone } from '../../server/platform/act.ts';
import type { Keeping } from '../../server/platform/env/env.ts';
import { loggedIn, mainText } from '../support/pages/browser.ts';
import { age, goesOn, undone } from '../support/aged.ts';
import { end, given, can, newFirm, newResource } from '../support/rights/rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  reject,
  withdraw,
  world,
} from '../support/world.ts';

const RULE: Keeping = { consentEvents: 400, mandateEvents: 400, feed: 0, archive: undefined };
const typesOf = async (db: Knex, id: string): Promise<string[]> =>
  (
    await db.raw('select type from event where ? in (consent_id, mandate_id) order by id', [id])
  ).rows.map(({ type }: { type: string }) => type);

describe('what is erased', () => {
  async function ended(): Promise<{ giver: Awaited<ReturnType<typeof newPerson>>; id: string }> {
    const giver = await newPerson();
    const id = await ask(giver, await newOrganization());
    await approve(id, giver);
    await withdraw(id, giver);
    return { giver, id };
  }

  it('stays until thirty days after its giver was notified, once', async () => {
    const { giver, id } = await ended();
    const noticesOf = async (trx: Knex) =>
      (
        await trx.raw(
          "select party from notice where consent_id = ? and type = 'consent_erased_soon'",
          [id],
        )
      ).rows;
    await undone(async (trx) => {
      await age(trx, id, 380, false);
      const act = actAlone(trx);
      await tellErasing(act, { ...RULE, consentEvents: 420 }, goesOn);
      assert.deepEqual(await noticesOf(trx), [], 'forty days before');
      await letGo(act, { ...RULE, consentEvents: 370 }, goesOn);
      assert.equal((await typesOf(trx, id)).length, 6, 'nobody was notified');
      await tellErasing(act, RULE, goesOn);
      await tellErasing(act, RULE, goesOn);
      assert.deepEqual(await noticesOf(trx), [{ party: giver.id }]);
      await letGo(act, { ...RULE, consentEvents: 370 }, goesOn);
      assert.equal((await typesOf(trx, id)).length, 6, 'the same day');
      await trx.raw(
        "update consent_request set erasing_told_at = now() - interval '30 days' where id = ?",
        [id],
      );
      await letGo(act, { ...RULE, consentEvents: 370 }, goesOn);
      assert.deepEqual(await typesOf(trx, id), ['requested', 'approved', 'withdrawn']);
    });
  });

  it('notifies both sides of a power of attorney, and nobody of what nobody answered', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    const resource = await newResource([can('read', 'dagl')]);
    const mandate = await given(boss, firm, clerk, { resource, actions: ['read'] });
    await end(boss, mandate);
    const [giver, asker] = [await newPerson(), await newOrganization()];
    const open = await ask(giver, asker);
    const no = await ask(giver, asker);
    await reject(no, giver);
    await undone(async (trx) => {
      for (const id of [mandate, open, no]) await age(trx, id, 800, false);
      await tellErasing(actAlone(trx), RULE, goesOn);
      const { rows } = await trx.raw(
        "select party from notice where mandate_id = ? and type = 'mandate_erased_soon'",
        [mandate],
      );
      const parties = rows.map(({ party }: { party: string }) => party);
      assert.deepEqual(parties.sort(), [firm.id, clerk.id].sort());
      const { rows: told } = await trx.raw(
        "select consent_id as id from notice where party = ? and type = 'consent_erased_soon'",
        [giver.id],
      );
      assert.deepEqual(told, [{ id: no }]);
    });
  });

  it('leaves its leaf as it was signed, in the database and in the archive, and says by which rule', async () => {
    const { id } = await ended();
    const archive = mkdtempSync(join(tmpdir(), 'tillit-archive-'));
    await undone(async (trx) => {
      await age(trx, id, 800);
      await letGo(actAlone(trx), { ...RULE, archive }, goesOn);
      const { rows: leaves } = await trx.raw(
        `select gone.leaf, leaf.position, encode(substr(tile.hashes, (leaf.position % 256)::int * 32 + 1, 32), 'hex') as hash from event_let_go gone
          join log_leaf leaf on leaf.event_id = gone.id join log_tile tile on tile.log = leaf.log and tile.level = 0 and tile.tile = leaf.position / 256 order by gone.id`,
      );
      assert.ok(leaves.length >= 3);
      for (const { leaf, hash } of leaves)
        assert.equal(leafHash(Buffer.from(leaf)).toString('hex'), hash);
      const { rows: acts } = await trx.raw(
        "select detail from event where type = 'erased' order by id desc limit 1",
      );
      const { rows: marked } = await trx.raw(
        'select erased_after from consent_request where id = ?',
        [id],
      );
      assert.deepEqual(marked, [{ erased_after: 400 }]);
      const { rule, leaves: named } = acts[0].detail;
      assert.equal(rule, 'CONSENT_EVENT_DAYS 400');
      const positions = leaves.map(({ position }: { position: number }) => Number(position));
      assert.deepEqual(
        named,
        positions.sort((a: number, b: number) => a - b),
      );
      const [file] = readdirSync(archive);
      const lines = readFileSync(join(archive, file!), 'utf8').trim().split('\n');
      const kept = lines.map((line) => JSON.parse(line));
      assert.deepEqual(
        kept.map(({ leaf }) => leaf).sort(),
        leaves.map(({ leaf }: any) => leaf).sort(),
      );
      for (const { leaf, disclosures } of kept)
        for (const text of disclosures)
          assert.ok(JSON.parse(leaf)._sd.includes(hash('sha256', text, 'base64url')));
    });
  });

  it('is not what somebody has changed, which stays for the audit', async () => {
    const { id } = await ended();
    await undone(async (trx) => {
      await age(trx, id, 800);
      const { rows } = await trx.raw(
        "select id from event where consent_id = ? and type = 'withdrawn' order by id limit 1",
        [id],
      );
      await trx.raw('set local session_replication_role = replica');
      await trx.raw('update event set by_party = from_party, by_role = ? where id = ?', [
        'x',
        rows[0].id,
      ]);
      await trx.raw('set local session_replication_role = default');
      await assert.rejects(letGo(actAlone(trx), RULE, goesOn), new RegExp(rows[0].id));
      assert.deepEqual(await typesOf(trx, id), ['withdrawn', 'requested', 'approved', 'withdrawn']);
    });
  });

  it('is what its page says, on both sides and in each language', async () => {
    const { giver, id } = await ended();
    const { db } = world.database;
    await db.raw(
      "update consent_request set erased_at = '2026-03-01T12:00:00Z', erased_after = 400 where id = ?",
      [id],
    );
    const { page } = await loggedIn(giver, `/consents/${id}`);
    assert.match(
      mainText(page.html),
      /og kvitteringen, er slettet 1\. mars 2026 etter regelen om 400 dager\./,
    );
  });
});
