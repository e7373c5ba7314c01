// A mandate as a row of a file for spreadsheets. It decides nothing.
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { statusOf } from '../../mandate/model.ts';
import { dayOf } from '../../party/day_model.ts';
import { t } from '../../platform/locale.ts';
import { showReference } from '../../platform/reference.ts';
import {
  actionNames,
  giverName,
  mandateName,
  receiverName,
  registerName,
  type MandateWords,
} from './text.ts';

/** A file's columns: names, and days as numbers that a spreadsheet can sort. */
export const MANDATE_COLUMNS = [
  ...(['from', 'to', 'what', 'actions', 'instance', 'status', 'since'] as const),
  ...([
    'last_day',
    'pass_on',
    'last_used',
    'source',
    'reference',
    'id',
    'subunits',
    'by_group',
  ] as const),
] as const;

export function mandateCells(
  mandate: MandateRow,
  telling: MandateWords,
): Record<(typeof MANDATE_COLUMNS)[number], string> {
  const { language } = telling;
  const { validTo, endedAt, lastUsedAt } = mandate;
  const last = endedAt ?? (validTo && new Date(validTo.getTime() - 1));
  return {
    from: giverName(mandate),
    to: receiverName(mandate),
    what: mandateName(mandate, telling),
    actions: mandate.actions ? actionNames(language, mandate.actions) : '',
    instance: mandate.instance ?? '',
    status: t(language, `mandate.status.${statusOf(mandate, telling.now)}`),
    since: dayOf(mandate.validFrom),
    last_day: last ? dayOf(last) : '',
    pass_on: t(language, mandate.mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
    last_used: lastUsedAt ? dayOf(lastUsedAt) : '',
    source: registerName(mandate, telling) ?? '',
    reference: mandate.reference ? showReference(mandate.reference) : '',
    id: mandate.id,
    subunits: mandate.subunits ? '' : t(language, 'mandate.main_only'),
    by_group: mandate.groupName ?? '',
  };
}
