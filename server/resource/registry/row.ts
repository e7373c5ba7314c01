// A policy as a row that is published: with its digest, and its index by subject.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../platform/ids.ts';
import { createPace, type Pace } from '../../platform/pace.ts';
import { indexOf, type Policy } from '../policy/model.ts';

/** As many alternatives of a rule as are printed in one go. */
const PIECE = 200;

/** A policy's digest: equal policies have equal text, hashed a piece at a time. */
async function hashOf({ rules, ...shared }: Policy, pace: Pace): Promise<string> {
  const hash = createHash('sha256').update(canonicalJson(shared));
  for (const { subjects, ...rule } of rules) {
    hash.update(canonicalJson(rule));
    for (let at = 0; at < subjects.length; at += PIECE) {
      hash.update(canonicalJson(subjects.slice(at, at + PIECE)));
      await pace();
    }
    await pace();
  }
  return hash.digest('base64url');
}

/** A policy ready to be published. */
export async function policyRow(id: string, content: Policy, pace = createPace()) {
  const hash = await hashOf(content, pace);
  const row = { id, hash, content, rules: indexOf(content) };
  await pace();
  return row;
}
