// Pieces that operations declare their shapes with: JSON Schema (2020-12) with types. Every text,
// number and list is bounded, and no object is open but the few that say so by name. No domain
// word.
import Type, { type Static, type TSchema } from 'typebox';

export { Type, type Static, type TSchema };

/**
 * The codes of a contract for what is wrong with a member, where it has its own; and its own
 * pointer to it.
 */
export interface MemberCodes {
  required?: string;
  type?: string;
  path?: string;
}

/** A schema whose faults have codes of their own. */
export const coded = <Schema extends TSchema>(codes: MemberCodes, schema: Schema): Schema =>
  ({ ...schema, 'x-codes': codes }) as Schema;

/** A schema that stands under its name in the description. */
export const named = <Schema extends TSchema>(name: string, schema: Schema): Schema =>
  ({ ...schema, 'x-name': name }) as Schema;

/**
 * A schema that the noun itself holds its pieces against, one by one: a batch fails in parts, and
 * reading it at once would hold the thread.
 */
export const later = <Schema extends TSchema>(schema: Schema): Schema =>
  ({ ...schema, 'x-later': true }) as Schema;

/** A schema whose unknown members are refused, also where others are let pass. */
export const exact = <Schema extends TSchema>(schema: Schema): Schema =>
  ({ ...schema, 'x-exact': true }) as Schema;

/** An object with these members and no other. */
export const shape = <Members extends Record<string, TSchema>>(members: Members, options = {}) =>
  Type.Object(members, { additionalProperties: false, ...options });

export const nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Union([schema, Type.Null()], codesOf(schema));

const codesOf = (schema: object) => ('x-codes' in schema ? { 'x-codes': schema['x-codes'] } : {});

/** May be left out, and null means the same. */
export const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(nullable(schema));

export const text = (maxLength: number, options = {}) =>
  Type.String({ minLength: 1, maxLength, ...options });

export const uuid = () => Type.String({ format: 'uuid', maxLength: 36 });

/** An instant with its offset (RFC 3339), from year 0001 on. */
export const instant = () =>
  Type.String({
    format: 'date-time',
    pattern: '^(?!0000)\\d{4}-\\d{2}-\\d{2}[Tt]',
    maxLength: 40,
  });

/** An instant as answers have it. */
export const instantOut = () => Type.String({ format: 'date-time' });

export const oneOf = <const Values extends readonly string[]>(values: Values, options = {}) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...options });

export const list = <Schema extends TSchema>(items: Schema, maxItems: number, options = {}) =>
  Type.Array(items, { maxItems, ...options });

/** A text for each language. */
export const translated = (maxLength: number) =>
  Type.Partial(shape({ nb: text(maxLength), nn: text(maxLength), en: text(maxLength) }));

/**
 * An object of whatever its owner puts into it, named so that it can be looked up: nothing of ours
 * reads inside.
 */
export const open = (name: string, options = {}, values: TSchema = Type.Unknown()) =>
  named(
    name,
    Type.Record(Type.String({ maxLength: 200 }), values, {
      maxProperties: 100,
      ...options,
    }),
  );

/** Rows with the address of the next page. */
export const rows = <Schema extends TSchema>(row: Schema) =>
  shape({ data: Type.Array(row), links: shape({ next: nullable(Type.String()) }) });
