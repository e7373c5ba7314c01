// Putting people and systems in a group: known ones are ticked, a new one is named by number and
// last name. All of them get all that the group has, or nobody anything.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { addMembers, type Joining } from '../../delegation/group/group.ts';
import { listRights } from '../../mandate/group_store.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import { isOrganization } from '../../party/model.ts';
import { findParties } from '../../party/store.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { receiverBoxes, receiversOf } from '../give/receivers.ts';
import { typedIn, wrongReceivers, type FieldFault, type Typed } from '../give/terms_model.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { notDoneText } from '../person/pages.ts';
import { groupIn, groupPath, notAddedText, rightName, type OfGroup } from './group.ts';

const SEVERAL = ['to'];

export const memberRows: PageRow<PortalPages>[] = [
  {
    id: 'group_members_page',
    path: '/groups/:id/members',
    show: async (ctx, pages) => showMembers(ctx, pages, await groupIn(ctx, pages)),
  },
  {
    id: 'group_join',
    path: '/groups/:id/members',
    several: SEVERAL,
    post: postMembers,
    refused: toStronger,
  },
];

interface Again {
  typed: Typed;
  errors?: FieldFault[];
  /** Rights that could not be given, with why; nobody was put in. */
  failed?: string[];
}

async function showMembers(
  ctx: Context,
  pages: PortalPages,
  { acting, group }: OfGroup,
  again?: Again,
): Promise<void> {
  const { session } = acting;
  const language = languageOf(ctx);
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const typed = again?.typed ?? (kept ? typedIn(kept) : {});
  const errors = again?.errors ?? [];
  const rights = await listRights(pages.act, group.id);
  if (!rights.length) return ctx.redirect(groupPath(group));
  const telling = await tellingOf(ctx, pages, rights);
  const action = groupPath(group, '/members');
  const ofField = (field: string) => errors.find((one) => one.field === field)?.text;
  pages.render(ctx, {
    view: 'portal/groups/members',
    title: t(language, 'groups.join_title', { name: group.name }),
    who: whoOf(ctx, acting),
    errors,
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: errors.length }),
      action,
      seen: group.additions,
      failed: again?.failed,
      rights: rights.map((right) => rightName(right, telling)),
      receivers: await receiverBoxes(
        { ctx, pages, acting, language },
        typed,
        (one) => !isOrganization(one),
      ),
      typed,
      numberError: ofField('number'),
      lastNameError: ofField('lastName'),
      isNameWrong: errors.some((one) => one.with === 'lastName'),
      back: groupPath(group),
    },
  });
}

async function postMembers({ ctx, pages, session, form }: Posted<PortalPages>) {
  const of = await groupIn(ctx, pages);
  const { acting, group } = of;
  const language = languageOf(ctx);
  const typed = typedIn(form);
  const again = async (status: number, more: Omit<Again, 'typed'>) => {
    ctx.status = status;
    await showMembers(ctx, pages, of, { typed, ...more });
    return undefined;
  };
  const mistyped = wrongReceivers(typed, language);
  if (mistyped.length) return again(400, { errors: mistyped });
  const to = await receiversOf({ ctx, pages, acting, language }, typed);
  if ('field' in to) return again(400, { errors: [to] });
  const failed = await addMembers(pages.act, session, group, {
    added: to,
    seen: form.get('seen') ?? '',
  });
  if (typeof failed === 'string')
    return again(400, { errors: [{ field: 'number', text: notAddedText(failed, language) }] });
  if (!failed.length) return having(groupPath(group), 'joined');
  return again(409, { failed: await linesOf(ctx, pages, failed) });
}

/** Each right that could not be given, to whom, and why. */
async function linesOf(
  ctx: Context,
  pages: PortalPages,
  failed: NotDone<Joining>[],
): Promise<string[]> {
  const members = [...new Set(failed.map(({ item }) => item.member))];
  const found = await findParties(pages.act, members);
  const rights = failed.map(({ item }) => item.right);
  const telling = await tellingOf(ctx, pages, rights);
  return failed.map(({ item, why }) => {
    const one = found.find(({ id }) => id === item.member)!;
    const what = `${displayName(one)}: ${rightName(item.right, telling)}`;
    return notDoneText(what, why, telling.language);
  });
}
