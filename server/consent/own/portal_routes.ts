// The portal's operations as JSON, under both path families of Altinn: one row for each act,
// parties by UUID. The caller is a person with a token; it knows no page.
import type { Act } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import { person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { actsFor, type PersonCaller } from '../../caller/model.ts';
import * as decision from '../../decision/commands.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { firstOf, seenInLots } from '../../platform/paging.ts';
import { LANGUAGES } from '../../platform/locale.ts';
import { coded, list, oneOf, shape, Type, uuid } from '../../platform/http/shapes.ts';
import { approve, reject, withdraw } from '../answer/answer.ts';
import { listConsents, type ListKind } from './list_store.ts';
import { mayAnswer, mustBeRead, seenBy } from '../basis/standing.ts';
import { readable } from '../basis/among.ts';
import { countReadable } from '../basis/counting.ts';
import { portalDto } from '../dto_model.ts';
import { RIGHTS_LIMIT, type Consent } from '../model.ts';
import { problem } from '../problems.ts';
import { barredTold } from '../barred_text.ts';
import { viewUri, type ConsentApi } from '../ask/routes.ts';
import { PortalDetails, requestId, UsesShape } from '../shapes.ts';
import { findConsent, withWords } from '../find.ts';
import { shownText, textHash } from '../text.ts';
import { shownAt, veiledFor } from '../basis/veil_model.ts';

/** Consents on a page of a list. */
const LIST_LIMIT = 500;
const LOTS = { first: LIST_LIMIT + 1, more: LIST_LIMIT, most: 50 };
const BFF = '/accessmanagement/api/v1/bff';
const OWN = '/accessmanagement/api/v1/consent';
const ONE = { 200: { description: 'The request or consent', schema: PortalDetails } };

export function portalOperations({ issuer, metrics }: ConsentApi): Operation[] {
  const own = { who: person('altinn:portal/enduser'), dialect: 'altinn' as const };
  const errors = ['AM-00000', 'AM-00001'];
  const acting = { ...own, limit: 'write' as const, path: requestId, answers: ONE };
  const told = ({ now }: Act, consent: Consent, { party, level }: PersonCaller) => {
    // The pause of the other of a pair is that one's to know.
    const own = { ...consent, suspended: consent.suspendedAlone };
    const shown = shownAt(level, veiledFor(own, party, now));
    mustBeRead(shown);
    return reply(portalDto(shown, viewUri(issuer, consent.id), now));
  };

  async function known(act: Deciding, id: string): Promise<Consent> {
    const consent = await findConsent(act, id);
    if (!consent) throw problem('AM-00001');
    return consent;
  }

  /** A party's overview: one's own, or of one that the person answers for; else 403. */
  async function mustOverview(act: Deciding, caller: PersonCaller, party: string): Promise<void> {
    if (!actsFor(caller, party)) throw problem('AM-00000', { because: 'not chosen' });
    const basis = await decision.mayOverview(act, caller.party, party);
    if (!basis) throw problem('AM-00000');
  }

  const listing = (id: string, kind: ListKind, paths: [string, ...string[]]) =>
    operation(
      {
        ...own,
        id,
        method: 'GET',
        paths,
        limit: 'read',
        summary: `${kind === 'active' ? 'Active' : 'All'} consents of a party that the caller may read`,
        path: { party: uuid() },
        query: { after: Type.Optional(uuid()) },
        answers: { 200: { description: 'Newest first', schema: Type.Array(PortalDetails) } },
        errors,
      },
      async ({ act, ctx, caller, path: { party }, query }) => {
        await mustOverview(act, caller, party);
        const { now } = act;
        const viewModes = ['hide' as const, 'show' as const];
        const wanted = { party, kind, viewModes, viewer: caller.party };
        const read = async (limit: number, last: Consent | undefined) => {
          const page = { ...wanted, limit, after: last?.id ?? query.after };
          return withWords(act, await listConsents(act, page));
        };
        const see = async (found: Consent[]) =>
          // A request that came by link only is not listed while it waits.
          (await readable(act, found, caller)).filter(
            ({ state, portalViewMode }) => state !== 'requested' || portalViewMode === 'show',
          );
        const { shown, isMore } = await firstOf(seenInLots(read, see, LOTS), LIST_LIMIT);
        const list = shown.map((consent) => portalDto(consent, viewUri(issuer, consent.id), now));
        const next = `<${issuer}${ctx.path}?after=${shown.at(-1)?.id}>; rel="next"`;
        // An array has no room to say that there is more (RFC 8288).
        return reply(list, 200, isMore ? { link: next } : {});
      },
    );

  return [
    operation(
      {
        ...own,
        id: 'portal_request',
        method: 'GET',
        paths: [`${OWN}/request/:id`, `${BFF}/consentrequests/:id`],
        limit: 'read',
        summary: 'A request, for a person who may answer it or has answered it',
        path: requestId,
        answers: ONE,
        errors,
      },
      async ({ act, caller, path }) => {
        const consent = await known(act, path.id);
        const { party } = caller;
        const asker = { ...caller, level: Math.max(caller.level, 4) };
        const answer = await mayAnswer(act, consent, asker);
        const seen = answer.permit ? { consent } : await seenBy(act, consent, caller);
        if (!seen || (!answer.permit && consent.answeredBy?.id !== party)) {
          const members = answer.barred ? barredTold(answer.barred) : {};
          throw problem('AM-00000', { because: answer.reason, members });
        }
        return told(act, seen.consent, caller);
      },
    ),
    operation(
      {
        ...acting,
        id: 'portal_approve',
        method: 'POST',
        paths: [`${OWN}/request/:id/approve`, `${BFF}/consentrequests/:id/accept`],
        summary: 'Approve a request; again is the same answer',
        body: shape({
          language: coded({ path: 'Context' }, oneOf(LANGUAGES)),
          /** The optional rights that it takes, by their places; none unless said. */
          optionalRights: Type.Optional(list(Type.Integer({ minimum: 0 }), RIGHTS_LIMIT)),
          uses: Type.Optional(UsesShape),
        }),
        errors: [
          ...errors,
          'AM-00002',
          'TIL-00007',
          'AM.VLD-00022',
          'STD.VLD-00000',
          'TIL.VLD-00015',
          'TIL-00048',
          'TIL-00019',
        ],
      },
      async ({ act, caller, path, body: { language, optionalRights: chosen, uses } }) => {
        const shown = (request: Consent, replaced: Consent | undefined) => {
          const text = shownText(request, language, act.now, caller.party, replaced);
          return { language, shownBy: 'portal' as const, hash: textHash(text), text };
        };
        const yes = { chosen, uses, shown };
        const done = await approve(act, await known(act, path.id), caller, yes);
        metrics.consents.inc({ act: done.isGiven ? 'approved' : 'answered' });
        return told(act, done.consent ?? (await known(act, path.id)), caller);
      },
    ),
    operation(
      {
        ...acting,
        id: 'portal_reject',
        method: 'POST',
        paths: [`${OWN}/request/:id/reject`, `${BFF}/consentrequests/:id/reject`],
        summary: 'Say no to a request; again is the same answer',
        errors: [...errors, 'AM-00015', 'TIL-00007'],
      },
      async ({ act, caller, path }) => {
        await reject(act, await known(act, path.id), caller);
        metrics.consents.inc({ act: 'rejected' });
        return told(act, await known(act, path.id), caller);
      },
    ),
    listing('portal_active', 'active', [`${OWN}/active/:party`]),
    listing('portal_log', 'all', [`${OWN}/log/:party`, `${BFF}/consentrequests/list/:party`]),
    operation(
      {
        ...own,
        id: 'portal_count',
        method: 'GET',
        paths: [`${OWN}/count/:party`, `${BFF}/consentrequests/count/:party`],
        limit: 'read',
        summary: 'How many requests wait, or with status=accepted how many consents are active',
        path: { party: uuid() },
        query: { status: Type.Optional(Type.String({ maxLength: 30 })) },
        answers: { 200: { description: 'The number', schema: Type.Integer() } },
        errors,
      },
      async ({ act, caller, path: { party }, query }) => {
        await mustOverview(act, caller, party);
        const counts = (await countReadable(act, [party], caller.party))(party);
        return reply(query.status?.toLowerCase() === 'accepted' ? counts.active : counts.waiting);
      },
    ),
    operation(
      {
        ...own,
        id: 'portal_consent',
        method: 'GET',
        paths: [`${OWN}/:id`, `${BFF}/consents/:id`],
        limit: 'read',
        summary: 'A consent, for those who may read it',
        path: requestId,
        answers: ONE,
        errors,
      },
      async ({ act, caller, path }) => {
        const consent = await known(act, path.id);
        const seen = await seenBy(act, consent, caller);
        if (!seen) throw problem('AM-00000');
        return told(act, seen.consent, caller);
      },
    ),
    operation(
      {
        ...acting,
        id: 'portal_withdraw',
        method: 'POST',
        paths: [`${OWN}/:id/revoke`, `${BFF}/consents/:id/revoke`],
        summary: 'Withdraw a consent; again is the same answer',
        errors: [...errors, 'AM-00010'],
      },
      async ({ act, caller, path }) => {
        await withdraw(act, await known(act, path.id), caller);
        metrics.consents.inc({ act: 'withdrawn' });
        return told(act, await known(act, path.id), caller);
      },
    ),
  ];
}
