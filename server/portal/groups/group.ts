// A group as a page names it: its address, the group itself, and its rights in words.
import type { Context } from 'koa';
import { MOST_OF_GROUP, type GroupOf, type NotAdded } from '../../delegation/group/group.ts';
import { findGroup, type GroupRight, type GroupRow } from '../../mandate/group_store.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { t, type Language } from '../../platform/locale.ts';
import { actionNames, mandateName, type MandateWords } from '../mandate/text.ts';
import type { PortalPages } from '../page.ts';
import { actingAs, type Acting } from '../party.ts';

/** Where a company sees its groups. */
export const groupsPath = (party: string): string => `/groups?party=${party}`;

/** The page of a group, or of an act on it. */
export const groupPath = ({ id, party }: GroupOf, act = ''): string =>
  `/groups/${id}${act}?party=${party}`;

/** A group of the company's that somebody administers. */
export interface OfGroup {
  acting: Acting;
  group: GroupRow;
}

/** TIL-00008 for one who does not administer for the company, TIL-00009 for no group of its. */
export async function groupIn(ctx: Context, pages: PortalPages): Promise<OfGroup> {
  const acting = await actingAs(ctx, pages, 'access');
  const { id } = ctx.params as { id: string };
  const group = isUuid(id) ? await findGroup(pages.act, { id, party: acting.party.id }) : undefined;
  if (!group) throw fault('TIL-00009', { because: 'no such group' });
  return { acting, group };
}

/** A right with the actions that are meant. */
export function rightName(right: GroupRight, telling: MandateWords): string {
  const name = mandateName({ ...right, role: null }, telling);
  return right.actions ? `${name} (${actionNames(telling.language, right.actions)})` : name;
}

/** Why nothing was added to a group. */
export const notAddedText = (why: NotAdded, language: Language): string =>
  t(language, `groups.wrong.${why}`, MOST_OF_GROUP);
