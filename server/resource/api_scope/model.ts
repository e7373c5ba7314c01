// Names of API scopes, `prefix:name`: which prefixes an organisation may own. Pure.

/** Prefixes of scopes that our own operations ask for, and of the field's own; nobody's. */
const RESERVED = ['altinn', 'tillit', 'idporten', 'maskinporten', 'openid'];

/** The prefix of a scope that an organisation may own; undefined of every other name. */
export function prefixOf(scope: string): string | undefined {
  const [prefix, rest] = scope.split(':');
  return prefix && rest && !RESERVED.includes(prefix.toLowerCase()) ? prefix : undefined;
}
