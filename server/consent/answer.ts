// Answering: approve, reject, withdraw. Each is one transaction with its event inside, guarded in
// SQL, and harmless when repeated or when another answer comes at the same moment. It knows no HTTP
// and no page.
import type { DecisionPoint } from '../decision/point.ts';
import { clock } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import * as decision from '../decision/commands.ts';
import type { Decision } from '../decision/reason_model.ts';
import { appendEvent } from '../event/store.ts';
import { insufficientLevel } from '../caller/model.ts';
import { beginConsentMandate, endConsentMandate } from '../mandate/store.ts';
import { questions } from './checks.ts';
import type { Consent } from './model.ts';
import { problem, validationProblem } from './problems.ts';
import { canonicalJson } from '../platform/ids.ts';
import {
  findConsent,
  insertShownText,
  listConsents,
  markApproved,
  markRejected,
  markWithdrawn,
  type Shown,
} from './store.ts';

export interface Answerer {
  party: string;
  level: number;
}

/** Whether a person may answer; `named` when only another person may (requiredDelegator). */
export type MayAnswer = Decision | { permit: false; reason: 'named'; wanted: [] };

/**
 * The resource's own rule, and the named approver where there is one.
 */
export async function mayAnswer(
  point: DecisionPoint,
  consent: Consent,
  person: Answerer,
  now: Date,
): Promise<MayAnswer> {
  if (consent.requiredDelegator && consent.requiredDelegator.id !== person.party) {
    return { permit: false, reason: 'named', wanted: [] };
  }
  let last: Decision | undefined;
  for (const question of questions(
    rightsOf(consent),
    person.party,
    consent.from.id,
    person.level,
  )) {
    const answer = await decision.decideTogether(point, question, now);
    if (!answer.permit) return answer;
    last ??= answer;
  }
  return last!;
}

/** Whoever may approve for the giver today at any level, and the one who approved. */
export async function mayRead(
  point: DecisionPoint,
  consent: Consent,
  person: string,
  now: Date,
): Promise<boolean> {
  if (consent.answeredBy?.id === person) return true;
  return (
    (
      await mayAnswer(
        point,
        { ...consent, requiredDelegator: null },
        { party: person, level: 4 },
        now,
      )
    ).permit &&
    (consent.state !== 'requested' ||
      !consent.requiredDelegator ||
      consent.requiredDelegator.id === person)
  );
}

/**
 * Those of a list that a person may read, by the same policy; each question that recurs is asked
 * once.
 */
export async function readable(
  point: DecisionPoint,
  consents: Consent[],
  person: string,
  now: Date,
): Promise<Consent[]> {
  const answers = new Map<string, boolean>();
  const kept: Consent[] = [];
  for (const consent of consents) {
    const waitsForOther =
      consent.state === 'requested' &&
      consent.requiredDelegator &&
      consent.requiredDelegator.id !== person;
    const key = canonicalJson([consent.from.id, rightsOf(consent)]);
    if (!answers.has(key)) {
      answers.set(
        key,
        (
          await mayAnswer(
            point,
            { ...consent, requiredDelegator: null },
            { party: person, level: 4 },
            now,
          )
        ).permit,
      );
    }
    if (consent.answeredBy?.id === person || (answers.get(key) && !waitsForOther))
      kept.push(consent);
  }
  return kept;
}

/**
 * How many of a party's consents are active, and how many requests wait in the portal, of those a
 * person may read.
 */
export async function countReadable(
  point: DecisionPoint,
  party: string,
  person: string,
  now: Date,
): Promise<{ active: number; waiting: number }> {
  const limit = 1_000;
  const [active, waiting] = [
    await listConsents(
      point.db,
      { party, kind: 'active', viewModes: ['hide', 'show'], limit, offset: 0 },
      now,
    ),
    await listConsents(
      point.db,
      { party, kind: 'waiting', viewModes: ['show'], limit, offset: 0 },
      now,
    ),
  ];
  return {
    active: (await readable(point, active, person, now)).length,
    waiting: (await readable(point, waiting, person, now)).length,
  };
}

