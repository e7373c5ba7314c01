// The catalogue in hand: roles, access packages, which role carries which package and may give it
// on. It answers from one version of the catalogue; where that comes from is not known here.
import { uuidDerived } from '../../platform/ids.ts';
import type { Translated } from '../../platform/locale.ts';
import { sourceOf, type RulePlace, type SubjectMatch } from '../policy/model.ts';

/** Owners, by number, who may name it in their rules; `all` among them for everybody. */
export type UsableBy = string[] | null;

export interface Role {
  code: string;
  name: Translated;
  keyRole: boolean;
  givenBy: 'person' | 'organization';
  urns: string[];
  source: string | null;
  /** Holds although the one it is held for has died, as an heir's does. */
  afterDeath: boolean;
  /**
   * Whether a sole proprietorship's role counts for its owner as a person too (accountant,
   * auditor).
   */
  reachesOwner: boolean;
  /** Organisation forms in which the role is no key role. */
  notKeyIn: string[];
  usableBy?: UsableBy;
}

/** The roles of an estate's trustee, and of the company whose estate a unit is. */
export const TRUSTEE = 'bobe';
export const DEBTOR = 'kdeb';
/** Parental responsibility, until a register names it otherwise. */
export const RESPONSIBILITY = 'foreldreansvar';
/** The register whose roles are guardians' tasks. */
export const GUARDIANSHIP = 'vergemal';

/** A guardian without a task: nothing of it is taken in. */
const GENERIC_GUARDIAN = ['verge', 'urn:tillit:role:verge', 'urn:altinn:rolecode:verge'];
export const isGenericGuardian = (role: string) => GENERIC_GUARDIAN.includes(role.toLowerCase());
export const NAME_THE_TASK =
  'the role verge is not taken: a guardian acts by tasks, as verge:nav-pensjon';

/** An office that somebody holds for a person: it counts, not who holds it. */
export type Office = 'responsibility' | 'task';

export const officeOf = (role: Pick<Role, 'code' | 'source'> | undefined): Office | undefined =>
  role?.code === RESPONSIBILITY
    ? 'responsibility'
    : role?.source === GUARDIANSHIP
      ? 'task'
      : undefined;

type ForKind = 'person' | 'organization';

export interface Area {
  code: string;
  forKind: ForKind;
  name: Translated;
  description: Translated;
  /** Whether nothing of it is given by code: bank, health, property and the like. */
  guarded?: boolean;
}

export interface Package {
  code: string;
  area: string;
  forKind: ForKind;
  name: Translated;
  description: Translated;
  /** May be given by a person who administers. */
  assignable: boolean;
  /** May be passed on from a customer's supplier to its people. */
  delegable: boolean;
  inPolicies: boolean;
  /** Kinds of party that may receive it; null for all. */
  toKinds: string[] | null;
  /** A qualification that the receiver must have, now and as long as it holds. */
  needs: string | null;
  /** The security level that giving it takes. */
  giveLevel: number;
  /** From and until what ages it is given and received (model.ts); null where nothing is said. */
  decidesFrom: number | null;
  parentUntil: number | null;
  receiverFrom: number | null;
  parents?: 'any' | 'all' | null;
  /** The places that several fill together to give it; null where one is enough. */
  together?: RulePlace[] | null;
  /** False where the matter is not the estate's when its giver is bankrupt. */
  ofEstate?: boolean;
  /** Whether pages let it be given without an end. */
  endless?: boolean;
  /** Whether it may be given to one who shows a code (delegation/code/code.ts). */
  byCode?: boolean;
  /** Whether its receiver must accept it before it holds. */
  mustAccept?: boolean;
  usableBy?: UsableBy;
}

export interface RolePackage {
  role: string;
  package: string;
  unitType: string;
  hasAccess: boolean;
  mayGive: boolean;
}

export interface Source {
  code: string;
  name: Translated;
  legalBasis: Translated;
  purpose: Translated;
  visibility: 'open' | 'secret';
  usableBy?: UsableBy;
}

export interface CatalogueRows {
  version: number;
  roles: Role[];
  areas: Area[];
  packages: Package[];
  rolePackages: RolePackage[];
  sources: Source[];
}

/** Ids of packages, areas and roles on the wire follow from their codes. */
export const packageId = (code: string) => uuidDerived(`package ${code}`);
export const areaId = (code: string) => uuidDerived(`area ${code}`);
export const roleId = (code: string) => uuidDerived(`role ${code}`);

/** A role's long name on the wire (`daglig-leder`), where the short one is its legacy code. */
export const roleSlug = ({ code, urns }: Role) =>
  urns
    .find((urn) => /^urn:altinn:(?:external-)?role:/.test(urn))
    ?.split(':')
    .at(-1) ?? code;

/** Holds every package of a kind in the hand without using it (as in Altinn 3). */
export const MAIN_ADMINISTRATOR = 'hovedadministrator';

