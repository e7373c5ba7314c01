// A call for each operation that the demo's world answers: shown in the description, and made in
// this order on a fresh world by the tests. A value of an earlier answer is named in braces.
import story from './examples.json' with { type: 'json' };

export interface Example {
  /** The operation. */
  id: string;
  /** The caller, in the demo's world: a party's name, or a client's id. */
  as?: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Where the demo's world can only be refused. */
  status?: number;
  /** The part of the answer that later calls use: a name, and a JSON pointer to it (RFC 6901). */
  keep?: Record<string, string>;
}

export const EXAMPLES = story as Example[];

/** Stands for what only an answer, or a key of the reader's own, contains. */
const SHOWN: Record<string, string> = {
  assertion: 'eyJhbGciOiJSUzI1NiIs',
  token: 'eyJhbGciOiJSUzI1NiIs',
  policyVersion: '12',
};
const SOME_ID = '7a0c3f52-9a4e-4c0e-8a55-0c6f2f0f3b11';

/** The example with its names in braces replaced from `told`. */
export function filled(example: Example, told: (name: string) => string): Example {
  const text = JSON.stringify(example).replaceAll(/"\{(\w+)\}"/g, (_whole, name: string) =>
    JSON.stringify(told(name)),
  );
  return JSON.parse(text) as Example;
}

/** The first call of an operation, as the description shows it. */
export function exampleOf(id: string): Example | undefined {
  const found = EXAMPLES.find((example) => example.id === id);
  return found && filled(found, (name) => SHOWN[name] ?? SOME_ID);
}
