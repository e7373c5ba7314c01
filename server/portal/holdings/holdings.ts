// The company whose holders are shown, with the sub-units that the person sees to; and what is
// looked for among them.
import type { Context } from 'koa';
import type { HoldersWanted } from '../../mandate/unit_holder_store.ts';
import type { Party } from '../../party/model.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import type { PortalPages } from '../page.ts';
import { actingForAll, type Acting } from '../party.ts';

/** Where a company sees who has what of it. */
export const holdingsPath = (party: string): string => `/holdings?party=${party}`;

/** A company, and its units with it first. */
export interface Units {
  acting: Acting;
  units: Pick<Party, 'id' | 'kind' | 'name' | 'organizationNo'>[];
}

/** TIL-00008 for one who sees to no such company. */
export async function unitsIn(ctx: Context, pages: PortalPages): Promise<Units> {
  const { acting, main, units } = await actingForAll(ctx, pages, queryParameter(ctx, 'party'));
  if (main?.kind !== 'organization' || acting.closed) throw fault('TIL-00008');
  return { acting, units: [main, ...units] };
}

/** The filter in the address: a holder by name or number, a unit and a package. */
export function wantedIn(ctx: Context, { acting, units }: Units): HoldersWanted {
  const ids = units.map(({ id }) => id);
  const unit = ids.find((id) => id === queryParameter(ctx, 'unit'));
  return {
    units: unit ? [unit] : ids,
    viewer: acting.session.party,
    text: (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100).toLowerCase(),
    package: queryParameter(ctx, 'package') || null,
  };
}
