// The acts by which a person let others do more, shown once at the next login after them: somebody
// else may have done them with the person's login. Acts that let others do less are history.
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { readable } from '../consent/basis/among.ts';
import type { Consent } from '../consent/model.ts';
import { stopPath } from '../consent/page.ts';
import { findConsents } from '../consent/find.ts';
import { displayName, inWords, titlesOf } from '../consent/text.ts';
import { administered } from '../delegation/authority.ts';
import { findMandates } from '../mandate/delegation_store.ts';
import { markOwnShown } from '../notice/store.ts';
import type { OwnAct } from '../notice_due/list_store.ts';
import { formatDateTime, languageOf, t } from '../platform/locale.ts';
import { mandateName } from './mandate/text.ts';
import { tellingOf } from './mandate/telling.ts';
import { mandatePath, type PortalPages } from './page.ts';

/** The most that the page names; the inbox has the rest. */
const MOST = 5;

/** The verb of the sentence. */
const HOW: Partial<Record<OwnAct['type'], string>> = {
  mandate_sent: 'sent',
  mandate_changed: 'changed',
  mandate_resumed: 'resumed',
  consent_given: 'consented',
  consent_answered: 'consented',
  consent_resumed: 'resumed',
};

/** The two sides of what was done, and its own page. */
interface Done {
  act: OwnAct;
  from: { id: string; kind: string; name: string };
  to: { id: string; kind: string; name: string };
  what: string;
  href: string;
}

/** The acts before this login as lines, each with the way to undo it. */
export async function sinceLast(
  ctx: Context,
  pages: PortalPages,
  acts: OwnAct[],
): Promise<{ text: string; link: string; href: string }[]> {
  const session = sessionOf(ctx);
  const { act } = pages;
  if (!acts.length) return [];
  const language = languageOf(ctx);
  const done = [
    ...(await mandatesOf(ctx, pages, acts)),
    ...(await consentsOf(ctx, pages, acts)),
  ].sort((a, b) => b.act.at.getTime() - a.act.at.getTime());
  const others = [...new Set(done.map(({ from }) => from.id))].filter((id) => id !== session.party);
  const open = others.length ? await administered(act, session, others, 'access') : [];
  const shown = done.slice(0, MOST);
  // The rest has its turn; an act that has ended since is nothing to undo.
  const waiting = new Set(done.slice(MOST).map((one) => one.act));
  await markOwnShown(
    act,
    session.party,
    acts.filter((one) => !waiting.has(one)).flatMap(({ ids }) => ids),
  );
  return shown.map(({ act: { type, at }, from, to, what, href }) => ({
    text: t(language, 'start.since_last', {
      how: HOW[type] ?? 'gave',
      of: from.id === session.party ? 'none' : displayName(from),
      to: displayName(to),
      what,
      at: formatDateTime(language, at),
    }),
    link: t(language, 'start.since_last_link'),
    href: from.id === session.party || open.includes(from.id) ? stopPath(from.id, to.id) : href,
  }));
}

/** The mandates that were given, changed or resumed, and have not ended since. */
async function mandatesOf(ctx: Context, pages: PortalPages, acts: OwnAct[]): Promise<Done[]> {
  const ids = [...new Set(acts.flatMap(({ mandateId }) => mandateId ?? []))];
  const rows = await findMandates(pages.act, ids);
  const live = rows.filter(({ endedAt }) => endedAt === null);
  const telling = await tellingOf(ctx, pages, live);
  return live.map((row) => ({
    act: acts.find(({ mandateId }) => mandateId === row.id)!,
    from: { id: row.from, kind: row.fromKind, name: row.fromName },
    to: { id: row.to, kind: row.toKind, name: row.toName },
    what: mandateName(row, telling),
    href: mandatePath(row.id, row.from),
  }));
}

/** The consents that were given or resumed, as the person may read them. */
async function consentsOf(ctx: Context, { act }: PortalPages, acts: OwnAct[]): Promise<Done[]> {
  const ids = [...new Set(acts.flatMap(({ consentId }) => consentId ?? []))];
  const found = ids.length ? await findConsents(act, ids) : [];
  const language = languageOf(ctx);
  const isLive = ({ state, veiled }: Consent) => state === 'approved' && veiled !== 'whole';
  return (await readable(act, found, sessionOf(ctx))).filter(isLive).map((consent) => ({
    act: acts.find(({ consentId }) => consentId === consent.id)!,
    from: consent.from,
    to: consent.to,
    what: titlesOf(inWords(consent, language), language),
    href: `/consents/${consent.id}`,
  }));
}
