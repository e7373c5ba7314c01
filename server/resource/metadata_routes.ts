// The catalogue as JSON (contract/rights.md C.9), open to everybody: areas, access packages and
// what they open, roles and what they carry, and the sources with their legal basis.
import { currentCatalogue } from './catalogue.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { queryParameter } from '../platform/body.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { uuidDerived } from '../platform/ids.ts';
import { languageOf, pick, type Language } from '../platform/locale.ts';
import {
  areaId,
  packageId,
  roleId,
  roleSlug,
  type Area,
  type Catalogue,
  type Package,
  type Role,
} from './catalogue_model.ts';
import { packageCode, packageUrn } from './policy_model.ts';
import { findResourcesOf } from './registry_store.ts';
import { findResources } from './store.ts';
import type { RegistryApi } from './registry_routes.ts';

const BASE = '/accessmanagement/api/v1/meta';
const GROUPS = [
  { kind: 'organization', type: 'Organisasjon' },
  { kind: 'person', type: 'Person' },
] as const;
const groupId = (kind: string) => uuidDerived(`group ${kind}`);

export function metadataRoutes({ point }: Pick<RegistryApi, 'point'>): Router {
  const router = new Router();
  const rows: [string, string, (asked: Asked) => unknown][] = [
    ['/info/accesspackages/search', 'meta_search', search],
    [
      '/info/accesspackages/export',
      'meta_export',
      ({ catalogue, language }) =>
        GROUPS.map(({ kind, type }) => group(kind, type, catalogue, language, true)),
    ],
    [
      '/info/accesspackages/group',
      'meta_groups',
      ({ catalogue, language }) =>
        GROUPS.map(({ kind, type }) => group(kind, type, catalogue, language, false)),
    ],
    [
      '/info/accesspackages/group/:id',
      'meta_group',
      ({ catalogue, language, id }) => group(...groupOf(id), catalogue, language, false),
    ],
    [
      '/info/accesspackages/group/:id/areas',
      'meta_areas',
      ({ catalogue, language, id }) => group(...groupOf(id), catalogue, language, true).areas,
    ],
    [
      '/info/accesspackages/area/:id',
      'meta_area',
      ({ catalogue, language, id }) => areaDto(areaOf(catalogue, id), catalogue, language, false),
    ],
    [
      '/info/accesspackages/area/:id/packages',
      'meta_area_packages',
      ({ catalogue, language, id }) =>
        areaDto(areaOf(catalogue, id), catalogue, language, true).packages,
    ],
    [
      '/info/accesspackages/package/urn/:id',
      'meta_package',
      ({ catalogue, language, id }) => packageDto(packageOf(catalogue, id), language),
    ],
    [
      '/info/accesspackages/package/:id',
      'meta_package',
      ({ catalogue, language, id }) => packageDto(packageOf(catalogue, id), language),
    ],
    [
      '/info/accesspackages/package/:id/resources',
      'meta_package_resources',
      ({ catalogue, id, language, ctx }) =>
        opened(ctx, 'package', packageOf(catalogue, id).code, language),
    ],
    [
      '/info/roles',
      'meta_roles',
      ({ catalogue, language }) =>
        [...catalogue.roles.values()].map((role) => roleDto(role, language)),
    ],
    [
      '/info/roles/:id',
      'meta_role',
      ({ catalogue, language, id }) => roleDto(roleOf(catalogue, id), language),
    ],
    [
      '/info/roles/:id/packages',
      'meta_role_packages',
      ({ catalogue, language, id, ctx }) => {
        const role = roleOf(catalogue, id);
        return catalogue.carried(role.code, queryParameter(ctx, 'variant') ?? null).map((row) => ({
          package: packageDto(catalogue.packages.get(row.package)!, language),
          hasAccess: row.hasAccess,
          canDelegate: row.mayGive,
          variant: row.unitType || null,
        }));
      },
    ],
    [
      '/info/roles/:id/resources',
      'meta_role_resources',
      ({ catalogue, id, language, ctx }) =>
        opened(ctx, 'role', roleOf(catalogue, id).code, language),
    ],
    [
      '/info/sources',
      'meta_sources',
      ({ catalogue, language }) =>
        [...catalogue.sources.values()].map((source) => ({
          code: source.code,
          name: pick(source.name, language)!.text,
          legalBasis: pick(source.legalBasis, language)!.text,
          purpose: pick(source.purpose, language)!.text,
          visibility: source.visibility,
        })),
    ],
  ];
  async function opened(_ctx: Context, kind: string, subject: string, language: Language) {
    const ids = await findResourcesOf(point.db, kind, subject);
    const found = await findResources(point.db, ids);
    return ids
      .flatMap((id) => found.get(id) ?? [])
      .map((resource) => ({
        id: resource.id,
        refId: resource.id,
        name: pick(resource.content.title, language)?.text,
        provider: resource.owner.name,
      }));
  }
  for (const [path, route, handler] of rows) {
    router.get(BASE + path, named(route), async (ctx: Context) => {
      ctx.set('access-control-allow-origin', '*');
      ctx.body = await handler({
        ctx,
        catalogue: await currentCatalogue(point),
        language: languageOf(ctx),
        id: (ctx.params as { id?: string }).id ?? '',
      });
    });
  }
  return router;
}

