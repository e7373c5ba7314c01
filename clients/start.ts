// Starts the outside world of the demo on loopback: the stand-in eID, the bank, the tax authority's
// API, the registers and the mailbox, and prints where to begin. Tillit is found by TILLIT_URL, its
// eID by EID_URL; REGISTER_JOURNAL is where the registers keep what happens.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Bank } from './bank/app.ts';
import { createEid } from './eid/app.ts';
import { createRegisters } from './registers/app.ts';
import { createMailbox } from './mailbox/app.ts';
import { goOn } from './signals.ts';
import { createTaxApi, taxSignals } from './tax-api/app.ts';

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const issuer = process.env.TILLIT_URL ?? 'http://127.0.0.1:3000';
const eidIssuer = process.env.EID_URL ?? 'http://127.0.0.1:3001';
const port = Number(new URL(eidIssuer).port);
const bankUrl = `http://127.0.0.1:${port + 1}`;
const taxUrl = `http://127.0.0.1:${port + 2}`;

const world = read('./world/1-people.json');
const parties = world.parties as { kind: string; number: string; name: string }[];
const people = parties.filter((party) => party.kind === 'person');
const nameOf = new Map(parties.map((party) => [party.number, party.name]));
const roleOf = new Map(
  (read('../deploy/base/1-catalogue.json').roles as { code: string; name: { nb: string } }[]).map(
    (role) => [role.code, role.name.nb],
  ),
);
const notes = new Map<string, string>();
for (const { role, from, to } of world.roleHolders as {
  role: string;
  from: string;
  to: string;
}[]) {
  notes.set(
    to,
    [notes.get(to), `${roleOf.get(role)} (${nameOf.get(from)})`].filter(Boolean).join(', '),
  );
}
const organizationNo = parties.find((party) => party.name === 'Eksempelbanken AS')!.number;

const eid = createEid({
  issuer: eidIssuer,
  client: {
    id: 'tillit',
    secret: 'development-only-eid-secret',
    redirectUri: `${issuer}/login/callback`,
    postLogoutRedirectUri: `${issuer}/logged-out`,
  },
  people: people.map(({ number, name }) => ({
    number,
    name,
    ...(notes.has(number) ? { note: notes.get(number)! } : {}),
  })),
});
const bank = new Bank({
  issuer,
  url: bankUrl,
  taxApi: taxUrl,
  machineClientId: 'eksempelbanken',
  webClientId: 'eksempelbanken-nett',
  organizationNo,
  key: read('./bank/key.json'),
  resource: 'inntekt',
  scope: 'testskatt:inntekt',
});
const tax = {
  issuer,
  clientId: 'testskatt-api',
  key: read('./tax-api/key.json'),
  resource: 'inntekt',
  scope: 'testskatt:inntekt',
};
const heard = taxSignals(tax);
const taxApi = createTaxApi(tax, heard);

process.on('uncaughtException', (error: NodeJS.ErrnoException & { port?: number }) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `The demo's port ${error.port} is in use. Stop what uses it and start again.`
      : error.stack,
  );
  process.exit(1);
});
const mailbox = createMailbox(people);
const servers = [
  eid.listen(port, '127.0.0.1'),
  bank.app(people).listen(port + 1, '127.0.0.1'),
  taxApi.listen(port + 2, '127.0.0.1'),
  createRegisters(world, process.env.REGISTER_JOURNAL).app.listen(port + 3, '127.0.0.1'),
  mailbox.app.listen(port + 4, '127.0.0.1'),
  mailbox.mail.listen(port + 5, '127.0.0.1'),
];
await Promise.all(
  servers.map(
    (server) =>
      new Promise<void>((ready, failed) => {
        server.once('error', failed);
        if (server.address() as AddressInfo | null) ready();
        else server.once('listening', ready);
      }),
  ),
);

// The bank hears of its consents by push, the tax authority by poll.
let isSubscribed = false;
void goOn(
  async () => {
    await bank.subscribe();
    isSubscribed = true;
  },
  () => isSubscribed,
);
void goOn(
  () => heard.poll(),
  () => false,
);

process.send?.('ready');
console.log(`Tillit      ${issuer}`);
console.log(`Begin       ${bankUrl}  – the bank asks, you answer, it fetches, you withdraw`);
console.log(
  `Log in as   ${people[0]!.name} (a citizen), or Daniel Eksempelsen (a managing director)`,
);
console.log(`Mailbox     http://127.0.0.1:${port + 4}  – what people are sent by e-mail and SMS`);
console.log(
  "With curl   see README.md: node server/launch.js clients/token.ts prints access tokens of the demo's machines and people",
);

const stop = () => servers.forEach((server) => server.close());
process.on('SIGTERM', () => {
  stop();
  process.exit(0);
});
process.on('SIGINT', () => {
  stop();
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));
