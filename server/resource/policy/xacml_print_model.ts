// Our rules as XACML 3.0 XML, so that what came in can go out and be read elsewhere. Pure.
import {
  ACTION_ID,
  distinct,
  RESOURCE_ID,
  type Condition,
  type Policy,
  type Rule,
  type SubjectMatch,
} from './model.ts';
import { jointTexts, TOGETHER } from './place_model.ts';
import type { Catalogue } from '../catalogue/model.ts';
import type { ValueType } from './value_model.ts';

const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema#';
const equal = (type: ValueType) => `urn:oasis:names:tc:xacml:1.0:function:${type}-equal`;
const FUNCTIONS: Record<Exclude<Condition['match'], 'equal'>, string> = {
  equal_ignore_case: 'urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case',
  regexp: 'urn:oasis:names:tc:xacml:1.0:function:string-regexp-match',
};
const CATEGORIES = {
  subject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
  action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
  resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
  environment: 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment',
};

const escapeXml = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const match = (
  category: keyof typeof CATEGORIES,
  attribute: string,
  value: string,
  how = equal('string'),
  { type = 'string', mustBePresent = false }: Pick<Condition, 'type' | 'mustBePresent'> = {},
) =>
  `<xacml:Match MatchId="${how}">` +
  `<xacml:AttributeValue DataType="${XML_SCHEMA}${type}">${escapeXml(value)}</xacml:AttributeValue>` +
  `<xacml:AttributeDesignator AttributeId="${escapeXml(attribute)}" Category="${CATEGORIES[category]}" DataType="${XML_SCHEMA}${type}" MustBePresent="${mustBePresent}"/></xacml:Match>`;
const anyOf = (alternatives: string[]) =>
  `<xacml:AnyOf>${alternatives.map((one) => `<xacml:AllOf>${one}</xacml:AllOf>`).join('')}</xacml:AnyOf>`;

/** The attribute and value that a policy names a subject with. */
export function subjectAttribute({ kind, value }: SubjectMatch): { type: string; value: string } {
  switch (kind) {
    case 'self':
      return { type: 'urn:altinn:rolecode', value: 'priv' };
    case 'key_role':
      return { type: 'urn:tillit:keyrole', value: 'true' };
    case 'role':
      return { type: 'urn:altinn:rolecode', value };
    case 'package':
      return { type: 'urn:altinn:accesspackage', value };
    case 'organization':
      return { type: 'urn:altinn:organization:identifier-no', value };
    case 'party':
      return { type: 'urn:altinn:party:uuid', value };
    case 'username':
      return { type: 'urn:altinn:username', value };
    case 'access_list':
      return { type: 'urn:altinn:access-list', value };
    case 'party_type':
      return { type: 'urn:altinn:partytype', value };
    case 'register':
      return { type: 'urn:tillit:register', value };
    case 'passed_on':
      return { type: 'urn:altinn:resource:delegation', value };
    case 'attribute':
      return {
        type: value.slice(0, value.indexOf('=')),
        value: value.slice(value.indexOf('=') + 1),
      };
    case 'any':
      return { type: 'urn:tillit:anyone', value: 'true' };
  }
}

/**
 * Key roles are printed by their names and organisations by their kinds, as nothing in XACML stands
 * for them all; everybody needs no telling beside another.
 */
function expand(all: SubjectMatch[], catalogue: Catalogue): SubjectMatch[][] {
  const keys = [...catalogue.roles.values()]
    .filter((role) => role.keyRole)
    .map((role): SubjectMatch => ({ kind: 'role', value: role.code }));
  return all
    .filter(({ kind }) => kind !== 'any')
    .reduce<SubjectMatch[][]>(
      (done, one) =>
        done.flatMap((outer) =>
          (one.kind === 'key_role' ? keys : isEvery(one) ? EVERY : [one]).map((inner) => [
            ...outer,
            inner,
          ]),
        ),
      [[]],
    );
}

const isEvery = ({ kind, value }: SubjectMatch) => kind === 'organization' && value === '';
const EVERY: SubjectMatch[] = ['organization', 'subunit'].map((value) => ({
  kind: 'party_type',
  value,
}));

