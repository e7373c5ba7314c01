// Where the description is read by machines.
import { everybody, operation } from '../caller/doors.ts';
import { reply, type Operation } from '../platform/doors.ts';
import { open } from '../platform/shapes.ts';
import { describe, type DescriptionSettings } from './document_model.ts';

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
