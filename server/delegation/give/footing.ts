// The footing of a gift: the mandate that carries it, or that the right is one's own.
import type { Deciding } from '../../decision/act.ts';
import { actsFor, insufficientLevel } from '../../caller/model.ts';
import { actionsOf } from '../../resource/policy/model.ts';
import { checkPackages, checkResource, SCHEMA } from './check.ts';
import { latestEnd, untilOf } from '../model.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Actor } from '../authority.ts';
import { invalid, problem } from '../problems.ts';

/** The giver, and how to find out whether, and on what footing, they may give. */
export interface Authority {
  by: string;
  footing: (act: Deciding, wanted: WantedGift) => Promise<Footing>;
}

/** A person who administers for the giver, or passes on what may be passed on. */
export const asActor = (actor: Actor): Authority => ({
  by: actor.party,
  async footing(act, wanted) {
    if (!actsFor(actor, wanted.from)) throw problem('AM-00028', { because: 'not chosen' });
    return 'package' in wanted
      ? footingOfPackage(act, actor, wanted)
      : footingOfRights(act, actor, wanted);
  },
});

/** A giver whose right was established otherwise: it rests on nothing that somebody was given. */
export const asEntitled = (by: string, until: Date | null = null): Authority => ({
  by,
  footing: async () => ({ until, through: null, role: null, rests: [] }),
});

/** The footing of a gift: until when, passed on through which mandate, by which role. */
export interface Footing {
  until: Date | null;
  through: string | null;
  role: string | null;
  /** Mandates that must still hold when it is written. */
  rests: string[];
}

/** The thing that somebody wants to give. */
export type WantedGift = { from: string; place?: '$QUERY' | '' } & (
  | { package: string }
  | { resource: string; instance: string | null; actions: string[] }
);

/** On what the actor may give the package; refused without, or on too low a level. */
async function footingOfPackage(
  act: Deciding,
  actor: Actor,
  { from, package: code }: { from: string; package: string },
): Promise<Footing> {
  const [check] = await checkPackages(act, actor, from, [code]);
  // A right withheld for the person's own sake is refused in its own words, by who gives.
  if (!check!.result && !check!.withheld) throw problem('AM-00028', { because: code });
  const { giveLevel } = (await currentCatalogue(act)).packages.get(code)!;
  if (actor.level < giveLevel) throw insufficientLevel(giveLevel);
  const { ways } = check!;
  return {
    until: latestEnd(ways.map((way) => way.mandate?.validTo ?? null)),
    // An administrator gives for the party itself; only where nobody administers is it passed on.
    through: ways.some((way) => way.through === null) ? null : ways[0]!.through!.id,
    role: ways.map((way) => way.role).find(Boolean) ?? null,
    rests: [...check!.rests, ...ways.flatMap(({ mandate }) => mandate?.id ?? [])],
  };
}

/** The same for actions on a resource. */
async function footingOfRights(
  act: Deciding,
  actor: Actor,
  wanted: Extract<WantedGift, { resource: string }>,
): Promise<Footing> {
  const check = await checkResource(act, actor, wanted);
  if (!check) throw invalid(['AM.VLD-00012', `${wanted.place ?? '$QUERY'}/resource`]);
  const { resource, policy, facts } = check.known;
  if (!resource!.delegable) throw problem('AM-00042');
  if (resource!.type === SCHEMA) throw problem('AM-00027');
  const known = actionsOf(policy!);
  if (wanted.actions.length === 0) throw problem('AM-00033');
  if (wanted.actions.some((action) => !known.includes(action))) throw problem('AM-00036');
  const rights = check.rights.filter((right) => wanted.actions.includes(right.action));
  const refused = rights.find((right) => !right.result && !right.withheld);
  if (refused) {
    throw problem('AM-00028', {
      members: { reasonCodes: refused.codes },
      because: refused.action,
    });
  }
  const level = policy!.minimumLevel.person;
  if (actor.level < level) throw insufficientLevel(level);
  const through = rights.map((right) => right.through).find(Boolean) ?? null;
  if (rights.some((right) => right.through !== through)) {
    throw problem('TIL-00022', { because: 'the rights come from several mandates' });
  }
  return {
    until: untilOf(rights, facts.mandates),
    through,
    role: null,
    rests: [...check.rests, ...rights.flatMap(({ mandates }) => mandates)],
  };
}

/**
 * The footing on which anybody may hold a mandate as it then would be: the same question when one
 * is widened.
 */
export const footingOf = (
  act: Deciding,
  actor: Actor,
  mandate: MandateRow,
  actions: string[] | null,
): Promise<Footing> =>
  asActor(actor).footing(
    act,
    mandate.package !== null
      ? { from: mandate.from, package: mandate.package }
      : {
          from: mandate.from,
          resource: mandate.resource!,
          instance: mandate.instance,
          actions: actions!,
        },
  );
