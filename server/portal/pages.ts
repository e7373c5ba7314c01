// Every page of the portal, in the order in which addresses are tried.
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import { askPages } from './give/ask_pages.ts';
import { changePages } from './mandate/change_pages.ts';
import { enterPages } from './code/enter_pages.ts';
import { receivePages } from './code/receive_pages.ts';
import { consentFilePages } from './consents/file_pages.ts';
import { consentListPages } from './consents/pages.ts';
import { givePages } from './give/pages.ts';
import { groupPages } from './groups/pages.ts';
import { holdingPages } from './holdings/pages.ts';
import { inboxPages } from './inbox/pages.ts';
import { listPages } from './lists/pages.ts';
import { logPages } from './log/pages.ts';
import { leaverPages } from './leavers/pages.ts';
import { mandatePages } from './mandate/pages.ts';
import { overviewFilePages } from './overview/file_pages.ts';
import { paperPages } from './overview/paper_pages.ts';
import { overviewPages } from './overview/pages.ts';
import { partyPages } from './party_pages.ts';
import { passPages } from './overview/pass_pages.ts';
import { peoplePages } from './overview/people_pages.ts';
import { personActPages } from './person/act_pages.ts';
import { personPages } from './person/pages.ts';
import { requestPages } from './overview/request_pages.ts';
import { silencePages } from './silence_pages.ts';
import { supportPages } from './support/pages.ts';
import { startPages } from './start_pages.ts';
import { stopPages } from './mandate/stop_pages.ts';
import { customerAskPages } from './customers/ask_pages.ts';
import { agentPages } from './customers/agent_pages.ts';
import { customerPages } from './customers/pages.ts';
import { leftClientPages } from './customers/left_pages.ts';
import { workPages } from './customers/work_pages.ts';
import { systemPages } from './systems/pages.ts';
import { scopePages } from './systems/scope_pages.ts';
import { signalPages } from './systems/signal_pages.ts';
import { systemRequestPages } from './systems/request_pages.ts';
import { packagePages } from './package_pages.ts';
import { whoCanPages } from './who_can_pages.ts';
import type { PortalPages } from './page.ts';

/** Every page of the portal. */
export const allPortalPages = (pages: Wired<PortalPages>): Router[] => [
  startPages(pages),
  consentListPages(pages),
  consentFilePages(pages),
  partyPages(pages),
  overviewPages(pages),
  overviewFilePages(pages),
  paperPages(pages),
  peoplePages(pages),
  personPages(pages),
  whoCanPages(pages),
  leaverPages(pages),
  groupPages(pages),
  holdingPages(pages),
  logPages(pages),
  packagePages(pages),
  agentPages(pages),
  workPages(pages),
  customerAskPages(pages),
  leftClientPages(pages),
  customerPages(pages),
  systemPages(pages),
  scopePages(pages),
  ...(pages.signals.ssf || pages.signals.webhooks ? [signalPages(pages)] : []),
  listPages(pages),
  systemRequestPages(pages),
  personActPages(pages),
  stopPages(pages),
  silencePages(pages),
  mandatePages(pages),
  changePages(pages),
  passPages(pages),
  requestPages(pages),
  receivePages(pages),
  enterPages(pages),
  givePages(pages),
  askPages(pages),
  inboxPages(pages),
  ...(pages.supportStaff.length ? [supportPages(pages)] : []),
];
