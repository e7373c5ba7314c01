// Decides who may administer for a party, by asking the decision point about resources that the
// operator's catalogue has rules for (as in Altinn 3). It gives and ends nothing.
import type { Deciding } from '../decision/act.ts';
import { decideAll, decideTogether } from '../decision/commands.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import { byId } from '../decision/search/search.ts';
import { findOpened } from '../decision/search/store.ts';
import { guard } from '../platform/act.ts';
import type { SubjectMatch } from '../resource/policy/model.ts';
import { fault } from '../platform/errors.ts';
import type { Db } from '../platform/db/db.ts';
import { actsFor, insufficientLevel, isOneself, type ActingParties } from '../caller/model.ts';
import { invalid } from './problems.ts';

export const ADMINISTRATION = {
  access: 'altinn_access_management',
  clients: 'altinn_client_administration',
  scopes: 'altinn_maskinporten_scope_delegation',
  instances: 'altinn_instance_delegation',
} as const;
export type Administration = keyof typeof ADMINISTRATION;

const ADMINISTRATIVE = new Set<string>(Object.values(ADMINISTRATION));

/** The thing given, as far as it shows whether its receiver could give or administer by it. */
interface Held {
  package?: string | null;
  resource?: string | null;
  mayPassOn?: boolean | undefined;
}

/**
 * Whether whoever has it may give it on, or administers for its giver by what the rules of
 * administration name. A system user has none such.
 */
export async function isForPeople(
  db: Db,
  { package: code, resource, mayPassOn }: Held,
): Promise<boolean> {
  if (mayPassOn || ADMINISTRATIVE.has(resource ?? '')) return true;
  return code ? (await administrative(db, [code])).size > 0 : false;
}

/** The packages, of these, by which one administers for the giver. */
export async function administrative(db: Db, codes: string[]): Promise<Set<string>> {
  const asked = codes.map((value) => ({ kind: 'package', value }));
  const opened = await findOpened(db, asked, null);
  const over = opened.filter(({ resources }) => resources.some((id) => ADMINISTRATIVE.has(id)));
  return new Set(over.map(({ subject }) => subject));
}

/** Refuses a system user what is for people alone; `place` is where the caller named it. */
export async function mustSuit(
  db: Db,
  { kind }: { kind: string },
  what: Held,
  place: string,
): Promise<void> {
  if (kind === 'system_user' && (await isForPeople(db, what)))
    throw invalid(['AM.VLD-00028', what.mayPassOn ? '/mayPassOn' : place]);
}

/** A person who acts, and how well authenticated. */
export interface Actor extends ActingParties {
  level: number;
}

export async function mayAdminister(
  act: Deciding,
  actor: Actor,
  party: string,
  what: Administration,
): Promise<boolean> {
  return (await administration(act, actor, party, what)).administers;
}

/**
 * The same, with the mandates that it rests on, and by which role, if it is one; none of what is
 * one's own.
 */
export async function administration(
  act: Deciding,
  actor: Actor,
  party: string,
  what: Administration,
): Promise<{ administers: boolean; rests: string[]; role?: string | undefined }> {
  const answer = await ask(act, actor, party, what);
  if (answer?.reason === 'level') throw insufficientLevel(answer.level);
  return answer?.permit
    ? { administers: true, rests: answer.mandates, role: answer.role }
    : { administers: false, rests: [] };
}

/** The subjects that the rules would let administer for the party; an actor who may gets none. */
export const administrators = async (
  act: Deciding,
  actor: Actor,
  party: string,
  what: Administration,
): Promise<SubjectMatch[]> => (await ask(act, actor, party, what))?.wanted ?? [];

/** Undefined for one that the actor has not been chosen for. */
const ask = async (act: Deciding, actor: Actor, party: string, what: Administration) =>
  actsFor(actor, party)
    ? decideTogether(act, {
        subject: actor.party,
        from: party,
        action: 'write',
        resources: [ADMINISTRATION[what]],
        level: actor.level,
      })
    : undefined;

/** The facts about a pair, asked through a resource that every database has. */
export async function factsOf(act: Deciding, actor: string, from: string): Promise<Decided> {
  const resource = ADMINISTRATION.access;
  const pair = { subject: byId(actor), from: byId(from) };
  const [found] = await decideAll(act, [{ ...pair, action: 'write', resource }]);
  return found!;
}

/**
 * Answers for which of several parties the actor may administer at this level of login, asked about
 * together.
 */
export async function administered(
  act: Deciding,
  actor: Actor,
  parties: string[],
  what: Administration,
): Promise<string[]> {
  const each = await Promise.all(parties.map((party) => ask(act, actor, party, what)));
  return parties.filter((_, at) => each[at]?.permit);
}

/** As `mayAdminister`, or 403; each transaction of the act asks it again. */
export const mustAdminister = (
  act: Deciding,
  actor: Actor,
  party: string,
  what: Administration,
): Promise<void> =>
  guard(act, `${actor.party} ${what} ${party}`, (at) =>
    mustStillAdminister(at, actor, party, what),
  );

/** The same, asked once: in a transaction that has waited for another. */
export async function mustStillAdminister(
  act: Deciding,
  actor: Actor,
  party: string,
  what: Administration,
): Promise<void> {
  if (!(await mayAdminister(act, actor, party, what)))
    throw fault('TIL-00008', { because: `no ${what} administration` });
}

/** Whether whoever administers for such a party sees what it has received too. */
export const isReceivedSeen = ({ kind }: { kind: string }): boolean =>
  kind !== 'person' && kind !== 'self_identified';

/**
 * Whether the actor may see and manage what a party has received: itself, or an administrator of an
 * organisation. Nobody but a person sees what the person received from others (as in Altinn 3).
 */
export async function mayManageReceived(
  act: Deciding,
  actor: Actor,
  party: { id: string; kind: string },
): Promise<boolean> {
  if (isOneself(actor, party.id)) return true;
  return isReceivedSeen(party) && mayAdminister(act, actor, party.id, 'access');
}

/** The same, or 403; each transaction of the act asks it again. */
export const mustManageReceived = (
  act: Deciding,
  actor: Actor,
  party: { id: string; kind: string },
): Promise<void> =>
  guard(act, `${actor.party} received ${party.id}`, async (at) => {
    if (!(await mayManageReceived(at, actor, party)))
      throw fault('TIL-00008', { because: 'not the receiver' });
  });
