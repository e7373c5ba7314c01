// XACML 3.0 policies as XML: the supported subset (target matches, combining algorithms,
// obligations for the security level) becomes rows, rows become XML. What is outside is refused by
// name, never guessed: a wrong Permit would be ours. Pure.
import type { Pace } from '../../platform/pace.ts';
import { readXml, XmlFault, type Element } from './xml_model.ts';
import { sizeOf, toRules, type Conjunction, type Match } from './xacml_target_model.ts';
import { COMBINING, type Combining, type Policy, type Rule } from './model.ts';
import { parseJoint, TOGETHER, type Joint } from './place_model.ts';

const NAMESPACE = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';
const LIMIT = 500_000;

/**
 * Rule- and policy-combining names alike (XACML 3.0, appendix C); ordered variants decide the
 * same.
 */
const ALGORITHM =
  /^urn:oasis:names:tc:xacml:(?:1\.[01]|3\.0):(?:rule|policy)-combining-algorithm:(?:ordered-)?([a-z-]+)$/;
const LEVELS: Record<string, 'person' | 'organization'> = {
  'urn:altinn:minimum-authenticationlevel': 'person',
  'urn:altinn:minimum-authenticationlevel-org': 'organization',
};

/** Everything that keeps a policy out, in words that name it. */
export class XacmlFault extends Error {}

const refuse = (why: string): never => {
  throw new XacmlFault(why);
};

/** The element's children; one that is not expected, or in another namespace, is refused. */
function children(element: Element, expected: string[]): Element[] {
  if (element.text.trim()) refuse(`${element.name} holds text`);
  for (const child of element.children) {
    if (child.namespace !== NAMESPACE) refuse(`${child.name} is not of XACML 3.0`);
    if (!expected.includes(child.name))
      refuse(`${element.name} with ${child.name} is not supported`);
  }
  return element.children;
}

const only = (elements: Element[], name: string) => elements.filter((one) => one.name === name);

/** The element that may be there once. */
function single(elements: Element[], name: string): Element | undefined {
  const [first, ...more] = only(elements, name);
  if (more.length) refuse(`more than one ${name} is not supported`);
  return first;
}

/** An xs:boolean. */
function isTrue(text: string | undefined): boolean {
  if (text === undefined || text === 'false' || text === '0') return false;
  return text === 'true' || text === '1' || refuse(`${text} is not true or false`);
}

/** As many matches as all targets together may come to once they are spelt out. */
const MOST_MATCHES = 50_000;

/** The alternatives that one reading has spelt out so far. */
interface Reading {
  resource: string;
  combining: Combining;
  pace: Pace;
  matches: number;
}

/** The policy of a resource, or XacmlFault. Role and package names are left as they are written. */
export async function readXacml(text: string, resource: string, pace: Pace): Promise<Policy> {
  const xml = text.replace(/^\uFEFF/, '');
  if (xml.length > LIMIT) refuse('the policy is larger than 500,000 characters');
  const root = await readXml(xml, pace).catch((error: Error) => {
    throw error instanceof XmlFault ? new XacmlFault(error.message) : error;
  });
  if (root.name !== 'Policy' || root.namespace !== NAMESPACE)
    throw new XacmlFault('the root must be a Policy of XACML 3.0');
  const name = root.attributes.get('RuleCombiningAlgId') ?? '';
  const combining = COMBINING.find((known) => known === ALGORITHM.exec(name)?.[1]);
  if (!combining) throw new XacmlFault(`the combining algorithm ${name} is not supported`);
  const parts = children(root, [
    'Description',
    'PolicyDefaults',
    'Target',
    'Rule',
    'ObligationExpressions',
  ]);
  const target = targetOf(single(parts, 'Target'));
  const reading: Reading = { resource, combining, pace, matches: 0 };
  const rules: Rule[] = [];
  for (const rule of only(parts, 'Rule')) rules.push(...(await readRule(rule, target, reading)));
  return { combining, minimumLevel: readLevels(single(parts, 'ObligationExpressions')), rules };
}

async function readRule(
  rule: Element,
  policyTarget: Conjunction[][],
  reading: Reading,
): Promise<Rule[]> {
  const { resource, combining, pace } = reading;
  const id = rule.attributes.get('RuleId') || refuse('a Rule has no RuleId');
  const effect = rule.attributes.get('Effect');
  if (effect !== 'Permit' && effect !== 'Deny')
    throw new XacmlFault(`rule ${id}: Effect must be Permit or Deny`);
  const parts = children(rule, ['Description', 'Target', 'ObligationExpressions']);
  const joint = readJoint(single(parts, 'ObligationExpressions'), id);
  const anyOfs = [...policyTarget, ...targetOf(single(parts, 'Target'))];
  reading.matches += sizeOf(anyOfs);
  if (reading.matches > MOST_MATCHES)
    throw new XacmlFault(`up to rule ${id} the targets have more than 50,000 combinations`);
  const rules = await toRules(
    anyOfs,
    {
      id,
      effect: effect === 'Permit' ? 'permit' : 'deny',
      resource,
      ordered: combining === 'first-applicable',
    },
    (why) => refuse(`rule ${id}: ${why}`),
    pace,
  );
  if (!joint) return rules;
  if (rules.length !== 1) refuse(`rule ${id}: together is of one target`);
  return [{ ...rules[0]!, ...joint }];
}

