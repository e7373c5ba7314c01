// Handlebars pages: templates compiled once at start, one layout, texts by key. It knows no page.
// Only markup made by our own renderers is inserted raw (`{{{ }}}`), which
// test/architecture.test.ts counts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import type { Context } from 'koa';
import { inLanguage } from './language_links.ts';
import { clock } from '../clock.ts';
import {
  formatDateTime,
  LANGUAGE_NAMES,
  LANGUAGES,
  languageOf,
  t,
  type Language,
  type Values,
} from '../locale.ts';

/**
 * The person who is logged in, and for whom the page is; a page that asks for whom has no label.
 */
export interface Who {
  label?: string;
  user: string;
  /** Why the user may, as the end of the label's sentence. */
  why?: string;
  canSwitch: boolean;
  /** The party that links to other pages are for; oneself by default. */
  party?: string;
  /** The party's pages that the user may not open, to which no way leads. */
  closed?: { mandates?: boolean; consents?: boolean; give?: boolean; inbox?: boolean };
}

interface Page {
  view: string;
  title: string;
  wide?: boolean;
  who?: Who;
  errors?: { field: string; text: string }[];
  /**
   * The form whose fields another language keeps: it is asked for by a button of it, which goes to
   * the form's own address.
   */
  keeps?: { form: string; action: string };
  /** Whether it says by itself when and where it was printed. */
  isPaper?: boolean;
  /** Parameters of its address that another language keeps beside those of all pages. */
  parameters?: readonly string[];
  data?: Record<string, unknown>;
}

/** Where a page stands: its path and query, and its language. */
interface Place {
  path: string;
  search: string;
  language: Language;
}

export interface Render {
  (ctx: Context, page: Page): void;
  /** The page as HTML, for what is made once for everybody. */
  text: (place: Place, page: Page) => string;
}

/** A page of several tabs has them in its data. */
interface Tab {
  label: string;
  current: boolean;
}

/** A search is no longer. */
const LONGEST_SEARCHED = 100;

/** The part of the page that is shown, before the title of its window: a search, and the tab. */
function partOf({ data, who }: Page, search: string, language: Language): string {
  const typed = new URLSearchParams(search).get('q')?.trim().slice(0, LONGEST_SEARCHED);
  const text = who && typed;
  const tab = (data?.tabs as Tab[] | undefined)?.find(({ current }) => current);
  const parts = [text && t(language, 'common.searched', { text }), tab?.label];
  return parts.flatMap((part) => (part ? [`${part} – `] : [])).join('');
}

/** Longer addresses are left out on paper: nobody types them. */
const LONGEST_PRINTED = 200;

/** When and where a page was printed; that something was just done is no part of its address. */
function printedAt(address: string, language: Language): string {
  const [path = '', query] = address.split('?', 2);
  const kept = [...new URLSearchParams(query)].filter(([, value]) => value !== '');
  const whole = kept.length ? `${path}?${new URLSearchParams(kept)}` : path;
  return t(language, 'common.printed', {
    at: formatDateTime(language, clock.now()),
    address: whole.length > LONGEST_PRINTED ? path : whole,
  });
}

const folder = fileURLToPath(new URL('../../../views/', import.meta.url));

/** Where a person gets help, as pages of faults say it. */
export interface Support {
  phone: string | undefined;
  url: string | undefined;
}

export function createRender(stylesheet: string, support?: Support, origin = ''): Render {
  const handlebars = Handlebars.create();
  const views = new Map<string, Handlebars.TemplateDelegate>();
  handlebars.registerHelper('here', (path: string, options: Handlebars.HelperOptions) =>
    options.data.root.path === path ? options.fn(undefined) : '',
  );
  handlebars.registerHelper(
    't',
    function text(this: unknown, key: string, options: Handlebars.HelperOptions) {
      return t(options.data.root.lang as Language, key, options.hash as Values);
    },
  );
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.hbs')) continue;
    const name = file.replace(/\.hbs$/, '').replaceAll('\\', '/');
    const source = readFileSync(join(folder, file), 'utf8');
    if (name.startsWith('partials/'))
      handlebars.registerPartial(name.slice('partials/'.length), source);
    else views.set(name, handlebars.compile(source, { strict: false, noEscape: false }));
  }
  const layout = views.get('layout')!;

  function text({ path, search, language: lang }: Place, page: Page): string {
    const view = views.get(page.view);
    if (!view) throw new Error(`no view ${page.view}`);
    const address = page.keeps?.action ?? `${path}${search}`;
    const shared = {
      lang,
      stylesheet,
      support: support?.phone || support?.url ? support : undefined,
      path,
      title: page.title,
      part: partOf(page, search, lang),
      printed: page.who && !page.isPaper ? printedAt(`${origin}${address}`, lang) : undefined,
      isFront: page.title === t(lang, 'common.service'),
      wide: page.wide,
      who: page.who,
      errors: page.errors,
      keeps: page.keeps?.form,
      langs: LANGUAGES.map((code) => ({
        code,
        name: LANGUAGE_NAMES[code],
        current: code === lang,
        href: inLanguage(address, code, page.parameters),
      })),
    };
    const body = view({ ...shared, ...page.data });
    return layout({ ...shared, body });
  }

  function render(ctx: Context, page: Page): void {
    const language = languageOf(ctx);
    // The form could not be used (design rule R27), and nothing was done.
    if (page.errors?.length && ctx.status === 404) ctx.status = 422;
    const body = text({ path: ctx.path, search: ctx.search, language }, page);
    ctx.type = 'text/html; charset=utf-8';
    ctx.set('content-language', language);
    ctx.vary('accept-language');
    ctx.body = body;
  }
  return Object.assign(render, { text });
}
