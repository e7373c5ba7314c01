// `authorization_details` of type urn:altinn:systemuser on the jwt-bearer grant: the system that a
// vendor's client acts as, for the organisation that let it in, as it stands when a token is made
// or looked into.
import type { Deciding } from '../../decision/act.ts';
import { iso6523, parseIso6523 } from '../../party/model.ts';
import { findParty, findSystemUsers } from '../../party/store.ts';
import { findByReference } from '../../supplier/system/request_store.ts';
import type { Detail } from '../provider/hook_model.ts';
import type { MaskinportenCode } from '../provider/problems.ts';

export const SYSTEM_USER_TYPE = 'urn:altinn:systemuser';

const SYSTEM_MEMBERS = ['type', 'systemuser_org', 'external_ref'];

export const isRefused = (one: Detail | Refused): one is Refused => 'refused' in one;

export interface Refused {
  code: MaskinportenCode;
  refused: string;
}

/**
 * The system user that a vendor's client acts as, for the organisation that let it in; what the
 * token says of it.
 */
export async function resolveSystemUser(
  act: Deciding,
  vendorNo: string,
  detail: Detail,
): Promise<Detail | Refused> {
  const unknown = Object.keys(detail).find((member) => !SYSTEM_MEMBERS.includes(member));
  if (unknown) return { code: 'MP-302', refused: `unknown member ${unknown.slice(0, 50)}` };
  const organizationNo = parseIso6523(detail.systemuser_org);
  if (!organizationNo) return { code: 'MP-303', refused: 'systemuser_org must be an organization' };
  const reference = detail.external_ref;
  if (reference !== undefined && typeof reference !== 'string')
    return { code: 'MP-303', refused: 'external_ref must be a text' };
  const owner = await findParty(act, { by: 'organization', value: organizationNo });
  const systems =
    owner && !owner.endedAt ? await findSystemUsers(act.db, owner.id, null, vendorNo) : [];
  const known =
    reference !== undefined && systems.length
      ? await findByReference(act, { customer: owner!.id, vendorNo, reference })
      : [];
  const found = systems.filter(
    ({ id, name, systemId }) =>
      reference === undefined || [id, name, systemId].includes(reference) || known.includes(id),
  );
  if (found.length !== 1)
    return {
      code: 'MP-303',
      refused: found.length
        ? 'several system users fit, say external_ref'
        : 'the organization has no such system user',
    };
  if (found[0]!.suspendedAt)
    return { code: 'MP-303', refused: 'the organization has suspended the system user' };
  return {
    type: SYSTEM_USER_TYPE,
    systemuser_id: [found[0]!.id],
    systemuser_org: iso6523(organizationNo),
    system_id: found[0]!.systemId,
  };
}
