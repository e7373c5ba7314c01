// The question whether a client may go on after the login, inside an authorization: a page of its
// own where nothing else is asked, a box beside the choice of parties otherwise.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import { sessionOf, type SignedIn } from '../../caller/pages.ts';
import type { Wired } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { allow } from '../../platform/http/http.ts';
import type { Render } from '../../platform/http/render.ts';
import { languageOf, t } from '../../platform/locale.ts';
import {
  clientOfInteraction,
  finishInteraction,
  interactionOf,
  ofPerson,
  type InteractionSettings,
} from '../provider/interaction.ts';
import { formTargetOf, clientOwnerText, clientTitle } from './represent_text.ts';
import { letOffline, mustAskOffline, offlineRead, offlineShown, refuseOffline } from './offline.ts';
import { textOf } from '../../platform/as_text.ts';

interface OfflinePages extends InteractionSettings {
  render: Render;
  signedIn: SignedIn;
}

const PATH = '/interaction/:uid/offline';

export const offlinePages = (pages: Wired<OfflinePages>): Router =>
  pageRouter(pages, [
    { id: 'offline', path: PATH, show },
    { id: 'offline_answer', path: PATH, post: answer },
  ]);

/** The question, while this interaction is the person's to answer; TIL-00014 else. */
async function asked(ctx: Context, pages: OfflinePages) {
  const session = sessionOf(ctx);
  const details = ofPerson(await interactionOf(ctx, pages), session.party);
  if (details.params.authorization_details !== undefined)
    throw fault('TIL-00014', { because: 'asked with the choice' });
  const client = await clientOfInteraction(details, pages);
  const redirect = textOf(details.params.redirect_uri) ?? '';
  const question = { client: clientTitle(client), days: pages.refreshDays };
  const asking = await mustAskOffline(pages.act, details.params, session.party);
  return { session, client, redirect, question, asking };
}

async function show(ctx: Context, pages: OfflinePages): Promise<void> {
  const { session, client, redirect, question, asking } = await asked(ctx, pages);
  if (!asking) return finishInteraction(ctx, pages, { consent: {} });
  const language = languageOf(ctx);
  const { text, version } = offlineShown({ ...question, ...asking }, language);
  const [title, ...lines] = text;
  // The form's own POST ends at the client, which the policy must name.
  allow(ctx, 'form-action', [formTargetOf(redirect)]);
  pages.render(ctx, {
    view: 'oidc/offline',
    title: title!,
    who: { user: session.name, canSwitch: false },
    data: {
      action: ctx.path,
      csrf: session.csrf,
      shown: version,
      owner: clientOwnerText(client, language),
      lines,
      yes: t(language, 'offline.yes'),
      no: t(language, 'offline.no'),
    },
  });
}

async function answer({ ctx, pages, session, form }: Posted<OfflinePages>): Promise<undefined> {
  const { client, question } = await asked(ctx, pages);
  const shown = offlineRead(question, form.get('shown'));
  const said = form.get('answer');
  if (!shown || (said !== 'yes' && said !== 'no')) {
    await show(ctx, pages);
    return undefined;
  }
  const whose = { person: session.party, clientId: client.clientId };
  if (said === 'yes') await letOffline(pages.act, whose, shown);
  else if (shown.isAgain) await refuseOffline(pages.act, whose);
  // Whatever was said elsewhere meanwhile, this login is as was answered here.
  await finishInteraction(ctx, pages, { consent: { offline: said === 'yes' } });
  return undefined;
}
