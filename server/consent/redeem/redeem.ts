// Redeeming: a consent becomes what a token may say, at this moment and no longer; and the look
// that leaves no trace. It knows no token format.
import { actAlone, again, type Act } from '../../platform/act.ts';
import type { Kind } from '../../platform/db/together_store.ts';
import type { Fault } from '../../platform/errors.ts';
import { asText } from '../../platform/as_text.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { PartyName } from '../../party/model.ts';
import { askersReason, type ConsentReason, type FallReason } from '../basis/model.ts';
import type { Redeemed } from '../redeemed_model.ts';
import { usesLeft } from '../uses_model.ts';
import { Findings, problem, type ProblemCode } from '../problems.ts';
import {
  findConsentFacts,
  MOST_USES,
  redeemConsents,
  type ConsentFacts,
  type Redemption as RowOfUse,
} from './store.ts';

interface Redemption {
  id: string;
  from: PartyName;
  /**
   * Party id of the organisation that draws the token: the receiver, or the one that handles the
   * request.
   */
  to: string;
  /** Kept with the use: by which client, and of the token that says all of the consent its id. */
  detail?: { clientId?: string; scope?: string; jti?: string; exp?: number };
}

/** Uses of one moment, each of another consent, counted at the instant at which they are. */
const together: Kind<Redemption, { facts: RowOfUse | undefined; now: Date }> = {
  name: 'redeem_consents',
  limit: MOST_USES,
  lanes: 1,
  key: ({ id }) => id,
  async run(db, items) {
    const act = actAlone(db);
    const { now } = act;
    const found = await redeemConsents(
      act,
      items.map((item) => ({
        id: item.id,
        from: item.from.value,
        to: item.to,
        eventId: uuidv7(now),
        noticeId: uuidv7(now),
        detail: item.detail ?? {},
      })),
    );
    return items.map((item) => ({ facts: found.get(item.id), now }));
  },
};

/**
 * Counts the use and answers with the rights, or throws the problem: AM-00001 (unknown, or
 * another's), AM-00012, AM-00014, AM-00011, AM-00013. One statement does it all, for those who come
 * at the same moment together; it has committed when this resolves, and what it found wrong is
 * thrown from the same snapshot.
 */
export async function redeem(
  act: Act,
  redemption: Redemption,
  owns: (facts: ConsentFacts) => boolean,
): Promise<Redeemed> {
  const { facts, now } = await act.share(together, {
    ...redemption,
    id: redemption.id.toLowerCase(),
  });
  if (!isOwn(facts, owns)) throw problem('AM-00001');
  if (facts.redeemed) return redeemed(facts);
  const [refusal] = refusals(facts, redemption.from, now);
  if (refusal) throw refusal;
  if (facts.lacksScope) throw problem('TIL-00043');
  throw await usedMeanwhile(act, redemption);
}

/** The refusal of one whose last uses others took while this one waited for its row. */
async function usedMeanwhile(act: Act, { id, from }: Redemption): Promise<Fault> {
  const later = again(act);
  const facts = await findConsentFacts(later, id.toLowerCase());
  return refusals(facts!, from, later.now)[0] ?? problem('AM-00013');
}

const isOwn = <Facts extends ConsentFacts>(
  facts: Facts | undefined,
  owns: (facts: ConsentFacts) => boolean,
): facts is Facts => facts !== undefined && owns(facts);

/** The answer, or the problem, that `redeem` would give now; it counts nothing. */
export async function foresee(
  act: Act,
  { id, from, detail }: Redemption,
  owns: (facts: ConsentFacts) => boolean,
): Promise<Redeemed> {
  const facts = await findConsentFacts(act, id.toLowerCase());
  const isOurs = isOwn(facts, owns);
  if (!isOurs) throw problem('AM-00001');
  const [refusal] = refusals(facts, from, act.now);
  if (refusal) throw refusal;
  checkScopes(facts, detail?.scope);
  const { uses, periodUses } = facts;
  return redeemed({ ...facts, uses: uses + 1, periodUses: periodUses + 1 });
}

/** A service may ask for a token with a scope of its owner's beside the consent: TIL-00043. */
function checkScopes({ scopes }: { scopes: string[][] | null }, scope = ''): void {
  const told = scope.split(' ');
  if (scopes?.some((own) => !own.some((name) => told.includes(name)))) throw problem('TIL-00043');
}

