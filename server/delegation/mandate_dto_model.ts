// A mandate in the form of our own API.
import type { MandateRow } from '../mandate/delegation_store.ts';
import { readBy, statusOf } from '../mandate/model.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import { showReference } from '../platform/reference.ts';
import { packageUrn } from '../resource/policy/model.ts';

/** As somebody may read it. */
export function mandateDto(row: MandateRow, catalogue: Catalogue, reader: string, now: Date) {
  const mandate = readBy(row, reader);
  const { role, package: code, resource, actions, instance } = mandate;
  const source = role === null ? null : (catalogue.roles.get(role)?.source ?? null);
  const status = statusOf(mandate, now);
  const { givenBy, givenByName, givenRole, through, via, viaName } = mandate;
  return {
    id: mandate.id,
    ...(mandate.reference ? { reference: showReference(mandate.reference) } : {}),
    from: { id: mandate.from, name: mandate.fromName, kind: mandate.fromKind },
    to: { id: mandate.to, name: mandate.toName, kind: mandate.toKind },
    basis: mandate.basis,
    ...(role === null ? {} : { role, source: source && (catalogue.sources.get(source) ?? null) }),
    ...(code === null ? {} : { package: packageUrn(code) }),
    ...(resource === null ? {} : { resource, actions, instance }),
    validFrom: mandate.validFrom,
    validTo: mandate.validTo,
    endedAt: mandate.endedAt,
    suspendedAt: mandate.suspendedAt,
    mayPassOn: mandate.mayPassOn,
    ...(mandate.subunits ? {} : { subunits: false }),
    givenBy: givenBy && { id: givenBy, name: givenByName, role: givenRole },
    givenAt: mandate.givenAt,
    evidence: mandate.evidence,
    ...(mandate.group === null ? {} : { group: { id: mandate.group, name: mandate.groupName } }),
    through: through && { mandate: through, party: via, name: viaName },
    lastUsedAt: mandate.lastUsedAt,
    ...(status === 'sent' ? { acceptBy: mandate.acceptBy } : {}),
    status,
    ...(mandate.pos == null ? {} : { pos: mandate.pos }),
    ...(status === 'inactive' || mandate.lacks === 'estate'
      ? { inactiveBecause: mandate.lacks }
      : {}),
  };
}
