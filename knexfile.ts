// What the knex command line needs: `npx knex migrate:latest` and `migrate:make` against
// DATABASE_URL. The server migrates by itself at start; the embedded database is only ever opened
// by the server.
import { readEnv } from './server/platform/env/env.ts';
import { serverConfig } from './server/platform/db/db.ts';
import { migrations } from './server/platform/db/migrate.ts';

export default { ...serverConfig(readEnv()), migrations };