/**
 * The lookup of an outside token issuer (Altinn 3, consent API), for a token that gets the scope
 * (RFC 6749 §3.3). It counts nothing.
 */
export async function lookUp(
  act: Act,
  { id, from, scope }: { id: string; from: PartyName; scope: string | undefined },
  owns: (facts: ConsentFacts) => boolean,
) {
  const { now } = act;
  const facts = await findConsentFacts(act, id);
  if (!isOwn(facts, owns)) throw problem('AM-00001');
  const findings = new Findings();
  for (const refusal of refusals(facts, from, now)) findings.refuse(refusal);
  findings.throwIfAny();
  checkScopes(facts, scope);
  return { ...redeemed(facts), handledByNo: facts.handledByNo, pos: facts.pos };
}

/** The rights of a consent that holds, and its end, for introspection. */
export async function heldNow(act: Act, id: string): Promise<Redeemed> {
  return redeemed((await findConsentFacts(act, id))!);
}

/**
 * Whether another is named than whose it is. Before an approval only as the asker named them:
 * asking is no way to learn a number (dto_model.ts).
 */
function isAnother(facts: ConsentFacts, from: PartyName): boolean {
  const how = from.by === 'uuid' ? 'uuid' : 'number';
  if (facts.consented === null && facts.fromNamed !== how) return false;
  return ![facts.fromNo, facts.fromId].includes(from.value);
}

function refusals(facts: ConsentFacts, from: PartyName, now: Date): Fault[] {
  if (isAnother(facts, from))
    return [problem('AM-00012'), ...whyNot(facts, now).map((code) => problem(code))];
  // Why it fell, or waits, is for those who knew whose it was.
  return whyNot(facts, now).map((code) => {
    if (code === 'AM-00014' && isWaiting(facts, now)) return waiting(facts.waitsUntil!, now);
    const members = facts.fallen
      ? because(askersReason(facts.fallen, { isPerson: facts.fromPerson }))
      : {};
    return problem(code, code === 'AM-00011' ? { members } : {});
  });
}

const because = (reason: ConsentReason | FallReason) => ({ consent_reason: reason });

/** Whether it holds, and all that keeps it from being used is that its period is used up. */
const isWaiting = ({ state, suspended, waitsUntil }: ConsentFacts, now: Date): boolean =>
  state === 'approved' && !suspended && waitsUntil !== null && waitsUntil > now;

/** AM-00014 with the seconds until it may be used again, which the header says too (RFC 9110). */
function waiting(until: Date, now: Date): Fault {
  const retryAfter = Math.ceil((until.getTime() - now.getTime()) / 1000);
  return problem('AM-00014', {
    members: { ...because('period_used'), retryAfter },
    headers: { 'retry-after': asText(retryAfter) },
  });
}

/** The reasons that keep a consent from being used, in the order of the contract. */
function whyNot(facts: ConsentFacts, now: Date): ProblemCode[] {
  const isOver = facts.validTo <= now || facts.usedUp;
  const isGone = facts.state === 'withdrawn' || (facts.fallen !== null && !isOver);
  const codes: ProblemCode[] = [];
  // A request that has ended is not waiting for anything either.
  const isSuspended = facts.suspended && !isGone && !isOver;
  const isHeldUp = isSuspended || (!isGone && !isOver && isWaiting(facts, now));
  if (['requested', 'rejected', 'deleted'].includes(facts.state) || isHeldUp)
    codes.push('AM-00014');
  if (isGone) codes.push('AM-00011');
  if (isOver) codes.push('AM-00013');
  return codes;
}

function redeemed(facts: ConsentFacts): Redeemed {
  const kind = facts.fromPerson ? 'person' : 'organization';
  const left = usesLeft(facts);
  return {
    id: facts.id,
    from: `urn:altinn:${kind}:identifier-no:${facts.fromNo}`,
    toNo: facts.toNo,
    handledByNo: facts.handledByNo,
    consented: facts.consented,
    validTo: facts.validTo,
    endsAt: facts.endsAt,
    statusPlace: facts.statusPlace,
    ...(left ? { usesLeft: left } : {}),
    rights: facts.rights,
  };
}
