// To whom or from whom, what of it and how long: the part of a form that giving and asking share.
import { severalIn } from '../../platform/http/body.ts';
import { isOrganizationNumber, isPersonNumber } from '../../party/model.ts';
import { t, type Language } from '../../platform/locale.ts';
import { dayFault, firstInstant, lastDay, monthsFrom } from '../../party/day_model.ts';
import { hasUnseenCharacters } from '../../resource/model.ts';
import { actionBoxes } from '../mandate/text.ts';
import { asText } from '../../platform/as_text.ts';

const MONTHS = new Map([
  ['month', 1],
  ['half', 6],
  ['year', 12],
]);
/** Until somebody ends it. */
const ENDLESS = 'ended';

/** Characters of a message. */
const LONGEST_MESSAGE = 300;

/** Fields of the form that may come several times. */
export const SEVERAL_FIELDS = ['action', 'to'];

export interface Typed {
  /** Known receivers that were ticked, by id, and new ones, each sealed. */
  to?: string[];
  number?: string;
  lastName?: string;
  /** Words to whoever is asked. */
  message?: string;
  /** The first day; from now on where it is empty. */
  start?: string;
  long?: string;
  date?: string;
  actions?: string[];
  passOn?: boolean;
  /** Only for the main unit, without its sub-units. */
  mainOnly?: boolean;
  /** One case of the service, by what the service calls it. */
  instance?: string;
}

/** The fault of a field, in words; and of another field that it goes together with. */
export interface FieldFault {
  field: string;
  text: string;
  with?: string;
}

export function typedIn(form: Map<string, string>): Typed {
  return {
    to: severalIn(form, 'to'),
    message: (form.get('message') ?? '').trim().replaceAll('\r\n', '\n').slice(0, 1_000),
    start: (form.get('start') ?? '').trim().slice(0, 20),
    number: (form.get('number') ?? '').replace(/[\s.]/g, '').slice(0, 200),
    lastName: (form.get('lastName') ?? '').trim().slice(0, 200),
    long: form.get('long') ?? '',
    date: (form.get('date') ?? '').slice(0, 20),
    actions: severalIn(form, 'action'),
    passOn: form.get('passOn') === 'yes',
    mainOnly: form.get('mainOnly') === 'yes',
    instance: (form.get('instance') ?? '').trim().slice(0, 200),
  };
}

export function formOf({ to = [], actions = [], passOn, mainOnly, ...typed }: Typed): string {
  const fields = new URLSearchParams(typed as Record<string, string>);
  for (const one of to) fields.append('to', one);
  for (const action of actions) fields.append('action', action);
  if (passOn) fields.set('passOn', 'yes');
  if (mainOnly) fields.set('mainOnly', 'yes');
  return asText(fields);
}

/** The faults of a number and a name, before anybody is looked up. */
export function wrongName({ number = '', lastName }: Typed, language: Language): FieldFault[] {
  const wrong = (field: string, key: string) => [{ field, text: t(language, `give.error.${key}`) }];
  if (isPersonNumber(number)) return lastName ? [] : wrong('lastName', 'last_name');
  if (isOrganizationNumber(number)) return [];
  return wrong('number', /^(\d{9}|\d{11})$/.test(number) ? 'number_wrong' : 'number');
}

/** The same where somebody known may be ticked instead: then nobody new needs to be named. */
export function wrongReceivers(typed: Typed, language: Language): FieldFault[] {
  const { number, lastName, to = [] } = typed;
  return to.length > 0 && !number && !lastName ? [] : wrongName(typed, language);
}

/** Everything that is wrong with what was typed, before anybody is looked up. */
export function wrongIn(
  typed: Typed,
  what: { actions: string[] | null; mayEndless?: boolean | undefined; isNamed?: boolean },
  language: Language,
  now: Date,
) {
  const { long = '', actions = [] } = typed;
  const errors = what.isNamed ? [] : wrongReceivers(typed, language);
  const wrong = (field: string, key: string) =>
    errors.push({ field, text: t(language, `give.error.${key}`) });
  if (what.actions && !actions.some((one) => what.actions!.includes(one)))
    wrong('action-0', 'actions');
  const months = MONTHS.get(long);
  const isEndless = long === ENDLESS && what.mayEndless === true;
  const until = isEndless ? null : months ? monthsFrom(now, months) : lastDay(typed.date ?? '');
  if (!isEndless && !months && long !== 'date') wrong('long-month', 'long');
  else if (!isEndless) {
    const fault = months ? undefined : dayFault(typed.date ?? '', now);
    if (fault) wrong('date', fault);
  }
  const startFault = typed.start ? dayFault(typed.start, now) : undefined;
  const start = typed.start ? firstInstant(typed.start) : undefined;
  const { message = '' } = typed;
  if (message.length > LONGEST_MESSAGE) wrong('message', 'message');
  if (hasUnseenCharacters(message.replaceAll('\n', ' '))) wrong('message', 'unseen');
  if (startFault) wrong('start', startFault);
  else if (start && until && until <= start) wrong('date', 'before_start');
  return { errors, until, start };
}

/** The longest that a person gives something to another, in months. */
const LONGEST_OF_PERSON = 60;

/** The latest end that such a giver may give; null where any may be. */
export const latestGivable = (kind: string, now: Date): Date | null =>
  kind === 'person' ? monthsFrom(now, LONGEST_OF_PERSON) : null;

/** Whether an end is later than one that such a giver may give. */
export function isTooFar(kind: string, until: Date | null | undefined, now: Date): boolean {
  const latest = latestGivable(kind, now);
  return latest !== null && until != null && until > latest;
}

/** How long it may be asked for or given. */
const longChoices = (typed: Typed, language: Language, mayEndless: boolean) =>
  [...MONTHS.keys(), ...(mayEndless ? [ENDLESS] : []), 'date'].map((id) => ({
    id,
    label: t(language, `give.long.${id}`),
    checked: typed.long === id,
  }));

/** The data of the shared part of the form. */
export function termsShown(
  typed: Typed,
  errors: FieldFault[],
  { actions, mayEndless = false }: { actions: string[]; mayEndless?: boolean | undefined },
  language: Language,
) {
  const errorOf = (field: string) => errors.find((one) => one.field === field)?.text;
  return {
    typed,
    instanceError: errorOf('instance'),
    isNameWrong: errors.some((one) => one.field === 'lastName' || one.with === 'lastName'),
    errorHeading: t(language, 'give.error.heading', { n: errors.length }),
    numberError: errorOf('number'),
    lastNameError: errorOf('lastName'),
    actionsError: errorOf('action-0'),
    longError: errorOf('long-month'),
    startError: errorOf('start'),
    messageError: errorOf('message'),
    dateError: errorOf('date'),
    actions: actionBoxes(language, actions, typed.actions ?? []),
    longs: longChoices(typed, language, mayEndless),
  };
}
