// What holds in a world of units, families and wards, said slowly and plainly: who holds which
// role, what each answer rested on, and what is permitted. The suite's reference for what falls; it
// knows nothing of how the server finds it out.
import { toAsker } from '../rows.ts';

/** The role of a guardian for taxes, and what it is called in the register's feed. */
export const TASK = 'verge:skatteetaten-skatt';
export const MATTER = 'skatteetaten/skatt';
export const PARENT = 'foreldreansvar';

export interface Somebody {
  id: string;
  number: string;
  name: string;
  urn: string;
  kind: 'person' | 'organization' | 'subunit';
  unitType?: string;
  parent?: string;
}

/** A consent as it was answered. */
export interface Answered {
  id: string;
  from: Somebody;
  to: Somebody;
  resource: string;
  /** The office it was answered by; null for oneself, a company's role or a power of attorney. */
  office: string | null;
  own: boolean;
  fallen: string | null;
}

export interface Given {
  id: string;
  from: Somebody;
  to: Somebody;
  package: string;
  through: Given | null;
  byGiver: boolean;
  suspended: boolean;
  ended: boolean;
}

/** What a resource lets whom do; `ages` where children and parents share it. */
export interface Rule {
  roles: string[];
  packages: string[];
  inMatter: boolean;
  parentUntil: number;
}

export class Reference {
  readonly gone = new Set<string>();
  readonly endedResources = new Set<string>();
  readonly born = new Map<string, string>();
  /** Whose capacity is taken, in the matter or in all. */
  readonly incapable = new Map<string, Set<string>>();
  readonly rules = new Map<string, Rule>();
  readonly consents: Answered[] = [];
  readonly mandates: Given[] = [];
  readonly #holders = new Map<string, Map<string, Somebody>>();

  holders(role: string, from: Somebody): Map<string, Somebody> {
    const key = `${role} ${from.id}`;
    const known = this.#holders.get(key) ?? new Map<string, Somebody>();
    this.#holders.set(key, known);
    return known;
  }

  #age(person: Somebody): number {
    const born = new Date(`${this.born.get(person.id)!}T00:00:00Z`);
    const now = new Date();
    const had = [now.getUTCMonth() - born.getUTCMonth(), now.getUTCDate() - born.getUTCDate()];
    return (
      now.getUTCFullYear() -
      born.getUTCFullYear() -
      Number(had[0]! < 0 || (had[0] === 0 && had[1]! < 0))
    );
  }

  #isHeld(role: string, from: Somebody): boolean {
    return [...this.holders(role, from).keys()].some((id) => !this.gone.has(id));
  }

  #cannotDecide(person: Somebody, isInMatter: boolean): boolean {
    const taken = this.incapable.get(person.id);
    return taken !== undefined && (taken.has('') || (isInMatter && taken.has(MATTER)));
  }

  /** Why a consent has nothing to rest on at this moment. */
  #reason({ from, to, resource, office }: Answered): string | null {
    if (this.gone.has(from.id)) return from.kind === 'person' ? 'giver_dead' : 'giver_dissolved';
    if (from.unitType === 'ENK') {
      const owners = [...this.holders('innh', from).keys()];
      if (owners.some((id) => this.gone.has(id))) return 'giver_dead';
    }
    if (this.gone.has(to.id)) return 'receiver_dissolved';
    if (this.endedResources.has(resource)) return 'resource_ended';
    if (office === PARENT && this.#age(from) >= this.rules.get(resource)!.parentUntil)
      return 'of_age';
    if (office !== null && !this.#isHeld(office, from))
      return office === PARENT ? 'responsibility_ended' : 'task_ended';
    return null;
  }

  /** Falls what has nothing to rest on now, for good. */
  fall(): void {
    for (const consent of this.consents) consent.fallen ??= this.#reason(consent);
  }

  /** What a look-up says: a code, with the reason, or that it is in force. */
  told(consent: Answered): string {
    // One that shares data was asked of capacity when it was answered, and stands until withdrawn.
    return consent.fallen ? `AM-00011 ${toAsker(consent.fallen)}` : 'in force';
  }

  #carries(mandate: Given): boolean {
    const { from, to, through, byGiver, suspended, ended } = mandate;
    return (
      !suspended &&
      !ended &&
      !this.gone.has(to.id) &&
      !(byGiver && this.#cannotDecide(from, mandate.package.startsWith('vergemal-'))) &&
      (through === null || this.#carries(through))
    );
  }

  /** Whether somebody may use a resource for a party. */
  permits(subject: Somebody, from: Somebody, resource: string): boolean {
    if (this.gone.has(subject.id) || this.gone.has(from.id) || this.endedResources.has(resource))
      return false;
    const rule = this.rules.get(resource)!;
    const places = [from.id, ...(from.parent ? [from.parent] : [])];
    // As oneself a person has what every citizen has.
    const isOwn =
      rule.roles.includes('privatperson') ||
      rule.packages.some((code) => code.startsWith('innbygger-'));
    if (isOwn && subject.id === from.id && from.kind === 'person') return true;
    const hasRole = rule.roles.some((role) =>
      places.some((id) => {
        if (role === PARENT && this.#age(from) >= 18) return false;
        return this.#holders.get(`${role} ${id}`)?.has(subject.id) ?? false;
      }),
    );
    return (
      hasRole ||
      this.mandates.some(
        (mandate) =>
          mandate.to.id === subject.id &&
          places.includes(mandate.from.id) &&
          rule.packages.includes(mandate.package) &&
          this.#carries(mandate),
      )
    );
  }
}
