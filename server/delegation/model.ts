// Rights that somebody may give on: an access package or a right, with the reasons for and against
// (as in Altinn 3). Pure: it reasons over facts that were gathered, and knows no store.
import type { Facts, MandateFacts } from '../decision/rules/model.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import {
  MAIN_ADMINISTRATOR,
  officeOf,
  type Catalogue,
  type Package,
} from '../resource/catalogue/model.ts';
import { covers } from '../resource/policy/model.ts';
import type { Withheld } from './give/age_model.ts';

/** Hours within which what was given by a code lets nobody more. */
export const HOURS_AFTER_CODE = 24;

/**
 * Why a package can be given: by a role, by having it, or as main administrator; directly or
 * through a firm.
 */
export interface GiveReason {
  description: string;
  mandate: MandateFacts | null;
  role: string | null;
  /** Given on through this mandate, not by one who administers. */
  through: MandateFacts | null;
}

export interface PackageCheck {
  code: string;
  result: boolean;
  ways: GiveReason[];
  /** Mandates that administering rests on, where one administers. */
  rests: string[];
  /** The reason that keeps somebody from giving it who otherwise could. */
  withheld?: Withheld | undefined;
}

/**
 * Every way in which the package may be given; empty when there is none. An administrator may what
 * the party has, others only what may be passed on.
 */
export function waysToGive(
  code: string,
  facts: Facts,
  catalogue: Catalogue,
  administers: boolean,
): GiveReason[] {
  const ways: GiveReason[] = [];
  const { subject, from, mandates } = facts;
  if (!subject || !from) return [];
  if (administers) {
    if (subject.id === from.id && catalogue.mayGive('privatperson', null, code))
      ways.push({
        description: 'Direct-RolePackage',
        mandate: null,
        role: 'privatperson',
        through: null,
      });
    for (const mandate of mandates.filter((one) => one.basis !== 'customer')) {
      const where = `${mandate.via ? 'KeyRole' : 'Direct'}-`;
      const main = mandate.held === 'parent' ? '-MainUnit' : '';
      if (mandate.role !== null && catalogue.mayGive(mandate.role, mandate.unitType, code)) {
        ways.push({
          description: `${where}RolePackage${main}`,
          mandate,
          role: mandate.role,
          through: null,
        });
      }
      if (mandate.package === code)
        ways.push({
          description: `${where}AssignmentPackage${main}`,
          mandate,
          role: null,
          through: null,
        });
      const isMain =
        mandate.package === MAIN_ADMINISTRATOR ||
        (mandate.role !== null &&
          catalogue.accessOf(mandate.role, mandate.unitType).includes(MAIN_ADMINISTRATOR));
      if (isMain && catalogue.mayGive(MAIN_ADMINISTRATOR, mandate.unitType, code)) {
        ways.push({
          description: `${where}${mandate.package ? 'Assignment' : 'Role'}Package${main}-HovedAdmin`,
          mandate,
          role: mandate.role,
          through: null,
        });
      }
    }
    return ways;
  }
  for (const mandate of mandates) {
    // Only one's own, and only where it was given: what is had through a firm or a main unit is not
    // one's to pass on.
    if (
      mandate.mayPassOn &&
      mandate.package === code &&
      mandate.via === null &&
      mandate.held === 'direct'
    ) {
      ways.push({ description: 'Direct-AssignmentPackage', mandate, role: null, through: mandate });
    }
  }
  return ways;
}

/**
 * When the last of the things that one has something by runs out; null when one of them does not.
 */
export function latestEnd(ends: (string | null)[]): Date | null {
  return ends.includes(null) || !ends.length
    ? null
    : new Date(Math.max(...ends.map((end) => Date.parse(end!))));
}

/**
 * Until when all of these are had: each until the last of what carries it, together until the first
 * of those.
 */
export function untilOf(rights: { mandates: string[] }[], mandates: MandateFacts[]): Date | null {
  const ends = rights.map((right) =>
    latestEnd(
      mandates
        .filter((mandate) => right.mandates.includes(mandate.id))
        .map((mandate) => mandate.validTo),
    ),
  );
  const times = ends.flatMap((end) => end?.getTime() ?? []);
  return times.length ? new Date(Math.min(...times)) : null;
}

/**
 * Why the package cannot be given to or by such parties, whoever gives it; undefined when it can.
 */
export function packageFault(
  catalogue: Catalogue,
  entry: Package | undefined,
  fromKind: string,
  toKind?: string,
): 'AM-00035' | 'AM-00037' | 'AM.VLD-00048' | 'AM.VLD-00028' | undefined {
  if (!entry) return 'AM-00035';
  if (
    entry.forKind !==
    (fromKind === 'person' || fromKind === 'self_identified' ? 'person' : 'organization')
  )
    return 'AM-00037';
  // A guardian's task is the guardian's: no setting makes it one that is given on.
  if (!entry.assignable || catalogue.isOfTask(entry.code)) return 'AM.VLD-00048';
  if (toKind !== undefined && entry.toKinds !== null && !entry.toKinds.includes(toKind))
    return 'AM.VLD-00028';
  return undefined;
}

