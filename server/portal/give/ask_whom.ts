// The one whom a right is asked of: chosen first among those whom the asker has a tie to, or named
// by a link that a service makes.
import type { Context } from 'koa';
import { isTiedTo } from '../../access_request/tie.ts';
import { identified } from '../../consent/identity_text.ts';
import { listKnownTo } from '../../mandate/people_store.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { inEach, t, type Language } from '../../platform/locale.ts';
import { offsetOf, turns } from '../page.ts';
import { leadOfAsking, whoOfAsking } from './ask_words.ts';
import type { Visited } from './wizard.ts';

const PAGE_SIZE = 20;

/** The form, for a link that a service makes: whom its user may not act for, and its id. */
export function linkOfService(ctx: Context): string | undefined {
  const [resource, from] = [queryParameter(ctx, 'resource'), queryParameter(ctx, 'party')];
  if (!resource) return undefined;
  return `/ask/terms?${new URLSearchParams({ ...(from ? { from } : {}), resource })}`;
}

/** Those whom the asker may ask, for as long as the address names none of them. */
export async function whomFirst({ ctx, pages: { act }, acting, language }: Visited) {
  const { searchParams } = ctx.URL;
  if (searchParams.has('from') || searchParams.has('others') || searchParams.has('q'))
    return undefined;
  const { party, session } = acting;
  const whose = { party: party.id, viewer: session.party };
  const offset = offsetOf(ctx);
  const listed = await listKnownTo(act, whose, { limit: PAGE_SIZE, offset });
  const found = new Map((await findParties(act, idsOf(listed))).map((one) => [one.id, one]));
  const link = (more: Record<string, string>) =>
    `/ask?${new URLSearchParams({ party: party.id, ...more })}`;
  const who = whoOfAsking(acting);
  const of = listed[0]?.of ?? 0;
  return {
    view: 'portal/give/whom',
    title: t(language, 'ask.whom_first', who),
    data: {
      lead: await leadOfAsking(act, acting, language),
      none: t(language, 'ask.nobody', who),
      known: listed.flatMap(({ id }) => {
        const one = found.get(id);
        return one ? [{ name: identified(one, language), href: link({ from: id }) }] : [];
      }),
      ...turns({ offset, size: PAGE_SIZE, of }, (at) => link({ offset: `${at}` })),
      others: link({ others: 'yes' }),
      code: acting.isSelf ? '/code' : undefined,
      back: `/overview?party=${party.id}&show=waiting`,
    },
  };
}

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);

/**
 * Finds the giver whom the address names, where the asker has to do with that one already;
 * TIL-00008 else. A stranger is named by number and last name, also by one who may ask strangers.
 */
export async function whomIn({
  ctx,
  pages: { act },
  acting,
}: Visited): Promise<PartyRow | undefined> {
  const id = queryParameter(ctx, 'from');
  if (!id) return undefined;
  const [found] = isUuid(id) ? await findParties(act, [id]) : [];
  if (found && !found.ended && (await isTiedTo(act, found, acting.party))) return found;
  const words = (language: Language) => t(language, 'ask.error.unconnected', whoOfAsking(acting));
  throw fault('TIL-00008', { because: 'no tie', members: { reason_user: inEach(words) } });
}
