// Another name for a group, or another person who is responsible.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { changeGroup } from '../../delegation/group/group.ts';
import { languageOf, t } from '../../platform/locale.ts';
import type { FieldFault } from '../give/terms_model.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { peopleToAnswer, taken, typedGroup, wrongGroup, type TypedGroup } from './form.ts';
import { groupIn, groupPath, type OfGroup } from './group.ts';

export const changeGroupRows: PageRow<PortalPages>[] = [
  {
    id: 'group_change_page',
    path: '/groups/:id/change',
    show: async (ctx, pages) => showChange(ctx, pages, await groupIn(ctx, pages)),
  },
  { id: 'group_change', path: '/groups/:id/change', post: postChange, refused: toStronger },
];

async function showChange(
  ctx: Context,
  pages: PortalPages,
  { acting, group }: OfGroup,
  again?: TypedGroup & { wrong: FieldFault },
): Promise<void> {
  const { session } = acting;
  const language = languageOf(ctx);
  const kept = again ? undefined : await pages.forms.take(ctx, session);
  const typed = again ?? (kept ? typedGroup(kept, group.responsible) : group);
  const action = groupPath(group, '/change');
  const people = await peopleToAnswer(pages, acting, typed.responsible, language);
  const { responsible: id, responsibleName: name } = group;
  // The person responsible may have nothing of the company any more.
  const isOffered = people.some((one) => one.id === id);
  const label = displayName({ kind: 'person', name });
  pages.render(ctx, {
    view: 'portal/groups/change',
    title: t(language, 'groups.change_title', { name: group.name }),
    who: whoOf(ctx, acting),
    errors: again ? [again.wrong] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      action,
      typed,
      nameError: again?.wrong.text,
      people: isOffered ? people : [...people, { id, label, checked: typed.responsible === id }],
      send: t(language, 'groups.save'),
      back: groupPath(group),
    },
  });
}

async function postChange({ ctx, pages, session, form }: Posted<PortalPages>) {
  const of = await groupIn(ctx, pages);
  const { acting, group } = of;
  const language = languageOf(ctx);
  const typed = typedGroup(form, group.responsible);
  const again = async (wrong: FieldFault) => {
    ctx.status = 400;
    await showChange(ctx, pages, of, { ...typed, wrong });
    return undefined;
  };
  const wrong = await wrongGroup(pages, acting, typed, language, group.responsible);
  if (wrong) return again(wrong);
  const isChanged = await changeGroup(pages.act, session, group, typed);
  return isChanged ? having(groupPath(group), 'saved') : again(taken(language));
}
