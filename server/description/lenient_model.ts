// In the schemas of what comes in, "no other member" is taken back where other members are left
// unread: AuthZEN 1.0 and Altinn 3 demand that. What comes out has no other member. Pure.
type Json = Record<string, unknown>;

interface Described {
  paths: Record<string, Record<string, unknown>>;
  schemas: Record<string, Json>;
}

const isObject = (node: unknown): node is Json => typeof node === 'object' && node !== null;

/**
 * Changes the schemas of those request bodies that are read leniently; one that is read strictly
 * elsewhere stays as it is.
 */
export function loosen(
  { paths, schemas }: Described,
  isLenient: (path: string, method: string) => boolean,
): void {
  const strict = new Set<string>();
  const done = new Set<string>();
  const bodies = (lenient: boolean) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => isLenient(path, method) === lenient)
        .map(([, operation]) => (operation as Json).requestBody),
    );
  for (const body of bodies(false)) walk(body, schemas, strict, () => true);
  for (const body of bodies(true))
    walk(body, schemas, done, (node, name) => {
      // Some are refused all the same (platform/http/shapes.ts `exact`).
      if (node['x-exact'] || (name !== undefined && strict.has(name))) return false;
      if (node.additionalProperties === false) delete node.additionalProperties;
      return true;
    });
  unmark(schemas);
  unmark(paths);
}

/** Visits each object of a schema once, by name where it has one, while `visit` says to go on. */
function walk(
  node: unknown,
  schemas: Record<string, Json>,
  seen: Set<string>,
  visit: (node: Json, name: string | undefined) => boolean,
  name?: string,
): void {
  if (!isObject(node)) return;
  if (typeof node.$ref === 'string') {
    const named = node.$ref.split('/').at(-1)!;
    if (seen.has(named)) return;
    seen.add(named);
    walk(schemas[named], schemas, seen, visit, named);
    return;
  }
  if (!Array.isArray(node) && !visit(node, name)) return;
  for (const [key, value] of Object.entries(node))
    if (key !== 'example') walk(value, schemas, seen, visit);
}

function unmark(node: unknown): void {
  if (!isObject(node)) return;
  delete node['x-exact'];
  for (const one of Object.values(node)) unmark(one);
}
