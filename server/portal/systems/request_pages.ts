// A vendor's request about its system: the things that the system would get, in words, and the
// company's answer. Every act is one that the API has.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type { NotDone } from '../../platform/all_or_none.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { displayName } from '../../consent/text.ts';
import { silencePath, silencingOf } from '../../notice/silence.ts';
import { type Fault, fault } from '../../platform/errors.ts';
import { seeOther } from '../../platform/http/http.ts';
import { withOutcome } from '../../platform/http/redirect.ts';
import { isUuid } from '../../platform/ids.ts';
import {
  formatDate,
  formatOrganizationNumber,
  languageOf,
  t,
  type Language,
} from '../../platform/locale.ts';
import {
  acceptSystem,
  checkGrants,
  grantsOf,
  isForCustomers,
  mustBeToAnswer,
  rejectSystem,
  digestShown,
  type Able,
  type SystemGrant,
} from '../../supplier/system/answer.ts';
import {
  answerPath,
  isOfSystem,
  mayReturnTo,
  requestStanding,
  runsOutAt,
  type RequestStanding,
  type SystemRequest,
} from '../../supplier/system/model.ts';
import { nameOfUser } from '../../supplier/system/ask.ts';
import { findSystemRequest } from '../../supplier/system/request_store.ts';
import {
  aboutOf,
  actionNames,
  asHeading,
  mandateName,
  type MandateWords,
} from '../mandate/text.ts';
import { tellingOf } from '../mandate/telling.ts';
import { customersPath } from '../customers/path.ts';
import { packagePath, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { notDoneText } from '../person/pages.ts';
import { personPath } from '../person/between.ts';
import { systemsPath } from './path.ts';

const STEPS = ['accept', 'reject'] as const;
type Step = (typeof STEPS)[number];

export const systemRequestPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'system_asked', path: '/systems/requests/:id', show: (ctx, own) => showAsked(ctx, own) },
    ...STEPS.flatMap((step): PageRow<PortalPages>[] => [
      {
        id: `system_asked_${step}`,
        path: `/systems/requests/:id/${step}`,
        post: (posted) => postAnswer(posted, step),
        refused,
      },
      {
        // Where the form was, after a login in between.
        id: `system_asked_${step}_page`,
        path: `/systems/requests/:id/${step}`,
        show: (ctx) => ctx.redirect(answerPath((ctx.params as { id: string }).id)),
      },
    ]),
  ]);

interface Looked {
  acting: Acting;
  request: SystemRequest;
}

/** The request, for one who may answer it. A colleague who may not learns whom to ask. */
async function lookAt(ctx: Context, pages: PortalPages): Promise<Looked> {
  const { id } = ctx.params as { id: string };
  const found = isUuid(id) ? await findSystemRequest(pages.act, id) : undefined;
  if (!found) throw fault('TIL-00009');
  const acting = await actingFor(ctx, pages, found.customer);
  const request = await mustBeToAnswer(pages.act, sessionOf(ctx), found);
  return { acting, request };
}

/** The state of a request as its page says it: nobody answers one about an ended system. */
type Shown = RequestStanding | 'Ended' | 'Changed' | 'Gone';

const COLOR: Record<Shown, string> = {
  Created: 'warning',
  Accepted: 'success',
  Rejected: 'neutral',
  TimedOut: 'neutral',
  Ended: 'neutral',
  Changed: 'neutral',
  Gone: 'neutral',
};

async function showAsked(
  ctx: Context,
  pages: PortalPages,
  { failed = [], why }: { failed?: NotDone<SystemGrant>[]; why?: string | undefined } = {},
): Promise<void> {
  const looked = await lookAt(ctx, pages);
  const { acting, request } = looked;
  const { act } = pages;
  const { session, party } = acting;
  const { endResources, resources, system } = request;
  const services = [...resources, ...endResources].map((resource) => ({ resource }));
  const telling = await tellingOf(ctx, pages, services);
  const { language } = telling;
  const standing = requestStanding(request, act.now)!;
  const state = stateOf(request, standing);
  const isOpen = state === 'Created';
  const names = { ...namesOf(looked, language), open: isOpen ? 'yes' : 'no' };
  const isAgent = isForCustomers(request);
  const able = isOpen ? await checkGrants(act, session, request) : undefined;
  const missing = able && !isAgent ? grantsOf(request).filter((one) => !isAble(one, able)) : [];
  pages.render(ctx, {
    view: 'portal/systems/request',
    title: t(language, titleKey(request, isOpen), names),
    who: whoOf(ctx, acting),
    errors: failed.map((one) => ({
      field: 'things',
      text: notDoneText(nameOf(one.item, telling), one.why, language),
    })),
    data: {
      csrf: session.csrf,
      errorHeading: t(language, 'systems.request.nothing'),
      why,
      status: t(language, `systems.request.state.${state}`),
      color: COLOR[state],
      lead: t(language, 'systems.request.lead', names),
      gets: t(language, `systems.request.${!isOpen ? 'asked_for' : isAgent ? 'can_agent' : 'can'}`),
      loses: t(language, `systems.request.${isOpen ? 'loses' : 'asked_to_lose'}`),
      shown: able && digestShown(request, able),
      things: grantsOf(request).map((one) => thingOf(one, { able, party: party.id }, telling)),
      ends: grantsOf({ packages: request.endPackages, resources: endResources }).map((one) =>
        thingOf(one, { party: party.id }, telling),
      ),
      effect: isOpen ? t(language, 'systems.request.effect', names) : undefined,
      missing: missing.map((one) => nameOf(one, telling)),
      isOpen,
      mayAccept: isOpen && !missing.length,
      accept: `${answerPath(request.id)}/accept`,
      reject: `${answerPath(request.id)}/reject`,
      next: standing === 'Accepted' ? nextOf(looked, language) : undefined,
      return: isOpen ? undefined : returnOf(looked, standing, language),
      silence: isOpen
        ? await silencingOf(
            act,
            { party: party.id, sender: system.vendor },
            {
              ...{ action: silencePath(answerPath(request.id)), name: system.vendorName },
              isSelf: false,
            },
            language,
          )
        : undefined,
      back: systemsPath(party.id),
    },
  });
}

