// Choosing whom to act for, inside an authorization: the page that an interaction stops at, and the
// answer that becomes the grant. The choice holds for this one authorization; the login session is
// what it was.
import { severalIn } from '../../platform/http/body.ts';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import { offered } from './chosen_parties.ts';
import type { Detail } from '../provider/hook_model.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { fault } from '../../platform/errors.ts';
import { allow } from '../../platform/http/http.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import type { Render } from '../../platform/http/render.ts';
import type { KeptForms } from '../../caller/kept_form.ts';
import { insufficientLevel } from '../../caller/model.ts';
import { sessionOf, tellStepUp, type SignedIn } from '../../caller/pages.ts';
import type { Authorized } from '../../decision/search/held.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { offlineAsked } from './offline_model.ts';
import type { Client } from '../client/clients.ts';
import {
  clientOfInteraction,
  finishInteraction,
  interactionOf,
  ofPerson,
  type InteractionSettings,
} from '../provider/interaction.ts';
import { addScopes } from '../provider/features.ts';
import {
  isOfflineLet,
  letOffline,
  mustAskOffline,
  offlineRead,
  offlineShown,
  type OfflineQuestion,
} from './offline.ts';
import { boxOf, choiceOf, formTargetOf, clientOwnerText, clientTitle } from './represent_text.ts';
import { choices, grantedDetail } from './representation.ts';
import {
  maySeveral,
  PARTIES_TYPE,
  PERSON_TYPE,
  REPRESENTATION_TYPES,
} from './representation_details.ts';
import { textOf } from '../../platform/as_text.ts';

const SHOWN = 50;

interface RepresentSettings extends InteractionSettings {
  render: Render;
  forms: KeptForms;
  signedIn: SignedIn;
}

export const representPages = (settings: Wired<RepresentSettings>): Router =>
  pageRouter(settings, [
    { id: 'represent', path: '/interaction/:uid/represent', show: (ctx, own) => show(ctx, own) },
    {
      id: 'represent_answer',
      path: '/interaction/:uid/represent',
      // Several of one name are several choices, not a mistake.
      several: ['party'],
      async post(posted) {
        await answer(posted);
        return undefined;
      },
    },
  ]);

interface Asked {
  details: Detail[];
  required: boolean;
  several: boolean;
  redirect: string;
  client: Client;
  clientName: string;
  /** Whether the client may go on after the login, or would like to. */
  asksOffline: boolean;
  /** The question, where the page asks it. */
  offline: OfflineQuestion | undefined;
  question: Omit<OfflineQuestion, 'isAgain'>;
}

async function asked(ctx: Context, settings: InteractionSettings): Promise<Asked> {
  const session = sessionOf(ctx);
  const interaction = ofPerson(await interactionOf(ctx, settings), session.party);
  const { params } = interaction;
  const details = (JSON.parse(textOf(params.authorization_details) ?? '[]') as Detail[]).filter(
    (detail) => REPRESENTATION_TYPES.includes(detail.type),
  );
  if (!details.length) throw fault('TIL-00014', { because: 'nothing to choose' });
  const client = await clientOfInteraction(interaction, settings);
  const question = { client: clientTitle(client), days: settings.refreshDays };
  const asking = await mustAskOffline(settings.act, params, session.party);
  return {
    details,
    redirect: textOf(params.redirect_uri) ?? '',
    client,
    clientName: clientTitle(client),
    asksOffline: offlineAsked(params).asked,
    question,
    offline: asking && { ...question, ...asking },
    // Where one chooses among all, oneself is one of them.
    required: details.some(
      (detail) => detail.representation_is_required === true || detail.type === PARTIES_TYPE,
    ),
    several: details.every(maySeveral),
  };
}

/** The form as it was sent, or is to be shown once more. */
interface Chosen {
  picked: string[];
  search: string;
  offline: boolean;
}

const chosenIn = (form: Map<string, string>): Chosen => ({
  picked: severalIn(form, 'party'),
  search: searchIn(form.get('q')),
  offline: form.get('offline') === 'yes',
});
const searchIn = (text: string | null | undefined) => (text ?? '').trim().slice(0, 100);

const fits = ({ party }: Authorized, search: string) =>
  party.name.toLowerCase().includes(search.toLowerCase()) ||
  (search !== '' && (party.organizationNo ?? '').includes(search.replaceAll(/\s/g, '') || '-'));

