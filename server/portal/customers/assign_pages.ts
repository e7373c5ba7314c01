// Several people who are let work for several of a supplier's customers: chosen, looked over, and
// given in one act, which is whole or says for whom it could not be.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import { sessionOf } from '../../caller/pages.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type { Context } from 'koa';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { queryParameter, severalIn, uuidsIn } from '../../platform/http/body.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { listAgentsToChoose } from '../../supplier/agent_store.ts';
import { assign, type Assigned, type Assignment } from '../../supplier/assign.ts';
import type { ListedClient } from '../../supplier/client_list_store.ts';
import { lookedOver, sealedFor } from '../give/look_over.ts';
import { whyNot } from '../mandate/pages.ts';
import { originLines, withOrigin } from '../systems/text.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { actingAs, whoOf } from '../party.ts';
import { agentsPath } from './agent.ts';
import { agentsAmong, clientsIn, MOST_CHOSEN, offeredBy, type NamedRight } from './chosen.ts';
import { ASSIGN, assignPath, customersPath } from './path.ts';

const CHECK = '/customers/assign/check';
const PURPOSE = 'assigned';
const SEVERAL = ['agent', 'package', 'resource'];
/** So many are shown to choose among; the rest are searched for. */
const MOST_SHOWN = 50;
/** Powers of attorney of one act, at most. */
const MOST_GIVEN = 500;

export const assignRows: PageRow<PortalPages>[] = [
  { id: 'assign_page', path: ASSIGN, show: (ctx, own) => showAssign(ctx, own) },
  { id: 'assign', path: ASSIGN, several: SEVERAL, post: postAssign, refused: toStronger },
  { id: 'assign_check_page', path: CHECK, show: (ctx, own) => showCheck(ctx, own) },
  { id: 'assign_check', path: CHECK, post: postCheck, refused: toStronger },
];

/** The people and the rights that are ticked. */
interface Ticked extends Assigned {
  agents: string[];
}

/** The same for some customers, as it is sealed until it is given. */
interface Assigning extends Ticked {
  person: string;
  madeAt: number;
  supplier: string;
  clients: string[];
}

const tickedIn = (form: Map<string, string>): Ticked => ({
  agents: uuidsIn(form, 'agent'),
  packages: severalIn(form, 'package'),
  resources: severalIn(form, 'resource'),
});

/** A fault of what is ticked, at the group that it is about. */
interface Mistake {
  field: 'agents' | 'rights';
  text: string;
}

/** A form that is shown once more: what is wrong with it, and whom it searches for. */
interface Again extends Ticked {
  wrong?: Mistake[];
  find?: string;
  /** Whether it was kept during a login. */
  isKept?: boolean;
}

/** Ticked in the form that the address leads back to, else in one kept during a login. */
async function tickedBefore(ctx: Context, pages: PortalPages): Promise<Again> {
  if (queryParameter(ctx, 'assigned')) return lookedOver<Assigning>(ctx, pages, PURPOSE);
  const kept = await pages.forms.take(ctx, sessionOf(ctx), SEVERAL);
  return { ...tickedIn(kept ?? new Map()), isKept: kept !== undefined };
}

async function showAssign(ctx: Context, pages: PortalPages, again?: Again): Promise<void> {
  const acting = await actingAs(ctx, pages, 'clients');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const clients = await clientsIn(ctx, pages, party.id);
  if (!clients.length) return ctx.redirect(having(customersPath(party.id), 'none'));
  const ticked = again ?? (await tickedBefore(ctx, pages));
  const { find = '', wrong = [], isKept } = ticked;
  const wrongAt = (field: Mistake['field']) => wrong.find((one) => one.field === field)?.text;
  const agents = await listAgentsToChoose(pages.act, party.id, {
    ...{ ticked: ticked.agents, text: find.toLowerCase(), limit: MOST_SHOWN },
  });
  const of = agents[0]?.of ?? 0;
  const origins = await originLines(pages.act, agents, language);
  const picked = withOrigin(origins, (one: (typeof agents)[number]) => displayName(one));
  const isNobody = find !== '' && agents.every(({ isTicked }) => isTicked);
  const offered = await offeredBy(pages, clients, language);
  const boxes = (kind: 'package' | 'resource', rights: NamedRight[], chosen: string[]) =>
    rights.map(({ id, name }) => ({ kind, id, name, checked: chosen.includes(id) }));
  const action = assignPath(party.id, clients);
  pages.render(ctx, {
    view: 'portal/customers/assign',
    title: t(language, 'customers.assign_title', { n: clients.length }),
    who: whoOf(ctx, acting),
    errors: wrong,
    keeps: { form: 'typed', action },
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept,
      action,
      errorHeading: t(language, 'give.error.heading', { n: wrong.length }),
      agentsError: wrongAt('agents'),
      rightsError: wrongAt('rights'),
      clients: clients.map(displayName),
      agents: agents
        .map((one) => ({ id: one.id, name: picked(one), checked: one.isTicked }))
        .sort((a, b) => a.name.localeCompare(b.name, language)),
      find,
      isSearch: find !== '' || of > MOST_SHOWN,
      isForm: agents.length > 0 || find !== '',
      shown: isNobody
        ? t(language, 'customers.people.found', { n: 0 })
        : of > agents.length
          ? t(language, 'customers.assigning.shown', { shown: agents.length, n: of })
          : undefined,
      rights: [
        ...boxes('package', offered.packages, ticked.packages),
        ...boxes('resource', offered.resources, ticked.resources),
      ],
      people: agentsPath(party.id),
      back: customersPath(party.id),
    },
  });
}

