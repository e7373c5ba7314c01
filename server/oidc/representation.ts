// `authorization_details` for acting on behalf (contract/registers.md): a system user on the
// jwt-bearer grant, and on the code flow an organisation by resource or a person by permission.
// Each is resolved against the rights store when a token is made, and again whenever one is
// refreshed or introspected. It knows no page.
import { errors } from 'oidc-provider';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { authorizedParties, type Authorized } from '../decision/authorized.ts';
import { levelForPerson } from '../decision/commands.ts';
import { byId, whichActions } from '../decision/search.ts';
import { findParties, type PartyRow } from '../decision/search_store.ts';
import { iso6523, parseIso6523 } from '../party/model.ts';
import { findParty, findSystemUsers } from '../party/store.ts';
import { findResources } from '../resource/store.ts';
import type { Client } from './clients.ts';

export const SYSTEM_USER_TYPE = 'urn:altinn:systemuser';
export const RESOURCE_TYPE = 'ansattporten:altinn:resource';
export const PERSON_TYPE = 'idporten:fullmakt';
export const REPRESENTATION_TYPES = [RESOURCE_TYPE, PERSON_TYPE];

export type Detail = Record<string, unknown> & { type: string };

const refuse = (description: string) => new errors.InvalidAuthorizationDetails(description);
const MEMBERS: Record<string, string[]> = {
  [RESOURCE_TYPE]: [
    'type',
    'resource',
    'organizationform',
    'allow_multiple_organizations',
    'representation_is_required',
  ],
  [PERSON_TYPE]: ['type', 'permission_roles'],
};
const RESOURCE = 'urn:altinn:resource:';

export const resourceOf = (detail: Detail) =>
  String(detail.resource).slice(RESOURCE.length).toLowerCase();

const MOST = 10;

/** What an authorization request asks for, checked before anybody logs in. */
export async function checkRepresentation(db: Db, details: Detail[]): Promise<void> {
  if (details.length > MOST) throw refuse(`at most ${MOST} objects in each authorization`);
  if (new Set(details.map((detail) => detail.type)).size > 1)
    throw refuse('one type in each authorization');
  for (const detail of details) {
    const unknown = Object.keys(detail).find((member) => !MEMBERS[detail.type]!.includes(member));
    if (unknown) throw refuse(`unknown member ${unknown.slice(0, 50)}`);
    if (detail.type === RESOURCE_TYPE) checkResource(detail);
    else {
      const roles = detail.permission_roles;
      if (
        !Array.isArray(roles) ||
        !roles.length ||
        roles.length > 50 ||
        roles.some((role) => typeof role !== 'string' || !/^[a-z0-9-]{1,100}$/.test(role))
      ) {
        throw refuse('permission_roles must list roles');
      }
    }
  }
  if (details.filter((detail) => detail.type === PERSON_TYPE).length > 1)
    throw refuse(`one ${PERSON_TYPE} in each authorization`);
  const resources = details.filter((detail) => detail.type === RESOURCE_TYPE).map(resourceOf);
  if (new Set(resources).size < resources.length)
    throw refuse('each resource once in each authorization');
  const known = resources.length ? await findResources(db, resources) : undefined;
  if (resources.some((id) => !known!.has(id))) throw refuse('the resource is not known');
}

function checkResource(detail: Detail): void {
  if (typeof detail.resource !== 'string' || !detail.resource.startsWith(RESOURCE))
    throw refuse(`resource must be ${RESOURCE}<id>`);
  if (
    detail.organizationform !== undefined &&
    !['enterprise', 'business'].includes(detail.organizationform as string)
  )
    throw refuse('organizationform must be enterprise or business');
  for (const flag of ['allow_multiple_organizations', 'representation_is_required']) {
    if (detail[flag] !== undefined && typeof detail[flag] !== 'boolean')
      throw refuse(`${flag} must be true or false`);
  }
}

/** The security level that a person needs for what is asked for: the highest of the resources'. */
export async function levelOfRepresentation(db: Db, text: unknown): Promise<number> {
  const details = typeof text === 'string' ? (JSON.parse(text) as Detail[]) : [];
  const resources = details.filter((detail) => detail?.type === RESOURCE_TYPE).map(resourceOf);
  return resources.length ? levelForPerson(db, resources, clock.now()) : 0;
}

