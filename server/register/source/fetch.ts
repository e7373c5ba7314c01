// How registers are talked to: JSON over HTTPS with a machine token, a time limit, and one error
// for whatever goes wrong. It fetches; it knows no register.
import { SignJWT, importJWK, type JWK } from 'jose';
import { randomUUID } from 'node:crypto';

/** How we show who we are: a fixed token, or a Maskinporten grant of our own. */
export interface RegisterAuth {
  token?: string;
  tokenUrl?: string;
  audience?: string;
  clientId?: string;
  key?: JWK;
  scope?: string;
}

export class RegisterUnavailable extends Error {}

/** The fault of a document that could not be read, for whoever looks after the feed. */
export const unreadable = (error: unknown) =>
  error instanceof RegisterUnavailable ? error.message : 'a document does not have its shape';

const LIMIT_MILLIS = 10_000;

export type GetJson = (path: string) => Promise<{ status: number; body: any }>;

/** Reads paths below a register's address. Other statuses than 200, 404 and 410 are an outage. */
export function createGet(baseUrl: string, auth: RegisterAuth | undefined): GetJson {
  let token: { value: string; until: number } | undefined;

  async function bearer(): Promise<string | undefined> {
    if (!auth?.tokenUrl) return auth?.token;
    if (token && token.until > performance.now()) return token.value;
    const key = await importJWK(auth.key!, 'RS256');
    const assertion = await new SignJWT({ scope: auth.scope })
      .setProtectedHeader({ alg: 'RS256', kid: auth.key!.kid! })
      .setIssuer(auth.clientId!)
      .setAudience(auth.audience!)
      .setIssuedAt()
      .setExpirationTime('100s')
      .setJti(randomUUID())
      .sign(key);
    const answer = await request(auth.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      }),
    });
    const { access_token: value, expires_in: seconds } = (await answer.json()) as {
      access_token: string;
      expires_in: number;
    };
    token = { value, until: performance.now() + (seconds - 10) * 1000 };
    return value;
  }

  return async (path) => {
    const value = await bearer();
    const answer = await request(baseUrl + path, {
      headers: {
        accept: 'application/json',
        ...(value ? { authorization: `Bearer ${value}` } : {}),
      },
    });
    if (![200, 404, 410].includes(answer.status))
      throw new RegisterUnavailable(`${answer.status} from ${new URL(baseUrl).host}`);
    try {
      return {
        status: answer.status,
        body: answer.status === 200 ? await answer.json() : undefined,
      };
    } catch (cause) {
      throw new RegisterUnavailable(`no JSON from ${new URL(baseUrl).host}`, { cause });
    }
  };
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MILLIS),
    });
  } catch (cause) {
    throw new RegisterUnavailable(`no answer from ${new URL(url).host}`, { cause });
  }
}

export type PostJson = (path: string, body: unknown, limitMillis: number) => Promise<any>;

/** Asks a register that is asked live; undefined when it does not answer within the limit. */
export function createPost(
  baseUrl: string,
  auth: RegisterAuth | undefined,
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
