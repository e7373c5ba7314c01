// Service owners register powers of attorney of persons who are not digital: only packages they are
// registrars of, on the evidence they name, with a notice to both; and end what they registered,
// nothing else. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import type { NumberGuard } from '../../caller/numbers.ts';
import { listMandates } from '../../mandate/delegation_store.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { isRegistrar } from '../../resource/policy/store.ts';
import { endTogether } from '../end/end.ts';
import { givePackage } from './give.ts';
import type { Given } from './settle.ts';
import { asEntitled } from './footing.ts';
import { problem } from '../problems.ts';
import { namedParty, type Owner } from '../owner/serviceowner.ts';

/** A package between two parties, as the owner names them. */
export interface PackageBetween {
  from: string;
  to: string;
  package: string;
  /** How much the owner may learn of numbers. */
  guard: NumberGuard;
}

/** The same between parties that are known. */
export type Registration = Omit<PackageBetween, 'guard'>;

/** The party that the owner names is looked up only for a registrar of the package. */
async function registrationOf(
  act: Deciding,
  owner: Owner,
  { from, to, package: code, guard }: PackageBetween,
): Promise<Registration> {
  if (!(await currentCatalogue(act)).packages.has(code)) throw problem('AM-00035');
  if (!(await isRegistrar(act.db, owner.id, code))) throw problem('AM-00034');
  return {
    from: await namedParty(act, guard, from, '/from'),
    to: await namedParty(act, guard, to, '/to'),
    package: code,
  };
}

/** Registers what the parties have agreed on paper. */
export async function registerGiven(
  act: Deciding,
  owner: Owner,
  named: PackageBetween,
  terms: { validTo: Date | null; evidence: object | null },
): Promise<Given & Registration> {
  const registration = await registrationOf(act, owner, named);
  const { from, to, package: code } = registration;
  const evidence = { registrar: owner.no, ...terms.evidence };
  const gift = { from, to, validTo: terms.validTo, evidence, place: '' as const, agreed: true };
  return { ...(await givePackage(act, asEntitled(owner.id), gift, code)), ...registration };
}

/** Ends what the owner registered; AM-00038 when it is there and another gave it. */
export async function unregister(
  act: Deciding,
  owner: Owner,
  named: PackageBetween,
): Promise<void> {
  const { from, to, package: code } = await registrationOf(act, owner, named);
  const mandates = await listMandates(act, { from, to, package: code, limit: 100 });
  const own = mandates.filter((mandate) => mandate.givenBy === owner.id);
  if (mandates.length && !own.length) throw problem('AM-00038');
  await endTogether(act, own, { by: owner.id, type: 'ended' });
}
