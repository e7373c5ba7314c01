// A call for each operation that the demo's world answers: shown in the description, and made in
// this order on a fresh world by the tests. A value of an earlier answer is named in braces.
import story from './examples.json' with { type: 'json' };

export interface Example {
  /** The operation. */
  id: string;
  /** The caller, in the demo's world: a party's name, or a client's id. */
  as?: string;
  /** The scope of the token, where it is not the first of the operation's. */
  scope?: string;
  /** How the demo makes the assertion of the call, where it is not one that authenticates. */
  demo?: string;
  /** Operations that are called before it, for what they leave. */
  needs?: string[];
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Where the demo's world can only be refused. */
  status?: number;
  /** The part of the answer that later calls use: a name, and a JSON pointer to it (RFC 6901). */
  keep?: Record<string, string>;
}

export const EXAMPLES = story as Example[];

/** The callers as the demo's tokens are asked for: clients by id, people by number. */
export const CALLERS: Record<string, string> = {
  'Eksempelbanken AS': 'eksempelbanken',
  Testskatteetaten: 'testskatt-api',
  Testkartverket: 'testkart-api',
  'Testdirektoratet for samtykke': 'testdirektoratet',
  'Datahjelp AS': 'datahjelp',
  'Kari Testdal': '14838412026',
  'Daniel Eksempelsen': '17877912736',
  'Berit Rørvik': '16918313935',
  'Per Regnlund': '11867013476',
  'Silje Verksund': '15819714581',
  'Henrik Kontorås': '26868614845',
};

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

/** The same, or none that says more than the operation. */
export const shownOf = (id: string): Example => exampleOf(id) ?? { id };

/** The calls of an operation in order: those that it uses the answers of, and itself. */
export function stepsOf(id: string): Example[] {
  const at = EXAMPLES.findIndex((example) => example.id === id);
  return at === -1 ? [{ id }] : [...new Set(before(at)), EXAMPLES[at]!];
}

/** The calls before one, nearest in the story: of what it names in braces, and of what it needs. */
function before(at: number): Example[] {
  const { needs = [], ...example } = EXAMPLES[at]!;
  const names = [...JSON.stringify(example).matchAll(/"\{(\w+)\}"/g)].map(([, name]) => name!);
  const last = (fits: (one: Example) => boolean) =>
    EXAMPLES.slice(0, at).findLastIndex((one) => fits(one));
  return [
    ...needs.map((wanted) => last((one) => one.id === wanted)),
    ...names.map((name) => last((one) => one.keep !== undefined && name in one.keep)),
  ]
    .filter((found) => found !== -1)
    .flatMap((found) => [...before(found), EXAMPLES[found]!]);
}
