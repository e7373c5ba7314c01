// How registers are talked to: JSON over HTTPS with a machine token, a time limit, and one error
// for whatever goes wrong. It fetches; it knows no register.
import {
  authorizing,
  callSystem,
  SystemUnavailable,
  type MachineAuth,
} from '../../platform/http/machine.ts';

/** The fault of a document that could not be read, for whoever looks after the feed. */
export const unreadable = (error: unknown) =>
  error instanceof SystemUnavailable ? error.message : 'a document does not have its shape';

export type GetJson = (path: string) => Promise<{ status: number; body: any }>;

/** Reads paths below a register's address. Other statuses than 200, 404 and 410 are an outage. */
export function createGet(baseUrl: string, auth: MachineAuth | undefined): GetJson {
  const authorized = authorizing(auth);
  return async (path) => {
    const headers = { accept: 'application/json', ...(await authorized()) };
    const answer = await callSystem(baseUrl + path, { headers });
    if (![200, 404, 410].includes(answer.status))
      throw new SystemUnavailable(`${answer.status} from ${new URL(baseUrl).host}`);
    try {
      return {
        status: answer.status,
        body: answer.status === 200 ? await answer.json() : undefined,
      };
    } catch (cause) {
      throw new SystemUnavailable(`no JSON from ${new URL(baseUrl).host}`, { cause });
    }
  };
}

export type PostJson = (path: string, body: unknown, limitMillis: number) => Promise<any>;

/** Asks a register that is asked live; undefined when it does not answer within the limit. */
export function createPost(
  baseUrl: string,
  auth: MachineAuth | undefined,
  further: () => Record<string, string> = () => ({}),
): PostJson {
  return async (path, body, limitMillis) => {
    try {
      const answer = await fetch(baseUrl + path, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(limitMillis),
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...further(),
          ...(auth?.token ? { authorization: `Bearer ${auth.token}` } : {}),
        },
      });
      return answer.ok ? await answer.json() : undefined;
    } catch {
      return undefined;
    }
  };
}
