// Service owners register powers of attorney of persons who are not digital: only packages they are
// registrars of, on the evidence they name, with a notice to both; and end what they registered,
// nothing else. It knows no HTTP.
import type { DecisionPoint } from '../decision/point.ts';
import { listMandates } from '../mandate/delegation_store.ts';
import { clock } from '../platform/clock.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import { isRegistrar } from '../resource/policy_store.ts';
import { endTogether } from './end.ts';
import { givePackage, type Given } from './give.ts';
import { asEntitled } from './footing.ts';
import { problem } from './problems.ts';

export interface Owner {
  id: string;
  no: string;
}

/** A package between two parties, as the owner names them. */
export interface Registration {
  from: string;
  to: string;
  package: string;
}

async function mustRegister(point: DecisionPoint, owner: Owner, code: string): Promise<void> {
  if (!(await currentCatalogue(point)).packages.has(code)) throw problem('AM-00035');
  if (!(await isRegistrar(point.db, owner.id, code))) throw problem('AM-00034');
}

/** Registers what the parties have agreed on paper. */
export async function register(
  point: DecisionPoint,
  owner: Owner,
  { from, to, package: code }: Registration,
  terms: { validTo: Date | null; evidence: object | null },
): Promise<Given> {
  await mustRegister(point, owner, code);
  const evidence = { registrar: owner.no, ...terms.evidence };
  const gift = { from, to, validTo: terms.validTo, evidence, place: '' as const };
  return givePackage(point, asEntitled(owner.id), gift, code);
}

/** Ends what the owner registered; AM-00038 when it is there and another gave it. */
export async function unregister(
  point: DecisionPoint,
  owner: Owner,
  { from, to, package: code }: Registration,
): Promise<void> {
  await mustRegister(point, owner, code);
  const now = clock.now();
  const mandates = await listMandates(point.db, { from, to, package: code, limit: 100 }, now);
  const own = mandates.filter((mandate) => mandate.givenBy === owner.id);
  if (mandates.length && !own.length) throw problem('AM-00038');
  await endTogether(point.db, own, { by: owner.id, type: 'ended' }, now);
}
