// What the pages of the portal are made with.
import type { ConsentPages } from '../consent/page.ts';
import type { KeptForms } from '../caller/kept_form.ts';
import type { Limits } from '../platform/limits.ts';
import type { Seal } from '../platform/seal.ts';

/** What the pages of the portal are made with: that of the pages about consents, and more. */
export interface PortalPages extends ConsentPages {
  seal: Seal;
  limits: Limits;
  forms: KeptForms;
}
