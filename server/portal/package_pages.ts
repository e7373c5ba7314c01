// One access package: what it is about, and the services that it opens, by owner.
import { pageRouter } from '../caller/declared_pages.ts';
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { fault } from '../platform/errors.ts';
import { queryParameter } from '../platform/http/body.ts';
import { isUuid } from '../platform/ids.ts';
import { languageOf, pick, t } from '../platform/locale.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { packageCode } from '../resource/policy/model.ts';
import { listServicesOf, type PackageService } from '../resource/registry/store.ts';
import { whoCanPath } from './who_can_pages.ts';
import { having, offsetOf, packagePath, turns, type PortalPages } from './page.ts';

const PAGE_SIZE = 50;

export const packagePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'package_page', path: '/packages/:id', show: showPackage }]);

async function showPackage(ctx: Context, pages: PortalPages): Promise<void> {
  const language = languageOf(ctx);
  const { id } = ctx.params as { id: string };
  const entry = (await currentCatalogue(pages.act)).packages.get(packageCode(id));
  if (!entry) throw fault('TIL-00009');
  const offset = offsetOf(ctx);
  const page = { limit: PAGE_SIZE, offset };
  const services = await listServicesOf(pages.act.db, entry.code, page);
  const count = services[0]?.of ?? 0;
  const { party, name } = sessionOf(ctx);
  const named = queryParameter(ctx, 'party');
  const whose = isUuid(named) ? named! : party;
  const link = (at: number) => having(packagePath(entry.code, whose), `offset=${at}`);
  pages.render(ctx, {
    view: 'portal/package',
    title: pick(entry.name, language)?.text ?? entry.code,
    who: { label: t(language, 'common.acting_self'), user: name, canSwitch: true, party },
    data: {
      about: pick(entry.description, language)?.text,
      mustAccept: entry.mustAccept,
      n: count,
      none: !services.length && offset === 0,
      owners: byOwner(services).map(([owner, some]) => ({
        owner,
        services: some.map(({ id: service, title, about }) => ({
          name: pick(title, language)?.text ?? service,
          whoCan: whoCanPath(whose, service),
          about: pick(about ?? undefined, language)?.text,
        })),
      })),
      ...turns({ offset, size: PAGE_SIZE, of: count }, link),
    },
  });
}

/** The services of each owner, in the order in which they come. */
const byOwner = (services: PackageService[]): [string, PackageService[]][] => [
  ...Map.groupBy(services, ({ owner }) => owner),
];
