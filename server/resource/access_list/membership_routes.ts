// A party's memberships of access lists, as JSON: an owner sees its own lists only.
import type { Knowing } from '../catalogue/catalogue.ts';
import { token } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { invalidToken, type Caller } from '../../caller/model.ts';
import { anyPartyName, isPublic } from '../../party/model.ts';
import { findByAnyName } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import { ADMIN } from '../registry/owner.ts';
import { invalid } from '../problems.ts';
import { findMemberships, listIdentifier } from './store.ts';
import * as shapes from '../shapes.ts';
import { LISTS, urn, readers, readingLists } from './routes.ts';

const DECISION_POINT = 'altinn:resourceregistry/pdp:accesslist.read';

export function membershipOperations(): Operation[] {
  const ofMember = async (act: Knowing, caller: Caller, name: string, resource: string | null) => {
    const parsed = anyPartyName(name);
    if (!parsed) throw invalid('RR.VLD-00004', '$QUERY/party');
    const party = await findByAnyName(act, parsed);
    if (!party && isPublic(parsed)) throw invalid('RR.VLD-00004', '$QUERY/party');
    // No person is on a list, and nobody hears whether a person's number is somebody's.
    if (!party) return [];
    const all = await findMemberships(act.db, [party.id], resource);
    return all.filter((row) => mayRead(caller, row.ownerNo));
  };
  return [
    operation(
      {
        ...readingLists,
        id: 'access_memberships',
        paths: [`${LISTS}/memberships`],
        summary: 'What access lists open for a party; for an owner its own lists only',
        who: token(...readers, DECISION_POINT),
        query: { party: shapes.memberParameter(), resource: Type.Optional(text(250)) },
        answers: { 200: { description: 'Memberships', schema: shapes.Memberships } },
        errors: [...readingLists.errors, 'RR.VLD-00004'],
      },
      async ({ act, caller, query }) => {
        const resource = query.resource?.replace(/^urn:altinn:resource:/, '') ?? null;
        const data = (await ofMember(act, caller, query.party, resource)).map((row) => ({
          party: `urn:altinn:party:uuid:${row.party}`,
          resource: `urn:altinn:resource:${row.resource}`,
          actionFilters: row.actions,
        }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...readingLists,
        id: 'access_lists_by_member',
        paths: [`${LISTS}/get-by-member`],
        summary: 'The access lists that a party is on; for an owner its own lists only',
        query: { party: shapes.memberParameter() },
        answers: { 200: { description: 'Lists', schema: shapes.ListsOfMember } },
        errors: [...readingLists.errors, 'RR.VLD-00004'],
      },
      async ({ act, caller, query }) => {
        const names = (await ofMember(act, caller, query.party, null)).map((row) => row.list);
        const data = [...new Set(names)].map((name) => ({
          identifier: listIdentifier(name),
          urn: urn(name),
        }));
        return reply({ data, links: { next: null } });
      },
    ),
  ];
}

/** The decision point's own scope and the administrator's see every list, an owner its own. */
function mayRead(caller: Caller, ownerNo: string): boolean {
  if (caller.scopes.has(DECISION_POINT) || caller.scopes.has(ADMIN)) return true;
  if (caller.kind !== 'organization') throw invalidToken('no consumer claim');
  return caller.organizationNo === ownerNo;
}
