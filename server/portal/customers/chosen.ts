// The customers that an address names, what the supplier can pass on of all of them, and to whom.
import type { Context } from 'koa';
import { packagesCarried } from '../../decision/rules/tags_model.ts';
import { isUuid } from '../../platform/ids.ts';
import { pick, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { findResources } from '../../resource/store.ts';
import { listAgentsToChoose } from '../../supplier/agent_store.ts';
import { listClients, type ListedClient } from '../../supplier/client_list_store.ts';
import type { PortalPages } from '../page.ts';

/** Customers of one act, at most: their ids stand in its address. */
export const MOST_CLIENTS = 50;
/** People of one act, and rights of one, at most. */
export const MOST_CHOSEN = 20;

/** The customers with these ids, or in the address, as the supplier has them now. */
export async function clientsIn(
  ctx: Context,
  { act }: PortalPages,
  supplier: string,
  named = ctx.URL.searchParams.getAll('client'),
): Promise<ListedClient[]> {
  const ids = [...new Set(named)].filter(isUuid).slice(0, MOST_CLIENTS);
  const wanted = { text: '', only: null, ids, limit: MOST_CLIENTS, offset: 0 };
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

/** A right as a person reads it. */
export interface NamedRight {
  id: string;
  name: string;
}

interface Offered {
  packages: NamedRight[];
  resources: NamedRight[];
}

/** Packages and services that the supplier can pass on of every one of the customers. */
export async function offeredBy(
  pages: PortalPages,
  clients: ListedClient[],
  language: Language,
): Promise<Offered> {
  const catalogue = await currentCatalogue(pages.act);
  const services = await servicesOf(pages, clients);
  const ofAll = (each: string[][]) => {
    const [first = [], ...rest] = each;
    return [...new Set(first)].filter((id) => rest.every((some) => some.includes(id)));
  };
  const packages = ofAll(clients.map((client) => packagesHeld(client, catalogue)));
  return {
    packages: packages.flatMap((id) => {
      const entry = catalogue.packages.get(id);
      return entry?.delegable ? [{ id, name: pick(entry.name, language)?.text ?? id }] : [];
    }),
    resources: ofAll(clients.map(({ resources }) => resources)).map((id) => ({
      id,
      name: pick(services.get(id)?.content.title, language)?.text ?? id,
    })),
  };
}

/** Finds which of the ticked work for customers: nobody learns by any other id who that is. */
export const agentsAmong = async ({ act }: PortalPages, supplier: string, ticked: string[]) =>
  (await listAgentsToChoose(act, supplier, { ticked, text: '', limit: MOST_CHOSEN })).filter(
    ({ isTicked }) => isTicked,
  );
