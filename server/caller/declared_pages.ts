// Pages for those who are logged in, each declared once: its address, what it shows, or how its
// form is read, what is done, and what a refusal says. Route, guard and the golden list come from
// the declaration. It knows no page.
import Router from '@koa/router';
import type { Context } from 'koa';
import { type Act, visit, type Wired } from '../platform/act.ts';
import { Fault } from '../platform/errors.ts';
import { readForm } from '../platform/http/body.ts';
import { asRoute, page, seeOther } from '../platform/http/http.ts';
import { sessionOf, type SignedIn } from './pages.ts';
import type { Session, Sessions } from './session.ts';

/** The parts that pages with forms are made with. */
interface PageParts {
  act: Act;
  sessions: Sessions;
  signedIn: SignedIn;
}

/** A form that came from a page of this session. */
export interface Posted<Pages> {
  ctx: Context;
  pages: Pages;
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
  /** Whether anybody may read it, logged in or not. */
  isPublic?: boolean;
}

/** A form of a page. */
interface Done<Pages> extends Row {
  /** Fields that may come several times. */
  several?: string[];
  /** Does it. Answers with the address that leads on, or nothing where it has shown a page. */
  post: (posted: Posted<Pages>) => Promise<string | undefined>;
  /** Shows why it was refused; throws what it has no words for. */
  refused?: (fault: Fault, posted: Posted<Pages>) => unknown;
}

export type PageRow<Pages> = Shown<Pages> | Done<Pages>;

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
    if ('post' in row)
      router.post(row.path, asRoute(row.id), page, guard, (ctx: Context) =>
        post(ctx, visited(), row),
      );
    else if (row.isPublic)
      router.get(row.path, asRoute(row.id), page, (ctx: Context) => row.show(ctx, visited()));
    else
      router.get(row.path, asRoute(row.id), page, guard, (ctx: Context) =>
        row.show(ctx, visited()),
      );
  }
  return router;
}

async function post<Pages extends PageParts>(
  ctx: Context,
  pages: Pages,
  row: Done<Pages>,
): Promise<void> {
  const form = await readForm(ctx, row.several);
  pages.sessions.checkForm(ctx, form);
  const posted = { ctx, pages, session: sessionOf(ctx), form };
  try {
    const to = await row.post(posted);
    if (to !== undefined) seeOther(ctx, to);
  } catch (error) {
    if (!(error instanceof Fault) || !row.refused) throw error;
    await row.refused(error, posted);
  }
}
