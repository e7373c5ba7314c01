// A register that says of everybody what we hold, but of those about whom a test has it say
// something else; and nodes that compare themselves with it.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { createRegisters } from '../../server/register/commands.ts';
import { feedSource } from '../../server/register/source/feed.ts';
import { MAPPINGS, type FeedLine } from '../../server/register/source/feed_model.ts';
import { QUALIFICATIONS, type Repair } from '../../server/register/model.ts';
import { compared } from './registers.ts';
import { can, newResource, ownActs } from './rights/rights.ts';
import { newPerson, newRole, world, type TestParty } from './world.ts';

type Line = Omit<FeedLine, 'seq'>;
export const TASK = 'verge:skatteetaten-skatt';

export const rowsOf = async (text: string, values: unknown[]) =>
  (await world.database.db.raw(text, values as never)).rows as {
    person_no?: string;
    organization_no?: string;
    role: string;
    kind: string;
    until: Date | null;
  }[];

/** What we hold of a source about a party, as its register would say it. */
async function heldLines(source: string, number: string): Promise<Line[]> {
  const of = async (text: string) =>
    await rowsOf(`${text} where giver.person_no = ? or giver.organization_no = ?`, [
      number,
      number,
    ]);
  const holds = `(held.ended_at is null or held.ended_at > now())`;
  const party = (row: { person_no?: string; organization_no?: string }) =>
    row.person_no ?? row.organization_no;
  const upsert = { op: 'upsert' as const, from: number };
  const ends = (until: Date | null) => (until ? { validTo: until.toISOString() } : {});
  const ending = (until: Date | null) => (until ? { op: 'end' as const, ...ends(until) } : {});
  switch (source) {
    case 'vergemal':
      return [
        ...(
          await of(`select held.role, held.valid_to as until, party.person_no, party.organization_no from party giver join mandate held on held.from_party = giver.id
          and held.basis = 'register' and ${holds} join role on role.code = held.role and role.source = 'vergemal' join party on party.id = held.to_party`)
        ).map(
          (row): Line => ({
            ...upsert,
            to: party(row),
            code: row.role.slice(6).replace('-', '/'),
            ...ends(row.until),
          }),
        ),
        ...(
          await of(
            `select held.role, held.ended_at as until from party giver join incapacity held on held.person = giver.id and ${holds}`,
          )
        ).map(
          ({ role, until }): Line => ({
            ...upsert,
            ...ends(until),
            code: 'rettslig-handleevne',
            ...(role ? { matter: role.slice(6).replace('-', '/') } : {}),
          }),
        ),
      ];
    case 'aa-registeret':
      return (
        await of(`select party.person_no, party.organization_no from party giver join employment held on held.employer = giver.id
        and held.ended_on is null join party on party.id = held.employee`)
      ).map((row): Line => ({ ...upsert, to: party(row), code: 'arbeidsforhold' }));
    default:
      return (
        await of(
          `select held.kind, held.ended_at as until from party giver join qualification held on held.party = giver.id and ${holds}`,
        )
      )
        .filter(({ kind }) => QUALIFICATIONS[source]?.includes(kind))
        .map(({ kind, until }): Line => ({ ...upsert, ...ending(until), code: kind }));
  }
}

let url: string;
/** What the register says of those whom a test is about; null is no answer, a text no fact. */
export const says = new Map<string, Line[] | null | string>();
let answersLeft = Infinity;
/** From now on it answers about so many parties only. */
export const answerOnly = (count: number): void => {
  answersLeft = count;
};

/** Starts the register for the tests of a suite. */
export function useMirror(): void {
  let server: Server;
  before(async () => {
    server = createServer(async (request, response) => {
      const asked = new URL(request.url!, 'http://x');
      const number = asked.searchParams.get('party')!;
      if (asked.pathname.endsWith('/parties')) {
        response.end(JSON.stringify({ parties: [] }));
        return;
      }
      if (asked.pathname.endsWith('/feed')) {
        response.end(JSON.stringify({ lines: [] }));
        return;
      }
      const told =
        says.get(number) ??
        (says.has(number) ? null : await heldLines(asked.pathname.split('/')[1]!, number));
      answersLeft -= 1;
      if (told === null || answersLeft < 0) response.writeHead(503).end();
      else
        response.end(JSON.stringify({ lines: typeof told === 'string' ? [{ code: told }] : told }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    says.clear();
    answersLeft = Infinity;
  });
}

/** A node's registers, of one source. */
export function nodeOf(source: string, repair: Repair = 'end', atMost = 1, perSecond = 10_000) {
  const register = feedSource(source, `${url}/${source}`, undefined, MAPPINGS[source]!);
  const asked: string[] = [];
  const meanwhile: (() => Promise<void>)[] = [];
  const lookup: typeof register.lookup = async (number, kind) => {
    asked.push(number);
    for (const act of meanwhile) await act();
    return register.lookup(number, kind);
  };
  const registers = createRegisters(
    ownActs(),
    [{ ...register, lookup, repair, atMost, perSecond }],
    pino({ level: 'silent' }),
  );
  return { registers, asked, meanwhile };
}

/** Has one node compare itself at once. */
export async function reconcile(source: string, repair: Repair = 'end', atMost = 1) {
  const { registers } = nodeOf(source, repair, atMost);
  const found = await compared(registers, source);
  return {
    ...found,
    of: (party: TestParty) => found.drift.filter((one) => one.party === party.id),
  };
}

/** One with a guardian whom we know, and another person. */
export async function wardWithGuardians() {
  const [ward, one, two] = [await newPerson(), await newPerson(), await newPerson()];
  await newRole(TASK, ward, one);
  const resource = await newResource([can('read', TASK)]);
  const line = (to: TestParty): Line => ({
    op: 'upsert',
    from: ward.number,
    to: to.number,
    code: 'skatteetaten/skatt',
  });
  return { ward, one, two, resource, line };
}
