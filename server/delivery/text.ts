// The words of notices outside the inbox. They name nobody and no thing, and have no link: who
// wants to know more logs in. Pure.
import Handlebars from 'handlebars';
import { readFileSync } from 'node:fs';
import { t, type Language } from '../platform/locale.ts';
import type { DeliveryKind } from './model.ts';

interface Said {
  kind: DeliveryKind;
  language: Language;
  /** The name of this site. */
  site: string;
}

/** The text of an SMS: one part, for the name of a site of 14 characters or fewer. */
export const smsOf = ({ kind, language, site }: Said): string =>
  t(language, `delivery.${kind}`, { site });

const html = Handlebars.compile(
  readFileSync(new URL('../../views/delivery/email.hbs', import.meta.url), 'utf8'),
);

export function emailOf(said: Said): { subject: string; text: string; html: string } {
  const { language, site } = said;
  const subject = t(language, 'delivery.subject', { site });
  const paragraphs = [smsOf(said), t(language, 'delivery.type_it', { site })];
  return {
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: html({ language, subject, paragraphs }),
  };
}
