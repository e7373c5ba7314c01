// SQL of whether those by whom several answered are still enough. Tables are named as in store.ts.
import { stands } from '../../mandate/force_store.ts';
import { isAlive, isOffice } from '../../mandate/office_store.ts';

/**
 * Whether offices are no longer held by as many as a rule asks for, or somebody's own leave is no
 * more: by these (decision/rules/together_model.ts) several had answered.
 */
export const isUnmet = (together: string, now: string) =>
  `(exists (select from jsonb_to_recordset(${together} -> 'needs') as need(roles jsonb, count int) where need.count > (
        select count(distinct office.to_party) from mandate office join party holder on holder.id = office.to_party
        where office.from_party in (giver.id, giver.parent) and need.roles ? office.role and not ${together} -> 'attorneys' ? office.to_party::text and ${isOffice('office', 'holder', now)}))
      or exists (select from jsonb_to_recordset(${together} -> 'holders') as held(role text, party uuid) where not exists (
        select from mandate office join party holder on holder.id = office.to_party
        where office.from_party = giver.id and office.to_party = held.party and office.role = held.role and ${isOffice('office', 'holder', now)}))
      or exists (select from jsonb_array_elements_text(${together} -> 'mandates') as given(id) where not exists (
        select from mandate carrier join party holder on holder.id = carrier.to_party
        where carrier.id = given.id::uuid and ${stands('carrier', now)} and ${isAlive('holder', now)})))`;
