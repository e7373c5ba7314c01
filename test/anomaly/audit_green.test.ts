// An audit finds nothing where nothing was changed, though much went on: an import, nodes that
// write at once of which one goes, and what was erased by the operator's rule.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { letGo } from '../../server/notice_due/let_go.ts';
import { actAlone } from '../../server/platform/act.ts';
import { openDatabase } from '../../server/platform/db/db.ts';
import { readEnv } from '../../server/platform/env/env.ts';
import { bank, signedWith, somethingHappens } from '../support/log.ts';
import { goesOn } from '../support/aged.ts';
import { filledDatabase, runCommand, startServer } from '../support/run/process.ts';
import { freePort, inDays, numberOf } from '../support/world.ts';

const EACH = 12;
const YEARS_AGO = inDays(-900);

/** Imports a consent that was given and withdrawn years ago; answers with its id. */
async function bringIn(settings: Record<string, string>): Promise<string> {
  const [id, file] = [randomUUID(), join(mkdtempSync(join(tmpdir(), 'tillit-old-')), 'old.json')];
  const old = {
    id,
    state: 'withdrawn',
    from: numberOf('Kari Testdal'),
    to: bank.number,
    ...{ validTo: inDays(-600), requestedAt: YEARS_AGO, answeredAt: YEARS_AGO },
    withdrawnAt: inDays(-800),
    rights: [{ resource: 'inntekt', metadata: { inntektsaar: '2022' } }],
  };
  writeFileSync(file, JSON.stringify({ tillit: 1, consentRequests: [old] }));
  const { status, stderr } = await runCommand('server/import/commands.ts', [file], settings);
  assert.equal(status, 0, stderr);
  return id;
}

/** Erases by the rule of 400 days, as the nightly job does a month after it notified. */
async function eraseOld(settings: Record<string, string>, id: string): Promise<void> {
  const { secret } = readEnv({ NODE_ENV: 'test', ...settings });
  const database = await openDatabase({
    ...{ databaseUrl: settings.DATABASE_URL!, databasePool: 2, dataDir: '', secret },
  });
  await database.db.raw(
    "update consent_request set erasing_told_at = now() - interval '31 days' where id = ?",
    [id],
  );
  const rule = { consentEvents: 400, mandateEvents: 400, feed: 0, archive: undefined };
  await letGo(actAlone(database.db), rule, goesOn);
  const { rows } = await database.db.raw('select erased_after from consent_request where id = ?', [
    id,
  ]);
  await database.close();
  assert.deepEqual(rows, [{ erased_after: 400 }]);
}

// The embedded database serves one node, and has no port that the audit could ask.
if (process.env.TEST_DATABASE_URL)
  describe('an audit', () => {
    it('is green over an import, two nodes of which one goes, and what was erased by rule', async () => {
      const ports = [await freePort(), await freePort()];
      const settings: Record<string, string> = {
        ...(await filledDatabase()),
        NODE_ENV: 'test',
        ISSUER: `http://127.0.0.1:${ports[0]}`,
      };
      const old = await bringIn(settings);
      const [stays, goes] = await Promise.all(ports.map((port) => startServer(settings, port)));
      const many = (node: typeof stays) =>
        Promise.allSettled(Array.from({ length: EACH }, () => somethingHappens(node!)));
      await Promise.all([many(stays), many(goes)]);
      const last = many(goes);
      await goes!.stop('SIGTERM');
      await Promise.all([last, many(stays)]);
      await signedWith(stays!, await somethingHappens(stays!));
      await eraseOld(settings, old);
      const { note, size } = await signedWith(stays!, await somethingHappens(stays!));
      await stays!.stop('SIGTERM');
      const file = join(mkdtempSync(join(tmpdir(), 'tillit-audit-')), 'checkpoint');
      writeFileSync(file, note);
      const { status, stdout } = await runCommand(
        'clients/audit/main.ts',
        ['--checkpoint', file],
        settings,
      );
      assert.equal(status, 0, stdout);
      assert.match(stdout, new RegExp(`^green: ${size} leaves`, 'm'));
      assert.ok(size > 3 * EACH, 'hardly anything happened');
    });
  });
