// What the pages of the portal are made with.
import type { Context } from 'koa';
import type { ConsentPages } from '../consent/page.ts';
import type { KeptForms } from '../caller/kept_form.ts';
import type { Limits } from '../platform/limits.ts';
import type { LiveRegister } from '../register/sources.ts';
import type { Seal } from '../platform/seal.ts';

/** What the pages of the portal are made with: that of the pages about consents, and more. */
export interface PortalPages extends ConsentPages {
  seal: Seal;
  limits: Limits;
  forms: KeptForms;
  /** Registers that are asked at the moment. */
  live: LiveRegister[];
}

const FURTHEST = 100_000;

/** How many a page of a list begins after, by its address. */
export const offsetOf = (ctx: Context): number =>
  Math.min(
    FURTHEST,
    Math.max(0, Number.parseInt(ctx.URL.searchParams.get('offset') ?? '0', 10) || 0),
  );
