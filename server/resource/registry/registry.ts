// Taking a resource in, from a file or from its owner: what it says is checked as a whole and
// becomes a row with a policy. It knows neither where it comes from nor who sends it.
import type { Knowing } from '../catalogue/catalogue.ts';
import type { Act } from '../../platform/act.ts';
import type { Db } from '../../platform/db/db.ts';
import { canonicalJson, sha256 } from '../../platform/ids.ts';
import type { Catalogue } from '../catalogue/model.ts';
import type { ResourceImport } from '../import_store.ts';
import { markdownFaults } from '../markdown.ts';
import { contentOf } from './entry_model.ts';
import { decidesFrom, parentUntil } from '../model.ts';
import { createPace } from '../../platform/pace.ts';
import { patternFault } from '../policy/pattern_model.ts';
import {
  distinct,
  MOST_NODES,
  nodesOf,
  type Condition,
  type Policy,
  type Rule,
} from '../policy/model.ts';
import { findPoliciesWithPatterns } from '../policy/store.ts';
import { isAsPlaces, subjectsOf } from '../policy/place_model.ts';
import { senseless } from '../policy/sense_model.ts';
import { canonical } from '../policy/value_model.ts';
import { findTemplate, listTemplates } from '../store.ts';
import {
  givenTogether,
  knownSubject,
  readWrittenPlaces,
  readSubject,
  type SubjectReading,
  type WrittenPlace,
  type WrittenSubject,
} from './reading.ts';
import { policyRow } from './row.ts';
import { readXacml } from '../policy/xacml_model.ts';
import { asText } from '../../platform/as_text.ts';

/** A rule as it is written: `action` or `actions`. */
interface WrittenRule {
  id?: string;
  effect?: 'permit' | 'deny';
  action?: string;
  actions?: string[];
  subjects?: (WrittenSubject | WrittenSubject[])[];
  when?: {
    category: Condition['category'];
    name: string;
    values: (string | number | boolean)[];
    match?: Condition['match'];
    type?: Condition['type'];
    mustBePresent?: boolean;
  }[];
  together?: WrittenPlace[];
  asCompanySigns?: boolean;
}

/**
 * The row, and every fault as a sentence; with a fault the row is of no use. `type` is what its
 * policy is for, where the entry is of a policy only.
 */
export async function takeIn(
  act: Knowing,
  entry: Record<string, any>,
  owner: { id: string; no: string },
  catalogue: Catalogue,
  type: string = entry.resourceType,
) {
  const faults: string[] = [];
  const fields = Object.fromEntries(
    Object.entries((entry.consentMetadata ?? {}) as Record<string, any>).map(([key, field]) => [
      key,
      { type: 'text', optional: false, ...field },
    ]),
  );
  const linkHosts: string[] = entry.linkHosts ?? [];
  if (entry.resourceType === 'Consent') faults.push(...(await consentFaults(act, entry, owner.no)));
  for (const name of ['consentText', 'consentTextAbout'])
    for (const [language, text] of Object.entries((entry[name] ?? {}) as Record<string, string>))
      for (const why of markdownFaults(text, Object.keys(fields), linkHosts))
        faults.push(`${name}.${language} ${why}`);
  if (parentUntil(entry) < decidesFrom(entry))
    faults.push('parentUntil must not be below decidesFrom: nobody would decide in between');
  const minimumLevel = { person: 0, organization: 0, ...entry.minimumLevel };
  const policy: Policy = {
    combining: entry.combining ?? 'deny-overrides',
    minimumLevel,
    rules: [],
  };
  const pace = createPace();
  for (const [index, rule] of (entry.rules as WrittenRule[]).entries()) {
    policy.rules.push(readRule(rule, index, { catalogue, ownerNo: owner.no, faults, type }));
    await pace();
  }
  const tooLarge = sizeFaults(policy);
  faults.push(...tooLarge, ...senseless(policy, type, catalogue));
  await pace();
  const together = givenTogether(entry.together, { catalogue, ownerNo: owner.no, faults });
  if (together && type === 'MaskinportenSchema')
    faults.push('together is not for API scopes, which are given without waiting');
  const content = contentOf(entry, fields, { minimumLevel, together });
  const row: ResourceImport = {
    id: entry.identifier,
    owner: owner.id,
    type: entry.resourceType,
    hash: sha256(canonicalJson(content)),
    content,
    accessListMode: asText(entry.accessListMode).toLowerCase() === 'enabled',
    // No index of one that is too large: it would come to every subject with every action.
    policy: tooLarge.length
      ? { id: entry.identifier, hash: '', content: policy, rules: [] }
      : await policyRow(entry.identifier, policy, pace),
  };
  return { row, faults };
}

/** A policy larger than can be asked of, printed and read without holding everybody up. */
function sizeFaults(policy: Policy): string[] {
  const nodes = nodesOf(policy);
  return nodes > MOST_NODES
    ? [`the policy comes to ${nodes} names and values, and at most ${MOST_NODES} are taken`]
    : [];
}

