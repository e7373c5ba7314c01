// The difference between a request and the consent that it replaces. Pure.
import { canonicalJson } from '../platform/ids.ts';
import type { Consent, ConsentRight } from './model.ts';

/** The content of a right: equal for two that let the same. */
export const contentOfRight = ({
  resource,
  actions,
  metadata,
}: Pick<ConsentRight, 'resource' | 'actions'> & { metadata: Record<string, string | null> }) => ({
  actions: [...actions].sort(),
  resource,
  metadata: Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]),
  ),
});

/** The same as one value. */
export const keyOfRight = (right: Parameters<typeof contentOfRight>[0]) =>
  canonicalJson(contentOfRight(right));

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
