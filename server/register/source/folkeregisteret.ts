// Folkeregisteret in its own shape (its public documentation): events by sequence number, then the
// person anew: name, birth, death, protected address, and who has parental responsibility, which
// ends at eighteen. It talks to the register with a machine token.
import { reaches } from '../../party/age_model.ts';
import { createGet, unreadable, type GetJson } from './fetch.ts';
import { SystemUnavailable, type MachineAuth } from '../../platform/http/machine.ts';
import {
  isTime,
  type Batch,
  type Fact,
  type FeedPlace,
  type Register,
  type ReadLine,
} from '../model.ts';
import { isPersonNumber } from '../../party/model.ts';
import { asText, textOf } from '../../platform/as_text.ts';

const PAGE = 1000;
/**
 * Stands for the day of a death without one: the line is set aside, and the person is dead from
 * then on.
 */
const NO_DAY = 'no day';
/** Parental responsibility ends (barneloven § 33). */
const OF_AGE = 18;
/** Grades of an address that is kept from others; `klientadresse` is none. */
const PROTECTED = ['fortrolig', 'strengtFortrolig'];
const PARTS = ['navn', 'foedsel', 'doedsfall', 'adressebeskyttelse', 'foreldreansvar']
  .map((part) => `part=${part}`)
  .join('&');

interface Dated {
  erGjeldende?: boolean;
  gyldighetstidspunkt?: string | null;
  opphoerstidspunkt?: string | null;
}
interface PersonDocument {
  navn?: (Dated & { fornavn: string; mellomnavn?: string | null; etternavn: string })[];
  foedsel?: (Dated & { foedselsdato?: string })[];
  doedsfall?: (Dated & { doedsdato?: string }) | (Dated & { doedsdato?: string })[];
  adressebeskyttelse?: (Dated & { graderingsnivaa: string })[];
  foreldreansvar?: (Dated & {
    ansvar: string;
    ansvarlig?: string | { foedselsEllerDNummer?: string };
    ansvarssubjekt?: string;
  })[];
}

export function folkeregisteret(url: string, auth: MachineAuth | undefined): Register {
  const get = createGet(url, auth);
  return {
    code: 'folkeregisteret',
    latest: async () => asText((await get('/v1/hendelser/siste/sekvensnummer')).body ?? 0),
    async feed(cursor, fault) {
      const after = Number(cursor);
      const events = ((await get(`/v1/hendelser/feed?seq=${after + 1}`)).body ?? []) as {
        sekvensnummer: number;
        hendelse: { folkeregisteridentifikator: string };
      }[];
      const facts: ReadLine[] = [];
      let expected = after;
      const stop = (why: string): Batch => ({
        facts,
        cursor: asText(expected),
        more: false,
        fault: why,
      });
      for (const event of events) {
        const { sekvensnummer: seq, hendelse } = event ?? {};
        if (!Number.isSafeInteger(seq)) return stop(`an event after ${expected} has no number`);
        // A number that was read already is one sent twice; one that goes backwards within a page
        // is no feed.
        if (seq <= after) continue;
        if (seq <= expected) return stop(`sequence number ${seq} comes after ${expected}`);
        const number = textOf(hendelse?.folkeregisteridentifikator) ?? '';
        try {
          for (const fact of await personFacts(get, number))
            facts.push({ fact, place: placeOf(number, fact.kind), cursor: asText(seq) });
        } catch (error) {
          const [why, again] = [unreadable(error), error instanceof SystemUnavailable];
          const stopped = `after ${seq - 1}: ${why}`;
          if (again && fault !== stopped) return stop(stopped);
          facts.push({ why, again, place: placeOf(number, 'document'), cursor: asText(seq) });
        }
        expected = seq;
      }
      return { facts, cursor: asText(expected), more: events.length === PAGE };
    },
    async again(line) {
      try {
        return await personFacts(get, (line as { number: string }).number);
      } catch (error) {
        return unreadable(error);
      }
    },
    lookup: (number, kind) => (kind === 'person' ? personFacts(get, number) : Promise.resolve([])),
    health: async () =>
      await get('/v1/hendelser/siste/sekvensnummer').then(
        () => true,
        () => false,
      ),
  };
}

