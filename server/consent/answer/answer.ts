// Answering: approve, reject, withdraw. Each is one statement with its event inside, guarded in
// SQL, and harmless when repeated or when another answer comes at the same moment. It knows no HTTP
// and no page.
import type { Deciding } from '../../decision/act.ts';
import { insufficientLevel, type Acting } from '../../caller/model.ts';
import { isBetween } from '../../resource/policy/age_model.ts';
import {
  approveConsent,
  rejectConsent,
  withdrawConsent,
  type AnswerTold,
  type Shown,
} from './answer_store.ts';
import type { Consent } from '../model.ts';
import { problem, validationProblem } from '../problems.ts';
import {
  bars,
  mayAnswer,
  seenBy,
  type Answerer,
  type MayAnswer,
  type Permitted,
} from '../basis/standing.ts';
import { cannotAnswer } from '../basis/store.ts';
import { barredTold } from '../text.ts';
import { findConsent } from '../store.ts';

/**
 * Loads a request for someone who wants to answer it; 404, 403 or 401 (RFC 9470) when that cannot
 * be.
 */
async function answerable(
  act: Deciding,
  id: string,
  person: Answerer,
): Promise<{ consent: Consent; answer: MayAnswer }> {
  const consent = await findConsent(act, id);
  if (!consent) throw problem('AM-00001');
  const answer = await mayAnswer(act, consent, person);
  if (answer.reason === 'level') throw insufficientLevel(answer.level!);
  return { consent, answer };
}

function mustPermit(answer: MayAnswer): asserts answer is Permitted {
  if (answer.permit) return;
  const members = answer.barred ? barredTold(answer.barred) : {};
  throw problem('AM-00000', { because: answer.reason, members });
}

/** The decision's reasons when the giver or the resource is no more. */
const GONE = ['ended', 'unknown_resource'];

/** Approves: state, mandate, what was shown, and the event, in one statement. */
export async function approve(
  act: Deciding,
  id: string,
  person: Answerer,
  shown: (consent: Consent) => Shown,
): Promise<Consent> {
  const { now } = act;
  const { consent, answer } = await answerable(act, id, person);
  if (consent.fallen && (answer.permit || GONE.includes(answer.reason)))
    throw problem('AM-00002', { members: answer.permit ? { consent_reason: consent.fallen } : {} });
  mustPermit(answer);
  if (consent.state === 'approved') return consent;
  if (consent.state !== 'requested') throw problem('AM-00002');
  if (consent.validTo <= now) throw expired();
  const text = shown(consent);
  const by = person.party;
  const others = othersWhoMay(consent, by, now);
  const tell: AnswerTold[] = [
    { type: 'consent_answered', parties: others },
    // Notify the answerer as well, in case someone else used their login.
    { type: 'consent_given', parties: without([consent.from.id, by], others) },
  ];
  const write = ({ basis, role }: Permitted, at: Date) =>
    approveConsent(act, { id: consent.id, by, role: role ?? null, basis, shown: text, tell, at });
  if (!(await write(answer, now))) {
    // Something of what it rested on may be gone: refused without the rest, else given on that.
    const later = act.now;
    const again = (await answerable(act, id, person)).answer;
    mustPermit(again);
    // Capacity is asked of whoever answers for another, a firm too, when that person answers.
    if (await cannotAnswer(act, id, by)) mustPermit(bars('no_capacity'));
    await write(again, later);
  }
  return settled(act, id, (after) => {
    if (after.state === 'rejected' || after.state === 'withdrawn') throw problem('AM-00002');
    if (after.state === 'requested')
      throw after.validTo <= act.now ? expired() : problem('AM-00002');
  });
}

/** At an age at which the person and the parents may both answer, those who did not. */
function othersWhoMay({ from, giverAge, rights }: Consent, person: string, now: Date): string[] {
  const contents = rights.map(({ content }) => content);
  if (!giverAge || !isBetween(giverAge, contents, now)) return [];
  return [...new Set([from.id, ...giverAge.parents])].filter((one) => one !== person);
}

const without = (all: string[], some: string[]) => all.filter((one) => !some.includes(one));

/** Rejects; allowed also after `validTo`. */
export async function reject(act: Deciding, id: string, person: Answerer): Promise<Consent> {
  const { now } = act;
  const { consent, answer } = await answerable(act, id, person);
  mustPermit(answer);
  const { role = null } = answer;
  if (consent.state === 'rejected') return consent;
  const by = person.party;
  const parties = [consent.from.id, by, ...othersWhoMay(consent, by, now)];
  await rejectConsent(act.db, { id, by, role, tell: [{ type: 'consent_refused', parties }] }, now);
  return settled(act, id, (after) => {
    if (after.state !== 'rejected') throw problem('AM-00015');
  });
}

/** Withdraws: the next redemption, refresh and introspection are refused. */
export async function withdraw(act: Deciding, id: string, reader: Acting): Promise<Consent> {
  const { now } = act;
  const consent = await findConsent(act, id);
  if (!consent) throw problem('AM-00001');
  if (!(await seenBy(act, consent, reader))?.isWhole) throw problem('AM-00000');
  const by = reader.party;
  const parties = [consent.from.id, by, ...othersWhoMay(consent, by, now)];
  const tell: AnswerTold[] = [{ type: 'consent_withdrawn', parties }];
  await withdrawConsent(act.db, { id, by, role: null, tell }, now);
  return settled(act, id, (after) => {
    if (after.state !== 'withdrawn') throw problem('AM-00010');
  });
}

const expired = () => validationProblem([{ code: 'AM.VLD-00022', path: 'ValidTo' }]);

/** Reads the request after the act: whoever won, the state is what holds. */
async function settled(
  act: Deciding,
  id: string,
  check: (after: Consent) => void,
): Promise<Consent> {
  const after = (await findConsent(act, id))!;
  check(after);
  return after;
}
