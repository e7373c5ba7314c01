// SQL of yeses among several that a test says and takes back, whoever says them.

/** A yes of one of several, and that it was taken back. */
export const SAID = `
  with said as (insert into consent_yes (consent_id, by_party, at, level, language, shown_by, hash, text)
    select id, from_party, now(), 4, 'nb', 'page', '', '{}' from consent_request where id = $1 returning consent_id)
  update consent_request set awaiting = '{"since": 0, "leftOut": [], "uses": null}' from said where id = said.consent_id`;
export const TAKEN_BACK = `
  with gone as (delete from consent_yes where consent_id = $1 returning by_party),
    open as (update consent_request set awaiting = null where id = $1 returning *)
  insert into event (id, type, at, consent_id, from_party, to_party, by_party)
    select new_event_id(now()), 'answer_taken_back', now(), open.id, from_party, to_party, gone.by_party from open, gone`;
/** A power of attorney that two offer, one of whom takes the yes back. */
export const OFFER = '5a7e0000-0000-4000-8000-00000000fffe';
export const OFFERED = `
  with people as (select array_agg(id) as ids from (select id from party where kind = 'person' order by id limit 3) as three),
    made as (insert into access_request (id, from_party, to_party, by_party, state, package, created_at, changed_at, changed_by, offered)
      select '${OFFER}', ids[1], ids[2], ids[3], 'pending', (select code from access_package limit 1), now(), now(), ids[3], true from people returning id)
  insert into access_request_yes (request_id, by_party, at, level) select made.id, said.id, now(), 4 from made, people, unnest(ids) as said(id)`;
export const UNSAID = `
  with gone as (delete from access_request_yes using access_request request where request_id = '${OFFER}' and request.id = request_id
      and access_request_yes.by_party = request.by_party returning access_request_yes.by_party, request.from_party, request.to_party)
  insert into event (id, type, at, request_id, from_party, to_party, by_party)
    select new_event_id(now()), 'right_yes_taken_back', now(), '${OFFER}', from_party, to_party, by_party from gone`;
