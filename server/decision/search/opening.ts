// The rights open to a subject for each party it may act for: exactly what the decision point
// permits, computed from mandates read once, whatever their number. Rights open to everyone, or to
// a kind of party, are not listed by party; answers of live registers are not known here.
import type { Deciding } from '../act.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { actionsOf, type Policy, type SubjectMatch } from '../../resource/policy/model.ts';
import type { PartyRow } from '../../party/store.ts';
import { decideAll } from '../commands.ts';
import { isEverybody, withoutEverybody } from '../rules/everybody_model.ts';
import { decide, type MandateFacts, type PartyFacts, type ResourceFacts } from '../rules/model.ts';
import type { Grain } from '../rules/facts_model.ts';
import type { Instance } from './held.ts';
import { reachOf } from './reach_model.ts';
import { byId } from './search.ts';
import { findLists, findOpened, type HeldRow } from './store.ts';
import { tagsOf } from '../rules/tags_model.ts';

export interface Around {
  subject: PartyRow;
  rows: HeldRow[];
  known: Map<string, PartyRow>;
  /** The living owner of each sole proprietorship, by firm. */
  owners: Map<string, string[]>;
  ownerNo: string | null;
  catalogue: Catalogue;
}

interface Open {
  resources: string[];
  instances: Instance[];
}

/** The resources that each role and package opens, by `kind value`. */
type Opened = Map<string, string[]>;

export interface Opening {
  opened: Opened;
  openOf: (party: PartyRow) => Open;
}

const LEVEL = 4;
const UNNAMED = '';
const NO_LISTS: string[] = [];
const NOTHING: Open = { resources: [], instances: [] };
interface Candidate {
  resource: ResourceFacts;
  /** Without what it opens to everybody. */
  policy: Policy;
  whole: Policy;
  actions: string[];
}

/** Asks once what could be open to any of the parties, and then answers for each. */
export async function openingFor(
  act: Deciding,
  around: Around,
  parties: PartyRow[],
): Promise<Opening> {
  const countingIn = countingFor(around);
  const self = factsOf(around.subject, []);
  const keys = new Map<string, string>();
  const mandatesOf = new Map<string, MandateFacts[]>();
  const tags = new Set<string>();
  for (const party of parties) {
    const counting = countingIn.get(party.id) ?? [];
    const key = keyOf(party, counting, around);
    keys.set(party.id, key);
    if (mandatesOf.has(key)) continue;
    const mandates = factsFrom(counting, around);
    mandatesOf.set(key, mandates);
    const facts = { subject: self, from: factsOf(party, []) };
    for (const tag of tagsOf(around.catalogue, facts, mandates).keys()) tags.add(tag);
  }
  const kinds = [...tags].map(split).filter((one) => !isEverybody(one));
  const found = await findOpened(act.db, kinds, around.ownerNo);
  const opened: Opened = new Map(found.map((row) => [`${row.kind} ${row.subject}`, row.resources]));
  const single = around.rows.flatMap(({ resource }) => resource ?? []);
  const ids = [...new Set([...found.flatMap(({ resources }) => resources), ...single])];
  const { candidates, subject } = await readAll(act, around, ids);
  const gated = [...candidates.values()].some(({ resource }) => resource.accessListMode);
  const lists = gated
    ? await findLists(
        act.db,
        parties.map(({ id }) => id),
      )
    : new Map<string, string[]>();
  const answers = new Map<string, Open>();
  return {
    opened,
    openOf(party) {
      const key = keys.get(party.id);
      if (!subject || key === undefined) return NOTHING;
      const mandates = mandatesOf.get(key)!;
      const own = lists.get(party.id) ?? NO_LISTS;
      const whole = own.length ? `${key}|${own.sort().join()}` : key;
      const known = answers.get(whole);
      if (known) return known;
      const from = party.id === subject.id ? subject : factsOf(party, own);
      const answer = open(around, { subject, from, mandates }, { candidates, opened });
      answers.set(whole, answer);
      return answer;
    },
  };
}

const split = (tag: string): SubjectMatch => ({
  kind: tag.slice(0, tag.indexOf(' ')) as SubjectMatch['kind'],
  value: tag.slice(tag.indexOf(' ') + 1),
});

const factsOf = (
  { id, kind, ended, name, organizationNo, username, unitType, parent }: PartyRow,
  lists: string[],
): PartyFacts => ({
  ...{ id, kind, ended, name, no: organizationNo, username, unitType, parent },
  lists,
});