interface Asked {
  ctx: Context;
  catalogue: Catalogue;
  language: Language;
  id: string;
}

function groupOf(id: string): [kind: 'organization' | 'person', type: string] {
  const found = GROUPS.find(({ kind }) => groupId(kind) === id.toLowerCase());
  if (!found) throw fault('TIL-00009');
  return [found.kind, found.type];
}

function areaOf(catalogue: Catalogue, id: string): Area {
  const found = [...catalogue.areas.values()].find(
    (area) => area.code === id || areaId(area.code) === id.toLowerCase(),
  );
  if (!found) throw fault('TIL-00009');
  return found;
}

function packageOf(catalogue: Catalogue, id: string): Package {
  const found =
    catalogue.packages.get(packageCode(id)) ??
    [...catalogue.packages.values()].find((entry) => packageId(entry.code) === id.toLowerCase());
  if (!found) throw fault('TIL-00009');
  return found;
}

function roleOf(catalogue: Catalogue, id: string): Role {
  const found =
    [...catalogue.roles.values()].find((role) => roleId(role.code) === id.toLowerCase()) ??
    catalogue.roles.get(catalogue.roleCode(id) ?? '');
  if (!found) throw fault('TIL-00009');
  return found;
}

const packageDto = (entry: Package, language: Language) => ({
  id: packageId(entry.code),
  urn: packageUrn(entry.code),
  name: pick(entry.name, language)!.text,
  description: pick(entry.description, language)!.text,
  isDelegable: entry.delegable,
  isAssignable: entry.assignable,
  isResourcePolicyAvailable: entry.inPolicies,
  areaId: areaId(entry.area),
  type: entry.forKind === 'person' ? 'Person' : 'Organisasjon',
  needs: entry.needs,
});

const areaDto = (area: Area, catalogue: Catalogue, language: Language, whole: boolean) => ({
  id: areaId(area.code),
  urn: `accesspackage:area:${area.code}`,
  name: pick(area.name, language)!.text,
  description: pick(area.description, language)!.text,
  packages: whole
    ? [...catalogue.packages.values()]
        .filter((entry) => entry.area === area.code)
        .map((entry) => packageDto(entry, language))
    : [],
});

const group = (
  kind: string,
  type: string,
  catalogue: Catalogue,
  language: Language,
  whole: boolean,
) => ({
  id: groupId(kind),
  name: type,
  type,
  areas: [...catalogue.areas.values()]
    .filter((area) => area.forKind === kind)
    .map((area) => areaDto(area, catalogue, language, whole)),
});

const roleDto = (role: Role, language: Language) => ({
  id: roleId(role.code),
  code: roleSlug(role),
  urn: role.urns[0] ?? `urn:altinn:role:${role.code}`,
  legacyRoleCode: role.code,
  legacyUrn: `urn:altinn:rolecode:${role.code}`,
  name: pick(role.name, language)!.text,
  isKeyRole: role.keyRole,
  provider: role.source,
  isAssignable: false,
  isResourcePolicyAvailable: true,
});

function search({ ctx, catalogue, language }: Asked) {
  const term = (queryParameter(ctx, 'term') ?? queryParameter(ctx, 'q') ?? '').toLowerCase();
  return [...catalogue.packages.values()]
    .map((entry) => packageDto(entry, language))
    .filter((entry) =>
      [entry.name, entry.description, entry.urn].some((text) => text.toLowerCase().includes(term)),
    )
    .map((object) => ({ object, score: object.name.toLowerCase().includes(term) ? 2 : 1 }))
    .sort((a, b) => b.score - a.score);
}
