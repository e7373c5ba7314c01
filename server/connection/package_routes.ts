// Access packages between parties as JSON: what is given, giving and ending, and the check that
// shows beforehand.
import { operation } from '../decision/doors.ts';
import { checkPackages, hasStanding } from '../delegation/give/check.ts';
import { packageCheckDto, packageRef } from '../delegation/dto_model.ts';
import { endBetween } from '../delegation/end/end.ts';
import { directionOf, mustHave, mustName } from '../delegation/enduser.ts';
import { givePackage } from '../delegation/give/give.ts';
import { asActor } from '../delegation/give/footing.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { findRelation } from '../delegation/relation_store.ts';
import { GIVING, queryText, queryUuid, sides } from '../delegation/shapes.ts';
import { findParties, findParty } from '../party/store.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { list, text, Type } from '../platform/http/shapes.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { packageId, type Catalogue } from '../resource/catalogue/model.ts';
import { packageCode } from '../resource/policy/model.ts';
import {
  CONNECTIONS_PATH,
  endingOf,
  mustGive,
  pairOf,
  readingConnections,
  writing,
} from './routes.ts';
import { PackageChecks, PackageGiven, Packages } from './shapes.ts';
import { connectionsOf, packagesOf, permissionDto } from './telling.ts';

const PATH = `${CONNECTIONS_PATH}/accesspackages`;
const packageNamed = {
  package: Type.Optional(queryText(200)),
  packageId: Type.Optional(queryUuid()),
};

/** `package` (code or URN) or `packageId`, as a code; AM-00035 for one that is not known. */
function codeOf(
  { package: name, packageId: id }: { package?: string; packageId?: string },
  catalogue: Catalogue,
): string {
  if (!id && !name) throw invalid(['STD.VLD-00000', '$QUERY/package']);
  const code = id ? byId(id, catalogue) : packageCode(name!);
  if (!code || !catalogue.packages.has(code)) throw problem('AM-00035');
  return code;
}

const byId = (id: string, catalogue: Catalogue) =>
  [...catalogue.packages.keys()].find((code) => packageId(code) === id.toLowerCase());

export function packageOperations(): Operation[] {
  return [
    operation(
      {
        ...readingConnections,
        id: 'packages_given',
        paths: [PATH],
        summary: 'Access packages between parties',
        query: sides,
        answers: { 200: { description: 'Packages with who has them', schema: Packages } },
      },
      async ({ act, caller, query }) => {
        const found = await connectionsOf(await directionOf(act, caller, query), act);
        const carried = found.holdings.flatMap((holding) =>
          packagesOf(holding, found).map((code) => ({ code, holding })),
        );
        const data = [...Map.groupBy(carried, (one) => one.code)].map(([code, all]) => ({
          package: packageRef(code, found.catalogue),
          permissions: all.map(({ holding }) => permissionDto(holding, found)),
        }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...writing,
        id: 'package_give',
        method: 'POST',
        paths: [PATH],
        summary: 'Give an access package to a rightholder',
        query: { ...sides, ...packageNamed },
        answers: {
          201: { description: 'Given', schema: PackageGiven },
          200: { description: 'It was given already', schema: PackageGiven },
        },
        errors: GIVING,
      },
      async ({ act, caller, query }) => {
        const direction = await directionOf(act, caller, query, { write: true });
        mustGive(direction);
        const { party: giver } = direction;
        const from = giver.id;
        const to = mustHave(query.to, 'to');
        const catalogue = await currentCatalogue(act);
        const code = codeOf(query, catalogue);
        const receiver = await findParty(act, { by: 'uuid', value: to });
        if (!receiver) throw problem('AM-00021');
        if (!(await findRelation(act, from, to, 'rightholder'))) throw problem('AM-00022');
        const gift = { from, to, giver, receiver };
        const { id: mandate, changed } = await givePackage(act, asActor(caller), gift, code);
        const { id, urn } = packageRef(code, catalogue);
        const given = { id: mandate, packageId: id, urn, fromId: from, toId: to, changed };
        return reply(given, changed ? 201 : 200);
      },
    ),
    operation(
      {
        ...writing,
        id: 'package_end',
        method: 'DELETE',
        paths: [PATH],
        summary: 'End or renounce an access package',
        query: { ...sides, ...packageNamed },
        answers: { 204: { description: 'It has ended' } },
        errors: ['TIL-00008', 'AM-00035'],
      },
      async ({ act, caller, query }) => {
        const direction = await directionOf(act, caller, query, { write: true });
        const code = codeOf(query, await currentCatalogue(act));
        const between = { ...pairOf(query), package: code };
        await endBetween(act, between, endingOf(direction));
        return nothing;
      },
    ),
    operation(
      {
        ...readingConnections,
        id: 'package_check',
        paths: [`${PATH}/delegationcheck`],
        summary: 'Which packages the caller could give for a party, and why',
        query: {
          party: sides.party,
          packages: Type.Optional(list(text(200), 300)),
          packageIds: Type.Optional(list(text(200), 300)),
        },
        answers: { 200: { description: 'With the ways to give each', schema: PackageChecks } },
        errors: ['TIL-00008', 'AM-00041'],
      },
      async ({ act, caller, query }) => {
        const party = mustName(query.party);
        const catalogue = await currentCatalogue(act);
        const { packages = [], packageIds = [] } = query;
        const codes = [
          ...packages.map(packageCode),
          ...packageIds.map((id) => byId(id, catalogue) ?? id),
        ];
        const giver = await findParty(act, { by: 'uuid', value: party });
        const isStanding = await hasStanding(act, caller, party);
        if (!giver || !isStanding) {
          throw fault('TIL-00008', { because: 'no standing' });
        }
        const isPerson = giver.kind === 'person' || giver.kind === 'self_identified';
        const kind = isPerson ? 'person' : 'organization';
        if (codes.some((code) => catalogue.packages.get(code)?.forKind !== kind)) {
          throw problem('AM-00041');
        }
        const wanted = codes.length ? codes : null;
        const checks = await checkPackages(act, caller, party, wanted);
        const via = checks.flatMap(({ ways }) => ways.flatMap((way) => way.mandate?.via ?? []));
        const found = await findParties(act, [party, caller.party, ...via]);
        const names = new Map(found.map((row) => [row.id, row]));
        const pair = { from: party, to: caller.party };
        const data = checks.map((check) => packageCheckDto(check, names, pair, catalogue));
        return reply({ data, links: { next: null } });
      },
    ),
  ];
}
