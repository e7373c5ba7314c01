// The check as middleware, for koa and for express.
import { ConsentTokenError } from './refusal.ts';
import type { ConsentValidator, Wanted } from './verify.ts';

export const bearer = (header: string | undefined) => /^Bearer (\S+)$/i.exec(header ?? '')?.[1];

interface KoaLike {
  get(name: string): string;
  set(name: string, value: string): void;
  status: number;
  body: unknown;
  state: Record<string, unknown>;
}

/** Koa middleware; what was verified is in `ctx.state.consent`. */
export function koaConsent(validate: ConsentValidator, wanted: (ctx: any) => Wanted) {
  return async (ctx: KoaLike, next: () => Promise<unknown>): Promise<void> => {
    try {
      ctx.state.consent = await validate(bearer(ctx.get('authorization')), wanted(ctx));
    } catch (error) {
      if (!(error instanceof ConsentTokenError)) throw error;
      ctx.status = error.status;
      for (const [name, value] of Object.entries(error.headers)) ctx.set(name, value);
      ctx.body = error.body;
      return;
    }
    await next();
  };
}

/** Express middleware; what was verified is in `request.consent`. */
export function expressConsent(validate: ConsentValidator, wanted: (request: any) => Wanted) {
  return async (request: any, response: any, next: (error?: unknown) => void): Promise<void> => {
    try {
      request.consent = await validate(bearer(request.headers.authorization), wanted(request));
    } catch (error) {
      if (!(error instanceof ConsentTokenError)) return next(error);
      response.statusCode = error.status;
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(error.body));
      return;
    }
    next();
  };
}
