// The tree in tiles against the definition of RFC 9162 §2.1.1, and its proofs against whoever
// checks them (§2.1.3.2, §2.1.4.2).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isConsistent, leafHash as leafOf, nodeHash, rootFrom } from '../../clients/log/tree.ts';
import {
  appended,
  consistency,
  inclusion,
  leafHash,
  leavesIn,
  tileKey,
  tilesOf,
  treeRoot,
  type ReadTile,
  type Tile,
} from '../../server/log/tree_model.ts';

/** A tree that grows by lots, as it is stored. */
function grown(lots: string[][]) {
  const tiles = new Map<string, Tile>();
  for (const lot of lots) {
    const last = new Map<number, Tile>();
    for (const tile of tiles.values())
      if (tile.tile >= (last.get(tile.level)?.tile ?? 0)) last.set(tile.level, tile);
    for (const tile of appended([...last.values()], lot.map(leafHash)))
      tiles.set(tileKey(tile.level, tile.tile), tile);
  }
  const read: ReadTile = (level, tile) => {
    const found = tiles.get(tileKey(level, tile));
    assert.ok(found, `no tile ${level}/${tile}`);
    return found.hashes;
  };
  return { tiles: [...tiles.values()], read };
}

/** MTH of the definition: split at the largest power of two below the length. */
function slowRoot(leaves: string[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  if (leaves.length === 1) return leafOf(Buffer.from(leaves[0]!));
  const at = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(slowRoot(leaves.slice(0, at)), slowRoot(leaves.slice(at)));
}

const lots = fc.array(fc.array(fc.string({ maxLength: 5 }), { minLength: 1, maxLength: 90 }), {
  minLength: 1,
  maxLength: 12,
});
const RUNS = { numRuns: 60 };

describe('the tree of the log', () => {
  it('has the root of the definition at every size it had, however it grew', () => {
    fc.assert(
      fc.property(lots, fc.nat(), (some, pick) => {
        const leaves = some.flat();
        const { read } = grown(some);
        const size = pick % (leaves.length + 1);
        assert.deepEqual(treeRoot(read, size), slowRoot(leaves.slice(0, size)));
        assert.deepEqual(treeRoot(read, leaves.length), slowRoot(leaves));
      }),
      RUNS,
    );
  });

  it('keeps as many hashes as there are leaves, and one for each full tile', () => {
    const { tiles } = grown([Array.from({ length: 70_000 }, (_, n) => String(n))]);
    assert.equal(leavesIn(tiles.filter(({ level, tile }) => level === 0 && tile === 273)), 70_000);
    const rows = [0, 1, 2].map((level) =>
      tiles
        .filter((tile) => tile.level === level)
        .reduce((sum, { hashes }) => sum + hashes.length / 32, 0),
    );
    assert.deepEqual(rows, [70_000, 273, 1]);
  });

  it('proves each leaf to a reader, and no other leaf, place or size', () => {
    fc.assert(
      fc.property(lots, fc.nat(), fc.nat(), (some, one, other) => {
        const leaves = some.flat();
        const { read } = grown(some);
        const size = (one % leaves.length) + 1;
        const index = other % size;
        const hashes = inclusion(read, index, size);
        const root = treeRoot(read, size);
        const leaf = leafOf(Buffer.from(leaves[index]!));
        assert.deepEqual(rootFrom(leaf, { index, size, hashes }), root);
        const forged = leafOf(Buffer.from(`${leaves[index]}!`));
        assert.notDeepEqual(rootFrom(forged, { index, size, hashes }), root);
        assert.notDeepEqual(rootFrom(leaf, { index, size, hashes: [...hashes, leaf] }), root);
        if (hashes.length)
          assert.notDeepEqual(rootFrom(leaf, { index, size, hashes: hashes.slice(1) }), root);
        assert.equal(rootFrom(leaf, { index: size, size, hashes }), undefined);
      }),
      RUNS,
    );
  });

  it('proves that it only grew, and nothing else', () => {
    fc.assert(
      fc.property(lots, fc.nat(), fc.nat(), (some, one, other) => {
        const { read } = grown(some);
        const second = (one % some.flat().length) + 1;
        const first = (other % second) + 1;
        const hashes = consistency(read, first, second);
        const at = (size: number) => ({ size, root: treeRoot(read, size) });
        assert.ok(isConsistent(at(first), at(second), hashes));
        const rewritten = { size: first, root: slowRoot(['another']) };
        if (first < second || some.flat().length > 1)
          assert.ok(!isConsistent(rewritten, at(second), hashes));
        if (first === second) assert.deepEqual(hashes, []);
        else assert.ok(!isConsistent(at(first), at(second), hashes.slice(0, -1)));
      }),
      RUNS,
    );
  });

  it('knows beforehand which few tiles a proof of ten million leaves reads', () => {
    const size = 10_000_000;
    for (const index of [0, 255, 256, 5_242_880, 9_999_999]) {
      const wanted = tilesOf((read) => inclusion(read, index, size));
      assert.ok(wanted.length <= 8, `${wanted.length}`);
      for (const { level, tile } of wanted)
        assert.ok(tile * 256 ** (level + 1) < size && level <= 2, `${level}/${tile}`);
    }
  });
});
