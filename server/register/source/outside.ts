// Asks live registers what they hold about a person, for an overview. Nothing of it is kept.
import type { Deciding } from '../../decision/act.ts';
import { findParties } from '../../party/store.ts';
import { identifyParties } from '../../party/import_store.ts';
import type { LiveRegister } from './sources.ts';

export interface Outside {
  source: string;
  /** False when it did not answer in time. */
  available: boolean;
  mandates: {
    direction: 'given' | 'received';
    /** The other side's name, where it is known here. */
    name: string | null;
    text: string;
    /** Where it is changed. */
    editUrl: string | null;
  }[];
}

/** Asks all at once, by national number; one that does not answer is a row, not an error. */
export async function askAround(
  act: Deciding,
  live: LiveRegister[],
  number: string | null,
): Promise<Outside[]> {
  const answers = await Promise.all(
    live.map(async (register) => ({
      source: register.code,
      told: number ? await register.describe(number) : [],
    })),
  );
  const otherOf = ({ from, to }: { from: string; to: string }) => (from === number ? to : from);
  const others = answers.flatMap(({ told = [] }) => told.map(otherOf));
  const ids = await identifyParties(act.db, others);
  const parties = ids.size ? await findParties(act, [...ids.values()]) : [];
  const names = new Map(parties.map(({ id, name }) => [id, name]));
  return answers.map(({ source, told }) => ({
    source,
    available: told !== undefined,
    mandates: (told ?? []).map((one) => ({
      direction: one.from === number ? 'given' : 'received',
      name: names.get(ids.get(otherOf(one)) ?? '') ?? null,
      text: one.text,
      editUrl: one.editUrl,
    })),
  }));
}