const OPTIONS = {
  viaKeyRoles: true,
  subParties: true,
  inactive: false,
  roles: false,
  packages: false,
  resources: false,
  instances: false,
  parties: null,
  anyOfResources: null,
  ownerNo: null,
  own: true,
};

/** Whom a person may act for, by any of what is asked for; `parties` limits it to those. */
export async function choices(
  db: Db,
  person: string,
  details: Detail[],
  parties: string[] | null = null,
): Promise<Authorized[]> {
  const now = clock.now();
  const [subject] = await findParties(db, [person], now);
  if (!subject || subject.ended) return [];
  const found = new Map<string, Authorized>();
  for (const detail of details) {
    const list = await (detail.type === PERSON_TYPE
      ? persons(db, subject, detail, parties, now)
      : organizations(db, subject, detail, parties, now));
    for (const entry of list) found.set(entry.party.id, entry);
  }
  return [...found.values()].sort((a, b) =>
    a.party.name.localeCompare(b.party.name, 'nb', { numeric: true }),
  );
}

async function persons(
  db: Db,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
  now: Date,
): Promise<Authorized[]> {
  const found = await authorizedParties(db, subject, { ...OPTIONS, packages: true, parties }, now);
  return found.filter(
    (entry) =>
      entry.party.kind === 'person' &&
      entry.party.id !== subject.id &&
      permissionsOf(detail, entry.packages).length > 0,
  );
}

async function organizations(
  db: Db,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
  now: Date,
): Promise<Authorized[]> {
  const list = await authorizedParties(
    db,
    subject,
    { ...OPTIONS, parties, anyOfResources: [resourceOf(detail)] },
    now,
  );
  const flat = list.flatMap((entry) => [...(entry.shell ? [] : [entry]), ...entry.units]);
  const { organizationform: form } = detail;
  const fits = (kind: string) =>
    form === 'enterprise'
      ? kind === 'organization'
      : form === 'business'
        ? kind === 'subunit'
        : kind !== 'person';
  return flat.filter((entry) => entry.party.organizationNo !== null && fits(entry.party.kind));
}

/**
 * Which of the asked permissions packages give: `arbeid` is `vergemal-nav-arbeid`,
 * `innbygger-arbeid`, or the package itself.
 */
function permissionsOf(detail: Detail, packages: string[]): { owner: string; role: string }[] {
  const roles = new Set(detail.permission_roles as string[]);
  return packages.flatMap((code) => {
    const [family = '', owner = '', ...rest] = code.split('-');
    const permission =
      family === 'vergemal'
        ? { owner, role: rest.join('-') }
        : { owner: family, role: [owner, ...rest].join('-') };
    return roles.has(code) || roles.has(permission.role) ? [permission] : [];
  });
}

/** What the grant keeps: names of parties and the level that the person had, never their rights. */
export const grantDetail = (detail: Detail, parties: string[], level: number): Detail => ({
  ...detail,
  parties,
  level,
});

/**
 * What a token says of a kept detail at this moment. Parties whose rights are gone are left out;
 * with none left it is undefined. Names and numbers of persons go to clients whose operator
 * registered `x-national-numbers` for them.
 */
export async function resolveKept(
  db: Db,
  person: string,
  detail: Detail,
  client: Client,
): Promise<Detail | undefined> {
  const parties = (detail.parties ?? []) as string[];
  const found = await choices(db, person, [detail], parties);
  if (!found.length) return undefined;
  return detail.type === PERSON_TYPE
    ? resolvePerson(db, person, detail, found[0]!, client)
    : resolveResource(db, person, detail, found);
}

