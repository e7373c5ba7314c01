// Stand-ins for all that notices to people go by: a contact register in which every synthetic
// person stands, an SMS gateway and a mail server, and a page that shows what came. For the demo
// only.
import Koa from 'koa';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

interface Person {
  number: string;
  name: string;
}

/** A message as the page shows it, with the name of the one that it was for. */
interface Message {
  to: string;
  way: string;
  at: Date;
  text: string;
}

const MOST = 200;
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** An address of the person's own, which follows from the name and the number. */
const emailOf = ({ name, number }: Person): string => {
  const ascii = name.toLowerCase().replace(/æ/g, 'ae').replace(/ø/g, 'o').replace(/å/g, 'a');
  return `${ascii.replace(/[^a-z]+/g, '.')}.${number.slice(-4)}@post.example`;
};
const mobileOf = ({ number }: Person): string => `+479${number.slice(-7)}`;

export function createMailbox(people: Person[]) {
  const messages: Message[] = [];
  const nameOf = new Map(
    people.flatMap((one) => [
      [emailOf(one), one.name],
      [mobileOf(one), one.name],
    ]),
  );
  function keep(address: string, way: string, text: string): void {
    messages.unshift({ to: nameOf.get(address) ?? address, way, at: new Date(), text });
    messages.length = Math.min(messages.length, MOST);
  }

  const mail = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(chunks)).then(({ subject = '', text = '' }) => {
          for (const { address } of session.envelope.rcptTo)
            keep(address, `E-post: ${subject}`, text);
          done();
        }, done);
      });
    },
  });

  /** The contact register's answer, in its own shape. */
  function lookUp(numbers: string[]) {
    const confirmed = new Date().toISOString();
    const known = new Map(people.map((one) => [one.number, one]));
    return numbers.map((personidentifikator) => {
      const one = known.get(personidentifikator);
      const info = one && {
        ...{ epostadresse: emailOf(one), epostadresse_sist_verifisert: confirmed },
        ...{ mobiltelefonnummer: mobileOf(one), mobiltelefonnummer_sist_verifisert: confirmed },
      };
      return {
        ...{ personidentifikator, reservasjon: 'NEI' },
        status: one ? 'AKTIV' : 'IKKE_REGISTRERT',
        varslingsstatus: one ? 'KAN_VARSLES' : 'KAN_IKKE_VARSLES',
        ...(info ? { kontaktinformasjon: info } : {}),
      };
    });
  }

  const app = new Koa();
  app.use(async (ctx) => {
    const chunks: Buffer[] = [];
    for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
    const said = Buffer.concat(chunks).toString();
    if (ctx.path === '/personer' && ctx.method === 'POST')
      ctx.body = { personer: lookUp(JSON.parse(said).personidentifikatorer) };
    else if (ctx.path === '/sms' && ctx.method === 'POST') {
      const { to, text } = JSON.parse(said) as { to: string; text: string };
      keep(to, 'SMS', text);
      ctx.status = 202;
    } else if (ctx.path === '/') {
      ctx.type = 'html';
      ctx.body = pageOf(messages);
    }
  });
  return { app, mail };
}

const pageOf = (messages: Message[]): string => {
  const list = messages.map(
    ({ to, way, at, text }) =>
      `<article><h2>Til ${escapeHtml(to)}</h2><p>${escapeHtml(way)}, kl. ${at.toLocaleTimeString('nb-NO', { timeZone: 'Europe/Oslo' })}</p><pre style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(text)}</pre></article>`,
  );
  return `<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Postkassen</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>Postkassen</h1>
<p>Her ser du det som ble sendt til de oppdiktede personene, det siste først.</p>${list.join('') || '<p>Det er tomt her.</p>'}</main></body></html>`;
};
