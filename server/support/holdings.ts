// The powers of attorney that stand of a party, and the consents that the person sees, as support
// staff may see them: nothing of registers, and nothing of a giver whose address is protected.
import { readable } from '../consent/basis/among.ts';
import type { Consent } from '../consent/model.ts';
import { findConsents } from '../consent/find.ts';
import { listConsents } from '../consent/own/list_store.ts';
import type { Deciding } from '../decision/act.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import { SUPPORT_LEVEL, type SupportCase } from './model.ts';
import { listGivenShown, listHadShown } from './holdings_store.ts';

/** So many of each are on a page. */
export const PAGE_SIZE = 50;
/** So many consents are on the first page. */
const MOST_CONSENTS = 200;

export interface SeenBySupport {
  given: MandateRow[];
  had: MandateRow[];
  consents: Consent[];
  /** The most that there is of either. */
  of: number;
}

/** One page of it; the first has the consents. */
export async function seenBySupport(
  act: Deciding,
  { party }: SupportCase,
  offset: number,
): Promise<SeenBySupport> {
  const page = { limit: PAGE_SIZE, offset };
  const [given, had] = [
    await listGivenShown(act, party.id, page),
    await listHadShown(act, party.id, page),
  ];
  const consents = offset ? [] : await consentsOf(act, party);
  return { given, had, consents, of: Math.max(given[0]?.of ?? 0, had[0]?.of ?? 0) };
}

/** Those among ids of mandates and consents that staff see the party to have given. */
export async function shownAmong(
  act: Deciding,
  { party }: SupportCase,
  ids: string[],
): Promise<string[]> {
  const given = await listGivenShown(act, party.id, { limit: ids.length, offset: 0, ids });
  const consents = await consentsOf(act, party);
  const shown = new Set([...given, ...consents].map(({ id }) => id));
  return ids.filter((id) => shown.has(id));
}

/** Consents that hold and the person sees; a company's are for those who answer for it. */
async function consentsOf(act: Deciding, party: SupportCase['party']): Promise<Consent[]> {
  if (party.kind === 'organization') return [];
  const rows = await listConsents(act, {
    ...{ party: party.id, kind: 'active', viewModes: ['hide', 'show'] },
    ...{ viewer: party.id, limit: MOST_CONSENTS },
  });
  const found = await findConsents(
    act,
    rows.map(({ id }) => id),
  );
  const seen = await readable(act, found, { party: party.id, level: SUPPORT_LEVEL });
  return seen.filter(({ veiled }) => veiled !== 'whole');
}
