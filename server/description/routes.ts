// Where the description is read by machines.
import { everybody, operation } from '../caller/doors.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { reply, type Operation } from '../platform/doors.ts';
import { open } from '../platform/shapes.ts';
import { describe, type DescriptionSettings } from './document_model.ts';

const DAY = 86_400_000;

/** Whom to tell of a hole (RFC 9116); nobody, where the operator has named no contact. */
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
    () => {
      if (!contact) throw fault('TIL-00009', { because: 'no SECURITY_CONTACT' });
      // It is always of today: an hour in a cache, and good for a month.
      const expires = new Date(clock.now().getTime() + 30 * DAY).toISOString();
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

/** The operation that tells of all operations, itself among them. */
export function descriptionOperation(
  operations: Operation[],
  settings: DescriptionSettings,
): Operation {
  let document: unknown;
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
    () => {
      document ??= describe([...operations, own], settings);
      return reply(document, 200, {
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=300',
      });
    },
  );
  return own;
}
