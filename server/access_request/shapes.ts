// Shapes of requests for a right, as Altinn's clients read them.
import { PartyShape } from '../delegation/shapes.ts';
import {
  instantOut,
  list,
  named,
  nullable,
  oneOf,
  shape,
  text,
  Type,
  uuid,
} from '../platform/http/shapes.ts';

const STATES = ['Draft', 'Pending', 'Approved', 'Partly', 'Rejected', 'Withdrawn'];
/** A state of the wire, in any case. */
export const STATUS = () =>
  Type.String({ pattern: `^(${STATES.map(caseless).join('|')})$`, maxLength: 20 });
export const TYPE = () =>
  Type.String({ pattern: `^(${['package', 'resource'].map(caseless).join('|')})$` });

/** JSON Schema has no flag for it. */
function caseless(word: string): string {
  return [...word].map((letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`).join('');
}

export const rightKeys = () => list(text(100), 100);

export const AccessRequest = named(
  'AccessRequest',
  shape({
    id: uuid(),
    status: oneOf(['Draft', 'Pending', 'Approved', 'Rejected', 'Withdrawn']),
    partly: Type.Boolean(),
    type: oneOf(['package', 'resource']),
    lastUpdated: instantOut(),
    lastUpdatedBy: uuid(),
    resource: nullable(
      shape({
        id: Type.String(),
        referenceId: Type.String(),
        rightKeys: Type.Array(Type.String()),
      }),
    ),
    package: nullable(shape({ id: uuid(), referenceId: Type.String() })),
    links: shape({ detailsLink: Type.String(), statusLink: Type.String() }),
    from: PartyShape,
    to: PartyShape,
    by: PartyShape,
    verified: Type.Optional(Type.String()),
    awaiting: Type.Optional(Type.Literal(true)),
    validTo: nullable(instantOut()),
    redirectUrl: nullable(Type.String()),
  }),
);
