// A token for part of what was granted (RFC 9396 §6): an object that a client sends stays within
// one that it was granted, and its arrays name the part. Pure.
import { errors } from 'oidc-provider';
import type { Detail } from '../provider/hook_model.ts';

/** Items of one array that a client may name. */
const MOST_NAMED = 500;

type Members = Record<string, unknown>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The granted value, less the items of its arrays that are not asked for; undefined where something
 * is asked for that it does not have.
 */
function within(granted: unknown, asked: unknown): unknown {
  if (Array.isArray(asked)) {
    if (!Array.isArray(granted) || !asked.length || asked.length > MOST_NAMED) return undefined;
    const items = asked.map((one) => firstWithin(granted, one));
    return items.includes(undefined) ? undefined : items;
  }
  if (!isObject(asked)) return granted === asked ? granted : undefined;
  if (!isObject(granted)) return undefined;
  const part: Members = { ...granted };
  for (const [name, value] of Object.entries(asked)) {
    part[name] = Object.hasOwn(granted, name) ? within(granted[name], value) : undefined;
    if (part[name] === undefined) return undefined;
  }
  return part;
}

function firstWithin(granted: unknown[], asked: unknown): unknown {
  for (const one of granted) {
    const part = within(one, asked);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** The refusal of what the grant does not have. */
export const beyondGrant = () =>
  new errors.InvalidAuthorizationDetails('only what was granted can be asked for here');

/**
 * The part of what was granted that is asked for, each object of another that was granted. Throws
 * InvalidAuthorizationDetails for more.
 */
export function narrowed(granted: Detail[], asked: Detail[]): Detail[] {
  const left = [...granted];
  // Uses that were left when the client read them are no right that it asks for.
  return asked.map(({ usesLeft: _counted, ...one }) => {
    for (const [at, detail] of left.entries()) {
      const part = within(detail, one);
      if (part === undefined) continue;
      left.splice(at, 1);
      return part as Detail;
    }
    throw beyondGrant();
  });
}
