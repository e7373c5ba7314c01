// A company's groups as pages: the list, a new one, one with its members and rights, and its end.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import { endGroup, makeGroup, removeMember, removeRight } from '../../delegation/group/group.ts';
import { listGroups, listRights, type GroupRow } from '../../mandate/group_store.ts';
import { listGroupMembers, listMissing } from '../../mandate/group_member_store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import type { FieldFault } from '../give/terms_model.ts';
import { actingAs, whoOf } from '../party.ts';
import { personPath } from '../person/between.ts';
import { originLines } from '../systems/text.ts';
import { changeGroupRows } from './change_pages.ts';
import { peopleToAnswer, taken, typedGroup, wrongGroup, type TypedGroup } from './form.ts';
import { memberRows } from './member_pages.ts';
import { rightRows } from './right_pages.ts';
import { groupIn, groupPath, groupsPath, rightName, type OfGroup } from './group.ts';

const PAGE_SIZE = 50;
/** Rights that members lack, by name; the rest is counted. */
const MOST_MISSING = 20;

export const groupPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'groups_page', path: '/groups', show: (ctx, own) => showGroups(ctx, own) },
    { id: 'group_make', path: '/groups', post: postGroup, refused: toStronger },
    { id: 'group_page', path: '/groups/:id', show: showGroup },
    ...changeGroupRows,
    ...memberRows,
    ...rightRows,
    { id: 'group_out', path: '/groups/:id/out', post: postOut, refused: toStronger },
    { id: 'group_close', path: '/groups/:id/close', post: postClose, refused: toStronger },
    { id: 'group_end_page', path: '/groups/:id/end', show: showEnd },
    { id: 'group_end', path: '/groups/:id/end', post: postEnd, refused: toStronger },
  ]);

async function showGroups(
  ctx: Context,
  pages: PortalPages,
  again?: TypedGroup & { wrong: FieldFault },
): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingAs(ctx, pages, 'access');
  const { party, session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const found = await listGroups(pages.act, party.id, { limit: PAGE_SIZE, offset });
  const kept = again ? undefined : await pages.forms.take(ctx, session);
  const typed = again ?? typedGroup(kept ?? new Map(), session.party);
  const wrong = again?.wrong;
  const action = groupsPath(party.id);
  pages.render(ctx, {
    view: 'portal/groups/groups',
    title: t(language, 'groups.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    errors: wrong ? [wrong] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ctx.URL.searchParams.has('ended') && t(language, 'groups.ended'),
      action,
      groups: found.map((one) => ({
        name: one.name,
        href: groupPath(one),
        has: t(language, 'groups.has', { members: one.members, rights: one.rights }),
        responsible: responsibleText(one, language),
      })),
      typed,
      nameError: wrong?.text,
      people: await peopleToAnswer(pages, acting, typed.responsible, language),
      ...turns({ offset, size: PAGE_SIZE, of: found[0]?.of ?? 0 }, (at) =>
        having(action, `offset=${at}`),
      ),
      back: `/overview/people?party=${party.id}`,
    },
  });
}

const responsibleText = ({ responsibleName }: GroupRow, language: Language): string =>
  t(language, 'groups.responsible', {
    name: displayName({ kind: 'person', name: responsibleName }),
  });

async function postGroup({ ctx, pages, form }: Posted<PortalPages>) {
  const acting = await actingAs(ctx, pages, 'access');
  const { party, session } = acting;
  const typed = typedGroup(form, session.party);
  const again = async (wrong: FieldFault) => {
    ctx.status = 400;
    await showGroups(ctx, pages, { ...typed, wrong });
    return undefined;
  };
  const wrong = await wrongGroup(pages, acting, typed, languageOf(ctx));
  if (wrong) return again(wrong);
  const id = await makeGroup(pages.act, session, { party: party.id, ...typed });
  return id ? having(groupPath({ id, party: party.id }), 'made') : again(taken(languageOf(ctx)));
}

/** The acts after which the page says so. */
const DONE = ['made', 'saved', 'joined', 'opened', 'out', 'closed'];

async function showGroup(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, group } = await groupIn(ctx, pages);
  const { session } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const members = await listGroupMembers(pages.act, group.id, { limit: PAGE_SIZE, offset });
  const rights = await listRights(pages.act, group.id);
  const missing = await listMissing(pages.act, group.id, MOST_MISSING);
  const telling = await tellingOf(ctx, pages, rights);
  const origins = await originLines(pages.act, members, language);
  const link = (act: string) => groupPath(group, act);
  pages.render(ctx, {
    view: 'portal/groups/group',
    title: t(language, 'groups.one', { name: group.name }),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, groupPath(group)),
      told: DONE.filter((one) => ctx.URL.searchParams.has(one)).map((one) =>
        t(language, `groups.told.${one}`),
      )[0],
      notTaken: ctx.URL.searchParams.has('last') && t(language, 'groups.told.last'),
      responsible: responsibleText(group, language),
      rights: rights.map((right) => ({ id: right.id, name: rightName(right, telling) })),
      members: members.map((one) => ({
        id: one.id,
        name: identified(one, language),
        about: displayName(one),
        origin: origins.get(one.id),
        href: personPath(one.id, group.party),
      })),
      missing: missing.map((one) =>
        t(language, 'groups.lacks', { name: displayName(one), what: rightName(one, telling) }),
      ),
      more: Math.max(0, (missing[0]?.of ?? 0) - missing.length),
      mayJoin: rights.length > 0,
      links: {
        change: link('/change'),
        members: link('/members'),
        rights: link('/rights'),
        end: link('/end'),
      },
      actions: { out: link('/out'), close: link('/close') },
      ...turns({ offset, size: PAGE_SIZE, of: group.members }, (at) =>
        having(groupPath(group), `offset=${at}`),
      ),
      back: groupsPath(group.party),
    },
  });
}

async function postOut({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { group } = await groupIn(ctx, pages);
  const member = form.get('member') ?? '';
  if (isUuid(member)) await removeMember(pages.act, session, group, member);
  return having(groupPath(group), 'out');
}

async function postClose({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { group } = await groupIn(ctx, pages);
  const right = form.get('right') ?? '';
  const isTaken = !isUuid(right) || (await removeRight(pages.act, session, group, right));
  return having(groupPath(group), isTaken ? 'closed' : 'last');
}

async function showEnd(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, group } = await groupIn(ctx, pages);
  const language = languageOf(ctx);
  pages.render(ctx, {
    view: 'portal/customers/agent_end',
    title: t(language, 'groups.end_title', { name: group.name }),
    who: whoOf(ctx, acting),
    data: {
      action: groupPath(group, '/end'),
      back: groupPath(group),
      csrf: acting.session.csrf,
      body: t(language, 'groups.end_body', { n: group.members }),
      yes: t(language, 'groups.end'),
    },
  });
}

async function postEnd({ ctx, pages, session }: Posted<PortalPages>) {
  const { group }: OfGroup = await groupIn(ctx, pages);
  await endGroup(pages.act, session, group);
  return having(groupsPath(group.party), 'ended');
}
