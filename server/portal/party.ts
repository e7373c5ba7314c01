// For whom a page is: the person, or a party that the person may see to; named in every address and
// every form, and asked about each time.
import type { Act } from '../platform/act.ts';
import type { Deciding } from '../decision/act.ts';
import type { Context } from 'koa';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { sessionOf } from '../caller/pages.ts';
import type { Session } from '../caller/session.ts';
import {
  administered,
  administration,
  isReceivedSeen,
  mustAdminister,
  type Administration,
} from '../delegation/authority.ts';
import { findClosed, type Closed } from '../mandate/estate_store.ts';
import type { Party } from '../party/model.ts';
import { findParty, findWithUnits } from '../party/store.ts';
import { fault } from '../platform/errors.ts';
import { queryParameter } from '../platform/http/body.ts';
import { isUuid } from '../platform/ids.ts';
import { leadingOn, noAccess } from './no_access.ts';
import { languageOf, pick, t, type Translated } from '../platform/locale.ts';
import type { Who } from '../platform/http/render.ts';
import type { PortalPages } from './page.ts';
import { closedTo } from '../consent/own/closed.ts';
import { labelOf, waysThen } from '../consent/page.ts';

export interface Acting {
  session: Session;
  party: { id: string; kind: string; name: string };
  isSelf: boolean;
  /** Whether what the party received may be seen. */
  received: boolean;
  /** Where the person only gives on what that party gave: its own pages are not the person's. */
  givesOn?: boolean;
  /** By what the person sees to the party. */
  basis?: Basis;
  /** Where the person had a key role when the party went bankrupt: what was is read, no more. */
  closed?: Closed;
}

/** A role by its name, or a power of attorney. */
interface Basis {
  role: Translated | undefined;
  /** Whether the party's consents may be seen by it (decision/commands.ts `mayOverview`). */
  consents: boolean;
}

/** The party that the address or the form names, oneself when it names none; else TIL-00008. */
export async function actingFor(
  ctx: Context,
  pages: PortalPages,
  named: string | null | undefined,
): Promise<Acting> {
  return admitted(ctx, pages, await partyOr(ctx, pages.act, named));
}

/** A party as far as pages show it. */
type Named = Acting['party'];

/** The party that is named, the person when none is; undefined where there is no such party. */
async function partyOr(
  ctx: Context,
  act: Act,
  named: string | null | undefined,
): Promise<Named | undefined> {
  const { party: id, kind, name } = sessionOf(ctx);
  if (!named || named === id) return { id, kind, name };
  return isUuid(named) ? findParty(act, { by: 'uuid', value: named }) : undefined;
}

/**
 * The same of one who may give something of the party's: whoever sees to it, and whoever may give
 * on what it gave. What, and whether at all, is asked of each thing (give/what.ts).
 */
export async function actingToGive(
  ctx: Context,
  pages: PortalPages,
  named: string | null | undefined,
): Promise<Acting> {
  const { act } = pages;
  const session = sessionOf(ctx);
  const party = await partyOr(ctx, act, named);
  if (!party) throw fault('TIL-00008');
  const acting = await onBehalfBy(ctx, act, party);
  const { basis } = acting;
  if (basis && ctx.method === 'GET') await pages.visits.note(act, session.party, party.id);
  const found: Acting =
    !acting.isSelf && !basis ? { ...acting, received: false, givesOn: true } : acting;
  // Somebody who only gives on is named once it is known that there is something to give.
  if (!found.givesOn) ctx.state.who = whoOf(ctx, found);
  return found;
}

/** The same, with the party's sub-units that the person sees to as well. */
export async function actingForAll(
  ctx: Context,
  pages: PortalPages,
  named: string | null | undefined,
): Promise<{ acting: Acting; main: Party | undefined; number: string | null; units: Party[] }> {
  const { act } = pages;
  const session = sessionOf(ctx);
  const wanted = named ?? session.party;
  const [party, ...units] = isUuid(wanted) ? await findWithUnits(act.db, wanted) : [];
  const ids = units.map(({ id }) => id);
  // Asked at the same moment, they are answered by one statement.
  const [acting, open] = await Promise.all([
    admitted(ctx, pages, party, true),
    administered(act, session, ids, 'access'),
  ]);
  const seen = units.filter(({ id }) => open.includes(id));
  return { acting, main: party, number: party?.personNo ?? null, units: seen };
}

