// Enhetsregisteret in its own shape (its public documentation): updates of units, sub-units and
// roles by three cursors, then the unit and its roles anew. It talks to data.brreg.no or whatever
// stands in for it.
import {
  createGet,
  RegisterUnavailable,
  unreadable,
  type GetJson,
  type RegisterAuth,
} from './fetch.ts';
import { isOrganizationNumber } from '../party/model.ts';
import type { Batch, Fact, Holder, Place, Register, Step } from './model.ts';

const SIZE = 100;
const FIRST = '1970-01-01';

/** Where each of the three feeds has come to; ids are read from the next one on. */
interface Cursor {
  units: number;
  subunits: number;
  roles: number;
}

interface Update {
  oppdateringsid: number;
  organisasjonsnummer: string;
  endringstype: string;
  dato: string;
}
interface Unit {
  organisasjonsnummer: string;
  navn: string;
  organisasjonsform?: { kode: string };
  slettedato?: string | null;
  overordnetEnhet?: string | null;
  konkurs?: boolean;
  konkursdato?: string | null;
}
interface Person {
  fodselsnummer?: string;
  navn?: { fornavn?: string; mellomnavn?: string | null; etternavn?: string };
  erDoed?: boolean;
}
interface RoleChange {
  id: string;
  data: { organisasjonsnummer: string };
}
/** One update: its place in its own feed, and what it leads to. */
interface Reading {
  kind: keyof Cursor;
  id: number;
  /** The unit that it is about. */
  number: string | undefined;
  read: () => Promise<Fact | undefined>;
}
interface Holding {
  organisasjonsnummer: string;
  navn?: string[];
  erSlettet?: boolean;
}
interface RoleEntry {
  type: { kode: string };
  person?: Person;
  enhet?: Holding;
  fratraadt?: boolean;
  avregistrert?: boolean;
}

export function enhetsregisteret(url: string, auth: RegisterAuth | undefined): Register {
  const get = createGet(url, auth);
  return {
    code: 'enhetsregisteret',
    async latest() {
      return JSON.stringify({
        units: await last(get, 'enheter'),
        subunits: await last(get, 'underenheter'),
        roles: await lastRole(get),
      } satisfies Cursor);
    },
    async feed(text, before) {
      const cursor = JSON.parse(text) as Cursor;
      const facts: Batch['facts'] = [];
      const [units, subunits] = [
        await updates(get, 'enheter', cursor.units),
        await updates(get, 'underenheter', cursor.subunits),
      ];
      const changes = ((await get(`/oppdateringer/roller?afterId=${cursor.roles}&size=${SIZE}`))
        .body ?? []) as RoleChange[];
      const steps: Reading[] = [
        ...units.map(
          (update): Reading => ({
            kind: 'units',
            number: update.organisasjonsnummer,
            id: update.oppdateringsid,
            read: () => unitFact(get, update.organisasjonsnummer, false, update),
          }),
        ),
        ...subunits.map(
          (update): Reading => ({
            kind: 'subunits',
            number: update.organisasjonsnummer,
            id: update.oppdateringsid,
            read: () => unitFact(get, update.organisasjonsnummer, true, update),
          }),
        ),
        ...changes.map(
          ({ id, data }): Reading => ({
            kind: 'roles',
            number: data?.organisasjonsnummer,
            id: Number(id),
            read: () => rolesFact(get, data?.organisasjonsnummer, auth !== undefined),
          }),
        ),
      ];
      for (const { kind, id, number, read } of steps) {
        const stop = (fault: string): Batch => ({
          facts,
          cursor: JSON.stringify(cursor),
          more: false,
          fault: `${kind} after ${cursor[kind]}: ${fault}`,
        });
        if (!Number.isSafeInteger(id) || id <= cursor[kind])
          return stop(`the id ${id} does not come after it`);
        const told: Pick<Step, 'fact' | 'why' | 'again'> = {};
        try {
          const fact = await read();
          if (fact) told.fact = fact;
        } catch (error) {
          const stopped = stop(unreadable(error));
          told.again = error instanceof RegisterUnavailable;
          if (told.again && before !== stopped.fault) return stopped;
          told.why = unreadable(error);
        }
        cursor[kind] = id;
        if (told.fact || told.why)
          facts.push({ ...told, place: placeOf(kind, number), cursor: JSON.stringify(cursor) });
      }
      return {
        facts,
        cursor: JSON.stringify(cursor),
        more: [units, subunits, changes].some((list) => list.length === SIZE),
      };
    },
    async again(line) {
      const { kind, number } = line as { kind: keyof Cursor; number: string };
      try {
        const fact =
          kind === 'roles'
            ? await rolesFact(get, number, auth !== undefined)
            : await unitFact(get, number, kind === 'subunits', undefined);
        return fact ? [fact] : [];
      } catch (error) {
        return unreadable(error);
      }
    },
    async lookup(number, kind) {
      if (kind === 'person') return [];
      const unit = await unitFact(get, number, kind === 'subunit', undefined);
      // One that is not there, or is no more, has told nothing of its roles.
      if (!unit) return [];
      const facts: Fact[] = [unit];
      // Only main units have roles.
      if (kind === 'organization') facts.push(await rolesFact(get, number, auth !== undefined));
      return facts;
    },
    health: async () =>
      await get('/').then(
        () => true,
        () => false,
      ),
  };
}

