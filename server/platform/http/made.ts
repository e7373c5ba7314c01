// Answers that are the same for everybody until the next start: made once, in each encoding, when
// the first caller asks, so that a node starts without them. It knows no route.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'koa';
import { sha256 } from '../ids.ts';

export interface Made {
  type: string;
  /** RFC 9110 §8.8.3; weak, since each encoding has its own bytes. */
  etag: string;
  plain: Buffer;
  gzip: Buffer;
  brotli: Buffer;
}

const squeeze = promisify(brotliCompress);
const zip = promisify(gzip);
/** A third smaller than gzip, at its cost. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Makes the answer of a text at its first call, and gives the same at each call after it. */
export function madeOnce(type: string, textOf: () => string): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => (made ??= make(type, textOf()));
}

async function make(type: string, text: string): Promise<Made> {
  const plain = Buffer.from(text);
  const [zipped, squeezed] = await Promise.all([zip(plain), squeeze(plain, QUALITY)]);
  const etag = `W/"${sha256(text).slice(0, 22)}"`;
  return { type, etag, plain, gzip: zipped, brotli: squeezed };
}

/** Its Cache-Control is the caller's to set. 304 to one who has it (RFC 9110 §13.1.2). */
export function serve(ctx: Context, made: Made): void {
  ctx.set('etag', made.etag);
  ctx.vary('accept-encoding');
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
  if (encoding === 'br' || encoding === 'gzip') ctx.set('content-encoding', encoding);
  ctx.type = made.type;
  ctx.body = encoding === 'br' ? made.brotli : encoding === 'gzip' ? made.gzip : made.plain;
}
