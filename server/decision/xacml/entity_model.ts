// The parts of a request in XACML's JSON profile: categories with their attributes, read in any
// letter case. It knows no question.
import { namesParty, partyName, type PartyName } from '../../party/model.ts';
import type { Category, GivenValue } from '../../resource/policy/model.ts';
import { DERIVED, LONGEST, MOST_TOLD } from '../rules/question_model.ts';
import { textOf } from '../../platform/as_text.ts';

export interface Attribute {
  id: string;
  values: string[];
  dataType: string;
  /** The type that the asker said; undefined where none was. */
  type?: string | undefined;
  echo: boolean;
}
/**
 * `named` are the parties that it names, undefined when one is malformed; `told` everything that is
 * no name.
 */
export interface Entity {
  category: Category;
  id: string | undefined;
  attributes: Attribute[];
  size: number;
  named: PartyName[] | undefined;
  told: Record<string, GivenValue[]>;
}

export const CATEGORIES = new Map<string, Category>(
  Object.entries({
    accesssubject: 'subject',
    action: 'action',
    resource: 'resource',
    environment: 'environment',
    'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject': 'subject',
    'urn:oasis:names:tc:xacml:3.0:attribute-category:action': 'action',
    'urn:oasis:names:tc:xacml:3.0:attribute-category:resource': 'resource',
    'urn:oasis:names:tc:xacml:3.0:attribute-category:environment': 'environment',
  }),
);
const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema#';
const STRING = `${XML_SCHEMA}string`;

/** The members of an object by name in lower case; undefined for what is no object. */
export function members(value: unknown): Map<string, unknown> | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
}
export const listOf = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** The approximate size of an entity in an answer that repeats it. */
const sizeOf = (attributes: Attribute[]) =>
  attributes.reduce(
    (sum, one) => sum + one.values.reduce((all, value) => all + value.length, 200 + one.id.length),
    0,
  );

export function readEntity(value: unknown, category: Category | undefined): Entity | undefined {
  const entity = members(value);
  if (!entity || !category) return undefined;
  const read = listOf(entity.get('attribute'))
    .slice(0, MOST_TOLD + 1)
    .map(readAttribute);
  if (read.length > MOST_TOLD || read.includes(undefined)) return undefined;
  const attributes = read as Attribute[];
  const given = entity.get('id') ?? undefined;
  const id = textOf(given);
  if (given !== undefined && id === undefined) return undefined;
  return {
    category,
    id,
    attributes,
    size: sizeOf(attributes),
    named: partiesIn(attributes),
    told: free(attributes),
  };
}

function readAttribute(value: unknown): Attribute | undefined {
  const attribute = members(value);
  const id = attribute?.get('attributeid');
  if (!attribute || typeof id !== 'string' || !id) return undefined;
  const values = listOf(attribute.get('value'))
    .slice(0, MOST_TOLD + 1)
    .map(textOf);
  if (values.length > MOST_TOLD || values.some((one) => one === undefined || one.length > LONGEST))
    return undefined;
  const dataType = attribute.get('datatype');
  return {
    id,
    values: values as string[],
    dataType: typeof dataType === 'string' ? dataType : STRING,
    type: typeof dataType === 'string' ? dataType.replace(XML_SCHEMA, '') : undefined,
    echo: attribute.get('includeinresult') === true,
  };
}

/** Every party that the attributes name; undefined when one is malformed. */
function partiesIn(attributes: Attribute[]): PartyName[] | undefined {
  const named = attributes
    .filter((one) => namesParty(one.id))
    .flatMap((one) => one.values.map((value) => partyName(one.id, value)));
  return named.includes(undefined) ? undefined : (named as PartyName[]);
}

/** A value with its type, where the asker said one. */
const typed = (type: string | undefined, value: string): GivenValue =>
  type === undefined ? value : { type, value };

function free(attributes: Attribute[]): Record<string, GivenValue[]> {
  const kept = new Map<string, GivenValue[]>();
  for (const { id, values, type } of attributes)
    if (!namesParty(id) && !DERIVED.test(id))
      kept.set(id, [...(kept.get(id) ?? []), ...values.map((value) => typed(type, value))]);
  return Object.fromEntries(kept);
}
