// Narrowing a consent on a page: what may be taken out of it, and an end that is nearer.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import { sessionOf } from '../../caller/pages.ts';
import { dayFault, lastDay } from '../../party/day_model.ts';
import type { Wired } from '../../platform/act.ts';
import { Fault } from '../../platform/errors.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { placesIn } from '../answer/choice_text.ts';
import { narrowConsent } from '../answer/narrow.ts';
import type { Consent } from '../model.ts';
import { effectiveStatus, isStanding } from '../status_model.ts';
import { strongerToRead, type ConsentPages } from '../page.ts';
import { resourceTitle } from '../right_text.ts';
import { displayName } from '../text.ts';
import { formatUntil } from '../until_model.ts';
import { seenOnPage, whoReads } from './pages.ts';

export const narrowPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(pages, [
    {
      id: 'consent_narrow_page',
      path: '/consents/:id/narrow',
      show: (ctx, wired) => showNarrow(ctx, wired, {}),
      notShown: strongerToRead,
    },
    { id: 'consent_narrow', path: '/consents/:id/narrow', several: ['without'], post: postNarrow },
  ]);

interface Typed {
  without: number[];
  date: string;
}
const typedIn = (form: Map<string, string>): Typed => ({
  without: placesIn(form.get('without')),
  date: form.get('date') ?? '',
});

interface Wrong {
  field: string;
  text: string;
}

async function showNarrow(
  ctx: Context,
  pages: ConsentPages,
  { typed: again, wrong }: { typed?: Typed; wrong?: Wrong },
): Promise<void> {
  const { consent, isWhole } = await seenOnPage(ctx, pages);
  if (!isWhole) return ctx.redirect(`/consent/receipt?id=${consent.id}`);
  const home = `/consents/${consent.id}`;
  if (!isStanding(effectiveStatus(consent, pages.act.now))) return ctx.redirect(home);
  const language = languageOf(ctx);
  const session = sessionOf(ctx);
  const action = `${home}/narrow`;
  const kept = again ? undefined : await pages.forms.take(ctx, session, ['without']);
  const typed = again ?? typedIn(kept ?? new Map());
  const to = displayName(consent.to);
  const poa = consent.template.isPoa ? '_poa' : '';
  pages.render(ctx, {
    view: 'consent/narrow',
    title: t(language, `consent.narrow.title${poa}`, { to }),
    who: whoReads(ctx, consent, language),
    errors: wrong ? [wrong] : [],
    keeps: { form: 'typed', action },
    data: {
      action,
      back: home,
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      lead: t(language, `consent.narrow.lead${poa}`, { to }),
      rightsHint: t(language, `consent.narrow.rights_hint${poa}`, { to }),
      rights: consent.rights
        .filter(({ optional }) => optional)
        .map((right) => ({
          place: right.ordinal,
          title: resourceTitle(right, language),
          checked: typed.without.includes(right.ordinal),
        })),
      date: typed.date,
      dateHint: t(language, 'consent.narrow.date_hint', {
        until: formatUntil(language, consent.validTo),
      }),
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      dateError: wrong?.field === 'date' ? wrong.text : undefined,
      rightsError: wrong && wrong.field !== 'date' ? wrong.text : undefined,
      yes: t(language, `consent.narrow.yes${poa}`),
      no: t(language, 'consent.narrow.no'),
    },
  });
}

/** The fault in what was typed, before it is tried. */
function faultIn({ without, date }: Typed, now: Date): 'nothing' | `date${string}` | undefined {
  if (!date.trim()) return without.length ? undefined : 'nothing';
  return dayFault(date, now);
}

async function postNarrow({ ctx, pages, session, form }: Posted<ConsentPages>) {
  const language = languageOf(ctx);
  const typed = typedIn(form);
  // Another language, with what was typed.
  if (form.has('switch')) return void (await showNarrow(ctx, pages, { typed }));
  const { consent } = await seenOnPage(ctx, pages);
  const show = (wrong: Wrong) => showNarrow(ctx, pages, { typed, wrong });
  const fault = faultIn(typed, pages.act.now);
  if (fault) {
    const isDate = fault !== 'nothing';
    return void (await show({
      field: isDate ? 'date' : fieldOf(consent),
      text: t(language, isDate ? `give.error.${fault}` : 'consent.narrow.nothing'),
    }));
  }
  try {
    const validTo = typed.date.trim() ? lastDay(typed.date) : undefined;
    await narrowConsent(pages.act, consent, session, { without: typed.without, validTo });
    pages.metrics.consents.inc({ act: 'narrowed' });
  } catch (error) {
    const wrong = wrongBy(error, consent, language);
    if (!wrong) throw error;
    return void (await show(wrong));
  }
  return `/consents/${consent.id}?narrowed`;
}

/** The first box, or the date where there is none. */
const fieldOf = ({ rights }: Consent): string => {
  const first = rights.find(({ optional }) => optional);
  return first ? `without-${first.ordinal}` : 'date';
};

/** The words for a wish that a consent cannot follow. */
function wrongBy(error: unknown, consent: Consent, language: Language): Wrong | undefined {
  if (!(error instanceof Fault) || error.code !== 'STD-00000') return undefined;
  const codes = (error.members.validationErrors as { code: string }[]).map(({ code }) => code);
  if (codes.includes('TIL.VLD-00014')) {
    const until = formatUntil(language, consent.validTo);
    return { field: 'date', text: t(language, 'consent.narrow.later', { until }) };
  }
  return codes.includes('TIL.VLD-00013')
    ? { field: fieldOf(consent), text: t(language, 'consent.narrow.all') }
    : undefined;
}
