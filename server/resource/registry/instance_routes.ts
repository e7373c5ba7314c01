// Instances of a resource, for its owner: whose each is and what holds of it, so that decisions can
// be asked about an instance alone.
import type { Knowing } from '../catalogue/catalogue.ts';
import { operation } from '../doors.ts';
import { doerOf, type Caller } from '../../caller/model.ts';
import { partyNamed, type Numbers } from '../../caller/numbers.ts';
import { anyPartyName, uuidUrn } from '../../party/model.ts';
import { findByAnyName } from '../../party/store.ts';
import { NO_ID } from '../../platform/ids.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import {
  instantOut,
  maybe,
  named,
  open,
  rows,
  shape,
  text,
  Type,
} from '../../platform/http/shapes.ts';
import { attributesOf } from './entry_model.ts';
import {
  findInstance,
  listInstances,
  putInstances,
  removeInstance,
  type InstanceRow,
} from './instance_store.ts';
import { owned, writers, type RegistryApi } from './owner.ts';
import { instanceName, isInstanceName } from '../policy/model.ts';
import { invalid, problem } from '../problems.ts';
import { asText } from '../../platform/as_text.ts';

export interface InstanceApi extends RegistryApi {
  numbers: Numbers;
}

const PATH = '/access/v1/resources/:id/instances';
const MOST = 1_000;
const STANDARD = 100;

const value = () => Type.Union([Type.String({ maxLength: 2_000 }), Type.Number(), Type.Boolean()]);
const InstanceWritten = named(
  'InstanceWritten',
  shape({ party: text(200), attributes: maybe(open('InstanceAttributes', {}, value())) }),
);
const Instance = named(
  'Instance',
  shape({
    instance: Type.String(),
    party: Type.String(),
    attributes: open('InstanceAttributes', {}, value()),
    changedAt: instantOut(),
  }),
);

export function instanceOperations(api: InstanceApi): Operation[] {
  const { numbers } = api;
  const own = { who: writers, dialect: 'own' as const };
  const errors = ['RR-00002', 'TIL-00008'];
  const path = { id: text(200) };
  const one = { ...path, instance: text(400) };

  return [
    operation(
      {
        ...own,
        path,
        errors: [...errors, 'TIL.VLD-00009'],
        id: 'instances',
        method: 'GET',
        paths: [PATH],
        limit: 'read',
        summary: 'The instances of a resource, by name',
        query: {
          party: Type.Optional(text(200)),
          after: Type.Optional(text(300)),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST })),
        },
        answers: { 200: { description: 'A page', schema: rows(Instance) } },
      },
      async ({ act, ctx, caller, path, query }) => {
        const resource = (await owned(act, caller, path.id)).id;
        const { after = '', limit = STANDARD } = query;
        const party =
          query.party === undefined ? null : await ofWhom(act, caller, query.party, '$QUERY/party');
        const found = await listInstances(act.db, { resource, after, party, limit });
        const next = new URLSearchParams({
          ...query,
          limit: asText(limit),
          after: found.at(-1)?.instance ?? '',
        });
        return reply({
          data: found.map(told),
          links: { next: found.length < limit ? null : `${ctx.path}?${next}` },
        });
      },
    ),
    operation(
      {
        ...own,
        errors: [...errors, 'TIL-00040'],
        path: one,
        id: 'instance_get',
        method: 'GET',
        paths: [`${PATH}/:instance`],
        limit: 'read',
        summary: 'One instance of a resource',
        answers: { 200: { description: 'Whose it is, and what holds of it', schema: Instance } },
      },
      async ({ act, caller, path }) => {
        const { id } = await owned(act, caller, path.id);
        return reply(told(await registered(act, id, path.instance)));
      },
    ),
    operation(
      {
        ...own,
        errors: [...errors, 'TIL.VLD-00009', 'TIL.VLD-00010', 'TIL-00035'],
        path: one,
        id: 'instance_put',
        method: 'PUT',
        paths: [`${PATH}/:instance`],
        limit: 'write',
        summary: 'Say whose an instance is, and what holds of it',
        body: InstanceWritten,
        answers: { 200: { description: 'As it is now', schema: Instance } },
      },
      async ({ act, caller, path, body }) => {
        const { id } = await owned(act, caller, path.id);
        const instance = instanceName(path.instance);
        if (!isInstanceName(instance)) throw invalid('TIL.VLD-00010', '$PATH/instance');
        const party = await partyOf(act, caller, body.party, '/party');
        const attributes = attributesOf(body.attributes);
        await putInstances(act, [{ resource: id, instance, party, attributes }], doerOf(caller));
        return reply(told(await registered(act, id, instance)));
      },
    ),
    operation(
      {
        ...own,
        errors: [...errors, 'TIL-00040'],
        path: one,
        id: 'instance_remove',
        method: 'DELETE',
        paths: [`${PATH}/:instance`],
        limit: 'write',
        summary: 'Forget an instance; rights that were given to it stay',
        answers: { 204: { description: 'It is no longer registered' } },
      },
      async ({ act, caller, path }) => {
        const { id } = await owned(act, caller, path.id);
        const named = { resource: id, instance: instanceName(path.instance) };
        if (!(await removeInstance(act, { ...named, by: doerOf(caller) })))
          throw problem('TIL-00040');
        return nothing;
      },
    ),
  ];

  async function registered(act: Knowing, resource: string, name: string): Promise<InstanceRow> {
    const found = await findInstance(act.db, resource, instanceName(name));
    if (!found) throw problem('TIL-00040');
    return found;
  }

  /** A party by any of its names, in the eyes of the caller's guard. */
  async function partyOf(
    act: Knowing,
    caller: Caller,
    text: string,
    where: string,
  ): Promise<string> {
    const name = anyPartyName(text);
    const party = name && (await partyNamed(act, numbers.of(caller), name));
    if (!party) throw invalid('TIL.VLD-00009', where);
    return party.id;
  }

  /** The same, where nobody's number has as few instances as that of one who has none. */
  async function ofWhom(
    act: Knowing,
    caller: Caller,
    text: string,
    where: string,
  ): Promise<string> {
    const name = anyPartyName(text);
    if (!name) throw invalid('TIL.VLD-00009', where);
    const party = await findByAnyName(act, name);
    if (!party) await numbers.of(caller).note([name]);
    return party?.id ?? NO_ID;
  }
}

const told = ({ attributes, party, ...row }: InstanceRow) => ({
  ...row,
  party: uuidUrn(party),
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([name, [value]]) => [name, value]),
  ),
});
