// A node's memory of the catalogue, and of policies, services and templates. Nothing is remembered
// past a change: versions are immutable, and a caller that asks for the catalogue brings the
// version that the database has at that moment.
import { LRUCache } from 'lru-cache';
import type { Act } from '../../platform/act.ts';
import { createBatcher } from '../../platform/db/batch.ts';
import type { Db } from '../../platform/db/db.ts';
import { Catalogue } from './model.ts';
import type { Policy } from '../policy/model.ts';
import { findPolicies, readCatalogue, readCatalogueVersion } from '../policy/store.ts';
import { type WordedContent, worded } from '../markdown.ts';
import type { ConsentTemplate } from '../model.ts';
import { findContents, findTemplates } from '../store.ts';

/** An act that knows what this process remembers of the catalogue and of versions. */
export interface Knowing extends Act {
  knowledge: Knowledge;
}

/** The key under which an act keeps its catalogue. */
const KEPT = 'catalogue';

/** The catalogue as it is now; the same for all of the act. */
export const currentCatalogue = ({ once, db, knowledge }: Knowing): Promise<Catalogue> =>
  once(KEPT, () => knowledge.current(db));

/**
 * The catalogue of a version that the database had in this act, which is that of the act where it
 * has read none.
 */
export const catalogueAt = ({ once, db, knowledge }: Knowing, version: number) => {
  const found = knowledge.catalogue(db, version);
  once(KEPT, () => found);
  return found;
};

export interface Knowledge {
  /** The catalogue of this version, or a newer one. */
  catalogue(db: Db, version: number): Promise<Catalogue>;
  /** The catalogue as it is now. */
  current(db: Db): Promise<Catalogue>;
  policies: Versions<number, Policy>;
  /** Services in words and rules, by version. */
  contents: Versions<number, WordedContent>;
  /** Templates, by id and version with a space between. */
  templates: Versions<string, ConsentTemplate>;
}

/** The content of these versions, but of those that are not there; nobody changes it. */
type Versions<Key, Value> = (db: Db, versions: Key[]) => Promise<Map<Key, Value>>;

/** Versions that are remembered of each: room is taken for all of them at once. */
const POLICIES = 20_000;
const CONTENTS = 2_000;
const TEMPLATES = 500;

interface Version<Key, Content> {
  version: Key;
  content: Content;
}

function createMemory<Key extends string | number, Content extends object>(
  most: number,
  read: (db: Db, versions: Key[]) => Promise<Version<Key, Content>[]>,
): Versions<Key, Content> {
  const kept = new LRUCache<Key, Content>({ max: most });
  return async (db, versions) => {
    const found = new Map<Key, Content>();
    const missing: Key[] = [];
    for (const version of new Set(versions)) {
      const content = kept.get(version);
      if (content) found.set(version, content);
      else missing.push(version);
    }
    if (missing.length)
      for (const { version, content } of await read(db, missing)) {
        kept.set(version, content);
        found.set(version, content);
      }
    return found;
  };
}

/** Remembers no more of a kind than `most`. */
export function createKnowledge(most = POLICIES): Knowledge {
  let known: Catalogue | undefined;
  // Readers who find it changed at the same moment read it together: it is the largest read there
  // is.
  const readTogether = createBatcher(
    async (asked: Db[]) => {
      const fresh = await readAll(asked[0]!);
      return asked.map(() => fresh);
    },
    { limit: 1_000, lanes: 1 },
  );
  return {
    async catalogue(db, version) {
      if (known && known.version === version) return known;
      // A transaction's own changes are kept from everybody else.
      const fresh = await (db.isTransaction ? readAll(db) : readTogether(db));
      if (!known || fresh.version > known.version) known = fresh;
      return fresh;
    },
    async current(db) {
      return this.catalogue(db, await readCatalogueVersion(db));
    },
    policies: createMemory(most, findPolicies),
    contents: createMemory(Math.min(most, CONTENTS), findWorded),
    templates: createMemory(Math.min(most, TEMPLATES), findTemplates),
  };
}

const findWorded = async (db: Db, versions: number[]) =>
  (await findContents(db, versions)).map((one) => ({ ...one, content: worded(one.content) }));

const readAll = async (db: Db) => new Catalogue(await readCatalogue(db));