async function postAssign({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingAs(ctx, pages, 'clients');
  const language = languageOf(ctx);
  const ticked = tickedIn(form);
  const find = (form.get('find') ?? '').trim().slice(0, 100);
  // Others are looked for, or another language is chosen, with what was ticked.
  if (form.has('look') || form.has('switch') || (find && !form.has('see')))
    return void (await showAssign(ctx, pages, { ...ticked, find }));
  const clients = await clientsIn(ctx, pages, party.id);
  if (!clients.length) return void (await showAssign(ctx, pages, ticked));
  const mistakes = await wrongIn(pages, party.id, clients, ticked);
  if (mistakes.length) {
    ctx.status = 400;
    const wrong = mistakes.map(({ field, key, n = 0 }) => ({
      field,
      text: t(language, key, { n }),
    }));
    return void (await showAssign(ctx, pages, { ...ticked, find, wrong }));
  }
  const assigning: Assigning = {
    ...{ person: session.party, madeAt: pages.act.now.getTime(), supplier: party.id, ...ticked },
    clients: clients.map(({ id }) => id),
  };
  const sealed = sealedFor(PURPOSE, assigning, pages);
  return `${CHECK}?${new URLSearchParams({ [PURPOSE]: sealed })}`;
}

/** The faults of what is ticked, as the keys of their words. */
async function wrongIn(
  pages: PortalPages,
  supplier: string,
  clients: ListedClient[],
  ticked: Ticked,
): Promise<{ field: Mistake['field']; key: string; n?: number }[]> {
  const { agents, packages, resources } = ticked;
  const rights = packages.length + resources.length;
  const missing = [
    ...(agents.length ? [] : [{ field: 'agents' as const, key: 'customers.choose_who' }]),
    ...(rights ? [] : [{ field: 'rights' as const, key: 'customers.choose_what' }]),
  ];
  if (missing.length) return missing;
  if (agents.length > MOST_CHOSEN || rights > MOST_CHOSEN)
    return [
      {
        field: agents.length > MOST_CHOSEN ? 'agents' : 'rights',
        key: 'customers.choose_fewer',
        n: MOST_CHOSEN,
      },
    ];
  if (agents.length * rights * clients.length > MOST_GIVEN)
    return [{ field: 'agents', key: 'customers.too_many', n: MOST_GIVEN }];
  const isThere = await isAllThere(pages, supplier, clients, ticked);
  return isThere ? [] : [{ field: 'agents', key: 'customers.not_there' }];
}

/** Whether all that is ticked may be chosen for these customers. */
async function isAllThere(
  pages: PortalPages,
  supplier: string,
  clients: ListedClient[],
  { agents, packages, resources }: Ticked,
): Promise<boolean> {
  const there = await agentsAmong(pages, supplier, agents);
  const offered = await offeredBy(pages, clients, 'nb');
  const isAmong = (some: NamedRight[]) => (id: string) => some.some((one) => one.id === id);
  return (
    there.length === agents.length &&
    packages.every(isAmong(offered.packages)) &&
    resources.every(isAmong(offered.resources))
  );
}

async function showCheck(
  ctx: Context,
  pages: PortalPages,
  failed?: NotDone<Assignment>[],
): Promise<void> {
  const sealed = queryParameter(ctx, 'assigned');
  if (!sealed) return ctx.redirect(`/customers${ctx.search}`);
  const assigning = lookedOver<Assigning>(ctx, pages, PURPOSE);
  const { supplier, packages, resources } = assigning;
  const acting = await actingAs(ctx, pages, 'clients', supplier);
  const clients = await clientsIn(ctx, pages, supplier, assigning.clients);
  const language = languageOf(ctx);
  const agents = await agentsAmong(pages, supplier, assigning.agents);
  const origins = await originLines(pages.act, agents, language);
  const picked = withOrigin(origins, (one: (typeof agents)[number]) => identified(one, language));
  const offered = await offeredBy(pages, clients, language);
  const named = new Map(
    [...offered.packages, ...offered.resources].map(({ id, name }) => [id, name]),
  );
  const change = assignPath(supplier, clients, { [PURPOSE]: sealed });
  const failures = failed && whyEach(failed, { agents, clients }, language);
  pages.render(ctx, {
    view: 'portal/customers/assign_check',
    title: t(language, 'customers.assigning.title', { n: clients.length }),
    who: whoOf(ctx, acting),
    errors: (failures ?? []).map((text) => ({ field: 'agents', text })),
    data: {
      csrf: acting.session.csrf,
      errorHeading: t(language, 'customers.nothing_given'),
      action: `${CHECK}?${new URLSearchParams({ [PURPOSE]: sealed })}`,
      change,
      clients: clients.map(displayName),
      agents: agents.map(picked).sort((a, b) => a.localeCompare(b, language)),
      // A right that a customer has taken back meanwhile is named as it was ticked.
      rights: [...packages, ...resources].map((id) => named.get(id) ?? id),
    },
  });
}

async function postCheck({ ctx, pages, session }: Posted<PortalPages>) {
  const { supplier, clients, agents, packages, resources } = lookedOver<Assigning>(
    ctx,
    pages,
    PURPOSE,
  );
  await actingAs(ctx, pages, 'clients', supplier);
  const wanted = { clients, agents, packages, resources };
  const failed = await assign(pages.act, session, supplier, wanted);
  if (!failed.length) return having(customersPath(supplier), 'given');
  ctx.status = 409;
  return void (await showCheck(ctx, pages, failed));
}

interface Named {
  id: string;
  kind: string;
  name: string;
}

/** Names each pair for which it could not be done, and why. */
function whyEach(
  failed: NotDone<Assignment>[],
  { agents, clients }: { agents: Named[]; clients: Named[] },
  language: Language,
): string[] {
  const nameIn = (some: Named[], id: string) => {
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
