// The caller column, as it is wired: pages to log in by, and the end of sessions.
import type { Act } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tending } from '../platform/job.ts';
import type { Render } from '../platform/http/render.ts';
import type { Login } from './login.ts';
import { loginPages } from './login_pages.ts';
import { sweepSessions } from './store.ts';

interface Needs {
  jobAct: () => Act;
  login: Login;
  render: Render;
}

export const callerColumn = ({ jobAct, login, render }: Needs): Column => ({
  pages: [loginPages({ login, render })],
  jobs: [tending('session.sweep', (goesOn) => sweepSessions(jobAct(), goesOn))],
});
