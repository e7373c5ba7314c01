// SQL of what a person sees of mandates: what a party has given, received, has by law, and had; by
// pages, newest first. It decides nothing.
import { isSilenced } from '../notice/silence_store.ts';
import type { Act } from '../platform/act.ts';
import { lowered } from '../platform/db/text_store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { Language } from '../platform/locale.ts';
import { columnsAt, joined, type MandateRow } from './delegation_store.ts';
import { stands } from './force_store.ts';

/** `statutory` is what a register says, which nobody here has given. */
export const SHELVES = ['given', 'received', 'statutory', 'ended'] as const;
type Shelf = (typeof SHELVES)[number];

/**
 * Whose, by `$1`, several together; what they received only where `$2`; what is secret for its two
 * alone, of whom `$4` may be one. Of one whose estate was opened after
 * `$3`, as it was then.
 */
const shelf = (name: string) => `mandate.basis <> 'consent'
  and (coalesce(mandate.given_at, mandate.valid_from) <= $3 or coalesce(estate_of(($1::uuid[])[1]) <= $3, true))
  and (mandate.from_party = any($1) or (mandate.to_party = any($1) and $2))
  and ($4 in (mandate.from_party, mandate.to_party) or not exists (select from role join source on source.code = role.source
    where role.code = mandate.role and source.visibility = 'secret'))
  and case ${name} when 'given' then mandate.basis <> 'register' and mandate.from_party = any($1) and ${stands('mandate', '$3')}
    when 'received' then mandate.basis <> 'register' and mandate.to_party = any($1) and ${stands('mandate', '$3')}
    when 'statutory' then mandate.basis = 'register' and ${stands('mandate', '$3')}
    else not (${stands('mandate', '$3')}) end`;

/** `soon` ends within thirty days; `unused` has not been used for a year. */
const ONLY = ['soon', 'unused'] as const;
/** Ends within thirty days from `$3`. */
const soon = `mandate.valid_to > $3::timestamptz and mandate.valid_to <= $3::timestamptz + interval '30 days'`;
const begun = (alias: string) => `coalesce(${alias}.given_at, ${alias}.valid_from)`;

/**
 * The viewer's search: `$6` in the name of the other party, of a package or a role (`$7` by code)
 * or of a service (in the language `$8`); and `$9`, one of `ONLY`.
 */
const filtered = `($6 = '' or strpos(${lowered('(select other.name from party other where other.id = case when mandate.from_party = any($1) then mandate.to_party else mandate.from_party end)')}, $6) > 0
    or coalesce(mandate.package, mandate.role) = any($7)
    or mandate.resource_id in (select resource.id from resource join resource_version version on version.version = resource.current_version
      where strpos(${lowered("coalesce(version.content -> 'title' ->> $8, version.content -> 'title' ->> 'nb')")}, $6) > 0))
  and case $9 when 'soon' then ${soon}
    when 'unused' then coalesce(mandate.last_used_at, mandate.valid_from) < $3::timestamptz - interval '1 year' else true end`;

const list: Statement = {
  name: 'overview_of_mandates',
  text: `with shown as (select mandate.id from mandate where ${shelf('$5')} and ${filtered}
      and ($12::uuid is null or (${begun('mandate')}, mandate.id) < (select ${begun('last')}, last.id from mandate last where last.id = $12))
      order by ${begun('mandate')} desc, mandate.id desc limit $10 offset $11)
    select ${columnsAt('$3::timestamptz')} ${joined} where mandate.id in (select shown.id from shown)
    order by ${begun('mandate')} desc, mandate.id desc`,
};
const found = `(select count(*)::int from mandate where ${shelf('$5')} and ${filtered}) as found`;
/** Whether a request for a right waits where its giver sees it: the asker is not silenced. */
export const WAITS = `request.state = 'pending' and (request.offered or not ${isSilenced('request.from_party', 'request.to_party')})`;
export const eachShelf = `${SHELVES.map((name) => `(select count(*)::int from mandate where ${shelf(`'${name}'`)}) as ${name}`).join(', ')},
    (select count(*)::int from mandate where ${shelf(`'given'`)} and ${soon}) as "endsSoon",
    (select count(*)::int from mandate where ${shelf(`'received'`)} and ${soon}) as "receivedSoon",
    (select count(*)::int from access_request request where request.from_party = any($1) and ${WAITS}) as asked,
    (select count(*)::int from mandate sent where $2 and sent.to_party = any($1) and sent.basis <> 'consent' and sent.ended_at is null and sent.accept_by > $3 and not ${isSilenced('sent.to_party', 'sent.from_party')}) as sent,
    (select count(*)::int from access_request request where $2 and request.to_party = any($1) and not request.offered and request.state in ('draft', 'pending')) as asking`;