/** A document is read anew with each event, and is the last word on all that it says. */
const placeOf = (number: string, relation: string): FeedPlace => ({
  number: isPersonNumber(number) ? number : null,
  relation: `${relation} ${number}`,
  settles: [`document ${number}`],
  line: { number },
  isWhole: relation !== 'party',
});

const isCurrent = (item: Dated) => item.erGjeldende !== false && !item.opphoerstidspunkt;

/** The entry that holds; throws a TypeError where an entry is none. */
function current<Item extends Dated>(list: Item | Item[] | null | undefined): Item | undefined {
  if (list === undefined || list === null) return undefined;
  const all = Array.isArray(list) ? list : [list];
  if (all.some((item) => typeof item !== 'object')) throw new TypeError('an entry is no object');
  return all.find(isCurrent);
}

/** The start of the day of a death that holds, whatever stands beside it; null of the living. */
function deathIn({ doedsfall }: PersonDocument): string | null {
  const found = [doedsfall]
    .flat()
    .find((item) => item && (item !== Object(item) || isCurrent(item)));
  const day = found && (textOf(found.doedsdato) || textOf(found.gyldighetstidspunkt) || NO_DAY);
  return day ? `${day.slice(0, 10)}T00:00:00Z` : null;
}

/** The person, and every one who has parental responsibility for it. */
async function personFacts(get: GetJson, number: string): Promise<Fact[]> {
  const { status, body } = await get(`/v1/personer/${number}?${PARTS}`);
  if (status !== 200) return [];
  const person = body as PersonDocument;
  const endedAt = deathIn(person);
  try {
    return factsIn(person, number, endedAt);
  } catch (error) {
    if (!endedAt || !(error instanceof TypeError)) throw error;
    // Nothing else of it can be read: whoever has died has died.
    const dead = { kind: 'person' as const, number, name: '?', bornOn: null };
    return [{ kind: 'party', party: { ...dead, endedAt, protectedAddress: true } }];
  }
}

function factsIn(person: PersonDocument, number: string, endedAt: string | null): Fact[] {
  const name = current(person.navn);
  const bornOn = current(person.foedsel)?.foedselsdato?.slice(0, 10) ?? null;
  const grade = current(person.adressebeskyttelse)?.graderingsnivaa ?? 'ugradert';
  // Without the day on which it ends there is none; and a parent's own document may speak of its
  // child's.
  const adult = bornOn !== null && isTime(bornOn) ? reaches(bornOn, OF_AGE).toISOString() : null;
  const own = (person.foreldreansvar ?? []).filter(
    (one) =>
      one.erGjeldende !== false &&
      !one.opphoerstidspunkt &&
      (one.ansvarssubjekt ?? number) === number,
  );
  const holders = own.flatMap((one) => {
    const validFrom = one.gyldighetstidspunkt ?? null;
    if (
      adult === null ||
      (validFrom !== null && isTime(validFrom) && Date.parse(validFrom) >= Date.parse(adult))
    )
      return [];
    const to =
      typeof one.ansvarlig === 'string' ? one.ansvarlig : one.ansvarlig?.foedselsEllerDNummer;
    return to ? [{ role: 'foreldreansvar', to, validFrom, validTo: adult }] : [];
  });
  return [
    {
      kind: 'party',
      party: {
        kind: 'person',
        number,
        name: name
          ? [name.fornavn, name.mellomnavn, name.etternavn].filter(Boolean).join(' ')
          : '?',
        bornOn,
        endedAt,
        protectedAddress: PROTECTED.includes(grade),
      },
    },
    { kind: 'roles', from: number, holders },
  ];
}
