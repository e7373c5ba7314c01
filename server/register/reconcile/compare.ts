// One party of a source: what the register says of it now, against what we hold. It changes
// nothing.
import type { Act } from '../../platform/act.ts';
import { identifyParties } from '../../party/import_store.ts';
import { signersOf } from '../../party/signing_model.ts';
import type { Db } from '../../platform/db/db.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import type { Fact, RegisterSource } from '../model.ts';
import {
  comparison,
  UNREAD,
  type Drift,
  type HeldFacts,
  type PartyToCheck,
  type Said,
  type SourceFacts,
} from './model.ts';
import { findHeldFacts } from '../store.ts';

export interface Compared {
  party: PartyToCheck;
  facts: Fact[];
  told: SourceFacts;
  held: HeldFacts;
  drift: Drift[];
  /** How many facts are held, and how many of them the register no longer says. */
  count: number;
  extra: number;
}

/** The register's facts of a party against those that we hold; by UUIDs, without a number. */
export async function compare(
  act: Act,
  source: RegisterSource,
  party: PartyToCheck,
  said: Said,
  catalogue: Catalogue,
): Promise<Compared> {
  const { now } = act;
  const held = await findHeldFacts(act, party.id, source.code);
  if ('unread' in said) {
    const drift = [{ party: party.id, what: UNREAD, ours: null, theirs: said.unread }];
    const told = { facts: [], ids: new Map<string, string>() };
    return { party, held, facts: [], told, drift, count: 0, extra: 0 };
  }
  const { facts } = said;
  const told = await toldBy(act.db, facts);
  const found = comparison({ source: source.code, party, held, told, now }, catalogue);
  return { party, held, facts, told, ...found };
}

/** The facts with their parties by UUID; one that nobody knows has none. */
async function toldBy(db: Db, facts: Fact[]): Promise<SourceFacts> {
  const numbers = facts.flatMap((fact) =>
    fact.kind === 'roles'
      ? fact.holders.map(({ to }) => to)
      : fact.kind === 'role'
        ? [fact.holder.to]
        : fact.kind === 'employment'
          ? [fact.employee]
          : fact.kind === 'signing'
            ? signersOf(fact.alternatives)
            : [],
  );
  return { facts, ids: await identifyParties(db, numbers) };
}
