// Giving to one who sits at the same table: the receiver shows a code, the giver enters it and
// gives by it once, without a number. It knows no HTTP.
import { randomInt } from 'node:crypto';
import type { Deciding } from '../../decision/act.ts';
import { insufficientLevel } from '../../caller/model.ts';
import type { Session } from '../../caller/session.ts';
import type { Act } from '../../platform/act.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { CLEAR, readClear } from '../../platform/reference.ts';
import type { Limits } from '../../platform/http/limits.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { administrative, type Actor } from '../authority.ts';
import type { Inside } from '../give/begin.ts';
import { asActor } from '../give/footing.ts';
import { givePackage } from '../give/give.ts';
import type { Gift, Given } from '../give/settle.ts';
import { problem } from '../problems.ts';
import { codeStands, storeCode, takeCode, useCode, type EnteredCode } from './store.ts';

/** Minutes for which a code is shown. */
export const SHOWN_MINUTES = 10;
const LENGTH = 8;
/** The security level of one who gives by code. */
export const CODE_LEVEL = 4;

/** Shows a new code in this session; one that it showed before holds no more. */
export async function showCode(act: Act, { id: session, party }: Session): Promise<void> {
  const code = Array.from({ length: LENGTH }, () => CLEAR[randomInt(CLEAR.length)]).join('');
  const until = new Date(act.now.getTime() + SHOWN_MINUTES * 60_000);
  await storeCode(act, { session, id: uuidv7(act.now), code, receiver: party, until });
}

/** A code as it may be typed; undefined for what cannot be one. */
export const readCode = (typed: string): string | undefined => readClear(typed, LENGTH);

/**
 * The code for the one who enters it; undefined where it does not hold. Each wrong try counts for
 * the person: TIL-00035 after five in an hour. A right one is given back.
 */
export async function enterCode(
  act: Act,
  limits: Limits,
  { party, level }: Actor,
  code: string,
): Promise<EnteredCode | undefined> {
  if (level < CODE_LEVEL) throw insufficientLevel(CODE_LEVEL);
  // Counted before it is tried: many at once are no more tries than one after the other.
  await limits.count('code', party);
  const found = await takeCode(act, code, party);
  if (found) await limits.giveBack('code', party);
  return found;
}

/**
 * The packages, of these, that may be given by code: the catalogue says it of each, none of a
 * guarded area is, and none by which one gives on or administers.
 */
export async function givenByCode(
  act: Act,
  catalogue: Catalogue,
  codes: string[],
): Promise<string[]> {
  const allowed = codes.filter((code) => {
    const entry = catalogue.packages.get(code);
    return entry?.byCode && !catalogue.areas.get(entry.area)?.guarded;
  });
  const over = allowed.length ? await administrative(act.db, allowed) : new Set<string>();
  return allowed.filter((code) => !over.has(code));
}

/** Throws where this person may not give by the code that they entered, or no more: TIL-00057. */
export async function mustHoldCode(act: Act, { party, level }: Actor, id: string): Promise<void> {
  if (level < CODE_LEVEL) throw insufficientLevel(CODE_LEVEL);
  if (!(await codeStands(act, id, party))) throw problem('TIL-00057');
}

/** The code that a gift uses up; `gift` is the same for all parts of one. */
export interface CodeUse {
  id: string;
  gift: string;
}

/**
 * Gives a package by the code that its giver entered; it is not passed on. TIL-00058 where the
 * package may not be given so, TIL-00057 where the code was used for another gift or is shown no
 * more.
 */
export async function giveByCode(
  act: Deciding,
  actor: Actor,
  gift: Gift,
  { code, use, inside }: { code: string; use: CodeUse; inside?: Inside },
): Promise<Given> {
  if (actor.level < CODE_LEVEL) throw insufficientLevel(CODE_LEVEL);
  const [allowed] = await givenByCode(act, await currentCatalogue(act), [code]);
  if (!allowed) throw problem('TIL-00058');
  const whole = { ...gift, mayPassOn: false, byCode: use.id, agreed: true };
  return givePackage(act, asActor(actor), whole, code, async (inner) => {
    await inside?.(inner);
    const held = { ...use, by: actor.party, receiver: gift.to };
    if (!(await useCode(inner, held))) throw problem('TIL-00057');
  });
}
