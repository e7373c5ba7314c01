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
const SENDER = /^(?:[^<>"\r\n]{1,100} )?<?[^\s@<>,]{1,64}@[a-z0-9.-]{1,190}>?$/i;
/** The ways by which people hear; none where NOTIFY is off. */
export function readNotify(
  { text, flag }: SettingsReader,
  production: boolean,
  fault: Report,
): Notify | undefined {
  if (!flag('NOTIFY', false)) return undefined;
  const register = registerIn(text('CONTACT_REGISTER'), production, fault);
  const [smtp, from, url] = [text('SMTP_URL'), text('MAIL_FROM'), text('SMS_URL')];
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
