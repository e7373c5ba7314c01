// Enhetsregisteret in its own shape (its public documentation): updates of units, sub-units and
// roles by three cursors, then the unit and its roles anew. It talks to data.brreg.no or whatever
// stands in for it.
import { createGet, unreadable, type GetJson } from './fetch.ts';
import { SystemUnavailable, type MachineAuth } from '../../platform/http/machine.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import { rolesFact, unitFact, type Update } from './enhetsregisteret_facts.ts';
import { signingFact } from './fullmakt.ts';
import type { Batch, Fact, FeedPlace, Register, ReadLine } from '../model.ts';

const SIZE = 100;
const FIRST = '1970-01-01';

/** Where each of the three feeds has come to; ids are read from the next one on. */
interface Cursor {
  units: number;
  subunits: number;
  roles: number;
}

interface RoleChange {
  id: string;
  data: { organisasjonsnummer: string };
}
/** Lines that were set aside, to be read again. */
interface Line {
  kind: keyof Cursor | 'signing';
  number: string;
  update?: Update;
}
/** One update: its place in its own feed, and what it leads to. */
interface Reading {
  kind: keyof Cursor;
  id: number;
  /** The unit that it is about. */
  number: string | undefined;
  update?: Update;
  read: () => Promise<Fact | undefined>;
}
/** `signingUrl` is Fullmakttjenesten's; without it nothing is read of who signs. */
export function enhetsregisteret(
  url: string,
  auth: MachineAuth | undefined,
  signingUrl?: string,
): Register {
  const get = createGet(url, auth);
  const getSigning = signingUrl === undefined ? undefined : createGet(signingUrl, auth);
  const ofUnit = (kind: 'units' | 'subunits', update: Update): Reading => ({
    kind,
    update,
    number: update.organisasjonsnummer,
    id: update.oppdateringsid,
    read: () => unitFact(get, update.organisasjonsnummer, kind === 'subunits', update),
  });
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
      const page = (await get(`/oppdateringer/roller?afterId=${cursor.roles}&size=${SIZE}`)).body;
      const changes = entriesOf<RoleChange>(page);
      const pages = [units, subunits, changes];
      const unnumbered = pages.reduce((sum, { none }) => sum + none, 0);
      const steps: Reading[] = [
        ...units.entries.map((update) => ofUnit('units', update)),
        ...subunits.entries.map((update) => ofUnit('subunits', update)),
        ...changes.entries.map(
          ({ id, data }): Reading => ({
            kind: 'roles',
            number: data?.organisasjonsnummer,
            id: Number(id),
            read: () => rolesFact(get, data?.organisasjonsnummer, auth !== undefined),
          }),
        ),
      ];
      for (const { kind, id, number, update, read } of steps) {
        const stop = (fault: string): Batch => ({
          facts,
          cursor: JSON.stringify(cursor),
          more: false,
          fault: `${kind} after ${cursor[kind]}: ${fault}`,
        });
        if (!Number.isSafeInteger(id) || id <= cursor[kind])
          return stop(`the id ${id} does not come after it`);
        const told: Pick<ReadLine, 'fact' | 'why' | 'again'> = {};
        try {
          const fact = await read();
          if (fact) told.fact = fact;
        } catch (error) {
          const stopped = stop(unreadable(error));
          told.again = error instanceof SystemUnavailable;
          if (told.again && before !== stopped.fault) return stopped;
          told.why = unreadable(error);
        }
        cursor[kind] = id;
        if (told.fact || told.why)
          facts.push({
            ...told,
            place: placeOf(kind, number, update),
            cursor: JSON.stringify(cursor),
          });
        if (kind === 'roles' && getSigning && number && isOrganizationNumber(number))
          facts.push(await readSigning(getSigning, number, JSON.stringify(cursor)));
      }
      return {
        facts,
        cursor: JSON.stringify(cursor),
        more: pages.some(({ entries, none }) => entries.length + none === SIZE),
        ...(unnumbered ? { unnumbered } : {}),
      };
    },
    async again(line) {
      const { kind, number, update } = line as Line;
      try {
        if (kind === 'signing') return getSigning ? [await signingFact(getSigning, number)] : [];
        const fact =
          kind === 'roles'
            ? await rolesFact(get, number, auth !== undefined)
            : await unitFact(get, number, kind === 'subunits', update);
        return fact ? [fact] : [];
      } catch (error) {
        return unreadable(error);
      }
    },
    async lookup(number, kind) {
      if (kind === 'person') return [];
      const unit = await unitFact(get, number, kind === 'subunit', undefined);
      // One that is not there, or is no more, has said nothing of its roles.
      if (!unit) return [];
      const facts: Fact[] = [unit];
      // Only main units have roles.
      if (kind === 'organization') {
        facts.push(await rolesFact(get, number, auth !== undefined));
        if (getSigning) facts.push(await signingFact(getSigning, number));
      }
      return facts;
    },
    health: async () =>
      await get('/').then(
        () => true,
        () => false,
      ),
  };
}

/** Signing rules, read with each change of roles; without an answer nobody signs until there is. */
async function readSigning(get: GetJson, number: string, cursor: string): Promise<ReadLine> {
  const place: FeedPlace = {
    number,
    relation: `signing ${number}`,
    line: { kind: 'signing', number },
    ending: { kind: 'signing', party: number, alternatives: [] },
  };
  try {
    return { cursor, place, fact: await signingFact(get, number) };
  } catch (error) {
    return { cursor, place, why: unreadable(error), again: error instanceof SystemUnavailable };
  }
}

/** A unit, and its roles, are read anew with each update. */
const placeOf = (kind: keyof Cursor, number = '', update?: Update): FeedPlace => ({
  number: isOrganizationNumber(number) ? number : null,
  relation: `${kind} ${number}`,
  // The update alone may say that it has ended.
  line: { kind, number, ...(update ? { update } : {}) },
  isWhole: kind === 'roles',
});

/** Entries of a page, and how many of it are none. */
interface Page<Entry> {
  entries: Entry[];
  none: number;
}
function entriesOf<Entry>(page: unknown): Page<Entry> {
  const all = Array.isArray(page) ? (page as (Entry | null)[]) : [];
  const entries = all.filter((one) => typeof one === 'object' && one !== null) as Entry[];
  return { entries, none: all.length - entries.length };
}

/** Updates after an id; the parameter includes the id it names. */
async function updates(
  get: GetJson,
  kind: 'enheter' | 'underenheter',
  after: number,
): Promise<Page<Update>> {
  const { body } = await get(
    `/oppdateringer/${kind}?oppdateringsid=${after + 1}&size=${SIZE}&sort=id,ASC`,
  );
  return entriesOf(
    body?._embedded?.[kind === 'enheter' ? 'oppdaterteEnheter' : 'oppdaterteUnderenheter'],
  );
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
