// People who no longer work for a company and still hold something of it, or of its customers: seen
// on one page, and ended in one act.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { mayAdminister } from '../../delegation/authority.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { queryParameter, uuidsIn } from '../../platform/http/body.ts';
import { formatDate, languageOf, t } from '../../platform/locale.ts';
import { endLeft } from '../../register/leaving.ts';
import { findLeavers, type Leaver } from '../../register/store.ts';
import { actionNames, mandateName, type MandateWords } from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingFor, whoOf } from '../party.ts';
import { leaversPath } from './path.ts';

const PAGE_SIZE = 50;
const SEVERAL = ['mandate'];

export const leaverPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'leavers_page', path: '/leavers', show: (ctx, own) => showLeavers(ctx, own) },
    { id: 'leavers_end', path: '/leavers', several: SEVERAL, post: postEnd, refused: toStronger },
  ]);

async function showLeavers(
  ctx: Context,
  pages: PortalPages,
  again?: { ticked: string[]; wrong: string },
): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const { party, session } = acting;
  // Only a company has people who work for it.
  if (!isCompany(party)) return ctx.redirect(`/overview?party=${party.id}`);
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const found = await findLeavers(pages.act, [party.id], { limit: PAGE_SIZE, offset });
  const forOthers = found.some((one) => one.for !== party.id);
  const seesClients = forOthers && (await mayAdminister(pages.act, session, party.id, 'clients'));
  const telling = await tellingOf(ctx, pages, found);
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = again?.ticked ?? (kept ? uuidsIn(kept, 'mandate') : undefined);
  const action = leaversPath(party.id);
  const n = found[0]?.of ?? 0;
  pages.render(ctx, {
    view: 'portal/leavers',
    title: t(language, 'leavers.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    errors: again ? [{ field: 'leavers', text: again.wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ctx.URL.searchParams.has('ended') && t(language, 'leavers.ended'),
      action,
      people: [...Map.groupBy(found, ({ employee }) => employee)].map(([, some]) =>
        personOf(some, telling, { ticked, party: party.id, seesClients }),
      ),
      mayEnd: found.some((one) => one.for === party.id || seesClients),
      ...turns({ offset, size: PAGE_SIZE, of: n }, (at) => having(action, `offset=${at}`)),
      back: `/overview/people?party=${party.id}`,
    },
  });
}

/** One of them, with everything that is held; all of it is ticked at first. */
function personOf(
  some: Leaver[],
  telling: MandateWords,
  {
    ticked,
    party,
    seesClients,
  }: { ticked: string[] | undefined; party: string; seesClients: boolean },
) {
  const { language } = telling;
  const [{ name, endedOn } = { name: '', endedOn: '' }] = some;
  return {
    legend: t(language, 'leavers.person', {
      name: displayName({ kind: 'person', name }),
      date: formatDate(language, new Date(`${endedOn}T12:00:00Z`)),
    }),
    has: some.map((one) => {
      const what = mandateName(
        { role: null, package: one.package, resource: one.resource },
        telling,
      );
      const actions = one.actions ? ` (${actionNames(language, one.actions)})` : '';
      const giver = displayName({ kind: one.forKind, name: one.forName });
      return {
        id: one.id,
        label: t(language, 'leavers.what', {
          what: `${what}${actions}`,
          other: one.for === party ? 'no' : 'yes',
          name: giver,
        }),
        mayEnd: one.for === party || seesClients,
        checked: ticked === undefined || ticked.includes(one.id),
      };
    }),
  };
}

async function postEnd({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party } = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const ticked = uuidsIn(form, 'mandate');
  if (!ticked.length) {
    ctx.status = 400;
    const wrong = t(languageOf(ctx), 'leavers.choose');
    return void (await showLeavers(ctx, pages, { ticked, wrong }));
  }
  await endLeft(pages.act, session, party.id, ticked);
  return having(leaversPath(party.id), 'ended');
}
