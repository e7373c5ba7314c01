// One of a supplier's customers, as addresses name it.
import type { Context } from 'koa';
import { numbered } from '../../consent/text.ts';
import { findParties } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { listWork } from '../../supplier/agent_store.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { clientsIn, servicesOf } from './chosen.ts';
import { assignPath, askPath, customersPath, givenPath, onePath } from './path.ts';
import { heldLines } from './text.ts';

/** The page of who works for a customer; undefined for one that has given nothing. */
export async function customerServed(ctx: Context, pages: PortalPages, { party }: Acting) {
  const named = queryParameter(ctx, 'client');
  if (!isUuid(named)) return undefined;
  const of = { supplier: party.id, customer: named! };
  const [given] = await clientsIn(ctx, pages, party.id, [named!]);
  // A customer whose gifts do not hold now is shown for what was passed on of them.
  const isServed = given ?? (await listWork(pages.act, of, { limit: 1, offset: 0 }))[0];
  if (!isServed) return undefined;
  const customer = given ?? (await findParties(pages.act, [named!]))[0];
  if (!customer) return undefined;
  const language = languageOf(ctx);
  const words = {
    language,
    catalogue: await currentCatalogue(pages.act),
    services: await servicesOf(pages, given ? [given] : []),
  };
  const chosen = [{ id: customer.id }];
  return {
    of,
    title: t(language, 'customers.one.title', { name: numbered(customer, language) }),
    facts: given ? heldLines(given, words) : [t(language, 'customers.one.nothing')],
    ways: given
      ? [
          { href: assignPath(party.id, chosen), text: t(language, 'customers.one.assign') },
          { href: askPath(party.id, chosen), text: t(language, 'customers.one.ask') },
          { href: givenPath(given, party.id), text: t(language, 'customers.one.given') },
        ]
      : [],
    none: t(language, 'customers.agents', { n: 0, names: '' }),
    path: onePath(party.id, customer.id),
    back: customersPath(party.id),
  };
}
