// `npm run restored -- --point INSTANT`: after a restore, takes again from the archive what let
// less (restore.ts), and says what it took and what is lost.
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { hasEvent, lastEventBefore } from '../event/restore_store.ts';
import { actAlone, type Act } from '../platform/act.ts';
import { liftLimits, openDatabase, withoutLimits, type Db } from '../platform/db/db.ts';
import { isSameDatabase, openArchive } from '../platform/db/archive_store.ts';
import { fitSchema, mustFit } from '../platform/db/migrate.ts';
import { readEnvOf } from '../platform/env/env.ts';
import { LAST_ID, uuidv7Floor } from '../platform/ids.ts';
import { readNodes } from '../platform/node_store.ts';
import { holdNodes, isAgain, lastRestoration } from '../platform/restoration_store.ts';
import { openSeal } from '../platform/secret/seal_store.ts';
import { restoreFrom, type Restored } from './restore.ts';

const USAGE = 'usage: npm run restored -- --point 2026-11-28T09:30:00Z';

const counted = (counts: Iterable<[string, number]>): string =>
  [...counts].map(([what, count]) => `${what} ${count}`).join(', ') || 'none';

function report(done: Restored, point: Date): string[] {
  return [
    `Taken again, of the time after ${point.toISOString()}:`,
    `  consents: ${counted(Object.entries(done.consents))}`,
    `  mandates: ${counted(Object.entries(done.mandates))}`,
    `  requests for a right refused or withdrawn: ${done.requests}`,
    `  tokens revoked: ${done.tokens}; grants, codes and refresh tokens that were no more: ${done.grants}`,
    `  clients that may no longer go on after the login: ${done.permissions}; logins ended: ${done.logins}`,
    `  system users ended or suspended: ${done.systems}; relations ended: ${done.relations}`,
    `  groups, their rights and members ended: ${done.groups}`,
    `  signing keys replaced: ${done.replaced.join(' ') || 'none'}`,
    `Signing keys that are missing, so that nothing they signed is taken: ${done.missing.join(' ') || 'none'}`,
    `Events after the point: ${counted(done.lost)}; put back: ${done.putBack}`,
    'Whatever let more, and all else, is to be done again by whoever did it.',
    `Clients that are not as they were at the end, to import again: ${done.clients.join(' ') || 'none'}`,
    `The operator's acts after the point: ${done.operatorActs.length || 'none'}`,
    ...done.operatorActs.map(
      ({ at, command, detail }) => `  ${at.toISOString()} ${command} ${JSON.stringify(detail)}`,
    ),
    `Feeds: epoch ${done.epoch}; a place of before is AM.VLD-00053.`,
  ];
}

interface Asked {
  point: Date;
  /** Said outright where the archive has nothing after the point. */
  nothingAfter: boolean;
}

function askedIn(args: string[]): Asked {
  const { values } = parseArgs({
    args,
    options: { point: { type: 'string' }, 'nothing-after': { type: 'boolean', default: false } },
  });
  const said = values.point ?? '';
  const point = new Date(said);
  const isExact = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(said);
  if (!isExact || Number.isNaN(+point)) throw new Error(USAGE);
  return { point, nothingAfter: values['nothing-after'] };
}

/** Throws where the archive is not this database as it was at its end. */
async function mustBeOfOne({ db, now }: Act, archive: Db, asked: Asked): Promise<void> {
  const { point, nothingAfter } = asked;
  if (point > now) throw new Error('The point is in the future.');
  if (await isSameDatabase(db, archive))
    throw new Error('RESTORE_FROM is the database itself, not the archive beside it.');
  await mustFit(archive);
  const last = await lastEventBefore(db, uuidv7Floor(point));
  if (last && !(await hasEvent(archive, last)))
    throw new Error(
      'RESTORE_FROM is not of this database, or is older than it: its last event before the point is not there.',
    );
  const latest = await lastEventBefore(archive, LAST_ID);
  if (!nothingAfter && !(latest && latest > uuidv7Floor(point)))
    throw new Error(
      'RESTORE_FROM has nothing after the point: is it restored to its end? --nothing-after says that there was nothing.',
    );
}

/** Throws where a node serves, or has since this was done. */
async function mustBeAlone({ db }: Act, archive: Db, point: Date): Promise<void> {
  const nodes = await readNodes(db);
  // A node that served at the point did so on another database.
  const serving = nodes.filter(({ serves, seenAt }) => serves && seenAt > point).length;
  if (serving)
    throw new Error(
      `${serving} nodes served on this database within the last minute: stop them first.`,
    );
  const own = await lastRestoration(db);
  if (
    isAgain(own, await lastRestoration(archive), point) &&
    nodes.some(({ seenAt }) => seenAt > own!.at)
  )
    throw new Error(
      `It was done at ${own!.at.toISOString()}, and nodes have served since: what came since would be undone.`,
    );
}

async function main(args: string[]): Promise<void> {
  const asked = askedIn(args);
  const env = readEnvOf('restored');
  if (!env.restoreFrom) throw new Error('RESTORE_FROM: is required, the address of the archive');
  const database = await openDatabase(env);
  const archive = await openArchive(env.restoreFrom);
  try {
    await fitSchema(database.db, { migrates: false });
    const seal = await openSeal(database.db, env);
    const { point } = asked;
    await mustBeOfOne(actAlone(database.db), archive.db, asked);
    const done = await withoutLimits(database.db, (own) =>
      own.transaction(async (trx) => {
        await liftLimits(trx);
        await holdNodes(trx);
        await mustBeAlone(actAlone(trx), archive.db, point);
        return restoreFrom(actAlone(trx), archive.db, { point, seal });
      }),
    );
    for (const line of report(done, point)) console.log(line);
  } finally {
    await archive.close();
    await database.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
