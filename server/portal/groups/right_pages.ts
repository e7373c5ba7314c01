// Giving rights to a group: packages and services that the person may give for the company, ticked
// on one page. Each is given to each member at once, as far as that member may have it.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { administrative } from '../../delegation/authority.ts';
import { addRights, MOST_OF_GROUP } from '../../delegation/group/group.ts';
import type { GroupRight } from '../../mandate/group_store.ts';
import { listGroupMembers } from '../../mandate/group_member_store.ts';
import { identified } from '../../consent/identity_text.ts';
import { queryParameter, severalIn } from '../../platform/http/body.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { basketOf, type GiftSubject } from '../give/basket.ts';
import { areasOf, titleOf } from '../give/search.ts';
import { toGive } from '../give/what.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { groupIn, groupPath, notAddedText, type OfGroup } from './group.ts';

const SEVERAL = ['package', 'resource'];

export const rightRows: PageRow<PortalPages>[] = [
  {
    id: 'group_rights_page',
    path: '/groups/:id/rights',
    show: async (ctx, pages) => showRights(ctx, pages, await groupIn(ctx, pages)),
  },
  {
    id: 'group_open',
    path: '/groups/:id/rights',
    several: SEVERAL,
    post: postRights,
    refused: toStronger,
  },
];

/** The things that were ticked. */
interface Ticked {
  packages: string[];
  resources: string[];
}

const tickedIn = (form: Map<string, string>): Ticked => ({
  packages: [...new Set(severalIn(form, 'package'))],
  resources: [...new Set(severalIn(form, 'resource'))],
});

async function showRights(
  ctx: Context,
  pages: PortalPages,
  { acting, group }: OfGroup,
  again?: { ticked: Ticked; wrong: string },
): Promise<void> {
  const { session } = acting;
  const language = languageOf(ctx);
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = again?.ticked ?? tickedIn(kept ?? new Map());
  const search = (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100);
  const found = await toGive({ ctx, pages, acting, language }, search);
  const over = await administrative(
    pages.act.db,
    found.packages.map(({ code }) => code),
  );
  const packages = found.packages.filter(
    ({ code, endless, together }) => endless && !together && !over.has(code),
  );
  const members = await listGroupMembers(pages.act, group.id, {
    limit: MOST_OF_GROUP.full,
    offset: 0,
  });
  const address = groupPath(group, '/rights');
  const action = search ? `${address}&${new URLSearchParams({ q: search })}` : address;
  const areas = areasOf(
    { ...found, packages, search, language, ticked: ticked.packages },
    () => '',
  );
  pages.render(ctx, {
    view: 'portal/groups/rights',
    title: t(language, 'groups.open_title', { name: group.name }),
    who: whoOf(ctx, acting),
    errors: again ? [{ field: 'things', text: again.wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      action,
      seen: group.additions,
      members: members.map((one) => identified(one, language)),
      path: `/groups/${group.id}/rights`,
      party: group.party,
      search,
      searchLabel: t(language, 'give.search'),
      effect: t(language, 'groups.open_effect', { n: group.members }),
      areas,
      services: found.services.map((one) => ({
        id: one.id,
        name: titleOf(one, language),
        checked: ticked.resources.includes(one.id),
      })),
      none: !areas.length && !found.services.length,
      nothing: t(language, search ? 'give.nothing_found' : 'give.nothing'),
      back: groupPath(group),
    },
  });
}

async function postRights({ ctx, pages, session, form }: Posted<PortalPages>) {
  const of = await groupIn(ctx, pages);
  const { acting, group } = of;
  const language = languageOf(ctx);
  const ticked = tickedIn(form);
  const again = async (wrong: string) => {
    ctx.status = 400;
    await showRights(ctx, pages, of, { ticked, wrong });
    return undefined;
  };
  if (!ticked.packages.length && !ticked.resources.length)
    return again(t(language, 'give.error.none'));
  if (ticked.packages.length + ticked.resources.length > MOST_OF_GROUP.rights)
    return again(notAddedText('rights', language));
  const { things } = await basketOf(
    { ctx, pages, acting, language },
    { ...ticked, instance: null },
  );
  const unfit = things.find(isUnfit);
  if (unfit) return again(t(language, 'groups.wrong.unfit', { what: unfit.name }));
  const wrong = await addRights(pages.act, session, group, {
    added: things.map(asRight),
    seen: form.get('seen') ?? '',
  });
  if (wrong) return again(notAddedText(wrong, language));
  return having(groupPath(group), 'opened');
}

/** A service with all that the person may give of it. */
const asRight = ({ package: code, resource, actions }: GiftSubject): GroupRight => ({
  package: code,
  resource,
  actions: resource === null ? null : actions,
});

/** Whether a group cannot have it: it must have an end, or others must say yes each time. */
const isUnfit = ({ package: code, mayEndless, takesOthers }: GiftSubject): boolean =>
  (code !== null && !mayEndless) || takesOthers;
