// An asker's own requests as JSON: listed, taken back while they wait, and renounced once they were
// approved.
import { organization } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { isUuid } from '../../platform/ids.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { list, nullable, oneOf, shape, text, Type } from '../../platform/http/shapes.ts';
import { placeIn } from '../../platform/http/validation.ts';
import { parsePartyUrn } from '../../party/model.ts';
import { endForAsker } from '../answer/answer.ts';
import { nextPage } from '../ask/feed.ts';
import { callingParty, ownRequest, READ, REQUESTS, viewUri, WRITE } from '../ask/routes.ts';
import { enterpriseDto } from '../dto_model.ts';
import { isPartyTo, WIRE_STATUS, type ConsentState } from '../model.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { validationProblem, type Validation } from '../problems.ts';
import { ConsentRequestDetails, queryInstant, queryPlace, requestId } from '../shapes.ts';
import { findConsent, withWords } from '../find.ts';
import { listOwnRequests } from './asker_store.ts';

export interface AskerApi {
  metrics: Metrics;
  issuer: string;
  eventPageSize: number;
}

const STATES = Object.keys(WIRE_STATUS) as ConsentState[];
const noPlace: Validation = { code: 'AM.VLD-00053', path: '$QUERY/continuationToken' };

interface Filters {
  status?: string[];
  from?: string;
  createdAfter?: string;
  continuationToken?: string;
  cursor?: string;
}

/** The wanted part of the list; everything wrong with the question at once. */
function wantedBy(query: Filters) {
  const wrong: Validation[] = [];
  const from = query.from === undefined ? null : parsePartyUrn(query.from);
  if (from === undefined) wrong.push({ code: 'TIL.VLD-00001', path: '$QUERY/from' });
  const last = placeIn(query) ?? null;
  if (last !== null && !isUuid(last)) wrong.push(noPlace);
  if (wrong.length) throw validationProblem(wrong);
  return {
    from: from ?? null,
    last,
    states: query.status
      ? STATES.filter((state) => query.status!.includes(WIRE_STATUS[state]))
      : null,
    after: query.createdAfter ? new Date(query.createdAfter) : null,
  };
}

export function askerOperations({ issuer, eventPageSize, metrics }: AskerApi): Operation[] {
  return [
    operation(
      {
        id: 'consent_list',
        method: 'GET',
        paths: [REQUESTS],
        who: organization(...READ),
        dialect: 'altinn',
        limit: 'read',
        summary: "The organization's own requests, oldest first",
        query: {
          status: Type.Optional(list(oneOf(Object.values(WIRE_STATUS)), 5)),
          from: Type.Optional(text(200)),
          createdAfter: queryInstant(),
          ...queryPlace,
        },
        answers: {
          200: {
            description: 'A page, with the way to the next',
            schema: shape({
              links: shape({ next: nullable(Type.String()) }),
              data: Type.Array(ConsentRequestDetails),
            }),
          },
        },
        errors: ['AM-00003', 'AM.VLD-00053'],
      },
      async ({ act, caller, query }) => {
        const { id: party } = await callingParty(act, caller);
        const limit = eventPageSize;
        const wanted = wantedBy(query);
        const last = wanted.last === null ? undefined : await findConsent(act, wanted.last);
        if (wanted.last !== null && !(last && isPartyTo(last, caller.organizationNo)))
          throw validationProblem([noPlace]);
        const found = await withWords(act, await listOwnRequests(act, { ...wanted, party, limit }));
        const data = found.map((one) => enterpriseDto(one, viewUri(issuer, one.id), act.now));
        const isWhole = found.length < limit;
        const { status, from, createdAfter } = query;
        const address = `${issuer}${REQUESTS}`;
        const next = isWhole
          ? null
          : nextPage(address, { status, from, createdAfter }, found.at(-1)!.id);
        return reply({ links: { next }, data });
      },
    ),
    operation(
      {
        id: 'consent_end_for_asker',
        method: 'DELETE',
        paths: [`${REQUESTS}/:id`],
        who: organization(...WRITE),
        dialect: 'altinn',
        limit: 'write',
        summary: 'Take back a request that waits, or renounce a consent that was given',
        path: requestId,
        answers: { 204: { description: 'It has ended' } },
        errors: ['AM-00000', 'AM-00001', 'AM-00003', 'AM-00010'],
      },
      async ({ act, caller, path }) => {
        const consent = await ownRequest(act, caller, path.id);
        const { id: by } = await callingParty(act, caller);
        const done = await endForAsker(act, consent, by);
        if (done) metrics.consents.inc({ act: done });
        return nothing;
      },
    ),
  ];
}
