// Where the rows come from that are audited: a database that is asked, or a dump of one, which is
// taken into a PostgreSQL within this process. Nothing of either is changed.
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

export interface Rows {
  query<Row = any>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  /** Runs statements that answer with nothing. */
  run(text: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function ofDatabase(connectionString: string): Promise<Rows> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return {
    query: (text, values) => client.query(text, values) as Promise<{ rows: any[] }>,
    run: (text) => client.query(text),
    close: () => client.end(),
  };
}

/** Commands of psql's own, in a dump. */
const META = /^\\(?:un)?restrict .*\n/gm;

/** Rows of a dump by `pg_dump --inserts --no-owner --no-privileges`; throws where it is none. */
export async function ofExport(file: string): Promise<Rows> {
  const text = readFileSync(file, 'utf8');
  const database = new PGlite();
  await database.exec(text.replace(META, ''));
  return {
    query: (asked, values) => database.query(asked, values),
    run: (asked) => database.exec(asked),
    close: () => database.close(),
  };
}
