// Reports everything wrong with a call at once, in the form of Altinn's validation problems. A
// contract's codes and words stand with the noun that owns them; here are those that every
// operation can give.
import { Fault } from '../errors.ts';
import type { WrongMember } from './reading.ts';

export const VALIDATIONS = {
  'STD.VLD-00000': 'The field is required.',
  'TIL.VLD-00001': 'The value does not have the right type or form.',
  'TIL.VLD-00005': 'The member is given more than once.',
  'TIL.VLD-00007': 'The name is not known here.',
} as const;

/** STD-00000 with the errors, all with status 400; `words` are those of the codes that can come. */
export function validationFault(wrong: WrongMember[], words: Record<string, string>): Fault {
  const detail = 'One or more validation errors occurred.';
  return new Fault(
    'STD-00000',
    { status: 400, detail },
    {
      members: {
        validationErrors: wrong.map(({ code, path, detail: more }) => {
          const word = words[code];
          if (word === undefined) throw new Error(`no words for ${code}`);
          return { code, title: word, detail: more ?? word, paths: [path] };
        }),
      },
    },
  );
}

interface PlaceAsked {
  cursor?: string;
  continuationToken?: string;
}

/** The path of the member that says the place. */
export const placePath = ({ continuationToken }: PlaceAsked): string =>
  `$QUERY/${continuationToken === undefined ? 'cursor' : 'continuationToken'}`;

/**
 * The place in a feed to read on from: it is answered as `cursor`, and asked for by that name or by
 * Altinn's. STD-00000 where both are said and differ.
 */
export function placeIn(query: PlaceAsked) {
  const { cursor, continuationToken: token = cursor } = query;
  if (cursor !== undefined && cursor !== token)
    throw validationFault([{ code: 'TIL.VLD-00005', path: '$QUERY/cursor' }], VALIDATIONS);
  return token;
}
