// Holds every answer that a test gets to what its operation declares: the status, the schema and
// the codes. The codes of a whole run are kept, to tell which codes nothing provokes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { CODES } from '../../../server/refusals.ts';

interface Described {
  method: string;
  path: RegExp;
  id: string;
  responses: Record<string, { 'x-codes'?: string[]; content?: Record<string, object> }>;
  where: string;
}

let operations: Described[] = [];
let ajv: { compile: (schema: object) => ValidateFunction };
const validators = new Map<string, ValidateFunction>();
const seenCodes = new Set<string>();

/** Reads the description of the server that the tests talk to. */
export async function readContract(url: string): Promise<void> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, any>>;
  };
  const fixed = (path: string) => path.split('/').filter((part) => !part.startsWith('{')).length;
  operations = Object.entries(document.paths)
    .sort(([a], [b]) => fixed(b) - fixed(a))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
        id: operation.operationId as string,
        responses: operation.responses,
        where: `#/paths/${escaped(path)}/${method}/responses`,
      })),
    );
  const made = addFormats.default(new Ajv2020.default({ strict: false, allErrors: true }));
  made.addSchema({ $id: 'api', ...document });
  ajv = { compile: (schema) => made.compile(schema) };
}

const escaped = (name: string) =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

/** What no answer of the world's server has, with why. */
const UNPROVOKED = new Map([
  ['TIL-00012', 'a fault of our own has no way in'],
  ['TIL-00011', 'the database is gone only for processes of their own (anomaly/process.test.ts)'],
  ['TIL-00019', 'the page shows the new text instead of a code (consent/answer/pages.test.ts)'],
]);

/** Keeps the codes that answers had here, beside those of the other processes of a whole run. */
export const keepCodes = (folder: string): void =>
  writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify([...seenCodes]));

/** Codes of the tables that no answer had in any process that kept what it saw in this folder. */
export function unmetCodes(folder: string): string[] {
  const kept = readdirSync(folder).flatMap(
    (file): string[] => JSON.parse(readFileSync(join(folder, file), 'utf8')) as string[],
  );
  return Object.keys(CODES).filter((code) => !kept.includes(code) && !UNPROVOKED.has(code));
}

/** Which operation a call is of; undefined for pages and what is not there. */
const operationOf = (method: string, path: string) =>
  operations.find((one) => one.method === method && one.path.test(path));

/** Codes that a page tells a person. */
export function readPage(html: string): void {
  for (const [code] of html.matchAll(/\b(?:AM|TIL)-\d{5}\b/g)) seenCodes.add(code);
}

/** What an answer has that its operation does not declare. */
export function breach(
  method: string,
  path: string,
  status: number,
  type: string,
  body: any,
): string | undefined {
  for (const code of codesIn(body)) seenCodes.add(code);
  // A token endpoint tells the code of a consent beside its own.
  if (typeof body?.consent_error === 'string') seenCodes.add(body.consent_error);
  const operation = operationOf(method, path);
  if (!operation || status === 405) return undefined;
  const response = operation.responses[status];
  const what = `${operation.id} ${method} ${path.slice(0, 80)} ${status}`;
  if (!response) return `${what} is not declared: ${JSON.stringify(body)?.slice(0, 300)}`;
  const { 'x-codes': codes } = response;
  if (codes) {
    const wrong = codesIn(body).filter((code) => !codes.includes(code));
    if (type.includes('problem') && wrong.length) return `${what} has ${wrong.join(', ')}`;
  }
  const media = type.split(';')[0]!;
  if (!response.content?.[media] || body === undefined) return undefined;
  const validate = validatorOf(`${operation.where}/${status}/content/${escaped(media)}/schema`);
  if (validate(body)) return undefined;
  const [first] = validate.errors!;
  return `${what} does not fit: ${first!.instancePath} ${first!.message} ${JSON.stringify(first!.params)}`;
}

/** The code of a problem, those of its parts, and those of its validation errors. */
function codesIn(body: any): string[] {
  if (body === null || typeof body !== 'object') return [];
  const inner = [body.validationErrors, body.problems].flat().filter(Boolean);
  return [body.code, ...inner.flatMap((one: any) => codesIn(one))].filter(
    (code): code is string => typeof code === 'string' && /^[A-Z]+(\.VLD)?-\d{5}$/.test(code),
  );
}

function validatorOf(where: string): ValidateFunction {
  let validate = validators.get(where);
  if (!validate) {
    validate = ajv.compile({ $ref: `api${where}` });
    validators.set(where, validate);
  }
  return validate;
}
