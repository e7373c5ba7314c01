// A supplier with a customer and an employee, to whom a package of the customer's is passed on.
import assert from 'node:assert/strict';
import { send } from './enduser.ts';
import { newFirm } from './rights.ts';
import { lastName, newOrganization, newPerson, newRole } from '../world.ts';

const AGENTS = '/clientdelegations/agents';
/** The packages that are passed on: of payroll, by the role of an accountant. */
export const LON = [
  { role: 'regnskapsforer', packages: ['urn:altinn:accesspackage:regnskapsforer-lonn'] },
];

export async function newSupplier() {
  const [client, { firm: supplier, boss }, employee] = [
    await newOrganization(),
    await newFirm(),
    await newPerson('Ingrid Ansattdal'),
  ];
  await newRole('regn', client, supplier);
  const named = { personIdentifier: employee.number, lastName: lastName(employee) };
  const added = await send(boss, 'POST', AGENTS, { party: supplier.id }, named);
  assert.equal(added.status, 201, added.text);
  const where = { party: supplier.id, client: client.id, agent: employee.id };
  const pass = (values: object[] = LON) =>
    send(boss, 'POST', `${AGENTS}/accesspackages`, where, { values });
  return { client, supplier, boss, employee, pass };
}