function printRule(rule: Rule, resource: string, catalogue: Catalogue): string {
  const open =
    rule.subjects.length === 0 ||
    rule.subjects.some((all) => all.every((one) => one.kind === 'any'));
  // A subject that is named twice is expanded once: seven times "a key role" are seven to the
  // seventh otherwise.
  const subjects = open
    ? []
    : distinct(rule.subjects)
        .flatMap((all) => expand(all, catalogue))
        .map((all) =>
          all
            .map((one) => {
              const { type, value } = subjectAttribute(one);
              return match('subject', type, value, equal(one.type ?? 'string'), one);
            })
            .join(''),
        );
  const target = [
    ...(subjects.length ? [anyOf(subjects)] : []),
    anyOf([match('resource', RESOURCE_ID, resource)]),
    ...(rule.actions.length
      ? [anyOf(rule.actions.map((action) => match('action', ACTION_ID, action)))]
      : []),
    ...rule.when.map((one) =>
      anyOf(
        one.values.map((value) =>
          match(
            one.category,
            one.name,
            value,
            one.match === 'equal' ? equal(one.type ?? 'string') : FUNCTIONS[one.match],
            one,
          ),
        ),
      ),
    ),
  ];
  return `<xacml:Rule RuleId="${escapeXml(rule.id)}" Effect="${rule.effect === 'permit' ? 'Permit' : 'Deny'}"><xacml:Target>${target.join('')}</xacml:Target>${printPlaces(rule)}</xacml:Rule>`;
}

/** Each place as a value of an obligation, without which a reader would let in each one alone. */
const printPlaces = ({ together, ...rule }: Rule): string =>
  together
    ? `<xacml:ObligationExpressions><xacml:ObligationExpression ObligationId="${TOGETHER}" FulfillOn="Permit">${jointTexts(
        { ...rule, together },
      )
        .map(
          (text) =>
            `<xacml:AttributeAssignmentExpression AttributeId="urn:tillit:together"><xacml:AttributeValue DataType="${XML_SCHEMA}string">${escapeXml(text)}</xacml:AttributeValue></xacml:AttributeAssignmentExpression>`,
        )
        .join('')}</xacml:ObligationExpression></xacml:ObligationExpressions>`
    : '';

function printObligation(index: number, level: number, category: string): string {
  return level === 0
    ? ''
    : `<xacml:ObligationExpression ObligationId="urn:altinn:obligation:authenticationLevel${index}" FulfillOn="Permit">` +
        `<xacml:AttributeAssignmentExpression AttributeId="urn:altinn:obligation-assignment:${index}" Category="${category}">` +
        `<xacml:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer">${level}</xacml:AttributeValue>` +
        '</xacml:AttributeAssignmentExpression></xacml:ObligationExpression>';
}

/** The policy as XML, a rule at a time. */
export function* printXacml(
  policy: Policy,
  resource: string,
  version: number,
  catalogue: Catalogue,
): Generator<string> {
  const prefix =
    policy.combining === 'first-applicable'
      ? 'urn:oasis:names:tc:xacml:1.0'
      : 'urn:oasis:names:tc:xacml:3.0';
  const obligations =
    printObligation(1, policy.minimumLevel.person, 'urn:altinn:minimum-authenticationlevel') +
    printObligation(
      2,
      policy.minimumLevel.organization,
      'urn:altinn:minimum-authenticationlevel-org',
    );
  yield `<?xml version="1.0" encoding="utf-8"?>\n<xacml:Policy xmlns:xacml="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" ` +
    `PolicyId="urn:altinn:resource:${escapeXml(resource)}" Version="1.${version}" RuleCombiningAlgId="${prefix}:rule-combining-algorithm:${policy.combining}"><xacml:Target/>`;
  for (const rule of policy.rules) yield printRule(rule, resource, catalogue);
  yield `${obligations ? `<xacml:ObligationExpressions>${obligations}</xacml:ObligationExpressions>` : ''}</xacml:Policy>\n`;
}
