// Shapes of what registers say.
import { instantOut, nullable, rows, shape, Type, uuid } from '../platform/http/shapes.ts';

export const Leavers = rows(
  shape({
    mandate: uuid(),
    person: shape({ id: uuid(), name: Type.String() }),
    endedOn: Type.String(),
    package: nullable(Type.String()),
    resource: nullable(Type.String()),
    actions: nullable(Type.Array(Type.String())),
    for: shape({ id: uuid(), name: Type.String() }),
    links: shape({ end: Type.String() }),
  }),
);

export const OutsideRows = rows(
  shape({
    source: Type.String(),
    available: Type.Boolean(),
    mandates: Type.Array(
      shape({
        direction: Type.String(),
        name: nullable(Type.String()),
        text: Type.String(),
        editUrl: nullable(Type.String()),
      }),
    ),
  }),
);

const text = () => Type.Optional(Type.String());
const maybe = () => Type.Optional(nullable(Type.String()));

export const RegistersShape = shape({
  data: Type.Array(
    shape({
      source: Type.String(),
      live: Type.Boolean(),
      reachable: Type.Optional(Type.Boolean()),
      name: text(),
      legalBasis: text(),
      purpose: text(),
      visibility: text(),
      cursor: text(),
      movedAt: Type.Optional(instantOut()),
      readAt: Type.Optional(nullable(instantOut())),
      aside: Type.Optional(
        Type.Integer({ description: 'Lines that could not be read or used yet' }),
      ),
      asideSince: Type.Optional(nullable(instantOut())),
      unnamed: Type.Optional(
        Type.Integer({ description: 'Lines from which no party could be read' }),
      ),
      fault: maybe(),
      faultAt: Type.Optional(nullable(instantOut())),
      reconciled: Type.Optional(
        nullable(
          shape({
            at: Type.String(),
            checked: Type.Integer(),
            found: Type.Integer(),
            ended: Type.Integer(),
            begun: Type.Integer(),
            heldBack: nullable(Type.String()),
          }),
        ),
      ),
    }),
  ),
});
