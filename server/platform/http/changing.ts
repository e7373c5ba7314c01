// Notices that a request may have changed something. It knows no request by name.
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Methods by which nobody asks for a change (RFC 9110 §9.2.1). */
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/** A handler that notices those that are not safe, once they are answered without an error. */
export function noticing(next: Listener): {
  handler: Listener;
  onChanged(listener: () => void): void;
} {
  const changes = new EventEmitter();
  return {
    handler(request, response) {
      if (!SAFE.includes(request.method ?? ''))
        response.once('finish', () => {
          if (response.statusCode < 400) changes.emit('changed');
        });
      next(request, response);
    },
    onChanged: (listener) => changes.on('changed', listener),
  };
}
