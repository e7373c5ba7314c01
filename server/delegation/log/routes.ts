// A party's log: decisions about it, and events of its mandates.
import type { Deciding } from '../../decision/act.ts';
import { isUuid, NO_ID, LAST_ID } from '../../platform/ids.ts';
import type { Context } from 'koa';
import { person, token } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { insufficientScope, type Caller, type PersonCaller } from '../../caller/model.ts';
import { AUTHORIZE } from '../../decision/asking.ts';
import { readDecisions, readDecisionsOfOwner, type LogFilter } from '../../decision/log/store.ts';
import { readSearches } from '../../decision/search/log_store.ts';
import { MANDATE_EVENTS } from '../../event/model.ts';
import { readHistory } from '../../event/store.ts';
import { isOrganization } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { fault } from '../../platform/errors.ts';
import { coded, instant, list, oneOf, Type } from '../../platform/http/shapes.ts';
import { isMainAdministrator } from '../give/check.ts';
import { ENDUSER, nextLink } from '../enduser.ts';
import { partyOf } from '../naming.ts';
import { ownerOf } from '../owner/serviceowner.ts';
import { readerOf } from './reader.ts';
import {
  dateOf,
  LoggedDecisions,
  MandateEvents,
  queryLimit,
  queryText,
  queryUuid,
  Searches,
} from '../shapes.ts';

export interface LogApi {
  /** Organisation numbers of those whose searches are shown to nobody. */
  exemptSearches: string[];
}

interface LogAsked {
  party?: string;
  subject?: string;
}

const STANDARD = 100;

/** The parameters of a list that is read from its newest. */
export const paged = {
  party: Type.Optional(queryText(200)),
  before: Type.Optional(queryUuid()),
  limit: queryLimit(1_000, STANDARD),
};

export function logOperations({ exemptSearches: exempt }: LogApi): Operation[] {
  const own = { who: person(ENDUSER), dialect: 'own' as const, limit: 'read' as const };

  /** For a person: of a party's own, or of one that it administers for. */
  async function decisionsFor(
    act: Deciding,
    caller: PersonCaller,
    { party, subject: named }: LogAsked,
    filter: Omit<LogFilter, 'subject'>,
  ) {
    if (!caller.scopes.has(ENDUSER)) throw insufficientScope([ENDUSER]);
    const reader = await readerOf(act, caller, party);
    const found = named === undefined ? null : await partyOf(act, caller, named, '$QUERY/subject');
    const subject = found === null ? null : (found?.id ?? NO_ID);
    await mayReadByPerson(act, caller, reader.party, subject);
    return readDecisions(act.db, { ...reader, ...filter, subject, exempt });
  }

  /** TIL-00008 for a company's by person, but for its main administrators. */
  async function mayReadByPerson(
    act: Deciding,
    caller: PersonCaller,
    party: string,
    subject: string | null,
  ): Promise<void> {
    if (subject === null || [caller.party, party].includes(subject)) return;
    const read = await findParty(act, { by: 'uuid', value: party });
    if (!read || !isOrganization(read)) return;
    if (!(await isMainAdministrator(act, caller, party)))
      throw fault('TIL-00008', { because: 'no main administrator' });
  }

  /** For an organisation: about the resources that it owns; it names a subject by UUID alone. */
  async function decisionsAbout(
    act: Deciding,
    caller: Caller,
    { party, subject: named }: LogAsked,
    filter: Omit<LogFilter, 'subject'>,
  ) {
    if (!caller.scopes.has(AUTHORIZE)) throw insufficientScope([AUTHORIZE]);
    if (party !== undefined) throw fault('TIL-00008', { because: 'not a person' });
    const { id: owner } = await ownerOf(act, caller);
    const subject = named === undefined ? null : isUuid(named) ? named : NO_ID;
    return readDecisionsOfOwner(act.db, owner, { ...filter, subject });
  }

  return [
    operation(
      {
        ...own,
        who: token(ENDUSER, AUTHORIZE),
        id: 'decision_log',
        method: 'GET',
        paths: ['/access/v1/log/decisions'],
        summary:
          'Decisions for a party and about it, newest first; for an organisation, about its own resources',
        query: {
          ...paged,
          subject: Type.Optional(queryText(200)),
          resource: Type.Optional(queryText(200)),
          action: Type.Optional(queryText(200)),
          outcome: Type.Optional(queryText(50)),
          since: Type.Optional(instant()),
          until: Type.Optional(instant()),
        },
        answers: { 200: { description: 'A page', schema: LoggedDecisions } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, ctx, caller, query }) => {
        const { limit = STANDARD, before = LAST_ID } = query;
        const filter = {
          resource: query.resource ?? null,
          action: query.action ?? null,
          outcome: query.outcome ?? null,
          since: dateOf(query.since),
          until: dateOf(query.until),
          before,
          limit,
        };
        const found =
          caller.kind === 'person'
            ? await decisionsFor(act, caller, query, filter)
            : await decisionsAbout(act, caller, query, filter);
        return reply({
          data: found.map((row) => ({
            id: row.id,
            at: row.at,
            askedBy: row.caller,
            subject: row.subject && {
              id: row.subject,
              ...(row.subjectName === null ? {} : { name: row.subjectName }),
            },
            from: row.from_party,
            resource: row.resource_id,
            action: row.action,
            instance: row.instance,
            outcome: row.outcome,
            reason: row.reason,
            mandates: row.mandates,
            ...(row.groups ? { groups: row.groups } : {}),
          })),
          links: { next: older(ctx, found, limit) },
        });
      },
    ),
    operation(
      {
        ...own,
        id: 'search_log',
        method: 'GET',
        paths: ['/access/v1/log/searches'],
        summary: 'Searches by others that were about a party or told of it, newest first',
        query: paged,
        answers: { 200: { description: 'A page', schema: Searches } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, ctx, caller, query }) => {
        const reader = await readerOf(act, caller, query.party);
        const { limit = STANDARD, before = LAST_ID } = query;
        const found = await readSearches(act.db, { ...reader, before, limit, exempt });
        return reply({
          data: found.map(({ id, at, caller: askedBy, kind, about, resourceId, action }) => ({
            id,
            at,
            askedBy,
            kind,
            about,
            resource: resourceId,
            action,
          })),
          links: { next: older(ctx, found, limit) },
        });
      },
    ),
    operation(
      {
        ...own,
        id: 'mandate_events',
        method: 'GET',
        paths: ['/access/v1/log/events'],
        summary: 'What happened to the mandates of a party, newest first',
        query: {
          ...paged,
          type: Type.Optional(
            coded({ type: 'AM.VLD-00009' }, list(oneOf([...MANDATE_EVENTS]), 20)),
          ),
        },
        answers: { 200: { description: 'A page', schema: MandateEvents } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, ctx, caller, query }) => {
        const reader = await readerOf(act, caller, query.party);
        const { limit = STANDARD, before = LAST_ID, type: types = null } = query;
        const found = await readHistory(act.db, { ...reader, before, types, limit });
        return reply({
          data: found.map((row) => ({
            id: row.id,
            type: row.type,
            at: row.at,
            mandate: row.mandateId,
            request: row.requestId,
            from: { id: row.from, name: row.fromName },
            to: { id: row.to, name: row.toName },
            by: row.by && { id: row.by, name: row.byName, role: row.byRole },
            detail: row.detail,
          })),
          links: { next: older(ctx, found, limit) },
        });
      },
    ),
  ];
}

const older = (ctx: Context, found: { id: string }[], limit: number): string | null =>
  found.length === limit ? nextLink(ctx, 'before', found.at(-1)!.id) : null;
