// The receivers of a gift, as its form has them: known ones are ticked by their ids, a new one is
// named once by number and last name, and from then on ticked too, by an id that is sealed.
import { listRecent, findKnown, type KnownReceiver } from '../../delegation/give/known_store.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { identified } from '../../consent/identity_text.ts';
import type { Party } from '../../party/model.ts';
import { findParties } from '../../party/store.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { t } from '../../platform/locale.ts';
import { originLines, withOrigin } from '../systems/text.ts';
import { MOST_OF_GIFT } from './gift.ts';
import type { FieldFault, Typed } from './terms_model.ts';
import type { Visited } from './wizard.ts';

const PURPOSE = 'receiver';
/** Receivers that the form offers to tick without their being looked for. */
const MOST_RECENT = 8;

/** A new receiver, for the form of this person and giver alone. */
const sealedReceiver = ({ pages, acting }: Visited, id: string): string =>
  pages.seal.seal(PURPOSE, JSON.stringify([acting.session.party, acting.party.id, id]));

function openedReceiver({ pages, acting }: Visited, sealed: string): string | undefined {
  const opened = pages.seal.opened(PURPOSE, sealed);
  const [person, from, id] = opened === undefined ? [] : (JSON.parse(opened) as string[]);
  return person === acting.session.party && from === acting.party.id ? id : undefined;
}

/** Receivers that were ticked, by the value of their box; without those that are not known. */
async function tickedOf(visited: Visited, { to = [] }: Typed): Promise<Map<string, KnownReceiver>> {
  const { pages, acting } = visited;
  const values = [...new Set(to)].slice(0, MOST_OF_GIFT);
  const known = acting.givesOn ? [] : values.filter(isUuid);
  const named = new Map(
    values.flatMap((value): [string, string][] => {
      const id = isUuid(value) ? undefined : openedReceiver(visited, value);
      return id ? [[value, id]] : [];
    }),
  );
  const [ticked, added] = await Promise.all([
    findKnown(pages.act, { from: acting.party.id, viewer: acting.session.party }, known),
    named.size ? findParties(pages.act, [...named.values()]) : [],
  ]);
  const found = new Map<string, KnownReceiver>();
  for (const value of values) {
    const one = named.has(value)
      ? added.find(({ id, ended }) => id === named.get(value) && !ended)
      : ticked.find(({ id }) => id === value);
    if (one) found.set(value, one);
  }
  return found;
}

/** The boxes of known receivers that suit, those that were ticked first. */
export async function receiverBoxes(
  visited: Visited,
  typed: Typed,
  suits: (one: KnownReceiver) => boolean = () => true,
) {
  const { pages, acting, language } = visited;
  const ticked = await tickedOf(visited, typed);
  const recent = acting.givesOn ? [] : await listRecent(pages.act, acting.party.id, MOST_RECENT);
  const shown = new Map(ticked);
  const ids = new Set([...ticked.values()].map(({ id }) => id));
  for (const one of recent)
    if (!ids.has(one.id) && one.id !== acting.party.id && suits(one)) shown.set(one.id, one);
  const origins = await originLines(pages.act, [...shown.values()], language);
  const picked = withOrigin(origins, (one: KnownReceiver) => identified(one, language));
  return [...shown].map(([value, one], at) => ({
    id: `to-${at}`,
    value,
    label: picked(one),
    checked: ticked.has(value),
  }));
}

/**
 * Whoever the form names by number and last name; the field's fault where there is none such, or
 * it is the giver.
 */
async function newReceiver(
  { pages, acting, language }: Visited,
  typed: Typed,
): Promise<Party | FieldFault> {
  const { now } = pages.act;
  const wrong = (key: string) => ({ field: 'number', text: t(language, `give.error.${key}`) });
  let to: Party;
  try {
    const name = { to: typed.number!, lastName: typed.lastName };
    to = await receiverOf(pages.act, acting.session, acting.party.id, name);
    if (to.endedAt && to.endedAt <= now) throw fault('TIL-00009', { because: 'ended' });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...wrong(error.code === 'AM-00026' ? 'locked' : 'unknown'), with: 'lastName' };
  }
  return to.id === acting.party.id ? wrong('same') : to;
}

/** The form with its new receiver among those that are ticked, or the fault of a field. */
export async function withAdded(visited: Visited, typed: Typed): Promise<Typed | FieldFault> {
  const found = await newReceiver(visited, typed);
  if ('field' in found) return found;
  const ticked = [...(await tickedOf(visited, typed))].filter(([, { id }]) => id !== found.id);
  const to = [...ticked.map(([value]) => value), sealedReceiver(visited, found.id)];
  return { ...typed, to, number: '', lastName: '' };
}

/** The ids of all receivers that the form names, or the fault of a field. */
export async function receiversOf(visited: Visited, typed: Typed): Promise<string[] | FieldFault> {
  const { language } = visited;
  const ticked = await tickedOf(visited, typed);
  const wrong = (key: string) => ({ field: 'number', text: t(language, `give.error.${key}`) });
  // Somebody who was ticked has nothing any more, and is named anew.
  if (ticked.size < new Set(typed.to).size) return wrong('gone');
  const ids = [...ticked.values()].map(({ id }) => id);
  if (!typed.number) return ids;
  const found = await newReceiver(visited, typed);
  if ('field' in found) return found;
  return [...new Set([...ids, found.id])].slice(0, MOST_OF_GIFT);
}
