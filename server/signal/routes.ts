// Shared Signals as HTTP (OpenID SSF 1.0 §7, §8): the configuration, streams and their status,
// subjects, verification, and events by poll (RFC 8936).
import { everybody, operation, organization } from '../caller/doors.ts';
import { isForeign, type OrganizationCaller } from '../caller/model.ts';
import { findParty } from '../party/store.ts';
import type { Act } from '../platform/act.ts';
import { fault } from '../platform/errors.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { isUuid } from '../platform/ids.ts';
import { text, Type, uuid } from '../platform/http/shapes.ts';
import { isSubjectId } from './model.ts';
import { createPolls, type PollSettings } from './poll.ts';
import { problem } from './problems.ts';
import * as shapes from './shapes.ts';
import { setSubject, listStreams, type StreamRow } from './stream_store.ts';
import { configurationOf, statusDto, streamDto, STREAMS_PATH, streamWanted } from './stream_dto.ts';
import {
  askVerification,
  keeperClient,
  makeStream,
  MANAGE,
  removeStream,
  rewriteStream,
  setStatus,
  streamOf,
  type Keeper,
  type StreamSettings,
} from './streams.ts';

export const READ_SIGNALS = 'ssf.read';
const POLL_SIGNALS = 'ssf.manage.poll';

export interface SignalApi extends StreamSettings, PollSettings {}

const OF_SSF = ['push', 'poll'] as const;

/** The client, and its organisation, which is a party of ours. */
export async function keeperOf(act: Act, caller: OrganizationCaller): Promise<Keeper> {
  const { organizationNo, client } = caller;
  // Another issuer knows whom its suppliers may act for; here nobody does.
  const supplierNo = client === undefined || isForeign(client) ? undefined : caller.supplierNo;
  const [owner, supplier] = await Promise.all(
    [organizationNo, supplierNo].map((value) =>
      value === undefined ? undefined : findParty(act, { by: 'organization', value }),
    ),
  );
  const isUnknown = supplierNo !== undefined && !supplier;
  if (!owner || isUnknown) throw fault('TIL-00008', { because: 'no such organization' });
  return { client: keeperClient(caller), owner, supplier };
}

const isKnown = (id: string): string => {
  if (!isUuid(id)) throw problem('TIL-00064');
  return id;
};

