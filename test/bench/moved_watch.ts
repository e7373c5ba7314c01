// Preloaded into a server: its clock goes half a minute ahead each time that it gets SIGUSR2.
import { clock } from '../../server/platform/clock.ts';

const STEP_MILLIS = 30_000;
let ahead = 0;
clock.now = () => new Date(Date.now() + ahead);
process.on('SIGUSR2', () => {
  ahead += STEP_MILLIS;
});