const rightsOf = (consent: Consent) =>
  consent.rights.map(({ actions, resource }) => ({ actions, resource }));

/**
 * Loads a request for someone who wants to answer it; 404, 403 or 401 (RFC 9470) when that cannot
 * be.
 */
async function answerable(
  point: DecisionPoint,
  id: string,
  person: Answerer,
  now: Date,
): Promise<{ consent: Consent; role: string | null }> {
  const consent = await findConsent(point.db, id);
  if (!consent) throw problem('AM-00001');
  const answer = await mayAnswer(point, consent, person, now);
  if (answer.reason === 'level') throw insufficientLevel((answer as Decision).level!);
  if (!answer.permit) throw problem('AM-00000', { because: answer.reason });
  return { consent, role: answer.role ?? null };
}

/** Approves: state, mandate, what was shown, and the event, in one transaction. */
export async function approve(
  point: DecisionPoint,
  id: string,
  person: Answerer,
  shown: (consent: Consent) => Shown,
): Promise<Consent> {
  const now = clock.now();
  const { consent, role } = await answerable(point, id, person, now);
  if (consent.state === 'approved') return consent;
  if (consent.state !== 'requested') throw problem('AM-00002');
  if (consent.validTo <= now) throw expired();
  const text = shown(consent);
  await transaction(point.db, async (trx) => {
    if (!(await markApproved(trx, id, person.party, role, now))) return;
    await beginConsentMandate(
      trx,
      {
        from: consent.from.id,
        to: consent.to.id,
        consentId: id,
        validTo: consent.validTo,
        useLimit: consent.oneTime ? 1 : null,
      },
      now,
    );
    await insertShownText(trx, id, text, now);
    await appendEvent(
      trx,
      { type: 'approved', ...eventParties(consent), byParty: person.party, byRole: role },
      now,
    );
  });
  return settled(point, id, (after) => {
    if (after.state === 'rejected' || after.state === 'withdrawn') throw problem('AM-00002');
    if (after.state === 'requested') throw expired();
  });
}

/** Rejects; allowed also after `validTo`. */
export async function reject(point: DecisionPoint, id: string, person: Answerer): Promise<Consent> {
  const now = clock.now();
  const { consent, role } = await answerable(point, id, person, now);
  if (consent.state === 'rejected') return consent;
  await transaction(point.db, async (trx) => {
    if (!(await markRejected(trx, id, person.party, role, now))) return;
    await appendEvent(
      trx,
      { type: 'rejected', ...eventParties(consent), byParty: person.party, byRole: role },
      now,
    );
  });
  return settled(point, id, (after) => {
    if (after.state !== 'rejected') throw problem('AM-00015');
  });
}

/** Withdraws: the next redemption, refresh and introspection are refused. */
export async function withdraw(point: DecisionPoint, id: string, person: string): Promise<Consent> {
  const now = clock.now();
  const consent = await findConsent(point.db, id);
  if (!consent) throw problem('AM-00001');
  if (!(await mayRead(point, consent, person, now))) throw problem('AM-00000');
  await transaction(point.db, async (trx) => {
    if (!(await markWithdrawn(trx, id, now))) return;
    await endConsentMandate(trx, id, now);
    await appendEvent(trx, { type: 'withdrawn', ...eventParties(consent), byParty: person }, now);
  });
  return settled(point, id, (after) => {
    if (after.state !== 'withdrawn') throw problem('AM-00010');
  });
}

const eventParties = (consent: Consent) => ({
  consentId: consent.id,
  fromParty: consent.from.id,
  toParty: consent.to.id,
  handledBy: consent.handledBy?.id ?? null,
});

const expired = () => validationProblem([{ code: 'AM.VLD-00022', path: 'ValidTo' }]);

/** Reads the request after the act: whoever won, the state is what holds. */
async function settled(
  point: DecisionPoint,
  id: string,
  check: (after: Consent) => void,
): Promise<Consent> {
  const after = (await findConsent(point.db, id))!;
  check(after);
  return after;
}
