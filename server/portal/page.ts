// The parts that all pages of the portal are made with.
import type { Context } from 'koa';
import type { PageVisit } from '../caller/declared_pages.ts';
import { tellStepUp } from '../caller/pages.ts';
import type { ConsentPages } from '../consent/page.ts';
import type { KeptForms } from '../caller/kept_form.ts';
import type { Fault } from '../platform/errors.ts';
import type { Limits } from '../platform/http/limits.ts';
import type { LiveRegister } from '../register/source/sources.ts';
import type { Staff } from '../support/support.ts';
import type { Visits } from './visits.ts';
import type { Seal } from '../platform/secret/seal.ts';

/** The parts of the portal's pages: those of pages about consents, and more. */
export interface PortalPages extends ConsentPages {
  seal: Seal;
  limits: Limits;
  forms: KeptForms;
  visits: Visits;
  /** Registers that are asked at the moment. */
  live: LiveRegister[];
  /** Whether a decision is answered only when it is written down. */
  isLogDurable: boolean;
  /** National identity numbers of the support staff. */
  supportStaff: Staff;
  /** Organisation numbers of those whose searches are shown to nobody. */
  exemptSearches: string[];
  /** The doors by which systems hear of what happens. */
  signals: { ssf: boolean; webhooks: boolean };
  /** Days that a use stays at least. */
  decisionLogDays: number;
}

/** The page of a mandate, or of an act on it, for the party on one of its sides. */
export const mandatePath = (id: string, party: string | undefined, act = ''): string =>
  `/overview/${id}${act}${party ? `?party=${party}` : ''}`;

/** The page of a package, which leads on to who can use each service that it opens for a party. */
export const packagePath = (code: string, party: string): string =>
  `/packages/${code}?${new URLSearchParams({ party })}`;

/** The same address, saying what was just done. */
export const having = (path: string, done: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}${done}`;

const FURTHEST = 100_000;

/** How many a page of a list begins after, by its address. */
export const offsetOf = (ctx: Context): number =>
  Math.min(
    FURTHEST,
    Math.max(0, Number.parseInt(ctx.URL.searchParams.get('offset') ?? '0', 10) || 0),
  );

/** Addresses of the pages of a list before and after the one at an offset; undefined for none. */
export const turns = (
  { offset, size, of }: { offset: number; size: number; of: number },
  link: (at: number) => string,
) => ({
  previous: offset > 0 ? link(Math.max(0, offset - size)) : undefined,
  next: offset + size < of ? link(offset + size) : undefined,
});

/** Whether somebody looks: not a browser that fetches ahead, nor one that another site sends. */
export const isLooking = (ctx: Context) =>
  ctx.method === 'GET' &&
  ctx.get('sec-fetch-site') !== 'cross-site' &&
  !['sec-purpose', 'purpose'].some((name) => /prefetch|prerender/.test(ctx.get(name)));

/** Leads to a stronger login where an act takes one, and back; throws any other fault. */
export function toStronger(error: Fault, { ctx, pages }: PageVisit<PortalPages>): void {
  if (error.code !== 'TIL-00007') throw error;
  tellStepUp(ctx, pages.render, ctx.url, error, ctx.url);
}
