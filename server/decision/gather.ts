// Gathering facts for those who ask at the same moment: one statement for all of them, once an act.
// It decides nothing.
import type { Act } from '../platform/act.ts';
import { latest, type Kind } from '../platform/db/together_store.ts';
import { gatherFacts, type Gathered, type Pair } from './store.ts';

interface Asked {
  pairs: Pair[];
  resources: string[];
  now: Date;
}

/**
 * A caller that asks for more than this has a statement of its own: nobody else should wait for it.
 */
const FEW = 16;
const PIECE = 1_000;

const together: Kind<Asked, Gathered> = {
  name: 'decision_facts',
  limit: 64,
  lanes: 1,
  patience: 5,
  async run(db, asked) {
    const pairs = asked.flatMap((one) => one.pairs);
    const resources = asked.flatMap((one) => one.resources);
    const all = await gatherFacts(db, pairs, resources, latest(asked));
    let at = 0;
    return asked.map((one) => ({
      catalogue: all.catalogue,
      resources: new Map(
        one.resources.flatMap((id) => {
          const found = all.resources.get(id);
          return found ? [[id, found] as const] : [];
        }),
      ),
      pairs: all.pairs.slice(at, (at += one.pairs.length)),
    }));
  },
};

/** Every fact about these pairs and resources, of one instant, which is not before the act's. */
export const gather = (act: Act, pairs: Pair[], resources: string[]): Promise<Gathered> =>
  pairs.length > FEW || resources.length > FEW
    ? gatherInPieces(act, pairs, resources)
    : act.once(`facts ${JSON.stringify([pairs, resources])}`, () =>
        act.share(together, { pairs, resources, now: act.now }),
      );

/** So many pairs at a time, so that others' statements come between; each piece of one instant. */
async function gatherInPieces(
  { db, now }: Act,
  pairs: Pair[],
  resources: string[],
): Promise<Gathered> {
  const first = await gatherFacts(db, pairs.slice(0, PIECE), resources, now);
  const rest: Gathered['pairs'] = [];
  for (let at = PIECE; at < pairs.length; at += PIECE)
    rest.push(...(await gatherFacts(db, pairs.slice(at, at + PIECE), [], now)).pairs);
  return rest.length ? { ...first, pairs: [...first.pairs, ...rest] } : first;
}
