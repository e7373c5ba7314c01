// The portal column, as it is wired: the pages of a person's and a company's rights, and help.
import type { Whoever } from '../caller/pages.ts';
import type { Wired } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import type { Env } from '../platform/env/env.ts';
import { helpPages } from './help_pages.ts';
import type { PortalPages } from './page.ts';
import { allPortalPages } from './pages.ts';
import { createVisits } from './visits.ts';

interface Needs extends Omit<Wired<PortalPages>, 'visits'> {
  env: Env;
  whoever: Whoever;
}

export const portalColumn = (needs: Needs): Column => ({
  pages: [helpPages(needs), ...allPortalPages({ ...needs, visits: createVisits() })],
});
