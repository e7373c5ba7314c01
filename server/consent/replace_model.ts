// The difference between a request and the consent that it replaces. Pure.
import { canonicalJson } from '../platform/ids.ts';
import type { Consent, ConsentRight } from './model.ts';

/** A right as one value: the same for two that let the same. */
export const keyOfRight = ({
  resource,
  actions,
  metadata,
}: Pick<ConsentRight, 'resource' | 'actions'> & { metadata: Record<string, string | null> }) =>
  canonicalJson([
    resource,
    [...actions].sort(),
    Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value])),
  ]);

/** Rights that come, that go, and that stay. */
export function differences(
  { rights }: Pick<Consent, 'rights'>,
  old: Pick<Consent, 'rights'>,
): Record<'added' | 'gone' | 'kept', ConsentRight[]> {
  const held = new Set(old.rights.map(keyOfRight));
  const asked = new Set(rights.map(keyOfRight));
  return {
    added: rights.filter((right) => !held.has(keyOfRight(right))),
    gone: old.rights.filter((right) => !asked.has(keyOfRight(right))),
    kept: rights.filter((right) => held.has(keyOfRight(right))),
  };
}
