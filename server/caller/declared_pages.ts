// Pages for those who are logged in, each declared once: its address, what it shows, or how its
// form is read, what is done, and what a refusal says. Route, guard and the golden list come from
// the declaration. It knows no page.
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { type Act, visit, type Wired } from '../platform/act.ts';
import { Fault } from '../platform/errors.ts';
import { readForm } from '../platform/http/body.ts';
import { readUpload } from '../platform/http/upload.ts';
import { asRoute, page, seeOther } from '../platform/http/http.ts';
import { SESSION_GUARD, sessionOf, type SignedIn } from './pages.ts';
import type { Session, Sessions } from './session.ts';

/** The parts that pages with forms are made with. */
interface PageParts {
  act: Act;
  sessions: Sessions;
  signedIn: SignedIn;
}

/** A form that came from a page of this session. */
export interface Posted<Pages> extends PageVisit<Pages> {
  session: Session;
  form: Map<string, string>;
}

interface Row {
  /** The name under which it is counted and logged. */
  id: string;
  path: string;
}

/** A page that is read. */
interface Shown<Pages> extends Row {
  show: (ctx: Context, pages: Pages) => unknown;
  /** Shows why it was refused; throws what it has no words for. */
  notShown?: (fault: Fault, visited: PageVisit<Pages>) => unknown;
}

/** A visit of a page. */
export interface PageVisit<Pages> {
  ctx: Context;
  pages: Pages;
}

/** A form of a page. */
interface Done<Pages> extends Row {
  /** Fields that may come several times. */
  several?: string[];
  /**
   * Bytes and fields of a form that brings a file, at most, and what is shown where it has more
   * bytes. Such a form is read, never kept.
   */
  upload?: {
    limit: number;
    fields: number;
    tooLong: (visited: PageVisit<Pages>) => unknown;
  };
  /** Does it. Answers with the address that leads on, or nothing where it has shown a page. */
  post: (posted: Posted<Pages>) => Promise<string | undefined>;
  /** Shows why it was refused; throws what it has no words for. */
  refused?: (fault: Fault, posted: Posted<Pages>) => unknown;
}

/** A page that anybody may read, or that finds out by itself who is there. */
interface Open<Pages> extends Row {
  method?: 'GET' | 'POST';
  answer: (ctx: Context, pages: Pages) => unknown;
}

export type PageRow<Pages> = Shown<Pages> | Done<Pages> | Open<Pages>;

/**
 * Routes of declared pages, for those who are logged in, at the level that `levelOf` says a page
 * will want.
 */
export function pageRouter<Pages extends PageParts>(
  wired: Wired<Pages>,
  rows: PageRow<Pages>[],
  levelOf?: (ctx: Context, pages: Pages) => Promise<number>,
): Router {
  const router = new Router();
  const parts = wired as Wired<Pages> & Pick<PageParts, 'sessions' | 'signedIn'>;
  const visited = () => visit(wired as never) as Pages;
  const guard = parts.signedIn(levelOf && ((ctx) => levelOf(ctx, visited())));
  for (const row of rows) {
    if ('answer' in row) register(router, row, (ctx) => row.answer(ctx, visited()));
    else if ('post' in row)
      register(router, { ...row, method: 'POST' }, guard, (ctx) => post(ctx, visited(), row));
    else register(router, row, guard, (ctx) => show({ ctx, pages: visited() }, row));
  }
  return router;
}

/** Routes of pages that are all open, after these steps; `visited` gives what a request needs. */
export function openRouter<Pages>(
  visited: () => Pages,
  rows: Open<Pages>[],
  ...before: Middleware[]
): Router {
  const router = new Router();
  for (const row of rows) register(router, row, ...before, (ctx) => row.answer(ctx, visited()));
  return router;
}

const register = (
  router: Router,
  { id, path, method = 'GET' }: Row & { method?: 'GET' | 'POST' },
  ...steps: Middleware[]
) => router.register(path, [method], [asRoute(id), page, ...steps]);

const show = <Pages>(visit: PageVisit<Pages>, row: Shown<Pages>): Promise<void> =>
  orElse(row.notShown, visit, () => row.show(visit.ctx, visit.pages));

async function post<Pages extends PageParts>(
  ctx: Context,
  pages: Pages,
  row: Done<Pages>,
): Promise<void> {
  const form = row.upload ? await readUpload(ctx, row.upload) : await readForm(ctx, row.several);
  if (!form) return void (await row.upload!.tooLong({ ctx, pages }));
  pages.sessions.checkForm(ctx, form, sessionOf(ctx).party);
  const posted = { ctx, pages, session: sessionOf(ctx), form };
  await orElse(row.refused, posted, async () => {
    const to = await row.post(posted);
    if (to !== undefined) seeOther(ctx, to);
  });
}

/** Does it; a fault is for whoever has words for it. */
async function orElse<Visit>(
  refused: ((fault: Fault, visit: Visit) => unknown) | undefined,
  visit: Visit,
  act: () => unknown,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Fault) || !refused) throw error;
    await refused(error, visit);
  }
}

/** The rows of a router, as they are written down in test/routes.txt. */
export const pagesOf = ({ stack }: Router): string[] =>
  stack.flatMap((row) => {
    const guard = row.stack.some(({ name }) => name === SESSION_GUARD) ? 'session' : 'public';
    const methods = row.methods.filter((method) => method !== 'HEAD');
    return methods.map((method) => `${method} ${row.path} ${guard} page`);
  });
