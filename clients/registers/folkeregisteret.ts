// The stand-in for Folkeregisteret: persons as documents of dated elements, and the feed of events
// by sequence number.
import type { Answer, World } from './shapes.ts';

interface Person {
  number: string;
  name: string;
  bornOn: string;
  died: string | null;
  grade: string;
  responsible: string[];
  document?: object;
}

export class Folkeregisteret {
  readonly people = new Map<string, Person>();
  readonly events: {
    sekvensnummer: number;
    hendelse: {
      folkeregisteridentifikator: string;
      hendelsestype: string;
      hendelsesdokument: string;
    };
  }[] = [];

  constructor(parties: World['parties'], parental: World['roleHolders']) {
    for (const { number, name } of parties)
      if (number)
        this.people.set(number, {
          number,
          name,
          bornOn: bornOn(number),
          died: null,
          grade: 'ugradert',
          responsible: [],
        });
    for (const { from, to } of parental) this.people.get(from)?.responsible.push(to);
  }

  /**
   * `{number, name?, bornOn?, died?, grade?, responsible?, document?, seq?}`; `document` replaces
   * elements and `seq` the event's number, to play what is wrong.
   */
  change({
    number,
    seq,
    type = 'endringIPerson',
    ...what
  }: Partial<Person> & { number: string; seq?: number; type?: string }): void {
    const known = this.people.get(number) ?? {
      number,
      name: '?',
      bornOn: bornOn(number),
      died: null,
      grade: 'ugradert',
      responsible: [],
    };
    this.people.set(number, { ...known, ...what });
    const sekvensnummer = seq ?? (this.events.at(-1)?.sekvensnummer ?? 0) + 1;
    this.events.push({
      sekvensnummer,
      hendelse: {
        folkeregisteridentifikator: number,
        hendelsestype: type,
        hendelsesdokument: `d${sekvensnummer}`,
      },
    });
  }

  get(path: string, query: URLSearchParams): Answer {
    if (path === '/v1/hendelser/siste/sekvensnummer')
      return { body: this.events.at(-1)?.sekvensnummer ?? 0 };
    if (path === '/v1/hendelser/feed')
      return {
        body: this.events
          .filter((event) => event.sekvensnummer >= Number(query.get('seq') ?? 0))
          .slice(0, 1000),
      };
    const person = this.people.get(/^\/v1\/personer\/(\d{11})$/.exec(path)?.[1] ?? '');
    if (!person) return { status: 404 };
    const [first = '', ...others] = person.name.split(' ');
    const dated = { erGjeldende: true, gyldighetstidspunkt: `${person.bornOn}T00:00:00Z` };
    return {
      body: {
        navn: [
          {
            ...dated,
            fornavn: first,
            mellomnavn: others.length > 1 ? others.slice(0, -1).join(' ') : null,
            etternavn: others.at(-1) ?? '',
          },
        ],
        foedsel: [{ ...dated, foedselsdato: person.bornOn }],
        adressebeskyttelse: [{ ...dated, graderingsnivaa: person.grade }],
        ...(person.died ? { doedsfall: { ...dated, doedsdato: person.died } } : {}),
        foreldreansvar: person.responsible.map((ansvarlig) => ({
          ...dated,
          ansvar: person.responsible.length > 1 ? 'felles' : 'mor',
          ansvarlig,
          ansvarssubjekt: person.number,
        })),
        ...person.document,
      },
    };
  }
}

/**
 * The birth date in a synthetic number: month + 80; born after 1999 when the individual number is
 * 500 or more and the year below 40.
 */
function bornOn(number: string): string {
  const [day, month, year, individual] = [
    number.slice(0, 2),
    Number(number.slice(2, 4)) % 40 || 40,
    Number(number.slice(4, 6)),
    Number(number.slice(6, 9)),
  ];
  const century = individual >= 500 && year < 40 ? 2000 : 1900;
  return `${century + year}-${String(month).padStart(2, '0')}-${day}`;
}