/** The places of a rule; any other obligation is refused, since nobody would honour it. */
function readJoint(obligations: Element | undefined, id: string): Joint | undefined {
  if (!obligations) return undefined;
  const all = children(obligations, ['ObligationExpression']);
  const [obligation] = all;
  const texts =
    all.length === 1 &&
    obligation!.attributes.get('ObligationId') === TOGETHER &&
    obligation!.attributes.get('FulfillOn') === 'Permit'
      ? children(obligation!, ['AttributeAssignmentExpression']).map((assignment) => {
          const value = single(children(assignment, ['AttributeValue']), 'AttributeValue');
          return value ? textOf(value) : '';
        })
      : [];
  return (
    parseJoint(texts) ??
    refuse(`rule ${id}: only the obligation ${TOGETHER} is supported in a rule`)
  );
}

/**
 * A target as what must all match, each in one of its alternatives; an empty one matches everything
 * (XACML 3.0 §5.6, §7.7).
 */
function targetOf(target: Element | undefined): Conjunction[][] {
  if (!target) return [];
  return children(target, ['AnyOf']).map((anyOf) => {
    const allOfs = children(anyOf, ['AllOf']).map((allOf) => {
      const matches = children(allOf, ['Match']).map(readMatch);
      return matches.length ? matches : refuse('an AllOf is empty');
    });
    return allOfs.length ? allOfs : refuse('an AnyOf is empty');
  });
}

function readMatch(match: Element): Match {
  const parts = children(match, ['AttributeValue', 'AttributeDesignator']);
  const [value] = only(parts, 'AttributeValue');
  const [designator] = only(parts, 'AttributeDesignator');
  if (!value || !designator || parts.length !== 2)
    throw new XacmlFault('a Match needs one AttributeValue and one AttributeDesignator');
  if (designator.attributes.get('Issuer')) refuse('an Issuer is not supported');
  const required = (element: Element, name: string) =>
    element.attributes.get(name) || refuse(`${element.name} has no ${name}`);
  return {
    function: required(match, 'MatchId'),
    category: required(designator, 'Category'),
    attribute: required(designator, 'AttributeId'),
    value: textOf(value),
    written: value.text,
    dataType: typeOf(value, designator),
    mustBePresent: isTrue(designator.attributes.get('MustBePresent')),
  };
}

const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema#';

/** The type of a match, as both its sides say it (XACML 3.0 §7.3.2); text where neither does. */
function typeOf(value: Element, designator: Element): string {
  const types = [value, designator].flatMap((one) => one.attributes.get('DataType') ?? []);
  const [type = `${XML_SCHEMA}string`] = types;
  if (types.some((one) => one !== type))
    refuse(`a value of ${types[0]} is compared with an attribute of ${types[1]}`);
  if (!type.startsWith(XML_SCHEMA)) refuse(`the type ${type} is not supported`);
  return type.slice(XML_SCHEMA.length);
}

/** The text of an element that holds nothing else. */
function textOf(element: Element): string {
  if (element.children.length) refuse(`${element.name} holds elements`);
  return element.text.trim();
}

/** The security levels; any other obligation is refused, since nobody would honour it. */
function readLevels(obligations: Element | undefined): { person: number; organization: number } {
  const levels = { person: 0, organization: 0 };
  if (!obligations) return levels;
  for (const obligation of children(obligations, ['ObligationExpression'])) {
    if (obligation.attributes.get('FulfillOn') !== 'Permit')
      refuse('obligations are supported on Permit only');
    for (const assignment of children(obligation, ['AttributeAssignmentExpression'])) {
      const category = assignment.attributes.get('Category') ?? '';
      const kind = Object.hasOwn(LEVELS, category) ? LEVELS[category] : undefined;
      const value = single(children(assignment, ['AttributeValue']), 'AttributeValue');
      const text = value ? textOf(value) : '';
      if (!kind || !/^[0-4]$/.test(text))
        throw new XacmlFault('only obligations for a security level from 0 to 4 are supported');
      levels[kind] = Math.max(levels[kind], Number(text));
    }
  }
  return levels;
}
