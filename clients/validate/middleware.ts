// The check as middleware, for koa and for express.
import { ConsentTokenError, type Wanted, type ConsentValidator } from './verify.ts';

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
      ctx.set('www-authenticate', error.challenge);
      ctx.body = { error: error.reason, error_description: error.message };
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
      response.setHeader('www-authenticate', error.challenge);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ error: error.reason, error_description: error.message }));
      return;
    }
    next();
  };
}
