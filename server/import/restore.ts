// `npm run restored -- --point INSTANT`: after the database was set back to a point before an
// accident, takes again what people did after it so that less is let, from the archive: the same
// database restored to its end. It lets nobody more than the archive did.
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { closedRequests, closeRequestsAgain } from '../access_request/restore_store.ts';
import { endLoginsAgain } from '../caller/restore_store.ts';
import { endConsentsAgain, endedConsents } from '../consent/answer/restore_store.ts';
import type { NewEvent, NewMandateEvent } from '../event/store.ts';
import { eventsLost, putEventsBack, type EventRow } from '../event/restore_store.ts';
import { mandatesOf, takeMandatesAgain, type TakenMandate } from '../mandate/restore_store.ts';
import { replaceKeys } from '../oidc/keys/keys.ts';
import {
  endPermissionsAgain,
  revokeAgain,
  takeStatesAgain,
} from '../oidc/provider/restore_store.ts';
import { listKeys } from '../oidc/provider/store.ts';
import { takeParties } from '../party/restore_store.ts';
import { actAlone, type Act } from '../platform/act.ts';
import { liftLimits, openDatabase, withoutLimits, type Db } from '../platform/db/db.ts';
import { isSameDatabase, openArchive } from '../platform/db/archive_store.ts';
import { fitSchema } from '../platform/db/migrate.ts';
import { readEnvOf } from '../platform/env/env.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import { readNodes } from '../platform/node_store.ts';
import { noteOperatorAct, operatorActsSince } from '../platform/operator_store.ts';
import { lastRestoration, noteRestoration } from '../platform/restoration_store.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { openSeal } from '../platform/secret/seal_store.ts';

const USAGE = 'usage: npm run restored -- --point 2026-11-28T09:30:00Z';
/** An act of before the point may have been committed after it. */
const MARGIN_MILLIS = 300_000;
/** Subjects of one statement. */
const LOT = 1_000;

/** Acts after which less is let, or less is left to use. */
const RESTRICTING = new Set([
  ...['rejected', 'withdrawn', 'deleted', 'used', 'suspended', 'resumed'],
  ...['ended', 'renounced', 'changed', 'right_rejected', 'right_withdrawn'],
]);

interface Taken {
  consents: Record<string, number>;
  mandates: Record<'ended' | 'suspended' | 'narrowed' | 'used', number>;
  requests: number;
  tokens: number;
  grants: number;
  permissions: number;
  logins: number;
}

const subjectOf = (row: EventRow): string | null =>
  row.consent_id ?? row.mandate_id ?? row.request_id;

function* lotsOf<One>(all: Iterable<One>): Generator<One[]> {
  const list = [...all];
  for (let at = 0; at < list.length; at += LOT) yield list.slice(at, at + LOT);
}

/** Counts events that the archive alone has, by type, and finds the subjects that they restrict. */
async function lookAtLost(db: Db, archive: Db, after: string) {
  const types = new Map<string, number>();
  const subjects = new Set<string>();
  for await (const lot of eventsLost(db, archive, after))
    for (const row of lot) {
      types.set(row.type, (types.get(row.type) ?? 0) + 1);
      const subject = subjectOf(row);
      if (subject && RESTRICTING.has(row.type)) subjects.add(subject);
    }
  return { types, subjects };
}

/** Ends, suspends and narrows what the archive did; answers with what, by subject. */
async function takeSubjects(
  db: Db,
  archive: Db,
  subjects: Set<string>,
): Promise<{
  taken: Pick<Taken, 'consents' | 'mandates' | 'requests'>;
  acts: Map<string, string[]>;
}> {
  const acts = new Map<string, string[]>();
  const note = (subject: string, act: string) =>
    acts.set(subject, [...(acts.get(subject) ?? []), act]);
  const consents: Record<string, number> = {};
  const mandates = { ended: 0, suspended: 0, narrowed: 0, used: 0 };
  let requests = 0;
  for (const ids of lotsOf(subjects)) {
    const ended = await endedConsents(archive, ids);
    const held = await mandatesOf(archive, ids);
    const closed = await closedRequests(archive, ids);
    await takeParties(db, archive, [
      ...ended.flatMap(({ consent }) => consent.answered_by ?? []),
      ...held.flatMap((row) => row.suspended_by ?? []),
      ...closed.map((row) => row.changed_by),
    ]);
    for (const { id, state } of await endConsentsAgain(db, ended)) {
      consents[state] = (consents[state] ?? 0) + 1;
      note(id, state);
    }
    for (const mandate of await takeMandatesAgain(db, held))
      for (const act of ['ended', 'suspended', 'narrowed', 'used'] as const)
        if (mandate[act]) {
          mandates[act] += 1;
          note(subjectIn(mandate), act);
        }
    for (const id of await closeRequestsAgain(db, closed)) {
      requests += 1;
      note(id, 'closed');
    }
  }
  return { taken: { consents, mandates, requests }, acts };
}

const subjectIn = ({ id, consentId }: TakenMandate): string => consentId ?? id;

/** Puts the events of what was taken back, and the operator's own after them. */
async function putBack(
  act: Act,
  archive: Db,
  { after, acts, point }: { after: string; acts: Map<string, string[]>; point: Date },
): Promise<number> {
  const latest = new Map<string, EventRow>();
  let count = 0;
  for await (const lot of eventsLost(act.db, archive, after)) {
    const rows = lot.filter((row) => acts.has(subjectOf(row) ?? ''));
    for (const row of rows) latest.set(subjectOf(row)!, row);
    await putEventsBack(act, rows, []);
    count += rows.length;
  }
  // A use that is counted again is no act of the operator's.
  const restored = [...latest].flatMap(([subject, row]) => {
    const taken = acts.get(subject)!.filter((one) => one !== 'used');
    return taken.length ? restoredEvent(row, { acts: taken, point }) : [];
  });
  for (const lot of lotsOf(restored)) await putEventsBack(act, [], lot);
  return count;
}

