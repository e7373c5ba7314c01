// Passing a request on: by somebody who cannot answer it, or not alone, to the inbox of those who
// can, whose names the sender does not learn; and by a child to a parent. It knows no page.
import type { Deciding } from '../../decision/act.ts';
import { byId, whoCan } from '../../decision/search/search.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { inTransaction } from '../../platform/act.ts';
import { NO_ID } from '../../platform/ids.ts';
import { questions } from '../ask/answerers.ts';
import { lockConsents } from '../ask/replace_store.ts';
import { mayAnswer, type Answerer, type ConsentReader } from '../basis/standing.ts';
import { readByGiver } from '../basis/veil_model.ts';
import { hasSaidYes, type Consent } from '../model.ts';
import { passRequestOn } from './pass_store.ts';

/** So many get it at most. */
const MOST_RECEIVERS = 100;
/** So many are looked at, of each of several rights. */
const MOST_CANDIDATES = 5_000;

/** Whether a request waits for anybody who may answer; a protected giver's reaches nobody else. */
export const isPassable = (
  { state, fallen, validTo, requiredDelegator, giverProtected }: Consent,
  now: Date,
): boolean =>
  state === 'requested' && !fallen && validTo > now && !requiredDelegator && !giverProtected;

/**
 * Sends a company's request to those who can answer it, and a person's, by one who has said yes, to
 * the others. Does nothing where it cannot be answered any more, and sends it to nobody twice.
 */
export async function passRequest(
  act: Deciding,
  consent: Consent,
  sender: Answerer,
): Promise<void> {
  const isOfPerson = consent.from.kind === 'person';
  if (!isPassable(consent, act.now)) return;
  if (isOfPerson && !hasSaidYes(consent, sender.party)) return;
  const able = isOfPerson ? await familyAble(act, consent) : await ableFor(act, consent);
  const said = (consent.yeses ?? []).map(({ party }) => party);
  await passTo(
    act,
    consent,
    sender,
    able.filter((party) => !said.includes(party)),
  );
}

/** Whether a child reads a request that a parent answers, and may say no to it. */
export const isChildsToRead = (consent: Consent, { party }: ConsentReader, now: Date): boolean =>
  consent.from.id === party &&
  isPassable(consent, now) &&
  readByGiver(consent, now).veiled !== 'whole';

/** The parents to whom a child may send what it cannot answer; none where it is kept from it. */
export async function parentsFor(
  act: Deciding,
  consent: Consent,
  child: ConsentReader,
): Promise<PartyRow[]> {
  if (!isChildsToRead(consent, child, act.now)) return [];
  const parents = consent.giverAge?.parents ?? [];
  const found = parents.length ? await findParties(act, parents) : [];
  // One whose address is protected is named to nobody.
  const named = found.filter(({ protectedAddress }) => !protectedAddress);
  const able = await ableAmong(
    act,
    consent,
    named.map(({ id }) => id),
  );
  return named.filter(({ id }) => able.includes(id));
}

/** Sends it to one of those; false where that one is not among them. */
export async function passToParent(
  act: Deciding,
  consent: Consent,
  child: Answerer,
  parent: string | undefined,
): Promise<boolean> {
  const parents = await parentsFor(act, consent, child);
  const chosen = parents.find(({ id }) => id === parent);
  if (!chosen) return false;
  await passTo(act, consent, child, [chosen.id]);
  return true;
}

const passTo = (act: Deciding, { id }: Consent, { party: by }: Answerer, able: string[]) =>
  inTransaction(act, async (inner) => {
    await lockConsents(inner.db, [id]);
    const to = able.filter((party) => party !== by);
    if (to.length) await passRequestOn(inner, { id, by, to });
  });

const familyAble = (act: Deciding, consent: Consent) =>
  ableAmong(act, consent, [consent.from.id, ...(consent.giverAge?.parents ?? [])]);

async function ableAmong(act: Deciding, consent: Consent, people: string[]): Promise<string[]> {
  const answers = await Promise.all(
    people.map((party) => mayAnswer(act, consent, { party, level: 4 })),
  );
  return people.filter((_, index) => answers[index]!.permit);
}

/** The persons who may answer for a company, alone or with others, in each right. */
async function ableFor(act: Deciding, { rights, from }: Consent): Promise<string[]> {
  const asked = questions(rights, from.id, from.id).flatMap(({ action, resources }) =>
    resources.map((resource) => ({ action, resource })),
  );
  // They come in the order of id: for several rights more are looked at, to find those of all.
  const limit = asked.length > 1 ? MOST_CANDIDATES : MOST_RECEIVERS;
  const found = await Promise.all(
    asked.map(async (question) => {
      const where = { ...question, from: byId(from.id), level: 4, asPart: true };
      const wanted = { kinds: ['person'], after: NO_ID, limit };
      return new Set((await whoCan(act, where, wanted)).items.map(({ id }) => id));
    }),
  );
  const [first = new Set<string>(), ...others] = found;
  return [...first].filter((id) => others.every((ids) => ids.has(id))).slice(0, MOST_RECEIVERS);
}
