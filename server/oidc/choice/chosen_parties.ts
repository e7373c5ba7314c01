// The parties that a person chose for a token: which they are, whatever was asked for, and what a
// token of type urn:tillit:parties says of each at this moment. It knows no page.
import type { Deciding } from '../../decision/act.ts';
import { decideAll } from '../../decision/commands.ts';
import type { Authorized } from '../../decision/search/held.ts';
import { byId } from '../../decision/search/search.ts';
import { iso6523, uuidUrn } from '../../party/model.ts';
import { actionsOf } from '../../resource/policy/model.ts';
import { findPoliciesOf } from '../../resource/policy/store.ts';
import type { Client } from '../client/clients.ts';
import type { Detail } from '../provider/hook_model.ts';
import {
  actionsAsked,
  PARTIES_TYPE,
  REPRESENTATION_TYPES,
  RESOURCE_URN,
  resourcesOf,
} from './representation_details.ts';

/** The parties that a grant was chosen for, of what it keeps; undefined where nobody chose. */
function chosenIn(kept: Detail[] | undefined): string[] | undefined {
  const chosen = (kept ?? []).filter((detail) => REPRESENTATION_TYPES.includes(detail.type));
  return chosen.length ? chosen.flatMap(({ parties }) => (parties ?? []) as string[]) : undefined;
}

/**
 * The parties that a token is for: those of its grant, less what the token leaves out
 * (`told`, its details), where it may be for part of them.
 */
export function partiesOfToken(
  told: Detail[],
  kept: Detail[] | undefined,
  person: string | undefined,
): string[] | undefined {
  const chosen = chosenIn(kept);
  const ours = told.find(({ type }) => type === PARTIES_TYPE);
  if (!chosen || !ours) return chosen;
  const named = (ours.parties as Told[]).map(({ party }) => party ?? uuidUrn(person ?? ''));
  return chosen.filter((id) => named.includes(uuidUrn(id)));
}

/** Whether the person went on as themselves. */
export const isSelfOnly = (kept: Detail[], person: string): boolean =>
  chosenIn(kept)?.every((party) => party === person) ?? false;

type Able = Map<string, Map<string, string[]>>;

/**
 * The person's rights for each of the parties, among the actions and resources asked for: by party,
 * by resource. One gathering, whatever the number.
 */
async function ableFor(
  act: Deciding,
  person: string,
  detail: Detail,
  parties: string[],
): Promise<Able> {
  const wanted = actionsAsked(detail);
  const policies = await findPoliciesOf(act.db, resourcesOf(detail));
  const questions = parties.flatMap((from) =>
    [...policies].flatMap(([resource, policy]) =>
      actionsOf(policy)
        .filter((action) => wanted === null || wanted.includes(action))
        .map((action) => ({ from, resource, action })),
    ),
  );
  const level = Number(detail.level ?? 0);
  const decided = questions.length
    ? await decideAll(
        act,
        questions.map(({ from, ...asked }) => ({
          ...asked,
          subject: byId(person),
          from: byId(from),
          level,
        })),
      )
    : [];
  const able: Able = new Map();
  questions.forEach(({ from, resource, action }, index) => {
    if (!decided[index]!.decision.permit) return;
    const own = able.get(from) ?? new Map<string, string[]>();
    able.set(from, own.set(resource, [...(own.get(resource) ?? []), action]));
  });
  return able;
}

/** Those of the parties for which the person may do something of what is asked for. */
export async function ableAmong(
  act: Deciding,
  person: string,
  detail: Detail,
  found: Authorized[],
): Promise<Authorized[]> {
  if (!resourcesOf(detail).length) return found;
  const ids = found.map(({ party }) => party.id);
  const able = await ableFor(act, person, detail, ids);
  return found.filter(({ party }) => able.has(party.id));
}

/** The strongest login that anything takes. */
const STRONGEST = 4;

/**
 * Among the parties for which something is held, those for which it opens what is asked for; with
 * the level that it takes, where the login is weaker.
 */
export async function offered(
  act: Deciding,
  { party, level }: { party: string; level: number },
  details: Detail[],
  found: Authorized[],
): Promise<(Authorized & { lacks: number | undefined })[]> {
  const able = async (at: number) => {
    const all = new Set<Authorized>();
    for (const detail of details)
      for (const one of await ableAmong(act, party, { ...detail, level: at }, found)) all.add(one);
    return all;
  };
  const now = await able(level);
  const stronger = level < STRONGEST && now.size < found.length ? await able(STRONGEST) : now;
  return found
    .filter((one) => stronger.has(one))
    .map((one) => ({ ...one, lacks: now.has(one) ? undefined : STRONGEST }));
}

/**
 * The object of a token: each party by its id, but the person, who is only said to be one; an
 * organisation by number and name too, a person by name for clients whose operator registered
 * `x-national-numbers`.
 */
export async function resolveChosen(
  act: Deciding,
  person: string,
  detail: Detail,
  { found, client }: { found: Authorized[]; client: Client },
): Promise<Detail> {
  const ids = found.map(({ party }) => party.id);
  const able = await ableFor(act, person, detail, ids);
  const isNamed = client.metadata['x-national-numbers'] === true;
  return {
    type: detail.type,
    parties: found.map(({ party }) => ({
      ...(party.id === person ? { self: true } : { party: uuidUrn(party.id) }),
      kind: party.kind,
      ...(party.organizationNo === null
        ? {}
        : { orgno: iso6523(party.organizationNo), name: party.name }),
      ...(isNamed && party.kind === 'person' ? { name: party.name } : {}),
      ...(resourcesOf(detail).length
        ? {
            resources: [...(able.get(party.id) ?? [])].map(([id, actions]) => ({
              resource: RESOURCE_URN + id,
              actions,
            })),
          }
        : {}),
    })),
  };
}

interface Told {
  /** Absent for the person, who is not to be known again by another client. */
  party?: string;
  resources?: { resource: string; actions: string[] }[];
}

const SELF = 'self';

/** Whether each party that a token names, with what it says of it, is still there. */
export function partiesHold(told: Detail, now: Detail): boolean {
  const held = new Map(
    (now.parties as Told[]).map((one) => [one.party ?? SELF, one.resources ?? []]),
  );
  return (told.parties as Told[]).every(
    ({ party = SELF, resources = [] }) =>
      held.has(party) &&
      resources.every(({ resource, actions }) => {
        const own = held.get(party)!.find((one) => one.resource === resource)?.actions ?? [];
        return actions.every((action) => own.includes(action));
      }),
  );
}
