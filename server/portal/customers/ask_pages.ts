// A supplier asks several customers for the same packages: chosen, looked over by customer and
// package, and sent in one act. The page that shows what will be sent shows then how each stands.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { askEach, standingOfEach, type AskState } from '../../access_request/each.ts';
import type { WantedRight } from '../../access_request/commands.ts';
import { mustStand } from '../../access_request/standing.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { displayName } from '../../consent/text.ts';
import { packageFault } from '../../delegation/model.ts';
import { fault } from '../../platform/errors.ts';
import { sessionOf } from '../../caller/pages.ts';
import { queryParameter, severalIn } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, pick, t, type Language } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Package } from '../../resource/catalogue/model.ts';
import type { ListedClient } from '../../supplier/client_list_store.ts';
import { whyNotAsked } from '../give/ask_check_pages.ts';
import { lookedOver, sealedFor } from '../give/look_over.ts';
import { areasOf } from '../give/search.ts';
import { termsShown, typedIn, wrongIn, type FieldFault, type Typed } from '../give/terms_model.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { actingAs, whoOf, type Acting } from '../party.ts';
import { clientsIn, packagesHeld } from './chosen.ts';
import { ASK, askPath, customersPath } from './path.ts';

const CHECK = '/customers/ask/check';
const PURPOSE = 'asks';
const SEVERAL = ['package'];
/** The most requests of one act. */
const MOST_ASKED = 150;

/** Requests of several customers, as they are sealed until they are sent. */
interface Asks {
  person: string;
  madeAt: number;
  supplier: string;
  clients: string[];
  packages: string[];
  validTo: string | null;
  message: string | null;
}

export const customerAskPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'clients_ask_page', path: ASK, show: (ctx, own) => showAsk(ctx, own) },
    { id: 'clients_ask', path: ASK, several: SEVERAL, post: postAsk, refused: toStronger },
    { id: 'clients_ask_check_page', path: CHECK, show: showCheck },
    { id: 'clients_ask_check', path: CHECK, post: postCheck, refused: toStronger },
  ]);

/** The supplier for which the person may ask. */
async function askerIn(ctx: Context, pages: PortalPages, named: string): Promise<Acting> {
  // Asked at the same moment, both are answered by one statement; a no to the first says more.
  const [acting, standing] = await Promise.allSettled([
    actingAs(ctx, pages, 'clients', named),
    isUuid(named) && mustStand(pages.act, sessionOf(ctx), named, 'to'),
  ]);
  if (acting.status === 'rejected') throw acting.reason;
  if (standing.status === 'rejected') throw standing.reason;
  return acting.value;
}

/** Packages that each of these customers could give to the supplier. */
async function askable({ act }: PortalPages, { party }: Acting, clients: ListedClient[]) {
  const catalogue = await currentCatalogue(act);
  const packages = [...catalogue.packages.values()].filter((entry) =>
    clients.every(({ kind }) => !packageFault(catalogue, entry, kind, party.kind)),
  );
  return { catalogue, packages };
}

interface Filled {
  typed: Typed;
  packages: string[];
  errors?: FieldFault[];
}

const filledIn = (form: Map<string, string>): Filled => ({
  typed: typedIn(form),
  packages: severalIn(form, 'package'),
});

async function showAsk(ctx: Context, pages: PortalPages, filled?: Filled): Promise<void> {
  const acting = await askerIn(ctx, pages, queryParameter(ctx, 'party') ?? '');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const clients = await clientsIn(ctx, pages, party.id);
  if (!clients.length) return ctx.redirect(having(customersPath(party.id), 'none'));
  const action = askPath(party.id, clients);
  const kept = filled ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const { typed, packages, errors = [] } = filled ?? filledIn(kept ?? new Map());
  const offered = { ...(await askable(pages, acting, clients)), found: [], search: '', language };
  pages.render(ctx, {
    view: 'portal/customers/ask',
    title: t(language, 'customers.ask.title', { n: clients.length }),
    who: whoOf(ctx, acting),
    errors,
    keeps: { form: 'typed', action },
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      action,
      clients: clients.map(displayName),
      areas: areasOf({ ...offered, ticked: packages }, () => ''),
      asking: true,
      packagesError: errors.find(({ field }) => field === 'packages')?.text,
      ...termsShown(typed, errors, { actions: [], mayEndless: false }, language),
      back: customersPath(party.id),
    },
  });
}

