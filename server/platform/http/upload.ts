// Reads a form that brings a file (multipart/form-data, RFC 7578): its fields, and its files as
// text.
import type { Context } from 'koa';
import { Fault, fault } from '../errors.ts';
import { readBytes } from './body.ts';

/**
 * Fields by name, and a file as its text, empty where none was chosen; undefined over the limit in
 * bytes, for whoever has words for it. TIL-00003 for another content type, TIL-00004 for a field
 * that comes twice, TIL-00014 for more parts than there are fields, or none.
 */
export async function readUpload(
  ctx: Context,
  { limit, fields }: { limit: number; fields: number },
): Promise<Map<string, string> | undefined> {
  if (!ctx.is('multipart/form-data')) throw fault('TIL-00003');
  const bytes = await readBytes(ctx, limit).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'TIL-00002') return undefined;
    throw error;
  });
  if (!bytes) return undefined;
  // Parsed at once, which a thousand parts would make long.
  if (bytes.toString('latin1').split(/content-disposition:/i).length > fields + 1)
    throw fault('TIL-00014', { because: 'too many parts' });
  const headers = { 'content-type': ctx.get('content-type') };
  const data = await new Response(new Uint8Array(bytes), { headers }).formData().catch((cause) => {
    throw fault('TIL-00014', { cause });
  });
  const form = new Map<string, string>();
  for (const [name, value] of data) {
    if (form.has(name)) throw fault('TIL-00004', { members: { parameter: name.slice(0, 100) } });
    form.set(name, value instanceof Blob ? textIn(await value.arrayBuffer()) : value);
  }
  return form;
}

/** Text as UTF-8, or else as Windows-1252, in which spreadsheets save it on many machines. */
function textIn(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
