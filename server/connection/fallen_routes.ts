// Fallen consents and mandates, as JSON: for both sides, and those who administer for them or may
// read what was given.
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { isOneself, type PersonCaller } from '../caller/model.ts';
import { askersReason, type FallReason } from '../consent/basis/model.ts';
import { wholeAmong } from '../consent/basis/among.ts';
import { findConsents } from '../consent/find.ts';
import { isLimited } from '../consent/uses_model.ts';
import { mayOverview } from '../decision/commands.ts';
import { ENDUSER, nextLink } from '../delegation/enduser.ts';
import { readerOf } from '../delegation/log/reader.ts';
import { queryLimit, queryText, queryUuid } from '../delegation/shapes.ts';
import { FallenMandates } from '../delegation/why/shapes.ts';
import { listFallen, type FallenRow } from '../event/fallen_store.ts';
import { readBy } from '../mandate/model.ts';
import { findInactive } from '../mandate/near_store.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { LAST_ID } from '../platform/ids.ts';
import { firstOf, seenInLots } from '../platform/paging.ts';
import { Type } from '../platform/http/shapes.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';

const STANDARD = 100;
const MOST = 1_000;

export function fallenOperations(): Operation[] {
  /** Consents that the caller may read; those given to a company are for those who lead it. */
  async function seen(act: Deciding, rows: FallenRow[], party: string, caller: PersonCaller) {
    const ids = rows.flatMap(({ consentId, from }) =>
      from === party && consentId ? [consentId] : [],
    );
    const given = ids.length ? await findConsents(act, ids) : [];
    const mine = new Map(
      (await wholeAmong(act, given, caller)).map((consent) => [consent.id, consent]),
    );
    return rows.flatMap((row) => {
      if (row.consentId === null) return [row];
      const consent = mine.get(row.consentId);
      // The fall of one that can be used up would show others that it was not.
      if (consent)
        return consent.giverProtected && isLimited(consent) && consent.from.id !== caller.party
          ? []
          : [row];
      // The receiver reads no reason of guardianship, parents or death.
      return row.to === party
        ? [{ ...row, reason: askersReason(row.reason as FallReason, { isPerson: row.fromPerson }) }]
        : [];
    });
  }

  return [
    operation(
      {
        id: 'fallen',
        method: 'GET',
        paths: ['/access/v1/fallen'],
        who: person(ENDUSER),
        dialect: 'own',
        limit: 'read',
        summary: 'What fell by itself of what a party gave and received, and what does not hold',
        query: {
          party: Type.Optional(queryText(200)),
          before: Type.Optional(queryUuid()),
          limit: queryLimit(MOST, STANDARD),
        },
        answers: { 200: { description: 'Newest first, each with why', schema: FallenMandates } },
        errors: ['TIL-00008', 'TIL.VLD-00006'],
      },
      async ({ act, ctx, caller, query }) => {
        const reader = await readerOf(act, caller, query.party);
        const { limit = STANDARD, before = LAST_ID } = query;
        const leads = (await mayOverview(act, caller.party, reader.party)) !== undefined;
        const read = (most: number, last: FallenRow | undefined) =>
          listFallen(act.db, { ...reader, leads, before: last?.id ?? before, limit: most });
        const lots = { first: limit + 1, more: MOST, most: 10 };
        const all = seenInLots(read, (rows) => seen(act, rows, reader.party, caller), lots);
        const { shown, isMore } = await firstOf(all, limit);
        const inactive = query.before ? [] : await findInactive(act, reader);
        const catalogue = await currentCatalogue(act);
        const next = isMore ? nextLink(ctx, 'before', shown.at(-1)!.id) : null;
        return reply({
          data: shown.map((row) => ({
            id: row.id,
            at: row.at,
            consent: row.consentId,
            mandate: row.mandateId,
            from: { id: row.from, name: row.fromName },
            to: { id: row.to, name: row.toName },
            reason: row.reason,
          })),
          // Secret mandates are for their two parties only.
          inactive: inactive
            .filter(
              ({ role, from, to }) =>
                !catalogue.isSecret(role) || isOneself(caller, from) || isOneself(caller, to),
            )
            .map((row) => readBy(row, caller.party))
            .map(({ id, from, fromName, to, toName, lacks }) => ({
              mandate: id,
              from: { id: from, name: fromName },
              to: { id: to, name: toName },
              reason: lacks!,
            })),
          links: { next },
        });
      },
    ),
  ];
}
