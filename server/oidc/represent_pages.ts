// Choosing whom to act for, inside an authorization: the page that an interaction stops at, and the
// answer that becomes the grant. The choice holds for this one authorization; the login session is
// what it was.
import { ableAmong } from './chosen_parties.ts';
import type { Detail } from './hook_model.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { readForm } from '../platform/body.ts';
import { fault } from '../platform/errors.ts';
import { allow, named, page } from '../platform/http.ts';
import { formatOrganizationNumber, languageOf, t } from '../platform/locale.ts';
import type { Render } from '../platform/render.ts';
import { sessionOf, type SignedIn } from '../caller/pages.ts';
import type { Session } from '../caller/session.ts';
import type { Authorized } from '../decision/held.ts';
import { clock } from '../platform/clock.ts';
import {
  clientOfInteraction,
  finishInteraction,
  interactionOf,
  type InteractionSettings,
} from './interactions.ts';
import { addScopes } from './provider_features.ts';
import { choices, grantDetail } from './representation.ts';
import {
  maySeveral,
  PARTIES_TYPE,
  PERSON_TYPE,
  REPRESENTATION_TYPES,
} from './representation_details.ts';

const SHOWN = 50;

export function representPages(
  settings: InteractionSettings & { render: Render; signedIn: SignedIn },
): Router {
  const router = new Router();
  const row = (route: string) => [named(route), page, settings.signedIn()] as const;
  router.get('/interaction/:uid/represent', ...row('represent'), (ctx) =>
    show(ctx, settings, undefined),
  );
  router.post('/interaction/:uid/represent', ...row('represent_answer'), (ctx) =>
    answer(ctx, settings),
  );
  return router;
}

interface Asked {
  details: Detail[];
  required: boolean;
  several: boolean;
  redirect: string;
  clientName: string;
}

async function asked(ctx: Context, settings: InteractionSettings): Promise<Asked> {
  const interaction = await interactionOf(ctx, settings);
  const { params } = interaction;
  if (interaction.session?.accountId !== sessionOf(ctx).party)
    throw fault('TIL-00014', { because: 'another person is logged in' });
  const details = (JSON.parse(String(params.authorization_details ?? '[]')) as Detail[]).filter(
    (detail) => REPRESENTATION_TYPES.includes(detail.type),
  );
  if (!details.length) throw fault('TIL-00014', { because: 'nothing to choose' });
  const client = await clientOfInteraction(interaction, settings);
  return {
    details,
    redirect: String(params.redirect_uri),
    clientName: String(client.metadata.client_name ?? client.clientId),
    // Where one chooses among all, oneself is one of them.
    required: details.some(
      (detail) => detail.representation_is_required === true || detail.type === PARTIES_TYPE,
    ),
    several: details.every(maySeveral),
  };
}

async function show(
  ctx: Context,
  settings: InteractionSettings & { render: Render },
  error: string | undefined,
): Promise<void> {
  const { details, required, several, redirect, clientName } = await asked(ctx, settings);
  const session = sessionOf(ctx);
  const language = languageOf(ctx);
  const found = await choices(settings.point, session.party, details);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  const fits = found.filter(
    ({ party }) =>
      party.name.toLowerCase().includes(search.toLowerCase()) ||
      (search !== '' && (party.organizationNo ?? '').includes(search.replaceAll(/\s/g, ''))),
  );
  const shown = await offered(settings, session, details, fits.slice(0, SHOWN));
  // The form's own POST ends at the client, which the policy must name.
  allow(ctx, 'form-action', [originOf(redirect)]);
  settings.render(ctx, {
    view: 'oidc/represent',
    title: t(language, 'represent.title', { client: clientName }),
    who: { user: session.name, canSwitch: false },
    ...(error ? { errors: [{ field: 'party', text: t(language, error) }] } : {}),
    data: {
      action: ctx.path,
      csrf: session.csrf,
      several,
      search,
      name: session.name,
      maySelf: !required,
      nobody: search === '' && shown.length === 0,
      go: t(language, 'represent.go', { client: clientName }),
      mayGo: !required || shown.length > 0,
      none:
        search !== '' && shown.length === 0
          ? t(language, 'represent.none', { q: search })
          : undefined,
      everything: ctx.path,
      cancel: t(language, 'represent.cancel', { client: clientName }),
      searchable: found.length > 10,
      more:
        fits.length > SHOWN ? t(language, 'represent.more', { n: fits.length - SHOWN }) : undefined,
      lead: t(language, LEAD[details[0]!.type] ?? 'represent.lead', { client: clientName }),
      choices: shown.map(({ party }) => ({
        id: party.id,
        name: party.name,
        isSelf: party.id === session.party,
        number: party.organizationNo
          ? t(language, 'portal.parties.number', {
              no: formatOrganizationNumber(party.organizationNo),
            })
          : undefined,
      })),
    },
  });
}

