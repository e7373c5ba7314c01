// Programs that act with a person's login, as a page: whom and what each was let, and the buttons
// that narrow and stop it.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type { Deciding } from '../../decision/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, type SignedIn } from '../../caller/pages.ts';
import type { Sessions } from '../../caller/session.ts';
import { formatUntil } from '../../consent/until_model.ts';
import type { Consent } from '../../consent/model.ts';
import { readable } from '../../consent/basis/among.ts';
import { findConsents } from '../../consent/find.ts';
import { displayName, inWords, titlesOf } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatDate, formatDateTime, languageOf, t, type Language } from '../../platform/locale.ts';
import type { Render } from '../../platform/http/render.ts';
import { appsOf, narrow, stop } from './apps.ts';
import type { AppRow } from './app_store.ts';
import { takeBackOffline } from './offline.ts';
import { listOffline } from './offline_store.ts';
import type { Lasting } from './offline_model.ts';

export interface AppPages {
  act: Deciding;
  sessions: Sessions;
  render: Render;
  signedIn: SignedIn;
}

export const appPages = (pages: Wired<AppPages>): Router =>
  pageRouter(pages, [
    { id: 'apps_page', path: '/apps', show: showApps },
    { id: 'apps_change', path: '/apps', post: postChange },
  ]);

/** The act that was just done, by the address that the page comes back to. */
const DONE = ['stopped', 'narrowed', 'taken_back'] as const;

async function showApps(ctx: Context, { act, render }: AppPages): Promise<void> {
  const session = sessionOf(ctx);
  const { party, name, csrf } = session;
  const language = languageOf(ctx);
  const [apps, offline] = await Promise.all([appsOf(act, party), listOffline(act, party)]);
  const ids = [...new Set(apps.flatMap(({ consents }) => consents))];
  const found = ids.length ? await findConsents(act, ids) : [];
  const mine = await readable(act, found, session);
  const consents = new Map(mine.map((one) => [one.id, inWords(one, language)]));
  const done = DONE.find((one) => ctx.URL.searchParams.has(one));
  render(ctx, {
    view: 'oidc/apps',
    title: t(language, 'apps.title'),
    who: { label: t(language, 'common.acting_self'), user: name, canSwitch: true, party },
    data: {
      csrf,
      done: done && t(language, `apps.${done}`),
      apps: apps.map((app) => appOf(app, { person: party, consents, language })),
      offline: offline.map((one) => ({
        id: one.id,
        ...namesOf(one, language),
        since: t(language, 'apps.offline_since', { date: formatDate(language, one.since) }),
      })),
    },
  });
}

interface Telling {
  person: string;
  /** Consents that the person may read. */
  consents: Map<string, Consent>;
  language: Language;
}

type OfClient = Pick<AppRow, 'clientId' | 'clientName' | 'ownerName'>;

function namesOf({ clientId, clientName, ownerName }: OfClient, language: Language) {
  const name = clientName ?? clientId;
  const owner =
    ownerName && ownerName !== name ? t(language, 'apps.owner', { name: ownerName }) : '';
  return { name, owner };
}

function appOf(app: AppRow, { person, consents, language }: Telling) {
  const { since, until, lastUsedAt, refreshes, lasting } = app;
  return {
    id: app.id,
    ...namesOf(app, language),
    since: t(language, 'apps.since', { date: formatDate(language, since) }),
    lastUsed: t(language, 'apps.last_used', { at: formatDateTime(language, lastUsedAt) }),
    until: untilText(refreshes ? until : null, lasting, language),
    lets: [
      ...(app.identity ? [{ text: t(language, 'apps.identity') }] : []),
      ...app.consents.map((id) => {
        const consent = consents.get(id);
        const text =
          consent && consent.veiled !== 'whole'
            ? `${titlesOf(consent, language)} – ${displayName(consent.to)}`
            : t(language, 'apps.consent');
        return { text, href: `/consents/${id}` };
      }),
    ],
    parties: app.parties.map((one) => ({
      id: one.id,
      name: one.id === person ? t(language, 'apps.yourself') : displayName(one),
    })),
    several: app.parties.length > 1,
  };
}

function untilText(until: Date | null, lasting: Lasting, language: Language): string {
  if (!until) return '';
  return lasting === 'session'
    ? t(language, 'apps.with_login')
    : t(language, 'apps.until', { until: formatUntil(language, until) });
}

async function postChange({ pages: { act }, session, form }: Posted<AppPages>) {
  const permission = form.get('offline');
  if (permission !== undefined) {
    await takeBackOffline(act, session.party, permission);
    return '/apps?taken_back';
  }
  const id = form.get('app') ?? '';
  const party = form.get('party');
  if (party !== undefined && !isUuid(party)) throw fault('TIL-00014');
  if (party === undefined) await stop(act.db, session.party, id);
  else await narrow(act.db, session.party, id, party);
  return party === undefined ? '/apps?stopped' : '/apps?narrowed';
}
