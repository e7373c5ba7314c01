// Work on the stored tree: the tiles that it reads are known beforehand, and come in one statement.
import type { Db } from '../platform/db/db.ts';
import { readTiles } from './store.ts';
import { tileKey, tilesOf, type ReadTile } from './tree_model.ts';

/** The stored tree is not whole. */
export class BrokenTree extends Error {}

/** The result of some work on the tree of a log; throws `BrokenTree`. */
export async function onTree<Result>(
  db: Db,
  log: number,
  work: (read: ReadTile) => Result,
): Promise<Result> {
  const found = await readTiles(db, log, tilesOf(work));
  const tiles = new Map(found.map(({ level, tile, hashes }) => [tileKey(level, tile), hashes]));
  return work((level, tile) => {
    const hashes = tiles.get(tileKey(level, tile));
    if (!hashes) throw new BrokenTree(`tile ${level}/${tile} of the log is missing`);
    return hashes;
  });
}
