// How this server shows other systems who it is: by a fixed token, or by one that it draws with a
// signed assertion of its own (RFC 7523 §2.1, as Maskinporten wants it) and keeps until it ends. It
// fetches; it knows no system.
import { SignJWT, importJWK, type JWK } from 'jose';
import { randomUUID } from 'node:crypto';

/** A fixed token, or what one is drawn with. */
export interface MachineAuth {
  token?: string;
  tokenUrl?: string;
  audience?: string;
  clientId?: string;
  key?: JWK;
  scope?: string;
}

/** A system that does not answer, or answers otherwise than it should. */
export class SystemUnavailable extends Error {}

const LIMIT_MILLIS = 10_000;

/** Calls a system that the operator names; throws SystemUnavailable where it does not answer. */
export async function callSystem(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MILLIS),
      ...init,
    });
  } catch (cause) {
    throw new SystemUnavailable(`no answer from ${new URL(url).host}`, { cause });
  }
}

/** The `authorization` header of calls to a system; none where it asks for none. */
export function authorizing(auth: MachineAuth | undefined): () => Promise<Record<string, string>> {
  let token: { value: string; until: number } | undefined;

  async function draw(tokenUrl: string): Promise<string> {
    if (token && token.until > performance.now()) return token.value;
    const key = await importJWK(auth!.key!, 'RS256');
    const assertion = await new SignJWT({ scope: auth!.scope })
      .setProtectedHeader({ alg: 'RS256', kid: auth!.key!.kid! })
      .setIssuer(auth!.clientId!)
      .setAudience(auth!.audience!)
      .setIssuedAt()
      .setExpirationTime('100s')
      .setJti(randomUUID())
      .sign(key);
    const answer = await callSystem(tokenUrl, {
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

  return async (): Promise<Record<string, string>> => {
    const value = auth?.tokenUrl ? await draw(auth.tokenUrl) : auth?.token;
    return value ? { authorization: `Bearer ${value}` } : {};
  };
}
