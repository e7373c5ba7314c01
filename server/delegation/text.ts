// Explains mandates that come near to opening something: what is the matter with each, since when,
// and what the reader can do about it.
import { formatDate, inEach, pick, t, type Language, type Translated } from '../platform/locale.ts';
import type { Catalogue } from '../resource/catalogue/model.ts';
import type { Near } from './why/model.ts';

interface Telling {
  catalogue: Catalogue;
  /** The name of the resource that was asked about. */
  title: Translated | undefined;
  side: 'giver' | 'receiver';
}

function nameOf({ mandate }: Near, { catalogue, title }: Telling, language: Language): string {
  const { role, package: code, resource } = mandate;
  const [texts, fallback] =
    code !== null
      ? [catalogue.packages.get(code)?.name, code]
      : role !== null
        ? [catalogue.roles.get(role)?.name, role]
        : [title, resource!];
  return pick(texts, language)?.text ?? fallback;
}

/** One sentence in every language: what is the matter. */
export const nearTexts = (near: Near, telling: Telling) =>
  inEach((language) =>
    t(language, `decision.near.${near.why}`, {
      what: nameOf(near, telling, language),
      date: near.at ? formatDate(language, near.at) : '',
      lack: near.lacks ? t(language, `decision.lack.${near.lacks}`) : '',
    }),
  );

/** And what to do about it; what a register says is changed there. */
export const nextTexts = (near: Near, { side }: Telling) =>
  inEach((language) =>
    near.mandate.basis === 'register'
      ? t(language, 'decision.next.register')
      : t(language, `decision.next.${side}.${near.why}`, {
          ...{ from: near.mandate.fromName, to: near.mandate.toName },
        }),
  );
