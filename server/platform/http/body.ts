// Reads request bodies with a limit, one content type each, and no parameter twice. It knows no
// field names.
import { isUuid } from '../ids.ts';
import type { Context } from 'koa';
import rawBody from 'raw-body';
import { fault } from '../errors.ts';
import { parseJson } from './json.ts';
import { formParameters } from './parameters.ts';

const JSON_LIMIT = 100 * 1024;
const FORM_LIMIT = 56 * 1024;

/** The bytes of the body; TIL-00002 over the limit. */
export async function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  try {
    return await rawBody(ctx.req, { limit, length: ctx.request.headers['content-length'] ?? null });
  } catch (cause) {
    if ((cause as { type?: string }).type === 'entity.too.large') {
      ctx.set('connection', 'close');
      throw fault('TIL-00002', { cause });
    }
    throw fault('TIL-00014', { cause });
  }
}

/** A JSON body. TIL-00003 for another content type; what it cannot be is said in json.ts. */
export async function readJson(ctx: Context, limit = JSON_LIMIT): Promise<unknown> {
  if (!ctx.is('application/json', '+json')) throw fault('TIL-00003');
  return parseJson(await readBytes(ctx, limit));
}

/**
 * A form body (application/x-www-form-urlencoded). TIL-00004 when a parameter comes twice, unless
 * it may: then its values are one text, by spaces. TIL-00045 for too many.
 */
export async function readForm(
  ctx: Context,
  repeatable: string[] = [],
): Promise<Map<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw fault('TIL-00003');
  return parseForm(formParameters(await readBytes(ctx, FORM_LIMIT)), repeatable);
}

export function parseForm(
  parameters: URLSearchParams,
  repeatable: string[] = [],
): Map<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (form.has(name) && repeatable.includes(name)) {
      form.set(name, `${form.get(name)} ${value}`);
      continue;
    }
    if (form.has(name)) throw fault('TIL-00004', { members: { parameter: name.slice(0, 100) } });
    form.set(name, value);
  }
  return form;
}

/** The values of a field that may come several times, each once, in their order. */
export const severalIn = (form: ReadonlyMap<string, string>, name: string): string[] => [
  ...new Set((form.get(name) ?? '').split(' ').filter(Boolean)),
];

/** The same of identifiers; what is none is left out. */
export const uuidsIn = (form: ReadonlyMap<string, string>, name: string): string[] =>
  severalIn(form, name).filter(isUuid);

/** One query parameter, or undefined. TIL-00004 when it comes twice. */
export function queryParameter(ctx: Context, name: string): string | undefined {
  const values = ctx.URL.searchParams.getAll(name);
  if (values.length > 1) throw fault('TIL-00004', { members: { parameter: name } });
  return values[0];
}
