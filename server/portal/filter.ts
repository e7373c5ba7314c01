// The form that looks for something in a list: of powers of attorney and of consents alike.
import { seenBy, type Answerer } from '../consent/basis/standing.ts';
import { findConsent } from '../consent/find.ts';
import type { Deciding } from '../decision/act.ts';
import type { Context } from 'koa';
import { findReferenced } from '../mandate/overview_store.ts';
import { fault } from '../platform/errors.ts';
import { t, type Language } from '../platform/locale.ts';
import { readReference } from '../platform/reference.ts';
import { mandatePath } from './page.ts';

const LONGEST_SEARCH = 100;
const ONLY = ['soon', 'unused'] as const;

/** The search in the address: a text as it was written, and one of `ONLY`. */
export interface Filter {
  search: string;
  only: (typeof ONLY)[number] | null;
}

export function filterIn(ctx: Context): Filter {
  const { searchParams } = ctx.URL;
  const search = (searchParams.get('q') ?? '').trim().slice(0, LONGEST_SEARCH);
  if (search.includes('\0')) throw fault('TIL-00014');
  return { search, only: ONLY.find((one) => one === searchParams.get('only')) ?? null };
}

export const isFiltering = ({ search, only }: Filter): boolean => search !== '' || only !== null;

/** The same as parameters of an address. */
export const filterQuery = ({ search, only }: Filter): Record<string, string> => ({
  ...(search ? { q: search } : {}),
  ...(only ? { only } : {}),
});

/** The data of the form (views/partials/form/filter.hbs). */
export const filterForm = (
  { search, only }: Filter,
  { action, hidden }: { action: string; hidden: Record<string, string> },
  language: Language,
) => ({
  action,
  hidden: Object.entries(hidden).map(([name, value]) => ({ name, value })),
  search,
  only: ['', ...ONLY].map((id) => ({
    id,
    label: t(language, `mandate.only.${id || 'all'}`),
    selected: id === (only ?? ''),
  })),
});

/**
 * The page of what has the reference that was typed in the search, of these parties, where the
 * reader may see it.
 */
export async function pathByReference(
  act: Deciding,
  { search }: Filter,
  whose: Parameters<typeof findReferenced>[2],
  reader: Answerer,
): Promise<string | undefined> {
  const reference = readReference(search);
  const found = reference && (await findReferenced(act.db, reference, whose));
  if (!found) return undefined;
  const { kind, id, party } = found;
  if (kind === 'consent') {
    const consent = await findConsent(act, id);
    return consent && (await seenBy(act, consent, reader)) ? `/consents/${id}` : undefined;
  }
  return kind === 'mandate' ? mandatePath(id, party) : `/requests/${id}?party=${party}`;
}
