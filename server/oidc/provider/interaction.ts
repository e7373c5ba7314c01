// An interaction: the provider's stop at which a person is asked something. Its pages and those of
// the person's choices find it here, and end it here.
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { InteractionResults } from 'oidc-provider';
import type { Login } from '../../caller/login.ts';
import type { Numbers } from '../../caller/numbers.ts';
import type { Sessions } from '../../caller/session.ts';
import type { QuietDays } from '../../consent/ask/refusal.ts';
import type { Deciding } from '../../decision/act.ts';
import { textOf } from '../../platform/as_text.ts';
import type { RefreshDays } from '../../platform/env/env.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { seeOther } from '../../platform/http/http.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import type { Client, Clients } from '../client/clients.ts';

export interface InteractionSettings {
  act: Deciding;
  provider: () => Provider;
  sessions: Sessions;
  login: Login;
  clients: Clients;
  seal: Seal;
  numbers: Numbers;
  issuer: string;
  quietDays: QuietDays;
  renewDays: number;
  refreshDays: RefreshDays;
}

export type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The interaction of this browser and address; TIL-00014 when there is none. */
export function interactionOf(ctx: Context, settings: InteractionSettings): Promise<Details> {
  return settings
    .provider()
    .interactionDetails(ctx.req, ctx.res)
    .catch((cause) => {
      throw cause instanceof Fault
        ? cause
        : fault('TIL-00014', { cause, because: 'no such interaction' });
    });
}

/** The interaction, where it is this person's; TIL-00014 when it is another's. */
export function ofPerson(details: Details, party: string): Details {
  if (details.session?.accountId !== party)
    throw fault('TIL-00014', { because: 'another person is logged in' });
  return details;
}

export async function clientOfInteraction(
  { params }: Details,
  { clients }: InteractionSettings,
): Promise<Client> {
  return (await clients.find(textOf(params.client_id) ?? '')) as Client;
}

/** Ends the interaction and goes on to where the provider says. */
export async function finishInteraction(
  ctx: Context,
  { provider }: InteractionSettings,
  result: InteractionResults,
): Promise<void> {
  const returnTo = await provider().interactionResult(ctx.req, ctx.res, result, {
    mergeWithLastSubmission: true,
  });
  seeOther(ctx, returnTo);
}
