// What the pages of the portal share: what they are made with, and how an act that takes a stronger
// login is told.
import type { Context } from 'koa';
import type { ConsentPages } from '../consent/page.ts';
import type { Fault } from '../platform/errors.ts';
import { languageOf, t } from '../platform/locale.ts';
import type { Seal } from '../platform/seal.ts';

/** What the pages of the portal are made with. */
export interface PortalPages extends ConsentPages {
  seal: Seal;
  /** Tells that an act takes a stronger login, with the way to it; nothing was done. */
  stepUp: (ctx: Context, to: string, refusal: Fault) => void;
}

/** A form is answered by a page and a link: a redirect to the eID is blocked without a word. */
export function tellStepUp(
  ctx: Context,
  { render }: Pick<ConsentPages, 'render'>,
  to: string,
  why: Fault,
): void {
  const language = languageOf(ctx);
  const level = String(why.members.requiredLevel ?? 4);
  ctx.status = 403;
  render(ctx, {
    view: 'caller/again',
    title: t(language, 'login.stronger.title'),
    data: {
      body: t(language, 'login.stronger.body', { level }),
      href: `/step-up?${new URLSearchParams({ to, level })}`,
    },
  });
}
