// Style sheet, fonts and icons, put together once at start: the parts of Designsystemet that our
// pages use plus our own CSS, with the data: icons taken out into files so that the CSP needs no
// data: source. No domain word.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Context, Next } from 'koa';

const require = createRequire(import.meta.url);
const PARTS = [
  'base',
  'alert',
  'breadcrumbs',
  'button',
  'card',
  'details',
  'error-summary',
  'field',
  'fieldset',
  'heading',
  'input',
  'label',
  'link',
  'list',
  'paragraph',
  'skip-link',
  'table',
  'tag',
  'validation-message',
];
const DATA_ICON = /url\((["'])data:image\/svg\+xml;[^,]*,(.*?)\1\)/gs;

interface Asset {
  type: string;
  body: Buffer;
  gzip?: Buffer;
  brotli?: Buffer;
}

export interface Assets {
  /** The style sheet's address; its name changes with its content. */
  stylesheet: string;
  serve: (ctx: Context, next: Next) => Promise<void> | void;
}

export function buildAssets(): Assets {
  const files = new Map<string, Asset>();
  const css = [
    '@layer ds.theme, ds.base, ds.components;',
    readFileSync(require.resolve('@digdir/designsystemet-css/theme'), 'utf8'),
    ...PARTS.map((part) =>
      layered(
        part,
        readFileSync(require.resolve(`@digdir/designsystemet-css/${part}.css`), 'utf8'),
      ),
    ),
    readFileSync(new URL('../../../views/style/app.css', import.meta.url), 'utf8'),
  ]
    .join('\n')
    .replace(DATA_ICON, (_whole, _quote, data: string) => {
      const svg = data.includes('%3C') || data.includes('%3c') ? decodeURIComponent(data) : data;
      const path = `/assets/icon-${nameOf(svg)}.svg`;
      files.set(path, { type: 'image/svg+xml', body: Buffer.from(svg) });
      return `url("${path}")`;
    });
  const stylesheet = `/assets/style-${nameOf(css)}.css`;
  files.set(stylesheet, compressed('text/css; charset=utf-8', Buffer.from(css)));
  for (const subset of ['latin', 'latin-ext']) {
    const font = require.resolve(
      `@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`,
    );
    files.set(`/assets/inter-${subset}.woff2`, { type: 'font/woff2', body: readFileSync(font) });
  }
  files.set('/assets/icon.svg', {
    type: 'image/svg+xml',
    body: readFileSync(new URL('../../../views/style/icon.svg', import.meta.url)),
  });
  return {
    stylesheet,
    serve(ctx, next) {
      const asset = files.get(ctx.path);
      if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      ctx.set('cache-control', 'public, max-age=31536000, immutable');
      ctx.type = asset.type;
      ctx.vary('accept-encoding');
      const encoding = asset.gzip ? ctx.acceptsEncodings('br', 'gzip', 'identity') : 'identity';
      if (encoding === 'br' || encoding === 'gzip') ctx.set('content-encoding', encoding);
      ctx.body =
        (encoding === 'br' && asset.brotli) || (encoding === 'gzip' && asset.gzip) || asset.body;
    },
  };
}

/**
 * The single files come without the layer that the whole has; unlayered, they would beat our own
 * CSS.
 */
function layered(part: string, css: string): string {
  return `@layer ds.${part === 'base' ? 'base' : 'components'}{${css}}`;
}

function compressed(type: string, body: Buffer): Asset {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  return {
    type,
    body,
    gzip: gzipSync(body, { level: 9 }),
    brotli: brotliCompressSync(body, quality),
  };
}

function nameOf(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
