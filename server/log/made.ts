// The tree as nodes made it: its size and root under a MAC with a key of SECRET, kept beside it as
// it grows. Whoever appends to the tables without the secret makes another tree, which no node goes
// on with or signs.
import { sealOf, type Db } from '../platform/db/db.ts';
import { leavesIn, tileKey, treeRoot, type Tile } from './tree_model.ts';

/** The purpose of its key (platform/secret/seal.ts). */
const PURPOSE = 'log_tree';

/** The root of a tree, by its last tile of each level; throws `RangeError` where one is missing. */
export function edgeRoot(edge: Tile[]): Buffer {
  const tiles = new Map(edge.map(({ level, tile, hashes }) => [tileKey(level, tile), hashes]));
  return treeRoot((level, tile) => {
    const hashes = tiles.get(tileKey(level, tile));
    if (!hashes) throw new RangeError(`tile ${level}/${tile} of the log is missing`);
    return hashes;
  }, leavesIn(edge));
}

/** The text that is digested of a tree. */
const textOf = (log: number, edge: Tile[]): string =>
  JSON.stringify([log, leavesIn(edge), edgeRoot(edge).toString('base64')]);

/** The last tile of each level, once these are changed. */
export const edgeWith = (edge: Tile[], changed: Tile[]): Tile[] => [
  ...new Map([...edge, ...changed].map((tile) => [tile.level, tile])).values(),
];

/** The MAC of a tree, by its last tile of each level. */
export const madeOf = (db: Db, log: number, edge: Tile[]): string =>
  sealOf(db).digest(PURPOSE, textOf(log, edge));

/** Whether nodes made the tree, by this secret or an accepted one; nobody makes an empty one. */
export const isMade = (db: Db, log: number, edge: Tile[], made: string | null): boolean =>
  leavesIn(edge) === 0 || (made !== null && sealOf(db).isDigest(PURPOSE, textOf(log, edge), made));
