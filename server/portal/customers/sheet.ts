// A file by which a supplier lets its people work for customers, and ends it: who has what of whom
// as rows, the meaning of each row, and the acts.
import type { Context } from 'koa';
import type { Deciding } from '../../decision/act.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName, numbered } from '../../consent/text.ts';
import { findParties, findParty } from '../../party/store.ts';
import { allOrNone, type NotDone } from '../../platform/all_or_none.ts';
import { isUuid } from '../../platform/ids.ts';
import { lotsOf } from '../../platform/paging.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { findWork, listAgents, listAllWork, type WorkRow } from '../../supplier/agent_store.ts';
import { assignOne } from '../../supplier/assign.ts';
import { listClients, type ListedClient } from '../../supplier/client_list_store.ts';
import { endPassedOn } from '../../supplier/customers.ts';
import { sendFile } from '../file.ts';
import { mandateName, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import type { PortalPages } from '../page.ts';
import { actingAs, type Acting } from '../party.ts';
import { packageIn, repeated, type Marked, type Sheet, type SheetRead } from '../sheet/sheet.ts';
import { packagesHeld } from './chosen.ts';
import { customersPath } from './path.ts';

const WORK_COLUMNS = [
  ...(['act', 'customer', 'customer_name', 'customer_id'] as const),
  ...(['package', 'what', 'agent', 'agent_name'] as const),
] as const;
type Cells = Record<(typeof WORK_COLUMNS)[number], string>;
const NOTHING: Cells = {
  ...{ act: '', customer: '', customer_name: '', customer_id: '' },
  ...{ package: '', what: '', agent: '', agent_name: '' },
};

/** Rows of a file that are read at once. */
const LOT = 5_000;

interface Supplying {
  acting: Acting;
}

/** One customer's package to one agent, or the end of it. */
interface WorkLine {
  does: Marked['does'];
  client: string;
  agent: string;
  package: string;
}

/** Everything as a file: who has what of whom, and who has nothing, on either side. */
export async function sendWork(ctx: Context, pages: PortalPages): Promise<void> {
  const { party } = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const file = {
    ...{ kind: 'csv' as const, name: t(language, 'work_file.file') },
    ...{ columns: WORK_COLUMNS, headings: 'work_file.column' },
  };
  sendFile(ctx, pages, file, rowsOf(ctx, pages, party.id));
}

async function* rowsOf(ctx: Context, pages: PortalPages, supplier: string): AsyncGenerator<Cells> {
  const { act } = pages;
  const busy = new Set<string>();
  const served = new Set<string>();
  for await (const found of lotsOf(LOT, (page) => listAllWork(act, supplier, page))) {
    const telling = await tellingOf(ctx, pages, found);
    for (const one of found) {
      busy.add(one.agent.id);
      served.add(one.client.id);
      yield { ...clientCells(one.client), ...agentCells(one.agent), ...workCells(one, telling) };
    }
  }
  const wanted = { text: '', only: 'nobody' as const };
  for await (const found of lotsOf(LOT, (page) =>
    listClients(act, supplier, { ...wanted, ...page }),
  ))
    for (const one of found) if (!served.has(one.id)) yield { ...NOTHING, ...clientCells(one) };
  const idle = (await allAgents(act, supplier)).filter((id) => !busy.has(id));
  for (const one of await findParties(act, idle)) yield { ...NOTHING, ...agentCells(one) };
}

async function allAgents(act: Deciding, supplier: string): Promise<string[]> {
  const ids: string[] = [];
  const read = (page: { limit: number; offset: number }) =>
    listAgents(act, supplier, { text: '', ...page });
  for await (const found of lotsOf(LOT, read)) ids.push(...found.map(({ id }) => id));
  return ids;
}

interface Named {
  id: string;
  kind: string;
  name: string;
}

const clientCells = (one: Named & { organizationNo: string | null }) => ({
  customer: one.organizationNo ?? '',
  customer_name: displayName(one),
  customer_id: one.id,
});

const agentCells = (one: Named) => ({ agent: one.id, agent_name: displayName(one) });

const workCells = ({ package: code, resource }: WorkRow, telling: MandateWords) => ({
  act: '',
  package: code ?? '',
  what: mandateName({ role: null, package: code, resource }, telling),
});

async function readWork(
  { act }: PortalPages,
  { acting }: Supplying,
  rows: Marked[],
  language: Language,
): Promise<SheetRead<WorkLine>> {
  const supplier = acting.party.id;
  const catalogue = await currentCatalogue(act);
  const wrong: SheetRead<WorkLine>['wrong'] = [];
  const fail = ({ line }: Marked, key: string): never[] => {
    wrong.push({ line, text: t(language, `work_file.wrong.${key}`) });
    return [];
  };
  const clients = await clientsOf(act, rows);
  const agents = await agentsNamed(act, supplier);
  const meant = rows.flatMap((row, place): { row: Marked; line: WorkLine }[] => {
    const client = clients[place]!;
    const agent = agents(row);
    const code = packageIn(row.cell('package'), catalogue)?.code;
    if (typeof client === 'string') return fail(row, client);
    if (typeof agent === 'string') return fail(row, agent);
    if (!code) return fail(row, row.cell('package') ? 'package' : 'no_package');
    const line = { does: row.does, client: client.id, agent: agent.id, package: code };
    return [{ row, line }];
  });
  const keyOf = ({ line }: { line: WorkLine }) => `${line.client} ${line.agent} ${line.package}`;
  wrong.push(...repeated(meant, keyOf, language));
  const there = await findWork(act, supplier, {
    clients: meant.map(({ line }) => line.client),
    agents: meant.map(({ line }) => line.agent),
  });
  const held = await heldOf(
    act,
    supplier,
    meant.flatMap(({ line }) => (line.does === 'give' ? line.client : [])),
  );
  const lines = meant.flatMap(({ row, line }): WorkLine[] => {
    const isThere = there.some((one) => isOf(one, line));
    if (line.does === 'end') return isThere ? [line] : fail(row, 'not_there');
    const client = held.find(({ id }) => id === line.client);
    if (!client) return fail(row, 'client');
    if (!packagesHeld(client, catalogue).includes(line.package)) return fail(row, 'not_held');
    return isThere ? [] : [line];
  });
  return { lines, wrong };
}

/** Customers of which the supplier has something that is in force, of these. */
async function heldOf(act: Deciding, supplier: string, clients: string[]): Promise<ListedClient[]> {
  const ids = [...new Set(clients)];
  const wanted = { text: '', only: null, ids, limit: ids.length, offset: 0 };
  return ids.length ? listClients(act, supplier, wanted) : [];
}

const isOf = (one: WorkRow, line: WorkLine): boolean =>
  one.client.id === line.client && one.agent.id === line.agent && one.package === line.package;

/**
 * The party that each row means as the customer, by place: by id, or an organisation by its number;
 * both must be of the same. Whether it is a customer is asked afterwards.
 */
const clientsOf = (
  act: Deciding,
  rows: Marked[],
): Promise<({ id: string } | 'client' | 'both')[]> =>
  // Asked at the same moment, they are found by one statement.
  Promise.all(
    rows.map(async ({ cell }) => {
      const id = cell('customer_id').toLowerCase();
      const value = cell('customer').replaceAll(/\s/g, '');
      const numbered = value ? await findParty(act, { by: 'organization', value }) : undefined;
      if (id && value) return numbered?.id === id ? { id } : 'both';
      if (value) return numbered ? { id: numbered.id } : 'client';
      return isUuid(id) ? { id } : 'client';
    }),
  );

/** The one whom a row means among those who work for customers: by id, or by the name of one. */
async function agentsNamed(act: Deciding, supplier: string) {
  const agents = await findParties(act, await allAgents(act, supplier));
  return ({ cell }: Marked): Named | 'agent' | 'namesakes' | 'both' => {
    const id = cell('agent').toLowerCase();
    const name = cell('agent_name').toLowerCase();
    const isNamed = (one: Named) => displayName(one).toLowerCase() === name;
    const found = agents.filter((one) => (id ? one.id === id : isNamed(one)));
    if (id && name && found[0] && !isNamed(found[0])) return 'both';
    return found.length > 1 ? 'namesakes' : (found[0] ?? 'agent');
  };
}

/** Each line in words, in their order. */
async function textsOf(
  { act }: PortalPages,
  _of: Supplying,
  lines: WorkLine[],
  language: Language,
): Promise<string[]> {
  const { packages } = await currentCatalogue(act);
  const ids = lines.flatMap(({ client, agent }) => [client, agent]);
  const found = await findParties(act, [...new Set(ids)]);
  const named = (id: string) => found.find((one) => one.id === id);
  const another = t(language, 'person.another');
  return lines.map(({ does, client, agent, package: code }) => {
    const [from, to] = [named(client), named(agent)];
    return t(language, `work_file.line.${does}`, {
      customer: from ? numbered(from, language) : another,
      name: to ? identified(to, language) : another,
      what: pick(packages.get(code)?.name, language)?.text ?? code,
    });
  });
}

const doWork = (
  { act }: PortalPages,
  { acting: { session, party } }: Supplying,
  lines: WorkLine[],
): Promise<NotDone<WorkLine>[]> =>
  allOrNone(act, lines, async (inner, { does, client, agent, package: code }) => {
    if (does === 'give')
      return assignOne(
        inner,
        session,
        party.id,
        { client, agent },
        { packages: [code], resources: [] },
      );
    const where = { via: party.id, to: agent, from: client };
    return endPassedOn(inner, session.party, where, { packages: [code] });
  });

export const workSheet: Sheet<WorkLine, Supplying> = {
  id: 'work_file',
  path: '/customers/file',
  home: customersPath,
  source: (party) => `/customers/work.csv?party=${party}`,
  columns: WORK_COLUMNS,
  needed: ['act', 'package'],
  whose: async (ctx, pages) => ({ acting: await actingAs(ctx, pages, 'clients') }),
  read: readWork,
  texts: textsOf,
  act: doWork,
};
