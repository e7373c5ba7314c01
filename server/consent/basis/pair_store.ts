// SQL of the other of two consents that hold together or not at all.

/** Whether the other of two that hold together is so; in it, that one has the usual names. */
export const pairIs = (how: string) =>
  `(request.pair is not null and exists (select from (select request.pair as id) as named cross join lateral (
      select from consent_request request join party giver on giver.id = request.from_party join party receiver on receiver.id = request.to_party
      where request.id = named.id and (${how})) as paired))`;
