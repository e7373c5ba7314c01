// A gift that is looked over before it is given: several things to several receivers on the same
// terms. And the addresses of giving, which are made of it.
import type { Context } from 'koa';
import { parseForm } from '../../platform/http/body.ts';
import type { PortalPages } from '../page.ts';
import { lookedOver, sealedFor } from './look_over.ts';
import { SEVERAL_FIELDS, typedIn, type Typed } from './terms_model.ts';

const PURPOSE = 'gift';

/** A thing of a gift: a package, or actions of a service or of one case of it. */
interface GiftThing {
  package: string | null;
  resource: string | null;
  instance: string | null;
  actions: string[];
}

/** A gift that was looked over, as it is sealed. */
export interface GiftToCheck {
  person: string;
  from: string;
  to: string[];
  things: GiftThing[];
  /** Pairs of a receiver and a thing, by their places, that are left out. */
  without: string[];
  /** Null where it begins as it is given. */
  validFrom: string | null;
  /** Null until somebody ends it. */
  validTo: string | null;
  mayPassOn: boolean;
  /** False where sub-units of the giver are left out. */
  subunits: boolean;
  madeAt: number;
  /** The rest of the form as it was typed, for one who wants it otherwise. */
  typed: string;
  /** The code that its receiver showed, and the address of the form in which things were chosen. */
  code?: { id: string; form: string };
}

/** One thing to one receiver, of a gift. */
export interface GiftPart extends GiftThing {
  from: string;
  to: string;
  /** The place of the receiver and of the thing, by which it is left out. */
  place: string;
}

/** Everything that is given by it, one by one. */
export const partsOf = ({ from, to, things, without }: GiftToCheck): GiftPart[] =>
  to
    .flatMap((receiver, at) =>
      things.map((thing, number) => ({ ...thing, from, to: receiver, place: `${at}.${number}` })),
    )
    .filter(({ place }) => !without.includes(place));

/** The gift in the address, as `lookedOver` finds it. */
export const giftOf = (ctx: Context, pages: PortalPages): GiftToCheck =>
  lookedOver<GiftToCheck>(ctx, pages, PURPOSE);

/** The form that was filled in for it. */
export const typedOf = ({ typed }: GiftToCheck): Typed =>
  typedIn(parseForm(new URLSearchParams(typed), SEVERAL_FIELDS));

/** The things to give that an address names; one case of a service stands alone. */
export interface Named {
  packages: string[];
  resources: string[];
  instance: string | null;
}

/** The most things, and the most receivers, of one gift. */
export const MOST_OF_GIFT = 20;
/** The most powers of attorney that are given in one act. */
export const MOST_PARTS = 60;

export function namedIn({ URL: { searchParams } }: Context): Named {
  const all = (name: string) => [...new Set(searchParams.getAll(name))].slice(0, MOST_OF_GIFT);
  return {
    packages: all('package'),
    resources: all('resource'),
    instance: searchParams.get('instance'),
  };
}

type Subject = Pick<GiftThing, 'package' | 'resource' | 'instance'>;
export const namedOf = ({ things }: { things: Subject[] }): Named => ({
  packages: things.flatMap((one) => one.package ?? []),
  resources: things.flatMap(({ resource }) => resource ?? []),
  instance: things[0]?.instance ?? null,
});

/** The address of the form in which the rest is said. */
export const termsOf = (
  from: string,
  { packages, resources, instance }: Named,
  more: Record<string, string> = {},
) =>
  `/give/terms?${new URLSearchParams([
    ['party', from],
    ...packages.map((code): [string, string] => ['package', code]),
    ...resources.map((id): [string, string] => ['resource', id]),
    ...(instance ? [['instance', instance] as [string, string]] : []),
    ...Object.entries(more),
  ])}`;

/** The form as it was typed. */
export const changeOf = (gift: GiftToCheck, sealed: string) => {
  if (gift.code) return `${gift.code.form}&${new URLSearchParams({ gift: sealed })}`;
  const named = namedOf(gift);
  // A case that was typed is in the form.
  const typed = typedOf(gift).instance;
  return termsOf(
    gift.from,
    { ...named, instance: typed ? null : named.instance },
    { gift: sealed },
  );
};

export const checkOf = (sealed: string) => `/give/check?${new URLSearchParams({ gift: sealed })}`;

/** The address at which it is looked over. */
export const sealedOf = (gift: GiftToCheck, pages: PortalPages) =>
  checkOf(sealedFor(PURPOSE, gift, pages));
