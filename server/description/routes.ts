// Where the description is read by machines.
import { everybody, operation } from '../caller/doors.ts';
import { fault } from '../platform/errors.ts';
import type { Operation } from '../platform/http/doors.ts';
import { madeOnce } from '../platform/http/made.ts';
import { open } from '../platform/http/shapes.ts';
import { describe, type DescriptionSettings } from './document_model.ts';

const DAY = 86_400_000;

/** The contact for reports of a hole (RFC 9116); nobody, where the operator has named none. */
export function securityOperation(issuer: string, contact: string | undefined): Operation {
  const path = '/.well-known/security.txt';
  return operation(
    {
      id: 'security_txt',
      method: 'GET',
      paths: [path],
      summary: 'Whom to tell of a hole (RFC 9116)',
      who: everybody,
      dialect: 'altinn',
      limit: 'read',
      answers: { 200: { description: 'As text' } },
      errors: ['TIL-00009'],
    },
    ({ act }) => {
      if (!contact) throw fault('TIL-00009', { because: 'no SECURITY_CONTACT' });
      // It is always of today: an hour in a cache, and good for a month.
      const expires = new Date(act.now.getTime() + 30 * DAY).toISOString();
      const fields = [
        `Contact: ${contact}`,
        `Expires: ${expires}`,
        'Preferred-Languages: nb, nn, en',
        `Canonical: ${issuer}${path}`,
      ];
      const headers = { 'cache-control': 'public, max-age=3600' };
      return { body: `${fields.join('\n')}\n`, type: 'text/plain; charset=utf-8', headers };
    },
  );
}

/** The operation that describes all operations, itself among them. */
export function descriptionOperation(
  operations: Operation[],
  settings: DescriptionSettings,
): Operation {
  const document = madeOnce('application/json; charset=utf-8', () =>
    JSON.stringify(describe([...operations, own], settings)),
  );
  const own: Operation = operation(
    {
      id: 'openapi',
      method: 'GET',
      paths: ['/openapi.json'],
      summary: 'This description (OpenAPI 3.1)',
      who: everybody,
      dialect: 'own',
      limit: 'read',
      answers: { 200: { description: 'The document', schema: open('OpenApi') } },
    },
    async () => {
      const headers = { 'access-control-allow-origin': '*' };
      return {
        made: await document(),
        headers: { ...headers, 'cache-control': 'public, max-age=300' },
      };
    },
  );
  return own;
}
