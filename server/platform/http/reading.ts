// Reads what comes in as its schema says: names as declared, own members only, what is not declared
// refused or left out, and everything that is wrong reported at once. It knows no operation.
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { valuesOf } from './parameters.ts';
import type { MemberCodes, TSchema } from './shapes.ts';
import { asText } from '../as_text.ts';

/** How names are read: as they are and no other, or without regard to case and others left out. */
export type Names = 'exact' | 'lenient' | 'open';

export interface WrongMember {
  code: string;
  path: string;
  /** Where the words of the code do not say enough. */
  detail?: string | undefined;
}

/** The values read, what is wrong with them, and the names that were left out. */
export interface Read {
  value: unknown;
  wrong: WrongMember[];
  ignored: string[];
}

interface Node {
  type?: string;
  format?: string;
  properties?: Record<string, Node>;
  patternProperties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
  enum?: unknown[];
  maxItems?: number;
  maxProperties?: number;
  minLength?: number;
  default?: unknown;
  'x-codes'?: MemberCodes;
  'x-later'?: boolean;
  'x-exact'?: boolean;
}

const MOST_WRONG = 50;
const ajv = addFormats.default(
  new Ajv2020.default({ allErrors: true, strict: false, allowUnionTypes: true, verbose: true }),
);
const dateTime = ajv.formats['date-time'] as { validate: (text: string) => boolean };
/** RFC 3339 without what no clock of ours can hold: leap seconds, and offsets of hours alone. */
ajv.addFormat('date-time', {
  type: 'string',
  validate: (text) => dateTime.validate(text) && !Number.isNaN(Date.parse(text)),
});
/** The most characters that a value comes to as JSON. */
ajv.addKeyword({
  keyword: 'x-most',
  schemaType: 'number',
  validate: (most: number, value: unknown) => JSON.stringify(value).length <= most,
});
const compiled = new Map<TSchema, ValidateFunction>();

/** The validator of a schema, compiled at first use. */
function validatorOf(schema: TSchema): ValidateFunction {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(withoutLater(schema) as object);
    compiled.set(schema, validate);
  }
  return validate;
}

/** A part that is read later, piece by piece, has only its kind here. */
function withoutLater(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutLater);
  if (!isObject(node)) return node;
  if (node['x-later']) return Array.isArray(node.type) || !node.type ? {} : { type: node.type };
  return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, withoutLater(one)]));
}

/** Reads a JSON value. `root` is where pointers begin: '' for a body. */
export function read(schema: TSchema, value: unknown, names: Names): Read {
  const found: Read = { value: undefined, wrong: [], ignored: [] };
  found.value = normal(schema as Node, value, { names, path: '', found });
  if (found.wrong.length === 0) found.wrong = faultsOf(schema, found.value, '');
  return found;
}

