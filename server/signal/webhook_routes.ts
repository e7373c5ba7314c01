// Webhooks as HTTP: for those without Shared Signals, an address and a secret. And what could not
// be delivered of either, which its client sends again or lets go.
import { operation, organization } from '../caller/doors.ts';
import type { OrganizationCaller } from '../caller/model.ts';
import type { Act } from '../platform/act.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { text, Type, uuid } from '../platform/http/shapes.ts';
import { listDead, settleDead } from './letter_store.ts';
import { SIGNAL_KINDS, webhookNameOf, type SignalKind } from './model.ts';
import { problem } from './problems.ts';
import { keeperOf, READ_SIGNALS, type SignalApi } from './routes.ts';
import * as shapes from './shapes.ts';
import { findStream, listStreams, type StreamMethod, type StreamRow } from './stream_store.ts';
import {
  MANAGE,
  makeStream,
  newWebhookSecret,
  removeStream,
  rewriteStream,
  setStatus,
  streamOf,
} from './streams.ts';

const WEBHOOKS = '/access/v1/webhooks';
const LETTERS = 100;

/** The kinds of these names; null for all. TIL-00067 for a name that is none. */
function kindsIn(names: string[] | undefined): SignalKind[] | null {
  if (!names) return null;
  const kinds = names.map((name) => SIGNAL_KINDS.find((kind) => webhookNameOf(kind) === name));
  if (kinds.some((kind) => kind === undefined)) throw problem('TIL-00067');
  return kinds as SignalKind[];
}

const dto = ({ id, endpoint, kinds, description, status, reason }: StreamRow) => ({
  ...{ id, url: endpoint!, description, status, reason },
  events: (kinds ?? [...SIGNAL_KINDS]).map(webhookNameOf),
});

const own = { dialect: 'own' as const, limit: 'write' as const };
const one = async (act: Act, caller: OrganizationCaller, id: string, methods: StreamMethod[]) =>
  streamOf(act, await keeperOf(act, caller), id, methods);

export function webhookOperations(api: SignalApi): Operation[] {
  const manage = { ...own, who: organization(MANAGE) };
  const path = { id: uuid() };
  const WEBHOOK = { 200: { description: 'The webhook', schema: shapes.Webhook } };
  return [
    operation(
      {
        ...manage,
        id: 'webhook_make',
        method: 'POST',
        paths: [WEBHOOKS],
        summary: 'Have events sent to an address, signed with a secret that is shown once',
        body: shapes.NewWebhook,
        answers: { 201: { description: 'The webhook', schema: shapes.MadeWebhook } },
        errors: ['TIL-00008', 'TIL-00063', 'TIL-00065', 'TIL-00067'],
      },
      async ({ act, caller, body: { url: endpoint, events, description = null } }) => {
        const wanted = {
          method: 'webhook' as const,
          endpoint,
          description,
          kinds: kindsIn(events),
        };
        const { stream, secret } = await makeStream(act, await keeperOf(act, caller), wanted, api);
        return reply({ ...dto(stream), secret: secret! }, 201);
      },
    ),
    operation(
      {
        ...manage,
        limit: 'read',
        id: 'webhooks',
        method: 'GET',
        paths: [WEBHOOKS],
        summary: 'The webhooks of the client',
        who: organization(MANAGE, READ_SIGNALS),
        answers: {
          200: { description: 'All of them', schema: Type.Array(shapes.Webhook) },
        },
      },
      async ({ act, caller }) => {
        const streams = await listStreams(act.db, await keeperOf(act, caller));
        return reply(streams.filter(({ method }) => method === 'webhook').map(dto));
      },
    ),
    operation(
      {
        ...manage,
        id: 'webhook_change',
        method: 'PATCH',
        paths: [`${WEBHOOKS}/:id`],
        summary: 'Change its address or its events; what was stopped goes on',
        path,
        body: shapes.ChangedWebhook,
        answers: WEBHOOK,
        errors: ['TIL-00064', 'TIL-00065', 'TIL-00067'],
      },
      async ({ act, caller, path: { id }, body: { url, events, description, status } }) => {
        const stream = await one(act, caller, id, ['webhook']);
        const wanted = {
          method: 'webhook' as const,
          endpoint: url ?? stream.endpoint,
          description: description ?? stream.description,
          kinds: events ? kindsIn(events) : (stream.kinds as SignalKind[] | null),
        };
        const changed = await rewriteStream(act, stream, wanted, api);
        if (!status || status === changed.status) return reply(dto(changed));
        return reply(dto(await setStatus(act, changed, { status, reason: null })));
      },
    ),
    operation(
      {
        ...manage,
        id: 'webhook_secret',
        method: 'POST',
        paths: [`${WEBHOOKS}/:id/secret`],
        summary: 'Make a second secret, and sign with both for a day',
        path,
        answers: { 200: { description: 'Shown once', schema: shapes.WebhookSecret } },
        errors: ['TIL-00064'],
      },
      async ({ act, caller, path: { id } }) => {
        const stream = await one(act, caller, id, ['webhook']);
        const secret = await newWebhookSecret(act, stream, api);
        return reply({ secret, otherUntil: (await findStream(act.db, id))!.otherUntil! });
      },
    ),
    operation(
      {
        ...manage,
        id: 'webhook_remove',
        method: 'DELETE',
        paths: [`${WEBHOOKS}/:id`],
        summary: 'End a webhook',
        path,
        answers: { 204: { description: 'It has ended; what waited is dropped' } },
        errors: ['TIL-00064'],
      },
      async ({ act, caller, path: { id } }) => {
        await removeStream(act, await one(act, caller, id, ['webhook']));
        return nothing;
      },
    ),
  ];
}

