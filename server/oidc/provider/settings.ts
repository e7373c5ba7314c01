// The settings with which the authorization server is built.
import type { Restoration } from '../../platform/restoration_store.ts';
import type { NewAct } from '../../decision/act.ts';
import type { Context } from 'koa';
import type { Sessions } from '../../caller/session.ts';
import type { Logger } from '../../platform/log.ts';
import type { Env } from '../../platform/env/env.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import type { Clients } from '../client/clients.ts';
import type { Keyring } from '../keys/keys.ts';
import type { ReplayMarks } from '../grant/replay.ts';
import type { Tries } from '../client/tries.ts';

export interface ProviderSettings {
  newAct: NewAct;
  env: Env;
  seal: Seal;
  sessions: Sessions;
  keyring: Keyring;
  clients: Clients;
  marks: ReplayMarks;
  tries: Tries;
  log: Logger;
  /** The last time that the database was set back: marks of assertions of before may be lost. */
  restored: Restoration | undefined;
  /** The page whose button posts the answer to the client. */
  renderPost: (ctx: Context, action: string, inputs: Record<string, string>) => void;
  renderError: (ctx: Context, out: { error: string; error_description?: string }) => void;
}
