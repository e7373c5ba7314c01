// Reads request bodies with a limit, one content type each, and no parameter twice. It knows no
// field names.
import type { Context } from 'koa';
import rawBody from 'raw-body';
import { Fault, fault } from './errors.ts';
import { createPace } from './pace.ts';

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

/**
 * A JSON body. TIL-00003 for another content type, TIL-00001 for what is not JSON in UTF-8,
 * TIL-00014 for text that no database keeps.
 */
export async function readJson(ctx: Context, limit = JSON_LIMIT): Promise<unknown> {
  if (!ctx.is('application/json', '+json')) throw fault('TIL-00003');
  const bytes = await readBytes(ctx, limit);
  try {
    const pace = createPace();
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (isDeeperThan(DEEPEST, bytes))
      throw fault('TIL-00014', { because: `deeper than ${DEEPEST}` });
    await pace();
    const value: unknown = JSON.parse(text);
    await pace();
    if (ESCAPED.test(text) && UNSTORABLE.test(JSON.stringify(value)))
      throw fault('TIL-00014', { because: 'NUL or half a surrogate pair' });
    return value;
  } catch (cause) {
    throw cause instanceof Fault ? cause : fault('TIL-00001', { cause });
  }
}

/** What can only come escaped: NUL, and halves of a pair. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/**
 * Once parsed and told again, whole pairs are characters, and what is escaped still is no text that
 * a database keeps.
 */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Deep enough for every document of ours; what is deeper is made to exhaust whoever walks it. */
const DEEPEST = 32;

const [QUOTE, ESCAPE, OPEN, CLOSE] = ['"', '\\', '[{', ']}'].map((text) =>
  [...text].map((sign) => sign.charCodeAt(0)),
) as [number[], number[], number[], number[]];

/**
 * Whether arrays and objects stand in each other more than so often, told before anything is made
 * of them.
 */
function isDeeperThan(limit: number, bytes: Buffer): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const sign = bytes[at]!;
    if (quoted) {
      if (sign === ESCAPE[0]) at += 1;
      else if (sign === QUOTE[0]) quoted = false;
    } else if (sign === QUOTE[0]) quoted = true;
    else if (sign === OPEN[0] || sign === OPEN[1]) {
      depth += 1;
      if (depth > limit) return true;
    } else if (sign === CLOSE[0] || sign === CLOSE[1]) depth -= 1;
  }
  return false;
}

/**
 * A form body (application/x-www-form-urlencoded). TIL-00004 when a parameter comes twice, unless
 * it may: then its values are one text, by spaces.
 */
export async function readForm(
  ctx: Context,
  repeatable: string[] = [],
): Promise<Map<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw fault('TIL-00003');
  return parseForm(
    new URLSearchParams((await readBytes(ctx, FORM_LIMIT)).toString('utf8')),
    repeatable,
  );
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

/** One query parameter, or undefined. TIL-00004 when it comes twice. */
export function queryParameter(ctx: Context, name: string): string | undefined {
  const values = ctx.URL.searchParams.getAll(name);
  if (values.length > 1) throw fault('TIL-00004', { members: { parameter: name } });
  return values[0];
}