const restoredEvent = (row: EventRow, detail: object): NewEvent | NewMandateEvent => {
  const sides = { fromParty: row.from_party, toParty: row.to_party, byParty: null, detail };
  if (row.consent_id)
    return { type: 'restored', consentId: row.consent_id, handledBy: row.handled_by, ...sides };
  return {
    type: 'restored',
    ...(row.mandate_id ? { mandateId: row.mandate_id } : { requestId: row.request_id! }),
    ...sides,
  };
};

interface Keys {
  /** Keys of the archive that are not here: nobody has what they signed taken here. */
  missing: string[];
  /** Keys that had been replaced, and are again. */
  replaced: string[];
}

/** Replaces the signing keys that the operator replaced after the point. */
async function takeKeysAgain(db: Db, archive: Db, seal: Seal, since: Date): Promise<Keys> {
  const [own, theirs] = [await listKeys(db), await listKeys(archive)];
  const has = (keys: typeof own, kid: string) => keys.some((key) => key.kid === kid);
  const gone = (await operatorActsSince(archive, since))
    .filter(({ command }) => command === 'keys')
    .flatMap(({ detail }) => (detail as { replaced?: string[] }).replaced ?? []);
  const replaced = gone.filter((kid) => has(own, kid) && !has(theirs, kid));
  if (replaced.length) await replaceKeys(db, seal, replaced);
  return { missing: theirs.map(({ kid }) => kid).filter((kid) => !has(own, kid)), replaced };
}

export interface Restored extends Taken, Keys {
  epoch: number;
  /** Events that were put back, and of all that were lost how many of each type. */
  putBack: number;
  lost: Map<string, number>;
  /** The operator's own acts after the point. */
  operatorActs: { at: Date; command: string; detail: object }[];
}

/**
 * Takes again, in the transaction of the act, what the archive says was done after the point.
 * Repeated for the same point it takes what is missing still, and begins no other epoch.
 */
export async function restoreFrom(
  act: Act,
  archive: Db,
  { point, seal }: { point: Date; seal: Seal },
): Promise<Restored> {
  const { db } = act;
  const since = new Date(point.getTime() - MARGIN_MILLIS);
  const after = uuidv7Floor(since);
  const { types, subjects } = await lookAtLost(db, archive, after);
  const { taken, acts } = await takeSubjects(db, archive, subjects);
  const put = await putBack(act, archive, { after, acts, point });
  const tokens = await revokeAgain(act, archive);
  const permissions = await endPermissionsAgain(db, archive, since);
  const grants = await takeStatesAgain(db, archive);
  const logins = await endLoginsAgain(db, archive);
  const keys = await takeKeysAgain(db, archive, seal, since);
  const last = await lastRestoration(db);
  const isSame = last?.point.getTime() === point.getTime();
  const epoch = isSame ? last!.epoch : await noteRestoration(act, point);
  const operatorActs = await operatorActsSince(archive, point);
  await noteOperatorAct(act, 'restored', { point, epoch, ...taken, tokens, putBack: put });
  return {
    ...{ ...taken, tokens, permissions, grants, logins, ...keys },
    ...{ epoch, putBack: put, lost: types, operatorActs },
  };
}

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
    `  signing keys replaced: ${done.replaced.join(' ') || 'none'}`,
    `Signing keys that are missing, so that nothing they signed is taken: ${done.missing.join(' ') || 'none'}`,
    `Events after the point: ${counted(done.lost)}; put back: ${done.putBack}`,
    'Whatever let more, and all else, is to be done again by whoever did it.',
    `The operator's acts after the point: ${done.operatorActs.length || 'none'}`,
    ...done.operatorActs.map(
      ({ at, command, detail }) => `  ${at.toISOString()} ${command} ${JSON.stringify(detail)}`,
    ),
    `Feeds: epoch ${done.epoch}; a place of before is AM.VLD-00053.`,
  ];
}

function pointIn(args: string[]): Date {
  const { values } = parseArgs({ args, options: { point: { type: 'string' } } });
  const point = new Date(values.point ?? '');
  const isExact = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(
    values.point ?? '',
  );
  if (!isExact || Number.isNaN(+point)) throw new Error(USAGE);
  return point;
}

/** Throws where it would not be what it is said to be. */
async function mustBeRestored({ db, now }: Act, archive: Db, point: Date) {
  if (point > now) throw new Error('The point is in the future.');
  if (await isSameDatabase(db, archive))
    throw new Error('RESTORE_FROM is the database itself, not the archive beside it.');
  // Those that served at the point did so on another database.
  const serving = (await readNodes(db)).filter(
    ({ serves, seenAt }) => serves && seenAt > point,
  ).length;
  if (serving)
    throw new Error(
      `${serving} nodes served on this database within the last minute: stop them first.`,
    );
}

async function main(args: string[]): Promise<void> {
  const point = pointIn(args);
  const env = readEnvOf('restored');
  if (!env.restoreFrom) throw new Error('RESTORE_FROM: is required, the address of the archive');
  const database = await openDatabase(env);
  const archive = await openArchive(env.restoreFrom);
  try {
    await fitSchema(database.db, { migrates: false });
    const seal = await openSeal(database.db, env);
    await mustBeRestored(actAlone(database.db), archive.db, point);
    const done = await withoutLimits(database.db, (own) =>
      own.transaction(async (trx) => {
        await liftLimits(trx);
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
