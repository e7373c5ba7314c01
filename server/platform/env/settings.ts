// Every setting with its default and its meaning, as docs/configuration.md lists them. env.ts reads
// them; a test holds the three to each other.

export interface Setting {
  /** The variables, in the order in which the default names them. */
  names: string[];
  /** In words, where it is no value. */
  fallback: string;
  meaning: string;
}

const OF_DATABASE = [
  ...['NODE_ENV', 'DATABASE_URL', 'DATABASE', 'DATABASE_POOL', 'DATA_DIR', 'MIGRATE'],
];
/** The settings that each command beside the server asks for. */
export const OF_COMMANDS = {
  migrate: [...OF_DATABASE, 'MIGRATE_DATABASE_URL'],
  mend: OF_DATABASE,
  compare: [...OF_DATABASE, 'REGISTERS'],
  import: [...OF_DATABASE, 'SECRET', 'SECRET_ACCEPTED', 'OPERATOR', 'OPERATOR_NAME'],
  keys: [...OF_DATABASE, 'SECRET', 'SECRET_ACCEPTED'],
  log: [...OF_DATABASE, 'SECRET', 'SECRET_ACCEPTED', 'ISSUER', 'LOG_CHECKPOINTS'],
  restored: [...OF_DATABASE, 'SECRET', 'SECRET_ACCEPTED', 'RESTORE_FROM'],
};
export type Command = keyof typeof OF_COMMANDS;