async function show(
  ctx: Context,
  settings: RepresentSettings,
  error?: string,
  again?: Chosen,
): Promise<void> {
  const page = await asked(ctx, settings);
  const { details, required, several, redirect, client, clientName } = page;
  const session = sessionOf(ctx);
  const language = languageOf(ctx);
  const kept = again ? undefined : await settings.forms.take(ctx, session, ['party']);
  const { picked, search, offline } =
    again ??
    (kept
      ? chosenIn(kept)
      : { picked: [], search: searchIn(ctx.URL.searchParams.get('q')), offline: false });
  const found = await choices(settings.act, session.party, details);
  const matching = found.filter((one) => fits(one, search));
  // Ticked parties stay ticked, whatever is searched for.
  const isPicked = ({ party }: Authorized) => picked.includes(party.id);
  const others = matching.filter((one) => !isPicked(one));
  const wanted = [...found.filter(isPicked), ...others.slice(0, SHOWN)];
  const shown = await offered(settings.act, session, details, wanted);
  const telling = {
    person: session.party,
    language,
    catalogue: await currentCatalogue(settings.act),
  };
  // The form's own POST ends at the client, which the policy must name.
  allow(ctx, 'form-action', [formTargetOf(redirect)]);
  settings.render(ctx, {
    view: 'oidc/represent',
    title: t(language, 'represent.title', { client: clientName }),
    who: { user: session.name, canSwitch: false },
    keeps: { form: 'choice', action: ctx.path },
    ...(error ? { errors: [{ field: 'choices', text: t(language, error) }] } : {}),
    data: {
      action: ctx.path,
      csrf: session.csrf,
      form: settings.forms.mark(session, ctx.path),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      owner: clientOwnerText(client, language),
      several,
      search,
      name: session.name,
      maySelf: !required,
      selfPicked: picked.includes('self'),
      nobody: search === '' && shown.length === 0,
      mayGo: !required || shown.length > 0,
      none:
        search !== '' && matching.length === 0
          ? t(language, 'represent.none', { q: search })
          : undefined,
      everything: ctx.path,
      cancel: t(language, 'represent.cancel', { client: clientName }),
      searchable: found.length > 10,
      more:
        others.length > SHOWN
          ? t(language, 'represent.more', { n: others.length - SHOWN })
          : undefined,
      lead: leadOf(page, language),
      offline: page.offline && boxOf(offlineShown(page.offline, language, 'box'), offline),
      choices: shown.map((one) => choiceOf(one, picked, telling)),
    },
  });
}

const leadOf = ({ details: [first], clientName, asksOffline }: Asked, language: Language) =>
  t(language, LEAD[first!.type] ?? 'represent.lead', {
    client: clientName,
    offline: asksOffline ? 'yes' : 'no',
  });

const LEAD: Record<string, string> = {
  [PERSON_TYPE]: 'represent.lead_person',
  [PARTIES_TYPE]: 'represent.lead_parties',
};

async function answer({
  ctx,
  pages: settings,
  session,
  form,
}: Posted<RepresentSettings>): Promise<void> {
  const chosen = chosenIn(form);
  const { picked } = chosen;
  if (form.get('answer') === 'no')
    return finishInteraction(ctx, settings, {
      error: 'access_denied',
      error_description: 'nobody was chosen',
    });
  // Another language, or a search, by its button or by Enter: with what was ticked.
  const isSearch =
    form.has('find') || (!form.has('answer') && form.get('sought') !== form.get('q'));
  if (form.has('switch') || isSearch) return show(ctx, settings, undefined, chosen);
  const { details, required, several, offline, question, client } = await asked(ctx, settings);
  // A box that was shown is answered by its tick, whatever was said elsewhere meanwhile; words that
  // have changed since are shown once more.
  const read = offlineRead(question, form.get('shown'));
  if (!read && (offline || form.has('shown'))) return show(ctx, settings, undefined, chosen);
  const go = async (parties: string[]) => {
    const whose = { person: session.party, clientId: client.clientId };
    if (read && chosen.offline) await letOffline(settings.act, whose, read);
    return grant(ctx, settings, { details, parties, said: read ? chosen.offline : true });
  };
  if (picked.length === 1 && picked[0] === 'self' && !required) return go([session.party]);
  const found =
    picked.length && !picked.includes('self')
      ? await choices(settings.act, session.party, details, picked)
      : [];
  const allowed = await offered(settings.act, session, details, found);
  const valid =
    allowed.length > 0 &&
    picked.every((id) => allowed.some(({ party }) => party.id === id)) &&
    (several || picked.length === 1);
  if (!valid) {
    ctx.status = 400;
    return show(ctx, settings, 'represent.choose', chosen);
  }
  const lacks = allowed.find((one) => one.lacks)?.lacks;
  if (lacks === undefined) return go(picked);
  const fields = new URLSearchParams([
    ...picked.map((id) => ['party', id]),
    ...(chosen.offline ? [['offline', 'yes']] : []),
  ]);
  await settings.forms.store(ctx, session, ctx.path, fields);
  const leave = ctx.path.replace('/represent', '/leave');
  return tellStepUp(ctx, settings.render, ctx.path, insufficientLevel(lacks), leave);
}

/** The grant of this authorization: each detail with the parties that were chosen for it. */
async function grant(
  ctx: Context,
  settings: InteractionSettings,
  { details, parties, said }: { details: Detail[]; parties: string[]; said: boolean },
): Promise<void> {
  const interaction = await interactionOf(ctx, settings);
  const { clientId } = await clientOfInteraction(interaction, settings);
  const provider = settings.provider();
  const { party: person, level } = sessionOf(ctx);
  const isOffline = said && (await isOfflineLet(settings.act, interaction.params, person));
  const made = new provider.Grant({ clientId, accountId: person });
  await addScopes(
    made,
    { params: interaction.params, client: { clientId } },
    { clients: settings.clients, issuer: settings.issuer, isOffline },
  );
  const isSelf = parties.length === 1 && parties[0] === person;
  for (const detail of details) {
    const own = isSelf
      ? parties
      : (await choices(settings.act, person, [detail], parties)).map(({ party }) => party.id);
    if (own.length) made.addRar(grantedDetail(detail, own, level) as never);
    else if (detail.representation_is_required === true)
      throw fault('TIL-00014', { because: 'nobody is represented where somebody must be' });
  }
  await finishInteraction(ctx, settings, { consent: { grantId: await made.save() } });
}
