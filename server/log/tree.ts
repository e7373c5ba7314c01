// Work on the stored tree: the tiles that it reads are known beforehand, and come in one statement.
import type { Db } from '../platform/db/db.ts';
import { readTiles } from './store.ts';
import { tileKey, tilesOf, type ReadTile } from './tree_model.ts';

/** The result of some work on the tree of a log; throws `RangeError` where it is not whole. */
export async function onTree<Result>(
  db: Db,
  log: number,
  work: (read: ReadTile) => Result,
): Promise<Result> {
  const found = await readTiles(db, log, tilesOf(work));
  const tiles = new Map(found.map(({ level, tile, hashes }) => [tileKey(level, tile), hashes]));
  return work((level, tile) => {
    const hashes = tiles.get(tileKey(level, tile));
    if (!hashes) throw new RangeError(`tile ${level}/${tile} of the log is missing`);
    return hashes;
  });
}
