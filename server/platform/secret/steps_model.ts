// Where the replacing of a secret stands, by the nodes that serve: which of its three steps may be
// taken (docs/operator.md). Pure.

export interface Sealing {
  sealsWith: string;
  accepts: string[];
  serves: boolean;
  seenAt: Date;
}

export interface Asked {
  /** Digests of the own secret and of an accepted one. */
  own: string;
  accepted: string;
  nodes: Sealing[];
  /** How much that lasts, such as signing keys, the accepted one still seals. */
  lasting: number;
  /** Sessions that began before an instant and go on. */
  sessionsBefore: (instant: Date) => Promise<number>;
  now: Date;
  /** The longest life of a session and of all that is sealed for one. */
  longestMillis: number;
}

/** A node may have sealed something since it was last seen, until it counts as gone. */
const UNSEEN_MILLIS = 60_000;

/** The next step, in a sentence, and whether it may be taken. */
interface Step {
  step: 'use' | 'drop';
  isSafe: boolean;
  why: string;
}

/** Whether a node opens what a secret seals, by the secret's digest. */
export const opens = (node: Pick<Sealing, 'sealsWith' | 'accepts'>, secret: string): boolean =>
  node.sealsWith === secret || node.accepts.includes(secret);

export async function stepOf(asked: Asked): Promise<Step> {
  const { own, accepted, nodes, now, longestMillis } = asked;
  const serving = nodes.filter(({ serves }) => serves);
  const ever = nodes.filter(({ sealsWith }) => sealsWith === accepted);
  if (!ever.length) {
    const closed = serving.filter((one) => !opens(one, accepted)).length;
    return closed
      ? { step: 'use', isSafe: false, why: `${closed} of ${serving.length} nodes do not accept it` }
      : { step: 'use', isSafe: true, why: `all ${serving.length} nodes that serve accept it` };
  }
  const drop = (isSafe: boolean, why: string): Step => ({ step: 'drop', isSafe, why });
  const sealing = serving.filter(({ sealsWith }) => sealsWith === accepted).length;
  if (sealing) return drop(false, `${sealing} of ${serving.length} nodes seal with it`);
  if (!nodes.some(({ sealsWith }) => sealsWith === own))
    return drop(false, 'no node has sealed with SECRET yet');
  if (asked.lasting)
    return drop(false, `${asked.lasting} keys are sealed with it: start a node anew`);
  const last = new Date(Math.max(...ever.map(({ seenAt }) => seenAt.getTime())) + UNSEEN_MILLIS);
  const until = new Date(last.getTime() + longestMillis);
  const left = now < until ? await asked.sessionsBefore(last) : 0;
  return left
    ? drop(
        false,
        `${left} sessions, logins and forms may be of its time, the last until ${until.toISOString()}`,
      )
    : drop(
        true,
        `no node seals with it since ${last.toISOString()}, and nothing of its time is left`,
      );
}
