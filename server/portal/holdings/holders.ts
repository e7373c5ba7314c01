// The holder that each row of a file means: by id one who has something of the unit, by number an
// organisation, by number and last name a person.
import type { Deciding } from '../../decision/act.ts';
import { findKnown } from '../../delegation/give/known_store.ts';
import { receiverOf } from '../../delegation/naming.ts';
import { findDirect } from '../../mandate/unit_holder_store.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import { Fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { t, type Language } from '../../platform/locale.ts';
import type { Session } from '../../caller/session.ts';
import { wrongName } from '../give/terms_model.ts';
import { asTyped, type Marked } from '../sheet/sheet.ts';

/** A row as far as it can be read by itself. */
export interface NamedRow {
  row: Marked;
  unit: string;
  package: string;
  validTo: Date | null;
}

/** Somebody by id, or why nobody is meant. */
type Holder = { id: string } | { wrong: string };

interface Asked {
  act: Deciding;
  session: Session;
  language: Language;
}

/** The holders of these rows, in their order. */
export async function holdersOf(asked: Asked, named: NamedRow[]): Promise<Holder[]> {
  const ids = await knownIds(asked, named);
  const sought = new Map<string, Holder>();
  const holders: Holder[] = [];
  for (const [place, { row, unit }] of named.entries()) {
    const [number, lastName] = [numberIn(row), row.cell('last_name')];
    const key = `${unit} ${number} ${lastName}`;
    const found =
      ids[place] ?? sought.get(key) ?? (await receiverBy(asked, unit, { number, lastName }));
    if (!ids[place]) sought.set(key, found);
    holders.push(found);
  }
  return holders;
}

const numberIn = ({ cell }: Marked): string => cell('number').replaceAll(/[\s.]/g, '');

/**
 * Those whom rows name by id, by place: known to the unit, or holding this of it. A number or name
 * beside the id must be of the same.
 */
async function knownIds(
  { act, session, language }: Asked,
  named: NamedRow[],
): Promise<(Holder | undefined)[]> {
  const idIn = ({ row }: NamedRow) => row.cell('id').toLowerCase();
  const withId = named.filter((one) => isUuid(idIn(one)));
  const held = await findDirect(
    act,
    withId.map((one) => ({ unit: one.unit, to: idIn(one), package: one.package })),
  );
  const has = new Set(withId.filter((_, at) => held[at]));
  const byUnit = Map.groupBy(withId, ({ unit }) => unit);
  const known = new Map(
    await Promise.all(
      [...byUnit].map(async ([from, some]) => {
        const ids = [...new Set(some.map(idIn))];
        const found = await findKnown(act, { from, viewer: session.party }, ids);
        return [from, found] as const;
      }),
    ),
  );
  return named.map((one) => {
    const id = idIn(one);
    if (!id) return undefined;
    const found = known.get(one.unit)?.find((each) => each.id === id);
    const [number, lastName] = [numberIn(one.row), one.row.cell('last_name')];
    if (lastName || (number && number !== found?.organizationNo))
      return { wrong: t(language, 'holdings.wrong.both') };
    return found || has.has(one) ? { id } : { wrong: t(language, 'holdings.wrong.id') };
  });
}

async function receiverBy(
  { act, session, language }: Asked,
  unit: string,
  { number, lastName }: { number: string; lastName: string },
): Promise<Holder> {
  const typed = asTyped(number);
  const [mistyped] = wrongName({ number: typed, lastName }, language);
  if (mistyped) return { wrong: mistyped.text };
  try {
    const named = { to: typed, lastName: isOrganizationNumber(typed) ? null : lastName };
    const { id, endedAt } = await receiverOf(act, session, unit, named);
    if (endedAt && endedAt <= act.now) return { wrong: t(language, 'give.error.unknown') };
    return id === unit ? { wrong: t(language, 'give.error.same') } : { id };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const key = error.code === 'AM-00026' ? 'locked' : 'unknown';
    return { wrong: t(language, `give.error.${key}`) };
  }
}
