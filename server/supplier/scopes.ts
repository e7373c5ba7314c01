// API scopes between organisations: a consumer lets a supplier use a schema's scopes, and either
// ends it. No inheritance by sub-units. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { inTransaction } from '../platform/act.ts';
import { insufficientLevel } from '../caller/model.ts';
import { decideAll } from '../decision/commands.ts';
import type { Decided } from '../decision/rules/question_model.ts';
import { byId, whichActions } from '../decision/search/search.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { SCHEMA } from '../delegation/give/check.ts';
import { endAll, endTogether, type Ending } from '../delegation/end/end.ts';
import { giveRights } from '../delegation/give/give.ts';
import { asEntitled } from '../delegation/give/footing.ts';
import { grantsItself, hasCarrier, untilOf } from '../delegation/model.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { findRelation, removeRelation } from '../delegation/relation_store.ts';
import { listMandates, type MandateRow } from '../mandate/delegation_store.ts';
import { actionsOf } from '../resource/policy/model.ts';

/** The action that a schema is for. */
export const USE = 'scopeaccess';

export interface Schema {
  id: string;
  known: Decided;
  actions: string[];
  /** Actions that the actor may let a supplier use. */
  permitted: string[];
  until: Date | null;
}

/**
 * A schema with its actions, those that the actor has for the party or the party itself, and until
 * when.
 */
export async function schemaFor(
  act: Deciding,
  actor: Actor,
  party: string,
  id: string,
): Promise<Schema> {
  const about = { subject: byId(actor.party), from: byId(party), resource: id };
  const [known] = await decideAll(act, [{ ...about, action: USE }]);
  if (!known!.resource || !known!.policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
  const mine = await whichActions(act, about);
  const its = await whichActions(act, { ...about, subject: about.from });
  const able = [
    ...mine.filter(({ decided }) => hasCarrier(decided)),
    ...its.filter(({ decided }) => grantsItself(decided)),
  ];
  const decisions = able.map(({ decided }) => decided.decision);
  return {
    id,
    known: known!,
    actions: actionsOf(known!.policy),
    permitted: [...new Set(able.map(({ action }) => action))],
    until: untilOf(decisions, known!.facts.mandates),
  };
}

/** Lets a supplier use the scopes of a schema; false when it may already. */
export async function giveScopes(
  act: Deciding,
  actor: Actor,
  { from, to }: { from: string; to: string },
  schema: Schema,
): Promise<boolean> {
  const { resource, policy } = schema.known;
  if (resource!.type !== SCHEMA) throw problem('AM-00027');
  if (!resource!.delegable) throw problem('AM-00042');
  if (!(await findRelation(act, from, to, 'supplier'))) {
    throw invalid(['AM.VLD-00032', '/supplier']);
  }
  if (!schema.permitted.includes(USE)) throw problem('AM-00028');
  const level = policy!.minimumLevel.person;
  if (actor.level < level) throw insufficientLevel(level);
  const gift = { from, to, resource: schema.id, actions: schema.permitted };
  const authority = asEntitled(actor.party, schema.until);
  return (await giveRights(act, authority, gift, 'add')).changed;
}

/**
 * The mandates between them that are about API scopes: no other is this administrator's to see or
 * to end.
 */
export async function scopeMandates(
  act: Deciding,
  from: string | null,
  to: string | null,
): Promise<MandateRow[]> {
  const mandates = (await listMandates(act, { from, to, limit: 10_000 })).filter(
    (mandate) => mandate.basis === 'delegation' && mandate.resource !== null,
  );
  const about = { subject: null, from: null, action: '' };
  const questions = mandates.map((one) => ({ ...about, resource: one.resource! }));
  const decided = questions.length ? await decideAll(act, questions) : [];
  return mandates.filter((_, index) => decided[index]!.resource?.type === SCHEMA);
}

/** Ends what a supplier may use of one schema. */
export async function endScopes(
  act: Deciding,
  { from, to, resource }: { from: string; to: string; resource: string },
  ending: Ending,
): Promise<void> {
  const mandates = await scopeMandates(act, from, to);
  const own = mandates.filter((one) => one.resource === resource);
  await endTogether(act, own, ending);
}

/** Ends the relation and, when that was said, everything the supplier may use through it. */
export async function leave(
  act: Deciding,
  { consumer, supplier }: { consumer: string; supplier: string },
  { cascade, ...ending }: Ending & { cascade: boolean },
): Promise<void> {
  if (!(await findRelation(act, consumer, supplier, 'supplier'))) {
    throw invalid(['AM.VLD-00032', '/supplier']);
  }
  const mandates = await scopeMandates(act, consumer, supplier);
  if (mandates.length && !cascade) throw invalid(['AM.VLD-00031', '$QUERY/cascade']);
  await endTogether(act, mandates, ending, (inner) =>
    removeRelation(inner, {
      from: consumer,
      to: supplier,
      kind: 'supplier',
      by: ending.by ?? consumer,
    }),
  );
}

/**
 * Ends those of these that are about API scopes of the organisation's, or of others' that it may
 * use, in one act; others are left as they are.
 */
export const endScopesChosen = (
  act: Deciding,
  actor: Actor,
  party: string,
  ids: string[],
): Promise<void> =>
  inTransaction(act, async (inner) => {
    await mustAdminister(inner, actor, party, 'scopes');
    const chosen = (some: MandateRow[]) => some.filter(({ id }) => ids.includes(id));
    const ending = { by: actor.party };
    await endAll(inner, chosen(await scopeMandates(inner, party, null)), {
      ...ending,
      type: 'ended',
    });
    const had = chosen(await scopeMandates(inner, null, party));
    await endAll(inner, had, { ...ending, type: 'renounced' });
  });