/**
 * The person for the party, where the person sees to it, or, of a page that is read, had a key role
 * before its bankruptcy; TIL-00008 else.
 */
async function admitted(
  ctx: Context,
  { act, visits }: PortalPages,
  party: Named | undefined,
  isReading = false,
): Promise<Acting> {
  const session = sessionOf(ctx);
  if (!party) throw fault('TIL-00008');
  const own = await onBehalfBy(ctx, act, party);
  const { basis } = own;
  const whose = { party: party.id, person: session.party };
  const closed = own.isSelf || basis ? undefined : await findClosed(act, whose);
  if (!own.isSelf && !basis && !(closed && isReading))
    throw fault(
      'TIL-00008',
      closed ? { members: closedTo(party, closed) } : await noAccess(act, session, party),
    );
  if (basis && ctx.method === 'GET') await visits.note(act, session.party, party.id);
  const acting = { ...own, ...(closed ? { closed } : {}) };
  // Later faults of the page name the same party.
  ctx.state.who = whoOf(ctx, acting);
  return acting;
}

/** By what the person sees to another; undefined where the person does not. */
async function basisOf(
  ctx: Context,
  act: Deciding,
  party: Named,
  what: Administration = 'access',
): Promise<Basis | undefined> {
  const session = sessionOf(ctx);
  const { administers, role } = await administration(act, session, party.id, what);
  if (!administers) return undefined;
  const { roles } = await currentCatalogue(act);
  const found = roles.get(role ?? '');
  return {
    role: found?.name,
    consents: found !== undefined && (found.keyRole || !isReceivedSeen(party)),
  };
}

/**
 * The person for a party, whom it has been found to see to. Nobody but a person sees what the
 * person received from others (mayManageReceived).
 */
export function onBehalf(session: Session, party: Acting['party']): Acting {
  const isSelf = party.id === session.party;
  return { session, party, isSelf, received: isSelf || isReceivedSeen(party) };
}

/** The same with by what the person sees to the party, where the person does. */
export async function onBehalfBy(
  ctx: Context,
  act: Deciding,
  party: Named,
  what?: Administration,
): Promise<Acting> {
  const acting = onBehalf(sessionOf(ctx), party);
  const basis = acting.isSelf ? undefined : await basisOf(ctx, act, party, what);
  return { ...acting, ...(basis ? { basis } : {}) };
}

/** The person for a company in one kind of its administration; TIL-00008 else. */
export async function actingAs(
  ctx: Context,
  { act }: PortalPages,
  what: Administration,
  named = queryParameter(ctx, 'party'),
): Promise<Acting> {
  const party = isUuid(named) ? await findParty(act, { by: 'uuid', value: named }) : undefined;
  if (party?.kind !== 'organization') throw fault('TIL-00008');
  const session = sessionOf(ctx);
  try {
    await mustAdminister(act, session, party.id, what);
  } catch (error) {
    throw await leadingOn(error, act, session, party, what);
  }
  const acting = await onBehalfBy(ctx, act, party, what);
  ctx.state.who = whoOf(ctx, acting);
  return acting;
}

/**
 * The page that a page of one kind of administration leads back to: `path`, which is for those who
 * administer access; for others their list of parties.
 */
export const backFor = async (
  act: Deciding,
  { party, session }: Acting,
  path: string,
): Promise<string> =>
  (await administered(act, session, [party.id], 'access')).length ? path : '/parties';

export function whoOf(ctx: Context, acting: Acting): Who {
  const { session, party, received, givesOn, basis, closed } = acting;
  const language = languageOf(ctx);
  const role = pick(basis?.role, language)?.text;
  const why = role
    ? t(language, 'common.acting_why', { why: role })
    : t(language, 'common.acting_by_mandate');
  return {
    label: labelOf(party, session.party, closed !== undefined, language),
    user: session.name,
    canSwitch: true,
    ...(basis ? { why } : {}),
    ...(givesOn ? {} : { party: party.id }),
    closed: { inbox: !received, consents: basis?.consents === false },
    ...(closed ? waysThen(party) : {}),
  };
}