/** Of those whom something is held for, those for whom it opens what is asked for. */
async function offered(
  { point }: InteractionSettings,
  { party, level }: Session,
  details: Detail[],
  found: Authorized[],
): Promise<Authorized[]> {
  const able = new Set<Authorized>();
  for (const detail of details)
    for (const one of await ableAmong(point, party, { ...detail, level }, found, clock.now()))
      able.add(one);
  return found.filter((one) => able.has(one));
}

const LEAD: Record<string, string> = {
  [PERSON_TYPE]: 'represent.lead_person',
  [PARTIES_TYPE]: 'represent.lead_parties',
};

/** What form-action can name: an origin, or the scheme of an app. */
function originOf(redirect: string): string {
  const { origin, protocol } = new URL(redirect);
  return origin === 'null' ? protocol : origin;
}

async function answer(
  ctx: Context,
  settings: InteractionSettings & { render: Render },
): Promise<void> {
  const session = sessionOf(ctx);
  // Several of one name are several choices, which readForm would take for a mistake.
  const form = await readForm(ctx, ['party']);
  settings.sessions.checkForm(ctx, form);
  const { details, required, several } = await asked(ctx, settings);
  const picked = (form.get('party') ?? '').split(' ').filter(Boolean);
  if (form.get('answer') === 'no')
    return finishInteraction(ctx, settings, {
      error: 'access_denied',
      error_description: 'nobody was chosen',
    });
  if (picked.length === 1 && picked[0] === 'self' && !required)
    return grant(ctx, settings, details, [session.party]);
  const found =
    picked.length && !picked.includes('self')
      ? await choices(settings.point, session.party, details, picked)
      : [];
  const allowed = await offered(settings, session, details, found);
  const valid =
    allowed.length > 0 &&
    picked.every((id) => allowed.some(({ party }) => party.id === id)) &&
    (several || picked.length === 1);
  if (valid) return grant(ctx, settings, details, picked);
  ctx.status = 400;
  return show(ctx, settings, 'represent.choose');
}

/** The grant of this authorization: each detail with the parties that were chosen for it. */
async function grant(
  ctx: Context,
  settings: InteractionSettings,
  details: Detail[],
  parties: string[],
): Promise<void> {
  const interaction = await interactionOf(ctx, settings);
  const client = await clientOfInteraction(interaction, settings);
  const provider = settings.provider();
  const made = new provider.Grant({ clientId: client.clientId, accountId: sessionOf(ctx).party });
  await addScopes(
    made,
    { params: interaction.params, client: { clientId: client.clientId } },
    settings.clients,
    settings.issuer,
  );
  const { party: person, level } = sessionOf(ctx);
  const isSelf = parties.length === 1 && parties[0] === person;
  for (const detail of details) {
    const own = isSelf
      ? parties
      : (await choices(settings.point, person, [detail], parties)).map(({ party }) => party.id);
    if (own.length) made.addRar(grantDetail(detail, own, level) as never);
    else if (detail.representation_is_required === true)
      throw fault('TIL-00014', { because: 'nobody is represented where somebody must be' });
  }
  await finishInteraction(ctx, settings, { consent: { grantId: await made.save() } });
}
