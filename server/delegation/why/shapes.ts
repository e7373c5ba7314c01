// Shapes of why, and of what has fallen.
import { LACKS } from '../../mandate/model.ts';
import {
  instantOut,
  named,
  nullable,
  oneOf,
  shape,
  translated,
  Type,
  uuid,
} from '../../platform/http/shapes.ts';
import { NamedParty } from '../shapes.ts';
import { NEAR } from './model.ts';

const Words = translated(2_000);
const Two = { from: NamedParty, to: NamedParty };

/** Why, or why not, with what comes near to opening it. */
export const Why = named(
  'Why',
  shape({
    decision: Type.Boolean(),
    reason: Type.String(),
    reason_user: Words,
    level: Type.Integer(),
    mandates: Type.Array(uuid()),
    near: Type.Array(
      shape({
        mandate: uuid(),
        ...Two,
        why: oneOf(NEAR),
        at: nullable(instantOut()),
        inactiveBecause: Type.Optional(oneOf(LACKS)),
        reason_user: Words,
        next_user: Words,
        links: shape({
          resume: Type.Optional(Type.String()),
          accept: Type.Optional(Type.String()),
          change: Type.Optional(Type.String()),
          give: Type.Optional(Type.String()),
          ask: Type.Optional(Type.String()),
        }),
      }),
    ),
  }),
);

/** Mandates that fell by themselves, and those that stand and do not hold. */
export const FallenMandates = named(
  'Fallen',
  shape({
    data: Type.Array(
      shape({
        id: uuid(),
        at: instantOut(),
        consent: nullable(uuid()),
        mandate: nullable(uuid()),
        ...Two,
        reason: Type.String(),
      }),
    ),
    inactive: Type.Array(
      shape({
        mandate: uuid(),
        ...Two,
        reason: oneOf(LACKS),
      }),
    ),
    links: shape({ next: nullable(Type.String()) }),
  }),
);
