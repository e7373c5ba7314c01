// Authorized parties as JSON: for a person about itself, and for a service owner about a subject,
// which hears only of what opens its own resources unless it may hear of all.
import type { Deciding } from '../act.ts';
import { person, token } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { anyPartyName, partyName, type PartyName } from '../../party/model.ts';
import { findParties, resolveParties } from '../../party/store.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { fault } from '../../platform/errors.ts';
import { rows, Type, type Static } from '../../platform/http/shapes.ts';
import { authorizedParties } from './authorized.ts';
import type { Authorized, AuthorizedOptions } from './held.ts';
import { type PersonCaller, callerName } from '../../caller/model.ts';
import { partyNamed, type Numbers } from '../../caller/numbers.ts';
import type { DecisionLog } from '../log/log.ts';
import { problem } from '../problems.ts';
import { AuthorizedParty, ofQuery, ownQuery, PartyAsked } from '../authzen/shapes.ts';

export interface AuthorizedApi {
  log: DecisionLog;
  numbers: Numbers;
}

const BASE = '/accessmanagement/api/v1';
const OWN = 'altinn:accessmanagement/authorizedparties';
const ANY = `${OWN}.admin`;
const shared = { dialect: 'altinn' as const, limit: 'search' as const };

export function authorizedOperations({ log, numbers }: AuthorizedApi): Operation[] {
  return [
    operation(
      {
        ...shared,
        id: 'authorized_parties',
        method: 'GET',
        paths: [`${BASE}/enduser/authorizedparties`],
        summary: 'For whom the caller may do something',
        who: person('altinn:portal/enduser', OWN),
        query: ownQuery,
        answers: { 200: { description: 'With units', schema: rows(AuthorizedParty) } },
      },
      async ({ act, caller, query }) => {
        const names = (query.partyFilter ?? []).map((text) => anyPartyName(text) ?? null);
        const options = await optionsOf(act, query, names);
        const parties = chosenAmong(caller, options.parties);
        const own = { ...options, parties, ownerNo: null, own: true };
        const data = (await authorized(act, caller.party, own)).map(dto);
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...shared,
        id: 'authorized_parties_of',
        method: 'POST',
        paths: [
          `${BASE}/resourceowner/authorizedparties`,
          `${BASE}/serviceowner/authorizedparties`,
        ],
        summary: "For whom somebody may do something with the caller's resources",
        who: token(`${OWN}.resourceowner`, ANY),
        query: ofQuery,
        body: PartyAsked,
        answers: { 200: { description: 'With units', schema: Type.Array(AuthorizedParty) } },
        errors: ['TIL-00008', 'AUTHZ.VLD-00011'],
      },
      async ({ act, caller, query, body }) => {
        const any = caller.scopes.has(ANY);
        if (!any && caller.kind !== 'organization') throw fault('TIL-00008');
        const subject = partyName(body.type, body.value.trim());
        if (!subject) throw problem('AUTHZ.VLD-00011', { members: { paths: ['/type', '/value'] } });
        const names = (body.partyFilter ?? []).map((one) => partyName(one.type, one.value) ?? null);
        const ownerNo =
          any || caller.kind !== 'organization' ? (query.orgCode ?? null) : caller.organizationNo;
        const options = await optionsOf(act, query, names);
        const guard = numbers.of(caller, [ANY]);
        const { id } = (await partyNamed(act, guard, subject)) ?? {};
        const found = id ? await authorized(act, id, { ...options, ownerNo, own: false }) : [];
        log.noteSearch({
          caller: callerName(caller),
          kind: 'authorized_parties',
          subject: id ?? null,
          fromParty: null,
          resourceId: null,
          action: null,
          told: found.flatMap(({ party, units }) => [
            party.id,
            ...units.map((unit) => unit.party.id),
          ]),
        });
        return reply(found.map(dto));
      },
    ),
  ];
}

/** A token for chosen parties hears of those; null for all. */
const chosenAmong = ({ parties: chosen }: PersonCaller, asked: string[] | null) =>
  chosen === undefined ? asked : (asked ?? [...chosen]).filter((id) => chosen.includes(id));

type Flags = Omit<Static<Type.TObject<typeof ofQuery>>, 'orgCode'>;

/** Parties and resources that are not known leave nothing over. */
async function optionsOf(
  act: Deciding,
  flags: Flags,
  filter: (PartyName | null)[],
): Promise<Omit<AuthorizedOptions, 'ownerNo' | 'own'>> {
  const names = filter.filter((name): name is PartyName => name !== null);
  const resources = (flags.anyOfResourceIds ?? []).map((id) => id.toLowerCase());
  return {
    roles: flags.includeRoles,
    packages: flags.includeAccessPackages,
    resources: flags.includeResources,
    instances: flags.includeInstances,
    viaKeyRoles: flags.includePartiesViaKeyRoles,
    subParties: flags.includeSubParties,
    inactive: flags.includeInactiveParties,
    parties: filter.length ? [...(await resolveParties(act.db, names)).values()] : null,
    anyOfResources: resources.length ? resources : null,
  };
}

async function authorized(act: Deciding, subject: string, options: AuthorizedOptions) {
  const [party] = await findParties(act, [subject]);
  return party ? authorizedParties(act, party, options) : [];
}

const TYPES: Record<string, string> = {
  person: 'Person',
  organization: 'Organization',
  subunit: 'Organization',
  self_identified: 'SelfIdentified',
};

function dto(entry: Authorized): Record<string, unknown> {
  const { party } = entry;
  return {
    partyUuid: party.id,
    name: party.name,
    organizationNumber: party.organizationNo,
    parentId: party.parent,
    personId: party.personNo,
    dateOfBirth: party.bornOn,
    partyId: Number(party.partyId),
    emailId:
      party.kind === 'self_identified' && party.username?.includes('@') ? party.username : null,
    type: TYPES[party.kind] ?? 'None',
    unitType: party.unitType,
    isDeleted: party.ended,
    onlyHierarchyElementWithNoAccess: entry.shell,
    authorizedAccessPackages: entry.packages,
    authorizedResources: entry.resources,
    authorizedRoles: entry.roles,
    authorizedInstances: entry.instances.map(({ resource, instance }) => ({
      resourceId: resource,
      instanceId: instance.slice(instance.lastIndexOf('/') + 1),
      instanceRef: `urn:altinn:instance-id:${instance}`,
    })),
    subunits: entry.units.map(dto),
  };
}
