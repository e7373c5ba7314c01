// Things that one has of a party, in words: a line each, and where a thing is ended that cannot be
// ended here. It decides nothing.
import { formatUntil } from '../../consent/until_model.ts';
import { displayName, titlesOf } from '../../consent/text.ts';
import type { Consent } from '../../consent/model.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { readBy } from '../../mandate/model.ts';
import { formatDate, formatTime, t } from '../../platform/locale.ts';
import { mandatePath } from '../page.ts';
import {
  actionNames,
  asHeading,
  doerText,
  mandateName,
  registerName,
  standingOf,
  usedText,
  type MandateWords,
} from '../mandate/text.ts';

/** A power of attorney that the giver gave, with what distinguishes it from others. */
export function givenLine(mandate: MandateRow, telling: MandateWords, viewer: string) {
  const { language } = telling;
  const { actions, instance, viaName, groupName, validFrom, lastUsedAt } = mandate;
  const doer = doerText(mandate, telling);
  return {
    id: mandate.id,
    href: mandatePath(mandate.id, mandate.from),
    what: mandateName(mandate, telling),
    ...standingOf(readBy(mandate, viewer), telling, { mayResume: true }),
    facts: [
      ...(actions ? [actionNames(language, actions)] : []),
      ...(instance ? [t(language, 'person.case', { instance })] : []),
      t(language, 'person.since', { date: formatDate(language, validFrom) }),
      usedText(lastUsedAt, telling),
      ...(doer ? [t(language, 'person.given_by', { name: doer })] : []),
      ...(groupName ? [t(language, 'person.by_group', { name: groupName })] : []),
      ...(viaName ? [t(language, 'person.through', { name: viaName })] : []),
    ],
  };
}

/** A role of a register, or a mandate that the main unit gave, with where it is changed. */
export function elsewhereLine(
  mandate: MandateRow,
  telling: MandateWords,
  { viewer, main }: { viewer: string; main: string | undefined },
) {
  const { language } = telling;
  const source = registerName(mandate, telling);
  const isRole = mandate.basis === 'register';
  const giver = displayName({ kind: mandate.fromKind, name: mandate.fromName });
  return {
    what: asHeading(language, mandateName(mandate, telling)),
    ...standingOf(readBy(mandate, viewer), telling),
    where: isRole
      ? t(language, 'person.role_where', { known: source ? 'yes' : 'no', source })
      : t(language, 'person.main_where', { name: giver }),
    href: isRole ? mandatePath(mandate.id, mandate.from) : main,
  };
}

/** A consent that the person reads and does not end, with where it stands. */
export function readOnlyLine(consent: Consent, telling: MandateWords) {
  const { language } = telling;
  const { what, ...standing } = consentLine(consent, consent.isPaused === true, telling);
  const where = t(language, 'person.consent_where');
  return { ...standing, what: t(language, 'stop.consent', { what }), where };
}

/** A power of attorney that the giver ended a while ago. */
export const endedLine = (mandate: MandateRow, telling: MandateWords) => ({
  what: mandateName(mandate, telling),
  at: formatTime(telling.language, mandate.endedAt!),
  href: mandatePath(mandate.id, mandate.from),
});

/** A consent that the giver may end. */
export const consentLine = (consent: Consent, isSuspended: boolean, telling: MandateWords) => ({
  id: consent.id,
  href: `/consents/${consent.id}`,
  what: titlesOf(consent, telling.language),
  status: t(telling.language, `mandate.status.${isSuspended ? 'suspended' : 'active'}`),
  color: isSuspended ? 'warning' : 'success',
  until: t(telling.language, 'portal.until', {
    until: formatUntil(telling.language, consent.validTo),
  }),
  // Uses that are kept from the reader are not said to be none.
  facts: consent.veiled ? [] : [usedText(consent.lastUsedAt, telling)],
});