export class Catalogue {
  readonly version: number;
  readonly roles: Map<string, Role>;
  readonly areas: Map<string, Area>;
  readonly packages: Map<string, Package>;
  readonly sources: Map<string, Source>;
  readonly #rows: CatalogueRows;
  readonly #byRole = new Map<string, RolePackage[]>();
  readonly #access = new Map<string, readonly string[]>();
  readonly #aliases = new Map<string, string>();

  constructor(rows: CatalogueRows) {
    this.#rows = rows;
    this.version = rows.version;
    this.roles = new Map(rows.roles.map((role) => [role.code, role]));
    this.areas = new Map(rows.areas.map((area) => [area.code, area]));
    this.packages = new Map(rows.packages.map((entry) => [entry.code, entry]));
    this.sources = new Map(rows.sources.map((source) => [source.code, source]));
    for (const row of rows.rolePackages)
      this.#byRole.set(row.role, [...(this.#byRole.get(row.role) ?? []), row]);
    for (const role of rows.roles) {
      for (const name of [role.code, `urn:altinn:rolecode:${role.code}`, ...role.urns])
        this.#aliases.set(name.toLowerCase(), role.code);
    }
  }

  /** As an owner of resources knows it: with a role of a secret source it could ask who has it. */
  open(): Catalogue {
    const roles = this.#rows.roles.filter(({ code }) => !this.isSecret(code));
    return new Catalogue({ ...this.#rows, roles });
  }

  /** A role's code from its code or any of its URNs, in any case. */
  roleCode(name: string): string | undefined {
    return this.#aliases.get(name.toLowerCase());
  }

  /** The packages that a role carries for a party of this organisation form. */
  carried(role: string, unitType: string | null): RolePackage[] {
    return (this.#byRole.get(role) ?? []).filter(
      (row) => row.unitType === '' || row.unitType === unitType,
    );
  }

  /** Packages that a holder of the role may use. */
  accessOf(role: string, unitType: string | null): readonly string[] {
    const key = `${role} ${unitType ?? ''}`;
    const known = this.#access.get(key);
    if (known) return known;
    const codes = this.carried(role, unitType)
      .filter((row) => row.hasAccess)
      .map((row) => row.package);
    // A role that nobody knows is not remembered: there may be any number of those.
    if (this.roles.has(role)) this.#access.set(key, codes);
    return codes;
  }

  /** Roles that carry one of these packages, in whatever organisation form. */
  rolesWith(packages: string[]): string[] {
    const rows = this.#rows.rolePackages.filter(
      (row) => row.hasAccess && packages.includes(row.package),
    );
    return rows.map(({ role }) => role);
  }

  mayGive(role: string, unitType: string | null, packageCode: string): boolean {
    return this.carried(role, unitType).some((row) => row.mayGive && row.package === packageCode);
  }

  /** Packages that no role opens by itself and that can be given: somebody has to be let in. */
  confidential(): Package[] {
    const opened = new Set(
      this.#rows.rolePackages.filter((row) => row.hasAccess).map((row) => row.package),
    );
    const given = new Set(
      this.#rows.rolePackages.filter((row) => row.mayGive).map((row) => row.package),
    );
    return [...this.packages.values()].filter(
      ({ code, assignable }) => assignable && given.has(code) && !opened.has(code),
    );
  }

  /** Whether a package is what guardians' tasks open and nothing else does. */
  isOfTask(packageCode: string): boolean {
    const rows = this.#rows.rolePackages.filter((row) => row.package === packageCode);
    return rows.length > 0 && rows.every(({ role }) => officeOf(this.roles.get(role)) === 'task');
  }

  /**
   * Whether an owner of resources may name a subject in its rules, and so read out by decisions who
   * has it. Open unless said: roles of firms, and packages of firms. Closed: what registers say
   * of persons, registers that are asked live, and packages of persons.
   */
  mayName({ kind, value }: SubjectMatch, ownerNo: string): boolean {
    const [said, isOpen] = this.#saidOf(kind, value);
    return said ? said.includes('all') || said.includes(ownerNo) : isOpen;
  }

  #saidOf(kind: SubjectMatch['kind'], value: string): [said: UsableBy, isOpen: boolean] {
    if (kind === 'role') {
      const role = this.roles.get(value);
      const source = role?.source ? this.sources.get(role.source) : undefined;
      const said = role?.usableBy ?? source?.usableBy ?? null;
      return [said, !(role?.givenBy === 'person' && role.source !== null)];
    }
    if (kind === 'package') {
      const known = this.packages.get(value);
      return [known?.usableBy ?? null, known?.forKind === 'organization'];
    }
    if (kind === 'register') return [this.sources.get(sourceOf(value))?.usableBy ?? null, false];
    return [null, true];
  }

  /** Whether what a role's source says is for nobody but the two parties. */
  isSecret(role: string | null): boolean {
    const source = role === null ? null : (this.roles.get(role)?.source ?? null);
    return source !== null && this.sources.get(source)?.visibility === 'secret';
  }
}