export function ssfOperations(api: SignalApi): Operation[] {
  const { issuer } = api;
  const poll = createPolls(api);
  const dto = (stream: StreamRow) => streamDto(stream, issuer);
  const one = async (act: Act, caller: OrganizationCaller, id: string) =>
    streamOf(act, await keeperOf(act, caller), isKnown(id), [...OF_SSF]);
  const shared = { dialect: 'altinn' as const, limit: 'write' as const };
  const manage = { ...shared, who: organization(MANAGE) };
  const read = { ...shared, limit: 'read' as const, who: organization(MANAGE, READ_SIGNALS) };
  const STREAM = { 200: { description: 'The stream', schema: shapes.Stream } };
  const STATUS = { 200: { description: 'How it stands', schema: shapes.Status } };
  const query = { stream_id: Type.Optional(text(100)) };

  return [
    operation(
      {
        id: 'ssf_configuration',
        method: 'GET',
        paths: [wellKnown(issuer)],
        summary: 'Where the transmitter of signals is (OpenID SSF 1.0 §7.1)',
        who: everybody,
        dialect: 'authzen',
        limit: 'read',
        answers: { 200: { description: 'Its addresses', schema: shapes.SsfMetadata } },
      },
      () => reply(configurationOf(issuer), 200, { 'access-control-allow-origin': '*' }),
    ),
    operation(
      {
        ...manage,
        id: 'ssf_stream_make',
        method: 'POST',
        paths: [STREAMS_PATH],
        summary: 'Make a stream, of which a client may have five',
        body: shapes.StreamAsked,
        bodyOptional: true,
        answers: { 201: { description: 'The new stream', schema: shapes.Stream } },
        errors: ['TIL-00008', 'TIL-00063', 'TIL-00065', 'TIL-00067'],
      },
      async ({ act, caller, body }) => {
        const wanted = streamWanted(body, issuer);
        const { stream } = await makeStream(act, await keeperOf(act, caller), wanted, api);
        return reply(dto(stream), 201);
      },
    ),
    operation(
      {
        ...read,
        id: 'ssf_streams',
        method: 'GET',
        paths: [STREAMS_PATH],
        summary: 'The streams of the client, or the one that is named',
        query,
        answers: {
          200: {
            description: 'All of them, or the one',
            schema: Type.Union([shapes.Stream, Type.Array(shapes.Stream)]),
          },
        },
        errors: ['TIL-00064'],
      },
      async ({ act, caller, query: { stream_id: id } }) => {
        if (id !== undefined) return reply(dto(await one(act, caller, id)));
        const streams = await listStreams(act.db, await keeperOf(act, caller));
        return reply(streams.filter(({ method }) => method !== 'webhook').map(dto));
      },
    ),
    ...(['PATCH', 'PUT'] as const).map((method) =>
      operation(
        {
          ...manage,
          id: method === 'PUT' ? 'ssf_stream_replace' : 'ssf_stream_change',
          method,
          paths: [STREAMS_PATH],
          summary:
            method === 'PUT'
              ? 'Replace what the client says of a stream'
              : 'Change some of what the client says of a stream; what was stopped goes on',
          body: shapes.ChangedStream,
          answers: STREAM,
          errors: ['TIL-00064', 'TIL-00065', 'TIL-00067'],
        },
        async ({ act, caller, body }) => {
          const stream = await one(act, caller, body.stream_id);
          const wanted = streamWanted(body, issuer, method === 'PATCH' ? stream : undefined);
          if (wanted.method !== stream.method) throw problem('TIL-00067');
          return reply(dto(await rewriteStream(act, stream, wanted, api)));
        },
      ),
    ),
    operation(
      {
        ...manage,
        id: 'ssf_stream_remove',
        method: 'DELETE',
        paths: [STREAMS_PATH],
        summary: 'End a stream',
        query: { stream_id: text(100) },
        answers: { 204: { description: 'It has ended; what waited is dropped' } },
        errors: ['TIL-00064'],
      },
      async ({ act, caller, query: { stream_id: id } }) => {
        await removeStream(act, await one(act, caller, id));
        return nothing;
      },
    ),
    operation(
      {
        ...read,
        id: 'ssf_status',
        method: 'GET',
        paths: ['/ssf/status'],
        summary: 'How a stream stands',
        query: { stream_id: text(100) },
        answers: STATUS,
        errors: ['TIL-00064'],
      },
      async ({ act, caller, query: { stream_id: id } }) =>
        reply(statusDto(await one(act, caller, id))),
    ),
    operation(
      {
        ...manage,
        id: 'ssf_status_set',
        method: 'POST',
        paths: ['/ssf/status'],
        summary: 'Pause, disable or enable a stream',
        body: shapes.NewStatus,
        answers: STATUS,
        errors: ['TIL-00064'],
      },
      async ({ act, caller, body: { stream_id: id, status, reason = null } }) =>
        reply(statusDto(await setStatus(act, await one(act, caller, id), { status, reason }))),
    ),
    ...(['add', 'remove'] as const).map((how) =>
      operation(
        {
          ...manage,
          id: `ssf_subject_${how}`,
          method: 'POST',
          paths: [`/ssf/subjects/${how}`],
          summary:
            how === 'add'
              ? 'Hear of a consent or mandate again'
              : 'Hear no more of a consent or mandate, but of its end',
          body: shapes.Subject,
          answers: {
            [how === 'add' ? 200 : 204]: { description: 'Answered alike, whatever there is' },
          },
          errors: ['TIL-00064', 'TIL-00067'],
        },
        async ({ act, caller, body: { stream_id: id, subject } }) => {
          if (!isSubjectId(subject)) throw problem('TIL-00067');
          const { format, id: named } = subject as { format: string; id?: unknown };
          const stream = await one(act, caller, id);
          if (format === 'opaque' && isUuid(named as string))
            await setSubject(act.db, stream.id, named as string, how);
          return how === 'add' ? reply({}) : nothing;
        },
      ),
    ),
    operation(
      {
        ...manage,
        id: 'ssf_verify',
        method: 'POST',
        paths: ['/ssf/verify'],
        summary: 'Have a verification sent, once a minute at most',
        body: shapes.Verification,
        answers: { 204: { description: 'It is on its way' } },
        errors: ['TIL-00064', 'TIL-00066'],
      },
      async ({ act, caller, body: { stream_id: id, state } }) => {
        await askVerification(act, await one(act, caller, id), state);
        return nothing;
      },
    ),
    operation(
      {
        ...shared,
        who: organization(MANAGE, POLL_SIGNALS),
        id: 'ssf_poll',
        method: 'POST',
        paths: ['/ssf/poll/:id'],
        summary: 'Take events of a poll stream, and acknowledge those that were taken (RFC 8936)',
        path: { id: uuid() },
        body: shapes.Poll,
        bodyOptional: true,
        answers: { 200: { description: 'Signed events by their id', schema: shapes.Polled } },
        errors: ['TIL-00064', 'TIL-00067'],
      },
      async ({ act, ctx, caller, path: { id }, body }) => {
        const stream = await streamOf(act, await keeperOf(act, caller), id, ['poll']);
        const isGone = () => ctx.res.closed;
        return reply(await poll(stream, body, isGone), 200, {
          'cache-control': 'no-store',
        });
      },
    ),
  ];
}

/** The configuration stands before the path of the issuer (RFC 8615). */
const wellKnown = (issuer: string) =>
  `/.well-known/ssf-configuration${new URL(issuer).pathname.replace(/\/$/, '')}`;
