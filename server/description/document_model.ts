// The API's description (OpenAPI 3.1), made of the operations that answer: the schemas are those
// that validate. It knows no operation by name.
import { loosen } from './lenient_model.ts';
import type { Answer, Operation } from '../platform/http/doors.ts';
import { isOptional } from '../platform/http/reading.ts';
import type { TSchema } from '../platform/http/shapes.ts';
import { exampleOf } from './example_model.ts';
import { sampleOf } from './sample_model.ts';
import { asText } from '../platform/as_text.ts';
import problem from './problem.json' with { type: 'json' };
import { memberWords, parameterWords, tagWords } from './words_model.ts';

type Json = Record<string, unknown>;

/** A refusal's status and words, by code. */
export type RefusalTable = Record<string, { status: number; detail: string }>;

export interface DescriptionSettings {
  issuer: string;
  version: string;
  codes: RefusalTable;
}

const HEAVY = ['decision', 'search', 'token'];

/** Codes that a call can meet: those of its shape and its caller, and those it declares. */
export function codesOf(operation: Operation): string[] {
  const { who, dialect, path, query, body, raw, handle, errors = [] } = operation;
  if (!handle) return [];
  const shape = dialect === 'authzen' ? ['AUTHZ.VLD-00011'] : shapeCodes(operation);
  return [
    ...(who.kind === 'token' ? ['TIL-00005', 'TIL-00006', 'TIL-00014'] : []),
    ...(who.kind === 'token' && who.as !== 'organization' ? ['TIL-00007'] : []),
    ...(query || body || dialect === 'own' ? shape : []),
    ...(body ? ['TIL-00001', 'TIL-00002', 'TIL-00014'] : []),
    ...(body && (dialect !== 'authzen' || raw) ? ['TIL-00003'] : []),
    ...(path ? ['TIL-00009'] : []),
    ...errors,
    ...(who.kind !== 'client' && HEAVY.includes(operation.limit) ? ['TIL-00035'] : []),
    'TIL-00011',
    'TIL-00012',
    'TIL-00045',
  ];
}

/** The fault codes of a wrong shape, in the contract's codes where it has its own. */
function shapeCodes({ query = {}, body, dialect }: Operation): string[] {
  const own = new Set<string>();
  const isExact = JSON.stringify([query, body], (name, value: unknown) => {
    if (name !== 'x-codes') return value;
    const { required, type } = value as { required?: string; type?: string };
    for (const code of [required, type]) if (code) own.add(code);
    return undefined;
  }).includes('"x-exact":true');
  return [
    'STD-00000',
    'STD.VLD-00000',
    'TIL.VLD-00001',
    'TIL.VLD-00005',
    ...(dialect === 'own' || isExact ? ['TIL.VLD-00007'] : []),
    ...own,
  ];
}

const DIALECTS: Record<Operation['dialect'], string> = {
  own: 'Members and parameters that are not known are refused by name.',
  altinn:
    'Names are read without regard to case. Those that are not known are left unread and told in the header Tillit-Ignored.',
  authzen: 'Members and parameters that are not known are left unread.',
};

export function describe(operations: Operation[], settings: DescriptionSettings): Json {
  const { issuer, version, codes } = settings;
  const schemas: Record<string, Json> = { Problem: PROBLEM };
  const scopes = new Set<string>();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    for (const scope of scopesOf(operation)) scopes.add(scope);
    const method = operation.method.toLowerCase();
    operation.paths.forEach((template, index) => {
      const path = template.replace(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][method] = oneOperation(operation, index, codes, schemas);
    });
  }
  const read = new Map(
    operations.flatMap(({ method, paths: at, dialect }) =>
      at.map((path): [string, Operation['dialect']] => [
        `${path.replace(/:(\w+)/g, '{$1}')} ${method.toLowerCase()}`,
        dialect,
      ]),
    ),
  );
  loosen({ paths, schemas }, (path, method) => read.get(`${path} ${method}`) !== 'own');
  const all = Object.fromEntries([...scopes].sort().map((scope) => [scope, scope]));
  const flow = { tokenUrl: `${issuer}/token`, scopes: all };
  const authorizationCode = { ...flow, authorizationUrl: `${issuer}/authorize` };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tillit',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description: 'Consent and delegation: who may be given data, and who may act for whom.',
    },
    servers: [{ url: issuer }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({
      name,
      description: tagWords(name),
    })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'oauth2', flows: { clientCredentials: flow, authorizationCode } },
        client: { type: 'http', scheme: 'basic', description: 'Or as the client is registered' },
      },
    },
  };
}

export const tagOf = ({ tag = 'Operation of the service' }: Operation): string => tag;

export const scopesOf = ({ who }: Operation): string[] => (who.kind === 'token' ? who.scopes : []);

