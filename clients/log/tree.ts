// The checks that a reader of the log does alone: that a leaf is in a tree, and that a tree only
// grew (RFC 9162 §2.1.3.2, §2.1.4.2). They ask nobody.
import { hash } from 'node:crypto';

const sha256 = (...parts: Buffer[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');
export const leafHash = (data: Buffer): Buffer => sha256(Buffer.of(0), data);
export const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

const half = (number: number) => Math.floor(number / 2);
const isOdd = (number: number) => number % 2 === 1;

/** The root to which the way leads from a leaf; undefined where it is no way of such a tree. */
export function rootFrom(
  leaf: Buffer,
  { index, size, hashes }: { index: number; size: number; hashes: Buffer[] },
): Buffer | undefined {
  if (index >= size) return undefined;
  let [node, last] = [index, size - 1];
  let root = leaf;
  for (const one of hashes) {
    if (last === 0) return undefined;
    if (isOdd(node) || node === last) {
      root = nodeHash(one, root);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      root = nodeHash(root, one);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? root : undefined;
}

interface Tree {
  size: number;
  root: Buffer;
}

/** Whether the later tree begins with the leaves of the earlier one. */
export function isConsistent(earlier: Tree, later: Tree, hashes: Buffer[]): boolean {
  if (earlier.size === 0 || earlier.size > later.size) return false;
  if (earlier.size === later.size) return hashes.length === 0 && earlier.root.equals(later.root);
  const isPower = Number.isInteger(Math.log2(earlier.size));
  const [first, ...rest] = isPower ? [earlier.root, ...hashes] : hashes;
  if (!first) return false;
  let [node, last] = [earlier.size - 1, later.size - 1];
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let [before, after] = [first, first];
  for (const one of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      [before, after] = [nodeHash(one, before), nodeHash(one, after)];
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      after = nodeHash(after, one);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && before.equals(earlier.root) && after.equals(later.root);
}
