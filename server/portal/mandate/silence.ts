// The button on the page of a mandate by which its receiver lets the giver send nothing more.
import { displayName } from '../../consent/text.ts';
import { silencingOf } from '../../notice/silence.ts';
import type { Language } from '../../platform/locale.ts';
import type { PortalPages } from '../page.ts';
import { giverOf, type Looked } from './looked.ts';

/** The button, or the words where the giver is silenced; nothing to a giver, or of a register's. */
export const silenceOfGiver = async (
  { act }: PortalPages,
  { mandate, side, acting, path }: Looked,
  language: Language,
) =>
  side === 'receiver' && mandate.basis !== 'register' && !acting.closed
    ? silencingOf(
        act,
        { party: mandate.to, sender: mandate.from },
        {
          ...{ action: path('/silence'), isSelf: acting.isSelf },
          name: displayName(giverOf(mandate)),
        },
        language,
      )
    : undefined;
