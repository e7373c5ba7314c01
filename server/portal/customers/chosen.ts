// The customers that an address names, and what the supplier has of them.
import type { Context } from 'koa';
import { packagesCarried } from '../../decision/rules/tags_model.ts';
import { isUuid } from '../../platform/ids.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { findResources } from '../../resource/store.ts';
import { listClients, type ListedClient } from '../../supplier/client_list_store.ts';
import type { PortalPages } from '../page.ts';

/** Customers of one act, at most. */
export const MOST_CHOSEN = 20;

/** The customers with these ids, or in the address, as the supplier has them now. */
export async function clientsIn(
  ctx: Context,
  { act }: PortalPages,
  supplier: string,
  named = ctx.URL.searchParams.getAll('client'),
): Promise<ListedClient[]> {
  const ids = [...new Set(named)].filter(isUuid).slice(0, MOST_CHOSEN);
  const wanted = { text: '', only: null, ids, limit: MOST_CHOSEN, offset: 0 };
  return ids.length ? listClients(act, supplier, wanted) : [];
}

/** Packages that the customer gave, or that a role of a register carries. */
export const packagesHeld = (
  { roles, packages, unitType }: ListedClient,
  catalogue: Catalogue,
): string[] => [
  ...packages,
  ...roles.flatMap((role) => packagesCarried({ role, package: null }, unitType, catalogue)),
];

/** The services that customers gave by themselves. */
export const servicesOf = ({ act }: PortalPages, clients: ListedClient[]) =>
  findResources(act.db, [...new Set(clients.flatMap(({ resources }) => resources))]);
