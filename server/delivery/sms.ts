// SMS by a small contract of ours over HTTP, which any gateway can be put behind
// (docs/notices.md). It fetches; it knows no gateway.
import { callSystem } from '../platform/http/machine.ts';
import type { Sent } from './model.ts';

export interface SmsSettings {
  url: string;
  token: string | undefined;
}

export interface Sms {
  /** The same for each try: the gateway sends it once. */
  id: string;
  to: string;
  text: string;
}

/** Answers by which a message is refused for good. */
const REFUSED = [400, 422];

export const openSms = ({ url, token }: SmsSettings) => ({
  async send(sms: Sms): Promise<Sent> {
    const headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    try {
      const body = JSON.stringify(sms);
      const { ok, status } = await callSystem(url, { method: 'POST', headers, body });
      if (ok) return { verdict: 'sent' };
      return { verdict: REFUSED.includes(status) ? 'refused' : 'again', why: `${status}` };
    } catch {
      return { verdict: 'again', why: 'unreachable' };
    }
  },
});
