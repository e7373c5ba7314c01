// Stand-ins for the authoritative registers: Enhetsregisteret and Folkeregisteret in their own shapes, guardianship, lawyers and
// employments in Tillit's feed format, and a health register that is asked live. What the synthetic world says is what they
// say, until POST /change says otherwise. For development and tests only.
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
  /** Answers once this is done, as a register that is slow. */
  slow: Promise<void> | undefined;
}

const PARENTAL = 'foreldreansvar';

export function createRegisters(world: World): Registers {
  const units = new Enhetsregisteret(world.parties.filter((party) => party.kind !== 'person' && party.number), world.roleHolders);
  const people = new Folkeregisteret(world.parties.filter((party) => party.kind === 'person'), world.roleHolders.filter((holder) => holder.role === PARENTAL));
  const feeds = Object.fromEntries(['vergemal', 'advokatregisteret', 'aa-registeret'].map((code) => [code, new Feed()]));
  const registers: Registers = { app: new Koa(), units, people, feeds, health: new Health(), away: false, slow: undefined };
  registers.app.use(async (ctx) => {
    await registers.slow;
    if (registers.away) {
      ctx.status = 503;
      return;
    }
    const [, register = '', ...rest] = ctx.path.split('/');
    const path = `/${rest.join('/')}`;
    const body = ctx.method === 'POST' ? await read(ctx.req) : undefined;
    if (ctx.path === '/change' && body) answer(ctx, change(registers, body));
    else if (register === 'enhetsregisteret') answer(ctx, units.get(path.replace(/^\/api/, ''), ctx.URL.searchParams, ctx.get('authorization') !== ''));
    else if (register === 'folkeregisteret') answer(ctx, ctx.get('authorization') ? people.get(path.replace(/^\/api/, ''), ctx.URL.searchParams) : { status: 401 });
    else if (feeds[register]) answer(ctx, feeds[register].get(path, ctx.URL.searchParams));
    else if (register === 'helse') answer(ctx, registers.health.post(path, body ?? {}));
  });
  return registers;
}

function answer(ctx: Koa.Context, { status = 200, body }: Answer): void {
  ctx.status = status;
  if (body !== undefined) {
    ctx.type = 'application/json';
    ctx.body = JSON.stringify(body);
  }
}

async function read(request: AsyncIterable<Buffer>): Promise<Record<string, any>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, any>;
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
