// Consent texts in Markdown, safely: a small allowed set, checked when a text is registered; a
// text is cut at its placeholders after parsing, and a value is escaped, so that it can never
// become markup.
// It knows no request.
import MarkdownIt from 'markdown-it';
import { hasUnseenCharacters, type ResourceContent } from './model.ts';
import { textOf } from '../platform/as_text.ts';
import type { Language, Translated } from '../platform/locale.ts';

const LIMIT = 2000;
const markdown = new MarkdownIt('zero', { html: false, linkify: false, typographer: false }).enable(
  ['list', 'emphasis', 'link', 'escape', 'newline'],
);
// Every link is parsed as one, so that a bad one is refused below and not taken for text.
markdown.validateLink = () => true;
const ALLOWED = new Set([
  'paragraph_open',
  'paragraph_close',
  'inline',
  'text',
  'softbreak',
  'hardbreak',
  'bullet_list_open',
  'bullet_list_close',
  'ordered_list_open',
  'ordered_list_close',
  'list_item_open',
  'list_item_close',
  'em_open',
  'em_close',
  'strong_open',
  'strong_close',
  'link_open',
  'link_close',
  'text_special',
]);
const PLACEHOLDER = /\{([A-Za-z0-9_-]+)\}/g;
// Markup that the allowed set leaves as plain text, though its author meant something by it.
const MEANT_AS_MARKUP: [RegExp, string][] = [
  [/<[a-z!/?]/i, 'HTML is not allowed'],
  [/^ {0,3}#{1,6}\s/m, 'headings are not allowed'],
  [/!\[/, 'images are not allowed'],
  [/^ {0,3}(```|~~~)/m, 'code blocks are not allowed'],
  [/^ {0,3}\[[^\]]+\]:/m, 'reference links are not allowed'],
  [/^ {0,3}>/m, 'quotes are not allowed'],
  [/&(#\d+|#x[0-9a-f]+|\w+);/i, 'character entities are not allowed'],
];

type Token = ReturnType<typeof markdown.parse>[number];

/** Everything wrong with a text, as sentences; empty when it may be registered. */
export function markdownFaults(text: string, keys: string[], linkHosts: string[]): string[] {
  const faults: string[] = [];
  if (text.length > LIMIT) faults.push(`is longer than ${LIMIT} characters`);
  if (hasUnseenCharacters(text)) faults.push('has control, bidirectional or invisible characters');
  for (const [pattern, why] of MEANT_AS_MARKUP) if (pattern.test(text)) faults.push(why);
  for (const [, name] of text.matchAll(PLACEHOLDER)) {
    if (!keys.includes(name!))
      faults.push(`names {${name}}, which is no metadata key of the resource`);
  }
  for (const token of flat(markdown.parse(text, {}))) {
    if (!ALLOWED.has(token.type)) faults.push(`uses ${token.type}, which is not allowed`);
    if (token.type === 'link_open') {
      const why = linkFault(textOf(token.attrGet('href')) ?? '', linkHosts);
      if (why) faults.push(why);
    }
  }
  return [...new Set(faults)];
}

function linkFault(href: string, linkHosts: string[]): string | undefined {
  if (/[{}]|%7[bd]/i.test(href)) return 'has a placeholder in a link';
  if (!/^https:\/\//.test(href) || !URL.canParse(href)) return 'has a link that is not https';
  const url = new URL(href);
  if (url.username || url.password || url.port) return 'has a link with a user name or a port';
  if (!linkHosts.includes(url.hostname))
    return `links to ${url.hostname}, which is no link host of the resource`;
  return undefined;
}

function* flat(tokens: Token[]): Generator<Token> {
  for (const token of tokens) {
    yield token;
    if (token.children) yield* flat(token.children);
  }
}

/** No text has it: to the parser it is another character. */
const MARK = '\0';

/** A registered text as HTML, cut at its placeholders, whose names stand between. */
function piecesOf(text: string): string[] {
  const tokens = markdown.parse(text, {});
  const open: string[] = [];
  for (const token of flat(tokens)) {
    if (token.type === 'text')
      token.content = token.content.replace(PLACEHOLDER, `${MARK}$1${MARK}`);
    if (token.type === 'link_open') {
      token.attrSet('class', 'ds-link');
      token.attrSet('rel', 'noopener');
      open.push(new URL(textOf(token.attrGet('href')) ?? '').hostname);
    }
    if (token.type === 'link_close') token.meta = { host: open.pop() };
  }
  return markdown.renderer.render(tokens, markdown.options, {}).split(MARK);
}

/**
 * A registered text in its languages. Each is parsed when it is first shown, and then remembered:
 * to parse it takes a tenth of a yes.
 */
class MarkdownText {
  readonly #texts: Translated;
  readonly #pieces: Partial<Record<Language, string[]>> = {};

  constructor(texts: Translated = {}) {
    this.#texts = texts;
  }

  /** HTML with its values. Links name their host (WCAG 2.4.4). */
  html(language: Language, values: Record<string, string>): string {
    this.#pieces[language] ??= piecesOf(this.#texts[language] ?? '');
    return this.#pieces[language]
      .map((piece, place) => {
        if (place % 2 === 0) return piece;
        return Object.hasOwn(values, piece)
          ? markdown.utils.escapeHtml(values[piece]!)
          : `{${piece}}`;
      })
      .join('');
  }
}

/** A version of a service, with its words as they are shown. */
export interface WordedContent extends ResourceContent {
  words: MarkdownText;
  wordsAbout: MarkdownText;
}

export const worded = (content: ResourceContent): WordedContent => ({
  ...content,
  words: new MarkdownText(content.consentText),
  wordsAbout: new MarkdownText(content.consentTextAbout),
});

markdown.renderer.rules.link_close = (tokens, index) =>
  ` (${markdown.utils.escapeHtml(textOf(tokens[index]!.meta?.host) ?? '')})</a>`;
