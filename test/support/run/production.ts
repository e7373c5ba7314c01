// The settings of a node of production as a test starts one, on a database of its own.
import { ownDatabase } from './process.ts';
import { freePort, world } from '../world.ts';

export async function productionSettings(port: number): Promise<Record<string, string>> {
  const { DATABASE_URL, DATA_DIR, LOG_CHECKPOINTS } = await ownDatabase();
  return {
    ...(DATABASE_URL ? { DATABASE_URL } : { DATABASE: 'embedded', DATA_DIR: DATA_DIR! }),
    NODE_ENV: 'production',
    LOG_CHECKPOINTS: LOG_CHECKPOINTS!,
    ISSUER: 'https://fullmakt.example',
    SECRET: 'u8p7Wv2nqYtL0aXcZr5mKe3JbHd9fSgQ1oTiNxEwRlU=',
    EID_ISSUER: 'https://eid.example',
    EID_CLIENT_ID: 'tillit',
    EID_CLIENT_SECRET: 'Qm3vX8tLpZ2nWc7rYk5jHf9s',
    TRUSTED_PROXIES: '127.0.0.1',
    OPERATOR: world.env.operator!,
    OPERATOR_NAME: 'Our Agency',
    PORT: String(port),
    METRICS_PORT: String(await freePort()),
    MIGRATE: DATABASE_URL ? 'never' : 'start',
    DRAIN_SECONDS: '0',
  };
}
