// Registering powers of attorney by service owners, as JSON.
import { operation, organization } from '../caller/doors.ts';
import { nothing, reply, type Operation } from '../platform/doors.ts';
import { maybe, shape, Type, uuid } from '../platform/shapes.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import { packageCode } from '../resource/policy_model.ts';
import { packageRef } from './dto_model.ts';
import type { DelegationApi } from './enduser.ts';
import { invalid } from './problems.ts';
import { register, unregister, type Registration } from './registrar.ts';
import { namedParty, ownerOf } from './serviceowner.ts';
import { dateOf, GIVING, evidence, partyName, resourceId, validTo } from './shapes.ts';

const PATH = '/accessmanagement/api/v1/serviceowner/connections/accesspackages';

const parties = {
  from: partyName(),
  to: partyName(),
  packageUrn: maybe(resourceId()),
  package: maybe(resourceId()),
};

interface Named {
  from: string;
  to: string;
  packageUrn?: string | null;
  package?: string | null;
}

export function registrarOperations({ point }: DelegationApi): Operation[] {
  const owned = {
    who: organization('altinn:serviceowner/delegations:accesspackage.write'),
    dialect: 'altinn' as const,
    limit: 'write' as const,
    errors: ['AM-00034', ...GIVING],
  };

  async function registrationOf({ from, to, packageUrn, package: code }: Named) {
    const named = packageUrn ?? code;
    if (!named) throw invalid(['STD.VLD-00000', '/packageUrn']);
    const registration: Registration = {
      from: await namedParty(point.db, from, '/from'),
      to: await namedParty(point.db, to, '/to'),
      package: packageCode(named),
    };
    return registration;
  }

  return [
    operation(
      {
        ...owned,
        id: 'registrar_give',
        method: 'POST',
        paths: [PATH],
        summary: 'Register an access package that the parties have agreed on paper',
        body: shape({ ...parties, validTo: validTo(), evidence: evidence() }),
        answers: {
          200: {
            description: 'What is registered; unchanged when it was already',
            schema: shape({
              id: uuid(),
              urn: Type.String(),
              areaId: uuid(),
              fromId: uuid(),
              toId: uuid(),
              changed: Type.Boolean(),
            }),
          },
        },
      },
      async ({ caller, body }) => {
        const owner = await ownerOf(caller, point.db);
        const registration = await registrationOf(body);
        const terms = { validTo: dateOf(body.validTo), evidence: body.evidence ?? null };
        const { changed } = await register(point, owner, registration, terms);
        const { from: fromId, to: toId, package: code } = registration;
        const catalogue = await currentCatalogue(point);
        return reply({ ...packageRef(code, catalogue), fromId, toId, changed });
      },
    ),
    operation(
      {
        ...owned,
        id: 'registrar_end',
        method: 'POST',
        paths: [`${PATH}/revoke`],
        summary: 'End what this owner registered',
        body: shape(parties),
        answers: { 204: { description: 'It has ended' } },
        errors: [...owned.errors, 'AM-00038'],
      },
      async ({ caller, body }) => {
        const owner = await ownerOf(caller, point.db);
        await unregister(point, owner, await registrationOf(body));
        return nothing;
      },
    ),
  ];
}
