// Receipts as JSON, for whoever may read the thing, and the keys that they are checked by.
import type { Deciding } from '../decision/act.ts';
import { everybody, organization, person } from '../caller/doors.ts';
import { READ, REQUESTS } from '../consent/ask/routes.ts';
import { operation } from '../decision/doors.ts';
import { listVerifyingKeys } from '../oidc/keys/key_store.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { instant, named, nullable, shape, text, Type, uuid } from '../platform/http/shapes.ts';
import { consentReadBy, consentReadByAsker, consentReadByOwner, mandateReadBy } from './reading.ts';
import { makeReceipt, makeStatus, type ReceiptReading, type SignReceipt } from './receipt.ts';

interface ReceiptApi {
  issuer: string;
  signReceipt: SignReceipt;
}

const RECEIPT = named(
  'Receipt',
  shape({
    receipt: text(200_000),
    proof: nullable(text(20_000)),
    retryAfter: Type.Optional(Type.Integer({ minimum: 1 })),
    later: Type.Array(shape({ event: uuid(), at: instant(), href: text(2_000) })),
  }),
);

type Asked = { event?: string; size?: number };
const STATUS = named('ReceiptStatus', shape({ status: text(2_000) }));

/** A receipt is made for its reader, and what came later is new each time. */
const PRIVATE = { 'cache-control': 'private, no-store' };

export function receiptOperations({ issuer, signReceipt }: ReceiptApi): Operation[] {
  const answer = async (act: Deciding, path: string, reading: ReceiptReading, asked: Asked) => {
    const made = await makeReceipt(act, signReceipt, reading, asked);
    const later = made.later.map(({ event: id, at }) => ({
      ...{ event: id, at },
      href: `${issuer}${path}?event=${id}`,
    }));
    const { receipt, proof, retryAfter } = made;
    const body = { receipt, proof, ...(retryAfter === undefined ? {} : { retryAfter }), later };
    return reply(body, 200, PRIVATE);
  };
  const standing = async (act: Deciding, reading: ReceiptReading) =>
    reply({ status: await makeStatus(act, signReceipt, reading, issuer) }, 200, PRIVATE);
  const shared = {
    method: 'GET' as const,
    limit: 'read' as const,
    path: { id: uuid() },
    query: {
      event: Type.Optional(uuid()),
      size: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    },
    answers: { 200: { description: 'The receipt, and what came later', schema: RECEIPT } },
  };
  const now = {
    ...shared,
    query: {},
    answers: { 200: { description: 'A JWT (RFC 7519) that is good for a minute', schema: STATUS } },
  };
  const own = { ...shared, who: person('altinn:portal/enduser'), dialect: 'own' as const };

  return [
    operation(
      {
        ...own,
        id: 'consent_receipt',
        paths: ['/access/v1/consents/:id/receipt'],
        summary: 'The receipt of an answer, or of another act on a consent',
        errors: ['AM-00001', 'TIL-00007', 'TIL-00053', 'TIL-00052'],
      },
      async ({ act, ctx, caller, path: { id }, query }) =>
        answer(act, ctx.path, await consentReadBy(act, id, caller), query),
    ),
    operation(
      {
        ...now,
        who: person('altinn:portal/enduser'),
        dialect: 'own',
        id: 'consent_receipt_status',
        paths: ['/access/v1/consents/:id/receipt/status'],
        summary: 'How it stands now, signed, beside its receipts',
        errors: ['AM-00001', 'TIL-00007', 'TIL-00053'],
      },
      async ({ act, caller, path }) => standing(act, await consentReadBy(act, path.id, caller)),
    ),
    operation(
      {
        ...own,
        id: 'mandate_receipt',
        paths: ['/access/v1/mandates/:id/receipt'],
        summary: 'The receipt of a power of attorney, or of another act on it',
        query: { ...shared.query, party: Type.Optional(uuid()) },
        errors: ['TIL-00020', 'TIL-00053', 'TIL-00052'],
      },
      async ({ act, ctx, caller, path: { id }, query }) =>
        answer(act, ctx.path, await mandateReadBy(act, id, caller, query.party), query),
    ),
    operation(
      {
        ...now,
        who: person('altinn:portal/enduser'),
        dialect: 'own',
        id: 'mandate_receipt_status',
        paths: ['/access/v1/mandates/:id/receipt/status'],
        summary: 'How it stands now, signed, beside its receipts',
        query: { party: Type.Optional(uuid()) },
        errors: ['TIL-00020', 'TIL-00053'],
      },
      async ({ act, caller, path, query }) =>
        standing(act, await mandateReadBy(act, path.id, caller, query.party)),
    ),
    operation(
      {
        ...shared,
        id: 'consent_receipt_for_asker',
        paths: [`${REQUESTS}/:id/receipt`],
        who: organization(...READ),
        dialect: 'altinn',
        summary:
          'The same for the organization that asked, without who answered and why they could',
        errors: ['AM-00001', 'TIL-00053', 'TIL-00052'],
      },
      async ({ act, ctx, caller, path: { id }, query }) =>
        answer(act, ctx.path, await consentReadByAsker(act, id, caller), query),
    ),
    operation(
      {
        ...now,
        who: organization(...READ),
        dialect: 'altinn',
        id: 'consent_receipt_status_for_asker',
        paths: [`${REQUESTS}/:id/receipt/status`],
        summary: 'How it stands now, signed, beside its receipts',
        errors: ['AM-00001'],
      },
      async ({ act, caller, path }) =>
        standing(act, await consentReadByAsker(act, path.id, caller)),
    ),
    operation(
      {
        ...shared,
        id: 'consent_receipt_for_owner',
        paths: ['/access/v1/owner/consents/:id/receipt'],
        who: organization('altinn:authorization/authorize', 'altinn:authorization/authorize.admin'),
        dialect: 'own',
        summary: 'The same for the owner of a service that the consent is about',
        errors: ['AM-00001', 'TIL-00053', 'TIL-00052'],
      },
      async ({ act, ctx, caller, path: { id }, query }) =>
        answer(act, ctx.path, await consentReadByOwner(act, id, caller), query),
    ),
    operation(
      {
        ...now,
        who: organization('altinn:authorization/authorize', 'altinn:authorization/authorize.admin'),
        dialect: 'own',
        id: 'consent_receipt_status_for_owner',
        paths: ['/access/v1/owner/consents/:id/receipt/status'],
        summary: 'How it stands now, signed, beside its receipts',
        errors: ['AM-00001'],
      },
      async ({ act, caller, path }) =>
        standing(act, await consentReadByOwner(act, path.id, caller)),
    ),
    operation(
      {
        method: 'GET',
        who: everybody,
        dialect: 'own',
        limit: 'read',
        isForScripts: true,
        id: 'receipt_keys',
        paths: ['/receipt/keys'],
        summary: 'Every key that signs receipts, or ever did (RFC 7517)',
        answers: {
          200: {
            description: 'A JWK Set',
            schema: named(
              'ReceiptKeys',
              shape({ keys: Type.Array(Type.Unsafe<object>({ type: 'object' })) }),
            ),
          },
        },
      },
      async ({ act }) => reply({ keys: await listVerifyingKeys(act.db) }),
    ),
  ];
}
