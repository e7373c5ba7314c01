// A browser without a screen: cookies, redirects and forms, so that a page test walks as a person
// does.
import { world, type TestParty } from './world.ts';

export interface Page {
  url: URL;
  status: number;
  html: string;
  headers: Headers;
}

const LONGEST_CHAIN = 15;

export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  page!: Page;
  language = 'nb';

  /** GETs, following redirects up to the first address that `until` says yes to. */
  async open(path: string, until: (url: URL) => boolean = () => false): Promise<Page> {
    return this.#follow(new URL(path, this.page?.url ?? world.url), { method: 'GET' }, until);
  }

  /** Submits the form of the page with the given fields over its own. */
  async submit(
    fields: Record<string, string>,
    until: (url: URL) => boolean = () => false,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const form = /<form[^>]*action="([^"]*)"[\s\S]*?<\/form>/.exec(this.page.html);
    if (!form) throw new Error(`no form on ${this.page.url}: ${this.page.html.slice(0, 300)}`);
    const values = new URLSearchParams();
    for (const [input] of form[0].matchAll(/<input type="hidden"[^>]*>/g)) {
      values.set(attribute(input, 'name'), attribute(input, 'value'));
    }
    for (const [name, value] of Object.entries(fields)) values.set(name, value);
    const target = new URL(unescapeHtml(form[1]!), this.page.url);
    return this.#follow(
      target,
      {
        method: 'POST',
        body: values,
        headers: { origin: target.origin, 'sec-fetch-site': 'same-origin', ...headers },
      },
      until,
    );
  }

  /** The cookies whose names begin so, as a header. */
  cookies = (name: string): string =>
    [...this.#cookies]
      .filter(([known]) => known.startsWith(name))
      .map(([known, { value }]) => `${known}=${value}`)
      .join('; ');

  /** Loses the cookies whose names begin so, as when they have run out; those but `but`. */
  forget(name: string, but?: string): void {
    for (const known of this.#cookies.keys())
      if (known.startsWith(name) && !(but && known.startsWith(but))) this.#cookies.delete(known);
  }

  /** Logs in at the eID when that is where we are. */
  async logIn(person: { number: string }, until?: (url: URL) => boolean): Promise<Page> {
    if (!this.page.url.href.startsWith(world.env.eid.issuer))
      throw new Error(`not at the eID but ${this.page.url}`);
    return this.submit({ number: person.number }, until);
  }

  async #follow(start: URL, init: RequestInit, until: (url: URL) => boolean): Promise<Page> {
    let url = start;
    let request: RequestInit = init;
    for (let hop = 0; hop < LONGEST_CHAIN; hop += 1) {
      if (until(url)) return (this.page = { url, status: 0, html: '', headers: new Headers() });
      const answer = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: {
          'accept-language': this.language,
          accept: 'text/html',
          ...(request.headers as object),
          cookie: this.#header(url),
        },
      });
      this.#remember(answer, url);
      const html = await answer.text();
      const location = answer.headers.get('location');
      if (!location || answer.status < 300 || answer.status > 399)
        return (this.page = { url, status: answer.status, html, headers: answer.headers });
      url = new URL(location, url);
      request = { method: 'GET' };
    }
    throw new Error(`more than ${LONGEST_CHAIN} redirects from ${start}`);
  }

  #header(url: URL): string {
    return [...this.#cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  #remember(answer: Response, url: URL): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const path = attributes.find((entry) => /^path=/i.test(entry))?.slice(5) ?? '/';
      const gone =
        attributes.some((entry) => /^expires=Thu, 01 Jan 1970/i.test(entry)) ||
        pair.slice(at + 1) === '';
      if (gone) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), { value: pair.slice(at + 1), path });
    }
    void url;
  }
}

export const unescapeHtml = (text: string) =>
  text.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=').replaceAll('&quot;', '"');
const attribute = (tag: string, name: string) =>
  unescapeHtml(new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

export const heading = (page: Page) =>
  unescapeHtml(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.html)?.[1] ?? '');

/** A browser in which the person is logged in, at the address. */
export async function loggedIn(
  person: TestParty | { number: string },
  path: string,
): Promise<Browser> {
  const browser = new Browser();
  await browser.open(path);
  await browser.logIn(person);
  return browser;
}

/** Submits the form of the page that goes to an address. */
export async function press(
  browser: Browser,
  to: RegExp,
  fields: Record<string, string> = {},
  until?: (url: URL) => boolean,
) {
  const forms = [...browser.page.html.matchAll(/<form[\s\S]*?<\/form>/g)].map(([form]) => form);
  const form = forms.find(
    (one) => one.includes('method="post"') && to.test(/action="([^"]*)"/.exec(one)![1]!),
  );
  if (!form) throw new Error(`no form to ${to} on ${browser.page.url}`);
  browser.page = { ...browser.page, html: form };
  return browser.submit(fields, until);
}
