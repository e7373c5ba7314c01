// The signal column, as it is wired: streams and webhooks, events given out to those who hear of
// them and sent, and what is given up. No door of it is there where both are shut.
import { subjectFor } from '../oidc/provider/person_claims.ts';
import type { Act } from '../platform/act.ts';
import type { Column } from '../platform/column.ts';
import { tagged } from '../platform/http/doors.ts';
import type { Outbound } from '../platform/http/outbound.ts';
import { tending } from '../platform/job.ts';
import type { Logger } from '../platform/log.ts';
import { sharedReading } from '../platform/metrics.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { isAnyPending } from './delivery_store.ts';
import { countSignals, dropOfEnded, sweepDeliveries, sweepUnspread } from './letter_store.ts';
import type { Signing } from './message.ts';
import { ssfOperations } from './routes.ts';
import { methodsOf } from './owner.ts';
import { schemaOperations } from './schema_routes.ts';
import { createSender } from './sender.ts';
import { spreadSignals } from './spread.ts';
import { giveUpHeld, giveUpUndelegated } from './streams.ts';
import { letterOperations, webhookOperations } from './webhook_routes.ts';

interface Needs extends Pick<Signing, 'issuer'> {
  keyring: Pick<Signing, 'signJwt'>;
  jobAct: () => Act;
  newAct: () => Act;
  seal: Seal;
  outbound: Outbound;
  log: Logger;
  signals: { ssf: boolean; webhooks: boolean };
}

/** How often a node looks for what is to be sent, and for what other nodes and jobs have done. */
const LOOK_MILLIS = 250;
const DAY_MILLIS = 86_400_000;
/** Settled deliveries are kept for so long. */
const KEPT_MILLIS = 30 * DAY_MILLIS;
/** Longer than a release takes to go from node to node, of which some may have the doors shut. */
const UNSPREAD_MILLIS = DAY_MILLIS;

const namesBy =
  (seal: Seal): Signing['subjectFor'] =>
  (person, ownerNo) =>
    subjectFor(seal, person, ownerNo);

export function signalColumn({ keyring, jobAct, newAct, signals, ...needs }: Needs): Column {
  // Streams that were made while a door was open go on hearing, and nobody gives it out.
  if (!signals.ssf && !signals.webhooks)
    return {
      jobs: [
        tending('signal.sweep_unspread', (goesOn) =>
          sweepUnspread(jobAct(), UNSPREAD_MILLIS, goesOn),
        ),
      ],
    };
  const { signJwt } = keyring;
  const api = { ...needs, signJwt, newAct, subjectFor: namesBy(needs.seal) };
  const methods = methodsOf(signals);
  const standing = sharedReading(() => countSignals(jobAct().db, methods));
  const sender = createSender({ ...api, newAct: jobAct, methods });
  return {
    operations: tagged('Signals', [
      ...(signals.ssf ? ssfOperations(api) : []),
      ...(signals.webhooks ? webhookOperations(api) : []),
      ...letterOperations(),
      ...schemaOperations(needs.issuer),
    ]),
    jobs: [
      {
        name: 'signal.send',
        everyMillis: LOOK_MILLIS,
        isOfEachNode: true,
        run: (goesOn) => sender.send(goesOn),
      },
      {
        name: 'signal.spread',
        everyMillis: LOOK_MILLIS,
        isOfEachNode: true,
        isWoken: true,
        // Beside sending, which lasts as long as receivers do.
        async run(goesOn) {
          if (!(await isAnyPending(jobAct()))) return;
          await spreadSignals(jobAct());
          sender
            .send(goesOn)
            .catch((err) => needs.log.error({ err: err as Error }, 'signals could not be sent'));
        },
      },
      tending('signal.give_up', async () => {
        await giveUpHeld(jobAct());
        await dropOfEnded(jobAct());
      }),
      tending('signal.give_up_undelegated', () => giveUpUndelegated(jobAct())),
      tending('signal.sweep', (goesOn) => sweepDeliveries(jobAct(), KEPT_MILLIS, goesOn)),
    ],
    measures: [
      {
        name: 'tillit_signals_waiting_seconds',
        help: 'Seconds since the oldest event that waits for a stream that is enabled',
        read: async () => [{ value: (await standing()).seconds }],
      },
      {
        name: 'tillit_signals_dead',
        help: 'Events that could not be delivered, and that nobody has sent again or let go',
        read: async () => [{ value: (await standing()).dead }],
      },
      {
        name: 'tillit_signal_streams_stopped',
        help: 'Streams whose receivers refuse what they are sent',
        read: async () => [{ value: (await standing()).stopped }],
      },
      {
        name: 'tillit_signal_streams_given_up',
        help: 'Streams that were disabled for what they held, until their client changes or ends them',
        read: async () => [{ value: (await standing()).givenUp }],
      },
    ],
  };
}
