// After a database was set back to a point before an accident, takes again what people did after it
// so that less is let: from the archive, the same database restored to its end. It lets nobody more
// than the archive did.
import {
  closedRequests,
  closeRequestsAgain,
  reopenRequestsAgain,
} from '../access_request/restore_store.ts';
import { endLoginsAgain } from '../caller/restore_store.ts';
import {
  askDeletionAgain,
  endConsentsAgain,
  endedConsents,
  narrowConsentsAgain,
  narrowedConsents,
  reopenAgain,
} from '../consent/answer/restore_store.ts';
import { endRelationsAgain } from '../delegation/restore_store.ts';
import { appendEvents, type NewEvent, type NewMandateEvent } from '../event/store.ts';
import { eventsLost, putEventsBack, type EventRow } from '../event/restore_store.ts';
import { mandatesOf, takeMandatesAgain, type TakenMandate } from '../mandate/restore_store.ts';
import { replaceKeys } from '../oidc/keys/keys.ts';
import {
  endPermissionsAgain,
  changedClients,
  revokeAgain,
  takeStatesAgain,
} from '../oidc/provider/restore_store.ts';
import { beginList } from '../oidc/status/store.ts';
import { listKeys, listRetired } from '../oidc/keys/key_store.ts';
import { stopSystemsAgain, takeParties } from '../party/restore_store.ts';
import type { Act } from '../platform/act.ts';
import type { Db } from '../platform/db/db.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import { noteOperatorAct, operatorActsSince } from '../platform/operator_store.ts';
import { isAgain, lastRestoration, noteRestoration } from '../platform/restoration_store.ts';
import type { Seal } from '../platform/secret/seal.ts';

/** An act of before the point may have been committed after it. */
const MARGIN_MILLIS = 300_000;
/** Subjects of one statement. */
const LOT = 1_000;

/** Acts after which less is let, or less is left to use, of a consent, a mandate or a request. */
const RESTRICTING = new Set([
  ...['rejected', 'withdrawn', 'deleted', 'suspended', 'ended', 'renounced'],
  ...['used', 'changed', 'answer_taken_back', 'right_rejected', 'right_withdrawn'],
  ...['right_yes_taken_back', 'deletion_asked'],
]);
/** Acts that let less, of no such subject. */
const OF_NONE = [
  ...['offline_ended', 'unrelated', 'group_ended', 'group_left', 'group_closed'],
  'system_suspended',
];

/**
 * Whether somebody has done it. What a register or the clock did comes again by itself, where it is
 * true; an accident may have been such a word.
 */
const isActOfOne = ({ type, by_party }: EventRow): boolean => by_party !== null || type === 'used';

interface Taken {
  consents: Record<string, number>;
  mandates: Record<'ended' | 'suspended' | 'narrowed' | 'used', number>;
  requests: number;
  tokens: number;
  grants: number;
  permissions: number;
  systems: number;
  relations: number;
  groups: number;
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
      if (subject && RESTRICTING.has(row.type) && isActOfOne(row)) subjects.add(subject);
    }
  return { types, subjects };
}

/** Ends, suspends and narrows what the archive did; answers with what, by subject. */
async function takeSubjects(
  act: Act,
  archive: Db,
  subjects: Set<string>,
): Promise<{
  taken: Pick<Taken, 'consents' | 'mandates' | 'requests'>;
  acts: Map<string, string[]>;
}> {
  const { db } = act;
  const acts = new Map<string, string[]>();
  const note = (subject: string, what: string) =>
    acts.set(subject, [...(acts.get(subject) ?? []), what]);
  const consents: Record<string, number> = {};
  const mandates = { ended: 0, suspended: 0, narrowed: 0, used: 0 };
  let requests = 0;
  for (const ids of lotsOf(subjects)) {
    const ended = await endedConsents(archive, ids);
    const narrower = await narrowedConsents(archive, ids);
    const held = await mandatesOf(archive, ids);
    const closed = await closedRequests(archive, ids);
    await takeParties(db, archive, [
      ...ended.flatMap(({ consent }) => consent.answered_by ?? []),
      ...[...ended, ...narrower].flatMap(({ rights }) =>
        rights.flatMap((right) => (right as { dropped_by?: string }).dropped_by ?? []),
      ),
      ...held.flatMap((row) => row.suspended_by ?? []),
      ...closed.map((row) => row.changed_by),
    ]);
    for (const { id, state, narrowed } of await endConsentsAgain(db, ended)) {
      consents[state] = (consents[state] ?? 0) + 1;
      note(id, state);
      if (narrowed) note(id, 'narrowed');
    }
    for (const id of await narrowConsentsAgain(db, narrower)) {
      consents.narrowed = (consents.narrowed ?? 0) + 1;
      note(id, 'narrowed');
    }
    const deletion_asked = await askDeletionAgain(db, archive, ids);
    const reopened = await reopenAgain(db, archive, ids);
    for (const [what, some] of Object.entries({ deletion_asked, reopened }))
      for (const id of some) {
        consents[what] = (consents[what] ?? 0) + 1;
        note(id, what);
      }
    for (const mandate of await takeMandatesAgain(act, held))
      for (const what of ['ended', 'suspended', 'narrowed', 'used'] as const)
        if (mandate[what]) {
          mandates[what] += 1;
          note(subjectIn(mandate), what);
        }
    const refused = await closeRequestsAgain(db, closed);
    const open = await reopenRequestsAgain(db, archive, ids);
    for (const id of refused) note(id, 'closed');
    for (const id of open) note(id, 'reopened');
    requests += refused.length + open.length;
  }
  return { taken: { consents, mandates, requests }, acts };
}

