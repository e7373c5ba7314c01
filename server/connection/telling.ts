// Describes the holdings between the parties of a call, seen from the party that the call is about.
import type { Deciding } from '../decision/act.ts';
import { packagesCarried } from '../decision/rules/tags_model.ts';
import { AGENT, partyDto, reasonDto, RIGHTHOLDER, roleRef } from '../delegation/dto_model.ts';
import type { Direction } from '../delegation/enduser.ts';
import { pick, type Language } from '../platform/locale.ts';
import type { ResourceRow } from '../resource/store.ts';
import { givenBy, receivedBy, type Connections, type Holding } from './holdings.ts';

export async function connectionsOf(
  { party, from, to, way, actor }: Direction,
  act: Deciding,
): Promise<Connections> {
  return way === 'toothers'
    ? givenBy(act, party, to, actor.party)
    : receivedBy(act, party.id, from, actor.party);
}

export function permissionDto(holding: Holding, { parties, catalogue }: Connections) {
  const dto = (id: string | null) => {
    const party = id === null ? undefined : parties.get(id);
    return party ? partyDto(party) : null;
  };
  const role = holding.role ?? (holding.basis === 'customer' ? AGENT : RIGHTHOLDER);
  return {
    from: dto(holding.from),
    to: dto(holding.to),
    via: dto(holding.via),
    viaRole: holding.viaRole && roleRef(holding.viaRole, catalogue),
    role: roleRef(role, catalogue),
    reason: reasonDto(holding.reasons),
    mandateId: holding.mandate,
  };
}

/** Packages that a holding carries: the one that was given, or those of a role. */
export const packagesOf = (holding: Holding, { parties, catalogue }: Connections) =>
  packagesCarried(holding, parties.get(holding.from)?.unitType ?? null, catalogue);

export const resourceDto = (resource: ResourceRow, language: Language) => {
  const { content, owner } = resource;
  const described = content.rightDescription ?? content.description;
  return {
    id: resource.id,
    refId: resource.id,
    name: pick(content.title, language)?.text ?? resource.id,
    type: resource.type,
    description: pick(described, language)?.text ?? null,
    provider: { code: owner.organizationNo, name: owner.name },
  };
};
