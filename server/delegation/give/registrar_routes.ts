// Registering powers of attorney by service owners, as JSON.
import { organization } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import type { OrganizationCaller } from '../../caller/model.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { maybe, shape, Type, uuid, type Static } from '../../platform/http/shapes.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { packageCode } from '../../resource/policy/model.ts';
import { packageRef } from '../dto_model.ts';
import { invalid } from '../problems.ts';
import { registerGiven, unregister } from './registrar.ts';
import { ownerOf, type OwnerApi } from '../owner/serviceowner.ts';
import { dateOf, GIVING, evidence, partyNameText, resourceId, validTo } from '../shapes.ts';

const PATH = '/accessmanagement/api/v1/serviceowner/connections/accesspackages';

const Parties = shape({
  from: partyNameText(),
  to: partyNameText(),
  packageUrn: maybe(resourceId()),
  package: maybe(resourceId()),
});

export function registrarOperations({ numbers }: OwnerApi): Operation[] {
  const owned = {
    who: organization('altinn:serviceowner/delegations:accesspackage.write'),
    dialect: 'altinn' as const,
    limit: 'write' as const,
    errors: ['AM-00034', 'TIL-00035', ...GIVING],
  };

  function namedIn(caller: OrganizationCaller, { from, to, ...what }: Static<typeof Parties>) {
    const named = what.packageUrn ?? what.package;
    if (!named) throw invalid(['STD.VLD-00000', '/packageUrn']);
    return { from, to, package: packageCode(named), guard: numbers.of(caller) };
  }

  return [
    operation(
      {
        ...owned,
        id: 'registrar_give',
        method: 'POST',
        paths: [PATH],
        summary: 'Register an access package that the parties have agreed on paper',
        body: shape({ ...Parties.properties, validTo: validTo(), evidence: evidence() }),
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
      async ({ act, caller, body }) => {
        const owner = await ownerOf(act, caller);
        const terms = { validTo: dateOf(body.validTo), evidence: body.evidence ?? null };
        const given = await registerGiven(act, owner, namedIn(caller, body), terms);
        const { from: fromId, to: toId, package: code, changed } = given;
        const catalogue = await currentCatalogue(act);
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
        body: Parties,
        answers: { 204: { description: 'It has ended' } },
        errors: [...owned.errors, 'AM-00038'],
      },
      async ({ act, caller, body }) => {
        const owner = await ownerOf(act, caller);
        await unregister(act, owner, namedIn(caller, body));
        return nothing;
      },
    ),
  ];
}