/** A mandate that counts for a party, and where it is held. */
interface Counting {
  row: HeldRow;
  held: MandateFacts['held'];
}

/** The mandates that count for each party. */
function countingFor({ rows, known, owners, catalogue }: Around): Map<string, Counting[]> {
  const units = [...known.values()].flatMap(({ id, parent }) => (parent ? [{ id, parent }] : []));
  const placesOf = reachOf({ units, owners, catalogue });
  const counting = new Map<string, Counting[]>();
  for (const row of rows)
    for (const { party, held } of placesOf(row)) {
      const there = counting.get(party);
      if (there) there.push({ row, held });
      else counting.set(party, [{ row, held }]);
    }
  return counting;
}

const grainKey = ({ role, package: code, resource, actions, instance }: Grain) =>
  resource === null
    ? `${role}\t${code}`
    : `${role}\t${code}\t${resource}\t${actions?.join() ?? null}\t${instance}`;

/** Parties for which the same is held in the same way are answered alike. */
function keyOf(party: PartyRow, counting: Counting[], { subject, known }: Around): string {
  const { id, kind, ended, unitType } = party;
  const own = counting.map(({ row, held }) => {
    const { chain, from, withheld, estate } = row;
    const form = held === 'direct' ? unitType : (known.get(from)?.unitType ?? null);
    let key = `${held}\t${form}\t${grainKey(row)}`;
    if (estate) key += '\testate';
    if (withheld) key += `\twithheld ${JSON.stringify(withheld)}`;
    if (chain.length) key += `\n${chain.map(grainKey).join('\n')}`;
    return key;
  });
  return [`${id === subject.id}|${kind}|${ended}|${unitType}`, ...own.sort()].join('|');
}

const factsFrom = (counting: Counting[], { known }: Around): MandateFacts[] =>
  counting.map(({ row, held }) => ({
    ...row,
    held,
    unitType: known.get(row.from)?.unitType ?? null,
    mayPassOn: false,
  }));

/** The resources with their policies, and the subject, as decisions have them. */
async function readAll(
  act: Deciding,
  { subject, ownerNo }: Around,
  ids: string[],
): Promise<{ candidates: Map<string, Candidate>; subject: PartyFacts | null }> {
  const asked = ids.length ? ids : [''];
  const found = await decideAll(
    act,
    asked.map((resource) => ({ subject: byId(subject.id), from: null, action: '', resource })),
  );
  const candidates = found.flatMap(({ resource, policy }): [string, Candidate][] => {
    if (!resource || !policy || (ownerNo !== null && resource.ownerNo !== ownerNo)) return [];
    const actions = actionsOf(policy).filter((action) => action !== 'requestconsent');
    // A rule for every action is for one that nothing names, too.
    if (policy.rules.some((rule) => rule.effect === 'permit' && !rule.actions.length))
      actions.push(UNNAMED);
    const one = { resource, policy: withoutEverybody(policy), whole: policy, actions };
    return [[resource.id, one]];
  });
  return { candidates: new Map(candidates), subject: found[0]!.facts.subject };
}

function open(
  { catalogue }: Around,
  facts: { subject: PartyFacts; from: PartyFacts; mandates: MandateFacts[] },
  { candidates, opened }: { candidates: Map<string, Candidate>; opened: Opened },
): Open {
  const single = new Set(facts.mandates.flatMap(({ resource }) => resource ?? []));
  const tags = [...tagsOf(catalogue, facts, facts.mandates).keys()];
  const ids = new Set([...single, ...tags.flatMap((tag) => opened.get(tag) ?? [])]);
  const permits = (id: string, instance: string | null): boolean => {
    const candidate = candidates.get(id);
    if (!candidate) return false;
    const { resource, actions, whole } = candidate;
    // A right that was given is a fact, whomever else the rule lets in.
    const policy = single.has(id) ? whole : candidate.policy;
    return actions.some((action) => {
      const question = { action, instance, named: true, level: LEVEL };
      const { permit, reason } = decide(question, facts, resource, policy, catalogue);
      return permit && reason !== 'anyone';
    });
  };
  const given = facts.mandates.filter(
    ({ instance, held, resource }) => instance !== null && held === 'direct' && resource !== null,
  );
  const instances = new Map(
    given
      .filter(({ resource, instance }) => permits(resource!, instance))
      .map(({ resource, instance }) => [
        `${resource} ${instance}`,
        { resource: resource!, instance: instance! },
      ]),
  );
  return {
    resources: [...ids].filter((id) => permits(id, null)).sort(),
    instances: [...instances.values()],
  };
}
