// Loaded into the server's own process by `npm run bench stall`: tells for how long its thread was
// held at most since it was last asked, in milliseconds.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
createServer((_request, response) => {
  const longest = delay.max / 1e6;
  delay.reset();
  response.end(JSON.stringify({ longest }));
})
  .listen(Number(process.env.PORT) + 2, '127.0.0.1')
  .unref();
