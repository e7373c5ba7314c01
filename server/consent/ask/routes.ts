// The enterprise API as JSON, and the lookup of an outside token issuer: asking for consent,
// reading one's own requests, and the feed of what happened to them.
import type { Act } from '../../platform/act.ts';
import { organization, token } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import type { OrganizationCaller } from '../../caller/model.ts';
import { WIRE_EVENT } from '../../event/model.ts';
import { readFeed } from '../../event/feed_store.ts';
import { isPublic, parsePartyUrn } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import type { Numbers } from '../../caller/numbers.ts';
import type { Restoration } from '../../platform/restoration_store.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { list, Type } from '../../platform/http/shapes.ts';
import { parseDraft } from './draft.ts';
import { enterpriseDto, latestPos } from '../dto_model.ts';
import { instantText, isPartyTo, type Consent, type StoredRequest } from '../model.ts';
import { Findings, problem, validationProblem, type Validation } from '../problems.ts';
import { lookUp } from '../redeem/redeem.ts';
import type { QuietDays } from './refusal.ts';
import { requestConsent } from './request.ts';
import {
  ConsentBody,
  ConsentRequest,
  ConsentRequestDetails,
  Feed,
  LookUp,
  queryInstant,
  queryPlace,
  requestId,
} from '../shapes.ts';
import type { Knowing } from '../../resource/catalogue/catalogue.ts';
import { findConsent } from '../find.ts';
import { feedWanted, filtersOf, nextPage, placeAfter, writeCursor } from './feed.ts';

export interface ConsentApi {
  /** Gives what is committed its place in the feed; whatever reads it comes after. */
  placeEvents: (act: Act) => Promise<unknown>;
  metrics: Metrics;
  numbers: Numbers;
  issuer: string;
  eventPageSize: number;
  eventMinimumAgeSeconds: number;
  quietDays: QuietDays;
  renewDays: number;
  /** Seconds that a token lives at most, where its scope says nothing else. */
  tokenSeconds: number;
  /** The last time that the database was set back. */
  restored: Restoration | undefined;
}

const ANY = 'altinn:consentrequests.org';
export const WRITE = ['altinn:consentrequests.write', ANY];
export const READ = ['altinn:consentrequests.read', ...WRITE];
const BASE = '/accessmanagement/api/v1';
export const REQUESTS = `${BASE}/enterprise/consentrequests`;

export const viewUri = (issuer: string, id: string) => `${issuer}/consent/request?id=${id}`;

