// The delegation contract's shapes (as in Altinn 3): parties, packages, roles, rights
// and reasons as clients of Altinn read them. Pure.
import { pick, type Language } from '../platform/locale.ts';
import type { PartyRow } from '../party/store.ts';
import {
  areaId,
  packageId,
  roleId,
  roleSlug,
  type Catalogue,
} from '../resource/catalogue/model.ts';
import { ACTION_ID, packageUrn, RESOURCE_ID, rightKey } from '../resource/policy/model.ts';
import { withheldWords, type Withheld } from './give/age_model.ts';
import { REASON_CODES, type PackageCheck, type RightCheck } from './model.ts';

const TYPES: Record<string, string> = {
  person: 'Person',
  organization: 'Organisasjon',
  subunit: 'Organisasjon',
  system_user: 'Systembruker',
  self_identified: 'Selvidentifisert',
};
const VARIANTS: Record<string, string> = {
  person: 'Person',
  self_identified: 'SI',
  system_user: 'System',
};

/** A party to those who may see that it is there: never its national number. */
export const partyDto = (party: PartyRow) => ({
  id: party.id,
  name: party.name,
  type: TYPES[party.kind]!,
  variant: VARIANTS[party.kind] ?? party.unitType ?? '',
  parent: party.parent,
  organizationIdentifier: party.organizationNo,
  // Most of a national number, by which one is found.
  dateOfBirth: party.protectedAddress ? null : party.bornOn,
  partyId: Number(party.partyId),
  isDeleted: party.ended,
});

export const packageRef = (code: string, catalogue: Catalogue) => ({
  id: packageId(code),
  urn: packageUrn(code),
  areaId: areaId(catalogue.packages.get(code)?.area ?? ''),
});

const roleUrn = (code: string, catalogue: Catalogue) =>
  catalogue.roles.get(code)?.urns[0] ?? `urn:altinn:role:${code}`;
export function roleRef(code: string, catalogue: Catalogue) {
  const role = catalogue.roles.get(code);
  return { id: roleId(code), code: role ? roleSlug(role) : code, urn: roleUrn(code, catalogue) };
}
export const RIGHTHOLDER = 'rettighetshaver';
export const AGENT = 'agent';

export function roleDto(code: string, catalogue: Catalogue, language: Language) {
  const role = catalogue.roles.get(code);
  return {
    ...roleRef(code, catalogue),
    legacyRoleCode: code,
    legacyUrn: `urn:altinn:rolecode:${code}`,
    name: pick(role?.name, language)?.text ?? code,
    isKeyRole: role?.keyRole ?? false,
    isAssignable: false,
    isResourcePolicyAvailable: true,
    provider: role?.source ?? null,
  };
}

export const FLAGS = {
  direct: 1,
  'client-delegation': 2,
  keyrole: 4,
  rolemap: 8,
  parent: 16,
} as const;

/** Why somebody has something, as bits and by name (as in Altinn 3). */
export function reasonDto(names: (keyof typeof FLAGS)[]) {
  return {
    flag: names.reduce((sum, name) => sum | FLAGS[name], 0),
    items: names.map((name) => ({ name, description: name })),
  };
}

const attributesOf = (resource: string) => [{ type: RESOURCE_ID, value: resource }];

export const rightDto = (resource: string, action: string) => ({
  key: rightKey(resource, action),
  name: action,
  resource: attributesOf(resource),
  action: { type: ACTION_ID, value: action },
});

/**
 * The reason that keeps somebody from giving who otherwise could; beside the contract's members.
 */
const withheldDto = (withheld: Withheld | undefined) =>
  withheld &&
  withheld.why !== 'unsaid' && {
    withheld: { reason: withheld.why, reason_user: withheldWords(withheld.why, withheld.age) },
  };

/** One line of a delegation check for packages. */
export function packageCheckDto(
  check: PackageCheck,
  names: Map<string, PartyRow>,
  pair: { from: string; to: string },
  catalogue: Catalogue,
) {
  const name = (id: string | null) => (id === null ? null : (names.get(id)?.name ?? null));
  return {
    package: packageRef(check.code, catalogue),
    result: check.result,
    ...withheldDto(check.withheld),
    reasons: !check.result
      ? [{ description: 'NoAccess' }]
      : check.ways.map((way) => ({
          description: way.description,
          roleId: way.role && roleId(way.role),
          roleUrn: way.role && roleUrn(way.role, catalogue),
          fromId: pair.from,
          fromName: name(pair.from),
          toId: pair.to,
          toName: name(pair.to),
          viaId: way.mandate?.via ?? null,
          viaName: name(way.mandate?.via ?? null),
          viaRoleId: way.mandate?.viaRole ? roleId(way.mandate.viaRole) : null,
          viaRoleUrn: way.mandate?.viaRole ? roleUrn(way.mandate.viaRole, catalogue) : null,
        })),
  };
}

/**
 * One right of a delegation check for a resource; the misspelt `permisionKey` is the contract's.
 */
export const rightCheckDto = (
  check: RightCheck,
  resource: string,
  pair: { from: string; to: string },
) => ({
  right: rightDto(resource, check.action),
  result: check.result,
  ...withheldDto(check.withheld),
  reasonCodes: check.codes,
  reasonNumbers: check.codes.map((code) => REASON_CODES[code]),
  permissions: check.result
    ? [
        {
          permisionKey: check.codes[0]!,
          packageUrn: check.package && packageUrn(check.package),
          fromId: pair.from,
          toId: pair.to,
        },
      ]
    : [],
});
