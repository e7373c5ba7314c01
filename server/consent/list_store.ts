// SQL of a party's consents as lists, and of how many there are. It decides nothing.
import { query, type Db, type Statement } from '../platform/db.ts';
import { fallen } from './basis_store.ts';
import type { Consent } from './model.ts';
import { consentColumns, consentTables, eventsOf } from './store.ts';

// To others than the person nothing says when it is used (veil_model.ts), nor does its list.
const VEILED = '(giver.protected_address and giver.id <> $7)';
const isWaiting = (now: string) => `request.state = 'requested' and request.valid_to > ${now}`;
const isActive = (now: string, viewer: string) =>
  `request.state = 'approved' and request.valid_to > ${now}
          and (mandate.use_limit is null or mandate.uses < mandate.use_limit or (giver.protected_address and giver.id <> ${viewer})) and ${fallen(now)} is null`;
const list: Statement = {
  name: 'list_consents',
  text: `select ${consentColumns('$3')}, ${eventsOf(100)} from ${consentTables}
    where request.from_party = $1 and request.portal_view_mode = any($4)
      and case $2::text
        when 'waiting' then ${isWaiting('$3')}
        when 'active' then ${isActive('$3', '$7')}
        when 'ended' then request.state in ('rejected', 'withdrawn') or request.valid_to <= $3
          or (request.state = 'approved' and ${fallen('$3')} is not null)
          or (mandate.use_limit is not null and mandate.uses >= mandate.use_limit and not ${VEILED})
        else true end
    order by coalesce(request.approved_at, request.requested_at) desc, request.id limit $5 offset $6`,
};

const count: Statement = {
  name: 'count_consents',
  text: `select each.kind, each.own, each.elsewhere, (array_agg(each.id order by each.at desc, each.id))[1] as id, count(*)::int as n
    from (select request.id, coalesce(request.approved_at, request.requested_at) as at, case request.state when 'approved' then 'active' else 'waiting' end as kind, coalesce(request.answered_by = $3, false) as own,
        request.state = 'requested' and request.required_delegator is distinct from $3 and request.required_delegator is not null as elsewhere,
        (select jsonb_agg(jsonb_build_array(held.resource_id, held.actions) order by held.ordinal) from consent_right held where held.consent_id = request.id) as rights
      from consent_request request join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party left join mandate on mandate.consent_id = request.id and mandate.basis = 'consent'
      where request.from_party = $1 and ((${isWaiting('$2')} and request.portal_view_mode = 'show') or (${isActive('$2', '$3')}))) each
    group by each.kind, each.own, each.elsewhere, each.rights`,
};

/** Some of a party's consents that are about the same, of whom one stands for all. */
export interface Alike {
  kind: 'active' | 'waiting';
  id: string;
  n: number;
  /** Whether the viewer answered them. */
  own: boolean;
  /** Whether they wait for somebody else who is named. */
  elsewhere: boolean;
}

/** What is active, and what waits in the portal, counted by what it is about. */
export const countAlike = (db: Db, party: string, viewer: string, now: Date): Promise<Alike[]> =>
  query<Alike>(db, count, [party, now, viewer]);

export type ListKind = 'waiting' | 'active' | 'ended' | 'all';

export interface ListWanted {
  party: string;
  kind: ListKind;
  /** Requests that came by link only are not listed while they wait; answered ones always are. */
  viewModes: ('hide' | 'show')[];
  /** Who looks. */
  viewer: string;
  limit: number;
  offset: number;
}

export function listConsents(db: Db, wanted: ListWanted, now: Date): Promise<Consent[]> {
  return query<Consent>(db, list, [
    wanted.party,
    wanted.kind,
    now,
    wanted.viewModes,
    wanted.limit,
    wanted.offset,
    wanted.viewer,
  ]);
}
