// Addresses of pages about customers.
import type { ListedClient } from '../../supplier/client_list_store.ts';

/** Where a company sees its customers. */
export const customersPath = (supplier: string): string => `/customers?party=${supplier}`;

export const ONE = '/customers/one';
/** Where it sees who works for one of them. */
export const onePath = (supplier: string, customer: string): string =>
  `${ONE}?party=${supplier}&client=${customer}`;

/** Where a supplier sees the powers of attorney that a customer gave, or that a role brings. */
export const givenPath = ({ name, roles }: ListedClient, supplier: string): string => {
  const show = roles.length ? 'statutory' : 'received';
  return `/overview?${new URLSearchParams({ party: supplier, show, q: name })}`;
};

export const ASSIGN = '/customers/assign';
/** Where it lets its people work for some of them. */
export const assignPath = (
  supplier: string,
  clients: { id: string }[],
  more: Record<string, string> = {},
): string => forSome(ASSIGN, supplier, clients, more);

export const ASK = '/customers/ask';
/** Where it asks some of them. */
export const askPath = (supplier: string, clients: { id: string }[]): string =>
  forSome(ASK, supplier, clients);

const forSome = (
  path: string,
  supplier: string,
  clients: { id: string }[],
  more: Record<string, string> = {},
) =>
  `${path}?${new URLSearchParams([
    ['party', supplier],
    ...clients.map(({ id }): [string, string] => ['client', id]),
    ...Object.entries(more),
  ])}`;