export function consentOperations(api: ConsentApi): Operation[] {
  const { issuer, metrics, numbers } = api;
  const told = (act: Act, consent: StoredRequest) =>
    enterpriseDto(consent, viewUri(issuer, consent.id), act.now);

  return [
    operation(
      {
        id: 'consent_ask',
        method: 'POST',
        paths: [REQUESTS],
        who: organization(...WRITE),
        dialect: 'altinn',
        limit: 'write',
        summary: 'Ask for a consent',
        body: ConsentRequest,
        answers: {
          201: { description: 'The new request', schema: ConsentRequestDetails },
          200: {
            description: 'The same request was made before; with Idempotent-Replayed: true',
            schema: ConsentRequestDetails,
          },
        },
        errors: [
          'STD-00001',
          'TIL-00035',
          ...['AM-00000', 'AM-00003', 'AM-00004', 'AM-00005', 'AM-00006', 'AM-00007', 'AM-00008'],
          ...['AM-00009', 'AM-00016', 'TIL-00008', 'TIL-00015'],
          ...['TIL-00016', 'TIL-00017', 'TIL-00018'],
          ...['AM.VLD-00022', 'AM.VLD-00023', 'AM.VLD-00027', 'TIL.VLD-00008'],
          ...['TIL.VLD-00002', 'TIL.VLD-00003', 'TIL.VLD-00004', 'TIL.VLD-00011', 'TIL.VLD-00012'],
          ...[
            'TIL.VLD-00015',
            'TIL.VLD-00016',
            'TIL.VLD-00017',
            'TIL.VLD-00018',
            'TIL.VLD-00019',
            'AM-00001',
            'TIL-00044',
            'TIL-00047',
          ],
        ],
      },
      async ({ act, caller, body }) => {
        const findings = new Findings();
        const draft = parseDraft(body, findings, act.now);
        findings.throwIfAny();
        const { organizationNo, supplierNo } = caller;
        const mayAskForOthers = caller.scopes.has(ANY);
        const asker = {
          organizationNo,
          supplierNo,
          mayAskForOthers,
          guard: numbers.of(caller),
          quietDays: api.quietDays.enterprise,
          renewDays: api.renewDays,
        };
        const { consent, replayed } = await requestConsent(act, asker, draft!);
        if (!replayed) metrics.consents.inc({ act: 'requested' });
        return reply(told(act, consent), replayed ? 200 : 201, {
          location: `${issuer}${REQUESTS}/${consent.id}`,
          ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
        });
      },
    ),
    operation(
      {
        id: 'consent_read',
        method: 'GET',
        paths: [`${REQUESTS}/:id`],
        who: organization(...READ),
        dialect: 'altinn',
        limit: 'read',
        summary: 'A request, for its receiver and whoever handles it',
        path: requestId,
        answers: { 200: { description: 'The request', schema: ConsentRequestDetails } },
        errors: ['AM-00000', 'AM-00001'],
      },
      async ({ act, caller, path }) => {
        const consent = await ownRequest(act, caller, path.id);
        return reply({ ...told(act, consent), ...latestPos(consent) });
      },
    ),
    operation(
      {
        id: 'consent_events',
        method: 'GET',
        paths: [`${REQUESTS}/events`],
        who: organization(...READ),
        dialect: 'altinn',
        limit: 'read',
        summary: "What happened to the organization's requests, oldest first",
        query: {
          createdAfter: queryInstant(),
          createdBefore: queryInstant(),
          eventType: Type.Optional(list(Type.String({ maxLength: 30 }), 20)),
          consentRequestId: Type.Optional(requestId.id),
          // An empty one is none of ours: a lost variable must not start the feed anew.
          ...queryPlace,
          pageSize: Type.Optional(Type.String({ maxLength: 10 })),
        },
        answers: { 200: { description: 'A page, with the way to the next', schema: Feed } },
        errors: ['AM-00003', 'AM.VLD-00051', 'AM.VLD-00052', 'AM.VLD-00053'],
      },
      async ({ act, caller, query }) => {
        const party = await callingParty(act, caller);
        const wanted = feedWanted(query, api.restored);
        await api.placeEvents(act);
        const age = api.eventMinimumAgeSeconds * 1000;
        const until = age ? new Date(act.now.getTime() - age) : null;
        const limit = api.eventPageSize;
        const after = await placeAfter(act.db, wanted.after);
        const found = await readFeed(act.db, { ...wanted, after, party: party.id, until, limit });
        const cursor = writeCursor(found.at(-1)?.position ?? after, api.restored);
        return reply({
          links: {
            next:
              found.length === limit
                ? nextPage(`${issuer}${REQUESTS}/events`, filtersOf(query), cursor)
                : null,
          },
          cursor,
          data: found.map((row) => ({
            consentRequestId: row.consentId,
            eventType: WIRE_EVENT[row.type],
            changedDate: row.changedAt,
            eventId: row.id,
          })),
        });
      },
    ),
    operation(
      {
        id: 'consent_lookup',
        method: 'POST',
        paths: [`${BASE}/maskinporten/consent/lookup`],
        who: token('altinn:maskinporten/consent.read'),
        dialect: 'altinn',
        limit: 'token',
        summary: 'What a consent says now, for an outside token issuer',
        body: LookUp,
        answers: { 200: { description: 'The consent', schema: ConsentBody } },
        errors: [
          ...['STD-00001', 'AM-00001', 'AM-00011', 'AM-00012', 'AM-00013', 'AM-00014', 'TIL-00043'],
        ],
      },
      async ({ act, body }) => {
        const [from, to] = [parsePartyUrn(body.from), parsePartyUrn(body.to)];
        const wrong: Validation[] = [
          ...(from ? [] : [{ code: 'TIL.VLD-00001' as const, path: '/from' }]),
          ...(to ? [] : [{ code: 'TIL.VLD-00001' as const, path: '/to' }]),
        ];
        if (wrong.length) throw validationProblem(wrong);
        const receiver = to && isPublic(to) ? await findParty(act, to) : undefined;
        const no = receiver?.organizationNo;
        const found = await lookUp(
          act,
          { id: body.id, from: from!, scope: body.scope },
          (facts) => no != null && (facts.toNo === no || facts.handledByNo === no),
        );
        const urn = (number: string) => `urn:altinn:organization:identifier-no:${number}`;
        return reply({
          id: found.id,
          from: found.from,
          to: urn(found.toNo),
          handledBy: found.handledByNo && urn(found.handledByNo),
          consented: instantText(found.consented),
          validTo: instantText(found.validTo),
          ...(found.usesLeft ? { usesLeft: found.usesLeft } : {}),
          consentRights: found.rights,
          ...(found.pos === null ? {} : { pos: found.pos }),
        });
      },
    ),
  ];
}

/** The organisation that calls; AM-00003 where the register does not know it. */
export async function callingParty(act: Act, { organizationNo }: OrganizationCaller) {
  const party = await findParty(act, { by: 'organization', value: organizationNo });
  if (!party) throw problem('AM-00003', { members: { orgnr: organizationNo } });
  return party;
}

/** A request of the caller's own; AM-00001 for none, AM-00000 for another's. */
export async function ownRequest(
  act: Knowing,
  { organizationNo }: OrganizationCaller,
  id: string,
): Promise<Consent> {
  const consent = await findConsent(act, id);
  if (!consent) throw problem('AM-00001');
  if (!isPartyTo(consent, organizationNo)) throw problem('AM-00000');
  return consent;
}
