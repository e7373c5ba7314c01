// Service owners register powers of attorney of persons who are not digital: only packages they are
// registrars of, on the evidence they name, with a notice to both; and end what they registered,
// nothing else. It knows no HTTP.
import type { NumberGuard } from '../../caller/numbers.ts';
import type { DecisionPoint } from '../../decision/point.ts';
import { listMandates } from '../../mandate/delegation_store.ts';
import { clock } from '../../platform/clock.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { isRegistrar } from '../../resource/policy/store.ts';
import { endTogether } from '../end/end.ts';
import { givePackage, type Given } from './give.ts';
import { asEntitled } from './footing.ts';
import { problem } from '../problems.ts';
import { namedParty, type Owner } from '../owner/serviceowner.ts';

/** A package between two parties, as the owner names them. */
export interface Named {
  from: string;
  to: string;
  package: string;
  /** How much the owner may learn of numbers. */
  guard: NumberGuard;
}

/** The same between parties that are known. */
export type Registration = Omit<Named, 'guard'>;

/** The party that the owner names is looked up only for a registrar of the package. */
async function registrationOf(
  point: DecisionPoint,
  owner: Owner,
  { from, to, package: code, guard }: Named,
): Promise<Registration> {
  if (!(await currentCatalogue(point)).packages.has(code)) throw problem('AM-00035');
  if (!(await isRegistrar(point.db, owner.id, code))) throw problem('AM-00034');
  return {
    from: await namedParty(point.db, guard, from, '/from'),
    to: await namedParty(point.db, guard, to, '/to'),
    package: code,
  };
}

/** Registers what the parties have agreed on paper. */
export async function register(
  point: DecisionPoint,
  owner: Owner,
  named: Named,
  terms: { validTo: Date | null; evidence: object | null },
): Promise<Given & Registration> {
  const registration = await registrationOf(point, owner, named);
  const { from, to, package: code } = registration;
  const evidence = { registrar: owner.no, ...terms.evidence };
  const gift = { from, to, validTo: terms.validTo, evidence, place: '' as const };
  return { ...(await givePackage(point, asEntitled(owner.id), gift, code)), ...registration };
}

/** Ends what the owner registered; AM-00038 when it is there and another gave it. */
export async function unregister(point: DecisionPoint, owner: Owner, named: Named): Promise<void> {
  const { from, to, package: code } = await registrationOf(point, owner, named);
  const now = clock.now();
  const mandates = await listMandates(point.db, { from, to, package: code, limit: 100 }, now);
  const own = mandates.filter((mandate) => mandate.givenBy === owner.id);
  if (mandates.length && !own.length) throw problem('AM-00038');
  await endTogether(point.db, own, { by: owner.id, type: 'ended' }, now);
}
