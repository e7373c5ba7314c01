// A browser without a screen: keeps cookies, follows redirects, reads forms and sends them. Tests
// and clients/token.ts walk with it as a person does.
import { type HTMLElement, parse } from 'node-html-parser';
import { CookieJar, MemoryCookieStore } from 'tough-cookie';

export interface Page {
  url: URL;
  status: number;
  html: string;
  headers: Headers;
}

/** The addresses at which somebody else takes over: they are not fetched. */
type Until = (url: URL) => boolean;

const LONGEST_CHAIN = 20;

/** The same fields in parts; what is for a file field is the file. */
function withFiles(form: HTMLElement, values: URLSearchParams): FormData {
  const parts = new FormData();
  for (const [name, value] of values)
    if (form.querySelector(`input[type=file][name=${name}]`))
      parts.append(name, new File([value], `${name}.csv`, { type: 'text/csv' }));
    else parts.append(name, value);
  return parts;
}

export class Browser {
  readonly #kept = new MemoryCookieStore();
  readonly #jar = new CookieJar(this.#kept, { rejectPublicSuffixes: false });
  readonly #home: string | undefined;
  page!: Page;
  language = 'nb';
  /** The name that it gives itself; none where it says nothing. */
  agent: string | undefined;

  /** `home` is the address that paths are of before any page is open. */
  constructor(home?: string) {
    this.#home = home;
  }

  /** GETs, following redirects up to the first address that `until` says yes to. */
  async open(path: string | URL, until?: Until): Promise<Page> {
    return this.#follow(new URL(path, this.page?.url ?? this.#home), { method: 'GET' }, until);
  }

  /** Forms of the page that are posted to an address that fits. */
  forms(to: RegExp): HTMLElement[] {
    return parse(this.page.html)
      .querySelectorAll('form')
      .filter((form) => form.getAttribute('method')?.toLowerCase() === 'post')
      .filter((form) => to.test(form.getAttribute('action') ?? ''));
  }

  /** Posts the page's first form to an address that fits, with the fields over its hidden ones. */
  async submit(
    fields: Record<string, string> | URLSearchParams,
    until?: Until,
    { to = /./, headers = {} }: { to?: RegExp; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const [form] = this.forms(to);
    if (!form)
      throw new Error(`no form to ${to} on ${this.page.url}: ${this.page.html.slice(0, 300)}`);
    const values = new URLSearchParams(
      form
        .querySelectorAll('input[type=hidden]')
        .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']),
    );
    const given = [...new URLSearchParams(fields)];
    for (const [name] of given) values.delete(name);
    for (const [name, value] of given) values.append(name, value);
    const target = new URL(form.getAttribute('action')!, this.page.url);
    const sent = { origin: target.origin, 'sec-fetch-site': 'same-origin', ...headers };
    const body =
      form.getAttribute('enctype') === 'multipart/form-data' ? withFiles(form, values) : values;
    return this.#follow(target, { method: 'POST', body, headers: sent }, until);
  }

  /** The cookies whose names begin so, as a header. */
  async cookies(name: string): Promise<string> {
    const kept = await this.#jar.serialize();
    return kept.cookies
      .filter(({ key }) => key?.startsWith(name))
      .map(({ key, value }) => `${key}=${value}`)
      .join('; ');
  }

  /** Loses the cookies whose names begin so, as when they have run out; those but `but`. */
  async forget(name: string, but?: string): Promise<void> {
    for (const { key, domain, path } of await this.#kept.getAllCookies())
      if (key.startsWith(name) && !(but && key.startsWith(but)))
        await this.#kept.removeCookie(domain!, path!, key);
  }

  async #follow(start: URL, init: RequestInit, until: Until = () => false): Promise<Page> {
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
          ...(this.agent ? { 'user-agent': this.agent } : {}),
          ...(request.headers as object),
          cookie: await this.#jar.getCookieString(url.href),
        },
      });
      for (const line of answer.headers.getSetCookie())
        await this.#jar.setCookie(line, url.href, { ignoreError: true });
      const html = await answer.text();
      const location = answer.headers.get('location');
      if (!location || answer.status < 300 || answer.status > 399)
        return (this.page = { url, status: answer.status, html, headers: answer.headers });
      url = new URL(location, url);
      request = { method: 'GET' };
    }
    throw new Error(`more than ${LONGEST_CHAIN} redirects from ${start}`);
  }
}
