// A support case: what a party gave and has, to be read; and what a person asks staff to suspend.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { asText } from '../../platform/as_text.ts';
import { fault } from '../../platform/errors.ts';
import { uuidsIn } from '../../platform/http/body.ts';
import type { Who } from '../../platform/http/render.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { PAGE_SIZE, seenBySupport } from '../../support/holdings.ts';
import { caseStanding, RECOGNISED, type SupportCase } from '../../support/model.ts';
import { findSuspendedBySupport } from '../../support/store.ts';
import { takesRequests, mustFindCase, resumeAsked, suspendAsked } from '../../support/support.ts';
import { tellingOf } from '../mandate/telling.ts';
import { having, offsetOf, turns, type PortalPages } from '../page.ts';
import { originLines } from '../systems/text.ts';
import { givenLines, hadLines, type CaseLine } from './case_text.ts';

export const casePath = (id: string): string => `/support/cases/${id}`;

/** Fields that may come several times. */
const SEVERAL = ['held'];

const done = (how: 'suspend' | 'resume'): PageRow<PortalPages> => ({
  id: `support_${how}`,
  path: `/support/cases/:id/${how}`,
  several: SEVERAL,
  post: (posted) => postDone(posted, how),
});

export const caseRows: PageRow<PortalPages>[] = [
  { id: 'support_case_page', path: '/support/cases/:id', show: (ctx, own) => showCase(ctx, own) },
  done('suspend'),
  done('resume'),
];

/** One of the staff, as the head of a page says it. */
export const whoOfStaff = (ctx: Context): Who => ({
  label: t(languageOf(ctx), 'support.staff'),
  user: sessionOf(ctx).name,
  canSwitch: true,
});

/** The case that the address names. */
export function caseIn(ctx: Context): string {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
}

/** A form that was sent with something missing. */
interface Again {
  how: 'suspend' | 'resume';
  ticked: string[];
  recognised: string;
  wrong: ('held' | 'recognised')[];
}

/** A form that was kept while the session was gone, where it was this one. */
function keptAs(how: Again['how'], some: CaseLine[], kept = new Map<string, string>()) {
  const ticked = uuidsIn(kept, 'held');
  return some.some(({ id }) => ticked.includes(id))
    ? { how, wrong: [], ticked, recognised: kept.get('recognised') ?? '' }
    : undefined;
}

interface CaseLines {
  given: CaseLine[];
  had: string[];
  /** The most that there is of either. */
  of: number;
}
const NOTHING: CaseLines = { given: [], had: [], of: 0 };

async function linesOf(
  ctx: Context,
  pages: PortalPages,
  found: SupportCase,
  offset: number,
): Promise<CaseLines> {
  const seen = await seenBySupport(pages.act, found, offset);
  const telling = await tellingOf(ctx, pages, [...seen.given, ...seen.had]);
  const suspended = await findSuspendedBySupport(pages.act, found.party.id);
  const receivers = seen.given.map(({ to: id, toKind: kind }) => ({ id, kind }));
  const words = {
    ...telling,
    origins: await originLines(pages.act, receivers, telling.language),
    mayResume: (id: string) => (suspended.get(id) ?? found.staff) !== found.staff,
  };
  return {
    given: givenLines({ mandates: seen.given, consents: seen.consents }, words),
    had: hadLines(seen.had, telling),
    of: seen.of,
  };
}

