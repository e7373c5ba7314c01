// Members of an object that an asker sends, by their names without regard to case. Pure.
import type { Findings } from '../problems.ts';

export type SentMembers = Map<string, unknown>;

/** The members; undefined, with what is wrong among the findings, for no object. */
export function readMembers(
  value: unknown,
  path: string,
  findings: Findings,
): SentMembers | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.invalid('TIL.VLD-00001', path || '/');
    return undefined;
  }
  const members: SentMembers = new Map();
  for (const [name, member] of Object.entries(value)) {
    const key = name.toLowerCase();
    if (members.has(key)) findings.invalid('TIL.VLD-00005', `${path}/${name.slice(0, 50)}`);
    members.set(key, member);
  }
  return members;
}
