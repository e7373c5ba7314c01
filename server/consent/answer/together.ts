// Several who answer together: a yes is kept while others are awaited, and the last one asks each
// earlier one anew before the consent begins. All of it holds the request's row, so that of two
// last yeses at once one sees the other. It knows no HTTP and no page.
import type { Deciding } from '../../decision/act.ts';
import { findHolders } from '../../mandate/office_store.ts';
import { notifyEach } from '../../notice/store.ts';
import { again, inTransaction } from '../../platform/act.ts';
import { uuidv7Derived } from '../../platform/ids.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import { lockConsents } from '../ask/replace_store.ts';
import { weakest } from '../basis/model.ts';
import { bars, mayAnswer, type Answerer, type OwnPart, type Permitted } from '../basis/standing.ts';
import { cannotAnswer } from '../basis/store.ts';
import { progressOf, type Offices, type Progress, type Taker } from '../basis/together_model.ts';
import { asFixed, type Awaiting, type Consent } from '../model.ts';
import { problem, validationProblem } from '../problems.ts';
import { findConsent } from '../store.ts';
import { shownText, textHash } from '../text.ts';
import { answerOf, mustPermit } from './leave.ts';
import { besideIn, mustLastUses, mustReplace, replacedRow, writeApproval } from './replacing.ts';
import { othersWhoMay, without, type AnswerTold } from './told_model.ts';
import { chosenOf, expired, limitedTo, mustBeGiven, type Yes } from './yes_model.ts';
import { dropYeses, keepYes, readYeses, takeBackYes, type YesRow } from './yes_store.ts';

/** A person with the answer that permits, of those who say yes now. */
interface Said {
  party: string;
  answer: Permitted;
}

/**
 * Keeps a yes, or gives the consent where it was the last; answers whether it was given. The same
 * yes again changes nothing. As for `approve`; AM-00002 where others were faster.
 */
export async function approveTogether(
  act: Deciding,
  asked: Consent,
  person: Answerer,
  yes: Yes,
): Promise<boolean> {
  for (const at of [act, again(act)]) {
    const done = await inTransaction(at, (inner) => sayYes(inner, asked, person, yes));
    if (done !== undefined) return done;
  }
  throw problem(asked.replaces ? 'TIL-00048' : 'AM-00002');
}

/** The request held and read anew, which must wait for an answer. */
async function held(act: Deciding, { id, replaces }: Consent): Promise<Consent> {
  await lockConsents(act.db, replaces ? [id, replaces] : [id]);
  return (await findConsent(act, id))!;
}

/** Whether it was given; undefined where nothing was written, and it is to be judged anew. */
async function sayYes(
  act: Deciding,
  asked: Consent,
  person: Answerer,
  yes: Yes,
): Promise<boolean | undefined> {
  const one = await held(act, asked);
  const { id } = one;
  const by = person.party;
  if (one.state === 'approved') {
    mustBeGiven(one, yes);
    return true;
  }
  if (one.state !== 'requested' || one.fallen) throw problem('AM-00002');
  if (one.validTo <= act.now) throw expired();
  mustPermit(await answerOf(act, one, person));
  const { kept, dropped } = await judged(act, one);
  if (kept.some(({ party }) => party === by)) return false;
  const given = kept.length ? laterPart(asFixed(one), yes) : firstPart(one, yes);
  const answer = await answerOf(act, given, person);
  mustPermit(answer);
  // Capacity is asked of whoever answers for another, a firm too.
  if (await cannotAnswer(act, id, by)) mustPermit(bars('no_capacity'));
  const replacing = await mustReplace(act, one, person, yes.mayBeAlone === true);
  mustLastUses(given, replacing, yes);
  const shown = yes.shown(given, besideIn(replacing));
  const said = [...kept, { party: by, answer }];
  const progress = await progressIn(act, given, said);
  await letGo(act, one, dropped);
  const { role = null, basis } = answer;
  const others = without(othersToHear(one, act.now, by), [by]);
  const leftOut = given.leftOut.map(({ ordinal }) => ordinal);
  if (!progress.isComplete) {
    const awaiting = awaitingOf(progress, {
      leftOut,
      uses: given.useLimit,
      since: kept.length ? one.awaiting!.since : +act.now,
    });
    const tell: AnswerTold[] = [
      { type: 'consent_awaits', parties: [...new Set([one.from.id, by, ...others])] },
    ];
    const { mandates } = basis;
    const row = { id, by, role, mandates, tell, awaiting, level: person.level, shown };
    return (await keepYes(act, row)) ? false : undefined;
  }
  const tell: AnswerTold[] = [
    { type: 'consent_answered', parties: others },
    { type: 'consent_given', parties: without([one.from.id, by], others) },
  ];
  const approval = {
    ...{ id, by, role, leftOut, tell, shown, at: act.now },
    basis: { ...weakest(said.map((each) => each.answer.basis)), mandates: basis.mandates },
    uses: given.useLimit,
    replaced: replacing ? replacedRow(replacing) : null,
    several: {
      rests: said.length > 1 ? progress.rests : null,
      expiryEventId: uuidv7Derived(one.askedValidTo, `${id} answered`),
    },
  };
  const toldOfEnd = replacing
    ? without(othersWhoMay(replacing.old, by, act.now), [one.from.id, by, ...others])
    : [];
  return (await writeApproval(act, approval, toldOfEnd)) ? true : undefined;
}

