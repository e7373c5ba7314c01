// The words of asking for a right: for whom it is, and who decides. It decides nothing.
import { asksStrangersAs } from '../../access_request/tie.ts';
import type { Session } from '../../caller/session.ts';
import { displayName } from '../../consent/text.ts';
import type { Deciding } from '../../decision/act.ts';
import { isOrganization } from '../../party/model.ts';
import type { PartyRow } from '../../party/store.ts';
import { formatAny, pick, t, type Language } from '../../platform/locale.ts';
import { asHeading } from '../mandate/text.ts';
import { rolesThatDecide } from '../no_access.ts';
import type { Acting } from '../party.ts';

/** Whether it is for oneself, or for whom. */
export const whoOfAsking = ({ isSelf, party }: Acting) => ({
  self: isSelf ? 'yes' : 'no',
  name: displayName(party),
});

/** Says which parties the asker may ask, as a register has it. */
export async function leadOfAsking(
  act: Deciding,
  acting: Acting,
  language: Language,
): Promise<string> {
  const stranger = acting.isSelf ? await asksStrangersAs(act, acting.party) : null;
  return t(language, 'ask.lead_of', {
    ...whoOfAsking(acting),
    qualified: stranger ? t(language, `ask.qualified.${stranger}`) : 'none',
  });
}

/** Words that say who decides, by role, and what they see. */
export async function decidesText(
  act: Deciding,
  session: Session,
  { whom, actions }: { whom: PartyRow; actions: string[] | null },
  language: Language,
): Promise<string> {
  const who = isOrganization(whom)
    ? asHeading(
        language,
        formatAny(
          language,
          (await rolesThatDecide(act, session, whom)).map((one) => pick(one, language)!.text),
        ),
      )
    : '';
  return t(language, 'ask.decides', {
    of: isOrganization(whom) ? 'company' : 'person',
    name: displayName(whom),
    // A package is given whole.
    part: actions && actions.length > 1 ? 'yes' : 'no',
    who,
  });
}