interface Place {
  names: Names;
  path: string;
  found: Read;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * The value with its members by their declared names; a copy, so that nothing inherited is ever
 * read.
 */
function normal(node: Node, value: unknown, given: Place): unknown {
  if (node['x-later']) return value;
  const place = node['x-exact'] ? { ...given, names: 'exact' as const } : given;
  if (node.anyOf) return normal(alternative(node.anyOf, value), value, place);
  if (Array.isArray(value) && node.items) {
    // One more than may be is enough to refuse; reading the rest would hold the thread.
    const { items, maxItems = Infinity } = node;
    return value
      .slice(0, maxItems + 1)
      .map((item, index) => normal(items, item, { ...place, path: `${place.path}/${index}` }));
  }
  // UUIDs are compared without case (RFC 9562 §4).
  if (typeof value === 'string' && node.format === 'uuid') return value.toLowerCase();
  if (!isObject(value)) return value;
  if (node.properties) return members(node.properties, value, place);
  const [each] = Object.values(node.patternProperties ?? {});
  if (!each) return value;
  const { maxProperties = Infinity } = node;
  const kept: [string, unknown][] = [];
  for (const name in value) {
    if (kept.length > maxProperties) break;
    const path = `${place.path}/${name.slice(0, 50)}`;
    kept.push([name, normal(each, value[name], { ...place, path })]);
  }
  return Object.fromEntries(kept);
}

/** The alternative of the same kind as the value. */
function alternative(nodes: Node[], value: unknown): Node {
  const kind = Array.isArray(value) ? 'array' : isObject(value) ? 'object' : typeof value;
  return nodes.find((node) => node.type === kind) ?? {};
}

function members(properties: Record<string, Node>, value: object, place: Place): object {
  const { names, path, found } = place;
  const known = new Map<string, string>();
  for (const name of Object.keys(properties)) known.set(fold(name, names), name);
  const kept = new Map<string, unknown>();
  const at = (name: string) => `${path}/${name.slice(0, 50)}`;
  for (const [name, member] of Object.entries(value)) {
    const declared = known.get(fold(name, names));
    if (declared === undefined) {
      if (names === 'exact') found.wrong.push({ code: 'TIL.VLD-00007', path: at(name) });
      else found.ignored.push(name);
    } else if (kept.has(declared)) found.wrong.push({ code: 'TIL.VLD-00005', path: at(name) });
    else {
      const inside = { ...place, path: `${path}/${declared}` };
      kept.set(declared, normal(properties[declared]!, member, inside));
    }
  }
  return Object.fromEntries(kept);
}

const fold = (name: string, names: Names) => (names === 'lenient' ? name.toLowerCase() : name);

/**
 * Reads a query: each parameter as its schema's kind. An empty one is not given, but where a length
 * of nothing is declared. Lists come by repeating the name, or with commas where declared.
 */
export function readQuery(
  properties: Record<string, TSchema>,
  query: URLSearchParams,
  names: Names,
): Read {
  const found: Read = { value: undefined, wrong: [], ignored: [] };
  const known = new Map(Object.keys(properties).map((name) => [fold(name, names), name]));
  const values = new Map<string, unknown>();
  for (const [name, given] of valuesOf(query)) {
    const declared = known.get(fold(name, names));
    if (declared === undefined) {
      if (names === 'exact')
        found.wrong.push({ code: 'TIL.VLD-00007', path: `$QUERY/${name.slice(0, 50)}` });
      else found.ignored.push(name);
      continue;
    }
    const node = properties[declared] as Node;
    const isList = node.type === 'array';
    if (given.some((text) => text.includes('\0') || !text.isWellFormed())) {
      // No database keeps it.
      found.wrong.push({ code: 'TIL.VLD-00001', path: `$QUERY/${declared}` });
    } else if (values.has(declared) || (!isList && given.length > 1)) {
      found.wrong.push({ code: 'TIL.VLD-00005', path: `$QUERY/${declared}` });
    } else if (isList) values.set(declared, given);
    // `auto` is what is usual.
    else if (node.type === 'boolean' && /^auto$/i.test(given[0]!)) continue;
    else if (given[0] !== '' || node.minLength === 0)
      values.set(declared, fromText(node, given[0]!));
  }
  if (found.wrong.length) return found;
  for (const [name, schema] of Object.entries(properties)) {
    const { default: usual, 'x-codes': { required = 'STD.VLD-00000' } = {} } = schema as Node;
    if (!values.has(name)) {
      if (usual !== undefined) values.set(name, usual);
      else if (!isOptional(schema)) found.wrong.push({ code: required, path: `$QUERY/${name}` });
    } else found.wrong.push(...faultsOf(schema, values.get(name), `$QUERY/${name}`));
  }
  found.value = Object.fromEntries(values);
  return found;
}

export const isOptional = (schema: TSchema): boolean =>
  (schema as { '~optional'?: boolean })['~optional'] === true;

/** A parameter's text as the kind that is declared; left as it is when it has not that form. */
function fromText(node: Node, given: string): unknown {
  if (node.format === 'uuid') return given.toLowerCase();
  // A `+` of an offset arrives as a space when a client did not encode it.
  if (node.format === 'date-time') return given.replace(' ', '+');
  if (node.type === 'integer' && /^-?\d{1,15}$/.test(given)) return Number(given);
  if (node.type === 'boolean' && /^(true|false)$/i.test(given))
    return given.toLowerCase() === 'true';
  return given;
}

/** Everything that is wrong, at most fifty, each once. */
function faultsOf(schema: TSchema, value: unknown, root: string): WrongMember[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  const wrong = new Map<string, WrongMember>();
  for (const error of relevant(validate.errors ?? [])) {
    const one = wrongOf(error, root);
    wrong.set(`${one.code} ${one.path}`, one);
    if (wrong.size === MOST_WRONG) break;
  }
  return [...wrong.values()];
}

/**
 * When no alternative of a union fits, only the union is reported, not why each alternative fails.
 */
function relevant(errors: ErrorObject[]): ErrorObject[] {
  // Each place of the schema once, however many members of a list are wrong in it.
  const failed = errors.filter(({ keyword }) => keyword === 'anyOf');
  const unions = [...new Set(failed.map(({ schemaPath }) => `${schemaPath}/`))];
  return errors.filter(({ schemaPath }) => !unions.some((union) => schemaPath.startsWith(union)));
}

function wrongOf(error: ErrorObject, root: string): WrongMember {
  const parent = (error.parentSchema ?? {}) as Node;
  if (error.keyword === 'required') {
    const name = asText(error.params.missingProperty);
    const codes = parent.properties?.[name]?.['x-codes'] ?? {};
    return {
      code: codes.required ?? 'STD.VLD-00000',
      path: codes.path ?? `${root}${error.instancePath}/${name}`,
    };
  }
  const codes = parent['x-codes'] ?? {};
  // Null and an empty text are what is missing.
  const isMissing = error.data === null || error.data === '';
  const { required = 'STD.VLD-00000', type = 'TIL.VLD-00001' } = codes;
  return {
    code: isMissing ? required : type,
    path: codes.path ?? `${root}${error.instancePath || (root ? '' : '/')}`,
  };
}