export const SETTINGS: Setting[] = [
  {
    names: ['NODE_ENV'],
    fallback: '`development`',
    meaning:
      '`production` starts the server alone and demands `ISSUER`, `SECRET`, `EID_*`, `TRUSTED_PROXIES`, a database and https; must be set where others reach the server; `test` is unsafe and says so. `npm run check-config` tells every fault without starting',
  },
  {
    names: ['ISSUER'],
    fallback: '`http://127.0.0.1:PORT`',
    meaning: 'the address clients know us by; no trailing slash',
  },
  {
    names: ['SECRET'],
    fallback: 'a demo secret',
    meaning:
      '32 random bytes in hex or base64, as `npm run -s secret` prints them; seals keys, signs cookies, digests secrets',
  },
  {
    names: ['SECRET_ACCEPTED'],
    fallback: 'none',
    meaning:
      'secrets of other nodes, by commas, while it is replaced: the next one first, then the one before (docs/operator.md)',
  },
  {
    names: ['HOST', 'PORT'],
    fallback: '`127.0.0.1`, `3000`',
    meaning: 'where to listen',
  },
  {
    names: ['DRAIN_SECONDS'],
    fallback: '`0`, production `5`',
    meaning:
      'how long a node that got SIGTERM takes requests on, not ready any more: longer than the proxy in front takes to notice',
  },
  {
    names: ['METRICS_HOST', 'METRICS_PORT'],
    fallback: '`127.0.0.1`, `9464`',
    meaning: 'Prometheus `/metrics`; health is at `/health/live` and `/health/ready`',
  },
  {
    names: ['DATABASE_URL', 'DATABASE'],
    fallback: 'embedded',
    meaning:
      '`postgres://…` (15 or newer); several nodes may share it. In production it, or `DATABASE=embedded`, is demanded',
  },
  {
    names: ['DATABASE_POOL'],
    fallback: '`10`',
    meaning:
      'connections a node for requests; its jobs have three more. A pooler in transaction mode with `max_prepared_statements` will do (PgBouncer 1.21 or newer): time limits of statements, `jit = off` and `random_page_cost = 1.1` are set for the database role, once it may',
  },
  {
    names: ['MIGRATE', 'MIGRATE_DATABASE_URL'],
    fallback: '`start`, `DATABASE_URL`',
    meaning:
      'with `never` a node looks whether the schema fits, and changes nothing: `npm run migrate` does, as the role of the second address, and lets the role of `DATABASE_URL` read and write rows, no more',
  },
  {
    names: ['RESTORE_FROM'],
    fallback: 'none',
    meaning:
      'for `npm run restored` alone: the address of the same database, restored to its end (docs/operator.md)',
  },
  {
    names: ['DATA_DIR'],
    fallback: '`data`',
    meaning: "the embedded database's folder",
  },
  {
    names: ['EID_ISSUER', 'EID_CLIENT_ID'],
    fallback: 'the stand-in',
    meaning:
      'the national eID (OIDC; claims `pid`, `acr`); our callback is `/login/callback`, our logout `/logged-out`',
  },
  {
    names: ['EID_CLIENT_SECRET', 'EID_CLIENT_KEY'],
    fallback: "the stand-in's",
    meaning: 'how we authenticate there; the key is a private JWK',
  },
  {
    names: ['TRUSTED_ISSUERS'],
    fallback: '`[]`',
    meaning:
      'outside issuers for API calls: `[{"issuer","jwksUri","scopes":["altinn:*"],"claims":["organization","person"],"defaultLevel":0,"audiences":[]}]`; a token with `aud` must name our issuer or one of `audiences`',
  },
  {
    names: ['EVENT_PAGE_SIZE'],
    fallback: '`100`',
    meaning: 'events on a page of the feed, 1–1000',
  },
  {
    names: ['EVENT_MINIMUM_AGE'],
    fallback: '`0`',
    meaning: 'seconds before an event is in the feed',
  },
  {
    names: ['TOKEN_LIFETIME'],
    fallback: '`120`',
    meaning: 'seconds a jwt-bearer token lives, unless its scope says otherwise',
  },
  {
    names: ['KEY_ROTATION_DAYS', 'KEY_PUBLISH_AHEAD'],
    fallback: '`90`, `86400`',
    meaning: 'signing keys: days in use, seconds published before use',
  },
  {
    names: ['DECISION_LOG_DAYS'],
    fallback: '`365`',
    meaning:
      'days a decision, or a search, stays in the log; it goes with the others of its month, when all of them are older',
  },
  {
    names: ['DECISION_LOG'],
    fallback: '`batched`',
    meaning:
      '`durable`: an answer of the decision point waits until it is in the log, and is 503 where it cannot be; `batched`: a node that is killed may lose the last second',
  },
  {
    names: ['LOG_CHECKPOINTS'],
    fallback: '`DATA_DIR/checkpoints`',
    meaning:
      'the folder where each checkpoint of the log is written before it is published, a file a day: outside the database, on a disk that all nodes share and that no backup of the database sets back; production demands it (docs/log.md)',
  },
  {
    names: ['CONSENT_EVENT_DAYS', 'MANDATE_EVENT_DAYS'],
    fallback: '`0`, `0`',
    meaning:
      'days after a consent, or a power of attorney or role, has ended when its events are erased but for id, kind, time and digests: 365 or more; 0 keeps them for ever. Whoever has a receipt is notified 30 days before',
  },
  {
    names: ['ARCHIVE_FOLDER'],
    fallback: '–',
    meaning:
      'a folder outside the database that gets each event, with what opens its digests, before it is erased: for what the archives’ law keeps',
  },
  {
    names: ['FEED_DAYS'],
    fallback: '`0`',
    meaning:
      'days a place stays in the feeds of askers and owners; 0 keeps them. A reader that has not read for so long begins with the oldest that is left',
  },
  {
    names: ['REFRESH_IDLE_DAYS', 'REFRESH_DAYS'],
    fallback: '`30`, `400`',
    meaning:
      'days until a refresh token ends that is for no consent: after its last use, and after its first',
  },
  {
    names: ['ASK_AGAIN_DAYS', 'ASK_AGAIN_DAYS_ENTERPRISE'],
    fallback: '`30`, `0`',
    meaning:
      'days after a no in which the same client may not ask the same person for the same purpose: in an authorization, and by the enterprise door',
  },
  {
    names: ['RENEW_DAYS'],
    fallback: '`60`',
    meaning: 'days before the end of a consent from which its renewal may be asked for',
  },
  {
    names: ['REGISTERS', 'REGISTER_POLL', 'REGISTER_PATIENCE'],
    fallback: 'the stand-ins, `15`, `900`',
    meaning:
      'authoritative registers, seconds between polls, and seconds after which a feed that is behind or has lines set aside is an error in the log (`tillit_register_behind_seconds`, `tillit_register_aside`): `[{"source","url","signingUrl","live":false,"repair":"end","repairAtMost":0.05,"comparePerSecond":200,"auth":{"token"} or {"tokenUrl","audience","clientId","key","scope"}}]`; sources `enhetsregisteret`, `folkeregisteret`, `vergemal`, `advokatregisteret`, `aa-registeret`, `finanstilsynet` (`server/register/source/feed.schema.json`), or any name asked `live`; `signingUrl`, of `enhetsregisteret`, is where Fullmakttjenesten answers `/enheter/{number}/signatur` with national numbers (the same `auth`)',
  },
  {
    names: ['SECURITY_CONTACT'],
    fallback: 'none; the demo has its own',
    meaning: 'whom to tell of a hole, in `/.well-known/security.txt`: `mailto:…` or `https:…`',
  },
  {
    names: ['POLICY_URI', 'TERMS_URI'],
    fallback: 'none',
    meaning: 'pages that discovery names as `op_policy_uri` and `op_tos_uri`',
  },
  {
    names: ['PRIVACY_CONTROLLER', 'ACCESSIBILITY_URL'],
    fallback: 'none',
    meaning:
      'who answers for the data, and the accessibility statement, as `/privacy` and `/accessibility` tell; production warns where one is missing',
  },
  {
    names: ['PRIVACY_BASIS', 'PRIVACY_CONTACT', 'PRIVACY_OFFICER'],
    fallback: 'none',
    meaning:
      'the law by which the data is kept, in words, and where the controller and its data protection officer are reached (`mailto:…`, `https:…` or `tel:…`), as `/privacy` shows (GDPR Article 13(1)(a) to (c)); production warns where one is missing',
  },
  {
    names: ['SUPPORT_PHONE', 'SUPPORT_URL'],
    fallback: 'none',
    meaning: 'whom a person calls, and the page for help, as pages of faults tell',
  },
  {
    names: ['SUPPORT_STAFF'],
    fallback: 'none; two of the demo’s people in the demo',
    meaning:
      'national identity numbers, with commas, of those who may look up what a party has at `/support`, with a case number and a reason that stand in its log, and suspend what a person asks for; without it the pages are not there (docs/operator.md)',
  },
  {
    names: ['EXEMPT_SEARCHES'],
    fallback: 'none',
    meaning:
      'organisations whose searches and decisions a law exempts from being shown to those they are about: `991825827=provision; …`; logs at `/log`, `/access/v1/log/searches` and `/access/v1/log/decisions` leave them out, and `/log` says that some can be exempt',
  },
  {
    names: ['TRUSTED_PROXIES'],
    fallback: '`none`',
    meaning:
      "addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed; production demands them, or `none` said outright, where limits count by the socket's address",
  },
  {
    names: ['SESSION_IDLE_MINUTES'],
    fallback: '`30`',
    meaning: "a person's session; eight hours at the most",
  },
  {
    names: ['LOG_LEVEL'],
    fallback: '`warn`, production `info`',
    meaning:
      'JSON lines that cannot hold a national number or a token; at `info` one for each request',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER_ARG'],
    fallback: 'none, `1`',
    meaning:
      'where traces are sent by OTLP over HTTP, before `/v1/traces`; and the share of them, from 0 to 1; none whose caller does not send it',
  },
  {
    names: ['SSF', 'WEBHOOKS'],
    fallback: '`false`; `true` in the demo',
    meaning:
      'whether systems may hear of what happens, by Shared Signals and by webhooks (docs/signals.md); a door that is shut is in no discovery and not in `/docs`',
  },
  {
    names: ['STATUS_LIST'],
    fallback: '`false`; `true` in the demo',
    meaning:
      'whether tokens of a consent or a login say where a signed list has whether they hold (docs/status.md); where not, no such list is there',
  },
  {
    names: ['NOTIFY', 'CONTACT_REGISTER', 'SMTP_URL', 'MAIL_FROM', 'SMS_URL', 'SMS_TOKEN'],
    fallback: '`false`, none; the demo has its mailbox',
    meaning:
      'whether people are sent notices by e-mail and SMS (docs/notices.md); the contact register that says how they are reached, a JSON object `{"url","auth"}` with `auth` as in `REGISTERS`; and the ways by which they go out, one at least: a mail server (`smtps://user:password@host`; by `smtp://` it must offer TLS in production) and who sends, and an SMS gateway with a token for it',
  },
  {
    names: ['OPERATOR'],
    fallback: "demo's directorate",
    meaning: 'your organisation number, for which the base set is imported',
  },
  {
    names: ['OPERATOR_NAME'],
    fallback: 'none',
    meaning:
      "your organisation's name, with which `deploy/operator.json` makes it known; not needed where a register or a file of yours does",
  },
  {
    names: ['SEED', 'DEMO'],
    fallback: 'the base set and `clients/world`, `true`',
    meaning: "development only: what to load once, and whether to start the demo's clients",
  },
];

/** The table of docs/configuration.md. */
export const settingsTable = (): string =>
  [
    '| variable | default | meaning |',
    '|---|---|---|',
    ...SETTINGS.map(
      ({ names, fallback, meaning }) =>
        `| ${names.map((name) => `\`${name}\``).join(', ')} | ${fallback} | ${meaning} |`,
    ),
  ].join('\n');
