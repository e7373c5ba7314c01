// Vendors and their systems, for tests.
import { call, newOrganization, organizationToken, personToken, type TestParty } from '../world.ts';
import { newFirm } from './rights.ts';

export const SYSTEMS = '/access/v1/systems';
const REGISTER = 'altinn:authentication/systemregister.write';
export const ASK = 'altinn:authentication/systemuser.request.write';
export const NAMES = { nb: 'Lønnsprogram', nn: 'Lønsprogram', en: 'Payroll' };

/** A vendor's own call about one of its systems. */
export const asVendor = async (
  vendor: TestParty,
  method: string,
  path: string,
  body?: object,
  scope = path.includes('/requests') ? ASK : REGISTER,
) => call(method, `${SYSTEMS}/${path}`, await organizationToken(vendor, scope), body);

/** A vendor with a system; it may do VAT and one service of it. */
export async function newSystem(changes: object = {}) {
  const vendor = await newOrganization();
  const id = `${vendor.number}_lonn`;
  const body = {
    name: NAMES,
    packages: ['merverdiavgift', 'lonn'],
    resources: ['mva-melding'],
    redirectOrigins: ['https://lonn.example'],
    ...changes,
  };
  const made = await asVendor(vendor, 'PUT', id, body);
  if (made.status !== 200) throw new Error(`registering failed: ${made.status} ${made.text}`);
  return { vendor, id, body };
}

/** A system of a new vendor, as an organisation has let it in. */
export async function newSystemUser(
  boss: { id: string },
  owner: { id: string },
  changes: object = {},
): Promise<{ id: string }> {
  const { id: systemId } = await newSystem(changes);
  const path = `/access/v1/system-users?party=${owner.id}`;
  const made = await call('POST', path, await personToken(boss), { name: 'Lønn', systemId });
  if (made.status !== 201) throw new Error(`letting in failed: ${made.status} ${made.text}`);
  return made.body;
}

/** A vendor with a system, and a firm that is asked. */
export async function newAskedSystem(
  asked: object = {},
  changes: object = {},
  led?: { firm: TestParty; boss: TestParty },
) {
  const system = await newSystem(changes);
  const { firm, boss } = led ?? (await newFirm());
  const wanted = { customer: firm.number, packages: ['merverdiavgift'], ...asked };
  const path = `${system.id}/requests`;
  const request = await asVendor(system.vendor, 'POST', path, wanted);
  if (request.status !== 201) throw new Error(`asking failed: ${request.status} ${request.text}`);
  return { ...system, firm, boss, path, wanted, request: request.body };
}
