// The log as everybody reads it: what was signed, by which keys, and what is proved of it.
import type { Act } from '../platform/act.ts';
import { everybody, operation } from '../caller/doors.ts';
import { reply, type Operation } from '../platform/http/doors.ts';
import { instant, named, nullable, shape, text, Type, uuid } from '../platform/http/shapes.ts';
import { verifierKey } from './note_model.ts';
import { newestCheckpoint, proveConsistency, proveInclusion } from './prove.ts';
import { listLogKeys, listLogs } from './store.ts';

const MOST_HASHES = 128;
const hashes = Type.Array(text(44), { maxItems: MOST_HASHES });
const count = (minimum: number) => Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER });

/** One of the logs that there were, by its number; the one that is written, where none is named. */
const NUMBER = Type.Optional(Type.Integer({ minimum: 1, maximum: 9_999 }));

const InclusionProof = named(
  'InclusionProof',
  shape({ origin: text(300), index: count(0), size: count(1), hashes }),
);
const ConsistencyProof = named('ConsistencyProof', shape({ hashes }));
const LogKeys = named(
  'LogKeys',
  shape({
    isTrial: Type.Boolean(),
    logs: Type.Array(
      shape({ origin: text(300), from: instant(), beginning: nullable(text(4_000)) }),
    ),
    keys: Type.Array(
      shape({ origin: text(300), key: text(500), from: instant(), until: nullable(instant()) }),
    ),
  }),
);

const reading = {
  method: 'GET' as const,
  who: everybody,
  dialect: 'own' as const,
  limit: 'read' as const,
  isForScripts: true,
};

/** Watchers of the log ask for what is new, and never for a copy of before. */
const FRESH = { 'cache-control': 'no-cache' };

export function checkpointOperations(isTrial: boolean): Operation[] {
  return [
    operation(
      {
        ...reading,
        id: 'log_checkpoint',
        paths: ['/log/checkpoint'],
        summary: 'The newest checkpoint: the log by name, its size, its root, signed',
        query: { log: NUMBER },
        answers: { 200: { description: 'A signed note', type: 'text/plain; charset=utf-8' } },
        errors: ['TIL-00050'],
      },
      async ({ act, query: { log } }) => ({
        body: (await newestCheckpoint(act, log)).note,
        type: 'text/plain; charset=utf-8',
        headers: FRESH,
      }),
    ),
    operation(
      {
        ...reading,
        id: 'log_inclusion',
        paths: ['/log/proof/inclusion'],
        summary: 'That an event, or a leaf, is in the log',
        query: {
          event: Type.Optional(uuid()),
          index: Type.Optional(count(0)),
          size: Type.Optional(count(1)),
          log: NUMBER,
        },
        answers: { 200: { description: 'From the leaf to the root', schema: InclusionProof } },
        errors: ['TIL-00050', 'TIL-00051', 'TIL-00052'],
      },
      async ({ act, query: { size, ...wanted } }) =>
        reply(await proveInclusion(act, wanted, size), 200, FRESH),
    ),
    operation(
      {
        ...reading,
        id: 'log_consistency',
        paths: ['/log/proof/consistency'],
        summary: 'That the log only grew between two sizes',
        query: { first: count(1), second: count(1), log: NUMBER },
        answers: {
          200: { description: 'From the one root to the other', schema: ConsistencyProof },
        },
        errors: ['TIL-00050', 'TIL-00052'],
      },
      async ({ act, query: { first, second, log } }) =>
        reply({ hashes: await proveConsistency(act, first, second, log) }, 200, FRESH),
    ),
    operation(
      {
        ...reading,
        id: 'log_keys',
        paths: ['/log/keys'],
        summary: 'Every log that there was, and every key that signs one, or ever did',
        answers: { 200: { description: 'As verifiers are configured with them', schema: LogKeys } },
      },
      async ({ act }) => reply({ isTrial, ...(await published(act)) }, 200, FRESH),
    ),
  ];
}

/** Logs that are signed, and their keys, under the names that they are signed with. */
async function published({ db }: Act) {
  const logs = (await listLogs(db)).filter(({ origin }) => origin !== null);
  const names = new Map(logs.map(({ number, origin }) => [number, origin!]));
  return {
    logs: logs.map(({ origin, openedAt, beginning }) => ({ origin, from: openedAt, beginning })),
    keys: (await listLogKeys(db)).map(({ log, publicKey, signsFrom, signsUntil }) => {
      const name = names.get(log)!;
      const key = verifierKey({ name, publicKey: Buffer.from(publicKey, 'hex') });
      return { origin: name, key, from: signsFrom, until: signsUntil };
    }),
  };
}
