// Systems in words: by whom each is supplied. It decides nothing.
import type { Act } from '../../platform/act.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { ownName } from '../../supplier/system/model.ts';
import { findOrigins, type SystemOrigin } from '../../supplier/system/user_store.ts';

/** The system of a system user, and its vendor. */
const originText = (
  { systemId, systemName, vendorName }: SystemOrigin,
  language: Language,
): string =>
  t(language, 'systems.supplied', {
    system: pick(systemName, language)?.text ?? ownName(systemId),
    known: vendorName === null ? 'no' : 'yes',
    vendor: vendorName ?? '',
    registered: systemName === null ? 'no' : 'yes',
  });

/** The same as a sentence. */
export const originSentence = (origin: SystemOrigin, language: Language): string =>
  t(language, 'systems.origin', { supplied: originText(origin, language) });

/** Each system user among the parties in words, by id. */
const eachOrigin =
  (say: (origin: SystemOrigin, language: Language) => string) =>
  async (
    act: Act,
    parties: { id: string; kind: string }[],
    language: Language,
  ): Promise<Map<string, string>> =>
    new Map(
      [...(await findOrigins(act, parties))].map(([id, origin]) => [id, say(origin, language)]),
    );

/** The system and the vendor of each system user among the parties, by id. */
export const originsOf = eachOrigin(originText);
/** The same as sentences. */
export const originLines = eachOrigin(originSentence);

/** A party as `say` has it, a system with whose it is: where it is picked or looked over. */
export const withOrigin =
  <One extends { id: string }>(origins: Map<string, string>, say: (one: One) => string) =>
  (one: One): string =>
    [say(one), origins.get(one.id)].filter(Boolean).join('. ');
