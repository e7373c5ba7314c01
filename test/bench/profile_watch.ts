// Loaded into the server's own process by `npm run bench profile`: begins and ends a profile of its
// main thread, and answers with it.
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
createServer((request, response) => {
  void (async () => {
    if (request.url === '/start') {
      await session.post('Profiler.start');
      response.end('{}');
    } else {
      const { profile } = await session.post('Profiler.stop');
      response.end(JSON.stringify(profile));
    }
  })();
})
  .listen(Number(process.env.PORT) + 2, '127.0.0.1')
  .unref();
