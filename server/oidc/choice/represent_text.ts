// The words of an authorization's pages: whose the client is, and the parties that somebody may act
// for, by what right, until when, and at what level. It decides nothing.
import { displayName, numbered } from '../../consent/text.ts';
import { formatUntil } from '../../consent/until_model.ts';
import type { Authorized } from '../../decision/search/held.ts';
import {
  formatDate,
  formatList,
  formatOrganizationNumber,
  pick,
  t,
  type Language,
  type Translated,
} from '../../platform/locale.ts';
import { textOf } from '../../platform/as_text.ts';
import type { OfflineShown } from './offline_model.ts';
import { RESPONSIBILITY, type Catalogue } from '../../resource/catalogue/model.ts';

interface ClientShown {
  clientId: string;
  ownerNo: string | null;
  ownerName: string | null;
  metadata: Record<string, unknown>;
}

/** The name under which a client is shown. */
export const clientTitle = ({ metadata, clientId }: ClientShown): string =>
  textOf(metadata.client_name) ?? clientId;

/** The owner of a client, by the name and number that the register has. */
export const clientOwnerText = (client: ClientShown, language: Language): string | undefined =>
  client.ownerName === null
    ? undefined
    : t(language, 'represent.owner', {
        client: clientTitle(client),
        owner: numbered(
          { kind: 'organization', name: client.ownerName, organizationNo: client.ownerNo },
          language,
        ),
      });

/** A source that form-action can name: an origin, or the scheme of an app. */
export function formTargetOf(redirect: string): string {
  const { origin, protocol } = new URL(redirect);
  return origin === 'null' ? protocol : origin;
}

/** A box by which a client is let go on after the login. */
export const boxOf = ({ text: [label, ...lines], version }: OfflineShown, checked: boolean) => ({
  ...{ label, version, checked },
  hint: lines.join(' '),
});

/** The page names at most so many mandates as the reason. */
const MOST_REASONS = 2;

export interface ChoiceWords {
  person: string;
  language: Language;
  catalogue: Catalogue;
}

/** A choice: who, why, until when; `lacks` is the level of login that it takes beyond one's own. */
export function choiceOf(
  one: Authorized & { lacks: number | undefined },
  picked: string[],
  telling: ChoiceWords,
) {
  const { party, until, lacks } = one;
  const { language } = telling;
  const isSelf = party.id === telling.person;
  const about = [
    party.organizationNo &&
      t(language, 'portal.parties.number', { no: formatOrganizationNumber(party.organizationNo) }),
    !isSelf &&
      party.bornOn &&
      t(language, 'portal.parties.born', { date: formatDate(language, new Date(party.bornOn)) }),
    isSelf ? t(language, 'represent.self') : whyOf(one, telling),
    !isSelf && until && t(language, 'portal.until', { until: formatUntil(language, until) }),
    lacks && t(language, 'represent.level', { level: lacks }),
  ];
  return {
    id: party.id,
    name: displayName(party),
    about: about.filter(Boolean).join(' · '),
    checked: picked.includes(party.id),
  };
}

/** The roles of a register before what somebody gave. */
function whyOf({ roles, packages }: Authorized, { language, catalogue }: ChoiceWords): string {
  if (roles.includes(RESPONSIBILITY)) return t(language, 'portal.parties.parent');
  const names = (codes: string[], of: Map<string, { name: Translated }>) =>
    formatList(
      language,
      codes.slice(0, MOST_REASONS).map((code) => pick(of.get(code)?.name, language)?.text ?? code),
    );
  const isKey = (code: string) => catalogue.roles.get(code)?.keyRole === true;
  const nearest = [...roles].sort((a, b) => Number(isKey(b)) - Number(isKey(a)));
  if (nearest.length)
    return t(language, 'portal.parties.why', { why: names(nearest, catalogue.roles) });
  return packages.length
    ? t(language, 'represent.by_package', { what: names(packages, catalogue.packages) })
    : t(language, 'represent.by_right');
}
