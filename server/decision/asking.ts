// What every way of asking for decisions has in common: who may ask, about whose resources, how
// much in one call, and under which name an asker stands in the log.
import { token } from '../caller/doors.ts';
import { callerName, type Caller } from '../caller/model.ts';
import type { PartyName } from '../party/model.ts';
import { fault, type Fault } from '../platform/errors.ts';
import type { Limits } from '../platform/limits.ts';
import type { Decide } from './commands.ts';
import type { DecisionLog } from './log.ts';
import type { Decided, NamedQuestion } from './question_model.ts';
import type { DecisionPoint } from './point.ts';
import { problem } from './problems.ts';

export interface DecisionApi {
  point: DecisionPoint;
  log: DecisionLog;
  decide: Decide;
  issuer: string;
  limits: Limits;
}

export const AUTHORIZE = 'altinn:authorization/authorize';
export const AUTHORIZE_ANY = `${AUTHORIZE}.admin`;

/** The largest number of questions in one call, and of bytes that they take. */
export const MOST = 10_000;
export const BODY_LIMIT = 8 * 1024 * 1024;

/** What every operation that asks for decisions has in common. */
export const asking = {
  method: 'POST' as const,
  who: token(AUTHORIZE, AUTHORIZE_ANY),
  limit: 'decision' as const,
  most: BODY_LIMIT,
};

/** Questions of one caller that are at work at once on a node. */
const MOST_AT_WORK = 50_000;

/** Begins so many questions of a caller's, and tells how to end them. */
export const beginAsking = ({ limits }: DecisionApi, caller: Caller, questions: number) =>
  limits.begin('questions', callerName(caller), MOST_AT_WORK, questions);

/** Of whom unknown persons are counted: who may ask about all resources is trusted with numbers. */
const countedAs = (caller: Caller): string | undefined =>
  caller.kind === 'organization' && !caller.scopes.has(AUTHORIZE_ANY)
    ? caller.organizationNo
    : undefined;

const byNumber = (name: PartyName | null | undefined) => name?.by === 'person';

/**
 * Answers the questions, and counts the persons in them that nobody knows: an organisation that
 * asks for many is told of no person by number for the rest of the day (TIL-00035), lest it learns
 * which numbers there are.
 */
export async function counting<Found extends Pick<Decided, 'facts'>>(
  { limits }: DecisionApi,
  caller: Caller,
  asked: Pick<NamedQuestion, 'subject' | 'from'>[],
  answer: () => Promise<Found[]>,
): Promise<Found[]> {
  const who = countedAs(caller);
  if (who === undefined || !asked.some(({ subject, from }) => byNumber(subject) || byNumber(from)))
    return answer();
  limits.mustBeOpen('asked', who);
  const found = await answer();
  const unknown = new Set(
    asked.flatMap(({ subject, from }, index) => {
      const { facts } = found[index]!;
      return [
        ...(byNumber(subject) && !facts.subject ? [subject!.value] : []),
        ...(byNumber(from) && !facts.from ? [from!.value] : []),
      ];
    }),
  );
  if (unknown.size) await limits.count('asked', who, unknown.size);
  return found;
}

/** What an organisation without the wider scope hears of another's resource; null of its own. */
export function foreign(caller: Caller, { resource }: Pick<Decided, 'resource'>): Fault | null {
  if (caller.scopes.has(AUTHORIZE_ANY)) return null;
  if (caller.kind !== 'organization') throw fault('TIL-00008');
  return resource && resource.ownerNo !== caller.organizationNo
    ? problem('AUTHZ.VLD-00001', { because: resource.id })
    : null;
}

/** Among whose resources an instance is looked for that is named alone. */
export const among = (caller: Caller): string | null =>
  caller.scopes.has(AUTHORIZE_ANY) || caller.kind !== 'organization' ? null : caller.organizationNo;

/** 403 where it is not its own. */
export function checkOwner(caller: Caller, found: Pick<Decided, 'resource'>): void {
  const fault = foreign(caller, found);
  if (fault) throw fault;
}
