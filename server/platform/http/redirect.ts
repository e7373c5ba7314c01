// Where a person may be sent after the answer, and what the address says then. Pure.

const REFUSED_SCHEMES = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'];

/**
 * Why a person may not be sent there: it is no address for that (absolute; https, an app scheme, or
 * http on loopback), or, where the organisation registered origins, not one of them.
 */
export function redirectFault(
  redirectUrl: string,
  origins: string[],
): 'address' | 'origin' | undefined {
  if (/[^\x21-\x7e]|\\/.test(redirectUrl) || !/^[a-z][a-z0-9+.-]*:/i.test(redirectUrl))
    return 'address';
  // A browser would read it beside the page that it stands on.
  if (/^https?:(?!\/\/)/i.test(redirectUrl)) return 'address';
  if (!URL.canParse(redirectUrl)) return 'address';
  const url = new URL(redirectUrl);
  if (url.username || url.password || REFUSED_SCHEMES.includes(url.protocol)) return 'address';
  if (origins.length) return origins.includes(originOf(url)) ? undefined : 'origin';
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:') return isLoopback ? undefined : 'address';
  const isApp = /^[a-z][a-z0-9+.-]*:\/\/\S+/i.test(redirectUrl);
  return url.protocol === 'https:' || isApp ? undefined : 'address';
}

/** The origin, and for an app scheme the scheme with its authority. */
export const originOf = (url: URL) =>
  url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;

/**
 * Adds the outcome to the query, before a fragment, but inside a `#/` fragment, which is a
 * hash-routed app's address.
 */
export function withOutcome(redirectUrl: string, outcome: Record<string, string>): string {
  const query = new URLSearchParams(outcome).toString();
  const hashRouted = redirectUrl.includes('#/');
  const [base = '', ...rest] = hashRouted ? [redirectUrl] : redirectUrl.split('#');
  const fragment = rest.length ? `#${rest.join('#')}` : '';
  const target = hashRouted ? base.slice(base.indexOf('#/')) : base;
  return `${base}${target.includes('?') ? '&' : '?'}${query}${fragment}`;
}
