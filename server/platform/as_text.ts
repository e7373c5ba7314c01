// Text of a value: of one whose kind is known, and of one that nobody has looked at, which may be
// an object whose `toString` is no function. Nothing else here makes text of values.

/** The text of a value of a kind that has one. */
export const asText = (value: string | number | bigint | boolean | URLSearchParams): string =>
  String(value);

/** The same of what came from outside; undefined for what is neither text, number nor flag. */
export const textOf = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
