// The decision point: asks the store for facts and the model for the answer. It knows no request and no page.
import type { Db } from '../platform/db.ts';
import { answerable, decide, type Decision, type Question } from './model.ts';
import { findRepresented, gatherFacts, type Represented } from './store.ts';

export async function ask(db: Db, question: Question, now: Date): Promise<Decision> {
  return decide(question, await gatherFacts(db, question, now), now);
}

/** Whether somebody could be permitted at all, for a party of this kind, on all these resources. */
export async function isAnswerable(db: Db, question: Question, now: Date): Promise<boolean> {
  const facts = await gatherFacts(db, question, now);
  return facts.from !== null && question.resources.every((id) => {
    const resource = facts.resources.find((known) => known.id === id);
    return resource !== undefined && answerable(facts.from!.kind, resource);
  });
}

/** The parties whose overview a person may open, by name. */
export async function representedBy(db: Db, person: string, now: Date): Promise<Represented[]> {
  const parties = await findRepresented(db, person, null, now);
  return parties.sort((a, b) => a.name.localeCompare(b.name, 'nb'));
}

/** Why a person may open a party's overview: itself, or the role it holds; undefined when it may not. */
export async function mayOverview(
  db: Db, person: string, party: string, now: Date,
): Promise<{ self: true } | (Represented & { self: false }) | undefined> {
  if (person === party) return { self: true };
  const [found] = await findRepresented(db, person, party, now);
  return found && { ...found, self: false };
}