const subjectIn = ({ id, consentId }: TakenMandate): string => consentId ?? id;

/** The act that must have been taken for an event of it to come back; others cannot be undone. */
const COMES_WITH: Record<string, string> = {
  changed: 'narrowed',
  answer_taken_back: 'reopened',
  right_yes_taken_back: 'reopened',
  approved: 'withdrawn',
  deletion_asked: 'deletion_asked',
  suspended: 'suspended',
  used: 'used',
};

/** An event of what was taken; not one that is not in force here. */
function isPutBack({ type }: EventRow, taken: string[] | undefined): boolean {
  if (!taken) return OF_NONE.includes(type);
  const act = COMES_WITH[type];
  return act ? taken.includes(act) : RESTRICTING.has(type);
}

/** Puts the events of what was taken back, and the operator's own after them. */
async function putBack(
  act: Act,
  archive: Db,
  { after, acts, point }: { after: string; acts: Map<string, string[]>; point: Date },
): Promise<number> {
  const latest = new Map<string, EventRow>();
  let count = 0;
  for await (const lot of eventsLost(act.db, archive, after)) {
    const rows = lot.filter((row) => isPutBack(row, acts.get(subjectOf(row) ?? '')));
    for (const row of rows) latest.set(subjectOf(row) ?? row.id, row);
    await takeParties(
      act.db,
      archive,
      rows.flatMap((row) => row.by_party ?? []),
    );
    await putEventsBack(act.db, rows);
    count += rows.length;
  }
  // A use that is counted again is no act of the operator's.
  const restored = [...latest].flatMap(([subject, row]) => {
    const taken = [...new Set(acts.get(subject) ?? [row.type])].filter((one) => one !== 'used');
    return taken.length ? restoredEvent(row, { acts: taken, point }) : [];
  });
  for (const lot of lotsOf(restored)) await appendEvents(act, lot);
  return count;
}

const restoredEvent = (row: EventRow, detail: object): NewEvent | NewMandateEvent => {
  const sides = { fromParty: row.from_party, toParty: row.to_party, byParty: null, detail };
  if (row.consent_id)
    return { type: 'restored', consentId: row.consent_id, handledBy: row.handled_by, ...sides };
  const { mandate_id: mandateId, request_id: requestId } = row;
  return {
    type: 'restored',
    ...(mandateId ? { mandateId } : {}),
    ...(requestId ? { requestId } : {}),
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
  const has = (keys: Pick<(typeof own)[number], 'kid'>[], kid: string) =>
    keys.some((key) => key.kid === kid);
  const gone = (await operatorActsSince(archive, since))
    .filter(({ command }) => command === 'keys')
    .flatMap(({ detail }) => (detail as { replaced?: string[] }).replaced ?? []);
  const [retired, left] = [await listRetired(db), await listRetired(archive)];
  const replaced = gone.filter(
    (kid) => has([...own, ...retired], kid) && !has([...theirs, ...left], kid),
  );
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
  /** Clients that are not as they were at the end. */
  clients: string[];
}

/**
 * The epoch of feeds that begins; the same where the point is. One after all that either database
 * had: of an earlier life readers may hold places too.
 */
async function beginEpoch(act: Act, archive: Db, point: Date): Promise<number> {
  const [own, theirs] = [await lastRestoration(act.db), await lastRestoration(archive)];
  if (isAgain(own, theirs, point)) return own!.epoch;
  const epoch = Math.max(own?.epoch ?? 0, theirs?.epoch ?? 0) + 1;
  await noteRestoration(act, { epoch, point, at: act.now });
  await beginList(act, epoch);
  return epoch;
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
  const { taken, acts } = await takeSubjects(act, archive, subjects);
  const put = await putBack(act, archive, { after, acts, point });
  const tokens = await revokeAgain(act, archive);
  const permissions = await endPermissionsAgain(db, archive, since);
  const systems = await stopSystemsAgain(db, archive, since);
  const relations = await endRelationsAgain(db, archive, since);
  const grants = await takeStatesAgain(db, archive);
  const logins = await endLoginsAgain(db, archive);
  const keys = await takeKeysAgain(db, archive, seal, since);
  const epoch = await beginEpoch(act, archive, point);
  const operatorActs = await operatorActsSince(archive, point);
  const clients = await changedClients(db, archive);
  await noteOperatorAct(act, 'restored', { point, epoch, ...taken, tokens, putBack: put });
  return {
    ...{ ...taken, tokens, permissions, systems, ...relations, grants, logins, ...keys },
    ...{ epoch, putBack: put, lost: types, operatorActs, clients },
  };
}