async function postAsk({ ctx, pages, session, form }: Posted<PortalPages>) {
  const acting = await askerIn(ctx, pages, queryParameter(ctx, 'party') ?? '');
  const language = languageOf(ctx);
  const filled = filledIn(form);
  if (form.has('switch')) return void (await showAsk(ctx, pages, filled));
  const clients = await clientsIn(ctx, pages, acting.party.id);
  const able = clients.length ? (await askable(pages, acting, clients)).packages : [];
  const packages = able.map(({ code }) => code).filter((code) => filled.packages.includes(code));
  const asked = { actions: null, mayEndless: false, isNamed: true };
  const { errors, until } = wrongIn(filled.typed, asked, language, pages.act.now);
  const wrong = (key: string, n = 0) =>
    errors.unshift({ field: 'packages', text: t(language, key, { n }) });
  if (!packages.length) wrong('customers.ask.choose');
  if (packages.length * clients.length > MOST_ASKED) wrong('customers.ask.many', MOST_ASKED);
  if (errors.length) {
    ctx.status = 400;
    return void (await showAsk(ctx, pages, { ...filled, errors }));
  }
  const asks: Asks = {
    ...{ person: session.party, madeAt: pages.act.now.getTime(), supplier: acting.party.id },
    ...{ clients: clients.map(({ id }) => id), packages, validTo: until?.toISOString() ?? null },
    message: filled.typed.message || null,
  };
  return `${CHECK}?${new URLSearchParams({ [PURPOSE]: sealedFor(PURPOSE, asks, pages) })}`;
}

/** One request of several, and whether the customer gave it before. */
interface Line {
  client: ListedClient;
  entry: Package;
  has: boolean;
  wanted: WantedRight;
}

async function asksIn(ctx: Context, pages: PortalPages) {
  const asks = lookedOver<Asks>(ctx, pages, PURPOSE);
  const acting = await askerIn(ctx, pages, asks.supplier);
  const clients = await clientsIn(ctx, pages, asks.supplier, asks.clients);
  const catalogue = await currentCatalogue(pages.act);
  const lines = clients.flatMap((client) =>
    asks.packages.flatMap((code): Line[] => {
      const entry = catalogue.packages.get(code);
      if (!entry) return [];
      const has = packagesHeld(client, catalogue).includes(code);
      return [{ client, entry, has, wanted: wantedOf(asks, client.id, code) }];
    }),
  );
  return { asks, acting, lines };
}

const wantedOf = (asks: Asks, from: string, code: string): WantedRight => ({
  ...{ from, to: asks.supplier, by: asks.person, package: code, resource: null, actions: null },
  ...{ validTo: asks.validTo === null ? null : new Date(asks.validTo), redirectUrl: null },
  message: asks.message,
});

async function showCheck(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'asks')) return ctx.redirect(`/customers${ctx.search}`);
  const { asks, acting, lines } = await asksIn(ctx, pages);
  const language = languageOf(ctx);
  const open = lines.filter(({ has }) => !has);
  const states = await standingOfEach(
    pages.act,
    open.map(({ wanted }) => wanted),
  );
  const stateOf = (line: Line) => (line.has ? undefined : states[open.indexOf(line)]);
  const n = states.filter((one) => 'may' in one).length;
  const fact = (key: string, text: string | null) =>
    text ? [{ label: t(language, key), text }] : [];
  pages.render(ctx, {
    view: 'portal/customers/ask_check',
    title: t(language, `customers.ask.${n ? 'check_title' : 'outcome'}`, { n }),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: `${CHECK}${ctx.search}`,
      change: askPath(
        asks.supplier,
        asks.clients.map((id) => ({ id })),
      ),
      n,
      sent: ctx.URL.searchParams.has('sent') && t(language, 'customers.ask.sent'),
      facts: [
        ...fact('asked.fact.to', displayName(acting.party)),
        ...fact(
          'asked.fact.until',
          asks.validTo ? formatUntil(language, new Date(asks.validTo)) : null,
        ),
        ...fact('asked.fact.message', asks.message),
      ],
      clients: [...Map.groupBy(lines, ({ client }) => client)].map(([client, own]) => ({
        name: displayName(client),
        lines: own.map((line) => ({
          name: pick(line.entry.name, language)?.text ?? line.entry.code,
          state: stateText(stateOf(line), acting, language),
          href: wayTo(stateOf(line), asks.supplier),
        })),
      })),
      back: customersPath(asks.supplier),
    },
  });
}

/** How a request stands, in words; undefined is one for what the customer gave already. */
function stateText(state: AskState | undefined, acting: Acting, language: Language): string {
  if (!state) return t(language, 'customers.ask.has');
  if ('may' in state) return t(language, 'customers.ask.may');
  if ('waits' in state) return t(language, 'customers.ask.waits');
  return whyNotAsked(state.why, language, acting) ?? t(language, 'person.cannot');
}

/** The page of a request that waits. */
const wayTo = (state: AskState | undefined, party: string): string | undefined =>
  state && 'waits' in state ? `/requests/${state.waits}?party=${party}` : undefined;

async function postCheck({ ctx, pages }: Posted<PortalPages>): Promise<string> {
  const { lines } = await asksIn(ctx, pages);
  const open = lines.filter(({ has }) => !has).map(({ wanted }) => wanted);
  if (!open.length) throw fault('TIL-00013');
  await askEach(pages.act, open);
  return having(`${CHECK}?${new URLSearchParams({ asks: queryParameter(ctx, 'asks')! })}`, 'sent');
}
