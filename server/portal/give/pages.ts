// Giving a power of attorney as pages: find what, say to whom and how long, look it over, give it
// (check_pages.ts). What is looked over is sealed into its address; nothing is given before.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import { t } from '../../platform/locale.ts';
import { instanceName, isInstanceName } from '../../resource/policy/model.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, actingToGive } from '../party.ts';
import { actionNames } from '../mandate/text.ts';
import { actionOf, basketOf, type Basket, type GiftSubject } from './basket.ts';
import { checkRows } from './check_pages.ts';
import {
  giftOf,
  MOST_PARTS,
  namedIn,
  sealedOf,
  termsOf,
  typedOf,
  type GiftToCheck,
} from './gift.ts';
import { receiverBoxes, receiversOf, withAdded } from './receivers.ts';
import { formOf, isTooFar, type FieldFault, type Typed } from './terms_model.ts';
import { toGive } from './what.ts';
import { partyInAddress, wizardRows, type Filled, type Step, type Way } from './wizard.ts';

const giving: Way<Basket> = {
  id: 'give',
  actingIn: (ctx, pages) => actingFor(ctx, pages, partyInAddress(ctx)),
  offer: toGive,
  takesSeveral: true,
  actingOn: (ctx, pages) => actingToGive(ctx, pages, partyInAddress(ctx)),
  thing: (visited) => basketOf(visited, namedIn(visited.ctx)),
  typedBefore(ctx, pages) {
    if (ctx.URL.searchParams.has('gift')) return typedOf(giftOf(ctx, pages));
    const to = ctx.URL.searchParams.get('to');
    return to ? { to: [to] } : {};
  },
  form: formOfGift,
  added: withAdded,
  wrong: wrongInGift,
  done: lookOver,
};

export const givePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [...wizardRows(giving), ...checkRows]);

async function formOfGift(step: Step<Basket>, typed: Typed) {
  const { acting, what, language, ctx } = step;
  const { things } = what;
  return {
    title: t(language, 'give.terms_title', { what: what.name }),
    address: termsOf(acting.party.id, namedIn(ctx)),
    back: acting.givesOn ? '/overview?show=received' : `/give?party=${acting.party.id}`,
    texts: {
      step: t(language, 'give.step', { n: 1, of: 2 }),
      whom: t(language, 'give.who'),
      send: t(language, 'give.look_over'),
      receivers: await receiverBoxes(step, typed),
      mayAdd: true,
      mayStart: !what.takesOthers,
      things: things.length > 1 ? things : undefined,
      package: what.package,
      instance: what.instance,
      mayNameCase: what.resource !== null && what.instance === null,
      mayPassOn: what.mayPassOn,
      mayHaveUnits: acting.party.kind === 'organization' && what.instance === null,
      ...(things.length > 1 ? { actions: actionsOfAll(step, typed) } : {}),
    },
  };
}

/** The actions of several services as boxes, each with the name of its service. */
const actionsOfAll = ({ what, language }: Step<Basket>, { actions = [] }: Typed) =>
  what.things
    .flatMap((thing) =>
      thing.actions.map((action) => ({
        name: actionOf(thing.resource!, action),
        label: `${thing.name}: ${actionNames(language, [action])}`,
      })),
    )
    .map((box, at) => ({ ...box, id: `action-${at}`, checked: actions.includes(box.name) }));

/** The actions of a thing that were ticked. */
const tickedOf = ({ things }: Basket, thing: GiftSubject, { actions = [] }: Typed): string[] =>
  thing.actions.filter((action) =>
    actions.includes(things.length > 1 ? actionOf(thing.resource!, action) : action),
  );

function wrongInGift(
  { what, language, acting, pages }: Step<Basket>,
  typed: Typed,
  until: Date | null | undefined,
): FieldFault[] {
  const wrong = (field: string, key: string) => ({ field, text: t(language, `give.error.${key}`) });
  const without = what.things.filter(
    (thing) => thing.resource !== null && !tickedOf(what, thing, typed).length,
  );
  const isFar = isTooFar(acting.party.kind, until, pages.act.now);
  return [
    ...(typed.instance && !isCase(what, typed.instance) ? [wrong('instance', 'instance')] : []),
    // The form says so already where there is one service alone.
    ...(what.things.length > 1 && without.length ? [wrong('action-0', 'actions_each')] : []),
    ...(isFar ? [wrong('date', 'date_five')] : []),
    // It waits for the others, who say yes to what holds at once, and to one thing at a time.
    ...(what.takesOthers && typed.start ? [wrong('start', 'start_together')] : []),
    ...(what.takesOthers && what.things.length > 1 ? [wrong('things', 'alone')] : []),
  ];
}

/** Whether what was typed can be the name of one case of what is given. */
const isCase = ({ resource, instance }: Basket, typed: string): boolean =>
  resource !== null && instance === null && isInstanceName(instanceName(typed));

/** The gift, sealed into the address where it is looked over. */
async function lookOver(
  step: Step<Basket>,
  { typed, until, start }: Filled,
): Promise<string | FieldFault> {
  const { pages, acting, what } = step;
  const to = await receiversOf(step, typed);
  if ('field' in to) return to;
  if (to.length * what.things.length > MOST_PARTS)
    return { field: 'number', text: t(step.language, 'give.error.many', { n: MOST_PARTS }) };
  const gift: GiftToCheck = {
    person: acting.session.party,
    from: acting.party.id,
    to,
    things: what.things.map((thing) => ({
      package: thing.package,
      resource: thing.resource,
      instance: thing.instance ?? (typed.instance ? instanceName(typed.instance) : null),
      actions: tickedOf(what, thing, typed),
    })),
    without: [],
    validFrom: start?.toISOString() ?? null,
    validTo: until?.toISOString() ?? null,
    mayPassOn: what.mayPassOn && typed.passOn === true,
    subunits: typed.mainOnly !== true,
    madeAt: pages.act.now.getTime(),
    typed: formOf(typed),
  };
  return sealedOf(gift, pages);
}
