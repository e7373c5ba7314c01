// The registers of the configuration, each with its adapter: the two with shapes of their own,
// those of our feed format, and those that are asked live. It knows no fact.
import type { RegisterSetting } from '../../platform/env/lists.ts';
import { enhetsregisteret } from './enhetsregisteret.ts';
import { feedSource } from './feed.ts';
import { createPost } from './fetch.ts';
import { folkeregisteret } from './folkeregisteret.ts';
import { MAPPINGS } from './feed_model.ts';
import type { Register, RegisterSource } from '../model.ts';
import { textOf } from '../../platform/as_text.ts';

/** The share of a source's facts that one night may end, unless the setting says another. */
const AT_MOST = 0.05;
/** Look-ups a second of a comparison, unless the setting says another. */
const PER_SECOND = 200;

export function openSources(settings: RegisterSetting[]): RegisterSource[] {
  return settings.flatMap((setting) =>
    openRegister(setting).map((register) => ({
      ...register,
      repair: setting.repair ?? 'end',
      atMost: setting.repairAtMost ?? AT_MOST,
      perSecond: setting.comparePerSecond ?? PER_SECOND,
    })),
  );
}

function openRegister(setting: RegisterSetting): Register[] {
  switch (setting.source) {
    case 'enhetsregisteret':
      return [enhetsregisteret(setting.url, setting.auth, setting.signingUrl)];
    case 'folkeregisteret':
      return [folkeregisteret(setting.url, setting.auth)];
    default:
      return MAPPINGS[setting.source]
        ? [feedSource(setting.source, setting.url, setting.auth, MAPPINGS[setting.source]!)]
        : [];
  }
}

/**
 * A register of powers of attorney that is asked at the moment and never copied.
 */
export interface LiveRegister {
  code: string;
  /** Whether `to` may act for `from` in this matter; undefined when it does not answer. */
  decide(from: string, to: string, code: string): Promise<boolean | undefined>;
  /** The register's entries about a person, for an overview; undefined when it does not answer. */
  describe(
    party: string,
  ): Promise<{ from: string; to: string; text: string; editUrl: string | null }[] | undefined>;
}

const DECIDE_MILLIS = 1_000;
const DESCRIBE_MILLIS = 1_000;
/** Rows of one register at most. */
const MOST = 200;

/** A row about the party that was asked about, in words that can be kept apart. */
const isTold =
  (party: string) =>
  (one: unknown): one is Record<string, unknown> => {
    if (typeof one !== 'object' || one === null) return false;
    const { from, to } = one as Record<string, unknown>;
    const isName = (side: unknown) => typeof side === 'string' && /^\w{1,20}$/.test(side);
    return [from, to].includes(party) && isName(from) && isName(to);
  };

/** A link that a person may be sent to: a web address, and nothing else that a register may say. */
const webAddress = (said: unknown): string | null =>
  typeof said === 'string' && /^https?:\/\//.test(said) && URL.canParse(said) ? said : null;

/** Registers that are asked live; `headers` are further ones of each call. */
export function openLive(
  settings: RegisterSetting[],
  headers?: () => Record<string, string>,
): LiveRegister[] {
  return settings
    .filter((setting) => setting.live)
    .map((setting) => {
      const post = createPost(setting.url, setting.auth, headers);
      return {
        code: setting.source,
        async decide(from, to, code) {
          const answer = await post('/decide', { from, to, code }, DECIDE_MILLIS);
          return typeof answer?.permit === 'boolean' ? answer.permit : undefined;
        },
        async describe(party) {
          const answer = await post('/describe', { party }, DESCRIBE_MILLIS);
          if (!Array.isArray(answer?.mandates)) return undefined;
          return (answer.mandates as unknown[])
            .filter(isTold(party))
            .slice(0, MOST)
            .map((one) => ({
              from: textOf(one.from) ?? '',
              to: textOf(one.to) ?? '',
              text: (textOf(one.text) ?? '').slice(0, 500),
              editUrl: webAddress(one.editUrl),
            }));
        },
      };
    });
}
