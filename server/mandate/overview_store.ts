// SQL of what a person sees of mandates: what a party has given, received, has by law, and had; by
// pages, newest first. It decides nothing.
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';
import { columnsAt, joined, type MandateRow } from './delegation_store.ts';
import { stands } from './force_store.ts';

/** `statutory` is what a register says, which nobody here has given. */
export const SHELVES = ['given', 'received', 'statutory', 'ended'] as const;
export type Shelf = (typeof SHELVES)[number];

/**
 * Whose, by `$1`; what the party received only where `$2`; what is secret for its two alone, of
 * whom `$4` may be one.
 */
const shelf = (name: string) => `mandate.basis <> 'consent'
  and (mandate.from_party = $1 or (mandate.to_party = $1 and $2))
  and ($4 in (mandate.from_party, mandate.to_party) or not exists (select from role join source on source.code = role.source
    where role.code = mandate.role and source.visibility = 'secret'))
  and case ${name} when 'given' then mandate.basis <> 'register' and mandate.from_party = $1 and ${stands('mandate', '$3')}
    when 'received' then mandate.basis <> 'register' and mandate.to_party = $1 and ${stands('mandate', '$3')}
    when 'statutory' then mandate.basis = 'register' and ${stands('mandate', '$3')}
    else not (${stands('mandate', '$3')}) end`;

const list: Statement = {
  name: 'overview_of_mandates',
  text: `select ${columnsAt('$3::timestamptz')} ${joined} where ${shelf('$5')}
    order by coalesce(mandate.given_at, mandate.valid_from) desc, mandate.id limit $6 offset $7`,
};
const counts: Statement = {
  name: 'count_mandates',
  text: `select ${SHELVES.map((name) => `(select count(*)::int from mandate where ${shelf(`'${name}'`)}) as ${name}`).join(', ')},
    (select count(*)::int from mandate where ${shelf(`'given'`)} and mandate.valid_to <= $3::timestamptz + interval '30 days') as "endsSoon"`,
};

export interface Viewed {
  party: string;
  /** Whether what the party received may be read too. */
  received: boolean;
  viewer: string;
}

export const listShelf = (
  db: Db,
  { party, received, viewer }: Viewed,
  page: { shelf: Shelf; limit: number; offset: number },
  now: Date,
): Promise<MandateRow[]> =>
  query<MandateRow>(db, list, [party, received, now, viewer, page.shelf, page.limit, page.offset]);

export type Counts = Record<Shelf | 'endsSoon', number>;

/** How many there are on each, and of what was given how many end within thirty days. */
export const countShelves = async (
  db: Db,
  { party, received, viewer }: Viewed,
  now: Date,
): Promise<Counts> => (await queryOne<Counts>(db, counts, [party, received, now, viewer]))!;
