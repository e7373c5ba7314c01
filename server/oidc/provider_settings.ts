// The settings with which the authorization server is built.
import type { Context } from 'koa';
import type { Sessions } from '../caller/session.ts';
import type { Redeem } from '../consent/redeem.ts';
import type { DecisionPoint } from '../decision/point.ts';
import type { Env } from '../platform/env.ts';
import type { Seal } from '../platform/seal.ts';
import type { Clients } from './clients.ts';
import type { Keyring } from './keys.ts';
import type { ReplayMarks } from './replay.ts';
import type { Tries } from './tries.ts';

export interface ProviderSettings {
  point: DecisionPoint;
  redeem: Redeem;
  env: Env;
  seal: Seal;
  sessions: Sessions;
  keyring: Keyring;
  clients: Clients;
  marks: ReplayMarks;
  tries: Tries;
  /** The page whose button posts the answer to the client. */
  renderPost: (ctx: Context, action: string, inputs: Record<string, string>) => void;
  renderError: (ctx: Context, out: { error: string; error_description?: string }) => void;
}
