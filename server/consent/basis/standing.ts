// Decides who may answer for a giver, who may read what was given, and on what an answer would
// rest. It changes nothing and knows no page.
import type { Deciding } from '../../decision/act.ts';
import { actsFor, insufficientLevel, isOneself, type ActingParties } from '../../caller/model.ts';
import * as decision from '../../decision/commands.ts';
import type { Decided } from '../../decision/rules/question_model.ts';
import { partOf, type RuleParts } from '../../decision/rules/part_model.ts';
import { ends, type Decision } from '../../decision/rules/reason_model.ts';
import { findRepresented } from '../../decision/store.ts';
import { RESPONSIBILITY, type Catalogue } from '../../resource/catalogue/model.ts';
import type { SubjectMatch } from '../../resource/policy/model.ts';
import { ageRefusal, basisOf, type Barred, type Basis } from './model.ts';
import { questions } from '../ask/answerers.ts';
import { askedRights, type Consent } from '../model.ts';
import { findConsent } from '../find.ts';
import { isGiversOwn, isOthers, isShared, receiptOf, waitsForOther } from './own_model.ts';
import { isAnsweredFor, readByGiver, shownAt, veiledFor } from './veil_model.ts';

/** A person who reads, and the security level of the login. */
export interface ConsentReader {
  party: string;
  level: number;
}

/** The same who acts, for the parties that were chosen at the login. */
export type Answerer = ActingParties & ConsentReader;

/** A part in what several answer together: in each right twice, as a parent and by its rule. */
interface OwnPart {
  parts: (RuleParts | undefined)[];
  catalogue: Catalogue;
  /** The form of the giver that it is about. */
  unitType: string | null;
}

/** A permit, with what the answer would rest on; without others, unless it is a part. */
export type Permitted = Decision & {
  permit: true;
  basis: Basis;
  barred?: undefined;
  part?: OwnPart | undefined;
};
/** Whether a person may answer; `barred` when the rules would let, and something else does not. */
export type MayAnswer =
  | Permitted
  | (Decision & { permit: false; barred?: undefined })
  | (Pick<Decision, 'wanted' | 'reason'> & { permit: false; level?: undefined; barred: Barred });

export const bars = (why: Barred['why'], age = 0): MayAnswer => ({
  permit: false,
  reason: 'not_named',
  wanted: [],
  barred: { why, age },
});

/** The decision's reasons when the giver or the resource is no more. */
export const GONE: string[] = ['ended', 'unknown_resource'];

/** Only the giver hears that a court has taken the giver's capacity. */
const incapable = ({ from }: Consent, { party }: Answerer): MayAnswer =>
  from.id === party
    ? bars('no_capacity')
    : { ...ends('not_applicable', 'not_named'), permit: false };

/** The resource's own rule, and the age of the giver where it is a person. */
export async function maySpeak(
  act: Deciding,
  consent: Consent,
  person: Answerer,
): Promise<MayAnswer> {
  // A consent as the veil shows it has no rights, and by no rule may anybody answer it.
  if (!consent.rights.length) return { ...ends('not_applicable', 'not_named'), permit: false };
  const each: Decided[] = [];
  let first: Decision | undefined;
  for (const question of questions(
    rightsOf(consent),
    person.party,
    consent.from.id,
    person.level,
  ).map((one) => ({ ...one, asPart: true }))) {
    const answer = await decision.decideSeveral(act, question);
    if (!answer.decision.permit) return { ...answer.decision, permit: false };
    first ??= answer.decision;
    each.push(...answer.each);
  }
  const contents = consent.rights.map(({ content }) => content);
  const basis = basisOf(each, person.level, contents, consent.giverAge, act.now);
  const why = ageRefusal(basis, consent.giverAge, contents, act.now);
  const isOneOfAll = why?.why === 'parents_all' && consent.giverAge!.parents.includes(person.party);
  if (why && !isOneOfAll) return bars(why.why, why.age);
  // A service's rule of its own stands beside that of all parents.
  const parts = each.flatMap((one) => [
    isOneOfAll ? parentsPart(one, person.party) : undefined,
    partOf(one),
  ]);
  const [{ catalogue, facts }] = each as [Decided];
  const part = { parts, catalogue, unitType: facts.from?.unitType ?? null };
  return { ...first!, permit: true, basis, part: parts.some(Boolean) ? part : undefined };
}

/** The part of one parent where all must answer. */
const parentsPart = ({ decision }: Decided, holder: string): RuleParts => {
  const subjects: SubjectMatch[] = [{ kind: 'role', value: RESPONSIBILITY }];
  const by = decision.mandates.map((mandate) => ({ mandate, holder, office: RESPONSIBILITY }));
  return [[{ subjects, count: 'all', by }]];
};

/**
 * The same, and the named approver where there is one; and nobody answers for a child or ward in
 * favour of an organisation that he leads.
 */
