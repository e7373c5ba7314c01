// XACML 3.0 policies as XML: the supported subset (target matches, combining algorithms, obligations for the security level)
// becomes rows, rows become XML. What is outside is refused by name, never guessed: a wrong Permit would be ours. Pure.
import { DOMParser, type Element } from '@xmldom/xmldom';
import { conjunctions, toRules, type Conjunction, type Match } from './xacml_target_model.ts';
import { COMBINING, type Combining, type Policy } from './policy_model.ts';

const NAMESPACE = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';
const LIMIT = 500_000;

/** Rule- and policy-combining names alike (contract/rights.md D.3); ordered variants decide the same. */
const ALGORITHM = /^urn:oasis:names:tc:xacml:(?:1\.[01]|3\.0):(?:rule|policy)-combining-algorithm:(?:ordered-)?([a-z-]+)$/;
const LEVELS: Record<string, 'person' | 'organization'> = {
  'urn:altinn:minimum-authenticationlevel': 'person', 'urn:altinn:minimum-authenticationlevel-org': 'organization',
};

/** Everything that keeps a policy out, in words that name it. */
export class XacmlFault extends Error {}

const refuse = (why: string): never => { throw new XacmlFault(why); };

/** The element's children; one that is not expected, or in another namespace, is refused. */
function children(element: Element, expected: string[]): Element[] {
  const found: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === 3 || node.nodeType === 4) {
      if (node.nodeValue?.trim()) refuse(`${element.localName} holds text`);
    } else if (node.nodeType === 1) {
      const child = node as Element;
      if (child.namespaceURI !== NAMESPACE) refuse(`${child.nodeName} is not of XACML 3.0`);
      if (!expected.includes(child.localName!)) refuse(`${element.localName} with ${child.localName} is not supported`);
      found.push(child);
    } else if (node.nodeType !== 8) refuse(`${element.localName} holds what is neither element nor comment`);
  }
  return found;
}

const only = (elements: Element[], name: string) => elements.filter((one) => one.localName === name);

/** The element that may be there once. */
function single(elements: Element[], name: string): Element | undefined {
  const [first, ...more] = only(elements, name);
  if (more.length) refuse(`more than one ${name} is not supported`);
  return first;
}

/** An xs:boolean. */
function isTrue(text: string | null): boolean {
  if (text === null || text === 'false' || text === '0') return false;
  return text === 'true' || text === '1' || refuse(`${text} is not true or false`);
}

/** The policy of a resource, or XacmlFault. Role and package names are left as they are written. */
export function readXacml(xml: string, resource: string): Policy {
  if (xml.length > LIMIT) refuse('the policy is larger than 500,000 characters');
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) refuse('a document type is not allowed');
  let root: Element | null;
  try {
    root = new DOMParser({ onError: (level, message) => { if (level !== 'warning') throw new XacmlFault(String(message).split('\n')[0]); } })
      .parseFromString(xml, 'application/xml').documentElement;
  } catch (error) {
    throw new XacmlFault(`not XML: ${(error as Error).message.slice(0, 200)}`);
  }
  if (root?.localName !== 'Policy' || root.namespaceURI !== NAMESPACE) throw new XacmlFault('the root must be a Policy of XACML 3.0');
  const name = root.getAttribute('RuleCombiningAlgId') ?? '';
  const combining = COMBINING.find((known) => known === ALGORITHM.exec(name)?.[1]);
  if (!combining) throw new XacmlFault(`the combining algorithm ${name} is not supported`);
  const parts = children(root, ['Description', 'PolicyDefaults', 'Target', 'Rule', 'ObligationExpressions']);
  const target = targetOf(single(parts, 'Target'));
  const rules = only(parts, 'Rule').flatMap((rule) => readRule(rule, target, resource, combining));
  return { combining, minimumLevel: readLevels(single(parts, 'ObligationExpressions')), rules };
}

function readRule(rule: Element, policyTarget: Conjunction[], resource: string, combining: Combining) {
  const id = rule.getAttribute('RuleId') || refuse('a Rule has no RuleId');
  const effect = rule.getAttribute('Effect');
  if (effect !== 'Permit' && effect !== 'Deny') throw new XacmlFault(`rule ${id}: Effect must be Permit or Deny`);
  const parts = children(rule, ['Description', 'Target']);
  const own = targetOf(single(parts, 'Target'));
  const all = policyTarget.flatMap((outer) => own.map((inner) => [...outer, ...inner]));
  if (all.length > 5_000) throw new XacmlFault(`rule ${id} has more than 5,000 combinations`);
  return toRules(all, { id, effect: effect === 'Permit' ? 'permit' : 'deny', resource, ordered: combining === 'first-applicable' }, (why) => refuse(`rule ${id}: ${why}`));
}

/** A target as alternatives of what must all match; an empty one matches everything (XACML 3.0 §5.6, §7.7). */
function targetOf(target: Element | undefined): Conjunction[] {
  if (!target) return [[]];
  const anyOfs = children(target, ['AnyOf']).map((anyOf) => {
    const allOfs = children(anyOf, ['AllOf']).map((allOf) => {
      const matches = children(allOf, ['Match']).map(readMatch);
      return matches.length ? matches : refuse('an AllOf is empty');
    });
    return allOfs.length ? allOfs : refuse('an AnyOf is empty');
  });
  return conjunctions(anyOfs, () => refuse('a target has more than 5,000 combinations'));
}

function readMatch(match: Element): Match {
  const parts = children(match, ['AttributeValue', 'AttributeDesignator']);
  const [value] = only(parts, 'AttributeValue');
  const [designator] = only(parts, 'AttributeDesignator');
  if (!value || !designator || parts.length !== 2) throw new XacmlFault('a Match needs one AttributeValue and one AttributeDesignator');
  if (designator.getAttribute('Issuer')) refuse('an Issuer is not supported');
  const required = (element: Element, name: string) => element.getAttribute(name) || refuse(`${element.localName} has no ${name}`);
  return {
    function: required(match, 'MatchId'), category: required(designator, 'Category'), attribute: required(designator, 'AttributeId'),
    value: (value.textContent ?? '').trim(), mustBePresent: isTrue(designator.getAttribute('MustBePresent')),
  };
}

/** The security levels; any other obligation is refused, since nobody would honour it. */
function readLevels(obligations: Element | undefined): { person: number; organization: number } {
  const levels = { person: 0, organization: 0 };
  if (!obligations) return levels;
  for (const obligation of children(obligations, ['ObligationExpression'])) {
    if (obligation.getAttribute('FulfillOn') !== 'Permit') refuse('obligations are supported on Permit only');
    for (const assignment of children(obligation, ['AttributeAssignmentExpression'])) {
      const kind = LEVELS[assignment.getAttribute('Category') ?? ''];
      const text = single(children(assignment, ['AttributeValue']), 'AttributeValue')?.textContent?.trim() ?? '';
      if (!kind || !/^[0-4]$/.test(text)) throw new XacmlFault('only obligations for a security level from 0 to 4 are supported');
      levels[kind] = Math.max(levels[kind], Number(text));
    }
  }
  return levels;
}