/** `index` is that of its address; those after the first are other names of it. */
function oneOperation(
  operation: Operation,
  index: number,
  codes: RefusalTable,
  schemas: Record<string, Json>,
): Json {
  const { id, summary, who, dialect, limit, paths, path = {}, query = {} } = operation;
  return {
    operationId: index ? `${id}_${index + 1}` : id,
    summary,
    description: `${DIALECTS[dialect]}${index ? ` The same as ${paths[0]}.` : ''}`,
    tags: [tagOf(operation)],
    'x-limit': limit,
    'x-who': who.kind === 'token' ? who.as : who.kind,
    security: securityOf(operation),
    parameters: [
      ...Object.entries(path as Record<string, TSchema>).map(([name, schema]) =>
        parameter(operation, 'path', [name, schema], schemas),
      ),
      ...Object.entries(query as Record<string, TSchema>).map(([name, schema]) =>
        parameter(operation, 'query', [name, schema], schemas),
      ),
    ],
    ...(operation.body ? { requestBody: requestBody(operation, schemas) } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers as Record<string, Answer>).map(([status, answer]) => [
          status,
          answerOf(operation, answer, schemas),
        ]),
      ),
      ...refusals(operation, codes),
    },
  };
}

function securityOf({ who }: Operation): Json[] {
  if (who.kind === 'token') return who.scopes.map((scope) => ({ token: [scope] }));
  return who.kind === 'client' ? [{ client: [] }] : [];
}

function parameter(
  { id }: Operation,
  place: 'path' | 'query',
  [name, schema]: [string, TSchema],
  schemas: Record<string, Json>,
): Json {
  const required = place === 'path' || (!isOptional(schema) && !('default' in schema));
  const shown = asTyped(exampleOf(id)?.[place]?.[name], schema);
  const example = shown ?? (required ? sampleOf(schema) : undefined);
  const told = example === undefined ? {} : { example };
  const description = parameterWords(id, place, name);
  const said = description === undefined ? {} : { description };
  return {
    name,
    in: place,
    required,
    ...said,
    schema: clean(schema, schemas, [id, name]),
    ...told,
  };
}

/** An example's text as the parameter's schema has it; undefined for one that it cannot be. */
function asTyped(text: string | undefined, schema: TSchema) {
  const { type, const: only } = schema as { type?: string; const?: unknown };
  if (text === undefined || only !== undefined) return only;
  if (type === 'array') return [text];
  if (type === 'boolean') return text === 'true';
  if (type === 'integer') return /^\d+$/.test(text) ? Number(text) : undefined;
  return text;
}

function requestBody(operation: Operation, schemas: Record<string, Json>): Json {
  const { id, body, raw = [], bodyOptional, handle } = operation;
  const schema = clean(body, schemas, [id]);
  const json = { schema, example: exampleOf(id)?.body ?? sampleOf(body) };
  const types = handle ? ['application/json', ...raw.filter((type) => !type.startsWith('+'))] : raw;
  const content = types.map((type) => [type, /xml|multipart/.test(type) ? {} : json]);
  return { required: !bodyOptional, content: Object.fromEntries(content) };
}

function answerOf(
  { id }: Operation,
  { description, schema }: Answer,
  schemas: Record<string, Json>,
): Json {
  if (!schema) return { description };
  const example = sampleOf(schema);
  return {
    description,
    content: { 'application/json': { schema: clean(schema, schemas, [id]), example } },
  };
}

/** Refusals by status, each with its codes and their words. */
function refusals(operation: Operation, codes: RefusalTable): Record<string, Json> {
  const byStatus = Map.groupBy(codesOf(operation), (code) => {
    const known = codes[code];
    if (!known) throw new Error(`${operation.id}: ${code} is in no table`);
    return asText(known.status);
  });
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: [...new Set(all)]
          .map((code) => `${code}: ${codes[code]!.detail}`)
          .join('\n\n'),
        'x-codes': [...new Set(all)],
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  );
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const OURS = new Set(['x-codes', 'x-later', 'x-name', 'x-most']);

/**
 * A schema without the members that only its reader needs, with a sentence for each member of
 * `place`; one that has a name stands there once.
 */
function clean(node: unknown, schemas: Record<string, Json>, place: string[]): unknown {
  if (Array.isArray(node)) return node.map((one) => clean(one, schemas, place));
  if (node === null || typeof node !== 'object') return node;
  const { 'x-name': name } = node as { 'x-name'?: string };
  const bare = (where: string[]) => {
    const kept = Object.entries(node).filter(([key]) => !OURS.has(key));
    return Object.fromEntries(
      kept.map(([key, value]) => [
        key,
        key === 'properties' ? membersOf(value, schemas, where) : clean(value, schemas, where),
      ]),
    );
  };
  if (name === undefined) return bare(place);
  schemas[name] ??= bare([name]);
  return ref(name);
}

function membersOf(properties: object, schemas: Record<string, Json>, place: string[]): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const where = [...place, name];
      const description = memberWords(where);
      const said = description === undefined ? {} : { description };
      return [name, { ...said, ...(clean(schema, schemas, where) as Json) }];
    }),
  );
}

/** RFC 9457, with a code and, where a shape is wrong, every member that is. */
const PROBLEM = clean(problem, {}, ['Problem']) as Json;
