// Rules for every call that asks for decisions: who may ask, about whose resources, how much in one
// call, and the name under which the asker stands in the log.
import type { Deciding } from './act.ts';
import { token } from '../caller/doors.ts';
import { callerName, type Caller } from '../caller/model.ts';
import type { NumberGuard, Numbers } from '../caller/numbers.ts';
import { fault, type Fault } from '../platform/errors.ts';
import type { Limits } from '../platform/http/limits.ts';
import type { DecisionLog } from './log/log.ts';
import { knownId } from './rules/facts_model.ts';
import type { Decided, NamedQuestion } from './rules/question_model.ts';
import { problem } from './problems.ts';

/** The parts of operations that ask for decisions, as they are wired. */
export interface DecisionParts {
  log: DecisionLog;
  issuer: string;
  limits: Limits;
  numbers: Numbers;
}

/** The same, for one request. */
export interface DecisionApi extends DecisionParts {
  act: Deciding;
}

export const AUTHORIZE = 'altinn:authorization/authorize';
export const AUTHORIZE_ANY = `${AUTHORIZE}.admin`;

/** The largest number of questions in one call, and of bytes that they take. */
export const MOST = 10_000;
const BODY_LIMIT = 8 * 1024 * 1024;

/** The parts of a declaration that every operation asking for decisions shares. */
export const asking = {
  method: 'POST' as const,
  who: token(AUTHORIZE, AUTHORIZE_ANY),
  limit: 'decision' as const,
  most: BODY_LIMIT,
};

/** Questions of one caller that are at work at once on a node. */
const MOST_AT_WORK = 50_000;

/** Begins so many questions of a caller's, and returns how to end them. */
export const beginAsking = ({ limits }: DecisionParts, caller: Caller, questions: number) =>
  limits.begin('questions', callerName(caller), MOST_AT_WORK, questions);

/** A caller that may ask about all resources answers for numbers by itself. */
const guardOf = ({ numbers }: Pick<DecisionApi, 'numbers'>, caller: Caller): NumberGuard =>
  numbers.of(caller, [AUTHORIZE_ANY]);

/**
 * Answers the questions, and counts whom they name by number and nobody knows. Both are answered
 * alike (`hidesUnknown`), so decisions go on; the operator is warned.
 */
export async function counting<Found extends Pick<Decided, 'facts'>>(
  api: Pick<DecisionApi, 'numbers'>,
  caller: Caller,
  asked: Pick<NamedQuestion, 'subject' | 'from'>[],
  answer: () => Promise<Found[]>,
): Promise<Found[]> {
  const found = await answer();
  const missed = asked.flatMap(({ subject, from }, index) => {
    const { facts } = found[index]!;
    return [
      subject && knownId(facts.subject) === null ? subject : [],
      from && knownId(facts.from) === null ? from : [],
    ].flat();
  });
  if (missed.length) await guardOf(api, caller).note(missed);
  return found;
}

/**
 * The answer to an organisation that lacks the wider scope and asks about another's resource; null
 * for its own.
 */
export function foreign(caller: Caller, { resource }: Pick<Decided, 'resource'>): Fault | null {
  if (caller.scopes.has(AUTHORIZE_ANY)) return null;
  if (caller.kind !== 'organization') throw fault('TIL-00008');
  return resource && resource.ownerNo !== caller.organizationNo
    ? problem('AUTHZ.VLD-00001', { because: resource.id })
    : null;
}

/** A question as its asker may ask it: among its own resources, and learning nothing of numbers. */
export function askedBy(caller: Caller, question: NamedQuestion): NamedQuestion {
  if (caller.scopes.has(AUTHORIZE_ANY)) return { ...question, among: null };
  const among = caller.kind === 'organization' ? caller.organizationNo : null;
  return { ...question, among, hidesUnknown: true };
}

/** 403 where it is not its own. */
export function checkOwner(caller: Caller, found: Pick<Decided, 'resource'>): void {
  const fault = foreign(caller, found);
  if (fault) throw fault;
}
