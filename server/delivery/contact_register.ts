// The contact and reservation register, asked at the moment of sending and never copied (its public
// documentation, "Oppslagstjenesten REST"): who is reserved, and how everybody else is reached. It
// talks to the register with a machine token.
import {
  authorizing,
  callSystem,
  SystemUnavailable,
  type MachineAuth,
} from '../platform/http/machine.ts';
import { textOf } from '../platform/as_text.ts';
import type { Contact } from './model.ts';

/** Persons of one look-up, at most. */
const AT_ONCE = 1_000;
/**
 * Months after which an address is none that nobody has confirmed (eForvaltningsforskriften § 32).
 */
const CONFIRMED_MONTHS = 18;

/** How these are reached, by number; those that the register does not know are left out. */
export type ContactRegister = (numbers: string[], now: Date) => Promise<Map<string, Contact>>;

export function contactRegister(url: string, auth: MachineAuth | undefined): ContactRegister {
  const authorized = authorizing(auth);

  async function ask(numbers: string[]): Promise<unknown[]> {
    const answer = await callSystem(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(await authorized()),
      },
      body: JSON.stringify({ personidentifikatorer: numbers }),
    });
    // A number that the register cannot take is left out, and takes no other with it.
    if (answer.status === 400 || answer.status === 422) {
      const half = Math.ceil(numbers.length / 2);
      if (numbers.length < 2) return [];
      return [...(await ask(numbers.slice(0, half))), ...(await ask(numbers.slice(half)))];
    }
    const said = answer.ok ? await answer.json().catch(() => undefined) : undefined;
    const { personer } = (said ?? {}) as { personer?: unknown };
    if (!Array.isArray(personer))
      throw new SystemUnavailable(`${answer.status} from ${new URL(url).host}`);
    return personer;
  }

  return async (numbers, now) => {
    const contacts = new Map<string, Contact>();
    const unique = [...new Set(numbers)];
    for (let at = 0; at < unique.length; at += AT_ONCE)
      for (const person of await ask(unique.slice(at, at + AT_ONCE))) {
        const { personidentifikator: number } = (person ?? {}) as Record<string, unknown>;
        if (typeof number === 'string') contacts.set(number, contactOf(person as Said, now));
      }
    return contacts;
  };
}

interface Said {
  reservasjon?: unknown;
  status?: unknown;
  varslingsstatus?: unknown;
  spraak?: unknown;
  kontaktinformasjon?: Record<string, unknown> | null;
}

function contactOf(said: Said, now: Date): Contact {
  const { reservasjon, status, varslingsstatus, spraak } = said;
  const info = said.kontaktinformasjon ?? {};
  const mayBeUsed = status === 'AKTIV' && varslingsstatus === 'KAN_VARSLES';
  const since = new Date(now);
  since.setUTCMonth(since.getUTCMonth() - CONFIRMED_MONTHS);
  const confirmed = (name: string): string | null => {
    const value = textOf(info[name])?.trim();
    const times = [info[`${name}_oppdatert`], info[`${name}_sist_verifisert`]];
    const isRecent = times.some((time) => typeof time === 'string' && new Date(time) >= since);
    return mayBeUsed && value && isRecent ? value : null;
  };
  const email = confirmed('epostadresse');
  return {
    // Nothing is sent to somebody of whom the register does not say so.
    isReserved: reservasjon !== 'NEI',
    email: email !== null && isEmail(email) ? email : null,
    mobile: mobileOf(confirmed('mobiltelefonnummer')),
    language: spraak === 'nn' || spraak === 'en' || spraak === 'nb' ? spraak : null,
  };
}

/** One address and nothing beside it, so that it can name no other receiver. */
const isEmail = (text: string) => /^[^\s@<>,;:"()[\]\\]{1,64}@[a-z0-9.-]{1,190}$/i.test(text);

/** With the prefix of its country, Norway's where it has none; null for what is no number. */
function mobileOf(text: string | null): string | null {
  const digits = text?.replace(/[\s-]/g, '').replace(/^00/, '+');
  if (digits === undefined) return null;
  if (/^[49]\d{7}$/.test(digits)) return `+47${digits}`;
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}
