// Changes of whom an owner's resources are open to, as a feed by cursor, so that its own systems
// know at once who may, and who no longer.
import { organization } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { AUTHORIZE } from '../decision/asking.ts';
import { placeAll } from './feed.ts';
import { readOwnerFeed, type OwnerFeedRow } from './owner_feed_store.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { instantOut, named, nullable, oneOf, shape, Type, uuid } from '../platform/http/shapes.ts';
import { askersReason, type FallReason } from '../consent/basis/model.ts';
import { validationProblem } from '../consent/problems.ts';
import { placeIn, placePath } from '../platform/http/validation.ts';
import type { Restoration } from '../platform/restoration_store.ts';
import { epochOf, whyOld } from '../event/place_model.ts';
import { nextLink } from '../delegation/enduser.ts';
import { ownerOf } from '../delegation/owner/serviceowner.ts';
import { queryLimit } from '../delegation/shapes.ts';

const STANDARD = 100;
const TYPES = [
  ...(['given', 'answered', 'changed', 'ended', 'fallen', 'suspended', 'resumed'] as const),
  /** The owner reported a fetch for which no token was out. */
  'beyond',
] as const;

/** `age` is the end of parental responsibility by age. */
const CAUSES = ['consent', 'mandate', 'role', 'party', 'age', 'time', 'service'] as const;

const OwnerEvent = named(
  'OwnerEvent',
  shape({
    id: uuid(),
    pos: nullable(Type.Integer()),
    at: instantOut(),
    type: oneOf(TYPES),
    cause: oneOf(CAUSES),
    reason: nullable(Type.String()),
    consent: nullable(uuid()),
    mandate: nullable(uuid()),
    party: nullable(uuid()),
    from: nullable(uuid()),
    to: nullable(uuid()),
    parties: Type.Array(uuid()),
    validTo: nullable(instantOut()),
    resources: Type.Array(
      shape({
        id: Type.String(),
        actions: nullable(Type.Array(Type.String())),
        instance: nullable(Type.String()),
      }),
    ),
  }),
);

/** The place, after the epoch where one has begun. */
const place = Type.Optional(
  Type.String({ pattern: '^([0-9]{1,5}\\.)?[0-9]{1,18}$', maxLength: 24 }),
);

/** The position that a cursor says; throws for one of an epoch that is over. */
function positionIn(
  query: { cursor?: string; continuationToken?: string },
  restored: Restoration | undefined,
): string {
  const mark = placeIn(query);
  if (mark === undefined) return '0';
  const [position, epoch = '0'] = mark.split('.').reverse();
  if (Number(epoch) === epochOf(restored)) return position!;
  throw validationProblem([
    { code: 'AM.VLD-00053', path: placePath(query), detail: whyOld(restored) },
  ]);
}

const markOf = (position: string, restored: Restoration | undefined): string =>
  restored ? `${restored.epoch}.${position}` : position;

export function ownerOperations(restored: Restoration | undefined): Operation[] {
  return [
    operation(
      {
        id: 'owner_events',
        method: 'GET',
        paths: ['/access/v1/owner/events'],
        who: organization(AUTHORIZE),
        dialect: 'own',
        limit: 'read',
        summary: "Changes of whom an owner's resources are open to, in order",
        query: {
          cursor: place,
          continuationToken: place,
          limit: queryLimit(1_000, STANDARD),
        },
        answers: {
          200: {
            description: 'What comes after the cursor, and the cursor to go on with',
            schema: shape({
              data: Type.Array(OwnerEvent),
              cursor: Type.String(),
              links: shape({ next: nullable(Type.String()) }),
            }),
          },
        },
        errors: ['TIL-00008', 'AM.VLD-00053'],
      },
      async ({ act, ctx, caller, query }) => {
        const { id: owner } = await ownerOf(act, caller);
        const { limit = STANDARD } = query;
        const after = positionIn(query, restored);
        await placeAll(act);
        const found = await readOwnerFeed(act.db, owner, after, limit);
        const last = markOf(found.at(-1)?.position ?? after, restored);
        const next = found.length < limit ? null : nextLink(ctx, 'cursor', last);
        return reply({ data: found.map((row) => told(row, owner)), cursor: last, links: { next } });
      },
    ),
  ];
}

/** An approved consent is given; one withdrawn or renounced has ended, or fell by itself. */
const TYPE: Record<string, (typeof TYPES)[number]> = {
  approved: 'given',
  withdrawn: 'ended',
  renounced: 'ended',
  fetched: 'beyond',
};

const told = (
  { position: _position, type, reason: why, fromPerson: isPerson, ...row }: OwnerFeedRow,
  owner: string,
) => {
  const known = TYPE[type] ?? (type as (typeof TYPES)[number]);
  const isFallen = known === 'ended' && why !== null && why !== 'replaced';
  // An owner that asked for the consent itself reads no more than who asks does.
  const reason =
    why !== null && row.to === owner ? askersReason(why as FallReason, { isPerson }) : why;
  return { ...row, reason, type: isFallen ? 'fallen' : known };
};
