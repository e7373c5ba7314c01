// The catalogue as JSON, open to everybody: areas, access packages and what they open, roles and
// what they carry, and the sources with their legal basis.
import type { Context } from 'koa';
import { everybody } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { languageOf, pick, type Language } from '../../platform/locale.ts';
import { text, Type, type TSchema } from '../../platform/http/shapes.ts';
import { type Knowing, currentCatalogue } from './catalogue.ts';
import * as shapes from './shapes.ts';
import { findResourcesOf } from '../registry/store.ts';
import { findResources } from '../store.ts';
import {
  GROUPS,
  type AskedDetail,
  areaOf,
  packageOf,
  roleOf,
  packageDto,
  areaDto,
  group,
  roleInfo,
  search,
  groupOf,
} from './metadata_dto_model.ts';

const BASE = '/accessmanagement/api/v1/meta';

/** The lists that can be read, each with its name and shape. */
interface Row {
  path: string;
  also?: string;
  id: string;
  summary: string;
  schema: TSchema;
  answer: (asked: AskedDetail) => unknown;
}

const ROWS: Row[] = [
  {
    path: '/info/accesspackages/export',
    id: 'meta_export',
    summary: 'All access packages, by group and area',
    schema: Type.Array(shapes.Group),
    answer: (asked) => GROUPS.map(({ kind, type }) => group(kind, type, asked, true)),
  },
  {
    path: '/info/accesspackages/group',
    id: 'meta_groups',
    summary: 'Groups of areas',
    schema: Type.Array(shapes.Group),
    answer: (asked) => GROUPS.map(({ kind, type }) => group(kind, type, asked, false)),
  },
  {
    path: '/info/accesspackages/group/:id',
    id: 'meta_group',
    summary: 'One group of areas',
    schema: shapes.Group,
    answer: (asked) => group(...groupOf(asked.id), asked, false),
  },
  {
    path: '/info/accesspackages/group/:id/areas',
    id: 'meta_areas',
    summary: 'Areas of a group, with their access packages',
    schema: Type.Array(shapes.AreaShape),
    answer: (asked) => group(...groupOf(asked.id), asked, true).areas,
  },
  {
    path: '/info/accesspackages/area/:id',
    id: 'meta_area',
    summary: 'One area',
    schema: shapes.AreaShape,
    answer: (asked) => areaDto(areaOf(asked), asked, false),
  },
  {
    path: '/info/accesspackages/area/:id/packages',
    id: 'meta_area_packages',
    summary: 'Access packages of an area',
    schema: Type.Array(shapes.PackageShape),
    answer: (asked) => areaDto(areaOf(asked), asked, true).packages,
  },
  {
    path: '/info/accesspackages/package/:id',
    also: '/info/accesspackages/package/urn/:id',
    id: 'meta_package',
    summary: 'One access package',
    schema: shapes.PackageShape,
    answer: (asked) => packageDto(packageOf(asked), asked.language),
  },
  {
    path: '/info/roles',
    id: 'meta_roles',
    summary: 'Roles',
    schema: Type.Array(shapes.RoleShape),
    answer: ({ catalogue, language }) =>
      [...catalogue.roles.values()].map((role) => roleInfo(role, language)),
  },
  {
    path: '/info/roles/:id',
    id: 'meta_role',
    summary: 'One role',
    schema: shapes.RoleShape,
    answer: (asked) => roleInfo(roleOf(asked), asked.language),
  },
  {
    path: '/info/sources',
    id: 'meta_sources',
    summary: 'Where roles come from, with the legal basis',
    schema: Type.Array(shapes.SourceShape),
    answer: ({ catalogue, language }) =>
      [...catalogue.sources.values()].map((source) => ({
        code: source.code,
        name: pick(source.name, language)!.text,
        legalBasis: pick(source.legalBasis, language)!.text,
        purpose: pick(source.purpose, language)!.text,
        visibility: source.visibility,
      })),
  },
];

const shared = {
  method: 'GET' as const,
  who: everybody,
  dialect: 'altinn' as const,
  limit: 'read' as const,
};
const path = { id: text(200) };
const found = { errors: ['TIL-00009'] };
const open = (body: unknown) => reply(body, 200, { 'access-control-allow-origin': '*' });

export function metadataOperations(): Operation[] {
  const asked = async (act: Knowing, ctx: Context, id: string): Promise<AskedDetail> => ({
    catalogue: await currentCatalogue(act),
    language: languageOf(ctx),
    id,
  });
  const opened = (kind: 'package' | 'role', codeOf: (asked: AskedDetail) => string) =>
    operation(
      {
        ...shared,
        ...found,
        id: `meta_${kind}_resources`,
        paths: [
          `${BASE}/info/${kind === 'package' ? 'accesspackages/package' : 'roles'}/:id/resources`,
        ],
        summary: `Resources that ${kind === 'package' ? 'an access package' : 'a role'} opens`,
        path,
        answers: { 200: { description: 'Resources', schema: Type.Array(shapes.Opened) } },
      },
      async ({ act, ctx, path: { id } }) => {
        const about = await asked(act, ctx, id);
        return open(await resourcesOf(act, kind, codeOf(about), about.language));
      },
    );
  return [
    ...ROWS.map((row) => {
      const takesId = row.path.includes(':id');
      return operation(
        {
          ...shared,
          id: row.id,
          paths: [`${BASE}${row.path}`, ...(row.also ? [`${BASE}${row.also}`] : [])],
          summary: row.summary,
          ...(takesId ? { path, ...found } : {}),
          answers: { 200: { description: row.summary, schema: row.schema } },
        },
        async ({ act, ctx, path: asks }) =>
          open(row.answer(await asked(act, ctx, (asks as { id?: string }).id ?? ''))),
      );
    }),
    opened('package', (about) => packageOf(about).code),
    opened('role', (about) => roleOf(about).code),
    operation(
      {
        ...shared,
        id: 'meta_search',
        paths: [`${BASE}/info/accesspackages/search`],
        summary: 'Access packages that a text is in',
        limit: 'search',
        query: {
          term: Type.Optional(Type.String({ maxLength: 200 })),
          q: Type.Optional(Type.String({ maxLength: 200 })),
        },
        answers: { 200: { description: 'Best first', schema: shapes.Hits } },
      },
      async ({ act, ctx, query }) =>
        open(search(await asked(act, ctx, ''), query.term ?? query.q ?? '')),
    ),
    operation(
      {
        ...shared,
        ...found,
        id: 'meta_role_packages',
        paths: [`${BASE}/info/roles/:id/packages`],
        summary: 'Access packages that a role carries',
        path,
        query: { variant: Type.Optional(text(20)) },
        answers: { 200: { description: 'Packages', schema: Type.Array(shapes.CarriedShape) } },
      },
      async ({ act, ctx, path: { id }, query }) => {
        const about = await asked(act, ctx, id);
        const { catalogue, language } = about;
        const rows = catalogue.carried(roleOf(about).code, query.variant ?? null);
        const carried = rows.map((row) => ({
          package: packageDto(catalogue.packages.get(row.package)!, language),
          hasAccess: row.hasAccess,
          canDelegate: row.mayGive,
          variant: row.unitType || null,
        }));
        return open(carried);
      },
    ),
  ];
}

async function resourcesOf(act: Knowing, kind: string, code: string, language: Language) {
  const ids = await findResourcesOf(act.db, kind, code);
  const known = await findResources(act.db, ids);
  return ids
    .flatMap((id) => known.get(id) ?? [])
    .map(({ id, content, owner }) => ({
      id,
      refId: id,
      name: pick(content.title, language)?.text,
      provider: owner.name,
    }));
}
