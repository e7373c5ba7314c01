// A gift that is looked over before it is given: sealed into an address, for the one who looked it
// over and for a while. And the addresses of giving, which are made of it.
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { parseForm, queryParameter } from '../../platform/http/body.ts';
import { fault } from '../../platform/errors.ts';
import type { PortalPages } from '../page.ts';
import { typedIn, type Typed } from './terms_model.ts';

const PURPOSE = 'gift';
/** A gift that was looked over is given within this, or looked over again. */
const OPEN_MILLIS = 30 * 60_000;

/** A gift that was looked over, as it is sealed. */
export interface GiftToCheck {
  person: string;
  from: string;
  to: string;
  package: string | null;
  resource: string | null;
  instance: string | null;
  actions: string[];
  validTo: string;
  mayPassOn: boolean;
  /** False where sub-units of the giver are left out. */
  subunits: boolean;
  madeAt: number;
  /** The rest of the form as it was typed, for one who wants it otherwise. */
  typed: string;
}

function unsealed(ctx: Context, seal: PortalPages['seal']): GiftToCheck {
  try {
    return JSON.parse(seal.open(PURPOSE, queryParameter(ctx, 'gift') ?? '')) as GiftToCheck;
  } catch (cause) {
    throw fault('TIL-00013', { cause });
  }
}

/**
 * The gift in the address, looked over by this person (else `TIL-00046`) a while ago at most (else
 * `TIL-00013`).
 */
export function giftOf(ctx: Context, { act, seal }: PortalPages): GiftToCheck {
  const gift = unsealed(ctx, seal);
  if (gift.person !== sessionOf(ctx).party) throw fault('TIL-00046');
  if (act.now.getTime() - gift.madeAt >= OPEN_MILLIS) throw fault('TIL-00013');
  return gift;
}

/** The form that was filled in for it. */
export const typedOf = ({ typed, actions }: GiftToCheck): Typed => ({
  ...typedIn(parseForm(new URLSearchParams(typed))),
  actions,
});

/** The thing to give that an address names. */
export const namedIn = ({ URL: { searchParams } }: Context) => ({
  package: searchParams.get('package'),
  resource: searchParams.get('resource'),
  instance: searchParams.get('instance'),
});

export const termsOf = (
  {
    from,
    package: code,
    resource,
    instance,
  }: Pick<GiftToCheck, 'from' | 'package' | 'resource' | 'instance'>,
  more: object = {},
) =>
  `/give/terms?${new URLSearchParams({
    party: from,
    ...(code ? { package: code } : { resource: resource! }),
    ...(instance ? { instance } : {}),
    ...more,
  })}`;

/** The form as it was typed. */
export const changeOf = (gift: GiftToCheck, sealed: string) => termsOf(gift, { gift: sealed });

export const checkOf = (sealed: string) => `/give/check?${new URLSearchParams({ gift: sealed })}`;

/** The address at which it is looked over. */
export const sealedOf = (gift: GiftToCheck, { seal }: PortalPages) =>
  checkOf(seal.seal(PURPOSE, JSON.stringify(gift)));
