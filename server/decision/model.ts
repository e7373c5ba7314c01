// May X do A on R for P? A pure, exhaustive answer from gathered facts, deny by default, with a reason for each end.
// "May approve" and "may ask" are the same policy. It knows no SQL and no request.

export type SubjectKind = 'self' | 'role' | 'key_role' | 'organization' | 'access_list';

export interface Rule {
  kind: SubjectKind;
  subject: string;
  /** Of a role: which kind of party somebody has it in. */
  givenBy?: 'person' | 'organization' | null;
}

export interface ResourceFacts {
  id: string;
  rules: Rule[];
  minimumLevel: { person: number; organization: number };
}

export interface RoleFact { code: string; keyRole: boolean; validFrom: Date; validTo: Date | null; endedAt: Date | null }

/** Everything the answer rests on, gathered by one statement. */
export interface Facts {
  subject: { id: string; kind: string; ended: boolean } | null;
  from: { id: string; kind: string; ended: boolean } | null;
  /** Roles that the subject holds in `from`, or in its main unit when it is a sub-unit. */
  roles: RoleFact[];
  /** Access lists that the subject is on. */
  lists: string[];
  resources: ResourceFacts[];
}

export interface Question {
  subject: string;
  from: string;
  action: string;
  resources: string[];
  /** Security level of the subject, 0 to 4. */
  level: number;
}

export type Reason =
  | 'self' | 'role' | 'organization' | 'access_list'
  | 'unknown_subject' | 'unknown_from' | 'ended' | 'no_resource' | 'unknown_resource' | 'no_rule' | 'not_named' | 'level';

export interface Decision {
  permit: boolean;
  reason: Reason;
  /** The role that carried it. */
  role?: string;
  /** Who could: subjects that the rule names, when the asker is not among them. */
  wanted: Rule[];
  /** The level that is needed, when that is all that lacks. */
  level?: number;
}

const deny = (reason: Reason, wanted: Rule[] = []): Decision => ({ permit: false, reason, wanted });

/** Every resource must permit; the first that does not gives the answer. */
export function decide(question: Question, facts: Facts, now: Date): Decision {
  if (!facts.subject) return deny('unknown_subject');
  if (!facts.from) return deny('unknown_from');
  if (facts.subject.ended || facts.from.ended) return deny('ended');
  if (question.resources.length === 0) return deny('no_resource');
  let carried: Decision | undefined;
  let level = 0;
  for (const id of question.resources) {
    const resource = facts.resources.find((known) => known.id === id);
    if (!resource) return deny('unknown_resource');
    if (resource.rules.length === 0) return deny('no_rule');
    const one = decideOne(question, facts, resource, now);
    if (!one.permit) return one;
    carried ??= one;
    const needed = facts.from.kind === 'person' ? resource.minimumLevel.person : resource.minimumLevel.organization;
    level = Math.max(level, needed);
  }
  if (question.level < level) return { permit: false, reason: 'level', wanted: [], level };
  return carried!;
}

function decideOne(question: Question, facts: Facts, resource: ResourceFacts, now: Date): Decision {
  const roles = facts.roles.filter((role) => holds(role, now));
  for (const rule of resource.rules) {
    switch (rule.kind) {
      case 'self':
        if (question.subject === question.from && facts.subject!.kind === 'person') {
          return { permit: true, reason: 'self', wanted: [] };
        }
        break;
      case 'role': case 'key_role': {
        const role = roles.find((held) => (rule.kind === 'role' ? held.code === rule.subject : held.keyRole));
        if (role) return { permit: true, reason: 'role', role: role.code, wanted: [] };
        break;
      }
      case 'organization':
        if (facts.subject!.kind !== 'person') return { permit: true, reason: 'organization', wanted: [] };
        break;
      case 'access_list':
        if (facts.lists.includes(rule.subject)) return { permit: true, reason: 'access_list', wanted: [] };
        break;
    }
  }
  return deny('not_named', resource.rules);
}

function holds(role: RoleFact, now: Date): boolean {
  return role.validFrom <= now && (role.validTo === null || role.validTo > now)
    && (role.endedAt === null || role.endedAt > now);
}

/** Whether a rule's subject can exist for this kind of party: nobody is managing director of a person. */
export function fits(fromKind: string, rule: Rule): boolean {
  if (rule.kind === 'role') return rule.givenBy === (fromKind === 'person' ? 'person' : 'organization');
  return rule.kind === (fromKind === 'person' ? 'self' : 'key_role');
}

/** Whether anybody could ever be permitted: a rule that fits the kind of party it is about. */
export function answerable(fromKind: string, resource: ResourceFacts): boolean {
  return resource.rules.some((rule) => fits(fromKind, rule));
}
