// One mandate and the side on which somebody stands, for every page about it. It lets nobody act.
import type { Deciding } from '../../decision/act.ts';
import { ofMoment } from '../../platform/act.ts';
import type { Context } from 'koa';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { sessionOf } from '../../caller/pages.ts';
import { mandateSeenBy, type MandateSide } from '../../delegation/end/end.ts';
import { findMandate, type MandateRow } from '../../mandate/delegation_store.ts';
import { findClosed, momentBefore, type Closed } from '../../mandate/estate_store.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { t } from '../../platform/locale.ts';
import { onBehalf, whoOf, type Acting } from '../party.ts';
import { originsOf } from '../systems/text.ts';
import { factLines, type Line, type MandateWords } from './text.ts';
import { asTheyWere } from '../then.ts';
import { mandatePath, type PortalPages } from '../page.ts';

export const mandateIdIn = (ctx: Context): string => {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
};

/** The side that the address names; where it names none, the person's own goes before others. */
export const sideNamed = (ctx: Context): string | undefined => {
  const party = ctx.URL.searchParams.get('party') ?? undefined;
  if (party !== undefined && !isUuid(party)) throw fault('TIL-00009');
  return party;
};

export interface Looked {
  mandate: MandateRow;
  side: MandateSide;
  acting: Acting;
  catalogue: Catalogue;
  /** The address of its page, or of one of its acts, for the side that the person stands on. */
  path: (act?: string) => string;
}

/** One mandate and the side that the person stands on; a stranger's is not there. */
export async function lookAt(ctx: Context, { act }: Pick<PortalPages, 'act'>): Promise<Looked> {
  const found = await mandateSeenBy(act, mandateIdIn(ctx), sessionOf(ctx), sideNamed(ctx));
  return lookedAt(ctx, act, found);
}

/**
 * The same to read: one who had a key role at a side before its bankruptcy reads it as it was at
 * the opening.
 */
export async function readIt(ctx: Context, { act }: Pick<PortalPages, 'act'>): Promise<Looked> {
  try {
    return await lookAt(ctx, { act });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00020') throw error;
    const then = await foundThen(ctx, act);
    if (!then) throw error;
    return lookedAt(ctx, act, then);
  }
}

interface Found {
  mandate: MandateRow;
  side: MandateSide;
  closed?: Closed;
}

async function foundThen(ctx: Context, act: Deciding): Promise<Found | undefined> {
  const person = sessionOf(ctx).party;
  const named = sideNamed(ctx);
  const mandate = await findMandate(act, mandateIdIn(ctx));
  for (const side of ['giver', 'receiver'] as const) {
    const party = side === 'giver' ? mandate?.from : mandate?.to;
    if (!party || (named !== undefined && named !== party)) continue;
    const closed = await findClosed(act, { party, person });
    const at = closed && momentBefore(closed);
    const atThen = at && ofMoment(act, at);
    const then = atThen && (await findMandate(atThen, mandate!.id));
    if (!then || (then.givenAt ?? then.validFrom) > at) continue;
    const [was] = await asTheyWere(atThen, [then]);
    return { mandate: was!, side, closed };
  }
  return undefined;
}

async function lookedAt(ctx: Context, act: Deciding, found: Found): Promise<Looked> {
  const session = sessionOf(ctx);
  const { mandate, side, closed } = found;
  const catalogue = await currentCatalogue(act);
  const isParty = [mandate.from, mandate.to].includes(session.party);
  if (catalogue.isSecret(mandate.role) && !isParty) throw fault('TIL-00009');
  const self = { id: session.party, kind: 'person', name: session.name };
  const own = { giver: giverOf(mandate), receiver: receiverShown(mandate), supplier: self }[side];
  const acting = { ...onBehalf(session, own), ...(closed ? { closed } : {}) };
  ctx.state.who = whoOf(ctx, acting);
  const { from, to, via } = mandate;
  const party = { giver: from, receiver: to, supplier: via! }[side];
  return { mandate, side, acting, catalogue, path: (act) => mandatePath(mandate.id, party, act) };
}

export const giverOf = ({ from, fromKind, fromName }: MandateRow) => ({
  id: from,
  kind: fromKind,
  name: fromName,
});
export const receiverShown = ({ to, toKind, toName }: MandateRow) => ({
  id: to,
  kind: toKind,
  name: toName,
});

/** The facts of a mandate, with the vendor of the system that has it, where a system does. */
export async function mandateFacts(
  { act }: Pick<PortalPages, 'act'>,
  { mandate }: Looked,
  telling: MandateWords,
  unitType: string | null = null,
): Promise<Line[]> {
  const { to: id, toKind: kind } = mandate;
  const { language } = telling;
  const origin = (await originsOf(act, [{ id, kind }], language)).get(id);
  const system = { key: 'system', label: t(language, 'mandate.fact.system'), text: origin ?? '' };
  return factLines(mandate, telling, unitType).flatMap((line) =>
    line.key === 'to' && origin ? [line, system] : [line],
  );
}
