// Many consents as one person may see them: each question is asked once for all that are about the
// same. It changes nothing and knows no page.
import type { Deciding } from '../../decision/act.ts';
import { canonicalJson } from '../../platform/ids.ts';
import type { Consent } from '../model.ts';
import { isGiversOwn, isOthers, isShared, receiptOf, waitsForOther } from './own_model.ts';
import { maySpeak, ofReader, type ConsentReader } from './standing.ts';
import { readByGiver, shownAt, veiledFor } from './veil_model.ts';

/** By what each is about, whether the person may see to it; each question is asked once. */
export async function mayAmong(
  act: Deciding,
  consents: Consent[],
  person: string,
): Promise<(consent: Consent) => boolean> {
  // Ages stand in a version of a service.
  const keyOf = ({ from, rights }: Consent) =>
    canonicalJson([
      from.id,
      rights.map(({ resource, version, actions }) => [resource, version, actions]),
    ]);
  const each = new Map(consents.map((consent) => [keyOf(consent), consent]));
  const answers = new Map(
    await Promise.all(
      [...each].map(async ([key, consent]): Promise<[string, boolean]> => {
        const answer = await maySpeak(act, consent, { party: person, level: 4 });
        return [key, answer.permit];
      }),
    ),
  );
  return (consent) => answers.get(keyOf(consent))!;
}

/** The consents of a list that a person may read, by the same policy. */
export async function readable(
  act: Deciding,
  consents: Consent[],
  reader: ConsentReader,
): Promise<Consent[]> {
  const isOpen = await mayAmong(act, consents, reader.party);
  const seen = seenAmong(consents, isOpen, reader, act.now);
  return Promise.all(seen.map((consent) => ofReader(act, consent, reader.party)));
}

/**
 * Answered consents that a person may read as an answerer does, without those hidden from the
 * person to whom they were given.
 */
export async function wholeAmong(
  act: Deciding,
  consents: Consent[],
  reader: ConsentReader,
): Promise<Consent[]> {
  const isOpen = await mayAmong(act, consents, reader.party);
  const ids = new Set(
    seenAmong(consents, isOpen, reader, act.now)
      .filter(({ veiled }) => veiled !== 'whole')
      .map(({ id }) => id),
  );
  return consents.filter(
    (consent) => ids.has(consent.id) && (isOpen(consent) || consent.from.id === reader.party),
  );
}

const seenAmong = (
  consents: Consent[],
  isOpen: (consent: Consent) => boolean,
  { party: person, level }: ConsentReader,
  now: Date,
): Consent[] =>
  consents.flatMap((each) => {
    const seen = seenOf(each, isOpen, person, now);
    return seen ? [shownAt(level, seen)] : [];
  });

function seenOf(
  consent: Consent,
  isOpen: (consent: Consent) => boolean,
  person: string,
  now: Date,
): Consent | undefined {
  if (isOthers(consent, person, now)) return undefined;
  if (consent.from.id === person && consent.state !== 'requested') {
    if (isGiversOwn(consent, now)) return consent;
    const read = readByGiver(consent, now);
    const endsIt = isOpen(consent) && read.veiled !== 'whole' && !consent.giverIncapable;
    return endsIt ? read : { ...read, isReadOnly: true };
  }
  if (isOpen(consent) && !waitsForOther(consent, person)) return veiledFor(consent, person, now);
  if (isShared(consent, person, now)) return { ...consent, isReadOnly: true };
  return consent.answeredBy?.id === person
    ? { ...receiptOf(consent), isReadOnly: true }
    : undefined;
}
