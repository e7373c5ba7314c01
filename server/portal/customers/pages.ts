// A supplier's customers: who they are, why, what they gave, and who of the supplier's has it.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { lotsOf } from '../../platform/paging.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import {
  CLIENT_ORDERS,
  listClients,
  ONLY_CLIENTS,
  type ClientsWanted,
} from '../../supplier/client_list_store.ts';
import { sendFile } from '../file.ts';
import { offsetOf, turns, type PortalPages } from '../page.ts';
import { actingAs, backFor, whoOf } from '../party.ts';
import { agentsPath } from './agent.ts';
import { assignRows } from './assign_pages.ts';
import { leftPath } from './left_pages.ts';
import { sheetRows } from '../sheet/pages.ts';
import { sendWork, workSheet } from './sheet.ts';
import { MOST_CLIENTS, servicesOf } from './chosen.ts';
import { askPath, assignPath, customersPath, onePath } from './path.ts';
import { CLIENT_COLUMNS, clientCells, clientLine } from './text.ts';

const PAGE_SIZE = 20;
/** Rows of a file that are read at once. */
const LOT = 5_000;

export const customerPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'clients', path: '/customers', show: showCustomers },
    { id: 'clients_all', path: ALL, show: chooseAll },
    { id: 'clients_file', path: '/customers.csv', show: sendCustomers },
    ...assignRows,
    { id: 'clients_work_csv', path: '/customers/work.csv', show: sendWork },
    ...sheetRows(workSheet),
  ]);

const ALL = '/customers/all';

/** The acts after which the page says so: by ticks, and by a file. */
const DONE = ['given', 'done'];

function wantedIn(ctx: Context): Pick<ClientsWanted, 'text' | 'only' | 'order'> {
  const [only, order] = [queryParameter(ctx, 'only'), queryParameter(ctx, 'order')];
  return {
    text: (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100).toLowerCase(),
    only: ONLY_CLIENTS.find((one) => one === only) ?? null,
    order: CLIENT_ORDERS.find((one) => one === order) ?? 'name',
  };
}

async function showCustomers(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const { party } = acting;
  const wanted = wantedIn(ctx);
  const offset = offsetOf(ctx);
  const page = { ...wanted, limit: PAGE_SIZE, offset };
  const found = await listClients(pages.act, party.id, page);
  const catalogue = await currentCatalogue(pages.act);
  const services = await servicesOf(pages, found);
  const n = found[0]?.of ?? 0;
  const link = (path: string, more: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({
      party: party.id,
      q: wanted.text,
      only: wanted.only ?? '',
      order: wanted.order ?? '',
      ...more,
    })}`;
  pages.render(ctx, {
    view: 'portal/customers/customers',
    title: t(language, 'customers.title', { name: displayName(party) }),
    wide: true,
    who: whoOf(ctx, acting),
    errors: ctx.URL.searchParams.has('none')
      ? [{ field: 'clients', text: t(language, 'customers.none_chosen') }]
      : [],
    data: {
      n,
      party: party.id,
      search: wanted.text,
      only: ['', ...ONLY_CLIENTS].map((id) => ({
        id,
        label: t(language, `customers.only.${id || 'all'}`),
        selected: id === (wanted.only ?? ''),
      })),
      orders: CLIENT_ORDERS.map((id) => ({
        id,
        label: t(language, `customers.order.${id}`),
        selected: id === wanted.order,
      })),
      told: DONE.filter((one) => ctx.URL.searchParams.has(one)).map((one) =>
        t(language, one === 'given' ? 'customers.see' : 'sheet.done'),
      )[0],
      clients: found.map((one) => ({
        ...clientLine(one, { language, catalogue, services }),
        href: onePath(party.id, one.id),
      })),
      all: waysForAll({ n, offset }, (more) => link(ALL, more), language),
      file: n ? link('/customers.csv') : undefined,
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => link('/customers', { offset: `${at}` })),
      people: agentsPath(party.id),
      left: leftPath(party.id),
      bring: `/customers/file?party=${party.id}`,
      back: await backFor(pages.act, acting, `/overview?party=${party.id}`),
    },
  });
}

/** Leads on with those that are found, from one place of the list on, as if each were ticked. */
async function chooseAll(ctx: Context, pages: PortalPages): Promise<void> {
  const { party } = await actingAs(ctx, pages, 'clients');
  const page = { ...wantedIn(ctx), limit: MOST_CLIENTS, offset: offsetOf(ctx) };
  const found = await listClients(pages.act, party.id, page);
  const pathOf = queryParameter(ctx, 'act') === 'ask' ? askPath : assignPath;
  ctx.redirect(found.length ? pathOf(party.id, found) : customersPath(party.id));
}

/** The ways to an act for all that are found; none where one tick is as short. */
const waysForAll = (
  { n, offset }: { n: number; offset: number },
  link: (more: Record<string, string>) => string,
  language: Language,
) =>
  n - offset < 2
    ? []
    : (['assign', 'ask'] as const).map((act) => ({
        href: link({ act, offset: `${offset}` }),
        text: t(language, `customers.all.${act}`, {
          ...{ n, from: offset + 1, to: Math.min(n, offset + MOST_CLIENTS) },
          some: offset || n > MOST_CLIENTS ? 'yes' : 'no',
        }),
      }));

async function sendCustomers(ctx: Context, pages: PortalPages): Promise<void> {
  const { party } = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const wanted = wantedIn(ctx);
  const catalogue = await currentCatalogue(pages.act);
  async function* rows() {
    const read = (page: { limit: number; offset: number }) =>
      listClients(pages.act, party.id, { ...wanted, ...page });
    for await (const found of lotsOf(LOT, read)) {
      const services = await servicesOf(pages, found);
      for (const one of found) yield clientCells(one, { language, catalogue, services });
    }
  }
  const name = t(language, 'customers.file');
  const file = {
    kind: 'csv' as const,
    name,
    columns: CLIENT_COLUMNS,
    headings: 'customers.column',
  };
  sendFile(ctx, pages, file, rows());
}
