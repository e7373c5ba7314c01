// A request turned into one that somebody gets wrong, or means ill with: by numbers of a seed, so
// that what was found is found again.
import type { Made } from './examples.ts';

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const VALUES: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, '', ' ', '\0', '\ud800', '{}', '[]', 'null'],
  ...['NaN', '-0', '../..', '%00', "'; drop table party; --", '<script>', '{{constructor}}', '𝕏'],
  ...[
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-02-30',
    '00000000-0000-0000-0000-000000000000',
  ],
  ...['urn:altinn:person:identifier-no:00000000000', 'urn:altinn:', 'urn:altinn:party:uuid:x'],
  ...[
    'x'.repeat(70_000),
    'a'.repeat(201),
    [],
    {},
    [[]],
    [null],
    [{}],
    { toString: 1 },
    { length: -1 },
  ],
  ...[Array.from({ length: 2_000 }, () => 'x'), { __proto__: { admin: true } }, '\u202e', '\ufeff'],
];
const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
/** What a parameter holds as JSON, such as `claims`. */
function jsonIn(value: string | null): unknown {
  try {
    const told: unknown = JSON.parse(value ?? '');
    return typeof told === 'object' && told !== null ? told : undefined;
  } catch {
    return undefined;
  }
}
const TYPES = [
  ...['application/json', 'application/x-www-form-urlencoded', 'application/xml', 'text/plain', ''],
  ...[
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json-patch+json',
  ],
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function mutated(made: Made, next: () => number): Made {
  const pick = <One>(list: readonly One[]): One => list[Math.floor(next() * list.length)]!;
  const ways = [inPath, inQuery, inHeaders, inMethod, ...Array.from({ length: 6 }, () => inBody)];
  const times = 1 + Math.floor(next() * 2);
  let request = made;
  for (let time = 0; time < times; time += 1) request = pick(ways)(request);
  return request;

  function inPath({ url, ...rest }: Made): Made {
    const address = new URL(url);
    const parts = address.pathname.split('/');
    const at = 1 + Math.floor(next() * (parts.length - 1));
    const text = textOf(pick(VALUES)).slice(0, 3_000).toWellFormed();
    parts[at] = next() < 0.1 ? '%E0%A4%A' : encodeURIComponent(text);
    return { ...rest, url: `${address.origin}${parts.join('/')}${address.search}` };
  }

  function inQuery({ url, ...rest }: Made): Made {
    const address = new URL(url);
    const names = [...address.searchParams.keys(), 'party', 'from', 'to', 'limit', 'continueFrom'];
    const value = textOf(pick(VALUES)).slice(0, 3_000).toWellFormed();
    if (next() < 0.5) address.searchParams.append(pick(names), value);
    else address.searchParams.set(pick(names), value);
    return { ...rest, url: address.href };
  }

  function inHeaders({ headers, ...rest }: Made): Made {
    const [name, values] = pick([
      ['content-type', TYPES],
      ['accept', ['text/html', 'application/xml', '*/*;q=0', 'x', '']],
      ['accept-language', ['*', 'nb;q=x', 'x'.repeat(500), 'se,en;q=0.1']],
      ['x-request-id', ['x y', 'x'.repeat(500)]],
      ['if-none-match', ['*', '"x"']],
    ] as const);
    return { ...rest, headers: { ...headers, [name]: pick<string>(values) } };
  }

  function inMethod(request: Made): Made {
    const method = pick(METHODS);
    const { body: _none, ...rest } = request;
    return method === 'GET' ? { ...rest, method, body: undefined } : { ...request, method };
  }

  function inBody(request: Made): Made {
    const { body, method } = request;
    if (body === undefined)
      return method === 'GET'
        ? inQuery(request)
        : { ...request, body: JSON.stringify(pick(VALUES)) };
    if (next() < 0.15) return { ...request, body: broken(body) };
    try {
      return { ...request, body: JSON.stringify(changed(JSON.parse(body))) };
    } catch {
      return { ...request, body: inForm(body) };
    }
  }

  function broken(text: string): string {
    const at = Math.floor(next() * text.length);
    return pick([
      text.slice(0, at),
      text.slice(0, at) + pick(['"', '{', ']', '\\', '\0', '}']) + text.slice(at),
      text + text,
      text.replace(/"(\w+)":/, '"$1":1,"$1":'),
    ]);
  }

  function inForm(text: string): string {
    const form = new URLSearchParams(text);
    const name = pick([...form.keys(), 'client_id', 'grant_type', 'scope', 'resource', 'claims']);
    const value = textOf(pick(VALUES)).toWellFormed();
    const way = pick(['set', 'append', 'delete'] as const);
    const json = jsonIn(form.get(name));
    if (json !== undefined && next() < 0.7) form.set(name, JSON.stringify(changed(json)) ?? '');
    else if (way === 'delete') form.delete(name);
    else form[way](name, value);
    return String(form);
  }

  /** The tree with one of its places changed. */
  function changed(tree: unknown): unknown {
    const places: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]) => {
      places.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [name, inside] of Object.entries(value)) walk(inside, [...path, name]);
    };
    walk(tree, []);
    const path = pick(places);
    if (!path.length) return next() < 0.5 ? pick(VALUES) : { ...(tree as object), unknown: 1 };
    const copy = structuredClone(tree);
    const parent = path.slice(0, -1).reduce<any>((inside, name) => inside[name], copy);
    const name = path.at(-1)!;
    const old = parent[name];
    parent[name] = pick<() => unknown>([
      () => pick(VALUES),
      () => undefined,
      () => [old],
      () => [old, old],
      () => ({ value: old }),
      () => String(old),
      () => (typeof old === 'string' ? old.toUpperCase() : old),
      () => (typeof old === 'string' ? `${old} ` : { ...old, unknown: 1 }),
    ])();
    return copy;
  }
}
