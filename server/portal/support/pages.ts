// The pages of support staff: a case is opened by a number, with a reason; another of the staff
// lets one be looked at where the party's address is protected.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { isOrganizationNumber, isPersonNumber } from '../../party/model.ts';
import { formatDateTime, languageOf, t } from '../../platform/locale.ts';
import { isCaseNo, SUPPORT_LEVEL, SUPPORT_REASONS } from '../../support/model.ts';
import { listWaitingCases } from '../../support/store.ts';
import { approveCase, mustBeStaff, openCase } from '../../support/support.ts';
import { having, toStronger, type PortalPages } from '../page.ts';
import { caseIn, casePath, caseRows, whoOfStaff } from './case_pages.ts';

const PATH = '/support';

export const supportPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, rows.map(ofStaff), async () => SUPPORT_LEVEL);

const rows: PageRow<PortalPages>[] = [
  { id: 'support_page', path: PATH, show: (ctx, own) => showFind(ctx, own) },
  { id: 'support_open', path: PATH, post: postOpen },
  { id: 'support_approve', path: `${PATH}/cases/:id/approve`, post: postApprove },
  ...caseRows,
];

/** A page that is there for the staff alone. */
function ofStaff(row: PageRow<PortalPages>): PageRow<PortalPages> {
  if ('post' in row)
    return {
      ...row,
      post: async (posted) => {
        await mustBeStaff(posted.pages.act, posted.pages.supportStaff, posted.session);
        return row.post(posted);
      },
      refused: toStronger,
    };
  if ('answer' in row) return row;
  return {
    ...row,
    show: async (ctx, pages) => {
      await mustBeStaff(pages.act, pages.supportStaff, sessionOf(ctx));
      return row.show(ctx, pages);
    },
    notShown: toStronger,
  };
}

type Field = 'number' | 'case' | 'reason';

/** The fields as they were typed, or kept. */
function typedIn(form: Map<string, string> | undefined): Record<Field, string> {
  const value = (name: string) => (form?.get(name) ?? '').trim().slice(0, 40);
  return { number: value('number'), case: value('case'), reason: value('reason') };
}

async function showFind(
  ctx: Context,
  pages: PortalPages,
  again?: { typed: Record<Field, string>; wrong: Field[] },
): Promise<void> {
  const session = sessionOf(ctx);
  const language = languageOf(ctx);
  const kept = again ? undefined : await pages.forms.take(ctx, session);
  const typed = again?.typed ?? typedIn(kept);
  const wrong = again?.wrong ?? [];
  const waiting = await listWaitingCases(pages.act, session.party);
  const faultOf = (field: Field) =>
    wrong.includes(field) ? t(language, `support.error.${field}`) : undefined;
  pages.render(ctx, {
    view: 'portal/support/find',
    title: t(language, 'support.title'),
    who: whoOfStaff(ctx),
    errors: wrong.map((field) => ({
      field: field === 'reason' ? `reason-${SUPPORT_REASONS[0]}` : field,
      text: t(language, `support.error.${field}`),
    })),
    data: {
      csrf: session.csrf,
      action: PATH,
      form: pages.forms.mark(session, PATH),
      isKept: Boolean(kept?.size),
      errorHeading: t(language, 'give.error.heading', { n: wrong.length }),
      told: ctx.URL.searchParams.has('approved') && t(language, 'support.approved'),
      number: { value: typed.number, wrong: faultOf('number') },
      case: { value: typed.case, wrong: faultOf('case') },
      reasonWrong: faultOf('reason'),
      reasons: SUPPORT_REASONS.map((id) => ({
        id,
        label: t(language, `support.reason.${id}`),
        checked: typed.reason === id,
      })),
      waiting: waiting.map((one) => ({
        action: `${casePath(one.id)}/approve`,
        csrf: session.csrf,
        form: pages.forms.mark(session, PATH),
        case: one.caseNo,
        text: t(language, 'support.waits', {
          case: one.caseNo,
          name: one.staffName,
          why: t(language, `support.reason.${one.reason}`),
          at: formatDateTime(language, one.openedAt),
        }),
      })),
    },
  });
}

async function postOpen({ ctx, pages, session, form }: Posted<PortalPages>) {
  const typed = typedIn(form);
  const again = (...wrong: Field[]) => {
    ctx.status = 400;
    return showFind(ctx, pages, { typed, wrong });
  };
  const number = typed.number.replaceAll(/\s/g, '');
  const reason = SUPPORT_REASONS.find((one) => one === typed.reason);
  const wrong: Field[] = [
    ...(isPersonNumber(number) || isOrganizationNumber(number) ? [] : (['number'] as const)),
    ...(isCaseNo(typed.case) ? [] : (['case'] as const)),
    ...(reason ? [] : (['reason'] as const)),
  ];
  if (wrong.length || !reason) return void (await again(...wrong));
  const id = await openCase(pages.act, pages.limits, session.party, {
    number,
    reason,
    caseNo: typed.case,
  });
  return id === undefined ? void (await again('number')) : casePath(id);
}

async function postApprove({ ctx, pages, session }: Posted<PortalPages>) {
  await approveCase(pages.act, session.party, caseIn(ctx));
  return having(PATH, 'approved');
}