/** Why nobody answers it, where nobody does. */
function stateOf(request: SystemRequest, standing: RequestStanding): Shown {
  const { system, isChange, userEnded } = request;
  if (standing !== 'Created') return standing;
  if (system.ended) return 'Ended';
  if (isChange && userEnded) return 'Gone';
  return isOfSystem(request, system) ? standing : 'Changed';
}

const titleKey = ({ isChange }: SystemRequest, isOpen: boolean): string =>
  `systems.request.title${!isOpen ? '_past' : isChange ? '_change' : ''}`;

const namesOf = ({ acting, request, request: { system } }: Looked, language: Language) => ({
  system: request.userName ?? nameOfUser(system, request.externalRef, language),
  vendor: system.vendorName,
  number: formatOrganizationNumber(system.vendorNo),
  name: displayName(acting.party),
  kind: system.kind,
  change: request.isChange ? 'yes' : 'no',
  date: formatDate(language, runsOutAt(request)),
});

const isAble = (grant: SystemGrant, { packages, actions }: Able): boolean =>
  'package' in grant ? packages.has(grant.package) : actions.has(grant.resource);

const subjectOf = (grant: SystemGrant) => ({ role: null, package: null, resource: null, ...grant });
const nameOf = (grant: SystemGrant, telling: MandateWords) =>
  mandateName(subjectOf(grant), telling);

/** One thing in words: a package with what it opens, or a service with what may be done there. */
function thingOf(
  grant: SystemGrant,
  { able, party }: { able?: Able | undefined; party: string },
  telling: MandateWords,
) {
  const { language } = telling;
  const [actions, without = []] =
    'resource' in grant
      ? [able?.actions.get(grant.resource), able?.without.get(grant.resource)]
      : [undefined];
  return {
    name: asHeading(language, nameOf(grant, telling)),
    about: aboutOf(subjectOf(grant), telling),
    actions: actions && asHeading(language, actionNames(language, actions)),
    without:
      actions && without.length
        ? t(language, 'systems.request.without', { actions: actionNames(language, without) })
        : undefined,
    opens: 'package' in grant ? packagePath(grant.package, party) : undefined,
  };
}

/** Where what was given is seen, or an agent system gets customers. */
function nextOf({ acting, request }: Looked, language: Language) {
  const { party } = acting;
  return isForCustomers(request)
    ? { href: customersPath(party.id), text: t(language, 'systems.request.customers') }
    : { href: personPath(request.systemUser!, party.id), text: t(language, 'systems.request.see') };
}

/** The way back to the vendor, which learns there how it went. */
function returnOf({ request }: Looked, standing: RequestStanding, language: Language) {
  const { redirectUrl, id, system } = request;
  if (redirectUrl === null || !mayReturnTo(redirectUrl, system)) return undefined;
  return {
    href: withOutcome(redirectUrl, { request: id, state: standing }),
    text: t(language, 'systems.request.return', { host: new URL(redirectUrl).host }),
  };
}

async function postAnswer({ ctx, pages, session, form }: Posted<PortalPages>, step: Step) {
  const { request } = await lookAt(ctx, pages);
  if (step === 'reject') await rejectSystem(pages.act, session, request.id);
  else {
    const shown = form.get('shown') ?? '';
    const { failed, isChanged } = await acceptSystem(pages.act, session, request.id, shown);
    if (failed.length || isChanged) {
      ctx.status = 409;
      const why = isChanged ? t(languageOf(ctx), 'systems.request.changed') : undefined;
      return void (await showAsked(ctx, pages, { failed, why }));
    }
  }
  return answerPath(request.id);
}

/** Shows it as it stands where somebody was first; leads to a stronger login. */
async function refused(error: Fault, { ctx, pages }: Posted<PortalPages>): Promise<void> {
  const home = answerPath((ctx.params as { id: string }).id);
  if (error.code === 'TIL-00007') return tellStepUp(ctx, pages.render, home, error, home);
  if (!['STD-00000', 'TIL-00025', 'TIL-00059'].includes(error.code)) throw error;
  if (error.code !== 'TIL-00059') return seeOther(ctx, home);
  ctx.status = error.status;
  await showAsked(ctx, pages, { why: t(languageOf(ctx), 'systems.request.another') });
}
