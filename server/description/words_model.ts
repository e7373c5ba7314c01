// A sentence for each member and parameter of the description (words.json): by its place, or by its
// name where it means the same everywhere. It knows no operation.
import words from './words.json' with { type: 'json' };

const members: Record<string, string> = words.members;
const parameters: Record<string, string> = words.parameters;
const tags: Record<string, string> = words.tags;

/**
 * The sentence of a member. `place` leads from the operation's id, or the schema's name, to it; the
 * longest end of it that has a sentence counts.
 */
export function memberWords([root = '', ...rest]: string[]): string | undefined {
  // The shape in which a thing is written says the same as the one in which it is read.
  for (const first of [root, root.replace(/Written$/, '')]) {
    const place = [first, ...rest];
    for (const at of rest.keys()) {
      const found = members[place.slice(at).join('.')];
      if (found) return found;
    }
  }
  return members[rest.at(-1)!];
}

/** The sentence of a parameter of an operation: `id?name` in the query, `id:name` in the path. */
export const parameterWords = (
  id: string,
  place: 'path' | 'query',
  name: string,
): string | undefined => {
  const own = `${place === 'path' ? ':' : '?'}${name}`;
  return parameters[`${id}${own}`] ?? parameters[own];
};

/** The sentence of a group of operations. */
export const tagWords = (tag: string): string | undefined => tags[tag];
