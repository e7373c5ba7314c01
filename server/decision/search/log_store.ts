// SQL of the log of searches: one row a question, with every party that it was about or that the
// answer named; each of them finds it.
import { isProtected } from '../../party/facts_store.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';
import { NO_ID } from '../../platform/ids.ts';

export interface SearchEntry {
  caller: string;
  kind: 'subject' | 'resource' | 'action' | 'authorized_parties';
  /** The party asked about, and for whom; null where the question leaves it open. */
  subject: string | null;
  fromParty: string | null;
  resourceId: string | null;
  action: string | null;
  /** Parties that the answer lists. */
  told: string[];
}

export interface SearchLogged extends SearchEntry {
  id: string;
  at: Date;
}

const append: Statement = {
  name: 'append_searches',
  text: `insert into search_log (id, at, caller, kind, subject, from_party, resource_id, action, parties)
    select r.id, r.at, r.caller, r.kind, r.subject, r."fromParty", r."resourceId", r.action,
      array(select distinct party from (select jsonb_array_elements_text(r.told)::uuid union all values (r.subject), (r."fromParty")) as one(party)
        where party is not null)
    from jsonb_to_recordset($1::jsonb) as r(id uuid, at timestamptz, caller text, kind text, subject uuid, "fromParty" uuid, "resourceId" text,
      action text, told jsonb)`,
};

export const appendSearches = (db: Db, entries: SearchLogged[]) =>
  query(db, append, [JSON.stringify(entries)]);

// A reader for a party who may not read what it has received sees searches about what it gives. One
// about what a person with a protected address gives is for that person and the subject: who
// searched can show where the person is, also to somebody whom the answer lists.
const read: Statement = {
  name: 'read_searches',
  // By the index of parties for most; by their order for one whom many searches are about.
  isPlannedAnew: true,
  text: `select log.id, log.at, log.caller, log.kind, log.resource_id as "resourceId", log.action,
      case when log.subject = $1 then 'subject' when log.from_party = $1 then 'from' else 'listed' end as "about"
    from search_log log where log.parties @> array[$1::uuid] and log.caller <> all($6::text[]) and ($2 or log.from_party = $1) and log.id < $3 and log.id >= $5
      and (($2 and $1 in (log.from_party, log.subject))
        or not ${isProtected('log.from_party')}) order by log.id desc limit $4`,
};

export interface SearchRow {
  id: string;
  at: Date;
  caller: string;
  kind: SearchEntry['kind'];
  resourceId: string | null;
  action: string | null;
  /** As what the reader's party was in it. */
  about: 'subject' | 'from' | 'listed';
}

/** Newest first; none before the id `from`. */
export const readSearches = (
  db: Db,
  wanted: {
    party: string;
    received: boolean;
    before: string;
    limit: number;
    from?: string;
    /** Organisation numbers of those whose searches are left out. */
    exempt: string[];
  },
) =>
  query<SearchRow>(db, read, [
    ...[wanted.party, wanted.received, wanted.before, wanted.limit],
    ...[wanted.from ?? NO_ID, wanted.exempt],
  ]);
