// Terms of a request that are ours and not the contract's: how often a consent may be used, and the
// one that it replaces. Pure.
import { isUuid } from '../../platform/ids.ts';
import { MOST_USES_LIMITED, PERIODS, type UseLimit } from '../../resource/uses_model.ts';
import type { Findings } from '../problems.ts';
import { readMembers, type SentMembers } from './members_model.ts';

/** The consent that ends as this one begins, and whether this one renews it. */
export interface Replaced {
  id: string;
  renews: boolean;
}

/** The limit of uses as it is sent; undefined where it is absent, or wrong. */
export function readUses(value: unknown, findings: Findings): UseLimit | undefined {
  if (value === undefined || value === null) return undefined;
  const members = readMembers(value, '/uses', findings);
  if (!members) return undefined;
  const total = readNumber(members.get('total') ?? undefined, '/uses/total', findings);
  const told = members.get('per') ?? undefined;
  const per = told === undefined ? undefined : readMembers(told, '/uses/per', findings);
  if (told !== undefined && !per) return undefined;
  if (!per && (members.get('total') ?? undefined) === undefined)
    findings.invalid('STD.VLD-00000', '/uses');
  if (!per && total === undefined) return undefined;
  const limit: UseLimit = total === undefined ? {} : { total };
  if (!per) return limit;
  const number = readNumber(per.get('number') ?? null, '/uses/per/number', findings);
  const period = PERIODS.find((one) => one === per.get('period'));
  if (!period) findings.invalid('TIL.VLD-00001', '/uses/per/period');
  return number === undefined || !period ? undefined : { ...limit, per: { number, period } };
}

function readNumber(value: unknown, path: string, findings: Findings): number | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 1 &&
    value <= MOST_USES_LIMITED
  )
    return value;
  findings.invalid('TIL.VLD-00001', path);
  return undefined;
}

/** The request of another giver with which this one is asked. */
export function readWith(members: SentMembers, findings: Findings): string | undefined {
  const id = members.get('with') ?? null;
  if (id === null) return undefined;
  if (isUuid(id)) return id.toLowerCase();
  findings.invalid('TIL.VLD-00001', '/with');
  return undefined;
}

/** The consent that is to be replaced or renewed; one of the two is said, or none. */
export function readReplaced(members: SentMembers, findings: Findings): Replaced | undefined {
  const [replaced, renewed] = [members.get('replaces') ?? null, members.get('renews') ?? null];
  const name = renewed === null ? 'replaces' : 'renews';
  const id = renewed ?? replaced;
  if (id === null) return undefined;
  if (isUuid(id) && (replaced === null || renewed === null))
    return { id: id.toLowerCase(), renews: name === 'renews' };
  findings.invalid('TIL.VLD-00001', `/${name}`);
  return undefined;
}
