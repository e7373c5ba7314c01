// Where a person may be sent after the answer, and what the address says then. Pure.

const REFUSED_SCHEMES = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'];

/**
 * Absolute; https, an app scheme, or http on loopback; where the organisation registered origins,
 * only those.
 */
export function isAllowedRedirect(redirectUrl: string, origins: string[]): boolean {
  if (/[^\x21-\x7e]|\\/.test(redirectUrl) || !/^[a-z][a-z0-9+.-]*:/i.test(redirectUrl))
    return false;
  if (!URL.canParse(redirectUrl)) return false;
  const url = new URL(redirectUrl);
  if (url.username || url.password || REFUSED_SCHEMES.includes(url.protocol)) return false;
  if (origins.length) return origins.includes(originOf(url));
  if (url.protocol === 'http:') return ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || /^[a-z][a-z0-9+.-]*:\/\/\S+/i.test(redirectUrl);
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
