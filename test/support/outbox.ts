// The world outside to which notices go: a real mail server, an SMS gateway and the contact
// register, each of which keeps what it gets and answers as a test says; and a node that sends.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { createApp } from '../../server/app.ts';
import type { Env } from '../../server/platform/env/env.ts';
import { t, type Language } from '../../server/platform/locale.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { workOf } from './run/jobs.ts';
import { newPerson, world, type TestParty } from './world.ts';

/** Milliseconds until clocks in Oslo next show the hour, and a minute. */
export function until(hour: number): number {
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' },
  });
  let wait = 0;
  while (Number(clock.format(Date.now() + wait)) !== hour) wait += 60_000;
  return wait + 60_000;
}

/** Milliseconds until the day's messages are due, and a minute. */
export function morning(): number {
  const nine = until(9);
  // Within that hour those of tomorrow are next.
  return nine > 60_000 ? nine : until(10) + 23 * 3_600_000;
}

/** A notice that came by itself. */
export async function insertNotice(
  party: TestParty,
  type: string,
  about: { mandate_id?: string; consent_id?: string; by_party?: string } = {},
): Promise<void> {
  const now = Date.now();
  const hex = now.toString(16).padStart(12, '0');
  const rest = Math.random().toString(16).slice(2, 14).padEnd(12, '0');
  const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${rest}`;
  await world.database.db('notice').insert({
    ...{ id, party: party.id, type, at: new Date(now) },
    ...about,
  });
}

export interface GotEmail {
  to: string;
  id: string;
  isAutomatic: boolean;
  subject: string;
  text: string;
  html: string;
}
export interface GotSms {
  id: string;
  to: string;
  text: string;
}

/** An entry of the contact register in its own shape, with what a test says of a person. */
export const entryOf = (number: string, changes: object = {}) => ({
  personidentifikator: number,
  ...{ reservasjon: 'NEI', status: 'AKTIV', varslingsstatus: 'KAN_VARSLES' },
  kontaktinformasjon: {
    epostadresse: `p${number}@example.org`,
    epostadresse_sist_verifisert: new Date().toISOString(),
    mobiltelefonnummer: '+4791234567',
    mobiltelefonnummer_sist_verifisert: new Date().toISOString(),
  },
  ...changes,
});

const bodyOf = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
};

/** Opens all of it for a file of tests, which is closed after it. */
export function outbox() {
  const box = {
    emails: [] as GotEmail[],
    sms: [] as GotSms[],
    /** Entries of the register, by number; it knows nobody else. */
    register: new Map<string, object>(),
    /** The numbers that it was asked for, look-up by look-up. */
    askedFor: [] as string[][],
    isRegisterDown: false,
    /** Numbers that the register cannot take. */
    isRefused: (_number: string): boolean => false,
    /** The code with which the mail server refuses a receiver; undefined takes the message. */
    refuses: (_to: string): number | string | undefined => undefined,
    smsStatus: 202,
    /** Gives out what there is, and sends what is due. */
    send: async () => {},
    spread: async () => {},
    /** A person whom the register knows, or not where it is null. */
    async person(name: string, entry: object | null = {}): Promise<TestParty> {
      const one = await newPerson(name);
      if (entry) box.register.set(one.number, entryOf(one.number, entry));
      return one;
    },
    emailsTo: ({ number }: TestParty) =>
      box.emails.filter(({ to }) => to === `p${number}@example.org`),
    words: (kind: string, language: Language = 'nb') =>
      t(language, `delivery.${kind}`, { site: new URL(world.url).host }),
    /** How what a person is sent stands, in the order in which it was seen to. */
    async statesOf({ id }: TestParty): Promise<string[]> {
      const { rows } = await world.database.db.raw(
        'select kind, channel, state, why from notice_delivery where person = ? order by made_at, channel',
        [id],
      );
      return rows.map(({ kind, channel, state, why }: Record<string, string>) =>
        [kind, channel, state, why].filter(Boolean).join(' '),
      );
    },
  };
  let close = async () => {};
  before(async () => {
    const mail = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo({ address }, _session, done) {
        const said = box.refuses(address);
        if (said === undefined) return done();
        const [code, ...words] = `${said}`.split(' ');
        const error = new Error(words.join(' ') || 'no');
        done(Object.assign(error, { responseCode: Number(code) }));
      },
      async onData(stream, session, done) {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        const parsed = await PostalMime.parse(Buffer.concat(chunks));
        const { messageId, subject, text, html, headers } = parsed;
        const automatic = headers.find(({ key }) => key === 'auto-submitted');
        box.emails.push({
          to: session.envelope.rcptTo[0]!.address,
          id: messageId!,
          isAutomatic: automatic?.value === 'auto-generated',
          ...{ subject: subject!, text: text!, html: html! },
        });
        done();
      },
    });
    await new Promise<void>((ready) => mail.listen(0, '127.0.0.1', ready));
    const http = createServer(async (request, response) => {
      const body = await bodyOf(request);
      if (request.url === '/sms') {
        if (box.smsStatus < 300) box.sms.push(body);
        return response.writeHead(box.smsStatus).end();
      }
      if (box.isRegisterDown) return response.writeHead(503).end();
      const numbers: string[] = body.personidentifikatorer;
      if (numbers.some((number) => box.isRefused(number))) return response.writeHead(400).end();
      box.askedFor.push(numbers);
      const unknown = (number: string) => ({
        ...{ personidentifikator: number, reservasjon: 'NEI', status: 'IKKE_REGISTRERT' },
        varslingsstatus: 'KAN_IKKE_VARSLES',
      });
      const personer = numbers.map((number) => box.register.get(number) ?? unknown(number));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ personer }));
    });
    await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
    const at = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
    const notify: Env['notify'] = {
      register: { url: `http://127.0.0.1:${at(http)}/personer`, auth: { token: 't' } },
      email: {
        smtp: `smtp://127.0.0.1:${at(mail.server)}`,
        from: 'Varsel <varsel@tillit.example>',
        requiresTls: false,
      },
      sms: { url: `http://127.0.0.1:${at(http)}/sms`, token: 's' },
    };
    const app = await createApp({
      env: { ...world.env, notify },
      database: world.database,
      log: createLogger('debug', (line) => world.logs.push(line)),
      metrics: createMetrics(),
    });
    const work = workOf(app);
    box.spread = async () => void (await work.run('delivery.spread'));
    box.send = async () => {
      await box.spread();
      await work.run('delivery.send');
    };
    close = async () => {
      await app.settle();
      await new Promise<void>((done) => mail.close(done));
      http.close();
    };
    // Other tests have left notices that are nobody's here.
    await box.send();
  });
  beforeEach(async () => {
    await box.send();
    for (const list of [box.emails, box.sms, box.askedFor]) list.length = 0;
  });
  after(() => close());
  return box;
}