async function consentFaults(
  act: Act,
  entry: Record<string, any>,
  ownerNo: string,
): Promise<string[]> {
  const faults: string[] = [];
  const template = entry.consentTemplate
    ? await findTemplate(act, entry.consentTemplate)
    : undefined;
  if (!template)
    faults.push(
      entry.consentTemplate
        ? `the template ${entry.consentTemplate} is not known; there are ${(await listTemplates(act.db)).join(', ')}`
        : 'consentTemplate is required',
    );
  if (!entry.consentText) faults.push('a consent resource needs consentText in nb and nn');
  if (entry.uses && (entry.howOften || entry.isOneTimeConsent))
    faults.push('uses says how often it may be used; leave howOften and isOneTimeConsent out');
  const owners = template?.restrictedToServiceOwners;
  if (owners && !owners.includes(ownerNo))
    faults.push(`the template ${template.id} is not for this owner`);
  return faults;
}

/**
 * Rules in force whose pattern cannot be matched here, stored before such were refused: they are
 * indeterminate until published anew.
 */
export async function unmatchable(
  db: Db,
): Promise<{ resource: string; rule: string; pattern: string }[]> {
  return (await findPoliciesWithPatterns(db)).flatMap(({ id, content }) =>
    content.rules.flatMap((rule) =>
      rule.when
        .filter((condition) => condition.match === 'regexp')
        .flatMap((condition) =>
          condition.values
            .filter((pattern) => patternFault(pattern))
            .map((pattern) => ({ resource: id, rule: rule.id, pattern })),
        ),
    ),
  );
}

interface PolicyReading extends SubjectReading {
  /** The type of the resource. */
  type: string;
}

function readRule(rule: WrittenRule, index: number, reading: PolicyReading): Rule {
  const { faults } = reading;
  const where = `rule ${index + 1}`;
  const actions = rule.actions ?? (rule.action === undefined ? [] : [rule.action]);
  if (!actions.length && rule.action === undefined && rule.actions === undefined)
    faults.push(`rule ${index + 1} names no action`);
  if (rule.effect !== 'deny' && rule.subjects === undefined && !rule.together)
    faults.push(`rule ${index + 1} names no subject; say anyone if it is for everybody`);
  const written = (rule.subjects ?? []).map((alternative) =>
    [alternative].flat().map((one) => readSubject(one, where, reading)),
  );
  const together = rule.together && readWrittenPlaces(rule.together, where, reading);
  const subjects = distinct(together ? subjectsOf(together) : written);
  // As a policy is answered, the subjects of its places are the rule's.
  if (together && rule.subjects && canonicalJson(distinct(written)) !== canonicalJson(subjects))
    faults.push(`rule ${index + 1}: the subjects of together are the rule's; leave subjects out`);
  const when = (rule.when ?? []).map((condition): Condition => {
    const values = condition.values.map(asText);
    if (condition.match === 'regexp') {
      for (const value of values) {
        const why = patternFault(value);
        if (why) faults.push(`rule ${index + 1}: the pattern ${why}`);
      }
    }
    const { type = 'string', match = 'equal' } = condition;
    for (const value of values)
      if (canonical(type, value) === undefined)
        faults.push(`rule ${index + 1}: ${value} is no ${type}`);
    if (type !== 'string' && match !== 'equal')
      faults.push(`rule ${index + 1}: ${match} is for strings, not ${type}`);
    return {
      category: condition.category,
      name: condition.name,
      values,
      match,
      ...(type === 'string' ? {} : { type }),
      ...(condition.mustBePresent ? { mustBePresent: true } : {}),
    };
  });
  return {
    id: rule.id ?? `rule-${index + 1}`,
    effect: rule.effect ?? 'permit',
    actions: [...new Set(actions)],
    subjects,
    when,
    ...(together ? { together } : {}),
    ...(rule.asCompanySigns ? { asCompanySigns: true as const } : {}),
  };
}

/**
 * A policy from XACML XML; what the catalogue does not know is a fault, what is outside the subset
 * an XacmlFault.
 */
export async function fromXacml(
  xml: string,
  resource: string,
  reading: PolicyReading,
): Promise<Policy> {
  const pace = createPace();
  const read = await readXacml(xml, resource, pace);
  const rules: Rule[] = [];
  for (const rule of read.rules) {
    const subjects = rule.subjects.map((all) => all.map((match) => knownSubject(match, reading)));
    const together = rule.together?.map((place) => ({
      ...place,
      subjects: place.subjects.map((match) => knownSubject(match, reading)),
    }));
    if (
      together &&
      subjects.length &&
      !isAsPlaces(subjects, together, keyRolesOf(reading.catalogue))
    )
      reading.faults.push(
        `rule ${rule.id}: the target's subjects are those of its places, or none`,
      );
    rules.push({
      ...rule,
      subjects: distinct(together ? subjectsOf(together) : subjects),
      ...(together ? { together } : {}),
    });
    await pace();
  }
  const policy = { ...read, rules };
  reading.faults.push(...sizeFaults(policy), ...senseless(policy, reading.type, reading.catalogue));
  return policy;
}

const keyRolesOf = ({ roles }: Catalogue): string[] =>
  [...roles.values()].flatMap(({ code, keyRole }) => (keyRole ? [code] : []));
