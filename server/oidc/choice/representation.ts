// `authorization_details` for acting on behalf (Ansattporten, ID-porten and Maskinporten, RFC
// 9396): a system user on the jwt-bearer grant; on the code flow an organisation by resource, a
// person by permission, or the parties that the client may act for. Each is resolved against the
// rights store when a token is made, and again whenever one is refreshed or introspected. It knows
// no page.
import type { Deciding } from '../../decision/act.ts';
import { ableAmong, partiesHold, resolveChosen } from './chosen_parties.ts';
import {
  PARTIES_TYPE,
  PERSON_TYPE,
  RESOURCE_TYPE,
  resourceOf,
  resourcesOf,
} from './representation_details.ts';
import type { Detail } from '../provider/hook_model.ts';
import { isRefused, resolveSystemUser, SYSTEM_USER_TYPE } from '../grant/system_user.ts';
import { authorizedParties } from '../../decision/search/authorized.ts';
import type { Authorized } from '../../decision/search/held.ts';
import { levelForPerson } from '../../decision/commands.ts';
import { byId, whichActions } from '../../decision/search/search.ts';
import { findParties, findParty, type PartyRow } from '../../party/store.ts';
import { iso6523 } from '../../party/model.ts';
import { findResources } from '../../resource/store.ts';
import type { Client } from '../client/clients.ts';

/** The security level that a person needs for what is asked for: the highest of the resources'. */
export async function levelOfRepresentation(act: Deciding, text: unknown): Promise<number> {
  const details = typeof text === 'string' ? (JSON.parse(text) as Detail[]) : [];
  const resources = details.flatMap((detail) => (detail?.type ? resourcesOf(detail) : []));
  return resources.length ? levelForPerson(act, resources) : 0;
}

const OPTIONS = {
  viaKeyRoles: true,
  subParties: true,
  inactive: false,
  roles: true,
  packages: true,
  resources: false,
  instances: false,
  parties: null,
  anyOfResources: null,
  ownerNo: null,
  own: true,
};

/**
 * The parties that a person may act for, by any of what is asked for; `parties` limits it to those.
 */
export async function choices(
  act: Deciding,
  person: string,
  details: Detail[],
  parties: string[] | null = null,
): Promise<Authorized[]> {
  const { now } = act;
  const [subject] = await findParties(act, [person]);
  if (!subject || subject.ended) return [];
  const found = new Map<string, Authorized>();
  for (const detail of details) {
    const list = await LISTS[detail.type]!(act, subject, detail, parties, now);
    for (const entry of list) found.set(entry.party.id, entry);
  }
  return [...found.values()].sort((a, b) =>
    a.party.name.localeCompare(b.party.name, 'nb', { numeric: true }),
  );
}

type Lister = (
  point: Deciding,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
  now: Date,
) => Promise<Authorized[]>;

const LISTS: Record<string, Lister> = {
  [RESOURCE_TYPE]: organizations,
  [PERSON_TYPE]: persons,
  [PARTIES_TYPE]: everybody,
};

const flat = (list: Authorized[]) =>
  list.flatMap((entry) => [...(entry.shell ? [] : [entry]), ...entry.units]);

/** Oneself, too. */
async function everybody(
  act: Deciding,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
): Promise<Authorized[]> {
  const resources = resourcesOf(detail);
  const anyOfResources = resources.length ? resources : null;
  return flat(await authorizedParties(act, subject, { ...OPTIONS, parties, anyOfResources }));
}

async function persons(
  act: Deciding,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
): Promise<Authorized[]> {
  const found = await authorizedParties(act, subject, { ...OPTIONS, parties });
  return found.filter(
    (entry) =>
      entry.party.kind === 'person' &&
      entry.party.id !== subject.id &&
      permissionsOf(detail, entry.packages).length > 0,
  );
}

async function organizations(
  act: Deciding,
  subject: PartyRow,
  detail: Detail,
  parties: string[] | null,
): Promise<Authorized[]> {
  const list = await authorizedParties(act, subject, {
    ...OPTIONS,
    parties,
    anyOfResources: [resourceOf(detail)],
  });
  const { organizationform: form } = detail;
  const fits = (kind: string) =>
    form === 'enterprise'
      ? kind === 'organization'
      : form === 'business'
        ? kind === 'subunit'
        : kind !== 'person';
  return flat(list).filter(
    (entry) => entry.party.organizationNo !== null && fits(entry.party.kind),
  );
}

/**
 * The packages that give each permission asked for: `arbeid` is `vergemal-nav-arbeid`,
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

/** The grant keeps names of parties and the level that the person had, never their rights. */
export const grantedDetail = (detail: Detail, parties: string[], level: number): Detail => ({
  ...detail,
  parties,
  level,
});

/**
 * A kept detail as a token has it at this moment. Parties whose rights are gone are left out; with
 * none left it is undefined. Names and numbers of persons go to clients whose operator registered
 * `x-national-numbers` for them.
 */
export async function resolveKept(
  act: Deciding,
  person: string,
  detail: Detail,
  client: Client,
): Promise<Detail | undefined> {
  const parties = (detail.parties ?? []) as string[];
  const found = await choices(act, person, [detail], parties);
  if (detail.type === PARTIES_TYPE) {
    const able = await ableAmong(act, person, detail, found);
    return able.length ? resolveChosen(act, person, detail, { found: able, client }) : undefined;
  }
  if (!found.length) return undefined;
  return detail.type === PERSON_TYPE
    ? resolvePerson(act, person, detail, found[0]!, client)
    : resolveResource(act, person, detail, found);
}

async function resolveResource(
  act: Deciding,
  person: string,
  detail: Detail,
  found: Authorized[],
): Promise<Detail | undefined> {
  const id = resourceOf(detail);
  const resource = (await findResources(act.db, [id])).get(id);
  const authorized = await Promise.all(
    found.map(async ({ party }) => ({
      orgno: iso6523(party.organizationNo!),
      resource: id,
      name: party.name,
      unit_type: party.unitType,
      actions: (
        await whichActions(act, {
          subject: byId(person),
          from: byId(party.id),
          resource: id,
          level: Number(detail.level ?? 0),
        })
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
  act: Deciding,
  person: string,
  detail: Detail,
  found: Authorized,
  client: Client,
): Promise<Detail> {
  const self = await findParty(act, { by: 'uuid', value: person });
  const shown = client.metadata['x-national-numbers'] === true;
  return {
    type: detail.type,
    authorizer: shown ? { name: found.party.name, pid: found.party.personNo } : {},
    permissions: permissionsOf(detail, found.packages),
    authorized_representative: shown ? { name: self!.name, pid: self!.personNo } : {},
  };
}

/**
 * Whether what a token says of representation still holds; `kept` is what its grant keeps, with the
 * person.
 */
export async function stillHolds(
  act: Deciding,
  told: Detail,
  kept: { person: string; details: Detail[] } | undefined,
  client: Client,
): Promise<boolean> {
  if (told.type === SYSTEM_USER_TYPE) {
    const [id] = told.systemuser_id as string[];
    const resolved = await resolveSystemUser(act, client.ownerNo ?? '', {
      type: told.type,
      systemuser_org: told.systemuser_org,
      external_ref: id,
    });
    return !isRefused(resolved);
  }
  const detail = kept?.details.find(
    (one) => one.type === told.type && one.resource === told.resource,
  );
  const now = detail && kept ? await resolveKept(act, kept.person, detail, client) : undefined;
  if (!now) return false;
  if (told.type === PARTIES_TYPE) return partiesHold(told, now);
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
