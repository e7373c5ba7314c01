// The same page in another language: its address with the parameters that pages know, and no
// others, so that nobody makes an answer long by asking with a long address.
import type { Language } from '../locale.ts';

/** Parameters that pages read; test/architecture.test.ts compares it with them. */
export const PAGE_PARAMETERS: readonly string[] = [
  ...['after', 'already', 'because', 'before', 'changed', 'ended', 'given', 'id', 'instance'],
  ...['act', 'all', 'choose', 'client', 'held', 'none', 'number'],
  ...[
    'interaction',
    'leave',
    'level',
    'narrowed',
    'offset',
    'only',
    'package',
    'party',
    'passed',
    'q',
  ],
  ...['receiver', 'refused', 'request', 'resource', 'resumed', 'saved', 'sent', 'show', 'stopped'],
  ...['suspended', 'to', 'unchanged', 'unit', 'withdrawn', 'gift', 'asked', 'from', 'others'],
  ...['approved', 'assigned', 'entered', 'asks', 'gone', 'last', 'done', 'lines'],
  ...['by', 'kind', 'opened', 'order', 'since', 'until'],
];
/** A longer address leads to its page without parameters. */
const LONGEST = 4_000;

/**
 * An address of ours in a language; each form's has a page to GET. `more` are parameters that the
 * page knows beside those of all pages.
 */
export function inLanguage(address: string, language: Language, more: readonly string[] = []) {
  const [path = '', query] = address.split('?', 2);
  const kept = [...new URLSearchParams(query)].filter(
    ([name]) => PAGE_PARAMETERS.includes(name) || more.includes(name),
  );
  const whole = `${path}?${new URLSearchParams([...kept, ['lang', language]])}`;
  return whole.length <= LONGEST ? whole : `${path}?lang=${language}`;
}
