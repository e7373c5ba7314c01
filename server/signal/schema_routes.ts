// The JSON Schema of each event of ours, at the address that it is named by.
import { everybody, operation } from '../caller/doors.ts';
import { fault } from '../platform/errors.ts';
import type { Operation } from '../platform/http/doors.ts';
import { text } from '../platform/http/shapes.ts';
import { isOfFamily, schemaOf } from './schema_model.ts';

/** The media type that readers of schemas ask for. */
const TYPE = 'application/schema+json';
const DAY_SECONDS = 86_400;

export const schemaOperations = (issuer: string): Operation[] => [
  operation(
    {
      id: 'event_schema',
      method: 'GET',
      paths: ['/secevent/:kind'],
      summary: 'The members of a kind of event, as JSON Schema',
      who: everybody,
      dialect: 'own',
      limit: 'read',
      path: { kind: text(40, { examples: ['consent-withdrawn'] }) },
      answers: { 200: { description: 'A schema', type: TYPE } },
      errors: ['TIL-00009'],
    },
    ({ path: { kind } }) => {
      if (!isOfFamily(kind)) throw fault('TIL-00009');
      return {
        body: JSON.stringify(schemaOf(issuer, kind)),
        type: TYPE,
        headers: {
          'cache-control': `public, max-age=${DAY_SECONDS}`,
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
        },
      };
    },
  ),
];
