// Stand-ins for the authoritative registers: Enhetsregisteret and Folkeregisteret in their own
// shapes, guardianship, lawyers and employments in Tillit's feed format, and a health register that
// is asked live. What the synthetic world says is what they say, until POST /change says otherwise.
// For development and tests only.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Koa from 'koa';
import { Enhetsregisteret } from './enhetsregisteret.ts';
import { Folkeregisteret } from './folkeregisteret.ts';
import { Feed, Health } from './feed.ts';
import type { Answer, World } from './shapes.ts';

export type { World };

export interface Registers {
  app: Koa;
  units: Enhetsregisteret;
  people: Folkeregisteret;
  feeds: Record<string, Feed>;
  health: Health;
  /** Answers nothing while true, as a register that is away. */
  away: boolean;
  /** This register answers once that is done, as one that is slow. */
  slow: { register: string; until: Promise<void> } | undefined;
}

const PARENTAL = 'foreldreansvar';

/**
 * With a `journal`, a file, what happens is kept there and happens again at the next start, so that
 * feeds go on where they were.
 */
export function createRegisters(world: World, journal?: string): Registers {
  const units = new Enhetsregisteret(
    world.parties.filter((party) => party.kind !== 'person' && party.number),
    world.roleHolders,
  );
  const people = new Folkeregisteret(
    world.parties.filter((party) => party.kind === 'person'),
    world.roleHolders.filter((holder) => holder.role === PARENTAL),
  );
  const feeds = Object.fromEntries(
    ['vergemal', 'advokatregisteret', 'aa-registeret', 'finanstilsynet'].map((code) => [
      code,
      new Feed(),
    ]),
  );
  const registers: Registers = {
    app: new Koa(),
    units,
    people,
    feeds,
    health: new Health(),
    away: false,
    slow: undefined,
  };
  registers.app.use(async (ctx) => {
    if (registers.away) {
      ctx.status = 503;
      return;
    }
    const [, register = '', ...rest] = ctx.path.split('/');
    if (registers.slow?.register === register) await registers.slow.until;
    const path = `/${rest.join('/')}`;
    const body = ctx.method === 'POST' ? await read(ctx.req) : undefined;
    if (ctx.path === '/change') answer(ctx, tryChange(registers, body, journal));
    else if (register === 'enhetsregisteret')
      answer(
        ctx,
        units.get(
          path.replace(/^\/api/, ''),
          ctx.URL.searchParams,
          ctx.get('authorization') !== '',
        ),
      );
    else if (register === 'fullmakt') answer(ctx, units.getSigning(path));
    else if (register === 'folkeregisteret')
      answer(
        ctx,
        ctx.get('authorization')
          ? people.get(path.replace(/^\/api/, ''), ctx.URL.searchParams)
          : { status: 401 },
      );
    else if (feeds[register]) answer(ctx, feeds[register].get(path, ctx.URL.searchParams));
    else if (register === 'helse') answer(ctx, registers.health.post(path, body ?? {}));
  });
  if (journal) mkdirSync(dirname(journal), { recursive: true });
  if (journal && existsSync(journal))
    for (const line of readFileSync(journal, 'utf8').split('\n').filter(Boolean))
      change(registers, JSON.parse(line));
  return registers;
}

function answer(ctx: Koa.Context, { status = 200, body }: Answer): void {
  ctx.status = status;
  if (body !== undefined) {
    ctx.type = 'application/json';
    ctx.body = JSON.stringify(body);
  }
}

async function read(request: AsyncIterable<Buffer>): Promise<Record<string, any> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, any>;
  } catch {
    return undefined;
  }
}

function tryChange(
  registers: Registers,
  body: Record<string, any> | undefined,
  journal: string | undefined,
): Answer {
  try {
    const { status, ...answered } = change(registers, body ?? {});
    const known = ['enhetsregisteret', 'folkeregisteret', 'helse', ...Object.keys(registers.feeds)];
    if (status !== undefined)
      return { status, body: { error: `register is one of ${known.join(', ')}` } };
    if (journal) appendFileSync(journal, `${JSON.stringify(body)}\n`);
    return answered;
  } catch {
    return { status: 400, body: { error: 'not a change of this register; see clients/registers' } };
  }
}

/** `{register, …}`: what happens in the world. Each becomes an event of that register's feed. */
function change(registers: Registers, { register, ...what }: Record<string, any>): Answer {
  if (register === 'enhetsregisteret') registers.units.change(what as never);
  else if (register === 'folkeregisteret') registers.people.change(what as never);
  else if (register === 'helse') registers.health.change(what as never);
  else if (registers.feeds[register]) registers.feeds[register].append(what as never);
  else return { status: 404 };
  return { body: { changed: true } };
}
