// The delivery column, as it is wired: notices on their way to people, by e-mail and SMS. Where the
// operator has not opened this door, they stand in the inbox alone.
import type { Column } from '../platform/column.ts';
import type { Act } from '../platform/act.ts';
import type { Env } from '../platform/env/env.ts';
import type { Logger } from '../platform/log.ts';
import { nightly } from '../platform/job.ts';
import { sharedReading } from '../platform/metrics.ts';
import { contactRegister } from './contact_register.ts';
import { openEmail } from './email.ts';
import { sendNotices } from './send.ts';
import { openSms } from './sms.ts';
import { spreadNotices } from './spread.ts';
import { countSending, sweepNotices } from './store.ts';

interface Needs {
  jobAct: () => Act;
  log: Logger;
  issuer: string;
  notify: Env['notify'];
}

const LOOK_MILLIS = 1_000;
/** Settled deliveries are kept for so long. */
const KEPT_MILLIS = 90 * 86_400_000;

export function deliveryColumn({ jobAct, log, issuer, notify }: Needs): Column {
  if (!notify) return {};
  const { register } = notify;
  const email = notify.email && openEmail(notify.email);
  const settings = {
    ...{ newAct: jobAct, log, site: new URL(issuer).host, email },
    contacts: contactRegister(register.url, register.auth),
    sms: notify.sms && openSms(notify.sms),
  };
  const standing = sharedReading(() => countSending(jobAct()));
  return {
    jobs: [
      {
        name: 'delivery.spread',
        everyMillis: LOOK_MILLIS,
        run: (goesOn) => spreadNotices(jobAct, goesOn),
      },
      {
        name: 'delivery.send',
        everyMillis: LOOK_MILLIS,
        run: (goesOn) => sendNotices(settings, goesOn),
      },
      nightly('delivery.sweep', (goesOn) => sweepNotices(jobAct(), KEPT_MILLIS, goesOn)),
    ],
    measures: [
      {
        name: 'tillit_notices_waiting_seconds',
        help: 'Seconds for which the oldest notice of an act in somebody’s own name is due that nobody has tried to send',
        read: async () => [{ value: (await standing()).seconds }],
      },
      {
        name: 'tillit_notices_again',
        help: 'Notices that did not get through and are tried again',
        read: async () => [{ value: (await standing()).again }],
      },
      {
        name: 'tillit_notices_dead',
        help: 'Notices that were given up in the last day',
        read: async () => [{ value: (await standing()).dead }],
      },
    ],
    settle: async () => email?.close(),
  };
}
