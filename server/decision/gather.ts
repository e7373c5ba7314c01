// Gathering facts for whoever asks at the same moment: one statement for all of them. It decides
// nothing.
import { createBatcher } from '../platform/db/batch.ts';
import type { Db } from '../platform/db/db.ts';
import { latest } from '../platform/db/together_store.ts';
import { gatherFacts, type Gathered, type Pair } from './store.ts';

/** Every fact about these pairs and resources, of one instant, which is not before `now`. */
export type Gather = (pairs: Pair[], resources: string[], now: Date) => Promise<Gathered>;

interface Asked {
  pairs: Pair[];
  resources: string[];
  now: Date;
}

/** Callers of a statement at most. */
const MOST = 64;
/**
 * A caller that asks for more than this has a statement of its own: nobody else should wait for it.
 */
const FEW = 16;
const PIECE = 1_000;

export function createGather(db: Db): Gather {
  const together = createBatcher((asked: Asked[]) => gatherFor(db, asked), {
    limit: MOST,
    lanes: 1,
    patience: 5,
  });
  return (pairs, resources, now) =>
    pairs.length > FEW || resources.length > FEW
      ? gatherInPieces(db, { pairs, resources, now })
      : together({ pairs, resources, now });
}

/** So many pairs at a time, so that others' statements come between; each piece of one instant. */
async function gatherInPieces(db: Db, { pairs, resources, now }: Asked): Promise<Gathered> {
  const first = await gatherFacts(db, pairs.slice(0, PIECE), resources, now);
  const rest: Gathered['pairs'] = [];
  for (let at = PIECE; at < pairs.length; at += PIECE)
    rest.push(...(await gatherFacts(db, pairs.slice(at, at + PIECE), [], now)).pairs);
  return rest.length ? { ...first, pairs: [...first.pairs, ...rest] } : first;
}

async function gatherFor(db: Db, asked: Asked[]): Promise<Gathered[]> {
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
}
