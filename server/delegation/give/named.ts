// A gift as a caller names it in our own API: the two parties, what is given, and its terms.
import type { Deciding } from '../../decision/act.ts';
import { NO_ID } from '../../platform/ids.ts';
import { maybe, shape, Type, type Static } from '../../platform/http/shapes.ts';
import { packageCode } from '../../resource/policy/model.ts';
import type { Actor } from '../authority.ts';
import { instanceNamed, partyOf, receiverOf } from '../naming.ts';
import { invalid, problem } from '../problems.ts';
import {
  actionList,
  dateOf,
  instanceId,
  partyNameText,
  resourceId,
  unitsToo,
  validTo,
} from '../shapes.ts';
import { hasStanding } from './check.ts';

/** Members of the body of a gift. */
export const giftMembers = () => ({
  from: partyNameText(),
  to: partyNameText(),
  lastName: maybe(Type.String({ maxLength: 200 })),
  package: maybe(resourceId()),
  resource: maybe(resourceId()),
  actions: Type.Optional(actionList()),
  instance: maybe(instanceId()),
  validTo: validTo(),
  mayPassOn: maybe(Type.Boolean()),
  subunits: unitsToo(),
});
const body = () => shape(giftMembers());

/** AM-00028 for one without standing at the giver, whom nobody learns to be there or not. */
export async function giftNamed(
  act: Deciding,
  caller: Actor,
  named: Static<ReturnType<typeof body>>,
) {
  const giver = await partyOf(act, caller, named.from, '/from');
  const isStanding = await hasStanding(act, caller, giver?.id ?? NO_ID);
  if (!giver || !isStanding) throw problem('AM-00028', { because: 'no standing' });
  const receiver = await receiverOf(act, caller, giver.id, named);
  const { package: code, resource } = named;
  if (!code && !resource) throw invalid(['AM.VLD-00038', '/package']);
  if (code && resource) throw invalid(['AM.VLD-00046', '/package']);
  return {
    giver,
    receiver,
    package: code ? packageCode(code) : null,
    resource: resource ? resource.toLowerCase() : null,
    actions: [...new Set(named.actions ?? [])],
    instance: resource ? instanceNamed(named.instance) : null,
    validTo: dateOf(named.validTo),
    mayPassOn: named.mayPassOn ?? undefined,
    // Only a main unit has others to leave out.
    subunits: giver.kind === 'organization' ? (named.subunits ?? undefined) : undefined,
  };
}
