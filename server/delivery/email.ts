// E-mails over SMTP (nodemailer): one receiver each, plain text and the same as HTML. What comes
// back says whether it was taken, is refused for good, or may be tried again.
import { createTransport } from 'nodemailer';
import type { Sent } from './model.ts';

export interface EmailSettings {
  /** `smtps://user:password@host:port`, or `smtp://`. */
  smtp: string;
  from: string;
  /** Whether the server must offer TLS. */
  requiresTls: boolean;
}

export interface Email {
  /** The same for each try, so that a receiver shows it once. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** The parts of an error of nodemailer that say whose fault it is. */
interface SmtpError {
  code?: string;
  /** The command that was refused. */
  command?: string;
  response?: string;
  responseCode?: number;
}
const OF_THE_MESSAGE = ['RCPT TO', 'DATA'];

const CONNECTIONS = 10;
const PATIENCE_MILLIS = 15_000;

export function openEmail({ smtp, from, requiresTls }: EmailSettings) {
  const transport = createTransport({
    url: smtp,
    pool: true,
    maxConnections: CONNECTIONS,
    requireTLS: requiresTls,
    connectionTimeout: PATIENCE_MILLIS,
    greetingTimeout: PATIENCE_MILLIS,
    socketTimeout: PATIENCE_MILLIS,
    // No part of a message is read from elsewhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  return {
    async send({ id, ...email }: Email): Promise<Sent> {
      try {
        await transport.sendMail({
          ...email,
          from,
          messageId: `<${id}@${domain}>`,
          // Nobody's absence is to be answered (RFC 3834 §5).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { verdict: 'sent' };
      } catch (error) {
        const { responseCode, code, command, response } = error as SmtpError;
        // A refusal of the message or its receiver is for good; one of us, as that we may not send
        // (RFC 3463 §3.8), is the operator's to mend.
        const isOfIt = OF_THE_MESSAGE.includes(command ?? '') && !/\b5\.7\./.test(response ?? '');
        const isRefused = (responseCode ?? 0) >= 500 && isOfIt;
        return { verdict: isRefused ? 'refused' : 'again', why: `${responseCode ?? code}` };
      }
    },
    close: () => transport.close(),
  };
}