/** A unit, and its roles, are read anew with each update. */
const placeOf = (kind: keyof Cursor, number = ''): Place => ({
  number: isOrganizationNumber(number) ? number : null,
  relation: `${kind} ${number}`,
  line: { kind, number },
});

/** Updates after an id; the parameter includes the id it names. */
async function updates(
  get: GetJson,
  kind: 'enheter' | 'underenheter',
  after: number,
): Promise<Update[]> {
  const { body } = await get(
    `/oppdateringer/${kind}?oppdateringsid=${after + 1}&size=${SIZE}&sort=id,ASC`,
  );
  return (body?._embedded?.[kind === 'enheter' ? 'oppdaterteEnheter' : 'oppdaterteUnderenheter'] ??
    []) as Update[];
}

async function last(get: GetJson, kind: 'enheter' | 'underenheter'): Promise<number> {
  const { body } = await get(
    `/oppdateringer/${kind}?dato=${FIRST}T00:00:00.000Z&size=1&sort=id,DESC`,
  );
  const [newest] = (body?._embedded?.[
    kind === 'enheter' ? 'oppdaterteEnheter' : 'oppdaterteUnderenheter'
  ] ?? []) as Update[];
  return newest?.oppdateringsid ?? 0;
}

async function lastRole(get: GetJson): Promise<number> {
  let after = 0;
  for (;;) {
    const page = ((await get(`/oppdateringer/roller?afterId=${after}&size=10000`)).body ?? []) as {
      id: string;
    }[];
    if (!page.length) return after;
    after = Number(page.at(-1)!.id);
    if (page.length < 10_000) return after;
  }
}

/** A unit as it is now; one that is removed (410) or deleted has ended. */
async function unitFact(
  get: GetJson,
  number: string,
  isSubunit: boolean,
  update: Update | undefined,
): Promise<Fact | undefined> {
  const { status, body } = await get(`/${isSubunit ? 'underenheter' : 'enheter'}/${number}`);
  const kind = isSubunit ? ('subunit' as const) : ('organization' as const);
  if (status !== 200) {
    return status === 410 ||
      update?.endringstype === 'Fjernet' ||
      update?.endringstype === 'Sletting'
      ? {
          kind: 'party',
          party: {
            kind,
            number,
            name: '?',
            endedAt: update?.dato ?? new Date(0).toISOString(),
            ...(isSubunit ? { parent: '?' } : {}),
          },
        }
      : undefined;
  }
  const unit = body as Unit;
  const ended = unit.slettedato
    ? `${unit.slettedato.slice(0, 10)}T00:00:00Z`
    : update?.endringstype === 'Sletting'
      ? update.dato
      : null;
  return {
    kind: 'party',
    party: {
      kind,
      number,
      name: unit.navn,
      unitType: unit.organisasjonsform?.kode ?? null,
      parent: isSubunit ? (unit.overordnetEnhet ?? null) : null,
      endedAt: ended,
      ...(unit.konkurs === undefined || isSubunit
        ? {}
        : { estate: unit.konkurs ? { on: unit.konkursdato ?? null, court: null } : null }),
    },
  };
}

/**
 * Every role of a unit. `fratraadt` gives way to `avregistrert`; both end it, and so does death or
 * deletion of the holder. National numbers are behind a machine token; without one, only roles that
 * units hold can be told. A unit that is gone has none.
 */
async function rolesFact(get: GetJson, number: string, mayNumbers: boolean): Promise<Fact> {
  const { status, body } = await get(
    mayNumbers ? `/autorisert-api/enheter/${number}/roller` : `/enheter/${number}/roller`,
  );
  if (status === 404 && (await get(`/enheter/${number}`)).status === 200)
    throw new RegisterUnavailable('no roles for a unit that there is');
  const groups = (body?.rollegrupper ?? []) as { roller: RoleEntry[] }[];
  const holders = groups
    .flatMap((group) => group.roller)
    .flatMap((entry): Holder[] => {
      if (entry.fratraadt || entry.avregistrert || entry.person?.erDoed || entry.enhet?.erSlettet)
        return [];
      const to = entry.person?.fodselsnummer ?? entry.enhet?.organisasjonsnummer;
      return to ? [{ role: entry.type.kode.toLowerCase(), to, ...nameOf(entry) }] : [];
    });
  return {
    kind: 'roles',
    from: number,
    holders,
    ...(mayNumbers ? {} : { only: 'organization' as const }),
  };
}

function nameOf({ person, enhet }: RoleEntry): { name?: string } {
  const { fornavn, mellomnavn, etternavn } = person?.navn ?? {};
  const name = person
    ? [fornavn, mellomnavn, etternavn].filter(Boolean).join(' ')
    : (enhet?.navn ?? []).filter(Boolean).join(' ');
  return name ? { name } : {};
}
