// A consent as it is redeemed: what a token may say of it, and until when. Pure.
import { iso6523 } from '../party/model.ts';
import { instantText } from './model.ts';
import type { UsesLeft } from './uses_model.ts';

/** The result of a redemption: enough for a token (§4.3) and for the lookup (§1.4). */
export interface Redeemed {
  id: string;
  from: string;
  toNo: string;
  handledByNo: string | null;
  consented: Date;
  validTo: Date;
  /** When it falls by what is known already; no token lasts longer. */
  endsAt: Date | null;
  /** Its place in the status lists. */
  statusPlace: string;
  /** Absent where none are counted. */
  usesLeft?: UsesLeft;
  rights: {
    action: string[];
    resource: { type: string; value: string }[];
    metadata: Record<string, string>;
  }[];
}

/** The latest at which a token of it may still be believed by one who does not ask. */
export const lastsUntil = ({ validTo, endsAt }: Pick<Redeemed, 'validTo' | 'endsAt'>): Date =>
  endsAt && endsAt < validTo ? endsAt : validTo;

/** The type of an `authorization_details` object that says a consent (RFC 9396 §2). */
const TYPE = 'urn:altinn:consent';

/** The members of that object that an act may change, which a token of before says otherwise. */
export const changedDetail = (now: { id: string; validTo: Date; rights: object[] }) => ({
  ...{ type: TYPE, id: now.id, validTo: instantText(now.validTo), consentRights: now.rights },
});

/**
 * The `authorization_details` object of a token; `handledBy` is added when the operator draws it.
 */
export function tokenDetail(redeemed: Redeemed, drawnBy: string) {
  return {
    type: TYPE,
    id: redeemed.id,
    from: redeemed.from,
    to: iso6523(redeemed.toNo),
    ...(redeemed.handledByNo === drawnBy && drawnBy !== redeemed.toNo
      ? { handledBy: iso6523(drawnBy) }
      : {}),
    consented: instantText(redeemed.consented),
    validTo: instantText(redeemed.validTo),
    ...(redeemed.usesLeft ? { usesLeft: redeemed.usesLeft } : {}),
    consentRights: redeemed.rights,
  };
}
