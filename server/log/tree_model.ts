// The Merkle tree over the log's leaves (RFC 9162 §2.1), in tiles: rows of 256 hashes, of which
// each full one is an entry of the row above. Pure; it knows no event and no table.
import { hash } from 'node:crypto';

/** Bytes of a hash. */
const WIDTH = 32;
/** Hashes of a full tile, and the levels of the tree that one spans. */
const ENTRIES = 256;
const SPAN = 8;

const sha256 = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

export const leafHash = (data: string): Buffer => sha256(LEAF, Buffer.from(data));
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(NODE, left, right);
/** The root of a tree without leaves. */
const EMPTY = sha256();

export interface Tile {
  level: number;
  tile: number;
  /** The hashes one after the other; fewer than 256 at the right edge. */
  hashes: Buffer;
}

export const tileKey = (level: number, tile: number) => `${level}/${tile}`;

/** The number of leaves, by the last tile of the lowest level. */
export function leavesIn(edge: Tile[]): number {
  const last = edge.find(({ level }) => level === 0);
  return last ? last.tile * ENTRIES + last.hashes.length / WIDTH : 0;
}

/** The tiles that are new or longer with these leaves; `edge` is the last tile of each level. */
export function appended(edge: Tile[], leaves: Buffer[]): Tile[] {
  const changed: Tile[] = [];
  let coming = leaves;
  for (let level = 0; coming.length; level += 1) {
    const above: Buffer[] = [];
    let last = edge.find((tile) => tile.level === level) ?? { tile: 0, hashes: Buffer.alloc(0) };
    while (coming.length) {
      if (last.hashes.length === ENTRIES * WIDTH)
        last = { tile: last.tile + 1, hashes: Buffer.alloc(0) };
      const fits = coming.slice(0, ENTRIES - last.hashes.length / WIDTH);
      coming = coming.slice(fits.length);
      last = { tile: last.tile, hashes: Buffer.concat([last.hashes, ...fits]) };
      changed.push({ level, ...last });
      if (last.hashes.length === ENTRIES * WIDTH) above.push(folded(last.hashes));
    }
    coming = above;
  }
  return changed;
}

/** The root of a whole subtree of these hashes, as many as a power of two. */
function folded(hashes: Buffer): Buffer {
  let row = hashes;
  while (row.length > WIDTH) {
    const next = Buffer.alloc(row.length / 2);
    for (let at = 0; at < row.length; at += 2 * WIDTH)
      sha256(NODE, row.subarray(at, at + 2 * WIDTH)).copy(next, at / 2);
    row = next;
  }
  return row;
}

/** A tile's hashes; undefined where they have not been read. */
export type ReadTile = (level: number, tile: number) => Buffer | undefined;

/** The root of the subtree of 2^height leaves that is the index-th of its height. */
function nodeAt(read: ReadTile, height: number, index: number): Buffer {
  const within = height % SPAN;
  const first = index * 2 ** within;
  const hashes = read(Math.floor(height / SPAN), Math.floor(first / ENTRIES));
  const at = (first % ENTRIES) * WIDTH;
  if (!hashes) return EMPTY;
  const own = hashes.subarray(at, at + 2 ** within * WIDTH);
  if (own.length < 2 ** within * WIDTH) throw new RangeError('a tile is too short');
  return folded(own);
}

/** The largest power of two below a number above one, as an exponent. */
const splitOf = (count: number) => Math.ceil(Math.log2(count)) - 1;

/** MTH(D[from:to]) of §2.1.1, where `from` is a multiple of a power of two not below the length. */
function rootOf(read: ReadTile, from: number, to: number): Buffer {
  const count = to - from;
  if (count === 0) return EMPTY;
  const height = Math.log2(count);
  if (Number.isInteger(height)) return nodeAt(read, height, from / count);
  const middle = from + 2 ** splitOf(count);
  return nodeHash(rootOf(read, from, middle), rootOf(read, middle, to));
}

/** The hash of a leaf, as the tiles have it. */
export const leafAt = (read: ReadTile, index: number): Buffer => rootOf(read, index, index + 1);

export const treeRoot = (read: ReadTile, size: number): Buffer => rootOf(read, 0, size);

/** The way from a leaf to the root of the first `size` leaves, from the leaf up (§2.1.3.1). */
export function inclusion(read: ReadTile, index: number, size: number): Buffer[] {
  const way = (from: number, to: number): Buffer[] => {
    if (to - from <= 1) return [];
    const middle = from + 2 ** splitOf(to - from);
    return index < middle
      ? [...way(from, middle), rootOf(read, middle, to)]
      : [...way(middle, to), rootOf(read, from, middle)];
  };
  return way(0, size);
}

/** The hashes that lead to the roots of the first `first` and `second` leaves (§2.1.4.1). */
export function consistency(read: ReadTile, first: number, second: number): Buffer[] {
  const way = (from: number, to: number, isWhole: boolean): Buffer[] => {
    if (first === to) return isWhole ? [] : [rootOf(read, from, to)];
    const middle = from + 2 ** splitOf(to - from);
    return first <= middle
      ? [...way(from, middle, isWhole), rootOf(read, middle, to)]
      : [...way(middle, to, false), rootOf(read, from, middle)];
  };
  return first === second ? [] : way(0, second, true);
}

/** The tiles that some work on a tree reads, by running it on a tree of nothing. */
export function tilesOf(work: (read: ReadTile) => unknown): Pick<Tile, 'level' | 'tile'>[] {
  const wanted = new Map<string, Pick<Tile, 'level' | 'tile'>>();
  work((level, tile) => {
    wanted.set(tileKey(level, tile), { level, tile });
    return undefined;
  });
  return [...wanted.values()];
}