/** Dead letters of streams and webhooks alike. */
export function letterOperations(): Operation[] {
  const path = { id: uuid() };
  const PATH = '/access/v1/signals/:id/dead';
  const ALL: StreamMethod[] = ['push', 'poll', 'webhook'];
  return [
    operation(
      {
        ...own,
        limit: 'read',
        who: organization(MANAGE, READ_SIGNALS),
        id: 'signal_letters',
        method: 'GET',
        paths: [PATH],
        summary: 'Events that could not be delivered, in their order',
        path,
        query: { after: Type.Optional(text(18, { pattern: '^[0-9]+$' })) },
        answers: { 200: { description: 'Up to 100', schema: shapes.DeadLetters } },
        errors: ['TIL-00064'],
      },
      async ({ act, caller, path: { id }, query: { after = '0' } }) => {
        const stream = await one(act, caller, id, ALL);
        const found = await listDead(act.db, stream.id, { after, limit: LETTERS });
        const last = found.length === LETTERS ? found.at(-1)!.pos : undefined;
        return reply({
          data: found.map(({ eventId, kind, why, madeAt, settledAt }) => ({
            ...{ event: eventId, type: kind, reason: why, at: madeAt, deadSince: settledAt },
          })),
          links: { next: last ? `/access/v1/signals/${id}/dead?after=${last}` : null },
        });
      },
    ),
    ...(['again', 'let_go'] as const).map((how) =>
      operation(
        {
          ...own,
          who: organization(MANAGE),
          id: `signal_letters_${how}`,
          method: 'POST',
          paths: [`${PATH}/${how === 'again' ? 'again' : 'let-go'}`],
          summary: how === 'again' ? 'Send some or all again' : 'Let some or all go',
          path,
          body: shapes.SettledLetters,
          bodyOptional: true,
          answers: {
            200: { description: 'How many', schema: shapes.SettledCount },
          },
          errors: ['TIL-00064'],
        },
        async ({ act, caller, path: { id }, body: { events = null } }) => {
          const stream = await one(act, caller, id, ALL);
          return reply({ count: await settleDead(act, stream.id, { events, how }) });
        },
      ),
    ),
  ];
}
