// Several people who are let work for several of a supplier's customers, in one act.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { listRelations } from '../../delegation/relation_store.ts';
import { findParties } from '../../party/store.ts';
import { severalIn, uuidsIn } from '../../platform/http/body.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { assign, type Assignment } from '../../supplier/assign.ts';
import type { ListedClient } from '../../supplier/client_list_store.ts';
import { whyNot } from '../mandate/pages.ts';
import { toStronger, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { agentsPath } from './agent.ts';
import { clientsIn, MOST_CHOSEN, packagesHeld } from './chosen.ts';

const MOST_AGENTS = 200;
const SEVERAL = ['agent', 'package'];

export const assignRows: PageRow<PortalPages>[] = [
  { id: 'assign_page', path: '/customers/assign', show: (ctx, own) => showAssign(ctx, own) },
  {
    id: 'assign',
    path: '/customers/assign',
    several: SEVERAL,
    post: postAssign,
    refused: toStronger,
  },
];

/** The packages that the supplier can pass on of every one of them. */
function packagesOfAll(clients: ListedClient[], catalogue: Catalogue): string[] {
  const each = clients.map((client) => packagesHeld(client, catalogue));
  const [first = [], ...rest] = each;
  return [...new Set(first)].filter(
    (code) => catalogue.packages.get(code)?.delegable && rest.every((some) => some.includes(code)),
  );
}

async function showAssign(
  ctx: Context,
  pages: PortalPages,
  shown?: { agents: string[]; packages: string[]; failed?: string[]; wrong?: string },
): Promise<void> {
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const clients = await clientsIn(ctx, pages, party.id);
  if (!clients.length)
    return ctx.redirect(`/customers?${new URLSearchParams({ party: party.id, none: '' })}`);
  const catalogue = await currentCatalogue(pages.act);
  const relations = await listRelations(pages.act.db, party.id, null, 'agent');
  const ids = relations.slice(0, MOST_AGENTS).map(({ to }) => to);
  const agents = ids.length ? await findParties(pages.act, ids) : [];
  const action = addressOf(party.id, clients);
  const kept = shown ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const again = shown ?? tickedIn(kept ?? new Map());
  const texts = [again.wrong, ...(again.failed ?? [])].filter((one) => one !== undefined);
  pages.render(ctx, {
    view: 'portal/customers/assign',
    title: t(language, 'customers.assign_title', { n: clients.length }),
    who: whoOf(ctx, acting),
    errors: texts.map((text) => ({ field: 'agents', text })),
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      action,
      errorHeading: again.failed ? t(language, 'customers.nothing_given') : undefined,
      clients: clients.map(displayName),
      agents: agents
        .filter(({ ended }) => !ended)
        .map((one) => ({
          id: one.id,
          name: displayName(one),
          checked: again.agents.includes(one.id),
        }))
        .sort((a, b) => a.name.localeCompare(b.name, language)),
      packages: packagesOfAll(clients, catalogue).map((code) => ({
        code,
        name: pick(catalogue.packages.get(code)?.name, language)?.text ?? code,
        checked: again.packages.includes(code),
      })),
      people: agentsPath(party.id),
      back: `/customers?party=${party.id}`,
    },
  });
}

const addressOf = (party: string, clients: { id: string }[]) =>
  `/customers/assign?${new URLSearchParams([
    ['party', party],
    ...clients.map(({ id }): [string, string] => ['client', id]),
  ])}`;

const tickedIn = (
  form: Map<string, string>,
): { agents: string[]; packages: string[]; failed?: string[]; wrong?: string } => ({
  agents: uuidsIn(form, 'agent'),
  packages: severalIn(form, 'package'),
});

async function postAssign({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const clients = await clientsIn(ctx, pages, party.id);
  const again = tickedIn(form);
  const { agents, packages } = again;
  const isNone = !agents.length || !packages.length || !clients.length;
  if (isNone || agents.length > MOST_CHOSEN || packages.length > MOST_CHOSEN) {
    ctx.status = 400;
    const wrong = isNone
      ? t(language, 'customers.choose')
      : t(language, 'customers.choose_fewer', { n: MOST_CHOSEN });
    return void (await showAssign(ctx, pages, { ...again, wrong }));
  }
  const wanted = { clients: clients.map(({ id }) => id), agents, packages };
  const failed = await assign(pages.act, session, party.id, wanted);
  if (!failed.length) return `/customers?${new URLSearchParams({ party: party.id, given: '' })}`;
  ctx.status = 409;
  const texts = await whyEach(pages, failed, clients, language);
  return void (await showAssign(ctx, pages, { ...again, failed: texts }));
}

/** Names each pair for which it could not be done, and why. */
async function whyEach(
  { act }: PortalPages,
  failed: NotDone<Assignment>[],
  clients: ListedClient[],
  language: Language,
): Promise<string[]> {
  const agents = await findParties(act, [...new Set(failed.map(({ item }) => item.agent))]);
  const nameIn = (some: { id: string; kind: string; name: string }[], id: string) => {
    const found = some.find((one) => one.id === id);
    return found ? displayName(found) : t(language, 'person.another');
  };
  return failed.map(({ item, why }) =>
    t(language, 'customers.not_given', {
      agent: nameIn(agents, item.agent),
      client: nameIn(clients, item.client),
      why: whyNot(why, language) ?? t(language, 'person.cannot'),
    }),
  );
}