const firstPart = (one: Consent, { chosen, uses }: Yes): Consent =>
  limitedTo(chosenOf(one, chosen), uses);

/** Later ones answer what the first chose, and may say no more than that. */
function laterPart(fixed: Consent, { chosen, uses }: Yes): Consent {
  const held = new Set(fixed.rights.map(({ ordinal }) => ordinal));
  const wrong = chosen.findIndex((place) => !held.has(place));
  if (wrong >= 0)
    throw validationProblem([{ code: 'TIL.VLD-00001', path: `/optionalRights/${wrong}` }]);
  if (uses) throw validationProblem([{ code: 'TIL.VLD-00015', path: '/uses' }]);
  return fixed;
}

/** Earlier yeses, each asked anew: those that stand, and those that nothing lets stand any more. */
async function judged(act: Deciding, one: Consent): Promise<{ kept: Said[]; dropped: string[] }> {
  // Nobody else's of a giver with a protected address (basis/veil_model.ts).
  const rows = one.awaiting ? await readYeses(act.db, one.id) : [];
  const kept: Said[] = [];
  for (const row of rows) {
    const answer = await stillSaid(act, one, row);
    if (answer) kept.push({ party: row.party, answer });
  }
  const parties = kept.map(({ party }) => party);
  return {
    kept,
    dropped: without(
      rows.map(({ party }) => party),
      parties,
    ),
  };
}

/** The basis of a yes today, where it is one to the same words. */
async function stillSaid(
  act: Deciding,
  one: Consent,
  { party, level, language, at, hash }: YesRow,
): Promise<Permitted | undefined> {
  const person = { party, level };
  const fixed = asFixed(one);
  const answer = await mayAnswer(act, fixed, person);
  if (!answer.permit || (await cannotAnswer(act, one.id, party))) return undefined;
  const replacing = await mustReplace(act, one, person, true).catch(() => undefined);
  const text = shownText(fixed, language, at, party, besideIn(replacing));
  return textHash(text) === hash ? answer : undefined;
}

/** Drops yeses, each answerer of which hears of it. */
async function letGo(act: Deciding, { id }: Consent, dropped: string[]): Promise<void> {
  if (!dropped.length) return;
  await dropYeses(act.db, id, dropped);
  await notifyEach(act, [{ type: 'consent_yes_fell', consentId: id, parties: dropped }]);
}

/** Those who have answered, and those who may, as far as a notice reaches them. */
const othersToHear = (one: Consent, now: Date, by: string): string[] => [
  ...othersWhoMay(one, by, now),
  ...(one.yeses ?? []).map(({ party }) => party),
];

const taker = ({ party, answer }: Said, rights: number): Taker => ({
  party,
  parts: answer.part?.parts ?? Array.from({ length: rights }, () => undefined),
});

async function progressIn(act: Deciding, given: Consent, said: Said[]): Promise<Progress> {
  const part = said.find(({ answer }) => answer.part)?.answer.part;
  // Somebody who is enough alone.
  const rights = part?.parts.length ?? 1;
  return progressOf(
    said.map((one) => taker(one, rights)),
    part ? await officesOf(act, given.from.id, part) : NO_OFFICES,
  );
}

const NO_OFFICES: Offices = { holders: () => [], roles: () => [] };

async function officesOf(act: Deciding, party: string, part: OwnPart): Promise<Offices> {
  const { catalogue, unitType, parts } = part;
  const roles = (subjects: SubjectMatch[]): string[] =>
    [...catalogue.roles.values()]
      .filter(({ code, keyRole }) =>
        subjects.some(
          ({ kind, value }) =>
            (kind === 'role' && value === code) ||
            (kind === 'key_role' && keyRole) ||
            (kind === 'package' && catalogue.accessOf(code, unitType).includes(value)),
        ),
      )
      .map(({ code }) => code);
  const ofAll = parts.flatMap((one) => one?.flat() ?? []).filter(({ count }) => count === 'all');
  const wanted = [...new Set(ofAll.flatMap(({ subjects }) => roles(subjects)))];
  const held = wanted.length ? await findHolders(act, party, wanted) : [];
  const holders = (subjects: SubjectMatch[]) => {
    const which = roles(subjects);
    return [...new Set(held.flatMap((row) => (which.includes(row.role) ? [row.holder] : [])))];
  };
  return { holders, roles };
}

const awaitingOf = (
  { have, need }: Progress,
  fixed: Pick<Awaiting, 'leftOut' | 'uses' | 'since'>,
): Awaiting => ({ ...fixed, ...(need === null ? {} : { have, need }) });

/** Takes back the yes of a person while others are awaited; false where there is none to take. */
export const takeYesBack = (act: Deciding, asked: Consent, by: string): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const one = await held(inner, asked);
    if (one.state !== 'requested' || !one.awaiting) return false;
    const { kept } = await judged(inner, one);
    const rest = kept.filter(({ party }) => party !== by);
    const { leftOut, uses, since } = one.awaiting;
    const awaiting = rest.length
      ? awaitingOf(await progressIn(inner, asFixed(one), rest), { leftOut, uses, since })
      : null;
    return takeBackYes(inner, { id: one.id, by, role: null, tell: [], awaiting });
  });
