// Schemas of API scopes, and a consumer that lets a supplier use one, for tests.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importThis, newOrganization, newPerson, newRole } from '../world.ts';
import { send } from './enduser.ts';
import { can, newFirm, OWNER } from './rights.ts';

/** A consumer with a scope in a schema, and a supplier that may use nothing yet. */
export async function newSchema(title = 'x', known?: string) {
  const supplier = await newOrganization();
  const { firm: consumer, boss } = await newFirm();
  const scope = known ?? `skd${consumer.number}:les`;
  const resource = `skjema-${randomUUID()}`;
  await importThis({
    scopes: known ? [] : [{ name: scope, owner: OWNER, holders: [consumer.number] }],
    resources: [
      {
        identifier: resource,
        owner: OWNER,
        resourceType: 'MaskinportenSchema',
        title: { nb: title, nn: title },
        rules: [can('scopeaccess', 'package:maskinporten-scopes', 'dagl')],
        resourceReferences: [
          {
            referenceSource: 'ExternalPlatform',
            referenceType: 'MaskinportenScope',
            reference: scope,
          },
          { referenceType: 'DelegationSchemeId', reference: 'scheme-1' },
        ],
      },
    ],
  });
  return { supplier, consumer, boss, scope, resource };
}

/** The same, given; and a director of the supplier. */
export async function newScopesGiven(title = 'Skattedata', known?: string) {
  const schema = await newSchema(title, known);
  const { supplier, consumer, boss, resource } = schema;
  const chief = await newPerson();
  await newRole('dagl', supplier, chief);
  const where = { party: consumer.id, supplier: supplier.id };
  await send(boss, 'POST', '/maskinportensuppliers', where);
  const gave = await send(boss, 'POST', '/maskinportensuppliers/resources', { ...where, resource });
  assert.equal(gave.status, 201, gave.text);
  return { ...schema, chief };
}
