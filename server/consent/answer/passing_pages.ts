// The pages on which a request is passed on: the button under a request that one cannot answer, or
// not alone; and a child's page, who reads what a parent would, chooses one, or says no.
import type { Context } from 'koa';
import type { Posted } from '../../caller/declared_pages.ts';
import { loggedIn, sessionOf } from '../../caller/pages.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { languageOf, t } from '../../platform/locale.ts';
import type { PartyRow } from '../../party/store.ts';
import { barredText } from '../barred_text.ts';
import type { Barred } from '../basis/model.ts';
import type { Consent } from '../model.ts';
import { backTo, leavePath, passOnPath, requested, type ConsentPages } from '../page.ts';
import { displayName, shownText } from '../text.ts';
import { familyOf } from './family.ts';
import { passRequest, passToParent } from './passing.ts';

/** The way to pass a request on, or that it was, beside what else its page says. */
export const passingForm = (ctx: Context, consent: Consent, interaction: string | undefined) => ({
  action: passOnPath(consent, interaction),
  csrf: sessionOf(ctx).csrf,
  sent: isSent(ctx, consent)
    ? t(languageOf(ctx), 'consent.pass_on.sent', { whose: whoseOf(consent, sessionOf(ctx).party) })
    : undefined,
});

/** A company's may have been answered meanwhile, of which nothing is kept. */
const isSent = (ctx: Context, { from, events }: Consent): boolean =>
  ctx.URL.searchParams.has('sent') &&
  (from.kind !== 'person' ||
    events.some(({ type, byParty }) => type === 'passed_on' && byParty === sessionOf(ctx).party));

const whoseOf = ({ from }: Consent, sender: string) =>
  from.kind !== 'person' ? 'org' : from.id === sender ? 'child' : 'person';

/** Sends it; the page says no more than that those who can answer have got it. */
export async function postPassOn({ ctx, pages, session: sender, form }: Posted<ConsentPages>) {
  const consent = await requested(pages, queryParameter(ctx, 'id'));
  const back = backTo(consent, queryParameter(ctx, 'interaction'));
  if (!form.has('child')) await passRequest(pages.act, consent, sender);
  else if (!(await passToParent(pages.act, consent, sender, form.get('parent'))))
    return `${back}&choose`;
  return `${back}&sent`;
}

/** A child reads what a parent would read, and sends it to one, or says no. */
export async function showChild(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  { barred, parents }: { barred: Barred; parents: PartyRow[] },
  interaction: string | undefined,
): Promise<void> {
  const language = languageOf(ctx);
  const to = displayName(consent.to);
  const reader = { party: sessionOf(ctx).party, language };
  const isUnchosen = ctx.URL.searchParams.has('choose');
  const options = parents.map((party) => ({
    value: party.id,
    label: displayName(party),
    hint: t(language, 'consent.child.reads', { name: displayName(party), to }),
  }));
  const missing = t(language, 'consent.child.choose');
  pages.render(ctx, {
    view: 'consent/child',
    title: t(language, 'consent.under_age.title'),
    who: loggedIn(ctx),
    errors: isUnchosen ? [{ field: `parent-${options[0]!.value}`, text: missing }] : [],
    data: {
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      body: barredText(barred, language, 'yes'),
      family: await familyOf(pages.act, consent, reader, barred.why),
      text: shownText(consent, language, pages.act.now, parents[0]!.id),
      passing: passingForm(ctx, consent, interaction),
      answering: backTo(consent, interaction),
      csrf: sessionOf(ctx).csrf,
      options,
      missing: isUnchosen ? missing : undefined,
      to,
      continueUrl: leavePath(interaction),
    },
  });
}
