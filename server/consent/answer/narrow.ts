// Narrowing a consent that holds: rights that may be left out are taken out of it, or its end is
// brought nearer. Nobody widens one again: it is asked for anew. It knows no HTTP and no page.
import type { Deciding } from '../../decision/act.ts';
import { uuidv7Derived } from '../../platform/ids.ts';
import { isShownEnded } from '../basis/veil_model.ts';
import { seenBy, type Answerer } from '../basis/standing.ts';
import { askedRights, type Consent } from '../model.ts';
import { effectiveStatus, isStanding } from '../status_model.ts';
import { problem, validationProblem, type Validation } from '../problems.ts';
import { judged } from './answer.ts';
import { storeNarrowing } from './narrow_store.ts';
import { toldAll } from './told_model.ts';

/** So often it is judged anew while others narrow it. */
const MOST_TIMES = 10;

/** The wish: places of rights among those asked for, and an end. */
export interface Narrower {
  without?: number[] | undefined;
  validTo?: Date | undefined;
}

/**
 * Narrows for whoever may withdraw it; what is so already changes nothing. AM-00000; AM-00010 of
 * one that does not hold; STD-00000 for a right that cannot be left out, for what would leave none,
 * and for an end that is past or later than the one that holds.
 */
export const narrowConsent = (
  act: Deciding,
  consent: Consent,
  reader: Answerer,
  wish: Narrower,
): Promise<void> =>
  judged(act, consent, 'AM-00010', (at, one) => narrowOnce(at, one, reader, wish), MOST_TIMES);

async function narrowOnce(
  at: Deciding,
  one: Consent,
  reader: Answerer,
  wish: Narrower,
): Promise<boolean> {
  const seen = await seenBy(at, one, reader);
  if (!seen?.isWhole) throw problem('AM-00000');
  // As the reader sees it: what is refused, and why, says nothing of what is hidden.
  const isOver = !isStanding(effectiveStatus(seen.consent, at.now));
  if (isOver || isShownEnded(one, reader.party, at.now)) throw problem('AM-00010');
  const wrong = faultsIn(seen.consent, wish, at.now);
  if (wrong.length) throw validationProblem(wrong);
  const dropped = one.rights.filter(({ ordinal }) => wish.without?.includes(ordinal));
  const validTo = wish.validTo ?? one.validTo;
  if (!dropped.length && +validTo === +one.validTo) return true;
  const { id, narrowedAt } = one;
  const by = reader.party;
  return storeNarrowing(at, {
    id,
    by,
    role: null,
    mandates: seen.mandates,
    tell: toldAll('consent_narrowed', one, by, at.now),
    without: dropped.map(({ ordinal }) => ordinal),
    validTo,
    expiryEventId:
      +validTo === +one.validTo ? one.expiryEventId : uuidv7Derived(validTo, `${id} ${+validTo}`),
    narrowedAt,
    detail: { without: dropped.map(({ resource }) => resource), validTo },
  });
}

function faultsIn(consent: Consent, { without = [], validTo }: Narrower, now: Date): Validation[] {
  const optional = askedRights(consent).filter((right) => right.optional);
  const places = new Set(optional.map(({ ordinal }) => ordinal));
  const wrong = without.flatMap((place, index): Validation[] =>
    places.has(place) ? [] : [{ code: 'TIL.VLD-00001', path: `/without/${index}` }],
  );
  // Without any right it would be withdrawn.
  const isEmptied = consent.rights.every(({ ordinal }) => without.includes(ordinal));
  if (!wrong.length && consent.rights.length && isEmptied)
    wrong.push({ code: 'TIL.VLD-00013', path: '/without' });
  if (validTo && validTo <= now) wrong.push({ code: 'AM.VLD-00022', path: '/validTo' });
  if (validTo && validTo > consent.validTo) wrong.push({ code: 'TIL.VLD-00014', path: '/validTo' });
  return wrong;
}