async function showCase(ctx: Context, pages: PortalPages, again?: Again): Promise<void> {
  const session = sessionOf(ctx);
  const language = languageOf(ctx);
  const found = await mustFindCase(pages.act, session.party, caseIn(ctx));
  const { party, caseNo } = found;
  const standing = caseStanding(found, pages.act.now);
  const name = displayName(party);
  const isOpen = standing === 'open';
  const offset = offsetOf(ctx);
  const { given, had, of } = isOpen ? await linesOf(ctx, pages, found, offset) : NOTHING;
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const isAsked = takesRequests(found);
  const choose = (how: 'suspend' | 'resume', some: CaseLine[]) =>
    isAsked && some.length
      ? {
          csrf: session.csrf,
          form: pages.forms.mark(session, casePath(found.id)),
          ...chooseOf(how, some, {
            id: found.id,
            name,
            language,
            mine: again?.how === how ? again : keptAs(how, some, kept),
          }),
        }
      : undefined;
  pages.render(ctx, {
    view: 'portal/support/case',
    // Nobody is named before staff may look.
    title: t(language, 'support.case_title', { case: caseNo, name, known: isOpen ? 'yes' : 'no' }),
    who: whoOfStaff(ctx),
    errors: (again && isOpen ? again.wrong : []).map((field) => ({
      field: `${again!.how}-${field}`,
      text: t(language, `support.error.${field}`),
    })),
    data: {
      errorHeading: t(language, 'give.error.heading', { n: again?.wrong.length ?? 0 }),
      told: toldIn(ctx),
      isKept: kept !== undefined,
      closed: isOpen ? undefined : t(language, `support.standing.${standing}`),
      lead:
        isOpen &&
        t(language, 'support.lead', { name, case: caseNo, asked: isAsked ? 'yes' : 'no' }),
      born: isOpen && party.bornIn && t(language, 'support.born', { year: asText(party.bornIn) }),
      given: isAsked ? given.filter((one) => one.isPaused && !one.mayResume) : given,
      givenNone: isOpen && given.length === 0,
      suspend: choose(
        'suspend',
        given.filter(({ isPaused }) => !isPaused),
      ),
      resume: choose(
        'resume',
        given.filter((one) => one.isPaused && one.mayResume),
      ),
      had,
      hadNone: isOpen && had.length === 0,
      ...turns({ offset, size: PAGE_SIZE, of }, (at) => having(casePath(found.id), `offset=${at}`)),
      back: '/support',
    },
  });
}

/** The form with which things are suspended, or go on. */
const chooseOf = (
  how: 'suspend' | 'resume',
  lines: CaseLine[],
  {
    id,
    name,
    language,
    mine,
  }: { id: string; name: string; language: Language; mine: Again | undefined },
) => ({
  how,
  action: `${casePath(id)}/${how}`,
  legend: t(language, `support.${how}.legend`, { name }),
  yes: t(language, `support.${how}.yes`),
  lines: lines.map((one) => ({ ...one, checked: mine?.ticked.includes(one.id) ?? false })),
  heldWrong: mine?.wrong.includes('held') ? t(language, 'support.error.held') : undefined,
  recognised: RECOGNISED.map((way) => ({
    id: way,
    label: t(language, `support.recognised.${way}`),
    checked: mine?.recognised === way,
  })),
  recognisedWrong: mine?.wrong.includes('recognised')
    ? t(language, 'support.error.recognised')
    : undefined,
});

/** The sentence on the act that the address says was just done. */
function toldIn(ctx: Context): string | undefined {
  const { searchParams } = ctx.URL;
  const how = ['suspended', 'resumed', 'unchanged'].find((one) => searchParams.has(one));
  return how && t(languageOf(ctx), `support.done.${how}`);
}

async function postDone(
  { ctx, pages, session, form }: Posted<PortalPages>,
  how: 'suspend' | 'resume',
) {
  const id = caseIn(ctx);
  const ids = uuidsIn(form, 'held');
  const recognised = RECOGNISED.find((one) => one === form.get('recognised'));
  if (!ids.length || !recognised) {
    ctx.status = 400;
    const wrong = [
      ...(ids.length ? [] : (['held'] as const)),
      ...(recognised ? [] : (['recognised'] as const)),
    ];
    return void (await showCase(ctx, pages, {
      how,
      ticked: ids,
      recognised: recognised ?? '',
      wrong,
    }));
  }
  const act = how === 'suspend' ? suspendAsked : resumeAsked;
  const n = await act(pages.act, session.party, id, { ids, recognised });
  const all = how === 'suspend' ? 'suspended' : 'resumed';
  return having(casePath(id), n === ids.length ? all : 'unchanged');
}
