// Settings of notices to people outside the inbox: the contact register, and the ways by which a
// message goes out.
import type { MachineAuth } from '../http/machine.ts';
import { checkAuth, checkUrl, type Report } from './lists.ts';
import type { SettingsReader } from './reader.ts';

export interface Notify {
  register: { url: string; auth: MachineAuth | undefined };
  email: { smtp: string; from: string; requiresTls: boolean } | undefined;
  sms: { url: string; token: string | undefined } | undefined;
}

/** One address, with or without a name before it. */
const ADDRESS = String.raw`[^\s@<>,"]{1,64}@[a-z0-9.-]{1,190}`;
const SENDER = new RegExp(`^(?:[^<>"@,]{1,100} <${ADDRESS}>|${ADDRESS})$`, 'i');
/** The mailbox of the demo (clients/mailbox). */
const standIns = (port: number) => ({
  register: JSON.stringify({ url: `http://127.0.0.1:${port + 5}/personer` }),
  smtp: `smtp://127.0.0.1:${port + 6}`,
  from: 'Samtykke og fullmakt <varsel@tillit.example>',
  sms: `http://127.0.0.1:${port + 5}/sms`,
});

/** The ways by which people hear; none where NOTIFY is off. */
export function readNotify(
  { text, flag }: SettingsReader,
  { production, demo, port }: { production: boolean; demo: boolean; port: number },
  fault: Report,
): Notify | undefined {
  if (!flag('NOTIFY', demo)) return undefined;
  const standIn = demo ? standIns(port) : { register: '', smtp: '', from: '', sms: '' };
  const register = registerIn(text('CONTACT_REGISTER', standIn.register), production, fault);
  const [smtp, from] = [text('SMTP_URL', standIn.smtp), text('MAIL_FROM', standIn.from)];
  const url = text('SMS_URL', standIn.sms);
  if (!smtp && !url) fault('NOTIFY', 'needs SMTP_URL or SMS_URL');
  if (smtp && !(URL.canParse(smtp) && /^smtps?:$/.test(new URL(smtp).protocol)))
    fault('SMTP_URL', 'must be smtps://… or smtp://…');
  if (smtp && !SENDER.test(from)) fault('MAIL_FROM', 'must be an e-mail address');
  if (url) checkUrl('SMS_URL', url, production, fault);
  return {
    register,
    email: smtp ? { smtp, from, requiresTls: production } : undefined,
    sms: url ? { url, token: text('SMS_TOKEN') || undefined } : undefined,
  };
}

function registerIn(raw: string, production: boolean, fault: Report): Notify['register'] {
  let said: { url?: unknown; auth?: MachineAuth } | undefined;
  try {
    said = JSON.parse(raw || '{}') as typeof said;
  } catch {
    said = undefined;
  }
  const url = typeof said?.url === 'string' ? said.url : '';
  checkUrl('CONTACT_REGISTER', url, production, fault);
  checkAuth('CONTACT_REGISTER.auth', said?.auth, production, fault);
  return { url, auth: said?.auth };
}
