// The answerers of a request, as it is asked: there must be one, there may have to be several, and
// whoever is named must be able to answer alone.
import type { Deciding } from '../../decision/act.ts';
import * as decision from '../../decision/commands.ts';
import { findHolders } from '../../mandate/office_store.ts';
import { fault } from '../../platform/errors.ts';
import { RESPONSIBILITY } from '../../resource/catalogue/model.ts';
import type { ResourceRow } from '../../resource/store.ts';
import type { Findings } from '../problems.ts';
import type { AskedParties } from './checks.ts';
import type { ConsentDraft } from './draft.ts';

/**
 * Whether several may have to answer together; where they must, no one of them is named: a finding.
 */
async function checkSeveral(
  act: Deciding,
  { rights }: ConsentDraft,
  { from, requiredDelegator }: Pick<AskedParties, 'from' | 'requiredDelegator'>,
  {
    resources,
    maySeveral,
    findings,
  }: { resources: ResourceRow[]; maySeveral: boolean; findings: Findings },
): Promise<boolean> {
  const isOfAll = from.kind === 'person' && resources.some((one) => one.content.parents === 'all');
  const parents = isOfAll ? await findHolders(act, from.id, [RESPONSIBILITY]) : [];
  if (!parents.length && !maySeveral) return false;
  const asked = questions(rights, requiredDelegator?.id ?? from.id, from.id);
  // However many parents there are, which is no asker's to know.
  const isParent = parents.some(({ holder }) => holder === requiredDelegator?.id);
  if (requiredDelegator && (isParent || (await isOneOfSeveral(act, asked))))
    findings.invalid('TIL.VLD-00017', '/requiredDelegator');
  return true;
}

/** Whether who is named could do no more than say a yes among others. */
async function isOneOfSeveral(act: Deciding, asked: decision.Several[]): Promise<boolean> {
  const decided = await Promise.all(
    asked.map((one) => decision.decideSeveral(act, { ...one, asPart: true })),
  );
  return decided.some(({ each }) => each.some((one) => one.decision.isPart));
}

/** Gathers what `checkAnswerer` asks of a giver, for an act that asks it later. */
export const gatherAnswerers = (
  act: Deciding,
  { rights }: ConsentDraft,
  from: string,
): Promise<unknown> =>
  Promise.all(
    questions(rights, from, from).map((question) => decision.gatherAnswerable(act, question)),
  );

/**
 * Somebody must be able to answer it: a request that nobody can helps nobody. Answers whether a
 * rule lets several answer it together.
 */
async function checkAnswerer(
  act: Deciding,
  { rights }: ConsentDraft,
  { from, requiredDelegator }: Pick<AskedParties, 'from' | 'requiredDelegator'>,
  findings: Findings,
): Promise<boolean> {
  let several = false;
  for (const question of questions(rights, requiredDelegator?.id ?? from.id, from.id)) {
    const { isAnswerable, maySeveral } = await decision.answerersOf(act, question);
    several ||= maySeveral;
    const able = requiredDelegator
      ? (await decision.decideTogether(act, { ...question, asPart: true })).permit
      : isAnswerable;
    if (able) continue;
    const without = await withoutAction(act, question);
    if (!without.length) {
      findings.refuse(fault('TIL-00016'));
      break;
    }
    rights.forEach(({ actions, resource }, index) => {
      if (actions.includes(question.action) && without.includes(resource))
        findings.invalid('TIL.VLD-00011', `/consentRight/${index}/action`);
    });
  }
  return several;
}

/** Both; answers whether several may have to answer it. */
export const checkAnswerers = async (
  act: Deciding,
  draft: ConsentDraft,
  parties: Pick<AskedParties, 'from' | 'requiredDelegator'>,
  { resources, findings }: { resources: ResourceRow[]; findings: Findings },
): Promise<boolean> => {
  const maySeveral = await checkAnswerer(act, draft, parties, findings);
  return checkSeveral(act, draft, parties, { resources, maySeveral, findings });
};

/** The resources of the question that do not have its action. */
async function withoutAction(act: Deciding, question: decision.Several): Promise<string[]> {
  const { each } = await decision.decideSeveral(act, question);
  return question.resources.filter((_, index) => each[index]!.decision.reason === 'unknown_action');
}

/** One question for each action that is asked for, over all its resources. */
export function questions(
  rights: { actions: string[]; resource: string }[],
  subject: string,
  from: string,
  level = 4,
): decision.Several[] {
  const actions = new Set(rights.flatMap((right) => right.actions));
  return [...actions].map((action) => ({
    subject,
    from,
    action,
    level,
    resources: rights
      .filter((right) => right.actions.includes(action))
      .map((right) => right.resource),
  }));
}