export const REASON_CODES = {
  RoleAccess: 1,
  DelegationAccess: 2,
  MissingRoleAccess: 4,
  MissingDelegationAccess: 5,
  AccessListValidationFail: 10,
  PackageAccess: 11,
  MissingPackageAccess: 12,
  ResourceNotDelegable: 13,
  ResourceIsMaskinPortenSchema: 14,
} as const;
type ReasonCode = keyof typeof REASON_CODES;

export interface RightCheck {
  action: string;
  result: boolean;
  codes: ReasonCode[];
  /** The reason that keeps somebody from giving it who otherwise could. */
  withheld?: Withheld | undefined;
  mandates: string[];
  through: string | null;
  package: string | null;
}

/** How a main administrator may give the package, when that is one. */
const mainWay = (code: string, facts: Facts, catalogue: Catalogue) =>
  waysToGive(code, facts, catalogue, true).find((way) => way.description.endsWith('-HovedAdmin'));

/**
 * Whether the actor has something of the party's that the permit rests on. Who is let in by a rule
 * that names the actor, or everybody of a kind, has nothing that could be given on for another
 * party.
 */
export function hasCarrier({ decision, facts, catalogue }: Decided): boolean {
  return facts.mandates.some(
    (mandate) =>
      decision.mandates.includes(mandate.id) &&
      mandate.basis !== 'customer' &&
      !(mandate.role !== null && officeOf(catalogue.roles.get(mandate.role)) === 'task'),
  );
}

/** Whether a rule grants it to the party itself, of which this is the answer. */
export const grantsItself = ({ decision }: Decided): boolean =>
  decision.permit && decision.mandates.length === 0;

/** The same, unless others are awaited of one who passes it on, who says no yes with them. */
export const withheldFor = (
  withheld: Withheld | undefined,
  isPassedOn: boolean,
): Withheld | undefined => (isPassedOn && withheld?.why === 'together' ? undefined : withheld);

/** A right that one could give, were it not for something about the person whose it is. */
export const withhold = (check: RightCheck, withheld: Withheld | undefined): RightCheck =>
  check.result && withheld
    ? {
        ...check,
        result: false,
        codes: ['MissingDelegationAccess'],
        withheld: withheldFor(withheld, check.through !== null),
      }
    : check;

/**
 * Whether a right may be given on, and every reason. `own` is what the party itself would be
 * decided: an administrator gives what a rule grants the party. `schema` marks a resource of API
 * scopes, which is given elsewhere.
 */
export function checkRight(
  action: string,
  decided: Decided,
  own: Decided,
  administers: boolean,
  schema: boolean,
): RightCheck {
  const { decision, resource, facts, catalogue, policy } = decided;
  const codes: ReasonCode[] = [];
  if (schema) codes.push('ResourceIsMaskinPortenSchema');
  if (resource && !resource.delegable) codes.push('ResourceNotDelegable');
  if (decision.reason === 'not_on_list') codes.push('AccessListValidationFail');
  const none = { action, mandates: [], through: null, package: null };
  if (codes.length) return { ...none, result: false, codes };
  const passing = facts.mandates.find(
    (mandate) =>
      decision.mandates.includes(mandate.id) &&
      mandate.basis !== 'customer' &&
      mandate.mayPassOn &&
      mandate.via === null &&
      mandate.held === 'direct',
  );
  if (
    administers
      ? (decision.permit && hasCarrier(decided)) || grantsItself(own)
      : decision.permit && passing
  ) {
    const code =
      decision.reason === 'package'
        ? 'PackageAccess'
        : decision.reason === 'right'
          ? 'DelegationAccess'
          : 'RoleAccess';
    return {
      action,
      result: true,
      codes: [code],
      mandates: decision.mandates,
      through: administers ? null : passing!.id,
      package: decision.package ?? null,
    };
  }
  const alternatives = (policy?.rules ?? [])
    .filter((rule) => rule.effect === 'permit' && covers(rule, action))
    .flatMap((rule) => rule.subjects);
  const named = alternatives.flat();
  // A main administrator cannot give what the rule asks for beside a package.
  const asMain =
    administers &&
    alternatives.find(
      (all) =>
        all.length > 0 &&
        all.every((one) => one.kind === 'package' && mainWay(one.value, facts, catalogue)),
    );
  if (asMain) {
    const mandates = asMain.flatMap(
      (one) => mainWay(one.value, facts, catalogue)!.mandate?.id ?? [],
    );
    return { ...none, result: true, codes: ['PackageAccess'], mandates, package: asMain[0]!.value };
  }
  const missing: ReasonCode[] = [];
  if (named.some((one) => one.kind !== 'package')) missing.push('MissingRoleAccess');
  if (named.some((one) => one.kind === 'package')) missing.push('MissingPackageAccess');
  return {
    ...none,
    result: false,
    codes: decision.permit || !missing.length ? ['MissingDelegationAccess'] : missing,
  };
}