export async function mayAnswer(
  act: Deciding,
  consent: Consent,
  person: Answerer,
): Promise<MayAnswer> {
  if (!actsFor(person, consent.from.id)) return bars('chosen');
  if (consent.requiredDelegator && consent.requiredDelegator.id !== person.party)
    return bars('named');
  const answer = await maySpeak(act, consent, person);
  // Asked last, so that to a stranger a protected address changes nothing; nor does it to others
  // whether its service or its receiver is no more.
  const isKept = isOthers(consent, person.party, act.now) || isAnsweredFor(consent, person.party);
  if (isKept && (answer.permit || GONE.includes(answer.reason)))
    return { ...ends('not_applicable', 'not_named'), permit: false };
  if (!answer.permit) return answer;
  // To the other giver nothing may show of one whose address is protected.
  if (consent.pair && consent.giverProtected) return bars('not_here');
  if (consent.requiredDelegator && answer.part) return bars('several');
  if (consent.replaces && !(await endableBy(act, consent.replaces, person)))
    return bars('replacing');
  if (!['responsibility', 'task'].includes(answer.basis.on))
    return consent.giverIncapable ? incapable(consent, person) : answer;
  for (const gainer of [consent.to, consent.handledBy])
    if (gainer && (await findRepresented(act, person.party, gainer.id)).length)
      return bars('own_favour');
  return answer;
}

/**
 * The consent as somebody sees it who may end it, for it to be replaced; undefined to all to whom
 * it is hidden, and who do not learn by a request that it is there.
 */
export async function endableBy(
  act: Deciding,
  id: string,
  person: Answerer,
): Promise<(Seen & { at: Date | null }) | undefined> {
  const old = await findConsent(act, id);
  const seen = old && (await seenAtAnyLevel(act, old, person));
  return seen?.isWhole && seen.consent.veiled !== 'whole'
    ? { ...seen, at: old!.narrowedAt }
    : undefined;
}

/** TIL-00007 where a request is read at a stronger login than this one. */
export function mustBeRead({ requiredLevel }: Consent): void {
  if (requiredLevel !== undefined) throw insufficientLevel(requiredLevel);
}

/** A consent as somebody may see it: the whole, or the receipt of the act that was one's own. */
export interface Seen {
  consent: Consent;
  isWhole: boolean;
  /** Whether it is read by somebody who cannot withdraw it: the one it is about, or a parent. */
  isReadOnly?: true;
  /** The mandates by which the reader sees the whole; none for what is the reader's own. */
  mandates: string[];
}

/**
 * A reader who may approve for the giver today, at any level, a giver who answered, and an adult
 * giver whose capacity no court has taken read and withdraw the whole. Any other giver reads it, as
 * do the parents of a child whose answer they are shown.
 * Anybody else who answered keeps a receipt of that.
 */
export async function seenBy(
  act: Deciding,
  consent: Consent,
  reader: Answerer,
): Promise<Seen | undefined> {
  const seen = await seenAtAnyLevel(act, consent, reader);
  if (!seen) return undefined;
  const shown = shownAt(reader.level, seen.consent);
  return { ...seen, consent: await ofReader(act, shown, reader.party) };
}

async function seenAtAnyLevel(
  act: Deciding,
  consent: Consent,
  reader: ActingParties,
): Promise<Seen | undefined> {
  const { party: person } = reader;
  if (!actsFor(reader, consent.from.id) || isOthers(consent, person, act.now)) return undefined;
  const isAbout = isOneself(reader, consent.from.id);
  const isOwn = isAbout && isGiversOwn(consent, act.now);
  if (isAbout && !isOwn && consent.state !== 'requested') {
    const read = readByGiver(consent, act.now);
    // By a law it is not shown, or a court has taken the capacity to end it.
    if (read.veiled === 'whole' || consent.giverIncapable) return readOnly(read);
  }
  const answer =
    isOwn || waitsForOther(consent, person)
      ? undefined
      : await maySpeak(act, consent, { party: person, level: 4 });
  if (isOwn || answer?.permit) {
    const mandates = answer?.permit ? answer.basis.mandates : [];
    return { consent: veiledFor(consent, person, act.now), isWhole: true, mandates };
  }
  if (isAbout) return readOnly(readByGiver(consent, act.now));
  if (isShared(consent, person, act.now)) return readOnly(consent);
  return consent.answeredBy?.id === person
    ? { consent: receiptOf(consent), isWhole: false, mandates: [] }
    : undefined;
}

const readOnly = (consent: Consent): Seen => ({
  consent,
  isWhole: false,
  isReadOnly: true,
  mandates: [],
});

/** Without what is no part of it, for a reader who could not have answered for that. */
export async function ofReader(act: Deciding, seen: Consent, person: string): Promise<Consent> {
  const { leftOut, from, answeredBy, suspendedAlone: suspended } = seen;
  // To others than the person nothing says that there is another consent, which may be hidden.
  const isOthersToKnow = from.kind === 'person' && from.id !== person;
  // The pause of the other of a pair is that one's to know.
  const own = { ...seen, suspended };
  const consent = isOthersToKnow ? { ...own, replaces: null, renews: false } : own;
  if (!leftOut.length || from.id === person || answeredBy?.id === person) return consent;
  const asked = { ...consent, rights: askedRights(consent), leftOut: [] };
  const { permit } = await maySpeak(act, asked, { party: person, level: 4 });
  return permit ? consent : { ...consent, leftOut: [] };
}

const rightsOf = (consent: Consent) =>
  consent.rights.map(({ actions, resource }) => ({ actions, resource }));