async function resolveResource(
  db: Db,
  person: string,
  detail: Detail,
  found: Authorized[],
): Promise<Detail | undefined> {
  const id = resourceOf(detail);
  const now = clock.now();
  const resource = (await findResources(db, [id])).get(id);
  const authorized = await Promise.all(
    found.map(async ({ party }) => ({
      orgno: iso6523(party.organizationNo!),
      resource: id,
      name: party.name,
      unit_type: party.unitType,
      actions: (
        await whichActions(
          db,
          {
            subject: byId(person),
            from: byId(party.id),
            resource: id,
            level: Number(detail.level ?? 0),
          },
          now,
        )
      ).map((one) => one.action),
    })),
  );
  const able = authorized.filter((one) => one.actions.length > 0);
  return able.length
    ? ({
        type: detail.type,
        resource: detail.resource,
        resource_name: resource?.content.title.nb,
        authorized_parties: able,
      } as Detail)
    : undefined;
}

async function resolvePerson(
  db: Db,
  person: string,
  detail: Detail,
  found: Authorized,
  client: Client,
): Promise<Detail> {
  const self = await findParty(db, { by: 'uuid', value: person });
  const shown = client.metadata['x-national-numbers'] === true;
  return {
    type: detail.type,
    authorizer: shown ? { name: found.party.name, pid: found.party.personNo } : {},
    permissions: permissionsOf(detail, found.packages),
    authorized_representative: shown ? { name: self!.name, pid: self!.personNo } : {},
  };
}

// ---- system users

const SYSTEM_MEMBERS = ['type', 'systemuser_org', 'external_ref'];

/**
 * The system user that a vendor's client acts as, for the organisation that let it in; what the
 * token says of it.
 */
export async function resolveSystemUser(
  db: Db,
  vendorNo: string,
  detail: Detail,
): Promise<Detail | { refused: string }> {
  const unknown = Object.keys(detail).find((member) => !SYSTEM_MEMBERS.includes(member));
  if (unknown) return { refused: `MP-302: unknown member ${unknown.slice(0, 50)}` };
  const organizationNo = parseIso6523(detail.systemuser_org);
  if (!organizationNo) return { refused: 'MP-303: systemuser_org must be an organization' };
  const reference = detail.external_ref;
  if (reference !== undefined && typeof reference !== 'string')
    return { refused: 'MP-303: external_ref must be a text' };
  const owner = await findParty(db, { by: 'organization', value: organizationNo });
  const systems =
    owner && !owner.endedAt ? await findSystemUsers(db, owner.id, null, vendorNo) : [];
  const found = systems.filter(
    (system) =>
      reference === undefined || [system.id, system.name, system.systemId].includes(reference),
  );
  if (found.length !== 1)
    return {
      refused: found.length
        ? 'MP-303: several system users fit, say external_ref'
        : 'MP-303: the organization has no such system user',
    };
  return {
    type: SYSTEM_USER_TYPE,
    systemuser_id: [found[0]!.id],
    systemuser_org: iso6523(organizationNo),
    system_id: found[0]!.systemId,
  };
}

/**
 * Whether what a token says of representation still holds; `kept` is what its grant keeps, with the
 * person.
 */
export async function stillHolds(
  db: Db,
  told: Detail,
  kept: { person: string; details: Detail[] } | undefined,
  client: Client,
): Promise<boolean> {
  if (told.type === SYSTEM_USER_TYPE) {
    const [id] = told.systemuser_id as string[];
    const resolved = await resolveSystemUser(db, client.ownerNo ?? '', {
      type: told.type,
      systemuser_org: told.systemuser_org,
      external_ref: id,
    });
    return !('refused' in resolved);
  }
  const detail = kept?.details.find(
    (one) => one.type === told.type && one.resource === told.resource,
  );
  const now = detail && kept ? await resolveKept(db, kept.person, detail, client) : undefined;
  if (!now) return false;
  if (told.type === PERSON_TYPE) {
    const held = (now.permissions as { owner: string; role: string }[]).map(
      (one) => `${one.owner} ${one.role}`,
    );
    return (told.permissions as { owner: string; role: string }[]).every((one) =>
      held.includes(`${one.owner} ${one.role}`),
    );
  }
  type Party = { orgno: { ID: string }; actions: string[] };
  const held = new Map(
    (now.authorized_parties as Party[]).map((party) => [party.orgno.ID, party.actions]),
  );
  return (told.authorized_parties as Party[]).every((party) =>
    party.actions.every((action) => held.get(party.orgno.ID)?.includes(action)),
  );
}