const counts: Statement = { name: 'count_mandates', text: `select ${eachShelf}` };
const countFound: Statement = {
  name: 'count_of_overview',
  text: `select ${eachShelf}, ${found}`,
};

export interface Viewed {
  party: string;
  /** Others whose are seen together with it, as an organisation's sub-units. */
  units?: string[];
  /** Whether what the party received may be read too. */
  received: boolean;
  viewer: string;
}

/** The search within a shelf. */
export interface Sought {
  shelf: Shelf;
  /** In lower case; empty for everything. */
  text: string;
  /** Packages and roles whose names have it. */
  codes: string[];
  language: Language;
  only: (typeof ONLY)[number] | null;
}

export const allOf = ({ party, units = [] }: Viewed) => [party, ...units];

const soughtBy = (viewed: Viewed, sought: Sought, now: Date) => [
  ...[allOf(viewed), viewed.received, now, viewed.viewer, sought.shelf],
  ...[sought.text, sought.codes, sought.language, sought.only],
];

/** Newest first: a page by `offset`, or what comes `after` one that was read before. */
export const listShelf = (
  act: Act,
  viewed: Viewed,
  sought: Sought,
  page: { limit: number; offset?: number; after?: string },
): Promise<MandateRow[]> =>
  query<MandateRow>(act.db, list, [
    ...soughtBy(viewed, sought, act.now),
    ...[page.limit, page.offset ?? 0, page.after ?? null],
  ]);

/**
 * By shelf; what was given, and received, and ends within thirty days; rights that the party is
 * asked for, and that it asks for; what was sent to it and waits for its yes.
 */
export type ShelfCounts = Record<
  Shelf | 'endsSoon' | 'receivedSoon' | 'asked' | 'asking' | 'sent',
  number
>;

/** As `countShelves`, and how many are found of what is looked for. */
export const countSought = async (
  act: Act,
  viewed: Viewed,
  sought: Sought,
): Promise<ShelfCounts & { found: number }> =>
  (await queryOne<ShelfCounts & { found: number }>(
    act.db,
    countFound,
    soughtBy(viewed, sought, act.now),
  ))!;

/** How many there are of each, asked for in one statement. */
export const countShelves = async (act: Act, viewed: Viewed): Promise<ShelfCounts> =>
  (await queryOne<ShelfCounts>(act.db, counts, [
    allOf(viewed),
    viewed.received,
    act.now,
    viewed.viewer,
  ]))!;

const referenced: Statement = {
  name: 'by_reference',
  text: `select 'mandate' as kind, mandate.id, case when mandate.from_party = any($2) then mandate.from_party else mandate.to_party end as party
      from mandate where mandate.reference = $1 and (mandate.from_party = any($2) or ($3 and mandate.to_party = any($2)))
    union all select 'request', request.id, case when request.from_party = any($2) then request.from_party else request.to_party end
      from access_request request where request.reference = $1 and (request.from_party = any($2) or ($3 and request.to_party = any($2) and not request.offered))
    union all select 'consent', consent.id, consent.from_party from consent_request consent where consent.reference = $1 and consent.from_party = any($2)
    limit 1`,
};

export interface Referenced {
  kind: 'mandate' | 'request' | 'consent';
  id: string;
  /** On which of the sides that were asked about. */
  party: string;
}

/**
 * The mandate of these parties that has the reference; received ones only where they may be read.
 */
export const findReferenced = (
  db: Db,
  reference: string,
  { parties, received }: { parties: string[]; received: boolean },
): Promise<Referenced | undefined> => queryOne(db, referenced, [reference, parties, received]);
